"""The receipt of one call: lines, hold, budgets, who it was for, and where it is chained into the journal."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from wellspent.facts.attribution import Attribution, Scope
from wellspent.facts.entry import Settled
from wellspent.facts.money import exact_usd, format_usd
from wellspent.ledger.reader import Receipt
from wellspent.surfaces.web.groups import PERSONAL, Groups

FOR = ("org", "team", "project", "workflow", "run", "client")  # neither person, key nor session: ``wellspent receipt`` tells them


def receipt_view(receipt: Receipt, timezone: str, groups: Groups, scopes: Mapping[str, Scope]) -> dict[str, Any]:
    """A receipt as plain values, for the page and the API: without whatever is one person's, or of too few.

    Args:
        scopes: Those of the budgets there are, by id.
    """
    held, ended = receipt.reserved, receipt.ended
    settled = ended if isinstance(ended, Settled) else None
    who = held.attribution
    budgets = [window for window in held.windows if _shown(window, scopes, groups)]
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
        "budgets": budgets,
        "budgets_not_shown": len(held.windows) - len(budgets),
        "charged_to": _charged_to(who, groups),
        "tags": [] if groups.folds(who.team) else [name if name in PERSONAL else f"{name}={value}" for name, value in who.tags],
        "adjusted": [{"amount": format_usd(each.delta.nanousd), "reason": each.reason} for each in receipt.adjusted],
        "price_book": settled.price_book if settled else held.price_book,
        "ref": settled.ref if settled else "",
        "row": receipt.row,
        "row_hash": receipt.row_hash,
        "previous_hash": receipt.previous_hash,
    }


def _charged_to(who: Attribution, groups: Groups) -> list[dict[str, str]]:
    """Whom a call was for. Of teams that are told as one, nothing by which one of them could be known."""
    told = {name: getattr(who, name) for name in FOR}
    if groups.folds(who.team):
        told = {"org": who.org, "team": groups.told(who.team), "client": who.client}
    return [{"kind": kind, "name": name} for kind, name in told.items() if name]


def _shown(window: str, scopes: Mapping[str, Scope], groups: Groups) -> bool:
    """Whether a budget's window may be told: of a budget that is no more, nobody knows whose it was."""
    budget, _, rest = window.partition("@")
    scope = scopes.get(budget)
    if scope is None:
        return False
    _, _, value = rest.partition("/")
    return not groups.hides(Scope(scope.kind, value) if scope.name == "*" else scope)


def _rate(rate: str) -> str:
    """``$0.30``: exact, with two places at the least."""
    whole, _, places = rate.partition(".")
    return f"${whole}.{places.ljust(2, '0')}"


def _per(per: int) -> str:
    return {1: "1", 1_000: "thousand", 1_000_000: "million"}.get(per, f"{per:,}")
