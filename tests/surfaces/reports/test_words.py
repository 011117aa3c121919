"""Figures on paper: nothing is blotted out, unknown is said, signs are said."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wellspent.facts.money import parse_usd
from wellspent.surfaces.reports.words import BREAK, breakable, pair_of, places_of, signed_percent, signed_usd, text_of, usd_column, usd_in

USD = 10**9


@given(st.lists(st.one_of(st.none(), st.integers(-(10**19), 10**19)), max_size=5))
def test_no_amount_is_blotted_out(amounts: list[int | None]) -> None:
    for amount, text in zip(amounts, usd_column(amounts), strict=True):
        if amount is None:
            assert text == "unknown"
        else:
            assert abs(parse_usd(text) - amount) <= max(abs(amount) // 15, 0)


def test_a_column_has_as_many_places_throughout() -> None:
    assert usd_column([4_690_000_000, 3_526_120_000_000]) == ["$4.69", "$3,526.12"]
    assert usd_column([46 * USD, 26_600_000 * USD, 270_000, 0]) == ["$46", "$26,600,000", "$0.00027", "$0"]


def test_the_cost_of_one_shows_three_figures() -> None:
    assert [places_of(amount) for amount in (None, 0, 10_000 * USD, 16 * USD, USD, 500_000_000, 91_059_323, 1)] == [2, 2, 0, 2, 2, 3, 4, 9]
    assert usd_in(91_059_323, 4) == "$0.0911"
    assert usd_in(None, 4) == "unknown"


def test_signs_are_said() -> None:
    assert [signed_usd(amount, 2) for amount in (USD, -USD, 0, None, 1, -1)] == ["+$1.00", "−$1.00", "$0.00", "unknown", "$0.00", "$0.00"]
    assert [signed_percent(*pair) for pair in ((3, 2), (1, 2), (2, 2), (2, 0), (None, 2), (2, None), (-1, -2))] == [
        "+50.0 %", "−50.0 %", "0.0 %", "–", "unknown", "unknown", "+50.0 %",
    ]  # fmt: skip


def test_figures_by_unit() -> None:
    assert text_of(12_345, "outcomes") == "12,345"
    assert text_of(12.345, "percent") == "12.3 %"
    assert text_of(None, "percent") == "unknown"
    assert text_of(USD, "nanousd") == "$1.00"


@given(st.text(max_size=60))
def test_a_name_stays_the_same_and_no_run_is_long(name: str) -> None:
    name = name.replace(BREAK, "")
    assert breakable(name).replace(BREAK, "") == name
    assert all(len(run) <= 14 for part in breakable(name).split(BREAK) for run in part.split(" "))


@pytest.mark.parametrize(("name", "shown"), [("support", "support"), ("a-b", f"a-{BREAK}b"), ("x" * 15, "x" * 14 + BREAK + "x")])
def test_where_a_name_may_break(name: str, shown: str) -> None:
    assert breakable(name) == shown


@given(st.one_of(st.none(), st.integers(-(10**18), 10**18)), st.one_of(st.none(), st.integers(-(10**18), 10**18)))
def test_what_differs_is_seen_to_differ(was: int | None, now: int | None) -> None:
    texts = pair_of(was, now, "nanousd")
    assert (texts[0] == texts[1]) == (was == now)


def test_with_no_more_places_than_that_takes() -> None:
    assert pair_of(990_000_000, 989_090_909, "nanousd") == ("$0.990", "$0.989")
    assert pair_of(1, 2, "outcomes") == ("1", "2")
    assert pair_of(None, USD, "nanousd") == ("unknown", "$1.00")
