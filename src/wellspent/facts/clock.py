"""Clocks are handed in, so that a test can turn them."""

import time
from typing import Protocol


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
