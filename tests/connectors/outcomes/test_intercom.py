"""Intercom, by its notification object and the conversation of the OpenAPI description 2.16 (ai_agent, statistics)."""

import copy
from typing import Any

import pytest
from tests.connectors.outcomes.documents import INTERCOM

from wellspent.connectors.outcomes import intercom
from wellspent.facts.errors import InvalidInput
from wellspent.facts.outcome import OutcomeEvent, outcome_of


def told(topic: str = "conversation.admin.closed", resolution: Any = "assumed_resolution", at_s: int = 1_553_291_390, **changes: Any) -> Any:
    said = copy.deepcopy(INTERCOM)
    said["data"]["item"]["ai_agent"]["resolution_state"] = resolution
    said["data"]["item"] |= changes
    return {**said, "topic": topic, "created_at": at_s, "id": f"notif_{at_s}"}


def test_a_conversation_that_the_agent_resolved() -> None:
    event = OutcomeEvent(
        "intercom",
        "21322009097",
        "conversation_solved",
        "settled",
        1_553_291_390_000,
        event="notif_2bc4bf3a-0064-4fb0-9e17-dc44d91bcb9b",
        attested="assumed",
        links=(("conversation", "21322009097"),),
        evidence=(("by", "Fin AI Agent"), ("note", "assumed_resolution")),
    )
    assert intercom.events_of(INTERCOM) == [event]


@pytest.mark.parametrize(
    ("resolution", "said"),
    [
        ("confirmed_resolution", [("conversation_solved", "settled", "confirmed")]),
        ("assumed_resolution", [("conversation_solved", "settled", "assumed")]),
        ("procedure_handoff", [("procedure_handoff", "settled", "")]),
        ("escalated", [("conversation_solved", "reversed", "")]),
        ("routed_to_team", [("conversation_solved", "reversed", "")]),
        ("negative_feedback", [("conversation_solved", "reversed", "")]),
        (None, []),
        ("something_new", []),
    ],
)
def test_what_a_resolution_means(resolution: Any, said: list[tuple[str, str, str]]) -> None:
    assert [(event.kind, event.state, event.attested) for event in intercom.events_of(told(resolution=resolution))] == said


@pytest.mark.parametrize(
    ("payload", "states"),
    [
        (told("conversation.admin.opened"), ["pending"]),
        (told("conversation.user.replied"), ["pending"]),
        (told("conversation.user.replied", statistics={"last_close_at": None}), []),
        (told("conversation.user.replied", statistics=None), []),
        (told("conversation.admin.replied"), []),
        (told(ai_agent_participated=False), []),
        (told(ai_agent_participated="yes"), []),
        (told(ai_agent=None), []),
        (told(ai_agent={"resolution_state": "assumed_resolution", "source_type": "fin_preview"}), []),
        ({**INTERCOM, "data": None}, []),
        (None, []),
    ],
)
def test_what_a_topic_means(payload: Any, states: list[str]) -> None:
    assert [event.state for event in intercom.events_of(payload)] == states


def test_a_customer_who_comes_back_takes_the_resolution_away() -> None:
    closed, back = intercom.events_of(told()), intercom.events_of(told("conversation.user.replied", at_s=1_553_300_000))
    standing = outcome_of([*back, *closed])
    assert standing is not None
    assert (standing.counts, standing.reversals) == (False, 1)


@pytest.mark.parametrize(
    ("payload", "says"),
    [(told(id=None), "outcome is missing"), ({**INTERCOM, "created_at": None}, "occurred_at is missing"), (told(at_s=5), "not a moment")],
)
def test_what_is_missing_is_named(payload: Any, says: str) -> None:
    with pytest.raises(InvalidInput, match=says):
        intercom.events_of(payload)
