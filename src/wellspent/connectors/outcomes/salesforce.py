"""Salesforce Change Data Capture (docs: Change Event Message Structure) of Case and Opportunity: cases closed, opportunities won. Pure.

Change events come through the Pub/Sub API, so something of the customer's reads them there and sends them on as JSON. An update carries only
the fields that changed: choose Amount (and CurrencyIsoCode) for event enrichment, or a won opportunity has the value of its last event that
had one. An amount is a value only in US dollars: its currency is CurrencyIsoCode, which organisations with one currency do not have; there the
operator says which it is, or it stays unknown. Open again, or not there yet, is pending; lost is reversed. Left out are deletions and gaps (they
say nothing of what was won), and ``ConversationBillingOutcome``, which is the vendor's bill and no outcome.
"""

from collections.abc import Sequence
from typing import Any

from wellspent import limits
from wellspent.connectors.outcomes.fields import event_from
from wellspent.connectors.outcomes.payload import at, joined, list_at, text_at
from wellspent.facts.errors import InvalidInput
from wellspent.facts.outcome import OutcomeEvent

SOURCE = "salesforce"
WATCHED = {"Case": ("Status", "IsClosed"), "Opportunity": ("StageName", "IsWon", "IsClosed")}


def events_of(payload: Any, currency: str = "") -> list[OutcomeEvent]:
    """What a change event, or a list of them, says. Raises InvalidInput.

    Args:
        currency: Of amounts that do not say theirs: the organisation's own; "" is unknown.
    """
    messages = payload if isinstance(payload, list) else [payload]
    if len(messages) > limits.OUTCOMES_BATCH_MAX:
        raise InvalidInput(f"there are {len(messages):,} change events", fix=f"send at most {limits.OUTCOMES_BATCH_MAX:,} at once")
    return [event for message in messages for event in _read(message, currency)]


def _read(message: Any, currency: str) -> list[OutcomeEvent]:
    """Streaming clients see ``{"schema", "payload", "event"}``, Pub/Sub clients the payload alone. One change may be of several records."""
    change = at(message, "payload") if at(message, "ChangeEventHeader") is None else message
    header = at(change, "ChangeEventHeader")
    entity, kind = text_at(header, "entityName"), text_at(header, "changeType")
    watched = WATCHED.get(entity, ())
    changed = watched if kind == "CREATE" else _changed(header, watched) if kind == "UPDATE" else ()
    if not any(name in changed and at(change, name) is not None for name in watched):
        return []
    said = _case(change) if entity == "Case" else _opportunity(change, currency)
    where = joined(text_at(header, "transactionKey"), " ", text_at(header, "sequenceNumber"))
    records: Sequence[Any] = list_at(header, "recordIds")
    if len(records) > limits.OUTCOMES_BATCH_MAX:
        raise InvalidInput(f"the change is of {len(records):,} records", fix=f"send at most {limits.OUTCOMES_BATCH_MAX:,} at once")
    found = []
    for number in range(len(records)):
        record = text_at({"id": records[number]}, "id")
        link = {"conversation": record} if entity == "Case" else {"customer": text_at(change, "AccountId")}
        fields = {**said, **link, "outcome": record, "occurred_at": at(header, "commitTimestamp"), "event": joined(where, " ", record)}
        found.append(event_from(fields, SOURCE))
    return found


def _changed(header: Any, watched: Sequence[str]) -> Sequence[Any]:
    """The names of what changed. Where nobody decoded Pub/Sub's bitmaps (``0x400000``), whatever is there: the rest is null."""
    names = list_at(header, "changedFields")
    return watched if any(isinstance(name, str) and "0x" in name for name in names) else names


def _case(change: Any) -> dict[str, Any]:
    status, closed = text_at(change, "Status"), at(change, "IsClosed")
    done = closed if isinstance(closed, bool) else status == "Closed"
    return {"kind": "conversation_solved", "state": "settled" if done else "pending", "note": joined("Status ", status)}


def _opportunity(change: Any, currency: str) -> dict[str, Any]:
    stage, won, closed = text_at(change, "StageName"), at(change, "IsWon"), at(change, "IsClosed")
    is_won = won if isinstance(won, bool) else stage == "Closed Won"
    is_lost = not is_won and (closed if isinstance(closed, bool) else stage == "Closed Lost")
    said: dict[str, Any] = {"kind": "deal_won", "state": "settled" if is_won else "reversed" if is_lost else "pending"}
    said["note"] = joined("StageName ", stage)
    amount = at(change, "Amount")
    if amount is not None:
        its = text_at(change, "CurrencyIsoCode") or currency
        number = str(amount) if isinstance(amount, int | float) and not isinstance(amount, bool) else ""
        below_zero = number.startswith("-")  # a credit brings nothing: it is told, and is no value
        said |= {"value_usd": amount} if its == "USD" and not below_zero else {"amount": joined(its or "currency unknown:", " ", number)}
    return said
