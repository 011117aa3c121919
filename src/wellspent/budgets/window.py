"""Windows: which stretch of time a budget counts now. In the operator's time zone and fiscal calendar, right across clock changes."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from msgspec import Struct

from wellspent.budgets.budget import Budget
from wellspent.facts.errors import InvalidInput


class Calendar(Struct, frozen=True):
    """The operator's calendar.

    Attributes:
        timezone: An IANA name.
        fiscal_year_start_month: 1 to 12; years and quarters begin there, and a year is named by the calendar year it ends in.
        week_starts_on: 0 is Monday, 6 is Sunday.
    """

    timezone: str = "UTC"
    fiscal_year_start_month: int = 1
    week_starts_on: int = 0


class Window(Struct, frozen=True):
    """One stretch of one budget.

    Attributes:
        key: ``"budget@2026-11"``; for an each-value budget ``"budget@2026-11/VALUE"``. Stable, and readable.
        starts_ms: First millisecond, UTC.
        ends_ms: First millisecond after; None is never.
    """

    key: str
    starts_ms: int
    ends_ms: int | None


def checked_calendar(calendar: Calendar) -> Calendar:
    """The same calendar, or InvalidInput that says what cannot be in it."""
    _zone(calendar.timezone)
    if not 1 <= calendar.fiscal_year_start_month <= 12:
        raise InvalidInput(f"fiscal_year_start_month is {calendar.fiscal_year_start_month}", fix="use a month from 1 to 12")
    if not 0 <= calendar.week_starts_on <= 6:
        raise InvalidInput(f"week_starts_on is {calendar.week_starts_on}", fix="use a day from 0 (Monday) to 6 (Sunday)")
    return calendar


def window_of(budget: Budget, value: str, at_ms: int, calendar: Calendar) -> Window | None:
    """The window of a budget at a moment; None where a fixed one has not begun or has ended.

    The windows of a repeating budget follow each other without a gap. A day begins at local midnight, or where the clocks skip midnight,
    at the moment they do; hours are those of UTC. 5 November 2026 in Berlin in a monthly budget "b": ``b@2026-11``, from 31 October 23:00 UTC.

    Args:
        value: The scope's value, for a budget on each value.
    """
    label, starts_ms, ends_ms = _span(budget.period, budget.starts_on, budget.length_days, at_ms, calendar)
    if not starts_ms <= at_ms or (ends_ms is not None and at_ms >= ends_ms):
        return None
    suffix = f"/{value}" if budget.scope.name == "*" else ""
    return Window(f"{budget.id}@{label}{suffix}", starts_ms, ends_ms)


def _span(period: str, starts_on: str, length_days: int, at_ms: int, calendar: Calendar) -> tuple[str, int, int | None]:
    zone = _zone(calendar.timezone)
    if period == "total":
        return "total", 0, None
    if period == "fixed":
        first = date.fromisoformat(starts_on)
        return starts_on, _ms(first, zone), _ms(first + timedelta(days=length_days), zone) if length_days else None
    if period == "hour":
        starts_ms = at_ms - at_ms % 3_600_000
        return f"{datetime.fromtimestamp(starts_ms / 1000, UTC):%Y-%m-%dT%HZ}", starts_ms, starts_ms + 3_600_000
    today = datetime.fromtimestamp(at_ms / 1000, UTC).astimezone(zone).date()
    label, first, after = _days(period, today, calendar)
    return label, _ms(first, zone), _ms(after, zone)


def _days(period: str, today: date, calendar: Calendar) -> tuple[str, date, date]:
    if period == "day":
        return today.isoformat(), today, today + timedelta(days=1)
    if period == "week":
        first = today - timedelta(days=(today.weekday() - calendar.week_starts_on) % 7)
        return f"week-{first.isoformat()}", first, first + timedelta(days=7)
    if period == "month":
        first = today.replace(day=1)
        return f"{first:%Y-%m}", first, months_on(first, 1)
    into_year = (today.month - calendar.fiscal_year_start_month) % 12
    year_first = months_on(today.replace(day=1), -into_year)
    fiscal_year = months_on(year_first, 11).year
    if period == "year":
        return f"FY{fiscal_year}", year_first, months_on(year_first, 12)
    quarter = into_year // 3
    first = months_on(year_first, 3 * quarter)
    return f"FY{fiscal_year}-Q{quarter + 1}", first, months_on(first, 3)


def months_on(first: date, months: int) -> date:
    """The first day of the month that many months later, or earlier.

    Args:
        first: The first day of a month.
    """
    number = first.year * 12 + first.month - 1 + months
    return date(number // 12, number % 12 + 1, 1)


def _ms(day: date, zone: ZoneInfo) -> int:
    return int(datetime(day.year, day.month, day.day, tzinfo=zone).timestamp() * 1000)


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):  # OSError: the name of a folder of zones, like Europe
        raise InvalidInput(f"there is no time zone {name!r}", fix="use an IANA name like Europe/Zurich") from None
