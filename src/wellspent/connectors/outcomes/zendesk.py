"""Zendesk webhooks (docs: Ticket events, "Status changed", version 2022-11-06): conversations solved and reopened. Pure.

Solved and closed are settled; whether a solved one may still come back is for the contract's window to say. Back at work is pending again.
Archived, deleted and scrubbed are housekeeping: they say nothing of what the customer got.
"""

from typing import Any

from wellspent.connectors.outcomes.fields import event_from
from wellspent.connectors.outcomes.payload import joined, text_at
from wellspent.facts.outcome import OutcomeEvent

SOURCE = "zendesk"
STATUS_CHANGED = "zen:event-type:ticket.status_changed"
DONE = ("SOLVED", "CLOSED")
AT_WORK = ("NEW", "OPEN", "PENDING", "HOLD")


def events_of(payload: Any) -> list[OutcomeEvent]:
    """What a delivery says. Raises InvalidInput."""
    before, after = text_at(payload, "event", "previous").upper(), text_at(payload, "event", "current").upper()
    solved, reopened = after in DONE, before in DONE and after in AT_WORK
    if text_at(payload, "type") != STATUS_CHANGED or not (solved or reopened):
        return []
    ticket = text_at(payload, "detail", "id")
    fields = {
        "outcome": ticket,
        "kind": "conversation_solved",
        "state": "settled" if solved else "pending",
        "occurred_at": text_at(payload, "time"),
        "event": text_at(payload, "id"),
        "conversation": ticket,
        "note": joined(before.lower(), " to ", after.lower()),
    }
    return [event_from(fields, SOURCE)]
