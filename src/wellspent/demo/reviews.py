"""How engineering reviewed what it merged, as GitHub's webhooks tell it: opened, looked at by a bot and by people, changed, merged. Pure.

A change is opened while its session works and is merged when its outcome says so; what happens between is drawn for each. In the shop most is read
by somebody before it is merged; of the tests half is not.
"""

import random
from collections.abc import Iterator
from typing import Any

from msgspec import Struct

from wellspent.demo.company import TEAMS
from wellspent.demo.merges import Change, Merged, closed, moment, repository_of
from wellspent.demo.story import SEED

ENGINEERS = [name.lower() for name in TEAMS["engineering"]]
BOT = {"id": 9001, "login": "ci-reviewer[bot]", "type": "Bot"}
BOT_SHARE, BOT_MS = 0.7, (120_000, 600_000)
READ_SHARE = {"tidewater/shop": 0.9, "tidewater/shop-tests": 0.5, "tidewater/scripts": 0.35}  # by a person, before it is merged
DRAFT_SHARE, ASKED_SHARE, AGAIN_SHARE = 0.15, 0.4, 0.25  # opened as a draft; asked to change something; and asked once more


class Delivery(Struct, frozen=True):
    """A webhook: the header ``X-GitHub-Event``, when it was sent, and its body."""

    event: str
    at_ms: int
    payload: dict[str, Any]


def deliveries_of(change: Change, merged: Merged) -> list[Delivery]:
    """All that GitHub says of a merged pull request, in order of time."""
    return sorted(_Telling(change, merged).all(), key=lambda delivery: delivery.at_ms)


class _Telling:
    def __init__(self, change: Change, merged: Merged) -> None:
        self._change, self._merged = change, merged
        self._choose = random.Random(f"review-{SEED}-{change.number}")
        self._author = change.session.partition("-")[0] or self._choose.choice(ENGINEERS)
        self._opened_ms = change.began_ms + int((change.at_ms - change.began_ms) * self._choose.uniform(0.1, 0.5))

    def all(self) -> Iterator[Delivery]:
        """Opened, perhaps as a draft; looked at by the bot; read by somebody or not; merged."""
        choose, change, ready_ms = self._choose, self._change, self._opened_ms
        drafted = choose.random() < DRAFT_SHARE
        yield self._pull("opened", ready_ms, draft=drafted)
        if drafted:
            ready_ms += int((change.at_ms - ready_ms) * choose.uniform(0.1, 0.4))
            yield self._pull("ready_for_review", ready_ms)
        at_ms = ready_ms + choose.randrange(*BOT_MS)
        if choose.random() < BOT_SHARE and at_ms < change.at_ms:
            yield self._review("commented", at_ms, BOT)
        merger = self._author
        if choose.random() < READ_SHARE[repository_of(change)]:
            merger = choose.choice([name for name in ENGINEERS if name != self._author])
            yield from self._read(merger, ready_ms)
        yield Delivery("pull_request", change.at_ms, self._body(closed(change, self._merged), merger))

    def _read(self, reader: str, ready_ms: int) -> Iterator[Delivery]:
        """Somebody reads it, perhaps asks for changes, which are pushed, and agrees."""
        choose = self._choose
        rounds = (choose.random() < ASKED_SHARE) + (choose.random() < AGAIN_SHARE)
        moments = sorted(choose.randrange(ready_ms, self._change.at_ms) for _ in range(2 * rounds + 1))
        for asked_ms, pushed_ms in zip(moments[::2], moments[1::2]):
            yield self._review("changes_requested", asked_ms, _user(reader))
            yield self._pull("synchronize", pushed_ms)
        yield self._review("approved", moments[-1], _user(reader))

    def _pull(self, action: str, at_ms: int, *, draft: bool = False) -> Delivery:
        pushed = {"after": f"{self._choose.getrandbits(160):040x}"} if action == "synchronize" else {}
        return Delivery("pull_request", at_ms, self._open(action, at_ms, draft=draft) | pushed)

    def _review(self, state: str, at_ms: int, by: dict[str, Any]) -> Delivery:
        review = {"id": self._choose.getrandbits(32), "state": state, "submitted_at": moment(at_ms), "user": by}
        return Delivery("pull_request_review", at_ms, self._open("submitted", at_ms) | {"review": review, "sender": by})

    def _open(self, action: str, at_ms: int, *, draft: bool = False) -> dict[str, Any]:
        """The body while it is open: nothing of its end is known yet."""
        body = self._body(closed(self._change, self._merged), "") | {"action": action}
        later = dict.fromkeys(("merged_at", "closed_at", "merge_commit_sha", "merged_by"))
        body["pull_request"] |= later | {"merged": False, "draft": draft, "updated_at": moment(at_ms)}
        return body

    def _body(self, body: dict[str, Any], merger: str) -> dict[str, Any]:
        """With who wrote it, when it was opened, and who merged it."""
        more = {"created_at": moment(self._opened_ms), "user": _user(self._author), "merged_by": _user(merger or self._author), "draft": False}
        body["pull_request"] |= more
        return body | {"sender": _user(merger or self._author)}


def _user(name: str) -> dict[str, Any]:
    return {"id": 7_000 + ENGINEERS.index(name), "login": name, "type": "User"}
