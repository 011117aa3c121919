"""``wellspent receipt``."""

from zoneinfo import ZoneInfo

import msgspec

from wellspent.facts.entry import Released, Settled
from wellspent.facts.errors import NotFound
from wellspent.facts.money import exact_usd
from wellspent.facts.usage import Quality
from wellspent.ledger.reader import JournalReader, Receipt
from wellspent.surfaces.cli.common import COMMON, SHAPE, Common, Shape, journal_path
from wellspent.surfaces.cli.output import Column, emit, emit_json, money, named, table, visible
from wellspent.surfaces.cli.when import local, zone_of


def receipt(call: str, *, common: Common = COMMON, shape: Shape = SHAPE) -> None:
    """Show how a call was charged, line by line, and where it is chained into the journal.

    Args:
        call: Its id: ws_…, the request-id of the answer.
    """
    config = common.load()
    found = JournalReader(journal_path(config)).receipt(call)
    if found is None:
        raise NotFound(f"there is no call {call!r} in {config.data_dir}", fix="copy the request-id header of the answer, or see: wellspent watch")
    if shape.json:
        emit_json({**_machine(found), **money("amount", None if _unknown(found) else found.amount_nanousd)})
        return
    if shape.csv:
        emit(_lines(found), COLUMNS, shape)
        return
    for name, text in _facts(found, zone_of(config.timezone)):
        print(f"{name:<12}{visible(text)}")
    lines = _lines(found)
    if lines:
        print()
        table(
            lines,
            COLUMNS,
            {"unit": "total", "quantity": None, "rate_text": _quality(found), "amount_nanousd": None if _unknown(found) else found.amount_nanousd},
        )


def exact(value: object) -> str:
    """An amount with every place that is not zero, so that lines visibly add up."""
    if not isinstance(value, int):
        return "unknown"
    whole, _, fraction = exact_usd(value).partition(".")
    sign, whole = ("-", whole[1:]) if whole.startswith("-") else ("", whole)
    return f"{sign}${int(whole):,}.{fraction.rstrip('0').ljust(2, '0')}"


COLUMNS = (
    Column("unit", "unit"),
    Column("quantity", "quantity", right=True, show=lambda value: f"{value:,}" if isinstance(value, int) else ""),
    Column("rate_text", "rate", right=True),
    Column("amount_nanousd", "amount", right=True, show=exact),
)


def _facts(found: Receipt, zone: ZoneInfo) -> list[tuple[str, str]]:
    reserved, ended = found.reserved, found.ended
    who = msgspec.structs.asdict(reserved.attribution)
    tags = [f"{name}={value}" for name, value in who.pop("tags")]
    facts = [
        ("call", reserved.call_id),
        ("when", f"{local(reserved.at_ms, zone)} ({zone})"),
        ("charged to", ", ".join([*(f"{name} {value}" for name, value in who.items() if value), *tags]) or "unknown"),
        ("asked", f"{reserved.model_asked} on {reserved.wire}"),
        ("held", f"{exact(reserved.held.nanousd)} in {', '.join(reserved.windows) or 'no budget'}"),
    ]
    if isinstance(ended, Settled):
        facts.append(
            ("answered", f"{ended.model or reserved.model} by {ended.upstream or 'unknown'}, status {ended.status}, {ended.duration_ms:,} ms")
        )
        facts.append(("settled", f"{_settled(ended)}, {ended.quality}" + (f": {ended.reason}" if ended.reason else "")))
        facts.append(("price book", ended.price_book or "none"))
        if ended.overrun_nanousd:
            facts.append(("overrun", f"{exact(ended.overrun_nanousd)} more than was held"))
        if ended.ref:
            facts.append(("reference", ended.ref))
    elif isinstance(ended, Released):
        facts.append(("released", f"{ended.reason}; nothing was bought"))
    else:
        facts.append(("open", "the call is in flight"))
    facts += [("adjusted", f"{exact(each.delta.nanousd)} on {local(each.at_ms, zone)}: {each.reason}") for each in found.adjusted]
    facts.append(("journal", f"row {found.row}, hash {found.row_hash}"))
    facts.append(("", f"after {found.previous_hash}"))
    return facts


def _lines(found: Receipt) -> list[dict[str, object]]:
    charged = found.ended.lines if isinstance(found.ended, Settled) else ()
    lines: list[dict[str, object]] = []
    for line in charged:
        unknown = line.rate == "unknown"
        rate = "unknown" if unknown else f"${line.rate} per {line.per:,}"
        row: dict[str, object] = {"unit": line.unit, "quantity": line.quantity, "rate": line.rate, "per": line.per, "rate_text": rate}
        lines.append({**row, "amount_nanousd": None if unknown else line.amount_nanousd})
    for each in found.adjusted:
        lines.append(
            {"unit": f"adjusted: {each.reason}", "quantity": None, "rate": "", "per": None, "rate_text": "", "amount_nanousd": each.delta.nanousd}
        )
    return lines


def _machine(found: Receipt) -> dict[str, object]:
    return {name: named(value) for name, value in msgspec.structs.asdict(found).items()}


def _settled(ended: Settled) -> str:
    if ended.quality is not Quality.UNPRICED:
        return exact(ended.charged.nanousd)
    return f"{exact(ended.charged.nanousd)} + unknown" if ended.charged.nanousd else "unknown"


def _unknown(found: Receipt) -> bool:
    return found.amount_nanousd == 0 and isinstance(found.ended, Settled) and _quality(found) == Quality.UNPRICED


def _quality(found: Receipt) -> str:
    quality = found.adjusted[-1].quality if found.adjusted else found.ended.quality if isinstance(found.ended, Settled) else Quality.EXACT
    return str(quality)
