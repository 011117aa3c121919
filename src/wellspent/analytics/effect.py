"""Effect: what changed because of it, with an interval, a grade and a verdict in plain words; or "no evidence".

Effect is not allocation: that a dollar is carried by an outcome does not say that the outcome would have been missing without it. An effect
needs a comparison, and a comparison has assumptions: each ``Effect`` lists its own.
"""

from collections.abc import Callable
from enum import StrEnum
from math import isfinite
from typing import Self

import msgspec
from msgspec import Struct

from wellspent import limits
from wellspent.facts.errors import InvalidInput


class Grade(StrEnum):
    """How a figure came about, best first. ``C`` and ``D`` are grades of allocations: no comparison of arms gets them."""

    A = "A"  # randomised
    B = "B"  # controlled comparison, not randomised
    C = "C"  # linked by id
    D = "D"  # matched by a rule, or split
    NONE = "none"

    @property
    def meaning(self) -> str:
        """The grade in words, for people."""
        return {
            "A": "randomised",
            "B": "controlled comparison, not randomised",
            "C": "linked by id",
            "D": "matched or split",
            "none": "no comparison that can be trusted",
        }[self.value]

    def after(self, check: "Check") -> "Grade":
        """What is left of it once a check was looked at: a failed one costs a grade, and one without which there is no comparison costs all."""
        if check.passed is not False:
            return self
        return Grade.B if self is Grade.A and not check.decisive else Grade.NONE


class Plan(Struct, frozen=True):
    """How a comparison was set up, said before looking.

    Attributes:
        randomised: Whether chance decided which unit came into which arm.
        treated_share: The share of units that chance was to give to the treated arm, above 0 and below 1.
        planned_n: Units of both arms together at which the comparison was to end; None where nobody planned.
        units: What was assigned, in the plural: ``runs``, ``teams``, ``blocks``.
        self_reported: Whether the values are what people said of themselves (time saved): shown, never counted.
    """

    randomised: bool = False
    treated_share: float = 0.5
    planned_n: int | None = None
    units: str = "units"
    self_reported: bool = False

    def __post_init__(self) -> None:
        if not 0 < self.treated_share < 1:
            raise InvalidInput(f"treated_share is {self.treated_share}", fix="give the planned share of the treated arm, between 0 and 1")
        if self.planned_n is not None and self.planned_n < 2:
            raise InvalidInput(f"planned_n is {self.planned_n}", fix="plan at least one unit for each arm, or leave it out")


class Arm(Struct, frozen=True):
    """One side of a comparison whose units are independent of each other.

    Attributes:
        label: What people call it, e.g. the model's name.
        n: How many units it has.
        successes: How many of them succeeded; None for an arm of values.
        values: The value of each unit; None for an arm of successes.
    """

    label: str
    n: int
    successes: int | None = None
    values: tuple[float, ...] | None = None

    @classmethod
    def of_values(cls, label: str, values: tuple[float, ...]) -> Self:
        """An arm whose units have a value each."""
        return cls(label, len(values), values=values)

    def __post_init__(self) -> None:
        if self.n < 1:
            raise InvalidInput(f"the arm {self.label!r} is missing: it has no units", fix="compare two arms that both have some")
        if (self.successes is None) == (self.values is None):
            raise InvalidInput(f"the arm {self.label!r} needs either successes or values")
        if self.successes is not None and not 0 <= self.successes <= self.n:
            raise InvalidInput(f"the arm {self.label!r} has {self.successes} successes of {self.n}")
        if self.values is not None:
            if len(self.values) != self.n:
                raise InvalidInput(f"the arm {self.label!r} has {len(self.values)} values for {self.n} units")
            finite(self.label, *self.values)


class Check(Struct, frozen=True):
    """Something that would be wrong with the comparison, looked for.

    Attributes:
        name: ``sample ratio``, ``earlier trends``, ``mix of strata``.
        passed: Whether nothing was found; None where it could not be looked for.
        finding: One sentence that says so.
        p_value: Of its test, where it is one.
        decisive: Whether nothing is left of the comparison where it failed: arms that chance did not make are no controlled comparison either.
    """

    name: str
    passed: bool | None
    finding: str
    p_value: float | None = None
    decisive: bool = False


class Effect(Struct, frozen=True):
    """The difference between two arms, treated minus control.

    Attributes:
        treated, control: Labels of the arms.
        treated_n, control_n: Units in each: what was assigned, so clusters where clusters were.
        difference: Treated minus control, in ``unit``; None where the data are too few to say. Never without its interval.
        low, high: The interval that holds it.
        level_percent: How often such an interval holds the truth, e.g. 95.0.
        p_value: How often chance alone would show as much. Two-sided; the interval decides, not this.
        standard_error: Of the difference, where the method has one.
        unit: Of the difference, e.g. ``share``, ``USD per outcome``, ``%``.
        method: What was computed, and whose method it is.
        assumptions: What must be true for the figure to mean what it says, a sentence each.
        checks: What was looked for.
        grade: ``A`` randomised, ``B`` controlled comparison; lower where a check failed, none where the arms are not as chance makes them.
        verdict: The result in plain words.
        self_reported: Whether the values are what people said of themselves.
        measure: What was compared, in words, where an experiment has several effects: ``AI dollars of a run``.
    """

    treated: str
    control: str
    treated_n: int
    control_n: int
    difference: float | None
    low: float | None
    high: float | None
    level_percent: float
    p_value: float | None
    standard_error: float | None
    unit: str
    method: str
    assumptions: tuple[str, ...]
    checks: tuple[Check, ...]
    grade: Grade
    verdict: str
    self_reported: bool = False
    measure: str = ""

    def __post_init__(self) -> None:
        if len({value is None for value in (self.difference, self.low, self.high)}) > 1:
            raise InvalidInput("an effect has a difference and its interval, or neither")

    @property
    def evident(self) -> bool:
        """Whether there is evidence of a difference: the interval does not hold zero."""
        return self.low is not None and self.high is not None and (self.low > 0 or self.high < 0)

    @property
    def counts_for_roi(self) -> bool:
        """Whether a return may be reckoned with it: evident, from a comparison, and not merely said by those concerned."""
        return self.evident and self.grade in (Grade.A, Grade.B) and not self.self_reported


class Difference(Struct, frozen=True):
    """What a method found, before it is judged: an ``Effect`` without grade and verdict.

    Attributes:
        difference, low, high, p_value, standard_error: As in ``Effect``; a difference that is not finite is refused.
    """

    difference: float
    low: float
    high: float
    p_value: float
    standard_error: float | None = None


class Question(Struct, frozen=True):
    """What is asked, before anything is computed.

    Attributes:
        treated, control, treated_n, control_n, level_percent, unit, method, assumptions: As in ``Effect``.
        plan: How the comparison was set up.
    """

    treated: str
    control: str
    treated_n: int
    control_n: int
    level_percent: float
    unit: str
    method: str
    assumptions: tuple[str, ...]
    plan: Plan

    def __post_init__(self) -> None:
        if not 50 <= self.level_percent < 100:
            raise InvalidInput(f"level_percent is {self.level_percent}", fix="ask for 50 or more and less than 100, such as 95")
        if self.treated == self.control:
            raise InvalidInput(f"both arms are called {self.treated!r}", fix="give each arm its own name")


def conclude(question: Question, found: Difference | str, checks: tuple[Check, ...] = ()) -> Effect:
    """The effect: grade and verdict added.

    Args:
        question: What was asked.
        found: The difference, or why the data are too few to say one.
        checks: What was looked for besides the sample ratio, which is always looked at where chance assigned.
    """
    plan = question.plan
    if plan.randomised:
        checks = (sample_ratio(question.treated_n, question.control_n, plan), *checks)
    grade = Grade.A if plan.randomised else Grade.B
    for check in checks:
        grade = grade.after(check)
    grade = Grade.NONE if isinstance(found, str) or plan.self_reported else grade
    sentences = [_result(question, found), *(check.finding for check in checks if not check.passed), _planned(question)]
    if plan.self_reported:
        sentences.insert(0, "Self-reported, so not part of any return.")
    values = (None, None, None, None) if isinstance(found, str) else (found.difference, found.low, found.high, found.p_value)
    difference, low, high, p_value = values
    return Effect(
        treated=question.treated,
        control=question.control,
        treated_n=question.treated_n,
        control_n=question.control_n,
        difference=difference,
        low=low,
        high=high,
        level_percent=question.level_percent,
        p_value=p_value,
        standard_error=None if isinstance(found, str) else found.standard_error,
        unit=question.unit,
        method=question.method,
        assumptions=(*question.assumptions, _assigned(plan)),
        checks=checks,
        grade=grade,
        verdict=" ".join(filter(None, sentences)),
        self_reported=plan.self_reported,
    )


def attempted(question: Question, reason: str, compute: Callable[[], Effect]) -> Effect:
    """What a method finds, or why it finds nothing: a report of several effects is not to end at the first that has no data.

    Args:
        question: What is asked, for the effect that says why.
        reason: Why nothing is computed, "" for nothing.
        compute: The method; what it refuses (values that do not vary) is the reason then.
    """
    try:
        return conclude(question, reason) if reason else compute()
    except InvalidInput as error:
        return conclude(question, str(error.args[0]))


def with_check(effect: Effect, check: Check) -> Effect:
    """The effect with one more thing that was looked for: said where it did not pass, and a lower grade, or none, where it failed."""
    return msgspec.structs.replace(
        effect,
        checks=(*effect.checks, check),
        grade=effect.grade.after(check),
        verdict=effect.verdict if check.passed else f"{effect.verdict} {check.finding}",
    )


def sample_ratio(treated_n: int, control_n: int, plan: Plan) -> Check:
    """Whether the arms are as large as chance was to make them (sample ratio mismatch; Fabijan et al., KDD 2019): a chi-square test."""
    from scipy.stats import chisquare

    total = treated_n + control_n
    if not total:
        return Check("sample ratio", None, "Neither arm has any units yet.")
    expected = (total * plan.treated_share, total * (1 - plan.treated_share))
    p_value = float(chisquare((treated_n, control_n), expected).pvalue)
    sizes = f"{treated_n:,} and {control_n:,} {plan.units} where {expected[0]:,.0f} and {expected[1]:,.0f} were planned"
    if p_value < limits.EFFECT_RATIO_P_MIN:
        return Check(
            "sample ratio", False, f"The arms have {sizes}: chance alone hardly does that, so assignment or logging is broken.", p_value, True
        )
    return Check("sample ratio", True, f"The arms have {sizes}, as chance may do.", p_value)


def finite(label: str, *values: float) -> None:
    """Refuses what is not a number.

    Raises:
        InvalidInput: One of the values is NaN or infinite.
    """
    if not all(isfinite(value) for value in values):
        raise InvalidInput(f"{label!r} holds a value that is not a number", fix="leave out what is unknown: unknown is not zero")


def few_units(question: Question, minimum: int) -> str:
    """Why the arms are too small to say anything, "" where they are not."""
    for label, count in ((question.treated, question.treated_n), (question.control, question.control_n)):
        if count < minimum:
            return f"{label} has {count} of the {minimum} {question.plan.units} that a comparison needs"
    return ""


def _result(question: Question, found: Difference | str) -> str:
    if isinstance(found, str):
        return f"No evidence: {found}."
    low, high = _number(found.low, question.unit), _number(found.high, question.unit)
    sides = f"{question.level_percent:g} % interval of {question.treated} minus {question.control}: {low} to {high}"
    if found.low <= 0 <= found.high:
        return f"No evidence of a difference ({sides})."
    side = "higher" if found.difference > 0 else "lower"
    return f"{question.treated} is {_number(abs(found.difference), question.unit)} {side} than {question.control} ({sides})."


def _planned(question: Question) -> str:
    """What is to be said of looking before the end: a test looked at again and again finds a difference too often."""
    planned, reached = question.plan.planned_n, question.treated_n + question.control_n
    if planned is None:
        return "No size was planned, so looks along the way are not accounted for."
    if reached < planned:
        return f"{reached:,} of {planned:,} planned {question.plan.units} so far: do not stop on this, each early look finds a difference too easily."
    return f"The planned {planned:,} {question.plan.units} were reached."


def _assigned(plan: Plan) -> str:
    if plan.randomised:
        return f"Chance assigned the {plan.units}, and nothing but the arm differs between them."
    return f"Nobody assigned the {plan.units} by chance: whatever else differs between the arms may be the cause."


def _number(value: float, unit: str) -> str:
    if unit == "share":
        return f"{100 * value:.4g} percentage points"
    number = f"{value:,.4g}" if abs(value) < 10_000 else f"{value:,.0f}"
    return f"{number} {unit}".rstrip()
