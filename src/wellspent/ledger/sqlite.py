"""The journal in SQLite: one row for each group of entries, each row's hash chained to the one before.

One thread writes. It takes whatever is queued, encodes it as one row and commits it (group commit), so the cost of a row, a hash and a
commit is shared by all calls of that moment. Projections (which row a call is in, balances, spending by hour) follow behind in larger
steps, with the number of the last row they include; readers add the few rows after it. WAL with ``synchronous=NORMAL`` survives a killed
process; ``FULL`` also a power cut, at one fsync a commit (docs/operating.md has what each costs).
"""

import fcntl
import hashlib
import math
import os
import queue
import sqlite3
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterable
from itertools import groupby
from pathlib import Path

import msgspec

from wellspent import limits
from wellspent.budgets.budget import Budget
from wellspent.facts.entry import Amounts, Entry, Reserved
from wellspent.facts.errors import JournalCorrupt, JournalFull, JournalLocked
from wellspent.ledger.projection import Projector, balance_of, hold_and_charge, load_open_holds, prepare, spent_since
from wellspent.ledger.rows import GENESIS, open_readonly

DAY_MS = 86_400_000
PROJECT_ENTRIES = 512  # entries behind which projections follow at the latest
PROJECT_S = 0.25  # or this long after the last entry
RETRY_S = 1.0  # between attempts to write a full journal
GATHER_S = 0.0003  # how long a group waits for company
BATCH_ENTRIES_MAX = 4096
SYNC_S_MAX = 2.0  # how long a question waits for the projections to follow


class Closing:
    """In the queue: nothing comes after."""


class GivenUp(Exception):
    """The journal could not be written until the end of the time that closing it may take."""


class SqliteJournal:
    """A ``JournalStore`` in one file. Raises JournalLocked where another process owns it."""

    def __init__(self, path: Path, durability: str = "process", max_pages: int = 0) -> None:
        self._path = path
        self._lock = _lock(path)
        self._db = connect(path)
        self._db.execute(f"pragma synchronous={'full' if durability == 'power' else 'normal'}")
        if max_pages:
            self._db.execute(f"pragma max_page_count={max_pages}")
        prepare(self._db)
        row = self._db.execute("select seq, hash from batch order by seq desc limit 1").fetchone()
        self._row: int = row[0] if row else 0
        self._hash: bytes = row[1] if row else GENESIS
        self._projector = Projector(self._db)
        self._projector.catch_up()
        self._reader = open_readonly(path)
        self._open_at_start = load_open_holds(path)
        self._queue: queue.SimpleQueue[Entry | threading.Event | Closing] = queue.SimpleQueue()
        self._appended = 0
        self._committed = 0
        self._close_by_s = math.inf
        self._thread = threading.Thread(target=self._write, name="journal", daemon=True)
        self._on_committed: Callable[[int], None] = lambda seq: None
        self._on_error: Callable[[Exception | None], None] = lambda error: None

    def start(self, on_committed: Callable[[int], None], on_error: Callable[[Exception | None], None]) -> None:
        """See JournalStore."""
        self._on_committed, self._on_error = on_committed, on_error
        self._thread.start()

    def append(self, entry: Entry) -> int:
        """See JournalStore."""
        self._queue.put(entry)
        self._appended += 1
        return self._appended

    def open_holds(self) -> Iterable[Reserved]:
        """See JournalStore."""
        return self._open_at_start

    def spent(self, window_key: str) -> Amounts | None:
        """See JournalStore."""
        return balance_of(self._reader, window_key)

    def spent_since(self, budget: Budget, value: str, starts_ms: int, ends_ms: int | None) -> Amounts:
        """See JournalStore."""
        self._sync()
        return spent_since(self._reader, budget, value, starts_ms, ends_ms)

    def settled_hold(self, call_id: str) -> Reserved | None:
        """See JournalStore."""
        reserved, settled = hold_and_charge(self._reader, call_id)
        if settled is None:
            self._sync()
            reserved, settled = hold_and_charge(self._reader, call_id)
        return reserved if settled is not None else None

    def _sync(self) -> None:
        """Wait until the projections include all that was appended. Raises JournalFull where they cannot."""
        followed = threading.Event()
        self._queue.put(followed)
        if not followed.wait(SYNC_S_MAX):
            raise JournalFull("the journal is not being written", fix="free space on its disk")

    def close(self) -> int:
        """See JournalStore."""
        self._close_by_s = time.monotonic() + limits.JOURNAL_CLOSE_S_MAX
        self._queue.put(Closing())
        if self._thread.is_alive():
            self._thread.join(limits.JOURNAL_CLOSE_S_MAX + RETRY_S)
        if not self._thread.is_alive():  # else it hangs in the operating system, and has these until the process ends
            self._reader.close()
            self._db.close()
            os.close(self._lock)
        return self._appended - self._committed

    def _write(self) -> None:
        """The writer's thread. What it cannot do stops admission for good, aloud: nothing may be served that is not recorded."""
        try:
            self._follow_queue()
        except GivenUp:
            return
        except Exception as error:
            traceback.print_exc(file=sys.stderr)
            self._on_error(JournalFull(f"its writer failed ({error!r})", fix="restart wellspent; what is in the journal is sound"))

    def _follow_queue(self) -> None:
        open_, pending = True, 0
        while open_:
            batch, after = self._take(PROJECT_S if pending else None)
            open_ = not isinstance(after, Closing)
            if batch:
                self._commit(batch)
                pending += len(batch)
            if pending and (not batch or pending >= PROJECT_ENTRIES or after is not None):
                self._persist(self._projector.project, derived=True)
                pending = 0
            if isinstance(after, threading.Event):
                after.set()

    def _take(self, timeout_s: float | None) -> "tuple[list[Entry], threading.Event | Closing | None]":
        """The next group, and what came after it: the end, or somebody who waits for the projections to include it."""
        batch: list[Entry] = []
        while len(batch) < BATCH_ENTRIES_MAX:
            try:
                found = self._queue.get_nowait() if batch else self._queue.get(timeout=timeout_s)
            except queue.Empty:
                break
            if isinstance(found, Closing | threading.Event):
                return batch, found
            if not batch:
                time.sleep(GATHER_S)
            batch.append(found)
        return batch, None

    def _commit(self, batch: list[Entry]) -> None:
        """Write a group; a row holds entries of one UTC day, so that days can be sealed."""
        if batch[0].at_ms // DAY_MS == batch[-1].at_ms // DAY_MS:
            self._commit_row(batch)
        else:
            for _, day in groupby(batch, key=lambda entry: entry.at_ms // DAY_MS):
                self._commit_row(list(day))

    def _commit_row(self, batch: list[Entry]) -> None:
        body = msgspec.msgpack.encode(batch)
        row, digest = self._row + 1, hashlib.sha256(self._hash + body).digest()
        self._persist(lambda: self._db.execute("insert into batch values (?,?,?,?,?)", (row, batch[0].at_ms, len(batch), body, digest)))
        self._row, self._hash = row, digest
        self._committed += len(batch)
        self._projector.follow(row, batch)
        self._on_committed(self._committed)

    def _persist(self, write: Callable[[], object], *, derived: bool = False) -> None:
        """Write, and again every ``RETRY_S`` while the disk is full; calls are not admitted meanwhile. Raises GivenUp.

        Args:
            derived: Whether it comes back at the next start, so that closing need not wait for it.
        """
        failed = False
        while True:
            try:
                write()
            except sqlite3.OperationalError as error:
                if not failed:
                    print(f"the journal cannot be written, so no call is let in: {error}; trying again", file=sys.stderr, flush=True)
                failed = True
                self._on_error(JournalFull(str(error)))
                left_s = self._close_by_s - time.monotonic()
                if derived and left_s < math.inf:
                    return
                if left_s <= 0:
                    raise GivenUp from None
                time.sleep(min(RETRY_S, left_s))
            else:
                if failed:
                    self._on_error(None)
                return


def connect(path: Path) -> sqlite3.Connection:
    """A writing connection in WAL mode that commits each statement."""
    db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    try:
        db.execute("pragma journal_mode=wal")
    except sqlite3.DatabaseError as error:
        raise JournalCorrupt(f"{path} is not a journal: {error}", fix="restore it from a copy, or move it away to begin a new one") from None
    db.execute("pragma wal_autocheckpoint=4000")
    return db


def _lock(path: Path) -> int:
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path.with_suffix(".lock"), os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        owner = os.pread(descriptor, 32, 0).decode(errors="replace").strip() or "unknown"
        os.close(descriptor)
        raise JournalLocked(f"process {owner} is serving from {path.parent}", fix="stop it, or give this one its own data_dir") from None
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, str(os.getpid()).encode(), 0)
    return descriptor
