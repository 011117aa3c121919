"""Zendesk webhooks (docs: Event types for Zendesk webhooks, ``ticket.status_changed``): conversations solved and reopened. Pure.

Solved is pending until the contract's window is over; closed is settled, because Zendesk closes a ticket for ever.
"""

from typing import Any

from wellspent.connectors.outcomes.fields import event_from
from wellspent.facts.outcome import OutcomeEvent

SOURCE = "zendesk"
STATUS_CHANGED = "zen:event-type:ticket.status_changed"
STATES = {"SOLVED": "settled", "CLOSED": "settled"}


def events_of(payload: dict[str, Any]) -> list[OutcomeEvent]:
    """What a delivery says."""
    change, detail = payload.get("event"), payload.get("detail")
    if payload.get("type") != STATUS_CHANGED or not isinstance(change, dict) or not isinstance(detail, dict):
        return []
    before, after = str(change.get("previous")).upper(), str(change.get("current")).upper()
    if after not in STATES and before not in STATES:
        return []
    ticket = str(detail["id"])
    fields = {
        "outcome": ticket,
        "kind": "conversation_solved",
        "state": STATES.get(after, "pending"),
        "occurred_at": payload["time"],
        "event": payload["id"],
        "conversation": ticket,
        "note": f"{before.lower()} to {after.lower()}",
    }
    return [event_from(fields, SOURCE)]
