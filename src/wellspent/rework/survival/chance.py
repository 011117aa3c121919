"""How far chance moves a figure: the bootstrap over clusters, never over lines.

Lines of one commit live and die together, so a thousand of them tell little more than one. Each draw takes commits or pull requests with
replacement, whole, and reckons the figure anew (Efron, Annals of Statistics 7, 1979: 1; clusters: Field and Welsh, Journal of the Royal
Statistical Society B 69, 2007: 369), how often each is taken being a Poisson number (Hanley and MacGibbon, Computer Methods and Programs in
Biomedicine 83, 2006: 57). The interval is the percentile interval, widened for few clusters (the expanded percentile interval of Hesterberg,
The American Statistician 69, 2015: 371).
"""

from collections.abc import Callable, Iterable
from math import sqrt
from typing import TYPE_CHECKING

from wellspent import limits
from wellspent.rework.survival.packed import Packed, alive

if TYPE_CHECKING:
    from wellspent.rework.survival.packed import Floats

SEED = 1958
DRAWN_AT_ONCE = 2_000_000  # numbers
LEFT_OUT = 1e-6  # what a commit weighs that a draw leaves out: next to nothing, so that no stratum is ever without any
LEFT_OUT_NOISE = 1e-5  # what is left of it in a figure: an end of an interval this near to zero is zero


def resampled(packed: Packed, figure: "Callable[[Floats, Floats], Floats]", seed: int = SEED) -> "Floats":
    """The figure of each draw; the same seed over the same facts gives the same draws.

    Args:
        packed: Rows.
        figure: Shares alive (draw, cell, window) and weights (draw, cell) → figures (draw, ...).
        seed: Of chance.
    """
    import numpy as np

    random, left = np.random.default_rng(seed), limits.SURVIVAL_RESAMPLES
    step = max(1, DRAWN_AT_ONCE // max(len(packed.weight), packed.until.size))
    found = []
    while left > 0:
        taken = random.poisson(1.0, (min(step, left), packed.clusters))
        found.append(figure(*alive(packed, np.maximum(taken, LEFT_OUT))))
        left -= step
    return np.concatenate(found)


def observed(packed: Packed, figure: "Callable[[Floats, Floats], Floats]") -> "Floats":
    """The figure itself: every cluster as it is."""
    import numpy as np

    return np.asarray(figure(*alive(packed, np.ones((1, packed.clusters))))[0])


def interval(draws: "Floats", effective: float, level_percent: float) -> tuple[float, float]:
    """The interval of a figure.

    Args:
        draws: Its value in each.
        effective: How many clusters of equal size would tell as much, above 1.
        level_percent: How often such intervals are to hold the truth.
    """
    import numpy as np
    from scipy.stats import norm, t

    reach = sqrt(effective / (effective - 1)) * t.ppf(0.5 + level_percent / 200, effective - 1)
    tail = float(norm.sf(reach))
    low, high = (0.0 if abs(end) < LEFT_OUT_NOISE else float(end) for end in np.quantile(draws, (tail, 1 - tail)))
    return low, high


def farthest(effective: float, level_percent: float) -> float:
    """How large a share may be of which nothing was seen in some clusters (Clopper and Pearson, Biometrika 26, 1934: 404).

    >>> round(farthest(10, 95), 4)
    0.3085
    """
    return float(1 - (0.5 - level_percent / 200) ** (1 / effective))


def effective_size(weights: Iterable[float]) -> float:
    """How many clusters of equal size would tell as much (Kish, Survey Sampling, 1965): a thousand small ones beside a huge one are about one.

    >>> effective_size([1, 1, 1, 1]), round(effective_size([1000, 1, 1, 1]), 3)
    (4.0, 1.006)
    """
    listed = list(weights)
    squares = sum(weight * weight for weight in listed)
    return sum(listed) ** 2 / squares if squares else 0.0
