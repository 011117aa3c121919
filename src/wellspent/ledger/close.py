"""Closing the books: each closed UTC day of the journal becomes one Parquet file with a manifest, chained to the day before.

A line of the file is an ended call (settled or released) with its hold, a correction, or an opening balance; a call that is open over
midnight is in the file of the day it ended. The manifest names the journal rows that were read, so ``check`` derives the file again.
"""

import fcntl
import hashlib
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import date, timedelta
from itertools import groupby
from pathlib import Path
from typing import Any

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq
from msgspec import Struct

from wellspent import limits
from wellspent.facts.attribution import Attribution
from wellspent.facts.entry import Adjusted, Amounts, Entry, Opened, Released, Reserved, Settled
from wellspent.facts.errors import JournalCorrupt, JournalLocked
from wellspent.facts.usage import UNITS, Usage
from wellspent.ledger.projection import hold_and_charge
from wellspent.ledger.rows import decode_row, open_readonly

DAY_MS = 86_400_000
FOLDER = "sealed"  # beside the journal
FIX = "restore it from a copy, or remove it with all later days and seal again"
WHO = tuple(name for name in Attribution.__struct_fields__ if name != "tags")
_LINE = pa.struct([("unit", pa.string()), ("quantity", pa.int64()), ("rate", pa.string()), ("per", pa.int64()), ("amount_nanousd", pa.int64())])
_TEXTS = ("kind", "call_id", *WHO, "wire", "model_asked", "model", "upstream", "quality", "service_tier", "price_book", "reason", "for_day", "ref")
_NUMBERS = (
    "at_ms", "held_at_ms", "amount_nanousd", "tokens", "calls", "held_nanousd", "held_tokens", "overrun_nanousd", "status", "duration_ms",
    *UNITS, "row",
)  # fmt: skip
SCHEMA = pa.schema(
    [
        *[(name, pa.string()) for name in _TEXTS],
        *[(name, pa.int64()) for name in _NUMBERS],
        ("tags", pa.map_(pa.string(), pa.string())),
        ("windows", pa.list_(pa.string())),
        ("lines", pa.list_(_LINE)),
    ]
)


class Sealed(Struct, frozen=True):
    """A day's manifest.

    Attributes:
        day: YYYY-MM-DD, UTC.
        rows: Lines of the file.
        nanousd: Settled and corrected, together.
        first_row: The first and ``last_row`` the last journal row it was made from.
        row_hash: The journal's hash at ``last_row``.
        sha256: Of the Parquet file.
        previous: SHA-256 of the manifest of the day before, "" for the first.
    """

    day: str
    rows: int
    nanousd: int
    first_row: int
    last_row: int
    row_hash: str
    sha256: str
    previous: str


def seal(journal: Path, now_ms: int) -> list[Sealed]:
    """Seal every day that is closed and not sealed yet; what was sealed now, oldest first.

    A day is closed ``limits.SEAL_AFTER_MS`` after its end. Raises JournalLocked where another process is sealing.
    """
    folder = journal.parent / FOLDER
    folder.mkdir(exist_ok=True)
    with _locked(folder), closing(open_readonly(journal)) as db:
        before = manifests(folder)
        previous = _digest(folder / f"{before[-1].day}.json") if before else ""
        done = []
        for day, first_row, last_row in _closed_days(db, before[-1].last_row if before else 0, now_ms):
            table = day_table(db, first_row, last_row)
            pending = folder / f".{day}.parquet"
            pq.write_table(table, pending, compression="zstd")
            (digest,) = db.execute("select hash from batch where seq = ?", (last_row,)).fetchone()
            nanousd = sum(table["amount_nanousd"].to_pylist())
            sealed = Sealed(day, table.num_rows, nanousd, first_row, last_row, digest.hex(), _digest(pending), previous)
            pending.replace(folder / f"{day}.parquet")
            previous = _write_manifest(folder, sealed)
            done.append(sealed)
    return done


def check(journal: Path) -> list[Sealed]:
    """Derive every sealed day again from the journal. Raises JournalCorrupt that names the first day which differs."""
    folder = journal.parent / FOLDER
    previous, row = "", 0
    found = manifests(folder)
    with closing(open_readonly(journal)) as db:
        for sealed in found:
            file = folder / f"{sealed.day}.parquet"
            why = _wrong(db, file, sealed, previous, row)
            if why:
                raise JournalCorrupt(f"the sealed day {sealed.day} {why}", fix=FIX)
            previous, row = _digest(folder / f"{sealed.day}.json"), sealed.last_row
    return found


def _wrong(db: sqlite3.Connection, file: Path, sealed: Sealed, previous: str, row: int) -> str:
    if sealed.previous != previous or sealed.first_row != row + 1:
        return "does not follow the day before it"
    if not file.exists():
        return "has no file"
    if _digest(file) != sealed.sha256:
        return "has a file that was changed"
    known = db.execute("select hash from batch where seq = ?", (sealed.last_row,)).fetchone()
    if known is None or known[0].hex() != sealed.row_hash:
        return "is not of this journal"
    table = day_table(db, sealed.first_row, sealed.last_row)
    if sum(table["amount_nanousd"].to_pylist()) != sealed.nanousd or not table.equals(pq.read_table(file)):
        return "does not derive from the journal"
    return ""


def manifests(folder: Path) -> list[Sealed]:
    """Every manifest, oldest first."""
    return [msgspec.json.decode(path.read_bytes(), type=Sealed) for path in sorted(folder.glob("*.json"))]


def day_table(db: sqlite3.Connection, first_row: int, last_row: int) -> pa.Table:
    """What the entries of some journal rows come to, as a table, in their order."""
    held: dict[str, Reserved] = {}
    columns: dict[str, list[Any]] = {name: [] for name in SCHEMA.names}
    for row, body in db.execute("select seq, body from batch where seq between ? and ? order by seq", (first_row, last_row)):
        for entry in decode_row(body):
            if isinstance(entry, Reserved):
                held[entry.call_id] = entry
                continue
            reserved, settled = held.get(entry.call_id), None
            if not isinstance(entry, Opened) and (reserved is None or isinstance(entry, Adjusted)):
                reserved, settled = hold_and_charge(db, entry.call_id)
            for name, value in {**_BLANK, **_of_hold(reserved), **_of_end(entry, settled), "row": row}.items():
                columns[name].append(value)
    return pa.table(columns, schema=SCHEMA)


_BLANK: dict[str, Any] = {**dict.fromkeys(_TEXTS, ""), **dict.fromkeys(_NUMBERS, 0), "tags": (), "windows": (), "lines": ()}


def _of_hold(reserved: Reserved | None) -> dict[str, Any]:
    if reserved is None:
        return {}
    who = {name: getattr(reserved.attribution, name) for name in WHO}
    return {
        **who,
        "tags": reserved.attribution.tags,
        "wire": reserved.wire,
        "model_asked": reserved.model_asked,
        "model": reserved.model,
        "held_at_ms": reserved.at_ms,
        "held_nanousd": reserved.held.nanousd,
        "held_tokens": reserved.held.tokens,
        "windows": reserved.windows,
        "price_book": reserved.price_book,
    }


def _of_end(entry: Entry, settled: Settled | None) -> dict[str, Any]:
    common: dict[str, Any] = {"call_id": entry.call_id, "at_ms": entry.at_ms, "kind": type(entry).__name__.lower()}
    if isinstance(entry, Opened):  # an opening balance is no spending
        return {**common, "windows": (entry.window,), "held_nanousd": entry.spent.nanousd, "held_tokens": entry.spent.tokens}
    if isinstance(entry, Released):
        return {**common, "reason": entry.reason, "status": entry.status, "upstream": entry.upstream}
    assert isinstance(entry, Settled | Adjusted)
    lines = [msgspec.structs.asdict(line) for line in entry.lines]
    common |= {"quality": str(entry.quality), "reason": entry.reason, "for_day": entry.for_day, "price_book": entry.price_book, "lines": lines}
    if isinstance(entry, Adjusted):
        of_call = {"model": settled.model, "upstream": settled.upstream} if settled is not None else {}
        return {**common, **of_call, **_amounts(entry.delta)}
    return {
        **common,
        **_amounts(entry.charged),
        **_usage(entry.usage),
        "overrun_nanousd": entry.overrun_nanousd,
        "upstream": entry.upstream,
        **({"model": entry.model} if entry.model else {}),
        "status": entry.status,
        "duration_ms": entry.duration_ms,
        "ref": entry.ref,
    }


def _amounts(amounts: Amounts) -> dict[str, int]:
    return {"amount_nanousd": amounts.nanousd, "tokens": amounts.tokens, "calls": amounts.calls}


def _usage(usage: Usage) -> dict[str, Any]:
    return {**dict(usage.quantities()), "service_tier": usage.service_tier}


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


def _write_manifest(folder: Path, sealed: Sealed) -> str:
    """Write it whole or not at all: a day without a manifest is not sealed. Returns its digest."""
    pending = folder / f".{sealed.day}.json"
    pending.write_bytes(msgspec.json.format(msgspec.json.encode(sealed), indent=2))
    with pending.open("rb") as file:
        os.fsync(file.fileno())
    path = folder / f"{sealed.day}.json"
    pending.replace(path)
    return _digest(path)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    with (folder / ".lock").open("wb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise JournalLocked(f"another process is sealing {folder.parent}", fix="wait until it is done") from None
        yield
