"""The product-limit curve (Kaplan and Meier, Journal of the American Statistical Association 53, 1958: 457), over weighted observations.

An observation says how long something was seen, and whether its end was seen. What still lives when the history ends is censored: it
counts among those at risk as long as it was seen, and says nothing after. So young lines neither pass as durable nor as dead.
"""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable
from math import inf
from typing import NamedTuple

from msgspec import Struct

from wellspent.facts.errors import InvalidInput
from wellspent.rework.survival.lifetime import Lifetime


class Seen(NamedTuple):
    """How long something was seen.

    Attributes:
        age_ms: At its end, or when it was last seen.
        weight: How many lines, or whatever they carry; above zero.
        died: Whether its end was seen.
    """

    age_ms: int
    weight: int
    died: bool


class Step(NamedTuple):
    """Where the curve falls.

    Attributes:
        age_ms: The age.
        at_risk: Weight that lived and was watched just before.
        died: Weight that ended at this age.
        alive: Share that lives beyond it, 0 to 1.
    """

    age_ms: int
    at_risk: int
    died: int
    alive: float


class Curve(Struct, frozen=True):
    """A survival curve.

    Attributes:
        steps: By age; before the first one everything lives.
        known_until_ms: Beyond this age nothing is known; infinite once nothing is left alive.
        ages_ms, at_risk: Every age at which something ended or was last seen, and the weight seen up to it or longer.
    """

    steps: tuple[Step, ...]
    known_until_ms: float
    ages_ms: tuple[int, ...]
    at_risk: tuple[int, ...]

    def alive(self, age_ms: int) -> float | None:
        """The share that lives beyond an age; None where nothing is known of it."""
        if age_ms > self.known_until_ms:
            return None
        position = bisect_right(self.steps, age_ms, key=lambda step: step.age_ms)
        return self.steps[position - 1].alive if position else 1.0

    def weight_at(self, age_ms: int) -> int:
        """The number at risk: the weight that was still seen at an age."""
        position = bisect_left(self.ages_ms, age_ms)
        return self.at_risk[position] if position < len(self.ages_ms) else 0


def kaplan_meier(observations: Iterable[Seen]) -> Curve:
    """The curve of some observations; of those that end at an age, all others of that age are at risk.

    >>> curve = kaplan_meier([Seen(8, 1, True), Seen(10, 1, False), Seen(27, 1, False), Seen(31, 1, True), Seen(54, 1, True)])
    >>> curve.alive(8), curve.alive(60)
    (0.8, 0.0)

    Raises:
        InvalidInput: A weight is not above zero, or an age is below it.
    """
    ended: dict[int, list[int]] = defaultdict(lambda: [0, 0])
    for age_ms, weight, died in observations:
        if weight <= 0 or age_ms < 0:
            raise InvalidInput(f"an observation of weight {weight} at the age of {age_ms} ms", fix="weights are above zero, ages zero or more")
        ended[age_ms][died] += weight
    at_risk, alive = sum(sum(counts) for counts in ended.values()), 1.0
    steps, ages, risks = [], sorted(ended), []
    for age_ms in ages:
        lost, dead = ended[age_ms]
        risks.append(at_risk)
        if dead:
            alive *= (at_risk - dead) / at_risk
            steps.append(Step(age_ms, at_risk, dead, alive))
        at_risk -= dead + lost
    known_until_ms = inf if steps and steps[-1].alive == 0 else (ages[-1] if ages else -1)
    return Curve(tuple(steps), known_until_ms, tuple(ages), tuple(risks))


def of_lines(lifetimes: Iterable[Lifetime]) -> Curve:
    """The curve of lines."""
    return kaplan_meier(Seen(each.age_ms, each.lines, each.died) for each in lifetimes)
