"""What engineering merged, as GitHub would tell it: pull requests whose text names the session that wrote them, and those that revert. Pure."""

import random
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

from msgspec import Struct

from wellspent.connectors.outcomes import github
from wellspent.demo.story import DAY_MS, DAYS, HOUR_MS, SEED, Planned
from wellspent.facts.outcome import OutcomeEvent

REPOSITORIES = (("tidewater/shop", 0.74), ("tidewater/shop-tests", 0.94), ("tidewater/scripts", 1.0))  # up to which chance a change is there
MERGED_SHARE, REVERTED_SHARE = 0.55, 0.08
NAMED_SHARE = 0.8  # of pull requests: a hook wrote the session into their text
REVERTED_DAYS = 12
REVERTING_MS = 20 * 60_000  # from the decision to take something back to its merge
A_DAY = 20  # of each, at most
Sessions = Callable[[int], dict[str, int]]  # days ago -> coding sessions of that day, with when each began to call, in milliseconds of the day


def sessions_of(calls: Sequence[Planned]) -> dict[str, int]:
    """The coding sessions of a day, whose calls are in order of time, and when each began."""
    coding = [call for call in calls if call.session and call.habit.name == "coding"]
    return {call.session: call.at_ms for call in reversed(coding)}


class Change(Struct, frozen=True):
    """A merged pull request.

    Attributes:
        began_ms: When the work on it began: its session's first call.
        session: Of whoever made it; "" where a button did.
        named: Whether a hook wrote the session into its text.
        reverts: The number of the one that it takes back, 0 for none.
    """

    number: int
    began_ms: int
    at_ms: int
    session: str
    named: bool
    reverts: int = 0


class Merged(Struct, frozen=True):
    """What a change became in its repository; empty where there is none.

    Attributes:
        commit: Its id.
        title: What it says it is.
        added, deleted: Lines that it put in and took out.
    """

    commit: str = ""
    title: str = ""
    added: int | None = None
    deleted: int | None = None


def repository_of(change: Change) -> str:
    """Where it was merged; what takes it back is merged there too."""
    chance = random.Random(f"repository-{SEED}-{change.reverts or change.number}").random()
    return next(name for name, until in REPOSITORIES if chance < until)


def changes_of(choose: random.Random, days_ago: int, day_ms: int, calls: Sequence[Planned], sessions: Sessions) -> Iterator[Change]:
    """What came of a day's coding, with what was taken back in the days after by whoever had a session open then."""
    last = {call.session: call for call in calls if call.session and call.habit.name == "coding"}
    first = sessions_of(calls)
    for index, (session, call) in enumerate(sorted(last.items())):
        if choose.random() >= MERGED_SHARE:
            continue
        at_ms = day_ms + call.at_ms + choose.randrange(2 * HOUR_MS)
        number = 1000 + (DAYS - days_ago) * 2 * A_DAY + index
        yield Change(number, day_ms + first[session], at_ms, session, choose.random() < NAMED_SHARE)
        if choose.random() < REVERTED_SHARE:
            undone_ms = at_ms + choose.randrange(DAY_MS // 4, REVERTED_DAYS * DAY_MS)
            later, of_day_ms = divmod(undone_ms - day_ms, DAY_MS)
            began = sessions(days_ago - later) if later <= days_ago else {}
            there = sorted(each for each, began_ms in began.items() if began_ms < of_day_ms and each != session)
            who = random.Random(f"revert-{SEED}-{number}").choice(there) if there else ""  # by the button alone, where nobody was at work
            yield Change(number + A_DAY, undone_ms - REVERTING_MS, undone_ms, who, named=True, reverts=number)


def events_of(change: Change, merged: Merged) -> list[OutcomeEvent]:
    """A merged pull request as GitHub's webhook tells it, read as any other."""
    return github.events_of("pull_request", f"delivery-{change.number}", closed(change, merged))


def closed(change: Change, merged: Merged) -> dict[str, Any]:
    """The webhook's body when a pull request is merged."""
    repository, at = repository_of(change), moment(change.at_ms)
    said = [f"Reverts {repository}#{change.reverts}\n"] if change.reverts else []
    said += [f"wellspent-session: {change.session}"] if change.named and change.session else []
    pull = {
        "number": change.number,
        "title": merged.title,
        "merged": True,
        "merged_at": at,
        "closed_at": at,
        "updated_at": at,
        "merge_commit_sha": merged.commit,
        "html_url": f"https://github.example/{repository}/pull/{change.number}",
        "additions": merged.added,
        "deletions": merged.deleted,
        "head": {"ref": f"change-{change.number}"},
        "body": "\n".join(said),
    }
    return {"action": "closed", "pull_request": pull, "repository": {"full_name": repository}}


def moment(at_ms: int) -> str:
    """A time as webhooks write it."""
    return datetime.fromtimestamp(at_ms / 1000, UTC).isoformat()
