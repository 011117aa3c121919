"""Initiatives as every surface shows them: the same question to the same sources, for the page, the table, JSON and CSV."""

import threading
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from msgspec import Struct

from wellspent.analytics.allocate import Link, links_of
from wellspent.analytics.bought import Spending
from wellspent.analytics.contract import Contract
from wellspent.analytics.initiative import Known, Standing, standing
from wellspent.facts.attribution import Scope
from wellspent.facts.errors import NotFound
from wellspent.facts.initiative import Decision, Initiative, Target
from wellspent.facts.money import exact_usd, format_usd
from wellspent.facts.outcome import Outcome
from wellspent.identity.initiatives import Step
from wellspent.identity.settings import Settings
from wellspent.ledger.outcomes import OutcomeLog
from wellspent.ledger.reader import JournalReader
from wellspent.surfaces.effects import Told, none_told

HOUR_MS = 3_600_000
OVERLAP_MS = 60_000  # read again at every look: what was being written at the last one
Since = tuple[Scope, int]


class Sources(Struct, frozen=True):
    """Where the figures are from.

    Attributes:
        reader: None where nothing was ever spent here.
        experiments: What the experiment or comparison of a name found. Asked only for initiatives that name one.
    """

    settings: Settings
    reader: JournalReader | None
    outcomes: OutcomeLog
    contracts: Sequence[Contract]
    zone: ZoneInfo
    experiments: Callable[[str], Told] = none_told


class Initiatives:
    """Asks where each initiative stands. Kept between questions it reads only what is new; several threads may ask."""

    def __init__(self, sources: Sources) -> None:
        self._sources = sources
        self._links = LinkFollower(sources.reader) if sources.reader else None

    def all(self, now_ms: int) -> list[Standing]:
        """Every initiative, what is due first before the rest, then the decided ones, the latest decision first."""
        found = self._standings(self._sources.settings.initiatives(), now_ms)
        return sorted(found, key=_order)

    def one(self, name: str, now_ms: int) -> Standing:
        """One initiative. Raises NotFound."""
        return self._standings([self._sources.settings.initiative(name)], now_ms)[0]

    def _standings(self, initiatives: Sequence[Initiative], now_ms: int) -> list[Standing]:
        sources = self._sources
        outcomes = list(sources.outcomes.outcomes()) if initiatives else []
        links = self._links.of([self._since(each) for each in initiatives], now_ms) if self._links and initiatives else {}
        limits = {budget.id: budget.limit for budget in sources.settings.budgets()}
        return [self._standing(each, outcomes, links.get(self._since(each), frozenset()), limits.get(each.budget), now_ms) for each in initiatives]

    def _standing(self, initiative: Initiative, outcomes: list[Outcome], links: frozenset[Link], limit: int | None, now_ms: int) -> Standing:
        sources = self._sources
        contract = next((each for each in sources.contracts if each.name == initiative.contract), None)
        told = sources.experiments(initiative.experiment) if initiative.experiment else Told()
        known = Known(contract, limit, told.effects, told.planned_units, told.problem)
        return standing(initiative, outcomes, self._spending(initiative, links, now_ms), known, now_ms, sources.zone.key)

    def _spending(self, initiative: Initiative, links: frozenset[Link], now_ms: int) -> Spending:
        """All that its scope spent since it began, in whole hours, as the Overview sums it."""
        reader, (scope, begins_ms) = self._sources.reader, self._since(initiative)
        rows = reader.spend(begins_ms, now_ms + HOUR_MS, (), {scope.kind: scope.name}) if reader and begins_ms <= now_ms else []
        if not rows:
            return Spending(0, 0, 0, links)
        return Spending(rows[0].nanousd, rows[0].calls, rows[0].by_quality.get("unpriced", 0), links)

    def _since(self, initiative: Initiative) -> Since:
        return initiative.scope, initiative.begins_ms(self._sources.zone.key)


class LinkFollower:
    """Which ids the calls of scopes name. The journal is walked once; later questions walk what came since."""

    def __init__(self, reader: JournalReader) -> None:
        self._reader, self._lock = reader, threading.Lock()
        self._seen: dict[Since, tuple[int, set[Link]]] = {}

    def of(self, wanted: Iterable[Since], now_ms: int) -> dict[Since, frozenset[Link]]:
        """For each scope and moment, what its calls named from then until now."""
        with self._lock:
            seen = {each: self._seen.get(each, (each[1], set[Link]())) for each in wanted}
            since_ms = min(until_ms for until_ms, _ in seen.values())
            for charge in self._reader.charges(since_ms, now_ms):
                scopes, links = frozenset(charge.attribution.scopes()), links_of(charge.attribution)
                for (scope, begins_ms), (_, found) in seen.items():
                    if scope in scopes and charge.at_ms >= begins_ms:
                        found.update(links)
            self._seen |= {each: (max(each[1], now_ms - OVERLAP_MS), found) for each, (_, found) in seen.items()}
            return {each: frozenset(found) for each, (_, found) in seen.items()}


def contract_named(contracts: Sequence[Contract], name: str) -> Contract:
    """A contract by its name. Raises NotFound that names those there are."""
    for contract in contracts:
        if contract.name == name:
            return contract
    known = ", ".join(each.name for each in contracts) or "none yet; write one in wellspent.toml: see docs/outcomes.md"
    raise NotFound(f"there is no contract {name!r}", fix=f"use one of {known}")


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
    row |= _money("spent", found.spending.nanousd) | {"calls": found.spending.calls, "unpriced_calls": found.spending.unpriced_calls}
    row |= {"budget": initiative.budget} | _money("limit", found.limit_nanousd) | {"used_percent": found.used_percent}
    row |= {name: getattr(bought, name) if bought else None for name in ("settled", "pending", "reversed", "linked", "named", "ruled")}
    row |= _money("each", each.nanousd if each else None)
    row |= _money("each_low", each.low_nanousd if each else None) | _money("each_high", each.high_nanousd if each else None)
    row |= _money("before", found.before_nanousd) | {"grade": str(found.grade)}
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
    at = datetime.fromtimestamp(decision.at_ms / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return {"decision": decision.choice, "decided_by": decision.by, "decided_at": at, "because": decision.because}


def _money(name: str, amount_nanousd: int | None) -> dict[str, object]:
    return {f"{name}_nanousd": amount_nanousd, f"{name}_usd": None if amount_nanousd is None else exact_usd(amount_nanousd)}


def _order(found: Standing) -> tuple[bool, int, str, str]:
    decision = found.initiative.decision
    return decision is not None, -decision.at_ms if decision else 0, found.initiative.decide_by, found.initiative.name
