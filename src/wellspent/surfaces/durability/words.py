"""What the tables of a report are made of, and how their cells are written. Pure."""

from collections.abc import Mapping
from datetime import UTC, datetime

from msgspec import Struct

from wellspent.facts.money import format_usd
from wellspent.rework.delay.delays import hours
from wellspent.rework.delay.reading import Reading as Waiting
from wellspent.rework.survival.lifetime import AI, HUMAN, UNKNOWN
from wellspent.rework.survival.people import Span
from wellspent.rework.survival.reading import Reading
from wellspent.rework.survival.spent import Fate

NAMES = {AI: "AI", HUMAN: "attested to people", UNKNOWN: "unknown"}
FATES = {
    Fate.GONE: "gone",
    Fate.GONE_EXPECTED: "gone_expected",
    Fate.KEPT: "kept",
    Fate.KEPT_EXPECTED: "kept_expected",
    Fate.OPEN: "open",
    Fate.FIX: "fix",
    Fate.NO_LINES: "no_lines",
    Fate.UNLINKED: "unlinked",
}
Cells = Mapping[str, object]


class Table(Struct, frozen=True):
    """A part of the report.

    Attributes:
        title: What people read above it.
        columns: Which keys of a row people see: (key, heading, whether it is a number).
        rows: Keys that end in ``_text`` are for people alone.
        note: What to know of it.
        empty: What there is to say where it has no rows.
    """

    title: str
    columns: tuple[tuple[str, str, bool], ...]
    rows: tuple[Cells, ...]
    note: str = ""
    empty: str = "nothing"


def percent(share: float | None, low: float | None = None, high: float | None = None) -> str:
    """A share for people, with its interval: ``5.8 % (3.9 to 8.5)``."""
    if share is None:
        return "unknown"
    span = f" ({100 * low:.1f} to {100 * high:.1f})" if low is not None and high is not None else ""
    return f"{100 * share:.1f} %{span}"


def reading_text(reading: Reading | None) -> str:
    """What was gone at a window, for people."""
    if reading is None:
        return "no lines"
    return percent(reading.gone, reading.low, reading.high) if reading.gone is not None else "not enough data"


def points_text(difference: float, low: float, high: float) -> str:
    """A difference of shares in percentage points, for people."""
    return f"{100 * difference:+.1f} ({100 * low:+.1f} to {100 * high:+.1f})"


def usd(nanousd: int | None) -> str:
    """Money for people; nothing where there is none to tell."""
    return "" if nanousd is None else format_usd(nanousd)


def span_text(nanousd: int | None, low: int | None, high: int | None) -> str:
    """An amount with its interval, for people."""
    if nanousd is None or low is None or high is None:
        return usd(nanousd)
    return f"{format_usd(nanousd)} ({format_usd(low)} to {format_usd(high)})"


def range_text(span: Span | None) -> str:
    """A range of money, for people."""
    return "unknown" if span is None else f"{format_usd(span.low)} to {format_usd(span.high)}"


def day(at_ms: int) -> str:
    """A day for people and machines."""
    return f"{datetime.fromtimestamp(at_ms / 1000, UTC):%Y-%m-%d}"


def hours_of(ms: int | None) -> float | None:
    """Hours, for machines."""
    return None if ms is None else round(hours(ms), 4)


def waiting_text(found: Waiting) -> str:
    """A median of hours with its interval, for people."""
    if found.median_ms is None:
        return found.note or "unknown"
    low, high = ("unknown" if ms is None else f"{hours(ms):,.1f}" for ms in (found.low_ms, found.high_ms))
    return f"{hours(found.median_ms):,.1f} ({low} to {high})"
