"""GitHub webhooks -> what happened to a change (docs: Webhook events and payloads; shapes: octokit/webhooks, payload-examples). Pure.

Deliveries of ``pull_request``, ``pull_request_review``, ``pull_request_review_comment`` and ``issue_comment``; all others say nothing.
"""

from collections.abc import Callable
from typing import Any

from wellspent.connectors.outcomes.payload import at, joined, list_at, text_at
from wellspent.connectors.reviews.people import People
from wellspent.connectors.reviews.telling import Telling
from wellspent.facts.review import ReviewEvent, What
from wellspent.rework.delay.work import labels_of, work_of

SOURCE = "github"
STATES: dict[str, What] = {"approved": "approved", "changes_requested": "changes", "commented": "reviewed", "dismissed": "reviewed"}
MOVED: dict[str, What] = {"converted_to_draft": "drafted", "ready_for_review": "ready", "reopened": "reopened"}
DESCRIBING = (*MOVED, "opened", "synchronize", "closed", "edited", "labeled", "unlabeled")


def events_of(event: str, payload: Any, people: People) -> list[ReviewEvent]:
    """What a delivery says of a change; [] where it says nothing.

    Args:
        event: The header ``X-GitHub-Event``.
        payload: Its body.
    """
    read = READ.get(event)
    return read(payload, people) if read else []


def _pull(payload: Any, people: People) -> list[ReviewEvent]:
    pull, action = at(payload, "pull_request"), text_at(payload, "action")
    telling, sender = _telling(payload, pull, people), people.github(at(payload, "sender"))
    found: list[ReviewEvent] = []
    if action == "opened":
        found += telling.event("opened", at(pull, "created_at"), telling.author)
        if at(pull, "draft") is True:
            found += telling.event("drafted", at(pull, "created_at"), telling.author, "drafted at opening")
    elif action in MOVED:
        found += telling.event(MOVED[action], at(pull, "updated_at"), sender)
    elif action == "synchronize":
        head = text_at(payload, "after")
        found += telling.event("pushed", at(pull, "updated_at"), sender, joined("pushed ", head), head)
    elif action == "closed" and at(pull, "merged") is True:
        merger = people.github(at(pull, "merged_by"))
        found += telling.event("merged", at(pull, "merged_at"), merger if merger.actor else sender, commit=text_at(pull, "merge_commit_sha"))
    elif action == "closed":
        found += telling.event("closed", at(pull, "closed_at"), sender)
    return found + (_described(telling, pull) if action in DESCRIBING else [])


def _described(telling: Telling, pull: Any) -> list[ReviewEvent]:
    labels = labels_of(text_at(label, "name") for label in list_at(pull, "labels"))
    lines = at(pull, "additions"), at(pull, "deletions")
    return telling.described(at(pull, "updated_at"), text_at(pull, "head", "ref"), lines, work_of(text_at(pull, "title"), labels), labels)


def _review(payload: Any, people: People) -> list[ReviewEvent]:
    review, state = at(payload, "review"), text_at(payload, "review", "state").lower()
    if text_at(payload, "action") != "submitted" or state not in STATES:
        return []
    telling, name = _telling(payload, at(payload, "pull_request"), people), joined("review ", text_at(review, "id"))
    return telling.event(STATES[state], at(review, "submitted_at"), people.github(at(review, "user")), name)


def _review_comment(payload: Any, people: People) -> list[ReviewEvent]:
    return _comment(payload, at(payload, "pull_request"), "review comment ", people)


def _issue_comment(payload: Any, people: People) -> list[ReviewEvent]:
    """On a pull request: GitHub sends comments on issues under the same name."""
    issue = at(payload, "issue")
    return _comment(payload, issue, "comment ", people) if at(issue, "pull_request") else []


def _comment(payload: Any, change: Any, named: str, people: People) -> list[ReviewEvent]:
    if text_at(payload, "action") != "created":
        return []
    telling, comment = _telling(payload, change, people), at(payload, "comment")
    return telling.event("commented", at(comment, "created_at"), people.github(at(comment, "user")), joined(named, text_at(comment, "id")))


def _telling(payload: Any, change: Any, people: People) -> Telling:
    repository = text_at(payload, "repository", "full_name")
    return Telling(SOURCE, joined(repository, "#", text_at(change, "number")), repository, people.github(at(change, "user")))


READ: dict[str, Callable[[Any, People], list[ReviewEvent]]] = {
    "pull_request": _pull,
    "pull_request_review": _review,
    "pull_request_review_comment": _review_comment,
    "issue_comment": _issue_comment,
}
