"""Reading the ledger beside the process that writes it: receipts, spending, balances. Projections plus the rows they do not include yet."""

import json
import sqlite3
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import closing
from datetime import UTC, tzinfo
from pathlib import Path
from typing import NamedTuple

from msgspec import Struct

from wellspent import limits
from wellspent.facts.attribution import Attribution, Scope
from wellspent.facts.entry import Adjusted, Amounts, Entry, Opened, Released, Reserved, Settled
from wellspent.facts.errors import NotFound
from wellspent.facts.usage import Quality
from wellspent.ledger.projection import hold_and_charge, moved_by
from wellspent.ledger.rows import GENESIS, decode_row, entries_of, open_readonly, tail
from wellspent.ledger.spending import GROUPS, SpendRow, spend

DAY_MS = 86_400_000
NEWEST_ROW = 2**62


class Receipt(Struct, frozen=True):
    """All that the ledger knows of one call, and where it is chained in.

    Attributes:
        row: The journal row of the newest entry; ``row_hash`` covers it, chained to ``previous_hash``.
    """

    reserved: Reserved
    ended: Settled | Released | None
    adjusted: tuple[Adjusted, ...]
    row: int
    row_hash: str
    previous_hash: str

    @property
    def amount_nanousd(self) -> int:
        """What the call cost, corrections included."""
        settled = self.ended.charged.nanousd if isinstance(self.ended, Settled) else 0
        return settled + sum(each.delta.nanousd for each in self.adjusted)


class WindowBalance(Struct, frozen=True):
    """What was settled and is held in one budget window."""

    key: str
    spent: Amounts
    held: Amounts


class CallRow(Struct, frozen=True):
    """One call in a list."""

    reserved: Reserved
    ended: Settled | Released | None


class Charge(NamedTuple):
    """One movement of money: what a call cost, or a correction of it.

    Attributes:
        at_ms: When it was settled or corrected.
        nanousd: What could be priced of it.
        priced: Whether all of it could.
        for_day: The day (YYYY-MM-DD, UTC) it belongs to, where it was recorded later; "" else.
    """

    call_id: str
    at_ms: int
    nanousd: int
    priced: bool
    attribution: Attribution
    for_day: str = ""


class JournalReader:
    """Questions over one journal file. Any number of processes may read while one writes. Raises NotFound where there is no journal."""

    def __init__(self, path: Path) -> None:
        if not path.exists():
            raise NotFound(f"there is no ledger at {path}", fix="start wellspent serve once, or set --data-dir")
        self._path = path

    def _open(self) -> "closing[sqlite3.Connection]":
        return closing(open_readonly(self._path))

    def receipt(self, call_id: str) -> Receipt | None:
        """A call's entries, or None."""
        with self._open() as db:
            found = entries_of(db, call_id)
            if not found:
                return None
            row = found[-1][0]
            hashes = dict(db.execute("select seq, hash from batch where seq in (?, ?)", (row, row - 1)).fetchall())
        entries = [entry for _, entry in found]
        return Receipt(
            reserved=next(each for each in entries if isinstance(each, Reserved)),
            ended=next((each for each in entries if isinstance(each, Settled | Released)), None),
            adjusted=tuple(each for each in entries if isinstance(each, Adjusted)),
            row=row,
            row_hash=hashes[row].hex(),
            previous_hash=hashes.get(row - 1, b"\0" * 32).hex(),
        )

    def spend(
        self, since_ms: int, until_ms: int, by: Sequence[str] = (), where: Mapping[str, str] | None = None, zone: tzinfo = UTC
    ) -> list[SpendRow]:
        """Settled spending in a stretch of time, in whole hours, by any of ``GROUPS``, dearest first.

        Args:
            where: Only calls whose dimension has this value, e.g. ``{"team": "core"}``; a tag as ``{"tag": "customer=acme"}``.
            zone: The time zone that days, hours and months are told in.

        Raises InvalidInput for an unknown group.
        """
        with self._open() as db:
            return spend(db, since_ms, until_ms, by, where or {}, zone)

    def balances(self, keys: Collection[str] | None = None) -> list[WindowBalance]:
        """Budget windows with what was settled and is held in them: those of ``keys``, or every one (a ceiling for each run has many)."""
        spent: dict[str, Amounts] = {}
        held: dict[str, Amounts] = {}
        with self._open() as db:
            wanted = "" if keys is None else " where key in (select value from json_each(?))"
            rows = db.execute("select key, nanousd, tokens, calls from balance" + wanted, () if keys is None else (json.dumps(list(keys)),))
            spent.update((key, Amounts(*amounts)) for key, *amounts in rows)
            open_calls = {entry.call_id: entry for (call_id,) in db.execute("select call_id from open_hold") for entry in _holds(db, call_id)}
            for _, entry in tail(db):
                _move(db, entry, open_calls, spent)
        for reserved in open_calls.values():
            for key in reserved.windows:
                held[key] = _plus(held.get(key), reserved.held)
        found = {*spent, *held} if keys is None else {*spent, *held} & {*keys}
        return [WindowBalance(key, spent.get(key, Amounts()), held.get(key, Amounts())) for key in sorted(found)]

    def recent(self, count: int = 50, before_row: int | None = None) -> list[CallRow]:
        """The newest calls, newest first."""
        found: dict[str, Reserved] = {}
        ended: dict[str, Settled | Released] = {}
        with self._open() as db:
            top = before_row if before_row is not None else 2**62
            for (body,) in db.execute("select body from batch where seq < ? order by seq desc", (top,)):
                for entry in reversed(decode_row(body)):
                    if isinstance(entry, Settled | Released):
                        ended[entry.call_id] = entry
                    elif isinstance(entry, Reserved):
                        found[entry.call_id] = entry
                if len(found) >= count:
                    break
        newest = sorted(found.values(), key=lambda each: each.call_id, reverse=True)[:count]
        return [CallRow(each, ended.get(each.call_id)) for each in newest]

    def calls(self, scope: Scope, since_ms: int, count: int = 50, before_row: int = NEWEST_ROW) -> tuple[list[CallRow], int | None]:
        """The newest calls that are charged to a scope, newest first, and the row to go on before; None where there are no older ones.

        Reads back from ``before_row`` at most ``limits.CALL_LIST_ROWS_MAX`` rows, so a scope that rarely calls may need several pages.
        """
        found: list[Reserved] = []
        more: int | None = None
        with self._open() as db:
            rows = db.execute("select seq, first_ms, body from batch where seq < ? order by seq desc", (before_row,))
            for read, (row, first_ms, body) in enumerate(rows, 1):
                held = [each for each in decode_row(body) if isinstance(each, Reserved) and each.at_ms >= since_ms]
                found += [each for each in reversed(held) if scope in each.attribution.scopes()]
                if first_ms < since_ms - DAY_MS:
                    break
                if len(found) >= count or read >= limits.CALL_LIST_ROWS_MAX:
                    more = row
                    break
            ended = [_end(db, each.call_id) for each in found]
        return [CallRow(each, end) for each, end in zip(found, ended, strict=True)], more

    def charges(self, since_ms: int, until_ms: int) -> Iterator[Charge]:
        """Every movement of money in a stretch of time, in the order of the journal, one at a time."""
        held: dict[str, Attribution] = {}
        with self._open() as db, self._open() as aside:
            rows = db.execute("select body from batch where first_ms >= ? and first_ms < ? order by seq", (since_ms - DAY_MS, until_ms))
            for (body,) in rows:
                for entry in decode_row(body):
                    if isinstance(entry, Reserved):
                        held[entry.call_id] = entry.attribution
                    elif isinstance(entry, Settled | Adjusted) and since_ms <= entry.at_ms < until_ms:
                        who = held.pop(entry.call_id, None) or _attribution(aside, entry.call_id)
                        yield Charge(entry.call_id, entry.at_ms, moved_by(entry).nanousd, entry.quality is not Quality.UNPRICED, who, entry.for_day)

    def head(self) -> tuple[int, str]:
        """The newest row, and the hash that covers it and all before; 0 in an empty journal."""
        with self._open() as db:
            row = db.execute("select seq, hash from batch order by seq desc limit 1").fetchone()
        return (row[0], row[1].hex()) if row else (0, GENESIS.hex())

    def hash_at(self, row: int) -> str:
        """The hash of a row, which covers it and all before; "" for one that is not there, and that of no rows for 0."""
        if not row:
            return GENESIS.hex()
        with self._open() as db:
            found = db.execute("select hash from batch where seq = ?", (row,)).fetchone()
        return str(found[0].hex()) if found else ""

    def first_ms(self) -> int | None:
        """When the oldest row began, or None in an empty journal."""
        with self._open() as db:
            row = db.execute("select min(first_ms) from batch").fetchone()
        return row[0] if row else None

    def last_ms(self) -> int | None:
        """When the newest row began, or None in an empty journal."""
        with self._open() as db:
            row = db.execute("select first_ms from batch order by seq desc limit 1").fetchone()
        return row[0] if row else None


def _end(db: sqlite3.Connection, call_id: str) -> Settled | Released | None:
    return next((entry for _, entry in entries_of(db, call_id) if isinstance(entry, Settled | Released)), None)


def _attribution(db: sqlite3.Connection, call_id: str) -> Attribution:
    """Whom a call is charged to whose hold lies further back."""
    reserved, _ = hold_and_charge(db, call_id)
    return reserved.attribution if reserved is not None else Attribution()


def _holds(db: sqlite3.Connection, call_id: str) -> list[Reserved]:
    return [entry for _, entry in entries_of(db, call_id) if isinstance(entry, Reserved)]


def _move(db: sqlite3.Connection, entry: Entry, open_calls: dict[str, Reserved], spent: dict[str, Amounts]) -> None:
    if isinstance(entry, Reserved):
        open_calls[entry.call_id] = entry
        return
    if isinstance(entry, Opened):
        spent[entry.window] = _plus(spent.get(entry.window), entry.spent)
        return
    reserved = open_calls.pop(entry.call_id, None)
    if isinstance(entry, Settled | Adjusted):
        for key in (reserved or next(iter(_holds(db, entry.call_id)))).windows:
            spent[key] = _plus(spent.get(key), moved_by(entry))


def _plus(one: Amounts | None, other: Amounts) -> Amounts:
    return other if one is None else one.plus(other)


__all__ = ["GROUPS", "Attribution", "CallRow", "JournalReader", "Receipt", "SpendRow", "WindowBalance"]
