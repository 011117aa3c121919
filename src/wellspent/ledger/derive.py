"""One part of the journal, derived again: its rows, and the sealed day that was made from them."""

from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct

from wellspent.ledger.rows import open_readonly
from wellspent.ledger.sealed import FOLDER, Sealed, digest
from wellspent.ledger.walk import Walk

if TYPE_CHECKING:
    from wellspent.ledger.columns import Lines


class Part(Struct, frozen=True):
    """Some rows of a journal.

    Attributes:
        projected: The last row that the stored balances include.
        day: The sealed day of these rows, or None.
    """

    journal: Path
    first_row: int
    last_row: int
    projected: int
    day: Sealed | None = None


def derive(part: Part) -> tuple[Walk, str]:
    """A walk over the part, and why its day is not what the rows come to; "" where it is, or where the walk stopped."""
    with closing(open_readonly(part.journal)) as db:
        walk = Walk(part.projected)
        rows = walk.rows(db, part.first_row, part.last_row)
        if part.day is None:
            for _ in rows:
                pass
            return walk, ""
        from wellspent.facts.memory import uncollected
        from wellspent.ledger.columns import Lines  # Parquet is only loaded where it is used

        lines = Lines(db)
        with uncollected():
            for row, entries in rows:
                lines.follow(row, entries)
            return walk, "" if walk.wrong else _differs(part, part.day, walk, lines)


def _differs(part: Part, day: Sealed, walk: Walk, lines: "Lines") -> str:
    import pyarrow.parquet as pq

    from wellspent.ledger.columns import sum_nanousd

    file = part.journal.parent / FOLDER / day.file_name
    if not file.exists():
        return "has no file"
    if digest(file) != day.sha256:
        return "has a file that was changed"
    if part.last_row < day.last_row or walk.hash.hex() != day.row_hash:
        return "is not of this journal"
    table = lines.table()
    with pq.ParquetFile(file) as written:
        same = table.equals(written.read(use_threads=False))  # other days are read beside it
    if not same or table.num_rows != day.rows or sum_nanousd(table) != day.nanousd:
        return "does not derive from the journal"
    return ""
