"""A log of facts in a file of its own, appended for ever, each line chained by hash to the one before.

Beside the journal, because others than the serving process write it too: an import on the command line, a webhook. What is told apart is left
to each log: which columns a line has, and what makes two lines the same.
"""

import contextlib
import hashlib
import os
import sqlite3
import threading
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import ClassVar, Generic, TypeVar

import msgspec
from msgspec import Struct

from wellspent.facts.clock import Clock
from wellspent.facts.errors import JournalCorrupt, told_of_file

FIRST_HASH = "0" * 64
BUSY_S = 5.0
E = TypeVar("E", bound=Struct)


class Added(Struct, frozen=True):
    """What came of an import.

    Attributes:
        new: Events that were not known.
        duplicates: Events that were, and are ignored.
    """

    new: int
    duplicates: int


class EventLog(ABC, Generic[E]):
    """Events of one kind. Several processes may open one file. Raises ConfigError where it cannot be used.

    Attributes:
        NOUN: What is in it, in the plural.
        FILE: Its name in the data folder.
        SCHEMA: A table ``event`` whose first column is ``seq`` and whose last two are ``body`` and ``hash``, its indexes and triggers.
    """

    NOUN: ClassVar[str]
    FILE: ClassVar[str]
    SCHEMA: ClassVar[str]

    def __init__(self, path: Path, clock: Clock) -> None:
        self._path, self._clock = path, clock
        self._lock = threading.Lock()
        with self._errors():
            path.parent.mkdir(parents=True, exist_ok=True)
            os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
            self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=BUSY_S)
            self._db.execute("pragma journal_mode = wal")
            self._db.execute("pragma synchronous = full")
            self._db.executescript(self.SCHEMA)

    def close(self) -> None:
        """Give the file back."""
        self._db.close()

    def add(self, events: Iterable[E]) -> Added:
        """Append what is not known yet; all of it or nothing. What is known is counted, and ignored."""
        now_ms = self._clock.now_ms()
        new = duplicates = 0
        with self._lock, self._errors(), self._transaction():
            seq, digest = self._head()
            for event in events:
                body = msgspec.json.encode(msgspec.structs.replace(event, recorded_at_ms=now_ms))
                next_digest = _hash(digest, body)
                row = (seq + 1, *self._columns(event), body, next_digest)
                if self._db.execute(f"insert or ignore into event values ({','.join('?' * len(row))})", row).rowcount:
                    seq, digest, new = seq + 1, next_digest, new + 1
                else:
                    duplicates += 1
        return Added(new, duplicates)

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
                    raise JournalCorrupt(f"the log of {self.NOUN} breaks at event {number}", fix=f"restore {self.FILE} from a copy")
        return number

    @abstractmethod
    def _columns(self, event: E) -> tuple[object, ...]:
        """What the table has of an event between its number and its body."""

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
        return told_of_file(self._path, self.NOUN, f"is no file of {self.NOUN}")


def _hash(previous: str, body: bytes) -> str:
    return hashlib.sha256(previous.encode() + body).hexdigest()
