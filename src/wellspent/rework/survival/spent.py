"""Rework in dollars, measured: each dollar of spending is in exactly one part, and the parts sum to it.

A dollar follows the lines it paid for. Lines dead within the window make it *gone*, lines that outlived it *kept*. A line too young to
tell has the chance that the curve gives a line of its age: (S(age) − S(window)) / S(age). Over all spending that is the product-limit
estimate again (Efron's redistribution to the right, Fifth Berkeley Symposium, 1967: 831), with dollars as weights.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from typing import NamedTuple

from msgspec import Struct

from wellspent import limits
from wellspent.facts.errors import InvalidInput
from wellspent.facts.money import apportion
from wellspent.rework.survival.chance import effective_size, farthest, interval, resampled
from wellspent.rework.survival.curve import Curve, Seen, kaplan_meier
from wellspent.rework.survival.fixes import BILLION, Fix, FixShare, LinkQuality, qualities_of, shares_of_fix
from wellspent.rework.survival.lifetime import DAY_MS, Lifetime, whole_days
from wellspent.rework.survival.packed import Row, pack
from wellspent.rework.survival.reading import NOTHING_SEEN, rough, too_few


class Fate(StrEnum):
    """What became of a dollar."""

    GONE = "gone"  # its lines died within the window
    GONE_EXPECTED = "gone, expected"  # they are too young to tell, and that share of such lines dies within it
    KEPT = "kept"  # they outlived the window
    KEPT_EXPECTED = "kept, expected"
    OPEN = "too young to tell"  # and too few are older
    FIX = "fix"
    NO_LINES = "no merged lines"  # linked to work that brought no line of code
    UNLINKED = "unlinked"  # nothing says what it was for: shown, and never spread


class Spending(Struct, frozen=True):
    """Money spent on one piece of work: a session, a run, a change.

    Attributes:
        name: Of the work.
        nanousd: How much; may be negative, a correction.
        lifetimes: Of the lines that it brought, after the merge; a lifetime belongs to one spending alone.
        fix: What it mends, where it is a fix; then its lines do not count as rework as well.
    """

    name: str
    nanousd: int
    lifetimes: tuple[Lifetime, ...] = ()
    fix: Fix | None = None


class Measured(Struct, frozen=True):
    """What became of spending.

    Attributes:
        days: The window.
        total_nanousd: All of it.
        fates: Nano-dollars by fate; every fate is there, and they sum to the total.
        fixes: The money of fixes by kind of link and cause; it sums to the fate ``fix``.
        qualities: How good each kind of link was found to be.
        gone_low_nanousd, gone_high_nanousd: The interval of what is gone, expected or not; None where the data are too few.
        level_percent: Of that interval.
        note: Why nothing is said of young lines, or what to beware of; "" for nothing.
    """

    days: int
    total_nanousd: int
    fates: Mapping[Fate, int]
    fixes: tuple[FixShare, ...]
    qualities: tuple[LinkQuality, ...]
    gone_low_nanousd: int | None
    gone_high_nanousd: int | None
    level_percent: float
    note: str

    @property
    def gone_nanousd(self) -> int | None:
        """What was rewritten or thrown away within the window, young lines included; None, unknown, while some of it is open."""
        return None if self.fates[Fate.OPEN] else self.fates[Fate.GONE] + self.fates[Fate.GONE_EXPECTED]


def measured(
    spending: Iterable[Spending],
    unlinked_nanousd: int,
    days: int,
    qualities: Sequence[LinkQuality] = (),
    level_percent: float = limits.EFFECT_LEVEL_PERCENT,
) -> Measured:
    """What became of spending.

    Args:
        spending: All that is linked to work.
        unlinked_nanousd: All that is not.
        days: The window.
        qualities: The measured quality of each kind of link between a fix and its cause.
        level_percent: Of the interval.

    Raises:
        InvalidInput: The window cannot be, a name stands twice, or a kind of link has two qualities.
    """
    (days,), listed, by_kind = whole_days([days]), list(spending), qualities_of(qualities)
    if len({each.name for each in listed}) < len(listed):
        raise InvalidInput("a piece of work is there twice", fix="add up its money before")
    seen = _seen(listed, days)
    fates = dict.fromkeys(Fate, 0) | {Fate.UNLINKED: unlinked_nanousd}
    fixes: dict[tuple[str, str], int] = defaultdict(int)
    for each in listed:
        for fate, part in _fates(each, days * DAY_MS, seen.curve).items():
            fates[fate] += part
        for share in shares_of_fix(each.nanousd, each.fix, by_kind) if each.fix is not None else ():
            fixes[share.kind, share.cause] += share.nanousd
    total = sum(each.nanousd for each in listed) + unlinked_nanousd
    shares = tuple(FixShare(kind, cause, nanousd) for (kind, cause), nanousd in sorted(fixes.items()))
    kinds = tuple(by_kind[kind] for kind in sorted(by_kind))
    low, high = _span(seen, days, level_percent) or (None, None)
    return Measured(days, total, fates, shares, kinds, low, high, level_percent, seen.note)


def _fates(spending: Spending, window_ms: int, curve: Curve | None) -> Mapping[Fate, int]:
    """One spending's parts; those of code in billionths of its lines."""
    if spending.fix is not None or not spending.lifetimes:
        return {Fate.FIX if spending.fix is not None else Fate.NO_LINES: spending.nanousd}
    parts: dict[Fate, int] = defaultdict(int)
    for each in spending.lifetimes:
        if each.died and each.age_ms <= window_ms:
            parts[Fate.GONE] += each.lines * BILLION
        elif each.age_ms >= window_ms:
            parts[Fate.KEPT] += each.lines * BILLION
        elif curve is None:
            parts[Fate.OPEN] += each.lines * BILLION
        else:
            doomed = round(_chance(curve, each.age_ms, window_ms) * BILLION)
            parts[Fate.GONE_EXPECTED] += each.lines * doomed
            parts[Fate.KEPT_EXPECTED] += each.lines * (BILLION - doomed)
    return dict(zip(parts, apportion(spending.nanousd, list(parts.values())), strict=True))


def _chance(curve: Curve, age_ms: int, window_ms: int) -> float:
    """The chance that what lives at an age is gone at the end of the window."""
    now, then = curve.alive(age_ms), curve.alive(window_ms)
    return 1 - (then or 0.0) / now if now else 1.0


class _Seen(NamedTuple):
    """The curve of dollars, None where it says nothing; what there is to say of it; and what it was made of."""

    curve: Curve | None
    note: str
    rows: list[Row]
    effective: float
    nanousd: int


def _seen(spending: Iterable[Spending], days: int) -> _Seen:
    worked = [each for each in spending if each.fix is None and each.lifetimes]
    rows = [row for each in worked for row in _rows(each)]
    curve = kaplan_meier(Seen(row.age_ms, row.weight, row.died) for row, _ in rows)
    sizes: dict[str, int] = defaultdict(int)
    for row, followed_ms in rows:
        if followed_ms >= days * DAY_MS:
            sizes[row.cluster] += row.weight
    effective = effective_size(sizes.values())
    few = too_few(len(sizes), effective) or ("" if curve.alive(days * DAY_MS) is not None else NOTHING_SEEN)
    nanousd = sum(each.nanousd for each in worked)
    return _Seen(None if few else curve, few or rough(effective), [row for row, _ in rows], effective, nanousd)


def _span(seen: _Seen, days: int, level_percent: float) -> tuple[int, int] | None:
    """The interval of what is gone; None where nothing is said."""
    alive = seen.curve.alive(days * DAY_MS) if seen.curve else None
    if alive is None:
        return None
    draws = resampled(pack(seen.rows, 1, [days * DAY_MS]), lambda shares, weights: 1 - shares[:, 0, 0])
    low, high = interval(draws, seen.effective, level_percent)
    low = 1 - farthest(seen.effective, level_percent) if alive == 0 else low
    high = farthest(seen.effective, level_percent) if alive == 1 else high
    return round(min(low, 1 - alive) * seen.nanousd), round(max(high, 1 - alive) * seen.nanousd)


def _rows(spending: Spending) -> list[tuple[Row, int]]:
    """What each lifetime carries of the money, and how long it was watched; corrections carry nothing."""
    if spending.nanousd <= 0:
        return []
    parts = apportion(spending.nanousd, [each.lines for each in spending.lifetimes])
    pairs = zip(spending.lifetimes, parts, strict=True)
    return [(Row(0, each.cluster, each.age_ms, each.died, part), each.followed_ms) for each, part in pairs if part]
