"""Clocks are handed in, so that a test can turn them; days are told in the operator's time zone."""

import time
from datetime import UTC, date, datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

from wellspent.facts.errors import InvalidInput


class Clock(Protocol):
    """Tells the time as whole milliseconds since 1970-01-01 UTC."""

    def now_ms(self) -> int:
        """The time now."""
        ...


class SystemClock:
    """The machine's clock."""

    def now_ms(self) -> int:
        """The time now."""
        return time.time_ns() // 1_000_000


class ManualClock:
    """A clock that stands still until it is turned.

    >>> clock = ManualClock(0); clock.advance_ms(5); clock.now_ms()
    5
    """

    def __init__(self, at_ms: int) -> None:
        self._at_ms = at_ms

    def now_ms(self) -> int:
        """The time it was last set to."""
        return self._at_ms

    def advance_ms(self, by_ms: int) -> None:
        """Turn it; a negative number turns it back."""
        self._at_ms += by_ms


def day_ms(day: str, timezone: str, days_on: int = 0) -> int:
    """The midnight with which a day (YYYY-MM-DD) begins in a time zone, or one so many days on: a day of 23 or 25 hours counts as one.

    Raises InvalidInput for what is no day.
    """
    try:
        first = date.fromisoformat(day) + timedelta(days=days_on)
        return int(datetime(first.year, first.month, first.day, tzinfo=ZoneInfo(timezone)).timestamp() * 1000)
    except (ValueError, OverflowError):
        raise InvalidInput(f"{day!r} is not a day", fix="write it as YYYY-MM-DD") from None


def day_of(at_ms: int, timezone: str) -> str:
    """The day (YYYY-MM-DD) of a moment in a time zone."""
    return f"{datetime.fromtimestamp(at_ms / 1000, UTC).astimezone(ZoneInfo(timezone)):%Y-%m-%d}"
