"""How the merged changes were reviewed, as GitHub would tell it: who opened, looked, pushed and merged, and when. Pure."""

import random
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any

from wellspent.connectors.reviews import github
from wellspent.connectors.reviews.people import People
from wellspent.demo.company import TEAMS
from wellspent.demo.merges import REPOSITORY
from wellspent.demo.story import HOUR_MS, SEED
from wellspent.facts.outcome import OutcomeEvent
from wellspent.facts.review import ReviewEvent

ENGINEERS = [{"login": name.lower(), "id": 100 + number, "type": "User"} for number, name in enumerate(TEAMS["engineering"])]
BOT = {"login": "coderabbitai[bot]", "id": 136622811, "type": "Bot"}
UNREVIEWED_SHARE, CHANGED_SHARE = 0.2, 0.4
PICKUP_HOURS, REVIEW_HOURS, SPREAD = 3.0, 2.5, 1.1  # medians, and how far they spread (lognormal)
TITLES = ("feat: checkout", "feat: search", "fix: totals", "fix: rounding", "chore(deps): bump a library", "Tidy the cart")
Json = Any


def reviews_of(merged: Iterable[OutcomeEvent], people: People) -> Iterator[ReviewEvent]:
    """What happened to each merged change until its merge."""
    for event in merged:
        if event.source == github.SOURCE and event.kind.startswith("change_") and event.state == "settled":
            for name, payload in _story(event):
                yield from github.events_of(name, payload, people)


def _story(merged: OutcomeEvent) -> Iterator[tuple[str, Json]]:
    number = int(merged.outcome.rpartition("#")[2])
    choose = random.Random(f"review-{SEED}-{number}")
    author, reviewer = choose.sample(ENGINEERS, 2)
    looked, end_ms = choose.random() >= UNREVIEWED_SHARE, merged.occurred_at_ms
    review_ms = round(HOUR_MS * REVIEW_HOURS * choose.lognormvariate(0, SPREAD)) if looked else 0
    opened_ms = end_ms - review_ms - round(HOUR_MS * PICKUP_HOURS * choose.lognormvariate(0, SPREAD))
    title = 'Revert "a change"' if merged.kind == "change_reverting" else choose.choice(TITLES)
    pull = {
        "number": number,
        "title": title,
        "user": author,
        "created_at": _at(opened_ms),
        "additions": round(choose.lognormvariate(4.5, 1)),
        "deletions": round(choose.lognormvariate(3, 1)),
        "head": {"ref": f"change-{number}"},
    }
    yield _pull(pull, "opened", author, opened_ms)
    yield _review(pull, BOT, "commented", opened_ms + 180_000, number * 10)
    if looked:
        picked_ms = end_ms - review_ms
        changes = choose.random() < CHANGED_SHARE
        yield _review(pull, reviewer, "changes_requested" if changes else "approved", picked_ms, number * 10 + 1)
        if changes:
            yield _pull(pull, "synchronize", author, picked_ms + review_ms // 2, after=f"{number:040x}")
            yield _review(pull, reviewer, "approved", picked_ms + review_ms * 3 // 4, number * 10 + 2)
    commit = next((value for kind, value in merged.links if kind == "commit"), "")
    ended = {"merged": True, "merged_at": _at(end_ms), "merge_commit_sha": commit, "merged_by": author}
    yield _pull({**pull, **ended}, "closed", author, end_ms)


def _pull(pull: Json, action: str, sender: Json, at_ms: int, **beside: str) -> tuple[str, Json]:
    updated = {**pull, "updated_at": _at(at_ms)}
    return "pull_request", {"action": action, "pull_request": updated, "sender": sender, "repository": {"full_name": REPOSITORY}, **beside}


def _review(pull: Json, who: Json, state: str, at_ms: int, review: int) -> tuple[str, Json]:
    told = {"id": review, "user": who, "state": state, "submitted_at": _at(at_ms)}
    return "pull_request_review", {"action": "submitted", "review": told, "pull_request": pull, "repository": {"full_name": REPOSITORY}}


def _at(at_ms: int) -> str:
    return datetime.fromtimestamp(at_ms / 1000, UTC).isoformat()
