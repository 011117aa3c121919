"""``wellspent outcomes``."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from wellspent import limits
from wellspent.analytics.contract import contracts_of
from wellspent.config import Config
from wellspent.connectors.outcomes import sources, table
from wellspent.connectors.outcomes.fields import timely
from wellspent.facts.clock import SystemClock
from wellspent.facts.errors import InvalidInput, NotFound
from wellspent.facts.outcome import OutcomeEvent
from wellspent.ledger.outcomes import FILE, OutcomeLog
from wellspent.surfaces.cli.common import COMMON, SHAPE, Common, Shape, talk
from wellspent.surfaces.cli.outcome_choice import Choice, Seen, check
from wellspent.surfaces.cli.output import Column, emit, joined, money
from wellspent.surfaces.cli.when import ACCEPTED, between, iso, zone_of

if TYPE_CHECKING:
    from wellspent.analytics.engine.engine import Engine

COLUMNS = (
    Column("source", "source"),
    Column("outcome", "outcome"),
    Column("kind", "kind"),
    Column("state", "state"),
    Column("counts_as", "counts as"),
    Column("quantity", "quantity", right=True),
    Column("settled_at", "settled"),
    Column("reversals", "reversals", right=True),
    Column("links", "links", show=joined),
)
EVENT_COLUMNS = (Column("occurred_at", "occurred"), Column("recorded_at", "recorded"), Column("state", "state"), Column("event", "message"))


@contextmanager
def log_of(config: Config) -> Iterator[OutcomeLog]:
    """The outcomes of a data folder, for one command."""
    with closing(OutcomeLog(config.data_dir / FILE, SystemClock())) as log:
        yield log


@contextmanager
def engine_of(config: Config) -> Iterator["Engine"]:
    """Spending joined to outcomes, for one command. Raises NotFound where no contract says what an outcome is."""
    from wellspent.analytics.engine.engine import Engine

    contracts = contracts_of(config.contracts)
    if not contracts:
        raise NotFound("there is no contract, so nothing says what an outcome is", fix="write one in wellspent.toml: see docs/outcomes.md")
    with Engine.open(config.data_dir, contracts, zone_of(config.timezone), SystemClock()) as engine:
        yield engine


def import_outcomes(file: Path, *, source: str, common: Common = COMMON) -> None:
    """Take outcomes from a file, each once: what is known already is counted and left as it is.

    Args:
        file: CSV with a line for each thing said of an outcome, docs/outcomes.md has the columns; or JSON as ServiceNow's Table API or
            Salesforce's change events have it.
        source: Whom it is from; with a line's outcome it names that outcome for ever.
    """
    events = _sent(file, source) if file.suffix == ".json" else table.events_of(file, source)
    with log_of(common.load()) as log:
        added = log.add(timely(events, SystemClock().now_ms()))
    talk(f"{added.new:,} taken, {added.duplicates:,} known already")


def _sent(file: Path, source: str) -> list[OutcomeEvent]:
    """What a sender's own export says."""
    filed = {name: each for name, each in sources().items() if each.filed}
    if source not in filed:
        raise InvalidInput(f"no JSON of {source!r} is understood", fix=f"use --source {' or '.join(filed)}, or a CSV file")
    try:
        if file.stat().st_size > limits.EXPORT_BYTES_MAX:
            raise InvalidInput(f"{file} has more than {limits.EXPORT_BYTES_MAX // 1024**2} MiB", fix="export a shorter time")
        return filed[source].read({}, file.read_bytes())
    except OSError as error:
        raise InvalidInput(f"{file} cannot be read: {error}", fix="name a JSON file") from None


def list_outcomes(
    *,
    kind: Annotated[str, Parameter(help="Only those of this kind.")] = "",
    contract: Annotated[str, Parameter(help="Only those that this contract is about; + for any contract, - for none.")] = "",
    since: Annotated[str, Parameter(help=f"From which day, on which they settled or else began: {ACCEPTED}.")] = "",
    until: Annotated[str, Parameter(help="To which day, included.")] = "",
    state: Annotated[
        str,
        Parameter(help="Only those in this state: pending, settled, reversed or waits; with --contract counted, pending or reversed by its rule."),
    ] = "",
    unlinked: Annotated[bool, Parameter(negative="", show_default=False, help="Only those that name nothing by which money finds them.")] = False,
    common: Common = COMMON,
    shape: Shape = SHAPE,
) -> None:
    """List outcomes as they stand; with `--contract` also what its rule makes of each. Quantities then sum to those of a statement."""
    config, now_ms = common.load(), SystemClock().now_ms()
    days = between(since, until, now_ms, zone_of(config.timezone))
    choice = Choice(contracts_of(config.contracts) if contract else (), now_ms, config.timezone, kind, contract, days, state, unlinked)
    check(choice)
    with log_of(config) as log:
        rows = [_row(each) for each in map(choice.seen, log.outcomes(kind=kind)) if choice.takes(each)]
    total: dict[str, object] = (
        {**dict.fromkeys(rows[0], ""), "source": "total", "quantity": sum(int(str(row["quantity"])) for row in rows)} if rows else {}
    )
    none = "there are no outcomes yet; take some with: wellspent outcomes import FILE --source NAME"
    shown = COLUMNS if contract else [each for each in COLUMNS if each.name != "counts_as"]
    emit(rows, shown, shape, total=total if len(rows) > 1 else None, empty="there are no such outcomes" if choice.narrows else none)


def show(source: str, outcome: str, *, common: Common = COMMON, shape: Shape = SHAPE) -> None:
    """Show all that was said of one outcome, oldest first. Nothing of it is ever changed.

    Args:
        source: Whom it is from.
        outcome: The source's id of it.
    """
    with log_of(common.load()) as log:
        events = list(log.events(source, outcome))
    if not events:
        raise NotFound(f"{source!r} said nothing of {outcome!r}", fix="list them with: wellspent outcomes list")
    rows = [
        {
            "occurred_at": iso(event.occurred_at_ms),
            "recorded_at": iso(event.recorded_at_ms),
            "state": event.state,
            "event": event.event,
            "quantity": event.quantity,
            **money("value", event.value_nanousd),
            "attested": event.attested,
            "links": _pairs(event.links),
            "evidence": _pairs(event.evidence),
        }
        for event in events
    ]
    emit(rows, EVENT_COLUMNS, shape)


def _row(seen: Seen) -> dict[str, object]:
    outcome, last = seen.outcome, seen.outcome.last
    return {
        "source": last.source,
        "outcome": last.outcome,
        "kind": last.kind,
        "state": seen.state,
        "contract": seen.contract,
        "counts_as": seen.counts_as,
        "quantity": last.quantity,
        "day": seen.day,
        "settled_at": iso(outcome.settled_at_ms),
        "reversals": outcome.reversals,
        **money("value", last.value_nanousd),
        "attested": last.attested,
        "team": last.team,
        "project": last.project,
        "workflow": last.workflow,
        "links": _pairs(last.links),
        "evidence": _pairs(last.evidence),
    }


def _pairs(pairs: tuple[tuple[str, str], ...]) -> list[str]:
    return [f"{name}={value}" for name, value in pairs]
