"""Linear, by linear.app/developers/webhooks, data change events; updatedFrom has "the previous values of all updated properties"."""

from typing import Any

import pytest
from tests.connectors.outcomes.documents import LINEAR

from wellspent.connectors.outcomes import linear
from wellspent.facts.errors import InvalidInput
from wellspent.facts.outcome import OutcomeEvent

DONE_AT = "2023-04-11T10:16:53.001Z"


def moved(to: str, before: Any, **changes: Any) -> Any:
    data = {**LINEAR["data"], "state": {"name": to.title(), "type": to}, **changes}
    return {**LINEAR, "data": data, "updatedFrom": before}


def test_an_issue_that_is_completed() -> None:
    event = OutcomeEvent(
        "linear",
        "3443a709-f2b5-46f2-a136-a0445fd432be",
        "issue_done",
        "settled",
        1_681_208_213_001,
        event="l1",
        project="WEB",
        links=(("issue", "WEB-44"),),
        evidence=(("url", "https://linear.app/webhooks/issue/WEB-44/this-is-regarding-the-outage"), ("note", "to Done")),
    )
    assert linear.events_of("l1", LINEAR) == [event]


@pytest.mark.parametrize(
    ("payload", "states"),
    [
        (moved("started", {"stateId": "s", "completedAt": DONE_AT}, completedAt=None), ["pending"]),
        (moved("canceled", {"stateId": "s", "completedAt": DONE_AT}, completedAt=None), ["reversed"]),
        (moved("duplicate", {"stateId": "s", "completedAt": DONE_AT}, completedAt=None), ["reversed"]),
        (moved("canceled", {"stateId": "s"}), []),
        (moved("started", {"stateId": "s"}), []),
        (moved("completed", {"title": "before"}), []),
        (moved("completed", None), []),
        ({**moved("completed", None), "action": "create"}, ["settled"]),
        ({**LINEAR, "action": "remove"}, []),
        ({**LINEAR, "type": "Comment"}, []),
        ({**LINEAR, "data": []}, []),
        (None, []),
    ],
)
def test_what_a_change_means(payload: Any, states: list[str]) -> None:
    assert [event.state for event in linear.events_of("l", payload)] == states


def test_a_move_between_two_states_of_completion_says_what_is_known() -> None:
    """Same outcome, state and moment: the log takes it once."""
    (first,), (second,) = linear.events_of("", LINEAR), linear.events_of("", moved("completed", {"stateId": "released"}))
    assert (first.outcome, first.state, first.occurred_at_ms) == (second.outcome, second.state, second.occurred_at_ms)


def test_incidents_and_identifiers() -> None:
    (event,) = linear.events_of("l", moved("completed", {"stateId": "s"}, labels=[{"name": "Outage"}], identifier="OPS-7"))
    assert (event.kind, event.links) == ("incident_closed", (("issue", "OPS-7"),))


@pytest.mark.parametrize(
    ("payload", "says"),
    [
        (moved("completed", {"stateId": "s"}, id=None), "outcome is missing"),
        ({**moved("completed", {"stateId": "s"}, completedAt=None), "createdAt": None}, "occurred_at is missing"),
    ],
)
def test_what_is_missing_is_named(payload: Any, says: str) -> None:
    with pytest.raises(InvalidInput, match=says):
        linear.events_of("l", payload)
