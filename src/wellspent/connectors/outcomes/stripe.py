"""Stripe webhooks (docs: Types of events; Supported currencies): payments, and what of them was given back. Pure.

A payment is its payment intent (or its charge, where it has none). The same money is also told as ``invoice.paid`` and
``checkout.session.completed``: those are left out, so that it counts once. A full refund and a dispute reverse it, a dispute that is won
settles it again, and a refund in part leaves it settled at what was kept. Only US dollars become its value; another currency's amount is
evidence. Events of test mode are left out. Metadata named like a link, or ``team``, ``project`` or ``workflow``, is taken as such.
"""

from decimal import Decimal
from typing import Any

from wellspent.connectors.outcomes.fields import TEXTS, event_from
from wellspent.connectors.outcomes.payload import at, joined, text_at
from wellspent.facts.errors import InvalidInput
from wellspent.facts.outcome import LINK_KINDS, OutcomeEvent

SOURCE = "stripe"
# UGX and ISK have no minor unit either, but Stripe goes on writing them with two places.
NO_MINOR = frozenset(("BIF", "CLP", "DJF", "GNF", "JPY", "KMF", "KRW", "MGA", "PYG", "RWF", "VND", "VUV", "XAF", "XOF", "XPF"))
THREE_PLACES = frozenset(("BHD", "JOD", "KWD", "OMR", "TND"))
MINOR_MAX = 10**15


def events_of(payload: Any) -> list[OutcomeEvent]:
    """What an event says. Raises InvalidInput."""
    thing = at(payload, "data", "object")
    said = _said(text_at(payload, "type"), thing)
    if not said or at(payload, "livemode") is False:
        return []
    metadata = {name: text_at(thing, "metadata", name) for name in (*LINK_KINDS, *TEXTS)}
    fields = {
        **metadata,
        "outcome": _id(thing, "payment_intent") or _id(thing, "charge") or text_at(thing, "id"),
        "kind": "payment",
        "occurred_at": at(payload, "created"),
        "event": text_at(payload, "id"),
        "customer": _id(thing, "customer") or metadata["customer"],
        "by": text_at(payload, "type"),
        **said,
    }
    return [event_from(fields, SOURCE)]


def _said(kind: str, thing: Any) -> dict[str, Any]:
    """The state that an event means, with money where it has some; {} where it means none."""
    if kind == "payment_intent.succeeded":
        return {"state": "settled", **_money(thing, _minor(thing, "amount_received"))}
    if kind == "charge.succeeded" and not _id(thing, "payment_intent"):
        return {"state": "settled", **_money(thing, _minor(thing, "amount"))}
    if kind == "charge.refunded":
        kept = _minor(thing, "amount") - _minor(thing, "amount_refunded")
        whole = at(thing, "refunded") is True or kept <= 0
        return {"state": "reversed"} if whole else {"state": "settled", "note": "refunded in part", **_money(thing, kept)}
    status = text_at(thing, "status")
    if kind == "charge.dispute.created" and not status.startswith("warning_"):  # an inquiry: no money has moved
        return {"state": "reversed", "note": joined("disputed: ", text_at(thing, "reason"))}
    if kind == "charge.dispute.closed" and status == "won":
        return {"state": "settled", "note": "the dispute was won"}
    return {}


def _minor(thing: Any, name: str) -> int:
    value = at(thing, name)
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= MINOR_MAX:
        raise InvalidInput(f"{name} is no amount", fix="send it as Stripe does, in whole minor units")
    return value


def _money(thing: Any, minor: int) -> dict[str, str]:
    currency = text_at(thing, "currency").upper()
    places = 0 if currency in NO_MINOR else 3 if currency in THREE_PLACES else 2
    amount = f"{Decimal(minor).scaleb(-places):f}"
    return {"value_usd": amount} if currency == "USD" else {"amount": joined(currency, " ", amount)}


def _id(thing: Any, name: str) -> str:
    """An id, or that of the object it was expanded to."""
    return text_at(thing, name) or text_at(thing, name, "id")
