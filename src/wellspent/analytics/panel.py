"""Before and after, with a control: difference-in-differences, two periods or many."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from wellspent import limits
from wellspent.analytics.arms import welch
from wellspent.analytics.effect import Check, Difference, Effect, Plan, Question, conclude, few_units, finite
from wellspent.facts.errors import InvalidInput

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, np.dtype[np.float64]]


class Reading(Struct, frozen=True):
    """A unit's value in a period.

    Attributes:
        unit: Who: a team, a queue. Errors of one unit may hang together over time, so units are the clusters.
        period: When, as a number that grows.
        treated: Whether the unit is one that gets the treatment at the start, for all its periods alike.
        value: What was seen.
    """

    unit: str
    period: int
    treated: bool
    value: float


class Fit(Struct, frozen=True):
    """A coefficient, and what each unit moves it by.

    Attributes:
        estimate: The coefficient.
        usual_error: Its cluster-robust standard error as the field prints it (CV1): too small where one side has few units.
        treated_scores, control_scores: What each unit's residuals add to the estimate; their squares are its variance.
    """

    estimate: float
    usual_error: float
    treated_scores: tuple[float, ...]
    control_scores: tuple[float, ...]

    def difference(self, level_percent: float) -> Difference:
        """The estimate with its interval: each side's variance and degrees of freedom by its own number of units (2 or more)."""
        treated, control = (
            (sum(score**2 for score in scores) * len(scores) / (len(scores) - 1), len(scores))
            for scores in (self.treated_scores, self.control_scores)
        )
        return welch(self.estimate, *treated, 0.0, *control, level_percent)


def compare_changes(
    readings: Sequence[Reading],
    start: int,
    plan: Plan | None = None,
    *,
    treated: str = "treated",
    control: str = "control",
    unit: str = "",
    level_percent: float = limits.EFFECT_LEVEL_PERCENT,
) -> Effect:
    """How much more the treated units changed at ``start`` than the others: difference-in-differences.

    Fixed effects for units and periods, errors clustered by unit. Each side's variance is scaled, and its degrees of freedom counted, by its
    own number of units (Welch; with every unit in every period the same as Bell and McCaffrey 2002), because the usual cluster-robust error is
    too small where a side has few (Cameron and Miller, "A Practitioner's Guide to Cluster-Robust Inference", 2015). All treated units start
    together: with staggered starts this figure mixes comparisons it should not (Goodman-Bacon 2021); take each start apart.

    Args:
        readings: Of all units and periods, in any order; a unit may have several in a period.
        start: The first period with treatment.
        plan: How units came to be treated.
        treated: Label of the treated units together.
        control: Label of the others.
        unit: Of the difference.
        level_percent: Of the interval.

    Raises:
        InvalidInput: A side has no readings before or after, a unit is on both sides, or nothing varies.
    """
    plan = plan or Plan()
    sides = _sides(readings, start)
    sizes = sum(sides.values()), len(sides) - sum(sides.values())
    question = Question(
        treated,
        control,
        *sizes,
        level_percent,
        unit,
        "difference-in-differences, fixed effects of units and periods, errors clustered by unit, Welch's t",
        (
            "Without the treatment both sides would have changed alike (parallel trends).",
            "All treated units start in the same period, and none acts before it.",
            "The control is not touched by the treatment.",
        ),
        plan,
    )
    few = few_units(question, limits.EFFECT_CLUSTERS_MIN)
    checks = (earlier_trends(readings, start),)
    return conclude(question, few or fixed_effects(readings, start).difference(level_percent), checks)


def fixed_effects(readings: Sequence[Reading], start: int) -> Fit:
    """The estimate behind ``compare_changes``, without its floors: not to be shown as it is."""
    return _fit(readings, [float(reading.treated and reading.period >= start) for reading in readings])


def earlier_trends(readings: Sequence[Reading], start: int) -> Check:
    """Whether the sides already drifted apart before the start: a slope of their difference over the earlier periods.

    That nothing was found does not prove that trends are parallel (Roth, "Pretest with Caution", 2022).
    """
    name = "earlier trends"
    earlier = [reading for reading in readings if reading.period < start]
    if len({reading.period for reading in earlier}) < 2:
        return Check(name, None, "There is only one earlier period, so nothing tells whether both sides moved alike before.")
    units = {reading.unit for reading in earlier}
    if min(len(units & {reading.unit for reading in earlier if reading.treated is side}) for side in (True, False)) < limits.EFFECT_CLUSTERS_MIN:
        return Check(name, None, "There are too few units to tell whether both sides moved alike before.")
    try:
        found = _fit(earlier, [float(reading.treated * reading.period) for reading in earlier]).difference(limits.EFFECT_LEVEL_PERCENT)
    except InvalidInput:
        return Check(name, None, "Earlier readings do not tell whether both sides moved alike before.")
    slope = f"{found.difference:.4g} a period ({found.low:.4g} to {found.high:.4g})"
    if found.p_value < limits.EFFECT_TREND_P_MIN:
        return Check(name, False, f"The sides drifted apart before the start, by {slope}: this is not the treatment's doing alone.", found.p_value)
    return Check(name, True, f"Before the start the sides drifted apart by {slope}, which chance may do.", found.p_value)


def _sides(readings: Sequence[Reading], start: int) -> dict[str, bool]:
    """Each unit's side, where all four cells have readings."""
    sides: dict[str, bool] = {}
    for reading in readings:
        finite(reading.unit, reading.value)
        if sides.setdefault(reading.unit, reading.treated) != reading.treated:
            raise InvalidInput(f"the unit {reading.unit!r} is on both sides", fix="say of each unit whether it is treated at the start")
    for side in (True, False):
        for after in (True, False):
            if not any(reading.treated is side and (reading.period >= start) is after for reading in readings):
                name, when = "treated" if side else "control", "after" if after else "before"
                raise InvalidInput(f"no {name} unit has a reading {when} the start", fix="give both sides, before and after")
    return sides


def _fit(readings: Sequence[Reading], regressor: list[float]) -> Fit:
    """The coefficient of a regressor beside effects of units and periods.

    Values are taken less their unit's mean: effects of units, nested in the clusters, do not count as parameters.
    """
    import numpy as np
    import statsmodels.api as sm

    names, groups = np.unique([reading.unit for reading in readings], return_inverse=True)
    periods = sorted({reading.period for reading in readings})[1:]
    columns = [[float(reading.period == period) for reading in readings] for period in periods]
    values = _within(np.array([[reading.value for reading in readings], *columns, regressor], dtype=float).T, groups, len(names))
    outcome, others, own = values[:, 0], values[:, 1:-1], values[:, -1]
    alone = own - others @ np.linalg.lstsq(others, own, rcond=None)[0]
    weight = float(alone @ alone)
    if weight <= limits.EFFECT_NOISE_MIN * float(own @ own):
        raise InvalidInput("the treatment cannot be told from the periods", fix="give readings of both sides in the same periods")
    model = sm.OLS(outcome, values[:, 1:]).fit(cov_type="cluster", cov_kwds={"groups": groups, "use_correction": True}, use_t=True)
    scores = np.bincount(groups, alone * model.resid, minlength=len(names)) / weight
    if float(np.abs(scores).max()) <= limits.EFFECT_NOISE_MIN * max(1.0, float(np.abs(outcome).max())):
        raise InvalidInput("all units of a side change alike, so nothing says how far chance moves them", fix="compare something that varies")
    treated = {reading.unit for reading in readings if reading.treated}
    sides = [tuple(float(score) for name, score in zip(names, scores) if (name in treated) is side) for side in (True, False)]
    return Fit(float(model.params[-1]), float(model.bse[-1]), *sides)


def _within(values: "Array", groups: "np.ndarray[Any, np.dtype[np.intp]]", count: int) -> "Array":
    """Each column less its unit's mean."""
    import numpy as np

    sizes = np.bincount(groups, minlength=count)
    means = np.stack([np.bincount(groups, column, minlength=count) / sizes for column in values.T], axis=1)
    return np.asarray(values - means[groups])
