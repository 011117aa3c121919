"""GitHub's GraphQL API -> what happened to pull requests (schema: octokit/graphql-schema). Pure."""

from typing import Any

from wellspent.connectors.outcomes.payload import at, joined, list_at, text_at
from wellspent.connectors.reviews.api import Api
from wellspent.connectors.reviews.github import MOVED, SOURCE, STATES
from wellspent.connectors.reviews.people import People
from wellspent.connectors.reviews.telling import Telling, moment_of
from wellspent.facts.review import ReviewEvent, What
from wellspent.rework.delay.work import labels_of, work_of

ITEMS = """
pageInfo { hasNextPage endCursor }
nodes {
  __typename
  ... on PullRequestReview {
    fullDatabaseId state submittedAt author { ...who }
    comments(first: 100) { nodes { fullDatabaseId createdAt author { ...who } } }
  }
  ... on IssueComment { fullDatabaseId createdAt author { ...who } }
  ... on PullRequestCommit { commit { oid committedDate } }
  ... on HeadRefForcePushedEvent { createdAt actor { ...who } afterCommit { oid } }
  ... on ConvertToDraftEvent { createdAt actor { ...who } }
  ... on ReadyForReviewEvent { createdAt actor { ...who } }
  ... on ClosedEvent { createdAt actor { ...who } }
  ... on ReopenedEvent { createdAt actor { ...who } }
}
"""
TYPES = (
    "[PULL_REQUEST_REVIEW, ISSUE_COMMENT, PULL_REQUEST_COMMIT, HEAD_REF_FORCE_PUSHED_EVENT, CONVERT_TO_DRAFT_EVENT, READY_FOR_REVIEW_EVENT,"
    " CLOSED_EVENT, REOPENED_EVENT]"
)
WHO = "fragment who on Actor { __typename login ... on User { databaseId } ... on Bot { databaseId } }"
QUERY = f"""
query ($owner: String!, $name: String!, $size: Int!, $after: String) {{
  repository(owner: $owner, name: $name) {{
    nameWithOwner
    pullRequests(first: $size, after: $after, orderBy: {{field: UPDATED_AT, direction: DESC}}) {{
      pageInfo {{ hasNextPage endCursor }}
      nodes {{
        number title createdAt updatedAt mergedAt closedAt isDraft additions deletions headRefName
        mergeCommit {{ oid }} author {{ ...who }} mergedBy {{ ...who }} labels(first: 20) {{ nodes {{ name }} }}
        timelineItems(first: 50, itemTypes: {TYPES}) {{ {ITEMS} }}
      }}
    }}
  }}
}}
{WHO}
"""
REST = f"""
query ($owner: String!, $name: String!, $number: Int!, $after: String) {{
  repository(owner: $owner, name: $name) {{
    pullRequest(number: $number) {{ timelineItems(first: 100, after: $after, itemTypes: {TYPES}) {{ {ITEMS} }} }}
  }}
}}
{WHO}
"""
HAPPENED: dict[str, What] = {"ConvertToDraftEvent": MOVED["converted_to_draft"], "ReadyForReviewEvent": "ready", "ReopenedEvent": "reopened"}


def api() -> Api:
    """GitHub's; GitHub Enterprise Server has the same below its own address."""
    return Api(
        SOURCE,
        "https://api.github.com",
        "GITHUB_TOKEN",
        QUERY,
        {"timelineItems": REST},
        ("repository", "pullRequests"),
        ("repository", "nameWithOwner"),
        True,
        lambda repository, since: dict(zip(("owner", "name"), repository.split("/", 1), strict=False)),
        lambda change: at(change, "number"),
        events_of,
    )


def events_of(repository: str, pull: Any, people: People) -> list[ReviewEvent]:
    """All that is told of one pull request. A push is known by the date of its commit, a forced one by its own."""
    author = people.github(at(pull, "author"))
    telling = Telling(SOURCE, joined(repository, "#", text_at(pull, "number")), repository, author)
    items = list_at(pull, "timelineItems", "nodes")
    found = telling.event("opened", at(pull, "createdAt"), author)
    if _began_as_draft(pull, items):
        found += telling.event("drafted", at(pull, "createdAt"), author, "drafted at opening")
    for item in items:
        found += _happened(telling, item, pull, people)
    found += telling.event("merged", at(pull, "mergedAt"), people.github(at(pull, "mergedBy")), commit=text_at(pull, "mergeCommit", "oid"))
    labels = labels_of(text_at(label, "name") for label in list_at(pull, "labels", "nodes"))
    lines = at(pull, "additions"), at(pull, "deletions")
    return found + telling.described(at(pull, "updatedAt"), text_at(pull, "headRefName"), lines, work_of(text_at(pull, "title"), labels), labels)


def _began_as_draft(pull: Any, items: list[Any]) -> bool:
    """Told by the first move into or out of draft; without any, it is as it was."""
    moves = [text_at(item, "__typename") for item in items if text_at(item, "__typename") in ("ConvertToDraftEvent", "ReadyForReviewEvent")]
    return moves[0] == "ReadyForReviewEvent" if moves else at(pull, "isDraft") is True


def _happened(telling: Telling, item: Any, pull: Any, people: People) -> list[ReviewEvent]:
    kind, moment, actor = text_at(item, "__typename"), at(item, "createdAt"), people.github(at(item, "actor"))
    if kind == "PullRequestReview":
        return _reviewed(telling, item, people)
    if kind == "IssueComment":
        return telling.event("commented", moment, people.github(at(item, "author")), joined("comment ", text_at(item, "fullDatabaseId")))
    if kind == "PullRequestCommit":
        oid = text_at(item, "commit", "oid")
        return telling.event("pushed", at(item, "commit", "committedDate"), name=joined("pushed ", oid), commit=oid)
    if kind == "HeadRefForcePushedEvent":
        oid = text_at(item, "afterCommit", "oid")
        return telling.event("pushed", moment, actor, f"pushed {oid} by force" if oid else "", oid)
    if kind == "ClosedEvent" and moment_of(moment) != moment_of(at(pull, "mergedAt")):
        return telling.event("closed", moment, actor)
    return telling.event(HAPPENED[kind], moment, actor) if kind in HAPPENED else []


def _reviewed(telling: Telling, review: Any, people: People) -> list[ReviewEvent]:
    """A review that nobody submitted yet has no moment. Its comments have the moment they were written at, which is when the person was there."""
    state, found = text_at(review, "state").lower(), []
    if state in STATES:
        name = joined("review ", text_at(review, "fullDatabaseId"))
        found += telling.event(STATES[state], at(review, "submittedAt"), people.github(at(review, "author")), name)
    for comment in list_at(review, "comments", "nodes") if state in STATES else []:
        name = joined("review comment ", text_at(comment, "fullDatabaseId"))
        found += telling.event("commented", at(comment, "createdAt"), people.github(at(comment, "author")), name)
    return found
