"""Verify: derive the whole journal again. The chain of hashes, one end for each hold, every balance, and every sealed day.

The journal is cut into parts that are derived side by side (``derive``), in processes of their own where there is much of it; here they
are joined in their order: holds that end in a later part, balances, and what is wrong first.
"""

import multiprocessing
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing, contextmanager
from itertools import takewhile
from operator import itemgetter
from pathlib import Path

from msgspec import Struct

from wellspent import limits
from wellspent.facts.entry import Amounts
from wellspent.facts.errors import JournalCorrupt, NotFound
from wellspent.ledger import sealed as days
from wellspent.ledger.derive import Part, derive
from wellspent.ledger.rows import GENESIS, open_readonly
from wellspent.ledger.walk import Walk, Windows, add, adjusts_unsettled, ends_unheld, held_twice

FIX = "restore the journal from a copy; the rows before this one are sound"
Derived = tuple[Walk, str]


class Verified(Struct, frozen=True):
    """What was re-derived.

    Attributes:
        head_hash: The hash of the last row: write it down elsewhere, and nobody can change the past unseen.
        sealed_days: How many of them, where they were asked for.
    """

    rows: int
    entries: int
    calls: int
    open_holds: int
    settled_nanousd: int
    head_hash: str
    sealed_days: int = 0


class _Stored(Struct, frozen=True):
    """What a journal says of itself, at one moment.

    Attributes:
        rows: Each row's number and how many entries it has.
        projected: The last row that ``balances`` include.
    """

    rows: list[tuple[int, int]]
    projected: int
    balances: dict[str, tuple[int, ...]]

    @property
    def last_row(self) -> int:
        """The newest row; 0 where there is none."""
        return self.rows[-1][0] if self.rows else 0


def verify(path: Path, *, sealed: bool = False) -> Verified:
    """Check everything. Raises JournalCorrupt that names the first row, or the first sealed day, which does not derive; NotFound without a journal.

    Args:
        sealed: Whether to derive sealed days too.
    """
    if not path.exists():
        raise NotFound(f"there is no ledger at {path}", fix="start wellspent serve once, or set --data-dir")
    folder = path.parent / days.FOLDER
    found = days.manifests(folder) if sealed else []
    chained = [day for day, _ in takewhile(itemgetter(1), zip(found, days.followed(folder, found), strict=True))]
    stored = _stored(path)
    parts = list(_parts(path, chained, stored))
    joined, wrong_days = _Joined(), []
    with _workers(parts, stored) as each_of:
        for part, (walk, wrong) in zip(parts, each_of(derive, parts), strict=True):
            joined.join(walk)
            wrong_days += [f"the sealed day {part.day.day} {wrong}"] if part.day and wrong else []
    joined.compare(stored)
    wrong_days += [f"the sealed day {day.day} {days.UNCHAINED}" for day in found[len(chained) :]]
    if wrong_days:
        raise JournalCorrupt(wrong_days[0], fix=days.FIX)
    calls = len(joined.held)
    return Verified(stored.last_row, joined.entries, calls, len(joined.open), joined.settled_nanousd, joined.hash.hex(), len(found))


def _stored(path: Path) -> _Stored:
    with closing(open_readonly(path)) as db:
        db.execute("begin")
        rows = db.execute("select seq, entries from batch order by seq").fetchall()
        (projected,) = db.execute("select projected from mark").fetchone()
        balances = {key: tuple(amounts) for key, *amounts in db.execute("select key, nanousd, tokens, calls from balance")}
    return _Stored(rows, projected, balances)


def _parts(path: Path, chained: Sequence[days.Sealed], stored: _Stored) -> Iterator[Part]:
    """All rows in their order: those of each sealed day, then the others, about so many entries at once."""
    row, entries = 0, 0
    for day in chained:
        yield Part(path, day.first_row, min(day.last_row, stored.last_row), stored.projected, day)
        row = day.last_row
    for seq, count in stored.rows:
        entries += count if seq > row else 0
        if entries >= limits.VERIFY_PART_ENTRIES or (seq == stored.last_row > row):
            yield Part(path, row + 1, seq, stored.projected)
            row, entries = seq, 0


@contextmanager
def _workers(parts: Sequence[Part], stored: _Stored) -> Iterator[Callable[[Callable[[Part], Derived], Sequence[Part]], Iterable[Derived]]]:
    """What maps a function over parts: in processes side by side where there are cores and enough entries for them."""
    count = min(len(parts), os.cpu_count() or 1)
    if count < 2 or sum(entries for _, entries in stored.rows) <= limits.VERIFY_ALONE_ENTRIES_MAX:
        yield map
        return
    with ProcessPoolExecutor(count, multiprocessing.get_context("spawn")) as pool:
        try:
            yield pool.map
        finally:
            pool.shutdown(cancel_futures=True)


class _Joined:
    """Walks over neighbouring parts, joined in their order."""

    def __init__(self) -> None:
        self.hash, self.entries, self.settled_nanousd = GENESIS, 0, 0
        self.held: dict[str, Windows] = {}
        self.open: dict[str, Windows] = {}
        self._moved: dict[Windows, list[int]] = {}

    def join(self, walk: Walk) -> None:
        """Add the next one. Raises JournalCorrupt that names the first row which does not derive."""
        wrong = [each for each in (self._loose(walk), self._twice(walk), walk.wrong) if each]
        if wrong:
            raise JournalCorrupt(min(wrong)[1], fix=FIX)
        self.hash = walk.hash
        self.entries += walk.entries
        self.settled_nanousd += walk.settled_nanousd
        self.held.update(walk.held)
        self.open.update(walk.open)
        for windows, sums in walk.moved.items():
            add(self._moved, windows, Amounts(*sums))

    def _loose(self, walk: Walk) -> tuple[int, str] | None:
        """End and correct calls of earlier parts; the first row where that cannot be."""
        for each in walk.loose:
            if each.ends:
                windows = self.open.pop(each.call_id, None)
                why = ends_unheld
            else:
                windows = self.held.get(each.call_id) if each.call_id not in self.open else None
                why = adjusts_unsettled
            if windows is None:
                return each.row, why(each.call_id, each.row)
            if each.amounts is not None:
                self.settled_nanousd += each.amounts.nanousd
                if each.row <= walk.projected:
                    add(self._moved, windows, each.amounts)
        return None

    def _twice(self, walk: Walk) -> tuple[int, str] | None:
        """The first row that holds a call which an earlier part holds too."""
        if self.held.keys().isdisjoint(walk.held):
            return None
        rows = zip(walk.held, walk.held_rows, strict=True)
        return next((row, held_twice(call_id, row)) for call_id, row in rows if call_id in self.held)

    def compare(self, stored: _Stored) -> None:
        """Hold it against what the journal says of itself. Raises JournalCorrupt."""
        if stored.projected > stored.last_row:
            raise JournalCorrupt(f"the journal ends at row {stored.last_row}, but had {stored.projected} rows", fix=FIX)
        found: dict[Windows, list[int]] = {}
        for windows, sums in self._moved.items():
            for key in windows:
                add(found, (key,), Amounts(*sums))
        derived = {key: tuple(sums) for (key,), sums in found.items()}
        wrong = [key for key in {**derived, **stored.balances} if derived.get(key) != stored.balances.get(key)]
        if stored.projected and wrong:
            raise JournalCorrupt(
                f"the balance of {wrong[0]} does not follow from its entries", fix="projections can be derived again: see docs/operating.md"
            )
