"""Initiatives: where a pilot stands: what it cost, what it brought, how surely that is known, and what that suggests. Pure.

A suggestion follows from the target that was set and the evidence that is there, in words; people decide. There is no number that adds up both.
"""

from collections.abc import Sequence

from msgspec import Struct

from wellspent.analytics.bought import Bought, Each, Spending, each_of, words
from wellspent.analytics.contract import Contract
from wellspent.analytics.effect import Effect, Grade
from wellspent.analytics.suggest import Suggestion, by_cost, by_effect
from wellspent.facts.initiative import Initiative
from wellspent.facts.money import format_usd, parse_usd

DAY_MS = 86_400_000


class Finding(Struct, frozen=True):
    """One piece of evidence.

    Attributes:
        says: What it is, in a sentence.
        rule: How it came about, so that it can be checked.
    """

    grade: Grade
    says: str
    rule: str


class Standing(Struct, frozen=True):
    """Where an initiative stands.

    Attributes:
        limit_nanousd: What its budget allows in all; None where it has none.
        bought: None where its contract is not in the configuration: unknown, not zero.
        each: None where nothing counts yet.
        before_nanousd: What an outcome cost before there was AI, by its contract; None where that is not said.
        evidence: Best first; its grade is the first one's.
        days_left: Whole days until a decision is late, below zero when it is; None once decided.
    """

    initiative: Initiative
    spending: Spending
    limit_nanousd: int | None
    bought: Bought | None
    each: Each | None
    before_nanousd: int | None
    evidence: tuple[Finding, ...]
    suggestion: Suggestion
    days_left: int | None

    @property
    def overdue(self) -> bool:
        """Whether the day to decide has passed without a decision."""
        return self.days_left is not None and self.days_left < 0

    @property
    def used_percent(self) -> float | None:
        """Of its budget; None where it has none."""
        return 100 * self.spending.nanousd / self.limit_nanousd if self.limit_nanousd else None

    @property
    def grade(self) -> Grade:
        """How surely it is known what it brought."""
        return self.evidence[0].grade if self.evidence else Grade.NONE


class Known(Struct, frozen=True):
    """What is known beside spending and outcomes.

    Attributes:
        contract: None where the configuration has none of that name.
        limit_nanousd: Its budget's limit; None for none.
        effects: What its experiment or comparison found.
        planned_units: At how many units that was to end; None where nobody planned.
        problem: Why nothing can be known of it; "" where something can.
    """

    contract: Contract | None
    limit_nanousd: int | None = None
    effects: tuple[Effect, ...] = ()
    planned_units: int | None = None
    problem: str = ""


def standing(initiative: Initiative, spending: Spending, bought: Bought | None, known: Known, now_ms: int, timezone: str) -> Standing:
    """Where an initiative stands at a moment.

    Args:
        bought: The outcomes that are its own; None where its contract is not known.
    """
    contract = known.contract
    each = each_of(spending.nanousd, bought) if bought else None
    baseline = contract.baseline if contract else None
    findings = [*map(_found, known.effects), *_allocated(initiative, contract, spending, bought, each), *_unfound(initiative, known)]
    return Standing(
        initiative=initiative,
        spending=spending,
        limit_nanousd=known.limit_nanousd,
        bought=bought,
        each=each,
        before_nanousd=parse_usd(baseline.cost_usd) if baseline and baseline.cost_usd else None,
        evidence=tuple(sorted(findings, key=lambda finding: list(Grade).index(finding.grade))),
        suggestion=_suggestion(initiative, spending, bought, each, known, now_ms, timezone),
        days_left=None if initiative.decision else (initiative.due_ms(timezone) - 1 - now_ms) // DAY_MS,
    )


def _found(effect: Effect) -> Finding:
    says = f"{effect.measure}: {effect.verdict}" if effect.measure else effect.verdict
    sides = f"{effect.treated} ({effect.treated_n:,}) against {effect.control} ({effect.control_n:,}), in {effect.unit}"
    return Finding(effect.grade, says, f"{sides}: {effect.method}")


def _allocated(initiative: Initiative, contract: Contract | None, spending: Spending, bought: Bought | None, each: Each | None) -> Sequence[Finding]:
    """The cost of an outcome as evidence: as sure as the least sure of the outcomes in it."""
    if contract is None or bought is None or each is None:
        return ()
    grade = Grade.C if bought.linked == bought.settled else Grade.D
    least = "at least " if spending.unpriced_calls else ""
    says = f"{least}{format_usd(each.nanousd)} for each of {bought.settled:,} ({words(contract.kind)}); {bought.linked:,} of them are linked by id"
    found = [f"{bought.linked:,} share an id with a call of {initiative.scope}"]
    found += [f"{bought.named:,} are said by their source to be of {initiative.scope}"] if bought.named else []
    found += [f"{bought.ruled:,} by the rule of contract {contract.name} (match)"] if bought.ruled else []
    spent = f"{format_usd(spending.nanousd)} that {initiative.scope} spent since {initiative.begins_on}, over {bought.settled:,} outcomes"
    return (Finding(grade, says, f"{spent}: {'; '.join(found)}"),)


def _unfound(initiative: Initiative, known: Known) -> Sequence[Finding]:
    """What is not known is said, lest it look as if nothing had been looked for."""
    return (Finding(Grade.NONE, f"no evidence yet: {known.problem}", f"the effect that {initiative.experiment} is to find"),) if known.problem else ()


def _suggestion(
    initiative: Initiative, spending: Spending, bought: Bought | None, each: Each | None, known: Known, now_ms: int, timezone: str
) -> Suggestion:
    target = initiative.target
    if now_ms < initiative.begins_ms(timezone):
        return Suggestion("", f"it begins on {initiative.begins_on}")
    if target is None:
        return Suggestion("", "nothing is suggested: no target says what would make it a success")
    if target.effect is not None:
        return by_effect(target.effect, target.unit, initiative.experiment, known.effects, known.planned_units, known.problem)
    if known.contract is None or bought is None:
        return Suggestion("", f"what it brought is unknown: there is no contract {initiative.contract!r} in the configuration")
    return by_cost(target.cost_nanousd or 0, words(known.contract.kind), spending, bought, each)
