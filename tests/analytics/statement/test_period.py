"""Periods of a statement: the operator's months, fiscal quarters and years, without a gap between them."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wellspent.analytics.statement.period import before, earlier, months_of, span_of
from wellspent.budgets.budget import Budget
from wellspent.budgets.window import Calendar, window_of
from wellspent.facts.attribution import Scope
from wellspent.facts.errors import InvalidInput

WRITTEN = st.tuples(st.integers(2001, 2190), st.sampled_from(["", "-Q1", "-Q2", "-Q3", "-Q4", *(f"-{month:02d}" for month in range(1, 13))]))
CALENDARS = st.builds(Calendar, fiscal_year_start_month=st.integers(1, 12))


@given(WRITTEN, CALENDARS)
def test_one_period_ends_where_the_next_begins_and_months_fill_it(written: tuple[int, str], calendar: Calendar) -> None:
    span = span_of(f"{written[0]}{written[1]}", calendar)
    last = before(span, calendar)
    assert last.after == span.first
    assert last.months == span.months
    assert span_of(last.label, calendar) == last
    assert span_of(span.label, calendar) == span
    months = months_of(span)
    assert len(months) == span.months and months[0] == span.first[:7]
    assert earlier(span.after, span.months) == span.first


@given(WRITTEN, CALENDARS)
def test_it_is_the_window_of_a_budget(written: tuple[int, str], calendar: Calendar) -> None:
    span = span_of(f"{written[0]}{written[1]}", calendar)
    period = {1: "month", 3: "quarter", 12: "year"}[span.months]
    budget = Budget("b", Scope("org", "acme"), 1, period=period)  # type: ignore[arg-type]
    at_ms = int(datetime.fromisoformat(span.first).replace(tzinfo=UTC).timestamp() * 1000)
    window = window_of(budget, "", at_ms, calendar)
    assert window is not None and window.ends_ms is not None
    assert window.starts_ms == at_ms
    assert f"{datetime.fromtimestamp(window.ends_ms / 1000, UTC):%Y-%m-%d}" == span.after
    assert window.key.removeprefix("b@").removeprefix("FY") == span.label


@pytest.mark.parametrize(
    ("written", "month", "first", "title"),
    [
        ("2026-10", 1, "2026-10-01", "October 2026"),
        ("2026-Q3", 1, "2026-07-01", "Quarter 3 of 2026"),
        ("2026", 1, "2026-01-01", "Year 2026"),
        ("FY2026-Q1", 10, "2025-10-01", "Quarter 1 of fiscal year 2026"),
        ("FY2026", 10, "2025-10-01", "Fiscal year 2026"),
    ],
)
def test_titles(written: str, month: int, first: str, title: str) -> None:
    span = span_of(written, Calendar(fiscal_year_start_month=month))
    assert (span.first, span.title) == (first, title)


@pytest.mark.parametrize("written", ["", "2026-13", "2026-Q5", "26-10", "2026-10-01", "october", "FY2026-10", "9999", "2026-1"])
def test_what_is_no_period_says_how_to_write_one(written: str) -> None:
    with pytest.raises(InvalidInput, match="no period of a statement") as error:
        span_of(written, Calendar())
    assert "2026-Q3" in error.value.fix
