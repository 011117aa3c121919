"""What engineering merged, as GitHub would tell it: pull requests whose text names the session that wrote them, and those that revert. Pure."""

import hashlib
import random
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

from wellspent.connectors.outcomes import github
from wellspent.demo.story import DAY_MS, DAYS, HOUR_MS, SEED, Planned
from wellspent.facts.outcome import OutcomeEvent

REPOSITORY = "tidewater/shop"
MERGED_SHARE, REVERTED_SHARE = 0.55, 0.08
NAMED_SHARE = 0.8  # of pull requests: a hook wrote the session into their text
REVERTED_DAYS = 12
A_DAY = 20  # of each, at most
Sessions = Callable[[int], dict[str, int]]  # days ago -> coding sessions of that day, with when each began to call, in milliseconds of the day


def sessions_of(calls: Sequence[Planned]) -> dict[str, int]:
    """The coding sessions of a day, whose calls are in order of time, and when each began."""
    coding = [call for call in calls if call.session and call.habit.name == "coding"]
    return {call.session: call.at_ms for call in reversed(coding)}


def merges_of(choose: random.Random, days_ago: int, day_ms: int, calls: Sequence[Planned], sessions: Sessions) -> Iterator[OutcomeEvent]:
    """What came of a day's coding, with what was taken back in the days after by whoever had a session open then."""
    last = {call.session: call for call in calls if call.session and call.habit.name == "coding"}
    for index, (session, call) in enumerate(sorted(last.items())):
        if choose.random() >= MERGED_SHARE:
            continue
        at_ms = day_ms + call.at_ms + choose.randrange(2 * HOUR_MS)
        number = 1000 + (DAYS - days_ago) * 2 * A_DAY + index
        yield from _told(number, at_ms, f"wellspent-session: {session}" if choose.random() < NAMED_SHARE else "")
        if choose.random() < REVERTED_SHARE:
            undone_ms = at_ms + choose.randrange(DAY_MS // 4, REVERTED_DAYS * DAY_MS)
            later, of_day_ms = divmod(undone_ms - day_ms, DAY_MS)
            began = sessions(days_ago - later) if later <= days_ago else {}
            there = sorted(each for each, began_ms in began.items() if began_ms < of_day_ms and each != session)
            who = random.Random(f"revert-{SEED}-{number}").choice(there) if there else ""  # by the button alone, where nobody was at work
            yield from _told(number + A_DAY, undone_ms, f"Reverts {REPOSITORY}#{number}\n" + (f"\nwellspent-session: {who}" if who else ""))


def _told(number: int, at_ms: int, body: str) -> list[OutcomeEvent]:
    """A merged pull request in the fields of GitHub's webhook, read as any other."""
    pull = {
        "number": number,
        "merged": True,
        "merged_at": datetime.fromtimestamp(at_ms / 1000, UTC).isoformat(),
        "merge_commit_sha": hashlib.sha1(f"{SEED} {number}".encode(), usedforsecurity=False).hexdigest(),
        "html_url": f"https://github.example/{REPOSITORY}/pull/{number}",
        "head": {"ref": f"change-{number}"},
        "body": body,
    }
    payload: dict[str, Any] = {"action": "closed", "pull_request": pull, "repository": {"full_name": REPOSITORY}}
    return github.events_of("pull_request", f"delivery-{number}", payload)
