"""Initiatives as every surface shows them: the same question to the same sources, for the page, the table, JSON and CSV."""

import time
from collections.abc import Sequence
from zoneinfo import ZoneInfo

from msgspec import Struct

from wellspent import limits
from wellspent.analytics.bought import Bought, Spending
from wellspent.analytics.contract import Contract
from wellspent.analytics.initiative import Known, Standing, standing
from wellspent.facts.initiative import Decision, Initiative, Target
from wellspent.facts.money import format_usd
from wellspent.identity.initiatives import Step
from wellspent.identity.settings import Settings
from wellspent.ledger.reader import JournalReader
from wellspent.surfaces.asking.asked import Ask, Asked, Told
from wellspent.surfaces.asking.asking import Unanswered
from wellspent.surfaces.cli.when import iso
from wellspent.surfaces.rows import money

HOUR_MS = 3_600_000


class Sources(Struct, frozen=True):
    """Where the figures are from.

    Attributes:
        reader: None where nothing was ever spent here.
        ask: Answers what pilots bought, and what experiments and comparisons found.
    """

    settings: Settings
    reader: JournalReader | None
    contracts: Sequence[Contract]
    zone: ZoneInfo
    ask: Ask


class Initiatives:
    """Asks where each initiative stands. Several threads may ask."""

    def __init__(self, sources: Sources) -> None:
        self._sources = sources

    def all(self, now_ms: int) -> list[Standing]:
        """Every initiative, what is due first before the rest, then the decided ones, the latest decision first. Raises what ``one`` does."""
        found = self._standings(self._sources.settings.initiatives(), now_ms)
        return sorted(found, key=_order)

    def one(self, name: str, now_ms: int) -> Standing:
        """One initiative.

        Raises NotFound, and where what it bought is not known yet, or cannot be: Unanswered, ConfigError, JournalLocked, JournalCorrupt.
        """
        return self._standings([self._sources.settings.initiative(name)], now_ms)[0]

    def _standings(self, initiatives: Sequence[Initiative], now_ms: int) -> list[Standing]:
        bought, told = self._bought(initiatives), self._told(initiatives)
        allowed = {budget.id: budget.limit for budget in self._sources.settings.budgets()}
        return [
            self._standing(each, bought.get(each.name), told.get(each.experiment, Told()), allowed.get(each.budget), now_ms) for each in initiatives
        ]

    def _standing(self, initiative: Initiative, bought: Bought | None, told: Told, limit: int | None, now_ms: int) -> Standing:
        contract = next((each for each in self._sources.contracts if each.name == initiative.contract), None)
        known = Known(contract, limit, told.effects, told.planned_units, told.problem)
        return standing(initiative, self._spending(initiative, now_ms), bought, known, now_ms, self._sources.zone.key)

    def _bought(self, initiatives: Sequence[Initiative]) -> dict[str, Bought | None]:
        names = [each.name for each in self._sources.contracts]
        known = tuple(each for each in initiatives if each.contract in names)
        found = self._sources.ask(Asked(bought=known)).bought if known else ()
        return {each.name: one for each, one in zip(known, found, strict=True)}

    def _told(self, initiatives: Sequence[Initiative]) -> dict[str, Told]:
        """What their experiments found. Those that take too long are said to, and nobody waits longer for several than for one."""
        until = time.monotonic() + limits.ASKING_S_MAX
        names = dict.fromkeys(each.experiment for each in initiatives if each.experiment)
        return {name: self._effect(name, max(0.0, until - time.monotonic())) for name in names}

    def _effect(self, name: str, wait_s: float) -> Told:
        try:
            return self._sources.ask(Asked(effects=(name,)), wait_s).effects[0]
        except Unanswered as error:
            if error.retry_s:
                return Told(problem="it is still being reckoned; look again in a minute")
            return Told(problem=f"it could not be reckoned; see why with: wellspent effect {name}")

    def _spending(self, initiative: Initiative, now_ms: int) -> Spending:
        """All that its scope spent since it began, in whole hours, as the Overview sums it."""
        reader, scope, begins_ms = self._sources.reader, initiative.scope, initiative.begins_ms(self._sources.zone.key)
        rows = reader.spend(begins_ms, now_ms + HOUR_MS, (), {scope.kind: scope.name}) if reader and begins_ms <= now_ms else []
        if not rows:
            return Spending(0, 0)
        return Spending(rows[0].nanousd, rows[0].calls, rows[0].by_quality.get("unpriced", 0))


def row_of(found: Standing) -> dict[str, object]:
    """A standing for machines: a line of CSV, an object of JSON. What is not known is null."""
    initiative, bought, each = found.initiative, found.bought, found.each
    row: dict[str, object] = {
        "name": initiative.name,
        "owner": initiative.owner,
        "scope": str(initiative.scope),
        "hypothesis": initiative.hypothesis,
        "contract": initiative.contract,
        "target": target_words(initiative.target),
        "experiment": initiative.experiment,
        "begins_on": initiative.begins_on,
        "decide_by": initiative.decide_by,
        "days_left": found.days_left,
        "overdue": found.overdue,
    }
    row |= money("spent", found.spending.nanousd) | {"calls": found.spending.calls, "unpriced_calls": found.spending.unpriced_calls}
    row |= {"budget": initiative.budget} | money("limit", found.limit_nanousd) | {"used_percent": found.used_percent}
    row |= {name: getattr(bought, name) if bought else None for name in ("settled", "pending", "reversed", "linked", "named", "ruled")}
    row |= money("each", each.nanousd if each else None)
    row |= money("each_low", each.low_nanousd if each else None) | money("each_high", each.high_nanousd if each else None)
    row |= money("before", found.before_nanousd) | {"grade": str(found.grade)}
    row |= {"evidence": [{"grade": str(one.grade), "says": one.says, "rule": one.rule} for one in found.evidence]}
    return row | {"suggested": found.suggestion.choice, "suggestion": found.suggestion.text} | _decided(initiative.decision)


def target_words(target: Target | None) -> str:
    """A target for people: ``at most $40.00 each``, or ``at least +0.05 share``."""
    if target is None:
        return ""
    if target.cost_nanousd is not None:
        return f"at most {format_usd(target.cost_nanousd)} each"
    return f"at {'least' if (target.effect or 0) > 0 else 'most'} {target.effect:+g} {target.unit}"


def told(step: Step) -> str:
    """What a change was, e.g. ``decided: scale, by zoe, because …``."""
    before, after = step.before, step.after
    if before is None or after is None:
        return "removed" if after is None else f"begun by {after.owner}: {after.hypothesis}"
    changed = []
    if after.decision and after.decision != before.decision:
        changed.append(f"decided: {after.decision.choice}, by {after.decision.by}, because {after.decision.because}")
    elif before.decision and not after.decision:
        changed.append("opened again")
    for field in ("owner", "hypothesis", "contract", "begins_on", "decide_by", "budget", "experiment"):
        one, other = getattr(before, field), getattr(after, field)
        if one != other:
            changed.append(f"{field.replace('_', ' ')} {one or 'none'} → {other or 'none'}")
    if before.target != after.target:
        changed.append(f"target {target_words(before.target) or 'none'} → {target_words(after.target) or 'none'}")
    return ", ".join(changed)


def _decided(decision: Decision | None) -> dict[str, object]:
    if decision is None:
        return {"decision": "", "decided_by": "", "decided_at": None, "because": ""}
    return {"decision": decision.choice, "decided_by": decision.by, "decided_at": iso(decision.at_ms), "because": decision.because}


def _order(found: Standing) -> tuple[bool, int, str, str]:
    decision = found.initiative.decision
    return decision is not None, -decision.at_ms if decision else 0, found.initiative.decide_by, found.initiative.name
