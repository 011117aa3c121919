"""Two arms whose units are independent: shares (Newcombe) and means (Welch)."""

from collections.abc import Sequence
from statistics import fmean, variance

from wellspent import limits
from wellspent.analytics.effect import Arm, Check, Difference, Effect, Plan, Question, conclude, few_units
from wellspent.facts.errors import InvalidInput

INDEPENDENT = "Units are independent: none is in both arms, and none changes another's result."


def compare_shares(
    treated: Arm,
    control: Arm,
    plan: Plan | None = None,
    *,
    strata: Sequence[tuple[Arm, Arm]] = (),
    level_percent: float = limits.EFFECT_LEVEL_PERCENT,
) -> Effect:
    """The difference between two shares, as shares of 1: 56 of 70 minus 48 of 80 is 0.2, 0.0524 to 0.3339.

    The interval is Newcombe's hybrid of two Wilson intervals without continuity correction (Newcombe, Statistics in Medicine 17, 1998: 873,
    method 10); the p-value is of Pearson's chi-square test.

    Args:
        treated: An arm of successes.
        control: The other one.
        plan: How the comparison was set up; not randomised where it is not said.
        strata: The same two arms, split by what may matter (size of the task, team): looked through for a reversal.
        level_percent: Of the interval.

    Raises:
        InvalidInput: An arm has values in place of successes, or the strata do not add up to the arms.
    """
    plan = plan or Plan()
    question = Question(
        treated.label,
        control.label,
        treated.n,
        control.n,
        level_percent,
        "share",
        "difference of two shares, Newcombe's hybrid score interval (1998, method 10); chi-square test",
        (INDEPENDENT, "Each unit of an arm has the same chance of success."),
        plan,
    )
    few = few_units(question, limits.EFFECT_UNITS_MIN)
    checks = (_mix(treated, control, strata),) if strata else ()
    return conclude(question, few or _newcombe(treated, control, level_percent), checks)


def compare_means(
    treated: Arm, control: Arm, plan: Plan | None = None, *, unit: str = "", level_percent: float = limits.EFFECT_LEVEL_PERCENT
) -> Effect:
    """The difference between two means by Welch's t (Welch, Biometrika 34, 1947: 28), which does not need equal variances.

    Raises:
        InvalidInput: An arm has successes in place of values, or no value differs from another, so that there is no interval.
    """
    if treated.values is None or control.values is None:
        raise InvalidInput("means are compared between arms of values", fix="use compare_shares for successes")
    question = Question(
        treated.label,
        control.label,
        treated.n,
        control.n,
        level_percent,
        unit,
        "difference of two means, Welch's t interval (1947)",
        (INDEPENDENT, "Means are near enough to normal: many units, or values without a long tail."),
        plan or Plan(),
    )
    few = few_units(question, limits.EFFECT_UNITS_MIN)
    return conclude(question, few or welch(*_moments(treated.values), *_moments(control.values), level_percent))


def welch(
    treated: float, treated_variance: float, treated_n: int, control: float, control_variance: float, control_n: int, level_percent: float
) -> Difference:
    """A difference of two estimates with their own variances, degrees of freedom by Welch and Satterthwaite.

    Args:
        treated: Its estimate.
        treated_variance: Of the estimate, not of the values: for a mean, s²/n.
        treated_n: Independent units behind it, 2 or more.
        control: As for treated.
        control_variance: As for treated.
        control_n: As for treated.
        level_percent: Of the interval.

    Raises:
        InvalidInput: Neither estimate varies.
    """
    from scipy.stats import t

    total = treated_variance + control_variance
    if total <= 0:
        raise InvalidInput("all values of each arm are equal, so nothing says how far chance moves them", fix="compare something that varies")
    freedom = total**2 / (treated_variance**2 / (treated_n - 1) + control_variance**2 / (control_n - 1))
    difference, error = treated - control, total**0.5
    reach = float(t.ppf(0.5 + level_percent / 200, freedom)) * error
    return Difference(difference, difference - reach, difference + reach, float(2 * t.sf(abs(difference) / error, freedom)), error)


def _moments(values: tuple[float, ...]) -> tuple[float, float, int]:
    """Mean, variance of the mean, and how many."""
    return fmean(values), variance(values) / len(values), len(values)


def _newcombe(treated: Arm, control: Arm, level_percent: float) -> Difference:
    from scipy.stats import chi2_contingency
    from statsmodels.stats.proportion import confint_proportions_2indep

    one, two = _successes(treated), _successes(control)
    low, high = confint_proportions_2indep(one, treated.n, two, control.n, compare="diff", method="newcomb", alpha=1 - level_percent / 100)
    low, high = max(low, -1.0), min(high, 1.0)  # no share differs by more; rounding may say so
    varies = 0 < one + two < treated.n + control.n
    p_value = chi2_contingency(((one, treated.n - one), (two, control.n - two)), correction=False).pvalue if varies else 1.0
    return Difference(one / treated.n - two / control.n, float(low), float(high), float(p_value))


def _successes(arm: Arm) -> int:
    if arm.successes is None:
        raise InvalidInput("shares are compared between arms of successes", fix="use compare_means for values")
    return arm.successes


def _mix(treated: Arm, control: Arm, strata: Sequence[tuple[Arm, Arm]]) -> Check:
    """Whether the difference keeps its side once like is compared with like (Simpson 1951); strata weigh as in Mantel and Haenszel (1959)."""
    for whole, parts in ((treated, [pair[0] for pair in strata]), (control, [pair[1] for pair in strata])):
        if (sum(part.n for part in parts), sum(map(_successes, parts))) != (whole.n, _successes(whole)):
            raise InvalidInput(f"the strata of {whole.label!r} do not add up to it", fix="give every unit one stratum")
    overall = _successes(treated) / treated.n - _successes(control) / control.n
    weights = [one.n * two.n / (one.n + two.n) for one, two in strata]
    differences = [_successes(one) / one.n - _successes(two) / two.n for one, two in strata]
    within = sum(weight * difference for weight, difference in zip(weights, differences)) / sum(weights)
    if overall * within < 0:
        finding = f"Like compared with like, the difference is {within:+.3f} in place of {overall:+.3f}: the arms hold different mixes."
        return Check("mix of strata", False, finding)
    return Check("mix of strata", True, f"Like compared with like, the difference is {within:+.3f}, on the same side.")
