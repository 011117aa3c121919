"""Reading a group's curve at windows: how much is gone, how surely, and how much stood at risk; or "not enough data"."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import msgspec
from msgspec import Struct

from wellspent import limits
from wellspent.rework.survival.chance import effective_size, farthest, interval, resampled
from wellspent.rework.survival.curve import Curve, of_lines
from wellspent.rework.survival.lifetime import DAY_MS, Lifetime, whole_days
from wellspent.rework.survival.packed import Row, pack
from wellspent.rework.survival.terms import WINDOWS_DAYS

NOTHING_SEEN = "not enough data: no line was seen at this age"


class Reading(Struct, frozen=True):
    """A curve at one window.

    Attributes:
        days: The window.
        gone: The share of lines dead within it, 0 to 1; None where the data are too few to say. Never without its interval.
        low, high: The interval that holds it.
        lines_at_risk: Lines that were still seen alive at its end.
        clusters_at_risk: Commits or pull requests that these lines came in with.
        clusters_old_enough: Those that were watched for the whole window, whatever became of their lines.
        clusters_effective: How many of equal size would tell as much as those.
        note: Why nothing is said, or what to beware of; "" for nothing.
    """

    days: int
    gone: float | None
    low: float | None
    high: float | None
    lines_at_risk: int
    clusters_at_risk: int
    clusters_old_enough: int
    clusters_effective: float
    note: str


class Survival(Struct, frozen=True):
    """How long the lines of a group live.

    Attributes:
        group: Whose lines.
        lines, clusters: How many lines, in how many commits or pull requests.
        level_percent: Of the intervals.
        readings: One for each window.
    """

    group: str
    lines: int
    clusters: int
    level_percent: float
    readings: tuple[Reading, ...]


def survival(
    lifetimes: Iterable[Lifetime], windows_days: Iterable[int] = WINDOWS_DAYS, level_percent: float = limits.EFFECT_LEVEL_PERCENT
) -> tuple[Survival, ...]:
    """How long lines live, by group in alphabetical order.

    Args:
        lifetimes: Of all groups.
        windows_days: Where to read the curves; ``range(1, 91)`` draws them.
        level_percent: Of the intervals.

    Raises:
        InvalidInput: A window cannot be.
    """
    windows, groups = whole_days(windows_days), defaultdict[str, list[Lifetime]](list)
    for each in lifetimes:
        groups[each.group].append(each)
    return tuple(_of_group(group, groups[group], windows, level_percent) for group in sorted(groups))


def too_few(clusters: int, effective: float) -> str:
    """Why so few clusters say nothing, "" where they do."""
    if clusters < limits.SURVIVAL_CLUSTERS_MIN:
        return f"not enough data: {clusters} of the {limits.SURVIVAL_CLUSTERS_MIN} commits or pull requests that it takes are old enough"
    if effective < limits.SURVIVAL_EFFECTIVE_MIN:
        return f"not enough data: a few commits or pull requests hold nearly all lines, so that they tell no more than {effective:.1f} of equal size"
    return ""


def rough(effective: float) -> str:
    """What to beware of, "" for nothing."""
    return f"rough: lines of no more than {effective:.0f} commits or pull requests of equal size" if effective < limits.SURVIVAL_CLUSTERS_FEW else ""


class Watched(NamedTuple):
    """What is known of clusters, whatever became of their lines.

    Attributes:
        lines: By cluster and how long it was watched.
        oldest_ms: By cluster, up to which age a line of it was seen.
    """

    lines: dict[tuple[str, int], int]
    oldest_ms: dict[str, int]

    def old_enough(self, days: int) -> dict[str, int]:
        """Lines by cluster, of those watched for a whole window."""
        sizes: dict[str, int] = defaultdict(int)
        for (cluster, followed_ms), lines in self.lines.items():
            if followed_ms >= days * DAY_MS:
                sizes[cluster] += lines
        return sizes


def watched(lifetimes: Iterable[Lifetime]) -> Watched:
    """How long each commit or pull request was watched."""
    found = Watched(defaultdict(int), {})
    for each in lifetimes:
        found.lines[each.cluster, each.followed_ms] += each.lines
        found.oldest_ms[each.cluster] = max(each.age_ms, found.oldest_ms.get(each.cluster, 0))
    return found


def _of_group(group: str, lifetimes: Sequence[Lifetime], windows: Sequence[int], level_percent: float) -> Survival:
    curve, seen = of_lines(lifetimes), watched(lifetimes)
    silent = [_without_interval(seen, curve, days) for days in windows]
    effective = {each.days: each.clusters_effective for each in silent if not _unsaid(each, curve)}
    intervals = _intervals(lifetimes, curve, effective, level_percent)
    readings = tuple(_with_interval(each, curve, *intervals[each.days]) if each.days in intervals else each for each in silent)
    return Survival(group, sum(each.lines for each in lifetimes), len(seen.oldest_ms), level_percent, readings)


def _unsaid(reading: Reading, curve: Curve) -> str:
    """Why a window says nothing, "" where it does."""
    few = too_few(reading.clusters_old_enough, reading.clusters_effective)
    return few or (NOTHING_SEEN if curve.alive(reading.days * DAY_MS) is None else "")


def _without_interval(seen: Watched, curve: Curve, days: int) -> Reading:
    sizes, age_ms = seen.old_enough(days), days * DAY_MS
    effective, living = effective_size(sizes.values()), sum(oldest >= age_ms for oldest in seen.oldest_ms.values())
    reading = Reading(days, None, None, None, curve.weight_at(age_ms), living, len(sizes), effective, "")
    return msgspec.structs.replace(reading, note=_unsaid(reading, curve) or rough(effective))


def _with_interval(reading: Reading, curve: Curve, low: float, high: float) -> Reading:
    gone = 1 - (curve.alive(reading.days * DAY_MS) or 0.0)
    return msgspec.structs.replace(reading, gone=gone, low=min(low, gone), high=max(high, gone))


def _intervals(lifetimes: Sequence[Lifetime], curve: Curve, effective: dict[int, float], level_percent: float) -> dict[int, tuple[float, float]]:
    """The intervals of what is gone, by window.

    Where nothing is gone, or everything, every draw says the same; how far off that may be is told by how many clusters there are.
    """
    if not effective:
        return {}
    rows = (Row(0, each.cluster, each.age_ms, each.died, each.lines) for each in lifetimes)
    draws = resampled(pack(rows, 1, [days * DAY_MS for days in effective]), lambda alive, weights: 1 - alive[:, 0, :])
    found = {}
    for position, (days, size) in enumerate(effective.items()):
        low, high = interval(draws[:, position], size, level_percent)
        alive = curve.alive(days * DAY_MS)
        if alive == 1:
            high = farthest(size, level_percent)
        if alive == 0:
            low = 1 - farthest(size, level_percent)
        found[days] = (low, high)
    return found
