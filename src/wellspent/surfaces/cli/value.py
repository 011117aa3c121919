"""``wellspent value``: what a dollar bought."""

from datetime import UTC, datetime
from typing import Annotated

from cyclopts import Parameter

from wellspent.analytics.contract import contracts_of
from wellspent.analytics.value import Line, Value, money_of
from wellspent.analytics.value import value as value_of
from wellspent.facts.clock import SystemClock
from wellspent.facts.errors import InvalidInput, NotFound
from wellspent.facts.money import format_usd
from wellspent.ledger.reader import JournalReader
from wellspent.surfaces.cli.common import COMMON, SHAPE, Common, Shape, journal_path, talk
from wellspent.surfaces.cli.outcomes import log_of
from wellspent.surfaces.cli.output import Column, count, emit, money, usd
from wellspent.surfaces.cli.when import ACCEPTED, local, since_ms, until_ms, zone_of

COUNTS = ("settled", "pending", "reversed")
AMOUNTS = ("spent", "linked", "matched", "split", "each", "worth", "before", "vendor")


def _count(value: object) -> str:
    """A number of outcomes; nothing where a line has none to count."""
    return "" if value is None else count(value)


COLUMNS = (
    Column("contract", "contract"),
    Column("period", "month"),
    Column("settled", "settled", right=True, show=_count),
    Column("pending", "pending", right=True, show=_count),
    Column("reversed", "reversed", right=True, show=_count),
    Column("spent_text", "spent", right=True),
    Column("linked_text", "linked", right=True),
    Column("matched_text", "matched", right=True),
    Column("split_text", "split", right=True),
    Column("each_text", "for each", right=True),
    Column("worth_text", "worth", right=True),
    Column("before_text", "before AI", right=True),
    Column("vendor_text", "by outcome", right=True),
)


def value(
    *,
    since: Annotated[str, Parameter(help=f"From when: {ACCEPTED}.")] = "this-month",
    until: Annotated[str, Parameter(help="To when, the day or month included; now unless given.")] = "",
    common: Common = COMMON,
    shape: Shape = SHAPE,
) -> None:
    """Report what spending bought: outcomes by contract and month, what was spent on them, and how surely. Never one number for all.

    Spending is linked to an outcome by an id, matched to it by a contract's rule, split over several, or unallocated; the four sum to the total.
    """
    config = common.load()
    zone, now_ms = zone_of(config.timezone), SystemClock().now_ms()
    begin_ms, end_ms = since_ms(since, now_ms, zone), until_ms(until, now_ms, zone) if until else now_ms
    if end_ms <= begin_ms:
        raise InvalidInput(f"--until {until or 'now'} is not after --since {since}", fix="swap them")
    contracts = contracts_of(config.contracts)
    if not contracts:
        raise NotFound("there is no contract, so nothing says what an outcome is", fix="write one in wellspent.toml: see docs/outcomes.md")
    with log_of(config) as log:
        outcomes = list(log.outcomes())

    def month(at_ms: int) -> str:
        return f"{datetime.fromtimestamp(at_ms / 1000, UTC).astimezone(zone):%Y-%m}"

    charges = JournalReader(journal_path(config)).charges(begin_ms, end_ms)
    monies = ((money_of(each.call_id, each.at_ms, each.nanousd, each.attribution), each.priced) for each in charges)
    found = value_of(contracts, outcomes, monies, now_ms, month)
    if not shape.json and not shape.csv:
        talk(f"{local(begin_ms, zone)} to {local(end_ms, zone)} ({zone.key}), as of {local(now_ms, zone)}; {_coverage(found)}")
    emit([*map(_row, found.lines), _rest(found)], COLUMNS, shape, total=_total(found))


def _row(line: Line) -> dict[str, object]:
    row: dict[str, object] = {"contract": line.contract, "period": line.period}
    row |= {name: getattr(line, name) for name in COUNTS}
    for name in AMOUNTS:
        amount = getattr(line, f"{name}_nanousd")
        row |= money(name, amount) | {f"{name}_text": usd(amount)}
    return row


def _blank(contract: str, **amounts_nanousd: int) -> dict[str, object]:
    """A line that is no contract's: only these amounts mean anything in it."""
    row: dict[str, object] = {"contract": contract, "period": "", **dict.fromkeys(COUNTS)}
    for name in AMOUNTS:
        amount = amounts_nanousd.get(name)
        row |= money(name, amount) | {f"{name}_text": "" if amount is None else usd(amount)}
    return row


def _rest(found: Value) -> dict[str, object]:
    """What no outcome carries, as a line of its own."""
    return _blank("unallocated", spent=found.unallocated_nanousd)


def _total(found: Value) -> dict[str, object]:
    tiers = {name: sum(getattr(line, f"{name}_nanousd") for line in found.lines) for name in ("linked", "matched", "split")}
    return _blank("total", spent=found.total_nanousd, **tiers)


def _coverage(found: Value) -> str:
    """How much of the money and of the outcomes this is about."""
    carried = found.total_nanousd - found.unallocated_nanousd
    share = f"{100 * carried / found.total_nanousd:.0f} %" if found.total_nanousd else "none"
    told = [f"{share} of {format_usd(found.total_nanousd)} is carried by outcomes"]
    if found.unpriced_calls:
        told.append(f"{found.unpriced_calls:,} calls have no known price")
    if found.unlinked:
        told.append(f"{found.unlinked:,} outcomes name nothing by which money finds them")
    if found.uncounted:
        told.append(f"{found.uncounted:,} are of no contract")
    if found.waiting:
        told.append(f"{found.waiting:,} reversals wait for their outcome")
    return "; ".join(told)
