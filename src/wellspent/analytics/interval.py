"""The interval of a ratio over days: what a figure like cost per outcome would be, had its days fallen otherwise. Pure.

The delta method for a ratio of means over clusters (Cochran, Sampling Techniques, 1977, 2.11 and 6.3), with Student's t for few days.
"""

from collections.abc import Sequence
from math import sqrt
from statistics import NormalDist

from wellspent import limits


def ratio_interval(days: Sequence[tuple[float, float]], level_percent: float = limits.EFFECT_LEVEL_PERCENT) -> tuple[float, float] | None:
    """Low and high of total over count; None with fewer than ``limits.INTERVAL_DAYS_MIN`` days, or nothing to divide by.

    Args:
        days: A total and a count for each day; days of neither tell nothing and are left out.
    """
    told = [(total, count) for total, count in days if total or count]
    counts = sum(count for _, count in told)
    if len(told) < limits.INTERVAL_DAYS_MIN or counts <= 0:
        return None
    ratio = sum(total for total, _ in told) / counts
    spread = sum((total - ratio * count) ** 2 for total, count in told)
    error = sqrt(len(told) / (len(told) - 1) * spread) / counts
    reach = student_t(level_percent, len(told) - 1) * error
    return ratio - reach, ratio + reach


def student_t(level_percent: float, freedom: int) -> float:
    """The two-sided quantile of Student's t, by the expansion of Abramowitz and Stegun, 26.7.5: to three figures from 6 degrees of freedom on.

    >>> round(student_t(95, 9), 3), round(student_t(95, 30), 3)
    (2.262, 2.042)
    """
    z = NormalDist().inv_cdf(0.5 + level_percent / 200)
    terms = (
        (z**3 + z) / 4,
        (5 * z**5 + 16 * z**3 + 3 * z) / 96,
        (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384,
        (79 * z**9 + 776 * z**7 + 1482 * z**5 - 1920 * z**3 - 945 * z) / 92_160,
    )
    return float(z + sum(term / float(freedom) ** (power + 1) for power, term in enumerate(terms)))
