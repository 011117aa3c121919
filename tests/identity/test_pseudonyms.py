"""Pseudonyms: the same account is the same under one key, another under another, and nobody can tell who without it."""

import os
import stat
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wellspent.facts.errors import ConfigError
from wellspent.identity.pseudonyms import FILE, Pseudonyms, pseudonyms_of


@given(st.text(min_size=1), st.text(min_size=1))
def test_who_is_told_apart(one: str, other: str) -> None:
    mine, theirs = Pseudonyms(b"a" * 32), Pseudonyms(b"b" * 32)
    assert (mine(one) == mine(other)) == (one == other)
    assert mine(one) != theirs(one)
    assert len(mine(one)) == 16 and one not in (mine(one),)


def test_nobody_is_nobody() -> None:
    assert Pseudonyms(b"a" * 32)("") == ""


def test_the_key_is_made_once_and_is_the_owners_alone(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    found: list[str] = []
    threads = [threading.Thread(target=lambda: found.append(pseudonyms_of(folder)("github:1"))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(found)) == 1 and len(found) == 8
    assert pseudonyms_of(folder)("github:1") == found[0]
    assert os.listdir(folder) == [FILE], "nothing is left of those that came second"
    assert stat.S_IMODE((folder / FILE).stat().st_mode) == 0o600


def test_a_broken_key_is_told(tmp_path: Path) -> None:
    (tmp_path / FILE).write_bytes(b"short")
    with pytest.raises(ConfigError, match="it has 5 bytes") as found:
        pseudonyms_of(tmp_path)
    assert found.value.fix == "restore it from a copy"
