"""HubSpot, by developers.hubspot.com "Webhooks API v3": the fields of a payload, which is a list."""

from typing import Any

import pytest
from tests.connectors.outcomes.documents import HUBSPOT

from wellspent import limits
from wellspent.connectors.outcomes import hubspot
from wellspent.facts.errors import InvalidInput
from wellspent.facts.outcome import OutcomeEvent, outcome_of

DEAL, CONTACT, THREAD = HUBSPOT


def test_a_delivery_of_three() -> None:
    deal, lead, thread = hubspot.events_of(HUBSPOT)
    assert deal == OutcomeEvent(
        "hubspot",
        "5799819 deal 697680835",
        "deal_won",
        "settled",
        1_556_094_637_139,
        event="92894 802835955 697680835 1556094637139",
        evidence=(("by", "CRM_UI"), ("note", "dealstage closedwon")),
    )
    assert (lead.outcome, lead.kind, lead.state, lead.links) == ("33 contact 1246965", "lead", "settled", (("customer", "1246965"),))
    assert (thread.kind, thread.state, thread.links) == ("conversation_solved", "settled", (("conversation", "2105"),))


@pytest.mark.parametrize(
    ("message", "said"),
    [
        ({**DEAL, "propertyValue": "closedlost"}, ["deal_won reversed"]),
        ({**DEAL, "propertyValue": "contractsent"}, ["deal_won pending"]),
        ({**DEAL, "propertyValue": "1f4f1ec1-8174-49f3-a112-4eaa4748e38e"}, ["deal_won pending"]),
        ({**DEAL, "propertyValue": ""}, []),
        ({**DEAL, "propertyName": "amount", "propertyValue": "2000"}, []),
        ({**DEAL, "subscriptionType": "deal.creation"}, []),
        ({**DEAL, "subscriptionType": "object.propertyChange", "objectTypeId": "0-3"}, ["deal_won settled"]),
        ({**DEAL, "subscriptionType": "object.propertyChange", "objectTypeId": "0-2"}, []),
        ({**CONTACT, "subscriptionType": "object.creation", "objectTypeId": "0-1"}, ["lead settled"]),
        ({**CONTACT, "subscriptionType": "contact.deletion"}, []),
        ({**THREAD, "propertyValue": "OPEN"}, ["conversation_solved pending"]),
        ({**THREAD, "propertyName": "assignedTo"}, []),
        ({**THREAD, "propertyValue": ["CLOSED"]}, []),
        ("text", []),
        (None, []),
    ],
)
def test_what_a_message_means(message: Any, said: list[str]) -> None:
    assert [f"{event.kind} {event.state}" for event in hubspot.events_of([message])] == said
    assert hubspot.events_of(message) == hubspot.events_of([message])


def test_a_deal_moved_back_is_a_reversal() -> None:
    won = hubspot.events_of([DEAL])
    back = hubspot.events_of([{**DEAL, "propertyValue": "contractsent", "eventId": 2, "occurredAt": DEAL["occurredAt"] + 1}])
    standing = outcome_of([*back, *won])
    assert standing is not None
    assert (standing.counts, standing.reversals) == (False, 1)


def test_another_attempt_is_the_same_message() -> None:
    assert hubspot.events_of([{**DEAL, "attemptNumber": 3}]) == hubspot.events_of([DEAL])


@pytest.mark.parametrize(
    ("payload", "says"),
    [
        ([CONTACT, {**DEAL, "objectId": None}], "message 2: outcome is missing"),
        ([{**DEAL, "portalId": None}], "message 1: outcome is missing"),
        ([{**DEAL, "occurredAt": None}], "message 1: occurred_at is missing"),
        ([{**DEAL, "occurredAt": "now"}], "message 1: 'now' is not a moment"),
        ([None] * (limits.OUTCOMES_BATCH_MAX + 1), "the delivery has 10,001 messages"),
    ],
)
def test_what_is_missing_is_named(payload: Any, says: str) -> None:
    with pytest.raises(InvalidInput, match=says):
        hubspot.events_of(payload)


def test_a_thread_whose_id_is_text() -> None:
    """Threads' ids are longer than numbers in JavaScript may be, and have been seen as text (docs.open.cx, HubSpot webhooks)."""
    thread = {**HUBSPOT[2], "objectId": "9598272090"}
    (event,) = hubspot.events_of([thread])
    assert (event.outcome, event.links) == ("33 conversation 9598272090", (("conversation", "9598272090"),))
    assert event == hubspot.events_of([{**thread, "objectId": 9598272090}])[0]
