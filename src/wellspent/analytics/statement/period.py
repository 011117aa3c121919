"""The stretch of time that a statement is about: a month, a fiscal quarter or a fiscal year, of the operator's calendar."""

import re
from collections.abc import Callable
from datetime import date

from msgspec import Struct

from wellspent.budgets.window import Calendar, months_on
from wellspent.facts.errors import InvalidInput

MONTH, QUARTER, YEAR = 1, 3, 12
WRITTEN = re.compile(r"(?:FY)?((?:20|21)\d\d)(?:-(?:Q([1-4])|(0[1-9]|1[0-2])))?")
FIX = "write a month like 2026-10, a fiscal quarter like 2026-Q3, or a fiscal year like 2026"
NAMES = ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"]


class Span(Struct, frozen=True):
    """A stretch of whole months.

    Attributes:
        label: ``2026-10``, ``2026-Q3`` or ``2026``; a fiscal year is named by the calendar year it ends in.
        title: The same for people.
        first: Its first day, YYYY-MM-DD.
        after: The first day after it.
        months: How many: 1, 3 or 12.
    """

    label: str
    title: str
    first: str
    after: str
    months: int


def span_of(text: str, calendar: Calendar) -> Span:
    """The stretch that somebody wrote. Raises InvalidInput.

    >>> span_of("2026-Q3", Calendar(fiscal_year_start_month=10)).first
    '2026-04-01'
    """
    found = WRITTEN.fullmatch(text)
    if found is None or (text.startswith("FY") and found[3]):
        raise InvalidInput(f"{text!r} is no period of a statement", fix=FIX)
    if found[3]:
        return _span(date(int(found[1]), int(found[3]), 1), MONTH, calendar)
    month = calendar.fiscal_year_start_month
    first = date(int(found[1]) - (month > 1), month, 1)
    return _span(months_on(first, QUARTER * (int(found[2]) - 1)), QUARTER, calendar) if found[2] else _span(first, YEAR, calendar)


def before(span: Span, calendar: Calendar) -> Span:
    """The one before, as long."""
    return _span(months_on(date.fromisoformat(span.first), -span.months), span.months, calendar)


def months_of(span: Span) -> tuple[str, ...]:
    """Its months, YYYY-MM."""
    first = date.fromisoformat(span.first)
    return tuple(f"{months_on(first, number):%Y-%m}" for number in range(span.months))


def whole(span: Span) -> Callable[[str], str]:
    """A stretch as one period; days outside it are of others."""
    return lambda day: "whole" if span.first <= day < span.after else "other"


def earlier(day: str, months: int) -> str:
    """The first day of a month so many months earlier."""
    return months_on(date.fromisoformat(day).replace(day=1), -months).isoformat()


def _span(first: date, months: int, calendar: Calendar) -> Span:
    after = months_on(first, months)
    label, title = f"{first:%Y-%m}", f"{NAMES[first.month - 1]} {first.year}"
    if months != MONTH:
        into_year = (first.month - calendar.fiscal_year_start_month) % 12
        year = months_on(first, 11 - into_year).year
        kind = "fiscal year" if calendar.fiscal_year_start_month > 1 else "year" if months == YEAR else ""
        named = f"{kind} {year}".strip()
        label = str(year) if months == YEAR else f"{year}-Q{into_year // QUARTER + 1}"
        title = named.capitalize() if months == YEAR else f"Quarter {into_year // QUARTER + 1} of {named}"
    return Span(label, title, first.isoformat(), after.isoformat(), months)
