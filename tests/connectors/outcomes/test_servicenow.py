"""ServiceNow, by its Table API and "Case states" (docs.servicenow.com, March 2026)."""

from typing import Any

import pytest
from tests.connectors.outcomes.documents import SERVICENOW

from wellspent import limits
from wellspent.connectors.outcomes import servicenow
from wellspent.facts.errors import InvalidInput
from wellspent.facts.outcome import OutcomeEvent, outcome_of

ID = "f0983c1edb5a8300dd1cf9b5ae961912"
RECORD = SERVICENOW["result"]
AT_MS = 1_795_168_800_000


def record(state: str = "Resolved", **changes: Any) -> Any:
    return {**RECORD, "state": {"display_value": state, "value": "6"}, **changes}


def test_a_case_that_is_resolved() -> None:
    event = OutcomeEvent(
        "servicenow",
        ID,
        "conversation_solved",
        "settled",
        AT_MS,
        event=f"{ID} 7",
        links=(("conversation", ID), ("issue", "CS0010002"), ("customer", "a1")),
        evidence=(("note", "CS0010002: Resolved"),),
    )
    assert servicenow.events_of(SERVICENOW) == [event]
    assert servicenow.events_of({"result": [RECORD]}) == servicenow.events_of([RECORD]) == servicenow.events_of(RECORD) == [event]


@pytest.mark.parametrize(
    ("said", "states"),
    [
        (record("Closed", resolved_at="", closed_at="2026-11-20 10:00:00"), ["settled"]),
        (record("Cancelled"), ["reversed"]),
        (record("Canceled", sys_class_name="incident"), ["reversed"]),
        (record("New"), ["pending"]),
        (record("Awaiting Info"), ["pending"]),
        (record("A state of our own"), ["pending"]),
        (record(sys_class_name="sc_request"), []),
    ],
)
def test_what_a_state_means(said: Any, states: list[str]) -> None:
    assert [event.state for event in servicenow.events_of(said)] == states


def test_a_rejected_solution_opens_the_case_again() -> None:
    (resolved,) = servicenow.events_of(SERVICENOW)
    (opened,) = servicenow.events_of(record("Open", sys_mod_count="9", sys_updated_on="2026-11-21 08:00:00"))
    standing = outcome_of([opened, resolved])
    assert standing is not None
    assert (standing.state, standing.reversals, standing.settled_at_ms) == ("pending", 1, AT_MS)


def test_an_incident_is_one() -> None:
    (event,) = servicenow.events_of(record(sys_class_name="incident", number="INC0010002"))
    assert (event.kind, event.links[1]) == ("incident_closed", ("issue", "INC0010002"))


@pytest.mark.parametrize(
    ("said", "says"),
    [
        ({}, "record 1: sys_class_name is missing"),
        (None, "sys_class_name is missing"),
        ([RECORD, {**RECORD, "state": {"value": "6"}}], "record 2: state has no display_value"),
        ({**RECORD, "state": "6"}, "state has no display_value"),
        ({**RECORD, "sys_id": ""}, "outcome is missing"),
        (record(resolved_at="", sys_updated_on=""), "occurred_at is missing"),
        (record(resolved_at="20.11.2026 10:00"), "not a moment"),
        ([None] * (limits.OUTCOMES_BATCH_MAX + 1), "there are 10,001 records"),
    ],
)
def test_what_is_missing_is_named(said: Any, says: str) -> None:
    with pytest.raises(InvalidInput, match=says):
        servicenow.events_of(said)
