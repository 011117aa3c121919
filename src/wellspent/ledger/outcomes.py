"""The log of outcomes: what sources said, appended for ever, each line chained by hash to the one before.

A file of its own beside the journal, because others than the serving process write it too: an import on the command line, a webhook.
"""

import contextlib
import hashlib
import os
import sqlite3
import threading
from collections.abc import Iterable, Iterator
from itertools import groupby
from pathlib import Path

import msgspec
from msgspec import Struct

from wellspent.facts.clock import Clock
from wellspent.facts.errors import JournalCorrupt, told_of_file
from wellspent.facts.outcome import Outcome, OutcomeEvent, outcome_of

FILE = "outcomes.db"
FIRST_HASH = "0" * 64
BUSY_S = 5.0
# Earlier files took one event for each state and moment (said_once). What they hold is unique by its words too, so the new rule is there before
# the old one goes, and no event is touched.
SCHEMA = """
create table if not exists event (
  seq integer primary key, source text not null, outcome text not null, state text not null, occurred_ms integer not null,
  event text not null, body blob not null, hash text not null);
create unique index if not exists same_words_once on event (
  source, outcome, state, occurred_ms,
  json_remove(cast(body as text), '$.source', '$.outcome', '$.state', '$.occurred_at_ms', '$.recorded_at_ms', '$.event'));
drop index if exists said_once;
create unique index if not exists sent_once on event (source, event) where event != '';
create trigger if not exists events_are_never_changed before update on event begin select raise(abort, 'outcomes are never changed'); end;
create trigger if not exists events_are_never_removed before delete on event begin select raise(abort, 'outcomes are never removed'); end;
"""


class Added(Struct, frozen=True):
    """What came of an import.

    Attributes:
        new: Events that were not known.
        duplicates: Events that were, and are ignored.
    """

    new: int
    duplicates: int


class OutcomeLog:
    """What sources said of outcomes. Several processes may open one file. Raises ConfigError where it cannot be used."""

    def __init__(self, path: Path, clock: Clock) -> None:
        self._path, self._clock = path, clock
        self._lock = threading.Lock()
        with self._errors():
            path.parent.mkdir(parents=True, exist_ok=True)
            os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
            self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=BUSY_S)
            self._db.execute("pragma journal_mode = wal")
            self._db.execute("pragma synchronous = full")
            self._db.executescript(SCHEMA)

    def close(self) -> None:
        """Give the file back."""
        self._db.close()

    def add(self, events: Iterable[OutcomeEvent]) -> Added:
        """Append what is not known yet; all of it or nothing. What is known is counted, and ignored.

        Known is an event whose message id came from its source before, or that says nothing that was not said before: all but its message id is
        the same. One that says the same state of the same moment with other words (a value, a link, who attested) corrects what was said.
        """
        now_ms = self._clock.now_ms()
        new = duplicates = 0
        with self._lock, self._errors(), self._transaction():
            seq, digest = self._head()
            for event in events:
                recorded = msgspec.structs.replace(event, recorded_at_ms=now_ms)
                body = msgspec.json.encode(recorded)
                next_digest = _hash(digest, body)
                row = (seq + 1, event.source, event.outcome, event.state, event.occurred_at_ms, event.event, body, next_digest)
                if self._db.execute("insert or ignore into event values (?,?,?,?,?,?,?,?)", row).rowcount:
                    seq, digest, new = seq + 1, next_digest, new + 1
                else:
                    duplicates += 1
        return Added(new, duplicates)

    def events(self, source: str = "", outcome: str = "") -> Iterator[OutcomeEvent]:
        """What was said, oldest first: of one outcome, of one source, or all."""
        filters = [f"{name} = ?" for name, value in (("source", source), ("outcome", outcome)) if value]
        where = f"where {' and '.join(filters)}" if filters else ""
        with self._errors():
            rows = self._db.execute(f"select body from event {where} order by seq", [value for value in (source, outcome) if value])
            for (body,) in rows:
                yield _decoded(body)

    def outcomes(self, recorded_until_ms: int | None = None, *, after: int = 0, kind: str = "") -> Iterator[Outcome]:
        """Every outcome as it stands, or as it was known to stand at a time.

        Args:
            after: Only those of which something was said since this event, see ``chain_head``.
            kind: Only those that were ever said to be of this kind; "" is any.
        """
        tests: list[tuple[str, object]] = [("seq > ?", after)] if after else []
        tests += [("instr(cast(body as text), ?)", msgspec.json.encode({"kind": kind}).decode()[1:-1])] if kind else []
        asked = " and ".join(f"(source, outcome) in (select source, outcome from event where {test})" for test, _ in tests)
        sql = f"select source, outcome, body from event {'where ' + asked if tests else ''} order by source, outcome, seq"
        with self._errors():
            rows = self._db.execute(sql, [value for _, value in tests])
            for _, group in groupby(rows, key=lambda row: (row[0], row[1])):
                found = outcome_of([_decoded(body) for *_, body in group], recorded_until_ms)
                if found is not None:
                    yield found

    def changes(self, after: int) -> Iterator[tuple[Outcome | None, Outcome]]:
        """Outcomes of which something was said since an event: as known then (None where nobody had told of it), and as they stand."""
        sql = (
            "select source, outcome, seq, body from event where (source, outcome) in (select source, outcome from event where seq > ?)"
            " order by source, outcome, seq"
        )
        with self._errors():
            for _, group in groupby(self._db.execute(sql, (after,)), key=lambda row: (row[0], row[1])):
                said = [(seq, _decoded(body)) for *_, seq, body in group]
                now = outcome_of([event for _, event in said])
                if now is not None:
                    yield outcome_of([event for seq, event in said if seq <= after]), now

    def chain_head(self) -> tuple[int, str]:
        """The number of the newest event, and the hash that covers it and all before; 0 where there is none."""
        with self._errors():
            return self._head()

    def hash_at(self, event: int) -> str:
        """The hash of an event, which covers it and all before; "" for one that is not there, and that of no events for 0."""
        if not event:
            return FIRST_HASH
        with self._errors():
            found = self._db.execute("select hash from event where seq = ?", (event,)).fetchone()
        return str(found[0]) if found else ""

    def verify(self) -> int:
        """How many events there are, their chain re-derived. Raises JournalCorrupt that names the first that does not follow."""
        digest, number = FIRST_HASH, 0
        with self._errors():
            for seq, body, stored in self._db.execute("select seq, body, hash from event order by seq"):
                number += 1
                digest = _hash(digest, body)
                if seq != number or digest != stored:
                    raise JournalCorrupt(f"the log of outcomes breaks at event {number}", fix="restore outcomes.db from a copy")
        return number

    def _head(self) -> tuple[int, str]:
        found = self._db.execute("select seq, hash from event order by seq desc limit 1").fetchone()
        return found or (0, FIRST_HASH)

    @contextlib.contextmanager
    def _transaction(self) -> Iterator[None]:
        self._db.execute("begin immediate")
        try:
            yield
        except BaseException:
            self._db.execute("rollback")
            raise
        self._db.execute("commit")

    def _errors(self) -> contextlib.AbstractContextManager[None]:
        return told_of_file(self._path, "outcomes", "is no file of outcomes")


_DECODER = msgspec.json.Decoder(OutcomeEvent)


def _decoded(body: bytes) -> OutcomeEvent:
    return _DECODER.decode(body)


def _hash(previous: str, body: bytes) -> str:
    return hashlib.sha256(previous.encode() + body).hexdigest()
