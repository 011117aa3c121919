"""What the target and the evidence suggest, in words. Pure. A suggestion decides nothing: people do."""

from collections.abc import Sequence
from typing import Literal

from msgspec import Struct

from wellspent import limits
from wellspent.analytics.bought import Bought, Each, Spending, poisson_range
from wellspent.analytics.effect import Effect, Grade
from wellspent.facts.money import format_usd

MORE_MAX = 100  # a target so near that it takes this many times the outcomes to tell is called too near


class Suggestion(Struct, frozen=True):
    """What the evidence says of the target.

    Attributes:
        choice: "" where it says nothing yet.
        text: In words, with the figures it rests on.
    """

    choice: Literal["", "scale", "stop or change"]
    text: str


def by_cost(target_nanousd: int, kind: str, spending: Spending, bought: Bought, each: Each | None) -> Suggestion:
    """Hold the cost of an outcome against what it may cost at most.

    $61 for each of 120 outcomes is $51 to $73 by chance alone: above $40, so stop or change; against $60 it would be too close to say.
    """
    target = format_usd(target_nanousd)
    if spending.nanousd > target_nanousd * _most(bought):
        return Suggestion("stop or change", f"{_told(kind, spending, bought, each)}, against a target of {target}: stop or change")
    if each is None or bought.counted < limits.EFFECT_OUTCOMES_MIN:
        more = limits.EFFECT_OUTCOMES_MIN - bought.counted
        return Suggestion("", f"no evidence yet: {more:,} more outcomes ({kind}) are needed before the cost of one can be told")
    told = f"{_told(kind, spending, bought, each)}, against a target of {target}"
    if each.high_nanousd > target_nanousd:
        sides = f"{format_usd(each.low_nanousd)} to {format_usd(each.high_nanousd)} by chance alone"
        waiting = f", and {bought.pending:,} are pending" if bought.pending else ""
        return Suggestion("", f"too close to say: {told} ({sides}{waiting}){_more_outcomes(target_nanousd, bought, each)}")
    if spending.unpriced_calls:
        return Suggestion("", f"not known: {told}, but {spending.unpriced_calls:,} calls have no known price")
    return Suggestion("scale", f"the evidence says scale: {told}")


def by_effect(target: float, unit: str, experiment: str, effects: Sequence[Effect], planned_units: int | None, problem: str = "") -> Suggestion:
    """Hold what an experiment or comparison found against the difference that was hoped for.

    Args:
        target: Above zero, the least that the difference is to be; below zero, the most.
        planned_units: At how many units it was to end: what is seen before is no evidence yet.
        problem: Why nothing can be known of it.
    """
    found = [effect for effect in effects if effect.unit == unit]
    if problem:
        return Suggestion("", f"no evidence yet: {problem}")
    if not found:
        others = ", ".join(dict.fromkeys(effect.unit for effect in effects))
        return Suggestion("", f"no evidence yet: {experiment} has no figure in {unit}" + (f", only in {others}" if others else ""))
    if len(found) > 1:
        return Suggestion("", f"{experiment} compares {len(found):,} arms in {unit}, so people have to say which one is meant")
    effect = found[0]
    missing = (planned_units or 0) - effect.treated_n - effect.control_n
    if missing > 0:
        return Suggestion("", f"no evidence yet: {missing:,} more units are needed. {effect.verdict}")
    if effect.low is None or effect.high is None or effect.self_reported or effect.grade not in (Grade.A, Grade.B):
        return Suggestion("", effect.verdict if effect.verdict.startswith("No evidence") else f"no evidence: {effect.verdict}")
    side = 1 if target > 0 else -1
    nearest, furthest = sorted((side * effect.low, side * effect.high))
    if nearest >= side * target:
        return Suggestion("scale", f"the evidence says scale: {effect.verdict} The target was {target:+g} {unit}.")
    if furthest < side * target:
        return Suggestion("stop or change", f"the target of {target:+g} {unit} is out of reach: stop or change. {effect.verdict}")
    return Suggestion("", f"not clear yet: the target of {target:+g} {unit} lies within the interval. {effect.verdict}")


def _most(bought: Bought) -> float:
    """The most that it may have brought: all that is pending counts, and chance was against it."""
    count = bought.counted + bought.waiting
    most = poisson_range(count)[1]
    return most * (bought.settled + bought.pending) / count if count else most


def _told(kind: str, spending: Spending, bought: Bought, each: Each | None) -> str:
    if each is None:
        return f"{format_usd(spending.nanousd)} is spent and nothing counts yet ({kind})"
    least = "at least " if spending.unpriced_calls else ""
    return f"one {kind} costs {least}{format_usd(each.nanousd)}, with {bought.settled:,} so far"


def _more_outcomes(target_nanousd: int, bought: Bought, each: Each) -> str:
    """How many more would tell, if they went on costing the same."""
    count = bought.counted
    while count <= MORE_MAX * bought.counted:
        low, high = poisson_range(count)
        if each.nanousd * count > target_nanousd * high or each.nanousd * count < target_nanousd * low:
            return f"; about {count - bought.counted:,} more would tell" if count > bought.counted else ""
        count += max(1, count // 20)
    return ""
