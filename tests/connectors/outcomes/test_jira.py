"""Jira, by developer.atlassian.com "Webhooks": the example of jira:issue_updated, with its change log."""

import copy
from typing import Any

import pytest
from tests.connectors.outcomes.documents import JIRA

from wellspent.connectors.outcomes import jira
from wellspent.facts.errors import InvalidInput
from wellspent.facts.outcome import OutcomeEvent, outcome_of


def moved(category: str, at_ms: int = 1_525_698_237_764, resolution: str = "Done", kind: str = "Task") -> Any:
    said = copy.deepcopy(JIRA)
    fields = said["issue"]["fields"]
    fields["status"]["statusCategory"]["key"] = category
    fields["resolution"] = {"name": resolution} if resolution else None
    fields["issuetype"]["name"] = kind
    return {**said, "timestamp": at_ms}


def test_an_issue_that_is_done() -> None:
    event = OutcomeEvent(
        "jira",
        "99291",
        "issue_done",
        "settled",
        1_525_698_237_764,
        event="w1",
        project="JRA",
        links=(("issue", "JRA-20002"),),
        evidence=(("url", "https://jira.example.com/rest/api/2/issue/99291"), ("note", "In Progress to Done: Done")),
    )
    assert jira.events_of("w1", JIRA) == [event]


@pytest.mark.parametrize(
    ("payload", "state"),
    [
        (moved("done"), "settled"),
        (moved("done", resolution=""), "settled"),
        (moved("done", resolution="Won't Do"), "reversed"),
        (moved("done", resolution="Won\u2019t Fix"), "reversed"),
        (moved("done", resolution="Duplicate"), "reversed"),
        (moved("indeterminate"), "pending"),
        (moved("new", resolution=""), "pending"),
    ],
)
def test_what_a_move_means(payload: Any, state: str) -> None:
    (event,) = jira.events_of("w1", payload)
    assert event.state == state


def test_leaving_done_is_a_reversal_of_what_was_done_alone() -> None:
    started, done, reopened = (jira.events_of(str(at), moved(kind, at)) for at, kind in ((10**12, "new"), (10**12 + 1, "done"), (10**12 + 2, "new")))
    standing = [outcome_of(events) for events in (started, [*done, *started], [*reopened, *done, *started])]
    assert [(each.state, each.reversals) for each in standing if each] == [("pending", 0), ("settled", 0), ("pending", 1)]


@pytest.mark.parametrize("kind", ["Incident", "[System] Incident"])
def test_incidents(kind: str) -> None:
    assert jira.events_of("w", moved("done", kind=kind))[0].kind == "incident_closed"


@pytest.mark.parametrize(
    "payload",
    [
        None,
        {},
        {**JIRA, "webhookEvent": "jira:issue_created"},
        {**JIRA, "changelog": None},
        {**JIRA, "changelog": {"items": [{"field": "summary"}, 5]}},
        moved("undefined"),
        {**JIRA, "issue": None},
    ],
)
def test_other_messages_say_nothing(payload: Any) -> None:
    assert jira.events_of("w", payload) == []


@pytest.mark.parametrize(("change", "says"), [({"timestamp": None}, "occurred_at is missing"), ({"timestamp": "soon"}, "is not a moment")])
def test_what_is_missing_is_named(change: dict[str, Any], says: str) -> None:
    with pytest.raises(InvalidInput, match=says):
        jira.events_of("w", {**JIRA, **change})
