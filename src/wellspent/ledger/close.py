"""Closing the books: each closed UTC day of the journal becomes one Parquet file with a manifest, chained to the day before.

The manifest names the journal rows that were read, so ``verify`` derives the file again.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import date, timedelta
from itertools import groupby
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from wellspent import limits
from wellspent.facts.memory import uncollected
from wellspent.ledger.columns import Lines, sum_nanousd
from wellspent.ledger.lock import alone
from wellspent.ledger.rows import decode_row, open_readonly
from wellspent.ledger.sealed import FOLDER, Sealed, chained, digest, manifest, write_manifest

DAY_MS = 86_400_000


def seal(journal: Path, now_ms: int) -> list[Sealed]:
    """Seal every day that is closed and not sealed yet; what was sealed now, oldest first.

    A day is closed ``limits.SEAL_AFTER_MS`` after its end. Raises JournalLocked where another process is sealing.
    """
    folder = journal.parent / FOLDER
    folder.mkdir(exist_ok=True)
    with alone(folder, f"sealing {folder.parent}", "wait until it is done"), closing(open_readonly(journal)) as db:
        before = chained(folder)
        previous = digest(manifest(folder, before[-1])) if before else ""
        done = []
        for day, first_row, last_row in _closed_days(db, before[-1].last_row if before else 0, now_ms):
            table = day_table(db, first_row, last_row)
            pending = folder / f".{day}.parquet"
            pq.write_table(table, pending, compression="zstd")
            (row_hash,) = db.execute("select hash from batch where seq = ?", (last_row,)).fetchone()
            sealed = Sealed(day, table.num_rows, sum_nanousd(table), first_row, last_row, row_hash.hex(), digest(pending), previous)
            pending.replace(folder / sealed.file_name)
            previous = write_manifest(folder, sealed)
            done.append(sealed)
    return done


def unsealed(journal: Path, after_row: int, entries: int) -> Iterator[tuple[int, pa.Table]]:
    """What the rows after a row come to, as tables of about so many entries, in their order, each with its last row.

    Args:
        after_row: The last row of the last sealed day, or of what is known beyond it; 0 where nothing is.
    """
    with closing(open_readonly(journal)) as db:
        rows = db.execute("select seq, sum(entries) over (order by seq) / ? from batch where seq > ? order by seq", (entries, after_row)).fetchall()
        for _, group in groupby(rows, key=lambda row: row[1]):
            seqs = [seq for seq, _ in group]
            yield seqs[-1], day_table(db, seqs[0], seqs[-1])


def day_table(db: sqlite3.Connection, first_row: int, last_row: int) -> pa.Table:
    """What the entries of some journal rows come to, as a table, in their order."""
    lines = Lines(db)
    with uncollected():
        for row, body in db.execute("select seq, body from batch where seq between ? and ? order by seq", (first_row, last_row)):
            lines.follow(row, decode_row(body))
        return lines.table().combine_chunks()


def _closed_days(db: sqlite3.Connection, after_row: int, now_ms: int) -> Iterator[tuple[str, int, int]]:
    """Days with their first and last row. Should the clock have been set back, a row belongs to the newest day before it."""
    rows = db.execute("select seq, max(first_ms) over (order by seq) from batch where seq > ? order by seq", (after_row,)).fetchall()
    for number, group in groupby(rows, key=lambda row: row[1] // DAY_MS):
        if now_ms < (number + 1) * DAY_MS + limits.SEAL_AFTER_MS:
            return
        seqs = [seq for seq, _ in group]
        yield _day(number), seqs[0], seqs[-1]


def _day(number: int) -> str:
    return (date(1970, 1, 1) + timedelta(days=number)).isoformat()
