"""Reading times that people write, in their time zone. Pure."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from wellspent.facts.errors import InvalidInput

_AGO = re.compile(r"(\d{1,5})([hdw])")
_HOURS = {"h": 1, "d": 24, "w": 168}
ACCEPTED = "write 2026-11-23, 2026-11, 2026-11-23T14:00, today, yesterday, this-week, this-month, this-year, or 24h, 7d, 2w (ago)"


def zone_of(name: str) -> ZoneInfo:
    """A time zone by its IANA name. Raises InvalidInput."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise InvalidInput(f"there is no time zone {name!r}", fix="use an IANA name like Europe/Zurich") from None


def since_ms(text: str, now_ms: int, zone: ZoneInfo) -> int:
    """The first millisecond of what is written; ``7d`` is the midnight that began the seventh day, counting today.

    Raises InvalidInput.
    """
    ago = _AGO.fullmatch(text)
    if ago and ago[2] == "h":
        return now_ms - int(ago[1]) * 3_600_000
    if ago:
        days = int(ago[1]) * _HOURS[ago[2]] // 24
        return _midnight_ms(_today(now_ms, zone) - timedelta(days=max(days - 1, 0)), zone)
    if "T" in text:
        return _moment_ms(text, zone)
    first, _ = _days(text, _today(now_ms, zone))
    return _midnight_ms(first, zone)


def until_ms(text: str, now_ms: int, zone: ZoneInfo) -> int:
    """The first millisecond after what is written: a day or month is included to its end. Raises InvalidInput."""
    if _AGO.fullmatch(text):
        return since_ms(text, now_ms, zone)
    if "T" in text:
        return _moment_ms(text, zone)
    _, after = _days(text, _today(now_ms, zone))
    return _midnight_ms(after, zone)


def ahead_ms(text: str, now_ms: int, zone: ZoneInfo) -> int:
    """A time to come: ``90d`` from now, or the end of a date. Raises InvalidInput."""
    ahead = _AGO.fullmatch(text)
    return now_ms + int(ahead[1]) * _HOURS[ahead[2]] * 3_600_000 if ahead else until_ms(text, now_ms, zone)


def days_of(since: str, until: str, now_ms: int, zone: ZoneInfo) -> tuple[str, str]:
    """The first day of a stretch, and the first one after it, YYYY-MM-DD, whole days. Raises InvalidInput for none."""
    first, last = between(since, until, now_ms, zone)
    return first, (date.fromisoformat(last) + timedelta(days=1)).isoformat()


def between(since: str, until: str, now_ms: int, zone: ZoneInfo) -> tuple[str, str]:
    """The first and the last day of a stretch that may be open: "" where nothing is written. Raises InvalidInput for none."""
    first = _day(since_ms(since, now_ms, zone), zone) if since else ""
    last = _day(until_ms(until, now_ms, zone) - 1, zone) if until else ""
    if last and last < first:
        raise InvalidInput(f"--until {until} is not after --since {since}", fix="swap them")
    return first, last


def before(day: str) -> str:
    """The day before."""
    return (date.fromisoformat(day) - timedelta(days=1)).isoformat()


def week_of(day: str) -> str:
    """The Monday that began a day's week."""
    found = date.fromisoformat(day)
    return (found - timedelta(days=found.weekday())).isoformat()


PERIODS: dict[str, Callable[[str], str]] = {"day": str, "week": week_of, "month": lambda day: day[:7]}


def local(at_ms: int, zone: ZoneInfo) -> str:
    """A moment for people: ``2026-11-23 14:05``."""
    return f"{datetime.fromtimestamp(at_ms / 1000, UTC).astimezone(zone):%Y-%m-%d %H:%M}"


def iso(at_ms: int | None) -> str | None:
    """A moment for machines: ``2026-11-23T14:05:06.007Z``."""
    if at_ms is None:
        return None
    return datetime.fromtimestamp(at_ms / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _days(text: str, today: date) -> tuple[date, date]:
    one = timedelta(days=1)
    if text == "today":
        return today, today + one
    if text == "yesterday":
        return today - one, today
    if text == "this-week":
        first = today - timedelta(days=today.weekday())
        return first, first + 7 * one
    if text == "this-month":
        return today.replace(day=1), _next_month(today)
    if text == "this-year":
        return today.replace(month=1, day=1), today.replace(year=today.year + 1, month=1, day=1)
    try:
        if re.fullmatch(r"\d{4}-\d{2}", text):
            first = date.fromisoformat(f"{text}-01")
            return first, _next_month(first)
        day = date.fromisoformat(text)
        return day, day + one
    except (ValueError, OverflowError):
        raise InvalidInput(f"{text!r} is not a time", fix=ACCEPTED) from None


def _next_month(day: date) -> date:
    return (day.replace(day=1) + timedelta(days=32)).replace(day=1)


def _moment_ms(text: str, zone: ZoneInfo) -> int:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise InvalidInput(f"{text!r} is not a time", fix=ACCEPTED) from None
    return int((moment if moment.tzinfo else moment.replace(tzinfo=zone)).timestamp() * 1000)


def _day(at_ms: int, zone: ZoneInfo) -> str:
    return datetime.fromtimestamp(at_ms / 1000, UTC).astimezone(zone).date().isoformat()


def _today(now_ms: int, zone: ZoneInfo) -> date:
    return datetime.fromtimestamp(now_ms / 1000, UTC).astimezone(zone).date()


def _midnight_ms(day: date, zone: ZoneInfo) -> int:
    return int(datetime(day.year, day.month, day.day, tzinfo=zone).timestamp() * 1000)
