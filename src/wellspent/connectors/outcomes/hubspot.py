"""HubSpot webhooks (docs: Webhooks API v3): deals won, conversations closed, contacts created. Pure.

What a thread's ``status`` may be, OPEN or CLOSED, is said by HubSpot's "Conversations API & Webhooks Documentation" (community.hubspot.com).

A delivery is a list. Of a change it has the new value alone, so that a deal at any other stage, and a thread that is open, are pending: of one
that was won or closed before, that is a reversal. A deal's amount is another property and is not sent along. ``closedwon`` is the stage's
name in HubSpot's own pipeline; stages of other pipelines have ids, of which nobody can tell that they are won.
"""

from typing import Any

from wellspent.connectors.outcomes.fields import event_from
from wellspent.connectors.outcomes.payload import at, joined, read_each, text_at
from wellspent.facts.outcome import OutcomeEvent

SOURCE = "hubspot"
OBJECTS = {"0-1": "contact", "0-3": "deal"}  # objectTypeId of the generic subscriptions, object.*
STAGES = {"closedwon": "settled", "closedlost": "reversed"}
STATUSES = {"CLOSED": "settled", "OPEN": "pending"}


def events_of(payload: Any) -> list[OutcomeEvent]:
    """What a delivery says. Raises InvalidInput that names the message."""
    messages = payload if isinstance(payload, list) else [payload]
    return read_each(messages, _read, "the delivery has {count} messages", "message")


def _read(message: Any) -> list[OutcomeEvent]:
    thing, _, what = text_at(message, "subscriptionType").partition(".")
    thing = OBJECTS.get(text_at(message, "objectTypeId"), "") if thing == "object" else thing
    name, value, number = (text_at(message, key) for key in ("propertyName", "propertyValue", "objectId"))
    if (thing, what) == ("contact", "creation"):
        said = {"kind": "lead", "customer": number}
    elif (thing, what, name) == ("deal", "propertyChange", "dealstage") and value:
        said = {"kind": "deal_won", "state": STAGES.get(value, "pending")}
    elif (thing, what, name) == ("conversation", "propertyChange", "status") and value in STATUSES:
        said = {"kind": "conversation_solved", "state": STATUSES[value], "conversation": number}
    else:
        return []
    occurred = text_at(message, "occurredAt")
    fields = {
        "outcome": joined(text_at(message, "portalId"), " ", thing, " ", number),
        "occurred_at": at(message, "occurredAt"),
        # HubSpot does not promise that an eventId is unique; with its subscription, object and moment it is.
        "event": joined(text_at(message, "subscriptionId"), " ", text_at(message, "eventId"), " ", number, " ", occurred),
        "by": text_at(message, "changeSource"),
        "note": joined(name, " ", value),
        **said,
    }
    return [event_from(fields, SOURCE)]
