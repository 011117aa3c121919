"""The search for cycles is put off, and goes on as it was."""

import gc

import pytest

from wellspent.facts.memory import uncollected


def fail() -> None:
    with uncollected():
        assert not gc.isenabled()
        with uncollected():
            pass
        assert not gc.isenabled(), "what was off stays off"
        raise ValueError("halfway")


def test_it_is_put_off_and_goes_on_as_it_was_also_after_an_error() -> None:
    with pytest.raises(ValueError, match="halfway"):
        fail()
    assert gc.isenabled()
