"""Before a test: how small a difference it could find, and how many units it takes. Two-sided, 80 % of the time where nothing else is said."""

from math import ceil

from wellspent import limits
from wellspent.facts.errors import InvalidInput


def detectable_difference_of_means(
    standard_deviation: float,
    treated_n: int,
    control_n: int,
    *,
    power_percent: float = limits.EFFECT_POWER_PERCENT,
    level_percent: float = limits.EFFECT_LEVEL_PERCENT,
) -> float:
    """The smallest difference of means that a t-test finds so often: 64 units in each arm find half a standard deviation (Cohen 1988, 2.4).

    Args:
        standard_deviation: Of a unit's value, above zero; from data before the test.
        treated_n: Units of the treated arm, 2 or more. Where clusters are assigned, divide by ``design_effect``.
        control_n: Units of the control.
        power_percent: How often a difference of that size is to be found.
        level_percent: Of the interval that is to leave out zero.
    """
    from statsmodels.stats.power import TTestIndPower

    _asked(power_percent, level_percent)
    if not standard_deviation > 0 or min(treated_n, control_n) < 2:
        raise InvalidInput("a detectable difference needs a standard deviation above zero and two units in each arm")
    solved = TTestIndPower().solve_power(
        nobs1=treated_n, ratio=control_n / treated_n, alpha=1 - level_percent / 100, power=power_percent / 100, alternative="two-sided"
    )
    return float(solved) * standard_deviation


def detectable_share(
    control_share: float, n: int, *, power_percent: float = limits.EFFECT_POWER_PERCENT, level_percent: float = limits.EFFECT_LEVEL_PERCENT
) -> float | None:
    """The smallest share above the control's that is found so often with ``n`` units in each arm; None where even all of them would be missed.

    For a share below, ask for the failures: ``1 - detectable_share(1 - control_share, n)``. Formula as in ``n_for_shares``: with 50 units in
    each arm and 90 % power, 0.5 can be told from 0.8026.
    """
    from scipy.optimize import brentq

    _asked(power_percent, level_percent)
    if not 0 < control_share < 1 or n < 2:
        raise InvalidInput("a detectable share needs a control's share between 0 and 1 and two units in each arm")

    def missing(share: float) -> float:
        return _n_for_shares(control_share, share, power_percent, level_percent) - n

    nearest = control_share + (1 - control_share) * limits.EFFECT_NOISE_MIN
    return None if missing(1.0) > 0 else float(brentq(missing, nearest, 1.0))


def n_for_means(
    difference: float,
    standard_deviation: float,
    *,
    power_percent: float = limits.EFFECT_POWER_PERCENT,
    level_percent: float = limits.EFFECT_LEVEL_PERCENT,
) -> int:
    """Units in each of two equal arms to find a difference of means: half a standard deviation takes 64 (Cohen 1988)."""
    from statsmodels.stats.power import TTestIndPower

    _asked(power_percent, level_percent)
    if not difference or not standard_deviation > 0:
        raise InvalidInput("a number of units needs a difference and a standard deviation above zero")
    size = abs(difference) / standard_deviation
    solved = TTestIndPower().solve_power(size, alpha=1 - level_percent / 100, power=power_percent / 100, ratio=1, alternative="two-sided")
    return ceil(float(solved))


def n_for_shares(
    treated_share: float,
    control_share: float,
    *,
    power_percent: float = limits.EFFECT_POWER_PERCENT,
    level_percent: float = limits.EFFECT_LEVEL_PERCENT,
) -> int:
    """Units in each of two equal arms to tell two shares apart, without continuity correction (Fleiss, Statistical Methods for Rates and
    Proportions, 1981, 3.2): 0.75 from 0.5 with 90 % power takes 77.
    """
    _asked(power_percent, level_percent)
    if not (0 <= treated_share <= 1 and 0 <= control_share <= 1) or treated_share == control_share:
        raise InvalidInput("a number of units needs two different shares between 0 and 1")
    return ceil(_n_for_shares(control_share, treated_share, power_percent, level_percent))


def design_effect(cluster_size: float, intracluster_correlation: float, *, size_variation: float = 0.0) -> float:
    """How many times more units it takes where clusters are assigned (Kish 1965; with uneven sizes Eldridge et al. 2006).

    Args:
        cluster_size: Mean number of units in a cluster, 1 or more.
        intracluster_correlation: How alike units of a cluster are, 0 to 1.
        size_variation: Standard deviation of cluster sizes over their mean.
    """
    if not cluster_size >= 1 or not 0 <= intracluster_correlation <= 1 or not size_variation >= 0:
        raise InvalidInput("a design effect needs clusters of at least one unit, a correlation between 0 and 1 and a variation of at least 0")
    return 1 + ((size_variation**2 + 1) * cluster_size - 1) * intracluster_correlation


def _n_for_shares(one: float, two: float, power_percent: float, level_percent: float) -> float:
    from scipy.stats import norm

    middle = (one + two) / 2
    under_none = float(norm.ppf(0.5 + level_percent / 200)) * (2 * middle * (1 - middle)) ** 0.5
    under_some = float(norm.ppf(power_percent / 100)) * (one * (1 - one) + two * (1 - two)) ** 0.5
    return float(((under_none + under_some) / (one - two)) ** 2)


def _asked(power_percent: float, level_percent: float) -> None:
    if not 50 <= level_percent < 100 or not 50 <= power_percent < 100:
        raise InvalidInput("level_percent and power_percent are 50 or more and less than 100", fix="95 and 80 are usual")
