"""GitHub, by the payload examples of octokit/webhooks (pull_request/closed, deployment_status, issues)."""

from typing import Any

import pytest
from msgspec.structs import replace
from tests.connectors.outcomes.documents import GITHUB_DEPLOYED, GITHUB_ISSUE, GITHUB_MERGED
from tests.connectors.outcomes.wild import replaced

from wellspent.connectors.outcomes import github
from wellspent.facts.errors import InvalidInput
from wellspent.facts.outcome import OutcomeEvent, outcome_of

REPOSITORY = "Codertocat/Hello-World"
MERGED = OutcomeEvent(
    "github",
    f"{REPOSITORY}#2",
    "change_merged",
    "settled",
    1_557_933_678_000,
    event="d1",
    project=REPOSITORY,
    links=(
        ("change", f"{REPOSITORY}#2"),
        ("commit", "c4295bd74fb0f4fda03689c3df3f2803b658fd85"),
        ("branch", f"{REPOSITORY}:changes"),
    ),
    evidence=(("url", "https://github.com/Codertocat/Hello-World/pull/2"),),
)


def merged(**changes: Any) -> Any:
    return {**GITHUB_MERGED, "pull_request": {**GITHUB_MERGED["pull_request"], **changes}}


def deployed(state: str = "success", **changes: Any) -> Any:
    status = {**GITHUB_DEPLOYED["deployment_status"], "state": state}
    return {**GITHUB_DEPLOYED, "deployment_status": status, "deployment": {**GITHUB_DEPLOYED["deployment"], **changes}}


def issue(action: str = "closed", **changes: Any) -> Any:
    return {**GITHUB_ISSUE, "action": action, "issue": {**GITHUB_ISSUE["issue"], **changes}}


def test_a_merged_change() -> None:
    assert github.events_of("pull_request", "d1", GITHUB_MERGED) == [MERGED]


@pytest.mark.parametrize("payload", [merged(merged=False), merged(merged="true"), {**GITHUB_MERGED, "action": "opened"}])
def test_a_change_that_is_not_merged_is_none(payload: Any) -> None:
    assert github.events_of("pull_request", "d1", payload) == []


def test_a_revert_undoes_what_it_names_once_each() -> None:
    """GitHub's own button writes "Reverts owner/name#number" into the body of the pull request."""
    body = f"Reverts {REPOSITORY}#1, Reverts {REPOSITORY}#1\nReverts other/repo#7 and Reverts #5; this Reverts#6 does not"
    found = github.events_of("pull_request", "d1", merged(body=body))
    assert found[0] == replace(MERGED, kind="change_reverting")  # it is no output of its own
    said = [(each.outcome, each.state, each.event, each.project) for each in found[1:]]
    assert said == [
        (f"{REPOSITORY}#1", "reversed", "d1 reverts 0", REPOSITORY),
        ("other/repo#7", "reversed", "d1 reverts 1", "other/repo"),
        (f"{REPOSITORY}#5", "reversed", "d1 reverts 2", REPOSITORY),
    ]
    assert dict(found[1].evidence)["note"] == f"reverted by {REPOSITORY}#2"
    undone = outcome_of([MERGED, *github.events_of("pull_request", "d2", merged(number=3, body="Reverts #2", merged_at="2019-05-16T00:00:00Z"))[1:]])
    assert undone is not None
    assert (undone.state, undone.reversals) == ("reversed", 1)


def test_messages_without_a_name_do_not_share_one() -> None:
    assert [each.event for each in github.events_of("pull_request", "", merged(body="Reverts #1"))] == ["", ""]


def test_a_deployment_to_production() -> None:
    (event,) = github.events_of("deployment_status", "d2", GITHUB_DEPLOYED)
    assert (event.outcome, event.kind, event.state) == (f"{REPOSITORY} deployment 145988746", "deployment", "settled")
    assert event.links == (("commit", "f95f852bd8fca8fcc58a9a2d6c842781e32a215e"),)
    assert dict(event.evidence)["note"] == "production: success"


def test_a_change_names_the_sessions_that_wrote_it_in_its_title_or_body() -> None:
    """Several of a kind are several links; what it undoes has links of its own, or the same money would be told twice."""
    body = "Done by agents.\r\n\r\nwellspent-session: 7f3a\r\nClaude-Session: https://claude.ai/code/session_01Ab\r\nReverts #1"
    change, undone = github.events_of("pull_request", "d1", merged(title="wellspent-issue: acme/app#7", body=body))
    assert change.links == (*MERGED.links, ("issue", "acme/app#7"), ("session", "7f3a"), ("session", "session_01Ab"))
    assert undone.links == ()


@pytest.mark.parametrize("state", ["failure", "error"])
def test_a_deployment_that_fails_is_reversed(state: str) -> None:
    (event,) = github.events_of("deployment_status", "d3", deployed(state))
    assert event.state == "reversed"


@pytest.mark.parametrize(
    ("payload", "count"),
    [
        (deployed(environment="staging"), 0),
        (deployed(environment="staging", production_environment=True), 1),
        (deployed(production_environment=False), 0),
        (deployed(environment="Prod"), 1),
        (deployed("pending"), 0),
        (deployed("inactive"), 0),  # a later deployment took over: nothing was undone
        (deployed("in_progress"), 0),
    ],
)
def test_only_what_production_has_counts(payload: Any, count: int) -> None:
    assert len(github.events_of("deployment_status", "d2", payload)) == count


def test_issues_and_incidents() -> None:
    (done,) = github.events_of("issues", "d4", GITHUB_ISSUE)
    (incident,) = github.events_of("issues", "d4", issue(labels=[{"name": "SEV1"}, 5, {"name": None}]))
    (reopened,) = github.events_of("issues", "d5", issue("reopened", closed_at=None, updated_at="2019-05-16T00:00:00Z"))
    assert (done.outcome, done.kind, done.state, done.links) == (f"{REPOSITORY}#1", "issue_done", "settled", (("issue", f"{REPOSITORY}#1"),))
    assert incident.kind == "incident_closed"
    assert (reopened.state, reopened.occurred_at_ms) == ("reversed", 1_557_964_800_000)


@pytest.mark.parametrize("reason", ["not_planned", "duplicate"])
def test_an_issue_closed_without_work_is_none(reason: str) -> None:
    assert github.events_of("issues", "d4", issue(state_reason=reason)) == []


@pytest.mark.parametrize(
    ("event", "payload"),
    [("push", GITHUB_MERGED), ("", GITHUB_MERGED), ("pull_request", {}), ("pull_request", None), ("issues", issue("opened"))],
)
def test_other_messages_say_nothing(event: str, payload: Any) -> None:
    assert github.events_of(event, "d", payload) == []


@pytest.mark.parametrize(
    ("event", "payload", "says"),
    [
        ("pull_request", merged(number=None), "outcome is missing"),
        ("pull_request", merged(merged_at=None), "occurred_at is missing"),
        ("pull_request", merged(merged_at="then"), "is not a moment"),
        ("deployment_status", deployed(id=[]), "outcome is missing"),
        ("issues", issue(number=None), "outcome is missing"),
        ("issues", {**GITHUB_ISSUE, "issue": "1"}, "is missing"),
    ],
)
def test_what_is_missing_is_named(event: str, payload: Any, says: str) -> None:
    with pytest.raises(InvalidInput, match=says):
        github.events_of(event, "d", payload)


def test_evidence_that_cannot_be_kept_does_not_cost_the_outcome() -> None:
    (event,) = github.events_of("pull_request", "d1", replaced(GITHUB_MERGED, ("pull_request", "html_url"), "https://" + "x" * 600))
    assert (event.outcome, event.evidence) == (MERGED.outcome, ())
