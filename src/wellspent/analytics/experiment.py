"""What an experiment found: for each arm beside the control, its successes, its dollars, its dollars for an outcome. Pure."""

from collections.abc import Callable, Iterable, Sequence
from functools import partial

import msgspec
from msgspec import Struct

from wellspent import limits
from wellspent.analytics.arms import compare_means, compare_shares
from wellspent.analytics.clusters import Cluster, ClusteredArm, compare_clusters, compare_cost_per_outcome
from wellspent.analytics.contract import Contract
from wellspent.analytics.effect import Arm, Check, Effect, Plan, Question, attempted, few_units, with_check
from wellspent.analytics.gather import Gathered, Spending, Unit, gather
from wellspent.facts.outcome import Outcome
from wellspent.routing.experiment import STANDING, UNITS, Experiment

NANO = 1_000_000_000
ASSIGNED = "A unit counts in the arm that it was assigned to, wherever its calls went."
CHOSEN = "Nobody chooses a unit's id for the arm that it leads to."
SEEN = {
    "calls": "Units are seen by their calls, and whether a unit makes one does not hang on its arm.",
    "outcomes": "Sources say of every unit that it began, whatever its arm, and not only of those that succeeded.",
    "list": "Every listed unit counts, with or without calls and outcomes.",
}


def evaluate(
    experiment: Experiment,
    contract: Contract,
    outcomes: Iterable[Outcome],
    charges: Iterable[Spending],
    as_of_ms: int,
    *,
    level_percent: float = limits.EFFECT_LEVEL_PERCENT,
) -> tuple[Effect, ...]:
    """What the experiment found: three effects for each arm beside the control, told apart by ``Effect.measure``.

    Successes first: the share of units with an outcome that counts; for teams and customers, outcomes of each. Then dollars of a unit, then
    dollars for an outcome.

    Args:
        experiment: From ``routing.experiment_lines.experiments_of``.
        contract: The one that the experiment names: what counts as an outcome.
        outcomes: All that are known, e.g. ``OutcomeLog.outcomes()``.
        charges: Movements of money from ``experiment.from_ms`` on, e.g. ``JournalReader.charges(experiment.from_ms, as_of_ms)``.
        as_of_ms: When this is asked: what has not stood for long enough by then does not count yet.
        level_percent: Of the intervals.
    """
    return compare(experiment, gather(experiment, contract, outcomes, charges, as_of_ms), level_percent=level_percent)


def compare(experiment: Experiment, gathered: Gathered, *, level_percent: float = limits.EFFECT_LEVEL_PERCENT) -> tuple[Effect, ...]:
    """The effects of units that are gathered already."""
    others = [arm.name for arm in experiment.arms if arm.name != experiment.control]
    return tuple(effect for name in others for effect in _of_arm(experiment, gathered, name, level_percent))


class Pair(Struct, frozen=True):
    """An arm beside the control.

    Attributes:
        one: What a unit is called: ``run``.
        standing: Whether a unit has many outcomes.
    """

    treated: str
    control: str
    treated_units: tuple[Unit, ...]
    control_units: tuple[Unit, ...]
    plan: Plan
    one: str
    standing: bool
    level_percent: float

    @property
    def units(self) -> tuple[Unit, ...]:
        """Of both arms."""
        return self.treated_units + self.control_units

    def unpriced(self) -> str:
        """Why dollars are not known, "" where they are."""
        movements = sum(unit.unpriced for unit in self.units)
        return f"{movements:,} movements of money have no known price, and unknown is not zero" if movements else ""

    def clusters(self, of: Callable[[Unit], tuple[float, float]]) -> tuple[ClusteredArm, ClusteredArm]:
        """Both arms with a total and a count of each unit."""
        sides = ((self.treated, self.treated_units), (self.control, self.control_units))
        treated, control = (ClusteredArm(label, tuple(Cluster(*of(unit)) for unit in units)) for label, units in sides)
        return treated, control


def _of_arm(experiment: Experiment, gathered: Gathered, name: str, level_percent: float) -> tuple[Effect, ...]:
    plan, standing = _plan(experiment, name), experiment.unit in STANDING
    sides = gathered.of(name), gathered.of(experiment.control)
    pair = Pair(name, experiment.control, *sides, plan, experiment.unit, standing, level_percent)
    effects = (_successes(pair, _only_successes(experiment, pair)), _dollars(pair), _cost_per_outcome(pair))
    return tuple(_with_told(effect, experiment, gathered, pair) for effect in effects)


def _plan(experiment: Experiment, treated: str) -> Plan:
    """How two arms were set up: planned sizes are those of all arms, so these two have their part of it."""
    shares = {arm.name: arm.share for arm in experiment.arms}
    both, total = shares[treated] + shares[experiment.control], sum(shares.values())
    planned_n = None if experiment.planned_n is None else max(2, round(experiment.planned_n * both / total))
    return Plan(randomised=True, treated_share=shares[treated] / both, planned_n=planned_n, units=UNITS[experiment.unit])


def _only_successes(experiment: Experiment, pair: Pair) -> str:
    if experiment.listed or experiment.seen_by == "calls" or not all(unit.outcomes for unit in pair.units):
        return ""
    return f"every {pair.one} that sources tell of succeeded, so they seem to tell of no others (have them say when one begins)"


def _successes(pair: Pair, reason: str) -> Effect:
    if pair.standing:
        compute = partial(_compare_counts, pair)
        return _asked(pair, f"outcomes of a {pair.one}", "outcomes", reason, compute)
    return _asked(pair, f"share of {pair.plan.units} with an outcome", "share", reason, partial(_compare_successes, pair))


def _compare_counts(pair: Pair) -> Effect:
    return compare_clusters(*pair.clusters(lambda unit: (unit.outcomes, 1)), pair.plan, unit="outcomes", level_percent=pair.level_percent)


def _compare_successes(pair: Pair) -> Effect:
    treated, control = (
        Arm(label, len(units), successes=sum(unit.outcomes > 0 for unit in units))
        for label, units in ((pair.treated, pair.treated_units), (pair.control, pair.control_units))
    )
    return compare_shares(treated, control, pair.plan, level_percent=pair.level_percent)


def _dollars(pair: Pair) -> Effect:
    unit = f"USD per {pair.one}"
    compute = partial(_compare_clustered_dollars if pair.standing else _compare_dollars, pair, unit)
    return _asked(pair, f"AI dollars of a {pair.one}", unit, pair.unpriced(), compute)


def _compare_dollars(pair: Pair, unit: str) -> Effect:
    treated, control = (
        Arm.of_values(label, tuple(each.nanousd / NANO for each in units))
        for label, units in ((pair.treated, pair.treated_units), (pair.control, pair.control_units))
    )
    return compare_means(treated, control, pair.plan, unit=unit, level_percent=pair.level_percent)


def _compare_clustered_dollars(pair: Pair, unit: str) -> Effect:
    """Few and large units: the floor of clusters holds for them."""
    return compare_clusters(*pair.clusters(lambda each: (each.nanousd / NANO, 1)), pair.plan, unit=unit, level_percent=pair.level_percent)


def _cost_per_outcome(pair: Pair) -> Effect:
    def compute() -> Effect:
        arms = pair.clusters(lambda unit: (unit.nanousd / NANO, unit.outcomes))
        return compare_cost_per_outcome(*arms, pair.plan, level_percent=pair.level_percent)

    return _asked(pair, "AI dollars for an outcome", "USD per outcome", pair.unpriced(), compute)


def _asked(pair: Pair, measure: str, unit: str, reason: str, compute: Callable[[], Effect]) -> Effect:
    """An effect by its method; where there is a reason against it, or its values do not vary, one that says so."""
    sizes = len(pair.treated_units), len(pair.control_units)
    question = Question(pair.treated, pair.control, *sizes, pair.level_percent, unit, "nothing was computed", (), pair.plan)
    if not min(sizes):
        reason = few_units(question, limits.EFFECT_CLUSTERS_MIN if pair.standing else limits.EFFECT_UNITS_MIN)
    return msgspec.structs.replace(attempted(question, reason, compute), measure=measure)


def _with_told(effect: Effect, experiment: Experiment, gathered: Gathered, pair: Pair) -> Effect:
    """An effect with what this experiment rests on, and what was seen in it."""
    seen = SEEN["list" if experiment.listed else experiment.seen_by]
    effect = msgspec.structs.replace(effect, assumptions=(*effect.assumptions, ASSIGNED, CHOSEN, seen))
    for check in _checks(experiment, gathered, pair):
        effect = with_check(effect, check)
    return effect


def _checks(experiment: Experiment, gathered: Gathered, pair: Pair) -> Sequence[Check]:
    """What is told, and does not lower the grade: units count where they were assigned all the same."""
    found = []
    strayed = sum(unit.strayed for unit in pair.units)
    if strayed:
        told = f"Calls of {strayed:,} {pair.plan.units} show another arm than theirs, as after a change of arms or shares."
        found.append(Check("one arm each", None, told))
    if gathered.shared:
        found.append(Check("outcomes of one arm", None, f"{gathered.shared:,} outcomes name {pair.plan.units} of several arms, and are shared."))
    held_out = {arm.name for arm in experiment.arms if arm.holdout}
    spending = sum(unit.arm in held_out and unit.nanousd > 0 for unit in pair.units)
    if spending:
        found.append(Check("holdout", None, f"{spending:,} {pair.plan.units} of the holdout spent money on AI all the same."))
    return found
