"""The settings file: SQLite with one table of settings, and the audit log they derive from."""

import contextlib
import os
import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path

from wellspent.facts.clock import Clock
from wellspent.facts.errors import told_of_file
from wellspent.identity.audit import FIRST_HASH, Change, hash_of

SCHEMA = """
CREATE TABLE IF NOT EXISTS settings (kind TEXT NOT NULL, name TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (kind, name)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS audit (
  seq INTEGER PRIMARY KEY, at_ms INTEGER NOT NULL, actor TEXT NOT NULL, action TEXT NOT NULL, kind TEXT NOT NULL, name TEXT NOT NULL,
  before TEXT, after TEXT, hash TEXT NOT NULL
);
CREATE TRIGGER IF NOT EXISTS audit_is_never_changed BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, 'the audit log is never changed'); END;
CREATE TRIGGER IF NOT EXISTS audit_is_never_cut BEFORE DELETE ON audit BEGIN SELECT RAISE(ABORT, 'the audit log is never changed'); END;
"""
BUSY_MS = 5_000
COLUMNS = "seq, at_ms, actor, action, kind, name, before, after, hash"


class Store:
    """Settings as ``(kind, name) -> JSON text``; a change and its line in the audit log are one transaction.

    Several processes may open one file; several threads may use one store. A change is on disk when the method returns.
    """

    def __init__(self, path: Path, actor: str, clock: Clock) -> None:
        self._path, self._actor, self._clock = path, actor, clock
        self._lock = threading.RLock()
        with self._errors():
            path.parent.mkdir(parents=True, exist_ok=True)
            os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
            self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=BUSY_MS / 1000)
            self._db.execute("PRAGMA journal_mode = WAL")
            self._db.execute("PRAGMA synchronous = FULL")
            self._db.executescript(SCHEMA)

    def close(self) -> None:
        """Give the file back."""
        with self._lock:
            self._db.close()

    def version(self) -> int:
        """How many changes there were, by any process."""
        with self._lock, self._errors():
            return int(self._db.execute("SELECT coalesce(max(seq), 0) FROM audit").fetchone()[0])

    @contextlib.contextmanager
    def transaction(self) -> Iterator[None]:
        """Look and change as one step: nobody else changes anything in between, and an exception undoes it."""
        with self._lock, self._errors():
            if self._db.in_transaction:
                yield
                return
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self._db.execute("ROLLBACK")
                raise
            self._db.execute("COMMIT")

    def values(self, kind: str) -> list[str]:
        """Every setting of a kind, by name."""
        with self._lock, self._errors():
            return [row[0] for row in self._db.execute("SELECT value FROM settings WHERE kind = ? ORDER BY name", (kind,))]

    def value(self, kind: str, name: str) -> str | None:
        """One setting, or None."""
        with self._lock, self._errors():
            row = self._db.execute("SELECT value FROM settings WHERE kind = ? AND name = ?", (kind, name)).fetchone()
        return row[0] if row else None

    def everything(self) -> dict[tuple[str, str], str]:
        """All settings."""
        with self._lock, self._errors():
            return {(kind, name): value for kind, name, value in self._db.execute("SELECT kind, name, value FROM settings")}

    def put(self, kind: str, name: str, value: str | None) -> bool:
        """Set a setting, or remove it with None. Returns False, and logs nothing, where nothing changes."""
        with self.transaction():
            before = self.value(kind, name)
            if before == value:
                return False
            if value is None:
                self._db.execute("DELETE FROM settings WHERE kind = ? AND name = ?", (kind, name))
            else:
                self._db.execute("INSERT OR REPLACE INTO settings VALUES (?, ?, ?)", (kind, name, value))
            self._log("add" if before is None else "remove" if value is None else "change", kind, name, before, value)
            return True

    def _log(self, action: str, kind: str, name: str, before: str | None, after: str | None) -> None:
        last = self._db.execute("SELECT seq, hash FROM audit ORDER BY seq DESC LIMIT 1").fetchone()
        seq, previous_hash = last or (0, FIRST_HASH)
        change = Change(seq + 1, self._clock.now_ms(), self._actor, action, kind, name, before, after)
        row = (change.seq, change.at_ms, change.actor, action, kind, name, before, after, hash_of(change, previous_hash))
        self._db.execute(f"INSERT INTO audit ({COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", row)

    def changes(self) -> Iterator[Change]:
        """The audit log from its beginning."""
        with self._lock, self._errors():
            rows = self._db.execute(f"SELECT {COLUMNS} FROM audit ORDER BY seq").fetchall()
        for row in rows:
            yield Change(*row)

    def _errors(self) -> contextlib.AbstractContextManager[None]:
        return told_of_file(self._path, "settings", "is not a settings file")
