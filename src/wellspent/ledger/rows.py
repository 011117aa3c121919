"""Rows of the journal: what a row is, how it is read, where a call's entries are."""

import sqlite3
from pathlib import Path

import msgspec

from wellspent.facts.entry import Entry

GENESIS = b"\0" * 32  # the hash before the first row
_DECODER = msgspec.msgpack.Decoder(list[Entry])


def decode_row(body: bytes) -> list[Entry]:
    """The entries of a row, in order."""
    return _DECODER.decode(body)


def open_readonly(path: Path) -> sqlite3.Connection:
    """A reading connection; any number may be open beside the writer."""
    return sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, isolation_level=None, check_same_thread=False)


def tail(db: sqlite3.Connection) -> list[tuple[int, Entry]]:
    """Entries in rows that the projections do not include yet, with their row."""
    rows = db.execute("select seq, body from batch where seq > (select projected from mark) order by seq").fetchall()
    return [(seq, entry) for seq, body in rows for entry in decode_row(body)]


def entries_of(db: sqlite3.Connection, call_id: str) -> list[tuple[int, Entry]]:
    """Every entry of one call, with its row, oldest first."""
    rows = [row for (row,) in db.execute("select row from call_row where call_id = ? order by row", (call_id,))]
    marks = ",".join("?" * len(rows))
    found: list[tuple[int, Entry]] = []
    for seq, body in db.execute(f"select seq, body from batch where seq in ({marks}) order by seq", rows):
        found.extend((seq, entry) for entry in decode_row(body) if entry.call_id == call_id)
    known = set(rows)
    found.extend((seq, entry) for seq, entry in tail(db) if entry.call_id == call_id and seq not in known)
    return found
