"""Verify: whatever parts a journal is cut into, the same is found; and whatever is changed, in whichever part, is found."""

import hashlib
import re
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.ledger.test_close import MIDNIGHT_MS, story

from wellspent import limits
from wellspent.facts.attribution import Attribution
from wellspent.facts.entry import Adjusted, Amounts, Entry, Opened, Released, Reserved, Settled
from wellspent.facts.errors import JournalCorrupt
from wellspent.facts.usage import Quality, Usage
from wellspent.ledger.close import DAY_MS, seal
from wellspent.ledger.projection import Projector
from wellspent.ledger.rows import GENESIS
from wellspent.ledger.sealed import Sealed, digest
from wellspent.ledger.sqlite import SqliteJournal
from wellspent.ledger.verify import verify

CALLS = st.sampled_from(["a", "b", "c", "d"])
AMOUNTS = st.builds(Amounts, st.integers(0, 9), st.integers(0, 9), st.integers(0, 1))
WINDOWS = st.sampled_from([(), ("org@1",), ("org@1", "team@1")])
ENTRIES: st.SearchStrategy[Entry] = st.one_of(
    st.builds(lambda call, windows: Reserved(call, 1, Attribution(), "w", "m", "m", Amounts(9), windows), CALLS, WINDOWS),
    st.builds(lambda call, charged: Settled(call, 2, charged, Quality.EXACT, Usage()), CALLS, AMOUNTS),
    st.builds(lambda call: Released(call, 2, "never sent"), CALLS),
    st.builds(lambda call, delta: Adjusted(call, 3, delta, "the invoice"), CALLS, AMOUNTS),
    st.builds(lambda spent: Opened("team@1", 1, spent), AMOUNTS),
)


def written(path: Path, rows: Sequence[Sequence[Entry]], projected: int) -> None:
    """A journal with these rows, whose chain holds whatever they say, and whose projections include some of them."""
    SqliteJournal(path)._db.close()
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        _append(db, rows[:projected])
        Projector(db).catch_up()
        _append(db, rows[projected:])


def _append(db: sqlite3.Connection, rows: Sequence[Sequence[Entry]]) -> None:
    seq, before = db.execute("select seq, hash from batch order by seq desc limit 1").fetchone() or (0, GENESIS)
    for entries in rows:
        seq, body = seq + 1, msgspec.msgpack.encode(entries)
        before = hashlib.sha256(before + body).digest()
        db.execute("insert into batch values (?, 0, ?, ?, ?)", (seq, len(entries), body, before))


def told(path: Path) -> object:
    """What verify finds, or the row where it does not."""
    try:
        return verify(path)
    except JournalCorrupt as error:
        return re.findall(r"row \d+|the balance of", str(error))[0]


@given(st.lists(st.lists(ENTRIES, min_size=1, max_size=3), max_size=12), st.integers(0, 12))
def test_cut_into_any_parts_a_journal_says_the_same(rows: list[list[Entry]], projected: int) -> None:
    with TemporaryDirectory() as place, pytest.MonkeyPatch.context() as patch:
        path = Path(place) / "journal.db"
        written(path, rows, projected)
        whole = told(path)
        for entries in (1, 2, 5):
            patch.setattr(limits, "VERIFY_PART_ENTRIES", entries)
            assert told(path) == whole


def sealed_story(folder: Path) -> Path:
    """Three sealed days, with a call over midnight and a correction of an earlier day."""
    path = folder / "journal.db"
    story(path)
    assert len(seal(path, MIDNIGHT_MS + 3 * DAY_MS)) == 3
    return path


@pytest.mark.parametrize("alone", [0, 10**9])
def test_sealed_days_are_derived_in_one_process_or_several(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, alone: int) -> None:
    path = sealed_story(tmp_path)
    monkeypatch.setattr(limits, "VERIFY_ALONE_ENTRIES_MAX", alone)
    found = verify(path, sealed=True)
    assert (found.sealed_days, found.entries, found.calls, found.open_holds) == (3, 10, 4, 0)
    assert found == msgspec.structs.replace(verify(path), sealed_days=3)
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        (last,) = db.execute("select max(seq) from batch").fetchone()
        db.execute("update batch set body = cast(body || x'00' as blob) where seq = ?", (last,))
    (tmp_path / "sealed" / "2026-11-23.parquet").unlink()
    with pytest.raises(JournalCorrupt, match=f"row {last} of the journal was changed"):  # the journal first: days are made from it
        verify(path, sealed=True)


def changed(folder: Path, day: str, change: Callable[[Sealed], Sealed]) -> None:
    """A manifest that says something else, by somebody who knows how manifests are chained."""
    names = sorted(folder.glob("*.json"))
    previous = ""
    for path in names:
        sealed = msgspec.json.decode(path.read_bytes(), type=Sealed)
        sealed = msgspec.structs.replace(change(sealed) if sealed.day == day else sealed, previous=previous)
        path.write_bytes(msgspec.json.encode(sealed))
        previous = digest(path)


def dearer(table: pa.Table) -> pa.Table:
    """One nano-dollar more on each line."""
    place = table.schema.get_field_index("held_nanousd")
    return table.set_column(place, "held_nanousd", pc.add(table["held_nanousd"], 1))


def rewritten(folder: Path, day: str, change: Callable[[pa.Table], pa.Table]) -> None:
    """A day's file with another content, and manifests that know of it."""
    path = folder / f"{day}.parquet"
    pq.write_table(change(pq.read_table(path)), path)
    changed(folder, day, lambda sealed: msgspec.structs.replace(sealed, sha256=digest(path)))


TAMPERED: dict[str, tuple[Callable[[Path], None], str]] = {
    "a line": (lambda folder: rewritten(folder, "2026-11-24", dearer), "2026-11-24 does not derive"),
    "a line less": (lambda folder: rewritten(folder, "2026-11-25", lambda table: table.slice(1)), "2026-11-25 does not derive"),
    "the sum": (lambda folder: changed(folder, "2026-11-24", lambda day: msgspec.structs.replace(day, nanousd=1)), "2026-11-24 does not derive"),
    "the lines": (lambda folder: changed(folder, "2026-11-25", lambda day: msgspec.structs.replace(day, rows=1)), "2026-11-25 does not derive"),
    "the hash": (lambda folder: changed(folder, "2026-11-23", lambda day: msgspec.structs.replace(day, row_hash="00")), "2026-11-23 is not of this"),
    "rows to come": (
        lambda folder: changed(folder, "2026-11-25", lambda day: msgspec.structs.replace(day, last_row=99)),
        "2026-11-25 is not of this",
    ),
    "no rows": (
        lambda folder: changed(folder, "2026-11-25", lambda day: msgspec.structs.replace(day, last_row=day.first_row - 1)),
        "does not follow",
    ),
    "rows twice": (lambda folder: changed(folder, "2026-11-24", lambda day: msgspec.structs.replace(day, first_row=1)), "2026-11-24 does not follow"),
}


@pytest.mark.parametrize("how", TAMPERED)
def test_what_was_tampered_with_in_sealed_days_is_found(tmp_path: Path, how: str) -> None:
    path = sealed_story(tmp_path)
    tamper, message = TAMPERED[how]
    tamper(tmp_path / "sealed")
    with pytest.raises(JournalCorrupt, match=message):
        verify(path, sealed=True)
    assert verify(path).entries == 10


def test_a_row_that_is_no_list_of_entries_is_named(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    written(path, [], 0)
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute("insert into batch values (1, 0, 1, ?, ?)", (b"\xc1", hashlib.sha256(GENESIS + b"\xc1").digest()))
    with pytest.raises(JournalCorrupt, match="row 1 of the journal cannot be read"):
        verify(path)
