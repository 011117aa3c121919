"""When something happened, as others write it: ISO 8601, RFC 3339, or a count since 1970. Pure."""

import re
from datetime import UTC, date, datetime, timedelta
from typing import Any

from wellspent.connectors.outcomes.payload import shown
from wellspent.facts.errors import InvalidInput

EARLIEST_MS, LATEST_MS = 946_684_800_000, 7_258_118_400_000  # the years 2000 to 2199
LATEST_S = LATEST_MS // 1000
LEAP_SECOND = re.compile(r"(.*[T ]\d\d:?\d\d:?)60(.*)", re.ASCII)


def moment_ms(value: Any) -> int:
    """A moment in milliseconds: ISO 8601 with its zone, or whole seconds or milliseconds since 1970 (of these years they cannot be mistaken).

    A day alone is its first moment, UTC. Small letters are as good (RFC 3339), and a leap second is the second after it. Raises InvalidInput.
    """
    at_ms, zoned = _moment(value)
    if not EARLIEST_MS <= at_ms <= LATEST_MS:
        raise InvalidInput(f"{shown(value)} is not a moment", fix="write it like 2026-11-23T14:05:06Z")
    if not zoned:
        raise InvalidInput(f"{shown(value)} is in no time zone", fix="end it with Z or +02:00")
    return at_ms


def _moment(value: Any) -> tuple[int, bool]:
    """The moment, 0 where it is none, and whether its time zone is known."""
    if isinstance(value, int) and not isinstance(value, bool):
        return (value * 1000 if abs(value) <= LATEST_S else value), True
    text = value.strip().upper() if isinstance(value, str) else ""
    leap = LEAP_SECOND.fullmatch(text)
    try:
        moment = _after_leap(leap) if leap else datetime.fromisoformat(text)
        at_ms = round((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() * 1000)
    except (ValueError, OverflowError):
        return 0, False
    return at_ms, moment.tzinfo is not None or _is_day(text)


def _after_leap(leap: re.Match[str]) -> datetime:
    """The second after a leap second, which is the first of a month, UTC. Raises ValueError for one that can be none."""
    after = datetime.fromisoformat(f"{leap[1]}59{leap[2]}") + timedelta(seconds=1)
    first = after.astimezone(UTC) if after.tzinfo else after
    if (first.day, first.hour, first.minute, first.second) != (1, 0, 0, 0):
        raise ValueError
    return after


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True
