"""The article method, on one's own changes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.rework.survival.history import lived

from wellspent.facts.errors import InvalidInput
from wellspent.facts.money import NANO_PER_USD
from wellspent.rework.survival.article import Change, article

CHANGES = [
    *(Change("bug", 10, True) for _ in range(30)),
    *(Change("upkeep", 10, True) for _ in range(14)),
    *(Change("feature", 10, True) for _ in range(45)),
    *(Change("innovation", 10, False) for _ in range(11)),
]
LINES = [lived(2, 27, "a"), lived(30, 33, "b"), lived(100, 40, "c", died=False)]


def test_the_articles_own_dollar_comes_out() -> None:
    """Entelligence (2026): $0.44 reactive, $0.27 rework, $0.11 review friction, $0.18 left."""
    found = article(NANO_PER_USD, CHANGES, LINES)
    assert [found.reactive_nanousd, found.rework_nanousd, found.friction_nanousd, found.shipped_nanousd] == [
        440_000_000,
        270_000_000,
        110_000_000,
        180_000_000,
    ]
    assert (found.changes, found.classified, found.reviewed) == (100, 100, 100)


def test_what_is_unknown_is_not_zero() -> None:
    nobody_said = article(NANO_PER_USD, [Change(), Change(review_minutes=5), Change(changed_after_review=True)], LINES)
    assert (nobody_said.reactive_nanousd, nobody_said.friction_nanousd, nobody_said.shipped_nanousd) == (None, None, None)
    assert (nobody_said.changes, nobody_said.classified, nobody_said.reviewed) == (3, 0, 0)
    assert article(NANO_PER_USD, CHANGES, []).rework_nanousd is None
    assert article(NANO_PER_USD, [Change("bug", 0, True)], LINES).friction_nanousd is None


def test_its_shares_overlap_so_far_that_less_than_nothing_may_be_left() -> None:
    found = article(NANO_PER_USD, [Change("bug", 10, False)], LINES)
    assert found.shipped_nanousd == -NANO_PER_USD - 270_000_000


def test_lines_younger_than_a_week_count_as_kept() -> None:
    assert article(100, CHANGES, [lived(7, 1, "a"), lived(1, 3, "b", died=False)]).rework_nanousd == 25


@given(
    st.integers(0, 10**15),
    st.lists(st.builds(Change, st.sampled_from(["bug", "upkeep", "feature"]), st.integers(1, 99), st.booleans()), min_size=1),
)
def test_the_four_sum_to_the_total(total: int, changes: list[Change]) -> None:
    found = article(total, changes, LINES)
    parts = (found.reactive_nanousd, found.rework_nanousd, found.friction_nanousd, found.shipped_nanousd)
    assert sum(part for part in parts if part is not None) == total and None not in parts


def test_a_review_of_less_than_nothing_is_refused() -> None:
    with pytest.raises(InvalidInput, match="minutes"):
        Change(review_minutes=-1)
