"""``wellspent contract``."""

from collections import Counter
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from wellspent.analytics.contract import Contract, contract_named, contracts_of
from wellspent.analytics.recount import Billed, Disputed, Recount, recount
from wellspent.analytics.vendor import MONTH, Vendor
from wellspent.config import Config
from wellspent.connectors.bills import FORMATS, bill_of
from wellspent.connectors.bills.line import Bill, BillLine
from wellspent.facts.clock import SystemClock
from wellspent.facts.errors import InvalidInput
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
    Column("taken_back", "counted once, then undone", right=True),
)
LINES = (
    Column("outcome", "disputed"),
    Column("amount_nanousd", "billed", right=True, show=usd),
    Column("why", "why"),
    Column("evidence", "evidence", show=joined),
)


def check(
    name: str,
    *,
    settle_after: str = "",
    reopen_within: str = "",
    attested: str = "",
    source: str = "",
    kind: str = "",
    common: Common = COMMON,
    shape: Shape = SHAPE,
) -> None:
    """Count history by a contract, and by a changed one beside it: what counts, and what would have counted first and been undone later.

    Args:
        name: The contract, as the configuration names it.
        settle_after: Count as if outcomes had to stand this long, like 72h or 7d.
        reopen_within: Count as if outcomes could be undone for so long only, like 30d.
        attested: Count as if they had to be confirmed, or any.
        source: Count as if only this source's were meant.
        kind: Count as if outcomes of this kind were meant.
    """
    config = common.load()
    contract = named(config, name)
    asked = (("settle_after", settle_after), ("reopen_within", reopen_within), ("attested", attested), ("source", source), ("kind", kind))
    changes = {key: value for key, value in asked if value}
    definitions = {"as it stands": contract}
    if changes:
        line = next(each for each in config.contracts if each.get("name") == name)
        definitions["changed"] = contracts_of([{**line, **changes}])[0]
    with log_of(config) as log:
        outcomes = list(log.outcomes())
    now_ms = SystemClock().now_ms()
    emit([_count(definition, each, outcomes, now_ms) for definition, each in definitions.items()], COUNTS, shape)


def bill(
    name: str,
    file: Path,
    *,
    vendor: Annotated[str, Parameter(help=f"Who wrote the file: {', '.join(FORMATS)}; told by its columns unless said.")] = "",
    month: Annotated[
        str, Parameter(help="The month that it bills, like 2026-10, where the vendor's prices change; the last prices unless said.")
    ] = "",
    common: Common = COMMON,
    shape: Shape = SHAPE,
) -> int:
    """Hold a vendor's bill of outcomes against your own count: billed, settled by the contract's rule, confirmed, and each disputed line.

    Exits with 3 where a line is disputed.

    Args:
        name: The contract, as the configuration names it.
        file: The vendor's own export, or a CSV file with a line for each billed outcome: outcome, and amount_usd unless the contract says the price.
    """
    config = common.load()
    contract = named(config, name)
    if month and not MONTH.fullmatch(month):
        raise InvalidInput(f"{month!r} is no month", fix="write it like 2026-10")
    read = bill_of(file, vendor)
    with log_of(config) as log:
        outcomes = list(log.outcomes())
    found = recount(contract, outcomes, _billed(read, contract.vendor, month), SystemClock().now_ms())
    lines = [_line(each) for each in found.disputed]
    if shape.json:
        emit_json({"format": read.format, **_summary(found), "left_out": dict(read.left_out), "disputed_lines": lines})
    else:
        talk(_told(found, read, contract.vendor.terms_of(month).fee_nanousd if contract.vendor else 0))
        emit(lines, LINES, shape, empty="no line is disputed")
    return 3 if found.disputed else 0


def _billed(read: Bill, vendor: Vendor | None, month: str) -> list[Billed]:
    """The bill with an amount for each line: its own, its units at their price, or its share of what the vendor's terms charge for all of those."""
    silent = [line.quantity for line in read.lines if line.amount_nanousd is None and line.units is None]
    if silent and vendor is None:
        raise InvalidInput("the bill has lines without an amount", fix="add amount_usd to them, or say the vendor's price in the contract")
    shares = iter(vendor.shares_nanousd(silent, month) if vendor else [])
    unit = parse_usd(vendor.unit_usd) if vendor and vendor.unit_usd else None
    billed = []
    for line in read.lines:
        amount = line.amount_nanousd
        if amount is None:
            amount = next(shares) if line.units is None else _units(line, unit)
        billed.append(Billed(line.outcome, amount, line.names, line.against, line.evidence))
    return billed


def _units(line: BillLine, unit_nanousd: int | None) -> int:
    if unit_nanousd is None:
        raise InvalidInput("the bill is in units of the vendor's own", fix="say what one costs: unit_usd of the contract's vendor")
    return (line.units or 0) * unit_nanousd


def named(config: Config, name: str) -> Contract:
    """A contract of the configuration. Raises NotFound."""
    return contract_named(contracts_of(config.contracts), name)


def _count(definition: str, contract: Contract, outcomes: list[Outcome], now_ms: int) -> dict[str, object]:
    found = Counter(dict.fromkeys(("settled", "confirmed", "pending", "reversed", "taken_back"), 0))
    for each in outcomes:
        if not contract.covers(each) or each.waits:
            continue
        quantity = each.last.quantity
        if contract.counts(each, now_ms):
            found["settled"] += quantity
            found["confirmed"] += quantity if each.last.attested == "confirmed" else 0
            continue
        found["reversed" if each.state == "reversed" else "pending"] += quantity
        found["taken_back"] += quantity if contract.had_counted(each) else 0
    return {"definition": f"{definition}: {_terms(contract)}", **found}


def _terms(contract: Contract) -> str:
    reopened = f", can be reopened within {contract.reopen_within}" if contract.reopen_within else ""
    source = f", from {contract.source}" if contract.source else ""
    return f"settles after {contract.settle_after}{reopened}, {contract.attested}{source}"


def _line(disputed: Disputed) -> dict[str, object]:
    evidence = [f"{name}={value}" for name, value in disputed.evidence]
    return {"outcome": disputed.outcome, **money("amount", disputed.amount_nanousd), "why": disputed.why, "evidence": evidence}


def _summary(found: Recount) -> dict[str, object]:
    row: dict[str, object] = {name: getattr(found, name) for name in ("billed", "settled", "confirmed", "unbilled")}
    row["disputed"] = len(found.disputed)
    for name in ("billed", "settled", "confirmed", "disputed"):
        row |= money(name, getattr(found, f"{name}_nanousd"))
    return row


def _told(found: Recount, read: Bill, fee_nanousd: int) -> str:
    parts = [f"{getattr(found, name):,} {name} ({format_usd(getattr(found, f'{name}_nanousd'))})" for name in ("billed", "settled", "confirmed")]
    more = f"; {found.unbilled:,} settled outcomes are not on the bill" if found.unbilled else ""
    left = "; not charged: " + ", ".join(f"{count:,} {why}" for why, count in read.left_out) if read.left_out else ""
    fee = f"; a month's fee of {format_usd(fee_nanousd)} is beside that" if fee_nanousd else ""
    return f"{', '.join(parts)}; {len(found.disputed):,} disputed ({format_usd(found.disputed_nanousd)}){more}{fee}{left}"
