"""Spells -> median and quartiles, with those that are still open counted as long as they lasted so far; intervals by drawing changes anew.

The product-limit curve (``survival.curve``) gives the share that lasts longer than some time; a quantile is where it falls to that share or
below. The interval of the median comes from drawing whole changes with replacement, a thousand times with a fixed seed, as in
``survival.chance``: 2.5 % of draws lie below it and 2.5 % above. Where a curve does not fall so far, the quantile is unknown, and so is that
end of the interval.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from msgspec import Struct

from wellspent import limits
from wellspent.rework.delay.timeline import Spell
from wellspent.rework.survival.curve import Curve, Seen, kaplan_meier

if TYPE_CHECKING:
    import numpy as np

SEED = 1958
DRAWN_AT_ONCE = 2_000_000  # numbers
LEFT_OUT = 1e-6  # what a change weighs that a draw leaves out
NOT_ENOUGH = "not enough data"


class Reading(Struct, frozen=True):
    """How long something lasts, in milliseconds; None is unknown.

    Attributes:
        of: Spells, seen to their end or not.
        seen: Those of which the end was seen.
        quarter_ms, median_ms, three_quarters_ms: So many last no longer.
        low_ms, high_ms: The interval of the median.
        note: Why nothing is said.
    """

    of: int
    seen: int
    quarter_ms: int | None = None
    median_ms: int | None = None
    three_quarters_ms: int | None = None
    low_ms: int | None = None
    high_ms: int | None = None
    note: str = ""


def reading(spells: Sequence[Spell]) -> Reading:
    """What some spells tell; the same in whatever order they come."""
    seen = sum(spell.seen for spell in spells)
    if seen < limits.REVIEW_CHANGES_MIN:
        return Reading(len(spells), seen, note=NOT_ENOUGH)
    curve = kaplan_meier(Seen(spell.ms, 1, spell.seen) for spell in spells)
    quarter, median, three = (_quantile(curve, share) for share in (0.25, 0.5, 0.75))
    low, high = (None, None) if median is None else _interval(spells)
    return Reading(len(spells), seen, quarter, median, three, low, high)


def _quantile(curve: Curve, share: float) -> int | None:
    return next((step.age_ms for step in curve.steps if step.alive <= 1 - share + 1e-12), None)


def _interval(spells: Sequence[Spell]) -> tuple[int | None, int | None]:
    import numpy as np

    medians = np.sort(_medians(sorted(spells, key=lambda spell: (spell.ms, not spell.seen))))
    tail = (1 - limits.EFFECT_LEVEL_PERCENT / 100) / 2
    low, high = (medians[int(tail * len(medians))], medians[-1 - int(tail * len(medians))])
    return (None if np.isinf(low) else int(low)), (None if np.isinf(high) else int(high))


def _medians(spells: Sequence[Spell]) -> "np.ndarray[tuple[int], np.dtype[np.float64]]":
    """The median of each draw; infinite where its curve does not fall so far. Spells come by length, those that ended first."""
    import numpy as np

    random, left = np.random.default_rng(SEED), limits.SURVIVAL_RESAMPLES
    ms, seen = np.array([spell.ms for spell in spells], dtype=np.float64), np.array([spell.seen for spell in spells])
    begins = np.flatnonzero(np.diff(ms, prepend=-1.0))
    step, found = max(1, DRAWN_AT_ONCE // len(spells)), []
    while left > 0:
        weights = np.maximum(random.poisson(1.0, (min(step, left), len(spells))), LEFT_OUT)
        at_risk = np.cumsum(weights[:, ::-1], axis=1)[:, ::-1][:, begins]
        ended = np.add.reduceat(weights * seen, begins, axis=1)
        alive = np.cumprod(1 - ended / at_risk, axis=1) <= 0.5 + 1e-9
        first = np.argmax(alive, axis=1)
        found.append(np.where(alive.any(axis=1), ms[begins][first], np.inf))
        left -= step
    return np.concatenate(found)
