"""``wellspent contract``."""

from pathlib import Path

from wellspent.analytics.contract import Contract, contracts_of
from wellspent.analytics.recount import Billed, Disputed, Recount, recount
from wellspent.config import Config
from wellspent.connectors.outcomes.bill import lines_of
from wellspent.facts.clock import SystemClock
from wellspent.facts.errors import NotFound
from wellspent.facts.money import format_usd, parse_usd
from wellspent.facts.outcome import Outcome
from wellspent.surfaces.cli.common import COMMON, SHAPE, Common, Shape, talk
from wellspent.surfaces.cli.outcomes import log_of
from wellspent.surfaces.cli.output import Column, emit, emit_json, joined, money, usd

COUNTS = (
    Column("definition", "definition"),
    Column("settled", "settled", right=True),
    Column("confirmed", "of them confirmed", right=True),
    Column("pending", "pending", right=True),
    Column("reversed", "reversed", right=True),
)
LINES = (
    Column("outcome", "disputed"),
    Column("amount_nanousd", "billed", right=True, show=usd),
    Column("why", "why"),
    Column("evidence", "evidence", show=joined),
)


def check(name: str, *, settle_after: str = "", attested: str = "", common: Common = COMMON, shape: Shape = SHAPE) -> None:
    """Count history by a contract, and by a changed one beside it.

    Args:
        name: The contract, as the configuration names it.
        settle_after: Count as if outcomes had to stand this long, like 72h or 7d.
        attested: Count as if they had to be confirmed, or any.
    """
    config = common.load()
    contract = named(config, name)
    changes = {key: value for key, value in (("settle_after", settle_after), ("attested", attested)) if value}
    definitions = {"as it stands": contract}
    if changes:
        line = next(each for each in config.contracts if each.get("name") == name)
        definitions["changed"] = contracts_of([{**line, **changes}])[0]
    with log_of(config) as log:
        outcomes = list(log.outcomes())
    now_ms = SystemClock().now_ms()
    emit([_count(definition, each, outcomes, now_ms) for definition, each in definitions.items()], COUNTS, shape)


def bill(name: str, file: Path, *, common: Common = COMMON, shape: Shape = SHAPE) -> int:
    """Hold a vendor's bill of outcomes against your own count: billed, settled by the contract's rule, confirmed, and each disputed line.

    Exits with 3 where a line is disputed.

    Args:
        name: The contract, as the configuration names it.
        file: A CSV file with a line for each billed outcome: outcome, and amount_usd unless the contract says the vendor's price.
    """
    config = common.load()
    contract = named(config, name)
    price = parse_usd(contract.vendor.price_usd) if contract.vendor else None
    with log_of(config) as log:
        outcomes = list(log.outcomes())
    found = recount(contract, outcomes, [Billed(*line) for line in lines_of(file, price)], SystemClock().now_ms())
    lines = [_line(each) for each in found.disputed]
    if shape.json:
        emit_json({**_summary(found), "disputed_lines": lines})
    else:
        talk(_told(found))
        emit(lines, LINES, shape, empty="no line is disputed")
    return 3 if found.disputed else 0


def named(config: Config, name: str) -> Contract:
    """A contract of the configuration. Raises NotFound."""
    contracts = contracts_of(config.contracts)
    for contract in contracts:
        if contract.name == name:
            return contract
    known = ", ".join(each.name for each in contracts)
    raise NotFound(f"there is no contract {name!r}", fix=f"use one of {known}" if known else "write one in wellspent.toml: see docs/outcomes.md")


def _count(definition: str, contract: Contract, outcomes: list[Outcome], now_ms: int) -> dict[str, object]:
    own = [each for each in outcomes if contract.covers(each)]
    settled = [each for each in own if contract.counts(each, now_ms)]
    reversed_ = [each for each in own if each.state == "reversed" and not each.waits]
    terms = f"settles after {contract.settle_after}, {contract.attested}"
    return {
        "definition": f"{definition}: {terms}",
        "settled": sum(each.last.quantity for each in settled),
        "confirmed": sum(each.last.quantity for each in settled if each.last.attested == "confirmed"),
        "pending": sum(each.last.quantity for each in own if each not in settled and each.state != "reversed"),
        "reversed": sum(each.last.quantity for each in reversed_),
    }


def _line(disputed: Disputed) -> dict[str, object]:
    evidence = [f"{name}={value}" for name, value in disputed.evidence]
    return {"outcome": disputed.outcome, **money("amount", disputed.amount_nanousd), "why": disputed.why, "evidence": evidence}


def _summary(found: Recount) -> dict[str, object]:
    row: dict[str, object] = {name: getattr(found, name) for name in ("billed", "settled", "confirmed", "unbilled")}
    row["disputed"] = len(found.disputed)
    for name in ("billed", "settled", "confirmed", "disputed"):
        row |= money(name, getattr(found, f"{name}_nanousd"))
    return row


def _told(found: Recount) -> str:
    parts = [f"{getattr(found, name):,} {name} ({format_usd(getattr(found, f'{name}_nanousd'))})" for name in ("billed", "settled", "confirmed")]
    more = f"; {found.unbilled:,} settled outcomes are not on the bill" if found.unbilled else ""
    return f"{', '.join(parts)}; {len(found.disputed):,} disputed ({format_usd(found.disputed_nanousd)}){more}"
