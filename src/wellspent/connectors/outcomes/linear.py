"""Linear webhooks (docs: Webhooks, data change events of ``Issue``; the SDK's ``webhooks``): issues completed, reopened and cancelled. Pure.

``updatedFrom`` has the former values of what changed: with a ``stateId`` the issue moved, with a ``completedAt`` it had been completed. Moved
out of completion it is pending again, or reversed where it was cancelled or found to be a duplicate. States' types are told apart, not their names:
triage, backlog, unstarted, started, completed, canceled, duplicate.
"""

from typing import Any

from wellspent.connectors.outcomes.fields import event_from
from wellspent.connectors.outcomes.payload import at, issue_kind, joined, list_at, text_at
from wellspent.facts.outcome import OutcomeEvent

SOURCE = "linear"
DROPPED = ("canceled", "duplicate")


def events_of(delivery: str, payload: Any) -> list[OutcomeEvent]:
    """What a delivery says. Raises InvalidInput.

    Args:
        delivery: The header ``Linear-Delivery``.
    """
    issue, before = at(payload, "data"), at(payload, "updatedFrom")
    action, moved_to = text_at(payload, "action"), text_at(issue, "state", "type")
    moved = action == "create" or (action == "update" and bool(text_at(before, "stateId")))
    completed, was_completed = moved_to == "completed", bool(text_at(before, "completedAt"))
    if text_at(payload, "type") != "Issue" or not moved or not moved_to or not (completed or was_completed):
        return []
    fields = {
        "outcome": text_at(issue, "id"),
        "kind": issue_kind(*(text_at(label, "name") for label in list_at(issue, "labels"))),
        "state": "settled" if completed else "reversed" if moved_to in DROPPED else "pending",
        "occurred_at": (text_at(issue, "completedAt") if completed else "") or text_at(payload, "createdAt"),
        "event": delivery,
        "project": text_at(issue, "team", "key"),
        "issue": text_at(issue, "identifier") or joined(text_at(issue, "team", "key"), "-", text_at(issue, "number")),
        "url": text_at(payload, "url") or text_at(issue, "url"),
        "note": joined("to ", text_at(issue, "state", "name")),
    }
    return [event_from(fields, SOURCE)]
