"""GitLab, by docs.gitlab.com "Webhook events": merge request events and deployment events."""

from typing import Any

import pytest
from tests.connectors.outcomes.documents import GITLAB_DEPLOYED, GITLAB_MERGED

from wellspent.connectors.outcomes import gitlab
from wellspent.facts.errors import InvalidInput
from wellspent.facts.outcome import OutcomeEvent

PROJECT = "gitlabhq/gitlab-test"
MERGED = OutcomeEvent(
    "gitlab",
    f"{PROJECT}!1",
    "change_merged",
    "settled",
    1_386_091_414_000,
    event="k1",
    project=PROJECT,
    links=(("change", f"{PROJECT}!1"), ("commit", "562e173be03b8ff2efb05345d12df18815438a4b"), ("branch", f"{PROJECT}:ms-viewport")),
    evidence=(("url", "http://example.com/diaspora/merge_requests/1"),),
)


def merged(**changes: Any) -> Any:
    return {**GITLAB_MERGED, "object_attributes": {**GITLAB_MERGED["object_attributes"], **changes}}


def test_a_merged_change() -> None:
    assert gitlab.events_of("k1", GITLAB_MERGED) == [MERGED]


def test_the_moment_of_the_merge_where_gitlab_says_it() -> None:
    (event,) = gitlab.events_of("k1", merged(merged_at="2013-12-03 17:00:00 UTC"))
    assert event.occurred_at_ms == MERGED.occurred_at_ms - (23 * 60 + 34) * 1000


def test_the_commit_of_a_fast_forward() -> None:
    (event,) = gitlab.events_of("k1", merged(merge_commit_sha=None))
    assert dict(event.links)["commit"] == "da1560886d4f094c3e6c9ef40349f7d38b5d27d7"


def test_a_change_names_the_sessions_that_wrote_it_in_its_title_or_description() -> None:
    (event,) = gitlab.events_of(
        "k1", merged(title="wellspent-run: r1", description="Amp-Thread-ID: https://ampcode.com/threads/T-1\nwellspent-run: r2")
    )
    assert event.links == (*MERGED.links, ("run", "r1"), ("session", "T-1"), ("run", "r2"))


@pytest.mark.parametrize("action", ["open", "close", "reopen", "update", "approved", None])
def test_other_actions_say_nothing(action: str | None) -> None:
    assert gitlab.events_of("k1", merged(action=action)) == []


def test_a_revert_undoes_what_it_names() -> None:
    """gitlabhq/gitlabhq, app/models/commit.rb, revert_description: "This reverts merge request !12"."""
    first, second, third = gitlab.events_of(
        "k2", merged(iid=9, description='Revert "a"\n\nThis reverts merge request !1\n\nThis reverts merge request gitlab-org/sub/app!77')
    )
    assert first.outcome == f"{PROJECT}!9"
    assert (second.outcome, second.state, second.event, second.project) == (f"{PROJECT}!1", "reversed", "k2 reverts 0", PROJECT)
    assert dict(second.evidence)["note"] == f"reverted by {PROJECT}!9"
    assert (third.outcome, third.project, third.event) == ("gitlab-org/sub/app!77", "gitlab-org/sub/app", "k2 reverts 1")
    assert len(gitlab.events_of("k2", merged(description="This reverts commit 562e173b, see !1"))) == 1


def test_a_deployment_to_production() -> None:
    (event,) = gitlab.events_of("", GITLAB_DEPLOYED)
    assert (event.outcome, event.kind, event.state) == ("root/test-deployment-webhooks deployment 15", "deployment", "settled")
    assert (event.occurred_at_ms, event.event) == (1_619_639_400_000, "")
    assert event.links == (("commit", "279484c09fbe69ededfced8c1bb6e6d24616b468"),)


@pytest.mark.parametrize(
    ("change", "states"),
    [
        ({"status": "failed"}, ["reversed"]),
        ({"status": "canceled"}, ["reversed"]),
        ({"status": "running"}, []),
        ({"environment_tier": "staging"}, []),
        ({"environment": "eu", "environment_tier": "production"}, ["settled"]),
        ({"environment_tier": None}, ["settled"]),
        ({"environment_tier": None, "environment": "production-like"}, []),
        ({"project": None}, []),
    ],
)
def test_only_what_production_has_counts(change: dict[str, Any], states: list[str]) -> None:
    assert [event.state for event in gitlab.events_of("k", {**GITLAB_DEPLOYED, **change})] == states


@pytest.mark.parametrize(
    ("payload", "says"),
    [
        (merged(iid=None), "outcome is missing"),
        (merged(updated_at=None), "occurred_at is missing"),
        ({**GITLAB_DEPLOYED, "deployment_id": {}}, "outcome is missing"),
        ({**GITLAB_DEPLOYED, "status_changed_at": "now"}, "is not a moment"),
    ],
)
def test_what_is_missing_is_named(payload: Any, says: str) -> None:
    with pytest.raises(InvalidInput, match=says):
        gitlab.events_of("k", payload)
