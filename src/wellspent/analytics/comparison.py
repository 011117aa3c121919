"""Before and after, beside others that did not begin: ``[[comparison]]``, for what nobody can randomise any more. Grade B at best. Pure."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, Literal

import msgspec
from msgspec import Struct

from wellspent import limits
from wellspent.analytics.contract import Contract
from wellspent.analytics.effect import Check, Effect, Plan, Question, attempted, with_check
from wellspent.analytics.gather import Spending
from wellspent.analytics.panel import Reading, compare_changes
from wellspent.facts.clock import day_ms
from wellspent.facts.errors import ConfigError, InvalidInput
from wellspent.facts.outcome import Outcome

MEASURES = {
    "outcomes_per_week": ("outcomes a week", "outcomes a week"),
    "cost_per_outcome": ("AI dollars for an outcome", "USD per outcome"),
}
DAYS = 7
NANO = 1_000_000_000


class Comparison(Struct, frozen=True, forbid_unknown_fields=True, rename={"from_": "from"}):
    """What began somewhere and not elsewhere, and what is looked at.

    Attributes:
        unit: ``team``, ``project`` or ``workflow``: what ``treated`` and ``control`` name.
        treated: Those that began, all on one day.
        control: Those that did not.
        began: The day, YYYY-MM-DD; weeks are counted from it.
        from_: The first day that is looked at; whole weeks from then on.
        until: The first day that is not; "" is now.
        contract: Whose outcomes are counted.
        measure: ``outcomes_per_week`` or ``cost_per_outcome``, of each of them in each week.
    """

    name: str
    treated: tuple[str, ...]
    control: tuple[str, ...]
    began: str
    from_: str
    contract: str
    unit: Literal["team", "project", "workflow"] = "team"
    until: str = ""
    measure: Literal["outcomes_per_week", "cost_per_outcome"] = "outcomes_per_week"


class Week(Struct, frozen=True):
    """A week that is looked at, numbered from the start: those before it are below 0."""

    number: int
    begin_ms: int
    end_ms: int


class Seen(Struct, frozen=True):
    """What a comparison is reckoned from.

    Attributes:
        readings: A value of each unit in each week; of weeks without an outcome there is no cost per outcome.
        unplaced: Outcomes of the contract that do not say where they belong.
        unpriced: Movements of money of which not everything has a price.
    """

    readings: tuple[Reading, ...]
    unplaced: int
    unpriced: int

    def mean(self, treated: bool, after: bool) -> float | None:
        """Of one side before or after the start; None where there is none."""
        values = [each.value for each in self.readings if each.treated is treated and (each.period >= 0) is after]
        return sum(values) / len(values) if values else None


def comparisons_of(
    lines: Sequence[Mapping[str, Any]], timezone: str, contracts: Collection[str], taken: Collection[str] = ()
) -> tuple[Comparison, ...]:
    """Read the ``[[comparison]]`` of the configuration. Raises ConfigError.

    Args:
        timezone: In which days are told.
        contracts: Names of those that there are.
        taken: Names that experiments have: ``wellspent effect NAME`` asks for either.
    """
    found = tuple(_checked(line, timezone, contracts) for line in lines)
    names = [*taken, *(each.name for each in found)]
    for each in found:
        if names.count(each.name) > 1:
            raise ConfigError(f"two comparisons or experiments are named {each.name!r}", fix="give each a name of its own")
    return found


def weeks_of(comparison: Comparison, timezone: str, until_ms: int) -> tuple[Week, ...]:
    """The whole weeks from its first day to its end, or to ``until_ms`` where that comes first."""
    from_ms = day_ms(comparison.from_, timezone)
    end_ms = min(until_ms, day_ms(comparison.until, timezone)) if comparison.until else until_ms
    number, found = 0, []
    while day_ms(comparison.began, timezone, DAYS * (number - 1)) >= from_ms:
        number -= 1
    while (after_ms := day_ms(comparison.began, timezone, DAYS * (number + 1))) <= end_ms:
        found.append(Week(number, day_ms(comparison.began, timezone, DAYS * number), after_ms))
        number += 1
    return tuple(found)


def look(comparison: Comparison, contract: Contract, outcomes: Iterable[Outcome], charges: Iterable[Spending], as_of_ms: int, timezone: str) -> Seen:
    """The readings. What has not had its time to settle is not looked at: its week would look poor."""
    weeks = weeks_of(comparison, timezone, as_of_ms - contract.settle_after_ms)
    treated = {**dict.fromkeys(comparison.control, False), **dict.fromkeys(comparison.treated, True)}
    settled: dict[tuple[str, int], int] = defaultdict(int)
    unplaced = unpriced = 0
    for outcome in outcomes:
        if contract.counts(outcome, as_of_ms) and (week := _week(weeks, outcome.settled_at_ms or 0)) is not None:
            settled[getattr(outcome.last, comparison.unit), week] += outcome.last.quantity
            unplaced += not getattr(outcome.last, comparison.unit)
    nanousd: dict[tuple[str, int], int] = defaultdict(int)
    for charge in charges:
        unit = getattr(charge.attribution, comparison.unit)
        if unit in treated and (week := _week(weeks, charge.at_ms)) is not None:
            nanousd[unit, week] += charge.nanousd
            unpriced += not charge.priced
    cells = [(unit, week.number) for unit in treated for week in weeks]
    if comparison.measure == "outcomes_per_week":
        return Seen(tuple(Reading(unit, week, treated[unit], settled[unit, week]) for unit, week in cells), unplaced, 0)
    costs = [(unit, week, nanousd[unit, week] / NANO / settled[unit, week]) for unit, week in cells if settled[unit, week]]
    return Seen(tuple(Reading(unit, week, treated[unit], cost) for unit, week, cost in costs), unplaced, unpriced)


def compare(comparison: Comparison, seen: Seen, *, level_percent: float = limits.EFFECT_LEVEL_PERCENT) -> Effect:
    """How much more the treated changed than the others when they began (difference-in-differences), with what was looked for."""
    measure, unit = MEASURES[comparison.measure]
    plan = Plan(units=f"{comparison.unit}s")
    sizes = len(comparison.treated), len(comparison.control)
    question = Question("treated", "control", *sizes, level_percent, unit, "nothing was computed", (), plan)
    reason = f"{seen.unpriced:,} movements of money have no known price, and unknown is not zero" if seen.unpriced else ""
    effect = attempted(question, reason, lambda: compare_changes(seen.readings, 0, plan, unit=unit, level_percent=level_percent))
    effect = msgspec.structs.replace(effect, measure=measure)
    if seen.unplaced:
        told = f"{seen.unplaced:,} outcomes of the contract do not say their {comparison.unit}, and are on neither side."
        effect = with_check(effect, Check("outcomes have a place", None, told))
    return effect


def _week(weeks: Sequence[Week], at_ms: int) -> int | None:
    """Which week it was; weeks follow each other without a gap."""
    place = bisect_right(weeks, at_ms, key=lambda week: week.begin_ms) - 1
    return weeks[place].number if place >= 0 and at_ms < weeks[place].end_ms else None


def _checked(line: Mapping[str, Any], timezone: str, contracts: Collection[str]) -> Comparison:
    try:
        said = msgspec.convert(line, Comparison)
        from_ms, began_ms = day_ms(said.from_, timezone), day_ms(said.began, timezone)
        until_ms = day_ms(said.until, timezone) if said.until else None
    except (msgspec.ValidationError, InvalidInput) as error:
        raise _bad(line, f"cannot be read: {error}", "see docs/experiments.md") from None
    both = [*said.treated, *said.control]
    if not said.name:
        raise _bad(line, "has no name", "give it one")
    if not said.treated or not said.control:
        raise _bad(line, "has no treated or no control", f"name {limits.EFFECT_CLUSTERS_MIN} or more on each side")
    if len(set(both)) < len(both) or "" in both:
        raise _bad(line, "names one twice, or one without a name", "put each on one side")
    if said.contract not in contracts:
        raise _bad(line, f"names the contract {said.contract!r}, which there is not", f"use one of {', '.join(contracts) or 'your own'}")
    if day_ms(said.began, timezone, -2 * DAYS) < from_ms:
        raise _bad(line, "has less than two weeks before it began", "set from earlier: nothing else tells how both sides moved before")
    if until_ms is not None and until_ms <= began_ms:
        raise _bad(line, f"is over on {said.until}, before it began", "swap began and until")
    return said


def _bad(line: Mapping[str, Any], what: str, fix: str) -> ConfigError:
    return ConfigError(f"[[comparison]] {line.get('name', '')!r} {what}", fix=fix)
