"""Zendesk, by "Event types for Zendesk webhooks", ticket events, "Status changed"."""

from typing import Any

import pytest
from tests.connectors.outcomes.documents import ZENDESK

from wellspent.connectors.outcomes import zendesk
from wellspent.facts.errors import InvalidInput
from wellspent.facts.outcome import OutcomeEvent, outcome_of


def changed(before: str, after: str, **changes: Any) -> Any:
    return {**ZENDESK, "event": {"previous": before, "current": after}, **changes}


def test_a_ticket_that_is_solved() -> None:
    event = OutcomeEvent(
        "zendesk",
        "5158",
        "conversation_solved",
        "settled",
        1_736_331_127_673,
        event="cbe4028c-7239-495d-b020-f22348516046",
        links=(("conversation", "5158"),),
        evidence=(("note", "open to solved"),),
    )
    assert zendesk.events_of(ZENDESK) == [event]


@pytest.mark.parametrize(
    ("before", "after", "states"),
    [
        ("OPEN", "SOLVED", ["settled"]),
        ("PENDING", "CLOSED", ["settled"]),
        ("SOLVED", "CLOSED", ["settled"]),
        ("SOLVED", "OPEN", ["pending"]),
        ("solved", "open", ["pending"]),
        ("NEW", "OPEN", []),
        ("CLOSED", "ARCHIVED", []),
        ("SOLVED", "DELETED", []),
        ("CLOSED", "SCRUBBED", []),
        ("", "", []),
    ],
)
def test_changes_of_status(before: str, after: str, states: list[str]) -> None:
    assert [event.state for event in zendesk.events_of(changed(before, after))] == states


def test_a_reopened_ticket_counts_no_more_until_it_is_solved_again() -> None:
    solved = zendesk.events_of(ZENDESK)
    reopened = zendesk.events_of(changed("SOLVED", "OPEN", id="2", time="2025-01-09T00:00:00Z"))
    again = zendesk.events_of(changed("OPEN", "SOLVED", id="3", time="2025-01-10T00:00:00Z"))
    standing = [outcome_of(events) for events in (solved, [*reopened, *solved], [*again, *reopened, *solved])]
    assert [(each.counts, each.reversals) for each in standing if each] == [(True, 0), (False, 1), (True, 1)]


@pytest.mark.parametrize("payload", [None, [], {}, {**ZENDESK, "type": "zen:event-type:ticket.created"}, {**ZENDESK, "event": "SOLVED"}])
def test_other_messages_say_nothing(payload: Any) -> None:
    assert zendesk.events_of(payload) == []


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"detail": {}}, "outcome is missing"),
        ({"detail": None}, "outcome is missing"),
        ({"time": None}, "occurred_at is missing"),
        ({"time": 5}, "not a moment"),
    ],
)
def test_what_is_missing_is_named(change: dict[str, Any], says: str) -> None:
    with pytest.raises(InvalidInput, match=says):
        zendesk.events_of({**ZENDESK, **change})
