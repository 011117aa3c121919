"""Closing the books: each closed UTC day of the journal becomes one Parquet file with a manifest, chained to the day before.

A line of the file is an ended call (settled or released) with its hold, a correction, or an opening balance; a call that is open over
midnight is in the file of the day it ended. The manifest names the journal rows that were read, so ``check`` derives the file again.
"""

import gc
import hashlib
import multiprocessing
import os
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing, contextmanager
from datetime import date, timedelta
from itertools import accumulate, groupby
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from msgspec import Struct
from msgspec.structs import astuple

from wellspent import limits
from wellspent.facts.attribution import Attribution
from wellspent.facts.entry import Adjusted, Amounts, ChargeLine, Entry, Opened, Released, Reserved, Settled
from wellspent.facts.errors import JournalCorrupt
from wellspent.facts.usage import UNITS, Quality, Usage
from wellspent.ledger.lock import alone
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


Day = tuple[Path, Sealed, str, int]  # a journal, a day of it, and the digest and last row of the day before


def seal(journal: Path, now_ms: int) -> list[Sealed]:
    """Seal every day that is closed and not sealed yet; what was sealed now, oldest first.

    A day is closed ``limits.SEAL_AFTER_MS`` after its end. Raises JournalLocked where another process is sealing.
    """
    folder = journal.parent / FOLDER
    folder.mkdir(exist_ok=True)
    with alone(folder, f"sealing {folder.parent}", "wait until it is done"), closing(open_readonly(journal)) as db:
        before = chained(folder)
        previous = _digest(folder / f"{before[-1].day}.json") if before else ""
        done = []
        for day, first_row, last_row in _closed_days(db, before[-1].last_row if before else 0, now_ms):
            table = day_table(db, first_row, last_row)
            pending = folder / f".{day}.parquet"
            pq.write_table(table, pending, compression="zstd")
            (digest,) = db.execute("select hash from batch where seq = ?", (last_row,)).fetchone()
            nanousd = _sum(table)
            sealed = Sealed(day, table.num_rows, nanousd, first_row, last_row, digest.hex(), _digest(pending), previous)
            pending.replace(folder / f"{day}.parquet")
            previous = _write_manifest(folder, sealed)
            done.append(sealed)
    return done


def check(journal: Path) -> list[Sealed]:
    """Derive every sealed day again from the journal, on all cores. Raises JournalCorrupt that names the first day which differs."""
    folder = journal.parent / FOLDER
    found = manifests(folder)
    days = [(journal, each, *before) for each, before in zip(found, _befores(folder, found), strict=True)]
    with _workers(len(days)) as each_of:
        for sealed, why in zip(found, each_of(_wrong, days), strict=True):
            if why:
                raise JournalCorrupt(f"the sealed day {sealed.day} {why}", fix=FIX)
    return found


def _befores(folder: Path, found: Sequence[Sealed]) -> Iterator[tuple[str, int]]:
    """For each day, what its manifest has to say of the day before: that one's digest and last row."""
    previous, row = "", 0
    for sealed in found:
        yield previous, row
        previous, row = _digest(folder / f"{sealed.day}.json"), sealed.last_row


@contextmanager
def _workers(days: int) -> Iterator[Callable[[Callable[[Day], str], Sequence[Day]], Iterable[str]]]:
    """What maps a function over days: in processes side by side where there are several of both."""
    count = min(days, os.cpu_count() or 1)
    if count < 2:
        yield map
        return
    with ProcessPoolExecutor(count, multiprocessing.get_context("spawn")) as pool:
        try:
            yield pool.map
        finally:
            pool.shutdown(cancel_futures=True)


def _wrong(day: Day) -> str:
    """Why a sealed day is not what its journal rows come to; "" where it is."""
    journal, sealed, previous, row = day
    file = journal.parent / FOLDER / f"{sealed.day}.parquet"
    if sealed.previous != previous or sealed.first_row != row + 1:
        return "does not follow the day before it"
    with closing(open_readonly(journal)) as db:
        return _differs(db, file, sealed)


def _differs(db: sqlite3.Connection, file: Path, sealed: Sealed) -> str:
    if not file.exists():
        return "has no file"
    if _digest(file) != sealed.sha256:
        return "has a file that was changed"
    known = db.execute("select hash from batch where seq = ?", (sealed.last_row,)).fetchone()
    if known is None or known[0].hex() != sealed.row_hash:
        return "is not of this journal"
    table = day_table(db, sealed.first_row, sealed.last_row)
    if _sum(table) != sealed.nanousd or not table.equals(pq.read_table(file)):
        return "does not derive from the journal"
    return ""


def _sum(table: pa.Table) -> int:
    return int(pc.sum(table["amount_nanousd"]).as_py() or 0)


def manifests(folder: Path) -> list[Sealed]:
    """Every manifest, oldest first."""
    return [msgspec.json.decode(path.read_bytes(), type=Sealed) for path in sorted(folder.glob("*.json"))]


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


def chained(folder: Path) -> list[Sealed]:
    """Every manifest, oldest first. Raises JournalCorrupt where one does not follow the day before it: a day in between is missing."""
    found = manifests(folder)
    for sealed, (previous, row) in zip(found, _befores(folder, found), strict=True):
        if sealed.previous != previous or sealed.first_row != row + 1:
            raise JournalCorrupt(f"the sealed day {sealed.day} does not follow the day before it", fix=FIX)
    return found


def day_table(db: sqlite3.Connection, first_row: int, last_row: int) -> pa.Table:
    """What the entries of some journal rows come to, as a table, in their order."""
    held: dict[str, Reserved] = {}
    lines: list[_Ended] = []
    gc.disable()  # a day is hundreds of thousands of records at once, none in a cycle: looking for cycles takes longer than reading them
    try:
        _read(db, first_row, last_row, held, lines)
        return pa.table(_columns(lines), schema=SCHEMA) if lines else SCHEMA.empty_table()
    finally:
        gc.enable()


def _read(db: sqlite3.Connection, first_row: int, last_row: int, held: dict[str, Reserved], lines: "list[_Ended]") -> None:
    for row, body in db.execute("select seq, body from batch where seq between ? and ? order by seq", (first_row, last_row)):
        for entry in decode_row(body):
            if isinstance(entry, Reserved):
                held[entry.call_id] = entry
                continue
            reserved, settled = held.get(entry.call_id), None
            if not isinstance(entry, Opened) and (reserved is None or isinstance(entry, Adjusted)):
                reserved, settled = hold_and_charge(db, entry.call_id)
            lines.append(_ended(entry, reserved or NO_HOLD, settled, row))


NO_HOLD = Reserved("", 0, Attribution(), "", "", "", Amounts())


class _Ended(NamedTuple):
    """A line: every kind of entry as if it had settled, so that columns can be taken of all at once."""

    kind: str
    quality: str
    row: int
    hold: Reserved
    end: Settled


def _ended(entry: Entry, hold: Reserved, settled: Settled | None, row: int) -> _Ended:
    if isinstance(entry, Settled):
        return _Ended("settled", str(entry.quality), row, hold, entry)
    blank = Settled(entry.call_id, entry.at_ms, Amounts(), Quality.EXACT, Usage(), price_book=hold.price_book, status=0)
    if isinstance(entry, Opened):  # an opening balance is no spending
        return _Ended("opened", "", row, msgspec.structs.replace(hold, held=entry.spent, windows=(entry.window,)), blank)
    if isinstance(entry, Released):
        end = msgspec.structs.replace(blank, reason=entry.reason, status=entry.status, upstream=entry.upstream)
        return _Ended("released", "", row, hold, end)
    assert isinstance(entry, Adjusted)
    of_call = {"model": settled.model, "upstream": settled.upstream} if settled is not None else {}
    end = msgspec.structs.replace(
        blank, charged=entry.delta, reason=entry.reason, for_day=entry.for_day, price_book=entry.price_book, lines=entry.lines, **of_call
    )
    return _Ended("adjusted", str(entry.quality), row, hold, end)


def _columns(lines: list[_Ended]) -> dict[str, Sequence[Any]]:
    """Lines as columns. Fields are taken of all lines at once, which is several times faster than line by line."""
    kinds, qualities, rows, holds, ends = zip(*lines, strict=True)
    hold, end = _fields(Reserved, holds), _fields(Settled, ends)
    who, usage = _fields(Attribution, hold["attribution"]), _fields(Usage, end["usage"])
    held, charged = _fields(Amounts, hold["held"]), _fields(Amounts, end["charged"])
    return {
        **{name: who[name] for name in (*WHO, "tags")},
        **{name: usage[name] for name in (*UNITS, "service_tier")},
        **{name: end[name] for name in ("call_id", "at_ms", "overrun_nanousd", "upstream", "status", "duration_ms", "reason", "for_day", "ref")},
        **{name: hold[name] for name in ("wire", "model_asked", "windows")},
        "kind": kinds,
        "quality": qualities,
        "row": rows,
        "held_at_ms": hold["at_ms"],
        "held_nanousd": held["nanousd"],
        "held_tokens": held["tokens"],
        "amount_nanousd": charged["nanousd"],
        "tokens": charged["tokens"],
        "calls": charged["calls"],
        "model": [answered or asked for answered, asked in zip(end["model"], hold["model"], strict=True)],
        "price_book": end["price_book"],
        "lines": _charge_lines(end["lines"]),
    }


def _charge_lines(charges: Sequence[tuple[ChargeLine, ...]]) -> pa.Array:
    """Lists of charge lines as one flat table with the places where each list begins."""
    offsets = [0, *accumulate(map(len, charges))]
    flat = [line for each in charges for line in each]
    columns = _fields(ChargeLine, flat) if flat else dict.fromkeys(ChargeLine.__struct_fields__, ())
    parts = [pa.array(columns[field.name], field.type) for field in _LINE]
    return pa.ListArray.from_arrays(pa.array(offsets, pa.int32()), pa.StructArray.from_arrays(parts, fields=list(_LINE)))


def _fields(kind: type[Struct], records: Iterable[Struct]) -> dict[str, tuple[Any, ...]]:
    return dict(zip(kind.__struct_fields__, zip(*map(astuple, records), strict=True), strict=True))


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
