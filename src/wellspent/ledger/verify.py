"""Verify: re-derive the whole journal. The chain of hashes, one end for each hold, and every balance."""

import hashlib
from collections import defaultdict
from contextlib import closing
from pathlib import Path

from msgspec import Struct

from wellspent.facts.entry import Adjusted, Entry, Opened, Reserved, Settled
from wellspent.facts.errors import JournalCorrupt, NotFound
from wellspent.ledger.rows import GENESIS, decode_row, open_readonly

FIX = "restore the journal from a copy; the rows before this one are sound"


class Verified(Struct, frozen=True):
    """What was re-derived.

    Attributes:
        head_hash: The hash of the last row: write it down elsewhere, and nobody can change the past unseen.
    """

    rows: int
    entries: int
    calls: int
    open_holds: int
    settled_nanousd: int
    head_hash: str


def verify(path: Path) -> Verified:
    """Check everything. Raises JournalCorrupt that names the first row which does not re-derive, NotFound without a journal."""
    if not path.exists():
        raise NotFound(f"there is no ledger at {path}", fix="start wellspent serve once, or set --data-dir")
    check = _Check()
    with closing(open_readonly(path)) as db:
        db.execute("begin")
        projected = db.execute("select projected from mark").fetchone()[0]
        for seq, entries, body, digest in db.execute("select seq, entries, body, hash from batch order by seq"):
            check.row(seq, entries, body, digest)
            if seq == projected:
                check.remember()
        stored = {key: tuple(amounts) for key, *amounts in db.execute("select key, nanousd, tokens, calls from balance")}
    if projected > check.seq:
        raise JournalCorrupt(f"the journal ends at row {check.seq}, but had {projected} rows", fix=FIX)
    if projected and stored != check.projected:
        wrong = next(key for key in {*stored, *check.projected} if stored.get(key) != check.projected.get(key))
        raise JournalCorrupt(
            f"the balance of {wrong} does not follow from its entries", fix="projections can be derived again: see docs/operating.md"
        )
    return Verified(check.seq, check.entries, check.calls, len(check.open), check.settled_nanousd, check.hash.hex())


class _Check:
    """The state of a walk over the journal."""

    def __init__(self) -> None:
        self.seq, self.hash, self.entries, self.calls, self.settled_nanousd = 0, GENESIS, 0, 0, 0
        self.kept: dict[tuple[str, ...], tuple[str, ...]] = {}
        self.open: dict[str, tuple[str, ...]] = {}
        self.windows: dict[str, tuple[str, ...]] = {}
        self.balances: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
        self.projected: dict[str, tuple[int, ...]] = {}

    def remember(self) -> None:
        self.projected = {key: tuple(sums) for key, sums in self.balances.items()}

    def row(self, seq: int, entries: int, body: bytes, digest: bytes) -> None:
        if seq != self.seq + 1:
            raise JournalCorrupt(f"row {self.seq + 1} of the journal is missing", fix=FIX)
        self.hash = hashlib.sha256(self.hash + body).digest()
        if self.hash != digest:
            raise JournalCorrupt(f"row {seq} of the journal was changed: its hash does not re-derive", fix=FIX)
        self.seq = seq
        found = decode_row(body)
        if len(found) != entries:
            raise JournalCorrupt(f"row {seq} says {entries} entries and has {len(found)}", fix=FIX)
        self.entries += entries
        for entry in found:
            self._entry(entry, seq)

    def _entry(self, entry: Entry, seq: int) -> None:
        if isinstance(entry, Opened):
            self._move((entry.window,), entry.spent.nanousd, entry.spent.tokens, entry.spent.calls)
            return
        call_id = entry.call_id
        if isinstance(entry, Reserved):
            if call_id in self.windows:
                raise JournalCorrupt(f"call {call_id} is held twice (row {seq})", fix=FIX)
            self.open[call_id] = self.windows[call_id] = self.kept.setdefault(entry.windows, entry.windows)
            self.calls += 1
            return
        if isinstance(entry, Adjusted):
            if call_id not in self.windows or call_id in self.open:
                raise JournalCorrupt(f"call {call_id} is adjusted but not settled (row {seq})", fix=FIX)
            self._add(self.windows[call_id], entry.delta.nanousd, entry.delta.tokens, entry.delta.calls)
            return
        windows = self.open.pop(call_id, None)
        if windows is None:
            raise JournalCorrupt(f"call {call_id} ends without a hold, or twice (row {seq})", fix=FIX)
        if isinstance(entry, Settled):
            self._add(windows, entry.charged.nanousd, entry.charged.tokens, entry.charged.calls)

    def _add(self, windows: tuple[str, ...], nanousd: int, tokens: int, calls: int) -> None:
        self.settled_nanousd += nanousd
        self._move(windows, nanousd, tokens, calls)

    def _move(self, windows: tuple[str, ...], nanousd: int, tokens: int, calls: int) -> None:
        for key in windows:
            sums = self.balances[key]
            sums[0] += nanousd
            sums[1] += tokens
            sums[2] += calls
