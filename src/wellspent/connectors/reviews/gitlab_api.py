"""GitLab's GraphQL API -> what happened to merge requests. Pure.

Fields: docs, GraphQL API reference; since GitLab 17.4, which told when a merge request was closed. Words of system notes: gitlabhq,
app/services/system_notes.

What people wrote is asked for without its text. What GitLab itself notes (drafts, pushes, approvals) is known by a note's kind, and by its words
where the kind does not tell.
"""

from typing import Any

from wellspent.connectors.outcomes.payload import at, joined, list_at, text_at
from wellspent.connectors.reviews.api import Api
from wellspent.connectors.reviews.gitlab import SOURCE
from wellspent.connectors.reviews.people import People
from wellspent.connectors.reviews.telling import Telling, moment_of
from wellspent.facts.review import ReviewEvent, What
from wellspent.rework.delay.work import labels_of, work_of

PAGE = "pageInfo { hasNextPage endCursor }"
USER = "author { id username bot }"
ACTIVITY = f"{PAGE} nodes {{ id createdAt body {USER} systemNoteMetadata {{ action }} }}"
COMMENTS = f"{PAGE} nodes {{ id createdAt {USER} }}"
QUERY = f"""
query ($path: ID!, $size: Int!, $after: String, $since: Time) {{
  project(fullPath: $path) {{
    fullPath
    mergeRequests(first: $size, after: $after, updatedAfter: $since, sort: UPDATED_ASC) {{
      {PAGE}
      nodes {{
        iid title createdAt updatedAt mergedAt closedAt state draft sourceBranch mergeCommitSha diffHeadSha {USER}
        mergeUser {{ id username bot }} diffStatsSummary {{ additions deletions }} labels {{ nodes {{ title }} }}
        activity: notes(first: 50, filter: ONLY_ACTIVITY) {{ {ACTIVITY} }}
        comments: notes(first: 50, filter: ONLY_COMMENTS) {{ {COMMENTS} }}
      }}
    }}
  }}
}}
"""
REST = """
query ($path: ID!, $number: String!, $after: String) {
  project(fullPath: $path) { mergeRequest(iid: $number) { %s: notes(first: 100, after: $after, filter: %s) { %s } } }
}
"""
KINDS: dict[str, What] = {"commit": "pushed", "approved": "approved", "requested_changes": "changes"}
WORDS: tuple[tuple[str, What], ...] = (
    ("marked this merge request as **draft**", "drafted"),
    ("marked this merge request as **ready**", "ready"),
    ("requested changes", "changes"),
    ("approved this merge request", "approved"),
)


def api() -> Api:
    """GitLab's; an installation of its own has the same below its own address."""
    return Api(
        SOURCE,
        "https://gitlab.com",
        "GITLAB_TOKEN",
        QUERY,
        {"activity": REST % ("activity", "ONLY_ACTIVITY", ACTIVITY), "comments": REST % ("comments", "ONLY_COMMENTS", COMMENTS)},
        ("project", "mergeRequests"),
        ("project", "fullPath"),
        False,
        lambda repository, since: {"path": repository, "since": since or None},
        lambda change: text_at(change, "iid"),
        events_of,
    )


def events_of(repository: str, request: Any, people: People) -> list[ReviewEvent]:
    """All that is told of one merge request. Moves between closed and open are told by webhooks alone; the last close by both."""
    author = people.gitlab(at(request, "author"))
    telling = Telling(SOURCE, joined(repository, "!", text_at(request, "iid")), repository, author)
    found = telling.event("opened", at(request, "createdAt"), author)
    noted = [event for note in list_at(request, "activity", "nodes") for event in _noted(telling, note, people)]
    if _began_as_draft(request, noted):
        found += telling.event("drafted", at(request, "createdAt"), author, "drafted at opening")
    found += noted
    for note in list_at(request, "comments", "nodes"):
        found += telling.event("commented", at(note, "createdAt"), people.gitlab(at(note, "author")), _name(note))
    merger = people.gitlab(at(request, "mergeUser"))
    commit = text_at(request, "mergeCommitSha") or text_at(request, "diffHeadSha")
    found += telling.event("merged", at(request, "mergedAt"), merger, commit=commit)
    if text_at(request, "state") == "closed":
        found += telling.event("closed", at(request, "closedAt"))
    labels = labels_of(text_at(label, "title") for label in list_at(request, "labels", "nodes"))
    lines = at(request, "diffStatsSummary", "additions"), at(request, "diffStatsSummary", "deletions")
    work = work_of(text_at(request, "title"), labels)
    return found + telling.described(at(request, "updatedAt"), text_at(request, "sourceBranch"), lines, work, labels)


def _began_as_draft(request: Any, noted: list[ReviewEvent]) -> bool:
    moves = sorted((event.at_ms, event.what) for event in noted if event.what in ("drafted", "ready"))
    return moves[0][1] == "ready" if moves else at(request, "draft") is True


def _noted(telling: Telling, note: Any, people: People) -> list[ReviewEvent]:
    what = KINDS.get(text_at(note, "systemNoteMetadata", "action"))
    body = at(note, "body")
    words = body if isinstance(body, str) else ""
    what = what or next((each for start, each in WORDS if words.startswith(start)), None)
    if what is None:
        return []
    who = people.gitlab(at(note, "author"))
    # Approvals and moves are named as webhooks name them, which know no number of a note.
    name = _name(note) if what == "pushed" else ""
    if what == "approved":
        name = joined("approved ", who.actor, f" {(moment_of(at(note, 'createdAt')) or 0) // 1000}")
    return telling.event(what, at(note, "createdAt"), who, name)


def _name(note: Any) -> str:
    """``gid://gitlab/DiffNote/12`` is the note 12 of a webhook."""
    return joined("note ", text_at(note, "id").rpartition("/")[2])
