"""The receipt of one call: lines, hold, budgets, who it was for, and where it is chained into the journal."""

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from wellspent.facts.entry import Settled
from wellspent.facts.money import exact_usd, format_usd
from wellspent.ledger.reader import Receipt


def receipt_view(receipt: Receipt, timezone: str) -> dict[str, Any]:
    """A receipt as plain values, for the page, the API and the command line. Persons are not named: the key and the team are."""
    held, ended = receipt.reserved, receipt.ended
    settled = ended if isinstance(ended, Settled) else None
    who = held.attribution
    fields = ("org", "team", "project", "workflow", "run", "key", "session", "client")
    state = "in flight" if ended is None else "settled" if settled else "released"
    quality = str(settled.quality) if settled else ("unknown" if ended is None else "nothing bought")
    unknown = settled is not None and settled.quality == "unpriced"
    return {
        "call_id": held.call_id,
        "state": state,
        "quality": quality,
        "at": f"{datetime.fromtimestamp(held.at_ms / 1000, UTC).astimezone(ZoneInfo(timezone)):%d %b %Y %H:%M:%S %Z}",
        "wire": held.wire,
        "model_asked": held.model_asked,
        "model": settled.model if settled else held.model,
        "upstream": ended.upstream if ended else "",
        "status": ended.status if ended else 0,
        "duration_ms": settled.duration_ms if settled else 0,
        "lines": [
            {
                "unit": line.unit.replace("_", " "),
                "quantity": f"{line.quantity:,}",
                "rate": "unknown" if line.rate == "unknown" else f"{_rate(line.rate)} / {_per(line.per)}",
                "amount": "unknown" if line.rate == "unknown" else f"${exact_usd(line.amount_nanousd)}",
            }
            for line in (settled.lines if settled else ())
        ],
        "total": "unknown" if unknown else f"${exact_usd(receipt.amount_nanousd)}",
        "total_usd": None if unknown else exact_usd(receipt.amount_nanousd),
        "held": "unknown" if held.quality == "unpriced" else format_usd(held.held.nanousd),
        "overrun": format_usd(settled.overrun_nanousd) if settled and settled.overrun_nanousd else "",
        "reason": ended.reason if ended else "",
        "budgets": list(held.windows),
        "charged_to": [{"kind": name, "name": getattr(who, name)} for name in fields if getattr(who, name)],
        "tags": [f"{name}={value}" for name, value in who.tags],
        "adjusted": [{"amount": format_usd(each.delta.nanousd), "reason": each.reason} for each in receipt.adjusted],
        "price_book": settled.price_book if settled else held.price_book,
        "ref": settled.ref if settled else "",
        "row": receipt.row,
        "row_hash": receipt.row_hash,
        "previous_hash": receipt.previous_hash,
    }


def _rate(rate: str) -> str:
    """``$0.30``: exact, with two places at the least."""
    whole, _, places = rate.partition(".")
    return f"${whole}.{places.ljust(2, '0')}"


def _per(per: int) -> str:
    return {1: "1", 1_000: "thousand", 1_000_000: "million"}.get(per, f"{per:,}")
