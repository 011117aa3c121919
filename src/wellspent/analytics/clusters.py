"""Arms whose units are clusters: calls of a run, people of a team, minutes of a block. What was assigned is what counts.

An arm's figure is a ratio: the totals of its clusters over their counts. With a count of values it is their mean, with a count of outcomes
it is the cost per outcome. Its variance is by the delta method over clusters (Cochran, Sampling Techniques, 1977, 2.11 and 6.3; Deng et al.,
"Applying the Delta Method in Metric Analytics", KDD 2018), and arms are compared by Welch's t over clusters.
"""

from collections.abc import Hashable, Iterable, Sequence
from math import exp, log

from msgspec import Struct

from wellspent import limits
from wellspent.analytics.arms import welch
from wellspent.analytics.effect import Check, Difference, Effect, Plan, Question, conclude, few_units, finite
from wellspent.facts.errors import InvalidInput

CLUSTERS = "Clusters are independent of each other; inside a cluster anything goes."


class Cluster(Struct, frozen=True):
    """One unit of assignment.

    Attributes:
        total: Sum of what is measured, e.g. its dollars.
        count: What that is divided by: how many values, or how many outcomes.
    """

    total: float
    count: float


class ClusteredArm(Struct, frozen=True):
    """One side of a comparison whose units are clusters.

    Attributes:
        label: What people call it.
        clusters: Its clusters; at least one.
    """

    label: str
    clusters: tuple[Cluster, ...]

    def __post_init__(self) -> None:
        if not self.clusters:
            raise InvalidInput(f"the arm {self.label!r} is missing: it has no clusters", fix="compare two arms that both have some")
        finite(self.label, *(value for cluster in self.clusters for value in (cluster.total, cluster.count)))
        if any(cluster.count < 0 for cluster in self.clusters):
            raise InvalidInput(f"the arm {self.label!r} has a cluster with a count below zero")

    @classmethod
    def of_values(cls, label: str, values: Iterable[tuple[Hashable, float]]) -> "ClusteredArm":
        """An arm of ``(cluster, value)`` pairs, e.g. a run's id and what one of its calls took."""
        sums: dict[Hashable, tuple[float, int]] = {}
        for name, value in values:
            total, count = sums.get(name, (0.0, 0))
            sums[name] = (total + value, count + 1)
        return cls(label, tuple(Cluster(total, count) for total, count in sums.values()))

    @property
    def count(self) -> float:
        """Values, or outcomes, of all clusters."""
        return sum(cluster.count for cluster in self.clusters)


class Block(Struct, frozen=True):
    """A stretch of time in which everything went to one arm.

    Attributes:
        treated: Which arm it was.
        readings: ``(elapsed_ms, value)`` pairs: how long after the block's start, and what was seen.
    """

    treated: bool
    readings: tuple[tuple[int, float], ...]


def compare_clusters(
    treated: ClusteredArm, control: ClusteredArm, plan: Plan | None = None, *, unit: str = "", level_percent: float = limits.EFFECT_LEVEL_PERCENT
) -> Effect:
    """The difference between two means where whole clusters were assigned: the mean of all values, the variance between clusters.

    Raises:
        InvalidInput: No cluster differs from another, so that there is no interval.
    """
    method = "difference of two means, cluster-robust (delta method over clusters), Welch's t"
    few = _few_counts(treated, control, "values", 1)
    return _compared(treated, control, plan or Plan(), unit, level_percent, method, (CLUSTERS,), few)


def compare_cost_per_outcome(
    treated: ClusteredArm,
    control: ClusteredArm,
    plan: Plan | None = None,
    *,
    unit: str = "USD per outcome",
    relative: bool = False,
    level_percent: float = limits.EFFECT_LEVEL_PERCENT,
) -> Effect:
    """The difference between what an outcome costs in one arm and in the other: all cost over all outcomes, failed attempts included.

    Args:
        treated: Clusters of dollars and outcomes; a cluster without an outcome still costs.
        control: The other ones.
        plan: How the comparison was set up.
        unit: Of the difference, where it is not relative.
        relative: In percent of the control's cost per outcome, by the delta method on the logarithm, in place of dollars.
        level_percent: Of the interval.

    Raises:
        InvalidInput: Nothing differs, or a relative difference is asked of an arm that cost nothing.
    """
    method = "difference of cost per outcome, delta method over clusters, Welch's t" + (" on the logarithm of their ratio" if relative else "")
    assumptions = (CLUSTERS, "An outcome of one arm is worth as much as one of the other.", "Costs and outcomes of a cluster are all known.")
    few = _few_counts(treated, control, "outcomes", limits.EFFECT_OUTCOMES_MIN)
    return _compared(treated, control, plan or Plan(), "%" if relative else unit, level_percent, method, assumptions, few, relative)


def compare_switchback(
    blocks: Sequence[Block],
    washout_ms: int,
    plan: Plan | None = None,
    *,
    treated: str = "on",
    control: str = "off",
    unit: str = "",
    level_percent: float = limits.EFFECT_LEVEL_PERCENT,
) -> Effect:
    """The difference between blocks that were on and blocks that were off; a block is a cluster.

    Args:
        blocks: All of them, of one queue or many.
        washout_ms: What a block leaves behind lasts so long into the next: readings before are left out, of every block alike.
        plan: How blocks were assigned.
        treated: Label of blocks that were on.
        control: Label of the others.
        unit: Of the difference.
        level_percent: Of the interval.

    Raises:
        InvalidInput: Washout is below zero, or leaves an arm without readings.
    """
    if washout_ms < 0:
        raise InvalidInput(f"washout_ms is {washout_ms}", fix="give 0 or more")
    kept = [(block.treated, number, value) for number, block in enumerate(blocks) for elapsed, value in block.readings if elapsed >= washout_ms]
    arms = [
        ClusteredArm.of_values(label, ((number, value) for on, number, value in kept if on is side))
        for side, label in ((True, treated), (False, control))
    ]
    method = f"switchback: difference of two means, blocks as clusters, the first {washout_ms:,} ms of each left out, Welch's t"
    carried = f"Nothing carries over from a block into the next for longer than {washout_ms:,} ms."
    return _compared(arms[0], arms[1], plan or Plan(units="blocks"), unit, level_percent, method, (CLUSTERS, carried))


def ratio_of(arm: ClusteredArm) -> tuple[float, float, int]:
    """An arm's ratio, the variance of that ratio, and how many clusters: 252 over 273 in 12 clusters is 0.9231, variance 0.0011."""
    n, count = len(arm.clusters), arm.count
    ratio = sum(cluster.total for cluster in arm.clusters) / count
    squares = sum((cluster.total - ratio * cluster.count) ** 2 for cluster in arm.clusters)
    return ratio, squares * n / (n - 1) / count**2, n


def _compared(
    treated: ClusteredArm,
    control: ClusteredArm,
    plan: Plan,
    unit: str,
    level_percent: float,
    method: str,
    assumptions: tuple[str, ...],
    few: str = "",
    relative: bool = False,
) -> Effect:
    sizes = len(treated.clusters), len(control.clusters)
    question = Question(treated.label, control.label, *sizes, level_percent, unit, method, assumptions, plan)
    few = few_units(question, limits.EFFECT_CLUSTERS_MIN) or few
    checks = () if few or min(sizes) >= limits.EFFECT_CLUSTERS_FEW else (_few_clusters(min(sizes), plan),)
    return conclude(question, few or _difference(ratio_of(treated), ratio_of(control), level_percent, relative), checks)


def _difference(treated: tuple[float, float, int], control: tuple[float, float, int], level_percent: float, relative: bool) -> Difference:
    if not relative:
        return welch(*treated, *control, level_percent)
    if min(treated[0], control[0]) <= 0:
        raise InvalidInput("an arm cost nothing, so there is no percentage of it", fix="ask for the difference in dollars")
    logs = [(log(ratio), variance / ratio**2, n) for ratio, variance, n in (treated, control)]
    found = welch(*logs[0], *logs[1], level_percent)
    estimate, low, high = (100 * (exp(value) - 1) for value in (found.difference, found.low, found.high))
    return Difference(estimate, low, high, found.p_value)


def _few_counts(treated: ClusteredArm, control: ClusteredArm, what: str, minimum: int) -> str:
    for arm in (treated, control):
        if arm.count < minimum:
            return f"{arm.label} has {arm.count:g} of the {minimum} {what} that a comparison needs"
    return ""


def _few_clusters(smallest: int, plan: Plan) -> Check:
    finding = f"An arm has only {smallest} {plan.units}: intervals over so few are rough, and more values in each do not help."
    return Check("few clusters", None, finding)
