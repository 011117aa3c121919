"""Intercom webhooks (docs: Webhook topics, ``conversation.*``; Conversation model 2.16, ``ai_agent``): conversations its agent resolved. Pure.

A closed conversation is an outcome where the agent's ``resolution_state`` says so: confirmed by the customer, or assumed because nobody asked
for more. Escalated or met with a bad word, it is reversed. Opened again, or written to after it was closed, it is pending: Intercom deducts
it then, and so do we. A finished procedure that ends in a handoff is billed by Intercom, so it is told, as a kind of its own. Conversations
without the agent, and its previews, are left out. Which topic tells that Fin itself closed a conversation is not documented: Fin is no teammate,
so ``conversation.admin.closed`` may leave some out.
"""

from typing import Any

from wellspent.connectors.outcomes.fields import event_from
from wellspent.connectors.outcomes.payload import at, text_at
from wellspent.facts.outcome import OutcomeEvent

SOURCE = "intercom"
SOLVED = "conversation_solved"
# resolution_state -> kind, state, attested
RESOLUTIONS = {
    "confirmed_resolution": (SOLVED, "settled", "confirmed"),
    "assumed_resolution": (SOLVED, "settled", "assumed"),
    "procedure_handoff": ("procedure_handoff", "settled", ""),
    "escalated": (SOLVED, "reversed", ""),
    "routed_to_team": (SOLVED, "reversed", ""),  # what versions before 2.16 call escalated
    "negative_feedback": (SOLVED, "reversed", ""),
}
CLOSED, OPENED, REPLIED = "conversation.admin.closed", "conversation.admin.opened", "conversation.user.replied"
PREVIEWS = ("fin_preview", "workflow_preview")


def events_of(payload: Any) -> list[OutcomeEvent]:
    """What a notification says. Raises InvalidInput."""
    topic, item = text_at(payload, "topic"), at(payload, "data", "item")
    resolution = text_at(item, "ai_agent", "resolution_state")
    if at(item, "ai_agent_participated") is not True or text_at(item, "ai_agent", "source_type") in PREVIEWS:
        return []
    if topic == CLOSED and resolution in RESOLUTIONS:
        kind, state, attested = RESOLUTIONS[resolution]
    elif topic == OPENED or (topic == REPLIED and text_at(item, "statistics", "last_close_at")):
        kind, state, attested = SOLVED, "pending", ""
    else:
        return []
    fields = {
        "outcome": text_at(item, "id"),
        "kind": kind,
        "state": state,
        "occurred_at": at(payload, "created_at"),
        "event": text_at(payload, "id"),
        "attested": attested,
        "conversation": text_at(item, "id"),
        "by": text_at(item, "ai_agent", "source_title"),
        "note": resolution if topic == CLOSED else topic,
    }
    return [event_from(fields, SOURCE)]
