"""Why the cost of an outcome changed: the two parts are the change, and a price cut is no better work."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.analytics.statement.made import CHANGES, USD, bought, spent

from wellspent.analytics.statement.change import Change, change_of, level_of
from wellspent.analytics.value import Line, assemble

MONTHS = ("2026-08", "2026-09", "2026-10")


def lines(*months: tuple[int, int, int, int]) -> list[Line]:
    """A line for each month: spending, what prices made of it, outcomes, and the part of it that is not counted yet."""
    found: list[Line] = []
    for month, (nanousd, price_nanousd, settled, open_nanousd) in zip(MONTHS, months, strict=False):
        monies = [
            spent("changes", f"{month}-05", nanousd - open_nanousd, price_nanousd=price_nanousd),
            spent("changes", f"{month}-05", open_nanousd, state="open"),
        ]
        found += assemble([CHANGES], monies, [bought("changes", f"{month}-06", settled)], lambda day: day[:7]).lines
    return found


def change(months: Sequence[Line]) -> Change:
    return change_of(months[-1], months[-2], months, months[-1:][0].period, months[-2].period)


AMOUNT = st.integers(1, 10**15)


@st.composite
def a_month(draw: st.DrawFn) -> tuple[int, int, int, int]:
    nanousd = draw(AMOUNT)
    return nanousd, draw(st.integers(-(10**15), nanousd - 1)), draw(st.integers(0, 10**6)), draw(st.integers(0, nanousd))


@given(st.tuples(a_month(), a_month(), a_month()))
def test_prices_and_everything_else_are_the_change_exactly(months: tuple[tuple[int, int, int, int], ...]) -> None:
    found = change(lines(*months))
    if months[1][2] and months[2][2]:
        assert found.nanousd is not None and found.price_nanousd is not None and found.other_nanousd is not None
        assert found.price_nanousd + found.other_nanousd == found.nanousd
    else:
        assert found == Change()


def test_a_price_cut_is_no_better_work() -> None:
    """Half the price, the same use: all of the change is the price's."""
    found = change(lines((0, 0, 1, 0), (1000 * USD, 0, 100, 0), (500 * USD, -500 * USD, 100, 0)))
    assert found == Change(-5 * USD, -5 * USD, 0)


def test_better_work_is_no_price_cut() -> None:
    assert change(lines((0, 0, 1, 0), (1000 * USD, 0, 100, 0), (1000 * USD, 0, 200, 0))) == Change(-5 * USD, 0, -5 * USD)


def test_a_rise_of_prices_hides_no_better_work() -> None:
    """Twice the price and half the use for each: the cost is the same, and both parts are said."""
    assert change(lines((0, 0, 1, 0), (1000 * USD, 0, 100, 0), (1000 * USD, 500 * USD, 100, 0))) == Change(0, 5 * USD, -5 * USD)


def test_prices_of_several_months_are_chained() -> None:
    """A cut by half in the first month of a quarter stays one, though the later months' prices are those of the month before."""
    months = lines((1000 * USD, 0, 100, 0), (500 * USD, -500 * USD, 100, 0), (500 * USD, 0, 100, 0))
    assert level_of(months, MONTHS[1:]) == pytest.approx(0.5)
    both = assemble(
        [CHANGES],
        [spent("changes", "2026-09-05", 500 * USD), spent("changes", "2026-10-05", 500 * USD)],
        [bought("changes", "2026-10-06", 200)],
        lambda day: "whole",
    ).lines[0]
    assert change_of(both, months[0], months, MONTHS[1:], MONTHS[:1]) == Change(-5 * USD, -5 * USD, 0)


def test_what_was_free_and_has_a_price_now_has_no_ratio() -> None:
    found = change(lines((1, 0, 1, 0), (1000 * USD, 0, 100, 0), (500 * USD, 500 * USD, 100, 0)))
    assert found == Change(-5 * USD, None, None)


def test_corrections_that_outweigh_a_month_have_none_either() -> None:
    months = lines((1000 * USD, 0, 100, 0), (-5 * USD, 0, 1, 0), (500 * USD, 0, 100, 0))
    assert change(months) == Change(5 * USD + 5 * USD, None, None)
    assert level_of(months[1:2], MONTHS[1]) is None
    assert level_of([], MONTHS) is None


def test_nothing_is_no_period() -> None:
    months = lines((1000 * USD, 0, 100, 0), (1000 * USD, 0, 100, 0))
    assert change_of(None, months[0], months, MONTHS[1], MONTHS[0]) == Change()
    assert change_of(months[1], None, months, MONTHS[1], MONTHS[0]) == Change()
