"""GitLab webhooks -> what happened to a change (docs: Webhook events, merge request events and comment events). Pure.

``open``, ``update`` (a push has ``oldrev``; ``changes.draft`` says which way), ``approval`` and ``approved``, ``merge``, ``close``, ``reopen``; and
comments on merge requests. A request for changes is told by the API alone: GitLab sends no webhook of it (its issue 592358).
"""

from typing import Any

from wellspent.connectors.outcomes.payload import at, joined, list_at, text_at
from wellspent.connectors.reviews.people import NOBODY, People, Who
from wellspent.connectors.reviews.telling import Telling, moment_of
from wellspent.facts.review import ReviewEvent, What
from wellspent.rework.delay.work import labels_of, work_of

SOURCE = "gitlab"
ENDED: dict[str, What] = {"close": "closed", "reopen": "reopened"}
APPROVED = ("approval", "approved")  # by one of several, and by the last that was needed


def events_of(payload: Any, people: People) -> list[ReviewEvent]:
    """What a delivery says of a change; [] where it says nothing."""
    kind = text_at(payload, "object_kind")
    if kind == "merge_request":
        return _request(payload, at(payload, "object_attributes"), people)
    if kind == "note" and text_at(payload, "object_attributes", "noteable_type") == "MergeRequest":
        return _note(payload, at(payload, "object_attributes"), people)
    return []


def _request(payload: Any, request: Any, people: People) -> list[ReviewEvent]:
    action, sender = text_at(request, "action"), people.gitlab(at(payload, "user"))
    telling, updated = _telling(payload, request, people), at(request, "updated_at")
    found: list[ReviewEvent] = []
    if action == "open":
        found += telling.event("opened", at(request, "created_at"), telling.author)
        if at(request, "draft") is True:
            found += telling.event("drafted", at(request, "created_at"), telling.author, "drafted at opening")
    elif action == "update":
        found += _updated(payload, request, telling, sender)
    elif action in APPROVED:
        found += telling.event("approved", updated, sender, joined("approved ", sender.actor, f" {(moment_of(updated) or 0) // 1000}"))
    elif action == "merge":
        found += telling.event("merged", at(request, "merged_at") or updated, sender, commit=merge_commit_of(request))
    elif action in ENDED:
        found += telling.event(ENDED[action], updated, sender)
    return found + _described(telling, payload, request)


def _updated(payload: Any, request: Any, telling: Telling, sender: Who) -> list[ReviewEvent]:
    updated, found = at(request, "updated_at"), []
    if text_at(request, "oldrev"):
        head = text_at(request, "last_commit", "id")
        found += telling.event("pushed", updated, sender, joined("pushed ", head), head)
    draft = at(payload, "changes", "draft", "current")
    if isinstance(draft, bool):
        found += telling.event("drafted" if draft else "ready", updated, sender)
    return found


def merge_commit_of(request: Any) -> str:
    """Of a merge, a squash, or a fast-forward, in the form of a webhook."""
    return text_at(request, "merge_commit_sha") or text_at(request, "squash_commit_sha") or text_at(request, "last_commit", "id")


def _described(telling: Telling, payload: Any, request: Any) -> list[ReviewEvent]:
    labels = labels_of(text_at(label, "title") for label in list_at(payload, "labels") or list_at(request, "labels"))
    work = work_of(text_at(request, "title"), labels)
    return telling.described(at(request, "updated_at"), text_at(request, "source_branch"), (None, None), work, labels)


def _note(payload: Any, note: Any, people: People) -> list[ReviewEvent]:
    if at(note, "system") is True or text_at(note, "action") not in ("", "create"):
        return []
    telling = _telling(payload, at(payload, "merge_request"), people)
    return telling.event("commented", at(note, "created_at"), people.gitlab(at(payload, "user")), joined("note ", text_at(note, "id")))


def _telling(payload: Any, request: Any, people: People) -> Telling:
    """The author is told by number alone; whether it is a machine, where it acts itself."""
    project, author = text_at(payload, "project", "path_with_namespace"), text_at(request, "author_id")
    sends = author and author == text_at(payload, "user", "id")
    who = people.gitlab(at(payload, "user") if sends else {"id": author}) if author else NOBODY
    return Telling(SOURCE, joined(project, "!", text_at(request, "iid")), project, who)
