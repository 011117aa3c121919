"""Webhooks of GitHub and GitLab: what they document becomes events; the API tells the same; whatever else comes says nothing."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.connectors.reviews import documents as doc

from wellspent.connectors.reviews import github, github_api, gitlab, gitlab_api, webhooks
from wellspent.connectors.reviews.people import People
from wellspent.connectors.reviews.telling import timely
from wellspent.facts.errors import InvalidInput
from wellspent.facts.review import ReviewEvent
from wellspent.rework.delay.timeline import Timeline, timelines

PEOPLE = People(lambda name: f"<{name}>")
NOW_MS = 1_800_000_000_000


def of_github() -> list[ReviewEvent]:
    return [event for name, payload in doc.GITHUB_STORY for event in github.events_of(name, payload, PEOPLE)]


def of_gitlab() -> list[ReviewEvent]:
    return [event for payload in doc.GITLAB_STORY for event in gitlab.events_of(payload, PEOPLE)]


def test_what_github_sends() -> None:
    happened = [(event.what, event.actor, event.author) for event in of_github() if event.what != "described"]
    author, other = "<github:21031067>", "<github:583231>"
    assert happened == [
        ("opened", author, True),
        ("drafted", author, True),
        ("commented", other, False),
        ("ready", author, True),
        ("commented", other, False),
        ("reviewed", other, False),
        ("pushed", author, True),
        ("merged", other, False),
    ]
    assert {(event.change, event.repository) for event in of_github()} == {("Codertocat/Hello-World#2", "Codertocat/Hello-World")}
    described = [event for event in of_github() if event.what == "described"]
    assert {(event.added, event.deleted, event.work, event.labels, event.branch) for event in described} == {(1, 1, "bug", ("bug",), "changes")}
    assert next(event.commit for event in of_github() if event.what == "merged") == "c" * 40


def test_what_gitlab_sends() -> None:
    happened = [(event.what, event.actor, event.author) for event in of_gitlab() if event.what != "described"]
    author, other = "<gitlab:51>", "<gitlab:6>"
    assert happened == [
        ("opened", author, True),
        ("drafted", author, True),
        ("ready", author, True),
        ("commented", other, False),
        ("pushed", author, True),
        ("approved", other, False),
        ("approved", other, False),
        ("merged", other, False),
    ]
    assert {event.change for event in of_gitlab()} == {"gitlabhq/gitlab-test!1"}
    assert len({event.event for event in of_gitlab() if event.what == "approved"}) == 1, "one approval, told twice"


@pytest.mark.parametrize(
    ("sent", "answered"),
    [
        (of_github(), github_api.events_of("Codertocat/Hello-World", doc.GITHUB_ANSWER, PEOPLE)),
        (of_gitlab(), gitlab_api.events_of("gitlabhq/gitlab-test", doc.GITLAB_ANSWER, PEOPLE)),
    ],
    ids=["github", "gitlab"],
)
def test_the_api_tells_the_same(sent: list[ReviewEvent], answered: list[ReviewEvent]) -> None:
    """Names of events are shared, so that what both tell is kept once; and each alone, or both, come to the same timeline."""
    names = {event.event for event in sent if event.what not in ("described", "pushed")}
    assert names == {event.event for event in answered if event.what not in ("described", "pushed")}
    found = [only(events) for events in (sent, answered, sent + answered)]
    assert all(each.merged and each.acts and each.changed_after_review and each.rounds >= 1 for each in found)
    stages = {(each.ready_at_ms, each.picked_up_at_ms, each.ended_at_ms, each.commit, each.rounds, each.work) for each in found}
    assert len(stages) == 1
    assert {tuple(dict.fromkeys(each.acts)) for each in found} == {tuple(dict.fromkeys(found[0].acts))}


def only(events: list[ReviewEvent]) -> Timeline:
    ((found,), headless) = timelines(events, NOW_MS)
    assert headless == 0
    return found


@pytest.mark.parametrize(
    ("action", "changed", "what"),
    [
        ("closed", {"closed_at": "2019-05-15T16:00:00Z"}, ["closed", "described"]),
        ("reopened", {}, ["reopened", "described"]),
        ("converted_to_draft", {}, ["drafted", "described"]),
        ("labeled", {}, ["described"]),
        ("assigned", {}, []),
    ],
)
def test_other_actions_of_github(action: str, changed: dict[str, Any], what: list[str]) -> None:
    assert [event.what for event in github.events_of("pull_request", doc.pull(action, **changed), PEOPLE)] == what


def test_what_is_about_something_else_says_nothing() -> None:
    issue = {**doc.GITHUB_COMMENT, "issue": {**doc.GITHUB_COMMENT["issue"], "pull_request": None}}
    assert github.events_of("issue_comment", issue, PEOPLE) == []
    assert github.events_of("issue_comment", {**doc.GITHUB_COMMENT, "action": "edited"}, PEOPLE) == []
    assert github.events_of("pull_request_review", {**doc.GITHUB_REVIEW, "action": "dismissed"}, PEOPLE) == []
    assert github.events_of("push", doc.GITHUB_REVIEW, PEOPLE) == []
    system = {**doc.GITLAB_NOTE, "object_attributes": {**doc.GITLAB_NOTE["object_attributes"], "system": True}}
    on_issue = {**doc.GITLAB_NOTE, "object_attributes": {**doc.GITLAB_NOTE["object_attributes"], "noteable_type": "Issue"}}
    assert [gitlab.events_of(each, PEOPLE) for each in (system, on_issue, {"object_kind": "push"})] == [[], [], []]
    assert [event.what for event in gitlab.events_of(doc.request("close"), PEOPLE)] == ["closed", "described"]


def test_a_lifetime_on_gitlab_that_ends_without_a_merge() -> None:
    closed = {**doc.GITLAB_ANSWER, "state": "closed", "mergedAt": None, "closedAt": "2013-12-03T21:00:00Z", "draft": True, "activity": {"nodes": []}}
    found = gitlab_api.events_of("gitlabhq/gitlab-test", closed, PEOPLE)
    assert [event.what for event in found] == ["opened", "drafted", "commented", "closed", "described"]


def test_what_the_api_of_github_tells_more() -> None:
    """A push by force has a moment of its own; a review that nobody submitted yet is none; a move into draft says that it was ready before."""
    who = {"__typename": "User", "login": "x", "databaseId": 5}
    items = [
        {"__typename": "HeadRefForcePushedEvent", "createdAt": "2019-05-15T15:21:00Z", "actor": who, "afterCommit": {"oid": "d" * 40}},
        {
            "__typename": "PullRequestReview",
            "state": "PENDING",
            "fullDatabaseId": "1",
            "submittedAt": None,
            "author": who,
            "comments": {"nodes": [{}]},
        },
        {"__typename": "PullRequestReview", "state": "DISMISSED", "fullDatabaseId": "2", "submittedAt": "2019-05-15T15:22:00Z", "author": who},
        {"__typename": "ConvertToDraftEvent", "createdAt": "2019-05-15T15:23:00Z", "actor": who},
        {"__typename": "ClosedEvent", "createdAt": "2019-05-15T15:24:00Z", "actor": who},
        {"__typename": "ReopenedEvent", "createdAt": "2019-05-15T15:25:00Z", "actor": who},
        {"__typename": "LabeledEvent", "createdAt": "2019-05-15T15:25:00Z", "actor": who},
    ]
    answer = {**doc.GITHUB_ANSWER, "mergedAt": None, "isDraft": True, "timelineItems": {"nodes": items}}
    found = github_api.events_of("a/b", answer, PEOPLE)
    assert [event.what for event in found] == ["opened", "pushed", "reviewed", "drafted", "closed", "reopened", "described"]
    assert found[1].event == f"a/b#2 pushed {'d' * 40} by force"
    answer["timelineItems"] = {"nodes": []}
    assert [event.what for event in github_api.events_of("a/b", answer, PEOPLE)] == ["opened", "drafted", "described"], "still a draft"


def test_names_and_texts_are_not_kept() -> None:
    kept = repr(
        of_github() + of_gitlab() + github_api.events_of("a/b", doc.GITHUB_ANSWER, PEOPLE) + gitlab_api.events_of("a/b", doc.GITLAB_ANSWER, PEOPLE)
    )
    for text in ("octocat", "user1", "Mary", "admin@", "README", "Viewport", "needs work", "emojji", "mary"):
        assert text not in kept


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=8,
)


def paths(value: Any, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [at, *(path for name, each in inner for path in paths(each, (*at, name)))]


def replaced(value: Any, path: tuple[Any, ...], by: Any) -> Any:
    if not path:
        return by
    copy = list(value) if isinstance(value, list) else dict(value)
    copy[path[0]] = replaced(copy[path[0]], path[1:], by)
    return copy


MESSAGES = [("github", name, payload) for name, payload in doc.GITHUB_STORY] + [("gitlab", "", payload) for payload in doc.GITLAB_STORY]


@given(st.data())
def test_whatever_is_sent_is_read(data: st.DataObject) -> None:
    """With anything in any place of what is documented: events with a change, a moment and a name, or none."""
    source, name, payload = data.draw(st.sampled_from(MESSAGES))
    broken = replaced(payload, data.draw(st.sampled_from(paths(payload))), data.draw(JSON))
    body = json.dumps(broken, allow_nan=False).encode()
    for event in webhooks()[source]({"x-github-event": name}, body, PEOPLE):
        assert event.change and event.event.startswith(event.change) and event.at_ms > 0
    with pytest.raises(InvalidInput):
        webhooks()[source]({"x-github-event": name}, body[:-1] + b"!", PEOPLE)


@given(st.data())
def test_whatever_is_answered_is_read(data: st.DataObject) -> None:
    read, answer = data.draw(st.sampled_from([(github_api.events_of, doc.GITHUB_ANSWER), (gitlab_api.events_of, doc.GITLAB_ANSWER)]))
    broken = replaced(answer, data.draw(st.sampled_from(paths(answer))), data.draw(JSON))
    for event in read("acme/app", broken, PEOPLE):
        assert event.change and event.event.startswith(event.change) and event.at_ms > 0


def test_what_is_ahead_of_our_clock_is_refused() -> None:
    events = of_github()
    assert list(timely(events, NOW_MS)) == events
    with pytest.raises(
        InvalidInput, match=r"Codertocat/Hello-World#2 of github is opened at 2019-05-15T15:20:33\+00:00, more than 24 hours from now"
    ):
        list(timely(events, 1_500_000_000_000))
    dated = github_api.events_of("a/b", {**doc.GITHUB_ANSWER, "timelineItems": {"nodes": [DATED_AHEAD]}}, PEOPLE)
    assert [event.what for event in dated if event not in list(timely(dated, NOW_MS))] == ["pushed"], "a commit's date is its author's word"


DATED_AHEAD = {"__typename": "PullRequestCommit", "commit": {"oid": "e" * 40, "committedDate": "2050-01-01T00:00:00Z"}}
