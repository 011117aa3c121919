"""The article method beside what was measured."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.rework.survival.test_article import CHANGES, LINES
from tests.rework.survival.test_spent import MOST, session

from wellspent.facts.errors import InvalidInput
from wellspent.facts.money import NANO_PER_USD
from wellspent.rework.survival.article import article
from wellspent.rework.survival.columns import Columns, Line, per_dollar, side_by_side
from wellspent.rework.survival.fixes import Fix, LinkQuality
from wellspent.rework.survival.lifetime import AI, HUMAN
from wellspent.rework.survival.people import Span
from wellspent.rework.survival.spent import Spending, measured

FIX = Spending("fix", 4 * NANO_PER_USD, (), Fix("most lines", {AI: 1, HUMAN: 1}))


def columns(spending: list[Spending], qualities: list[LinkQuality], unlinked: int = 6 * NANO_PER_USD) -> Columns:
    found = measured(spending, unlinked, 30, qualities)
    return side_by_side(article(found.total_nanousd, CHANGES, LINES), found, Span(1, 2))


def line(table: Columns, label: str) -> Line:
    return next(each for each in table.lines if each.label == label)


def test_two_columns_of_one_sum() -> None:
    table = columns([*(session(n, 2, 6, 2) for n in range(20)), FIX], [MOST])
    assert sum(each.article_nanousd or 0 for each in table.lines) == table.total_nanousd == 30 * NANO_PER_USD
    assert sum(each.measured_nanousd or 0 for each in table.lines) == table.total_nanousd
    assert line(table, "Fixing AI code").measured_nanousd == line(table, "Fixing code of others").measured_nanousd == NANO_PER_USD
    assert line(table, "Fixes of unknown cause").measured_nanousd == 2 * NANO_PER_USD
    assert line(table, "Not linked to any work").measured_nanousd == 6 * NANO_PER_USD
    assert "as far as links are right: 50% of them" in line(table, "Fixing AI code").note
    rewriting = line(table, "Rewriting within 30 days")
    assert rewriting.low_nanousd is not None and rewriting.measured_nanousd is not None and rewriting.low_nanousd <= rewriting.measured_nanousd
    assert "expected of lines too young to tell" in rewriting.note
    assert table.people == Span(1, 2) and "not causation" in table.caveat


def test_what_nobody_measured_is_said() -> None:
    table = columns([session(n, 2, 6) for n in range(20)], [])
    assert "no link between a fix and its cause is known to be right" in line(table, "Fixing AI code").note
    assert line(table, "Rewriting within 30 days").note == ""


def test_columns_of_different_sums_are_refused() -> None:
    with pytest.raises(InvalidInput, match="different sums"):
        side_by_side(article(1, CHANGES, LINES), measured([], 2, 30), None)


@given(st.lists(st.integers(0, 10**15), min_size=1))
def test_a_dollars_parts_sum_to_a_dollar(amounts: list[int]) -> None:
    parts = per_dollar(amounts)
    assert parts is None if not any(amounts) else parts is not None and sum(parts) == NANO_PER_USD


def test_credits_and_nothing_have_no_parts_of_a_dollar() -> None:
    assert per_dollar([]) is per_dollar([0, 0]) is per_dollar([3, -1]) is None
