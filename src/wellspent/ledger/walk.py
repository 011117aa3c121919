"""A walk over some rows of the journal: what can be said of them by themselves, and what is left to be compared with the rows before them.

Walks over neighbouring rows can go side by side: each takes the stored hash of the row before its first as given, and the walk that ends
there derives it.
"""

import hashlib
import sqlite3
from collections.abc import Iterator

import msgspec
from msgspec import Struct

from wellspent.facts.entry import Adjusted, Amounts, Entry, Released, Reserved, Settled
from wellspent.ledger.rows import GENESIS, decode_row

Windows = tuple[str, ...]


class Loose(Struct, frozen=True):
    """An entry of a call that is not held in the walk: its hold lies before it, or nowhere.

    Attributes:
        amounts: What it adds to the call's windows; None where the hold was released.
        ends: Whether it ends the hold; else it corrects what was settled.
    """

    row: int
    call_id: str
    amounts: Amounts | None
    ends: bool


class _WrongError(Exception):
    """A row does not derive."""


class Walk:
    """Follows rows, and keeps what it found; goes from one process to another.

    Attributes:
        projected: The last row that the stored balances include.
        hash: Of the last row.
        settled_nanousd: Settled and corrected, of calls that are held in it.
        held: Calls in the order they were held, with the windows they were held in; ``held_rows`` has the row of each.
        open: Those of them without an end.
        moved: What its projected rows add to balances, by the windows they add it to: nano-dollars, tokens, calls.
        wrong: The row where it had to stop, and why; None where it came to its end.
    """

    def __init__(self, projected: int) -> None:
        self.projected = projected
        self.hash = GENESIS
        self.entries = self.settled_nanousd = 0
        self._kept: dict[Windows, Windows] = {}
        self.held: dict[str, Windows] = {}
        self.held_rows: list[int] = []
        self.open: dict[str, Windows] = {}
        self.moved: dict[Windows, list[int]] = {}
        self.loose: list[Loose] = []
        self.wrong: tuple[int, str] | None = None

    def rows(self, db: sqlite3.Connection, first: int, last: int) -> Iterator[tuple[int, list[Entry]]]:
        """The rows from first to last with their entries, as far as they derive."""
        before = db.execute("select hash from batch where seq = ?", (first - 1,)).fetchone()
        self.hash = before[0] if before else GENESIS
        expected = first
        for seq, *stored in db.execute("select seq, entries, body, hash from batch where seq between ? and ? order by seq", (first, last)):
            if seq != expected:
                break
            try:
                entries = self._derived(seq, *stored)
                self._follow(seq, entries)
            except _WrongError as error:
                self.wrong = (seq, str(error))
                return
            yield seq, entries
            expected += 1
        if expected <= last:
            self.wrong = (expected, f"row {expected} of the journal is missing")

    def _derived(self, seq: int, count: int, body: bytes, digest: bytes) -> list[Entry]:
        self.hash = hashlib.sha256(self.hash + body).digest()
        if self.hash != digest:
            raise _WrongError(f"row {seq} of the journal was changed: its hash does not re-derive")
        try:
            entries = decode_row(body)
        except msgspec.DecodeError as error:
            raise _WrongError(f"row {seq} of the journal cannot be read: {error}") from None
        if len(entries) != count:
            raise _WrongError(f"row {seq} says {count} entries and has {len(entries)}")
        return entries

    def _follow(self, seq: int, entries: list[Entry]) -> None:
        self.entries += len(entries)
        for entry in entries:
            if isinstance(entry, Reserved):
                self._hold(seq, entry)
            elif isinstance(entry, Settled):
                self._end(seq, entry.call_id, entry.charged)
            elif isinstance(entry, Released):
                self._end(seq, entry.call_id, None)
            elif isinstance(entry, Adjusted):
                self._correct(seq, entry)
            else:
                self._move(seq, (entry.window,), entry.spent)

    def _hold(self, seq: int, entry: Reserved) -> None:
        if entry.call_id in self.held:
            raise _WrongError(held_twice(entry.call_id, seq))
        self.open[entry.call_id] = self.held[entry.call_id] = self._kept.setdefault(entry.windows, entry.windows)
        self.held_rows.append(seq)

    def _end(self, seq: int, call_id: str, charged: Amounts | None) -> None:
        windows = self.open.pop(call_id, None)
        if windows is not None:
            self._add(seq, windows, charged)
        elif call_id in self.held:
            raise _WrongError(ends_unheld(call_id, seq))
        else:
            self.loose.append(Loose(seq, call_id, charged, ends=True))

    def _correct(self, seq: int, entry: Adjusted) -> None:
        if entry.call_id in self.open:
            raise _WrongError(adjusts_unsettled(entry.call_id, seq))
        if entry.call_id in self.held:
            self._add(seq, self.held[entry.call_id], entry.delta)
        else:
            self.loose.append(Loose(seq, entry.call_id, entry.delta, ends=False))

    def _add(self, seq: int, windows: Windows, amounts: Amounts | None) -> None:
        if amounts is not None:
            self.settled_nanousd += amounts.nanousd
            self._move(seq, windows, amounts)

    def _move(self, seq: int, windows: Windows, amounts: Amounts) -> None:
        if seq <= self.projected:
            add(self.moved, windows, amounts)


def add(sums: dict[Windows, list[int]], windows: Windows, amounts: Amounts) -> None:
    """Add a movement to the sums of the windows it is in."""
    found = sums.get(windows)
    if found is None:
        found = sums[windows] = [0, 0, 0]
    found[0] += amounts.nanousd
    found[1] += amounts.tokens
    found[2] += amounts.calls


def held_twice(call_id: str, row: int) -> str:
    """What is wrong with a second hold."""
    return f"call {call_id} is held twice (row {row})"


def ends_unheld(call_id: str, row: int) -> str:
    """What is wrong with an end that has no hold."""
    return f"call {call_id} ends without a hold, or twice (row {row})"


def adjusts_unsettled(call_id: str, row: int) -> str:
    """What is wrong with a correction of nothing."""
    return f"call {call_id} is adjusted but not settled (row {row})"
