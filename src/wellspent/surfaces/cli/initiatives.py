"""``wellspent initiatives``."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Annotated, Literal

import msgspec
from cyclopts import Parameter

from wellspent.analytics.bought import bought_by
from wellspent.analytics.contract import contract_named, contracts_of
from wellspent.config import Config
from wellspent.facts.attribution import Scope
from wellspent.facts.clock import SystemClock
from wellspent.facts.errors import InvalidInput, NotFound
from wellspent.facts.initiative import Choice, Initiative
from wellspent.facts.money import parse_usd
from wellspent.identity.settings import Settings
from wellspent.ledger.reader import JournalReader
from wellspent.surfaces.asking.asked import Answered, Asked, Setup
from wellspent.surfaces.cli.check import CROSSED
from wellspent.surfaces.cli.common import COMMON, JOURNAL, SHAPE, Common, Shape, Yes, confirm, settings_of, talk, user
from wellspent.surfaces.cli.experiments import known
from wellspent.surfaces.cli.initiative_text import FIELDS, TARGETS, facts_of, history_rows, parse_target
from wellspent.surfaces.cli.outcomes import log_of
from wellspent.surfaces.cli.output import Column, count, emit, emit_json, table, usd, visible
from wellspent.surfaces.cli.when import zone_of
from wellspent.surfaces.initiatives import Initiatives, Sources, row_of

COLUMNS = (
    Column("name", "initiative"),
    Column("owner", "owner"),
    Column("scope", "scope"),
    Column("spent_nanousd", "cost so far", right=True, show=usd),
    Column("used_text", "of its budget", right=True),
    Column("settled", "outcomes", right=True, show=count),
    Column("each_text", "for each", right=True),
    Column("grade", "evidence"),
    Column("decide_by", "decide by"),
    Column("due_text", "days"),
    Column("decision", "decision"),
    Column("suggested", "suggested"),
)
HISTORY = (Column("at", "when"), Column("actor", "who"), Column("change", "changed"), Column("seq", "audit", right=True))
NEEDED = ("owner", "scope", "contract", "hypothesis", "decide_by")


def list_initiatives(*, common: Common = COMMON, shape: Shape = SHAPE) -> int:
    """List initiatives, what is due first: cost, outcomes, evidence, and the days left to decide. Exits with 3 where a decision is overdue."""
    config = common.load()
    with settings_of(config) as settings, sources_of(config, settings) as sources:
        rows = [row_of(each) for each in Initiatives(sources).all(SystemClock().now_ms())]
    late = [str(row["name"]) for row in rows if row["overdue"]]
    shown = [{**row, "due_text": _due(row), "used_text": _used(row), "each_text": _each(row)} for row in rows]
    emit(shown, COLUMNS, shape, empty="there are no initiatives yet; begin one with: wellspent initiatives set NAME")
    if late and not shape.json and not shape.csv:
        talk(f"overdue: {', '.join(late)}; decide with: wellspent initiatives decide NAME scale|stop|change --because REASON")
    return CROSSED if late else 0


def show(name: str, *, common: Common = COMMON, shape: Shape = SHAPE) -> None:
    """Show one initiative: figures, evidence with its rule, what that suggests, and every change there was.

    Args:
        name: Its name; of one that was removed, the history is left.
    """
    config = common.load()
    zone = zone_of(config.timezone)
    with settings_of(config) as settings, sources_of(config, settings) as sources:
        history = history_rows(name, settings.audit(), zone)
        removed = bool(history) and name not in [each.name for each in settings.initiatives()]
        row = {} if removed else row_of(Initiatives(sources).one(name, SystemClock().now_ms()))
    if shape.json:
        emit_json({**row, "name": name, "removed": removed, "history": history})
        return
    if shape.csv:
        emit([row] if row else [], [Column(each, each) for each in FIELDS], shape)
        return
    for title, text in facts_of(row) if row else [("initiative", f"{name}, which was removed")]:
        print(f"{title:<14}{visible(text)}")
    print()
    table(history, HISTORY)


def set_initiative(
    name: str,
    *,
    owner: str | None = None,
    scope: str | None = None,
    contract: str | None = None,
    hypothesis: str | None = None,
    begins: str | None = None,
    decide_by: str | None = None,
    budget: str | None = None,
    at_limit: Literal["alert", "refuse"] | None = None,
    target: Annotated[str | None, Parameter(allow_leading_hyphen=True)] = None,
    experiment: str | None = None,
    common: Common = COMMON,
) -> None:
    """Begin an initiative, or change it: what is not said stays as it is. A new day to decide by opens a decided one again.

    Args:
        name: Small letters, figures and dashes.
        owner: Who answers for it.
        scope: Whose spending it is, as KIND:NAME, e.g. workflow:lead-researcher or tag:pilot=leads.
        contract: The contract whose outcomes it is after.
        hypothesis: What it is about and what is expected, in a sentence.
        begins: Its first day, YYYY-MM-DD (today).
        decide_by: The last day to decide, YYYY-MM-DD.
        budget: What it may spend in all, e.g. 500: a budget pilot-NAME on its scope.
        at_limit: What happens there (alert).
        target: What would make it a success: 40 is at most $40 for an outcome, "+5 points" or "-0.10 USD per run" an effect; none for nothing.
        experiment: The experiment or comparison that looks for its effect; none for nothing.
    """
    config = common.load()
    _check_named(config, contract, experiment)
    limit_nanousd = parse_usd(budget) if budget is not None else None
    said = {"owner": owner, "hypothesis": hypothesis, "contract": contract, "begins_on": begins, "decide_by": decide_by}
    changes: dict[str, object] = {field: value for field, value in said.items() if value is not None}
    changes |= {"scope": Scope.parse(scope)} if scope is not None else {}
    changes |= {"target": parse_target(target)} if target is not None else {}
    changes |= {"experiment": "" if experiment == "none" else experiment} if experiment is not None else {}
    with settings_of(config) as settings:
        former = next((each for each in settings.initiatives() if each.name == name), None)
        if former is None:
            _check_said(name, changes)
            changes = {"begins_on": f"{datetime.now(UTC).astimezone(zone_of(config.timezone)):%Y-%m-%d}", **changes}
        wanted = msgspec.structs.replace(former, **changes) if former else Initiative(name=name, **changes)  # type: ignore[arg-type]
        kept = settings.set_initiative(wanted, limit_nanousd=limit_nanousd, at_limit=at_limit)
    limit = f"limited by the budget {kept.budget}" if kept.budget else "without a budget"
    talk(f"initiative {name}: {kept.scope} since {kept.begins_on}, to be decided by {kept.decide_by}, {limit}")
    if former and former.decision and not kept.decision:
        talk("it was decided; with the new day to decide by it is open again")


def decide(name: str, choice: Choice, *, because: str, by: str = "", common: Common = COMMON) -> None:
    """Decide an initiative. Nothing is stopped by that; an earlier decision stays in its history.

    Args:
        choice: scale it, stop it, or change it.
        because: Why, in a sentence.
        by: Who decides; whoever runs the command unless given.
    """
    with settings_of(common.load()) as settings:
        found = settings.decide_initiative(name, choice, by=by or user(), because=because)
    then = {
        "scale": f"to let it spend more: wellspent initiatives set {name} --budget AMOUNT",
        "stop": f"its calls go on until they are stopped: wellspent stop {found.scope}",
        "change": f"to try again until another day: wellspent initiatives set {name} --decide-by DAY",
    }
    talk(f"{name}: {choice}, because {because}; {then[choice]}")


def remove(name: str, *, yes: Yes = False, common: Common = COMMON) -> None:
    """Remove an initiative from the list. Its history and its budget stay."""
    confirm(f"Remove the initiative {name}?", yes)
    with settings_of(common.load()) as settings:
        budget = settings.initiative(name).budget
        settings.remove_initiative(name)
    talk(f"initiative {name} is removed" + (f"; its budget still limits: wellspent budgets remove {budget}" if budget else ""))


@contextmanager
def sources_of(config: Config, settings: Settings) -> Iterator[Sources]:
    """What the figures are from, for one command. Where nothing was ever spent there is no journal."""
    setup, path, now_ms = Setup.of(config), config.data_dir / JOURNAL, SystemClock().now_ms()
    reader = JournalReader(path) if path.is_file() else None

    def ask(asked: Asked, wait_s: float | None = None) -> Answered:
        from wellspent.surfaces.asking.answering import answered

        return answered(setup, asked, now_ms) if reader else _unspent(config, setup, asked, now_ms)

    yield Sources(settings, reader, setup.contracts, zone_of(config.timezone), ask)


def _unspent(config: Config, setup: Setup, asked: Asked, now_ms: int) -> Answered:
    """What is known before the first call: none of them names anything yet."""
    from wellspent.surfaces.effects import tell

    with log_of(config) as log:
        outcomes = list(log.outcomes())
    bought = [bought_by(each, contract_named(setup.contracts, each.contract), outcomes, frozenset(), now_ms, setup.timezone) for each in asked.bought]
    return Answered(now_ms, bought=tuple(bought), effects=tuple(tell(setup, name, now_ms) for name in asked.effects))


def _check_named(config: Config, contract: str | None, experiment: str | None) -> None:
    """Raises NotFound for a contract, experiment or comparison that the configuration does not have."""
    if contract is not None:
        contract_named(contracts_of(config.contracts), contract)
    if experiment in (None, "none"):
        return
    names = [each.name for kind in known(config) for each in kind]
    if experiment not in names:
        fix = f"use one of {', '.join(names)}" if names else "write one in wellspent.toml: see docs/experiments.md"
        raise NotFound(f"there is no experiment or comparison {experiment!r}", fix=fix)


def _check_said(name: str, changes: dict[str, object]) -> None:
    missing = [f"--{field.replace('_', '-')}" for field in NEEDED if field not in changes]
    if missing:
        raise InvalidInput(f"a new initiative {name!r} needs {', '.join(missing)}", fix=f"say them; a target and a budget help too ({TARGETS})")


def _due(row: dict[str, object]) -> str:
    left = row["days_left"]
    if not isinstance(left, int):
        return "decided"
    return f"{-left} overdue" if left < 0 else f"{left} left"


def _each(row: dict[str, object]) -> str:
    return "none yet" if row["settled"] == 0 else usd(row["each_nanousd"])


def _used(row: dict[str, object]) -> str:
    percent = row["used_percent"]
    return f"{percent:.0f} % of {usd(row['limit_nanousd'])}" if isinstance(percent, float) else "no budget"
