"""Like with like: two groups side by side within each stratum they share, so that neither young code nor a busy folder decides.

AI lines are young, and lie where much is changed. Lines of one repository, month and directory are each other's baseline: the difference
is taken within each such stratum, and strata weigh by how much both groups have in it, n₁n₂/(n₁+n₂) (Mantel and Haenszel, 1959; the
overlap weights of Li, Morgan and Zaslavsky, 2018). Strata with one group alone say nothing and are left out, and told.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from wellspent.rework.survival.chance import effective_size, observed, resampled
from wellspent.rework.survival.curve import of_lines
from wellspent.rework.survival.lifetime import DAY_MS, Lifetime
from wellspent.rework.survival.packed import Row, pack
from wellspent.rework.survival.reading import watched

if TYPE_CHECKING:
    import numpy as np

    from wellspent.rework.survival.packed import Floats

    Booleans = np.ndarray[Any, np.dtype[np.bool_]]

Pair = tuple[Sequence[Lifetime], Sequence[Lifetime]]


class Side(NamedTuple):
    """One group within the shared strata, at a window.

    Attributes:
        lines: In the strata that say something of this window.
        shared: Their share of all lines of the group.
        clusters: Commits or pull requests old enough among them.
        effective: How many of equal size, at the weight they have here, would tell as much.
    """

    lines: int
    shared: float
    clusters: int
    effective: float


class Standardised(NamedTuple):
    """Both groups at a window, within shared strata.

    Attributes:
        strata: How many say something of this window.
        sides: Treated, control.
        gone: Share gone of each; NaN where there is no stratum.
        draws: The same for each draw of chance: (draw, side).
    """

    strata: int
    sides: tuple[Side, Side]
    gone: "Floats"
    draws: "Floats"


def standardised(treated: Sequence[Lifetime], control: Sequence[Lifetime], windows_days: Sequence[int]) -> dict[int, Standardised]:
    """Two groups compared within the strata they share, by window.

    Args:
        treated: Lifetimes of one group.
        control: Lifetimes of the other.
        windows_days: Ascending.
    """
    import numpy as np

    pairs = _pairs(treated, control)
    telling = np.array([[all(_tells(side, days) for side in pair) for days in windows_days] for pair in pairs], dtype=bool)
    sizes = [sum(each.lines for each in group) for group in (treated, control)]
    nothing, found = np.full(2, np.nan), {}
    if pairs:
        cells = [side for pair in pairs for side in pair]
        rows = (Row(cell, each.cluster, each.age_ms, each.died, each.lines) for cell, side in enumerate(cells) for each in side)
        packed = pack(rows, len(cells), [days * DAY_MS for days in windows_days])

        def figure(alive: "Floats", weights: "Floats") -> "Floats":
            return _gone(alive, weights, telling)

        gone, draws = observed(packed, figure), resampled(packed, figure)
    for position, days in enumerate(windows_days):
        kept = [pair for number, pair in enumerate(pairs) if telling[number, position]]
        sides = _side([one for one, _ in kept], kept, sizes[0], days), _side([two for _, two in kept], kept, sizes[1], days)
        found[days] = Standardised(len(kept), sides, *((gone[:, position], draws[:, :, position]) if kept else (nothing, nothing[None])))
    return found


def _pairs(treated: Iterable[Lifetime], control: Iterable[Lifetime]) -> list[Pair]:
    """The lifetimes of both groups in each stratum that has both."""
    strata: dict[tuple[str, ...], tuple[list[Lifetime], list[Lifetime]]] = defaultdict(lambda: ([], []))
    for side, lifetimes in enumerate((treated, control)):
        for each in lifetimes:
            strata[each.stratum][side].append(each)
    return [strata[name] for name in sorted(strata) if all(strata[name])]


def _tells(lifetimes: Sequence[Lifetime], days: int) -> bool:
    """Whether one side of a stratum was watched long enough to say something."""
    return any(each.followed_ms >= days * DAY_MS for each in lifetimes) and of_lines(lifetimes).alive(days * DAY_MS) is not None


def _gone(alive: "Floats", weights: "Floats", telling: "Booleans") -> "Floats":
    """The share gone of each side over strata: (draw, side, window)."""
    import numpy as np

    one, two = weights[:, 0::2, None], weights[:, 1::2, None]
    shares = one * two / (one + two) * telling
    total = shares.sum(axis=1)
    gone = np.stack((1 - alive[:, 0::2], 1 - alive[:, 1::2]), axis=2)
    with np.errstate(invalid="ignore"):
        return np.asarray((gone * shares[:, :, None, :]).sum(axis=1) / total[:, None, :])


def _side(own: Sequence[Sequence[Lifetime]], pairs: Sequence[Pair], size: int, days: int) -> Side:
    """One side of the strata that say something of a window."""
    influence: dict[str, float] = defaultdict(float)
    lines = 0
    for lifetimes, (one, two) in zip(own, pairs, strict=True):
        mine, first, second = (sum(each.lines for each in side) for side in (lifetimes, one, two))
        lines += mine
        for cluster, count in watched(lifetimes).old_enough(days).items():
            influence[cluster] += count / mine * (first * second / (first + second))
    return Side(lines, lines / size if size else 0.0, len(influence), effective_size(influence.values()))
