"""Projections of the journal: which rows a call is in, balances of windows, spending by hour. Deletable: ``catch_up`` derives them again."""

import sqlite3
from collections import defaultdict
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path

import msgspec
import orjson

from wellspent.budgets.budget import Budget
from wellspent.budgets.decide import counts, in_measure
from wellspent.facts.attribution import Attribution
from wellspent.facts.entry import Adjusted, Amounts, Entry, Released, Reserved, Settled
from wellspent.facts.usage import Quality
from wellspent.ledger.rows import decode_row, entries_of, open_readonly, tail

HOUR_MS = 3_600_000
DIMENSIONS = ("org", "team", "person", "key", "project", "workflow", "tags", "client", "model", "upstream", "wire", "quality")
SUMS = ("nanousd", "calls", "context_tokens", "cached_tokens", "answer_tokens", "held_nanousd", "overrun_nanousd")
ROLLUP_KEY = ("hour", *DIMENSIONS)

SCHEMA = f"""
create table if not exists batch (seq integer primary key, first_ms integer not null, entries integer not null,
    body blob not null, hash blob not null);
create table if not exists call_row (call_id text not null, row integer not null, primary key (call_id, row)) without rowid;
create table if not exists open_hold (call_id text primary key, row integer not null) without rowid;
create table if not exists balance (key text primary key, nanousd integer not null, tokens integer not null, calls integer not null) without rowid;
create table if not exists spend (hour integer not null, {" text not null, ".join(DIMENSIONS)} text not null,
    {" integer not null, ".join(SUMS)} integer not null, primary key ({", ".join(ROLLUP_KEY)})) without rowid;
create table if not exists mark (one integer primary key check (one = 1), projected integer not null);
insert or ignore into mark values (1, 0);
"""

_UPSERT_SPEND = f"""
insert into spend select {", ".join(f"value->>{number}" for number in range(len(ROLLUP_KEY) + len(SUMS)))} from json_each(?) where true
on conflict do update set {", ".join(f"{name} = {name} + excluded.{name}" for name in SUMS)}
"""
_UPSERT_BALANCE = """
insert into balance select value->>0, value->>1, value->>2, value->>3 from json_each(?) where true
on conflict do update set nanousd = nanousd + excluded.nanousd, tokens = tokens + excluded.tokens, calls = calls + excluded.calls
"""


class Projector:
    """Follows the journal row by row, and writes what it gathered in one transaction."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db
        self._held: dict[str, Reserved] = {}
        self._clear(db.execute("select projected from mark").fetchone()[0])

    def _clear(self, row: int) -> None:
        self._last = row
        self._rows: list[tuple[str, int]] = []
        self._opened: dict[str, int] = {}
        self._ended: list[str] = []
        self._balances: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
        self._spend: dict[tuple[object, ...], list[int]] = defaultdict(lambda: [0] * len(SUMS))

    def catch_up(self) -> None:
        """Include every row that is not included yet: after a crash, or from nothing."""
        self._held = {hold.call_id: hold for hold in open_reserved(self._db)}
        for seq, body in self._db.execute("select seq, body from batch where seq > ? order by seq", (self._last,)).fetchall():
            self.follow(seq, decode_row(body))
        self.project()

    def follow(self, row: int, entries: Iterable[Entry]) -> None:
        """Gather a row's entries."""
        self._last = row
        for entry in entries:
            self._rows.append((entry.call_id, row))
            if isinstance(entry, Reserved):
                self._held[entry.call_id] = entry
                self._opened[entry.call_id] = row
            elif isinstance(entry, Adjusted):
                self._adjust(entry)
            else:
                self._end(entry)

    def _end(self, entry: Settled | Released) -> None:
        reserved = self._held.pop(entry.call_id, None)
        if self._opened.pop(entry.call_id, None) is None:
            self._ended.append(entry.call_id)
        if reserved is not None and isinstance(entry, Settled):
            self._add(reserved, entry.charged, entry.at_ms, entry.quality, entry)

    def _adjust(self, entry: Adjusted) -> None:
        found = [each for _, each in entries_of(self._db, entry.call_id)]
        reserved = next((each for each in found if isinstance(each, Reserved)), None)
        settled = next((each for each in found if isinstance(each, Settled)), None)
        if reserved is not None and settled is not None:
            self._add(reserved, msgspec.structs.replace(entry.delta, calls=0), entry.at_ms, entry.quality, settled, adjusted=True)

    def _add(self, reserved: Reserved, amounts: Amounts, at_ms: int, quality: Quality, settled: Settled, *, adjusted: bool = False) -> None:
        for key in reserved.windows:
            sums = self._balances[key]
            sums[0] += amounts.nanousd
            sums[1] += amounts.tokens
            sums[2] += amounts.calls
        usage = settled.usage
        cached = usage.cache_read_tokens + usage.cache_audio_read_tokens + usage.cache_image_read_tokens
        added = (amounts.nanousd, amounts.calls, usage.context_tokens, cached, usage.answer_tokens, reserved.held.nanousd, settled.overrun_nanousd)
        if adjusted:
            added = (amounts.nanousd, 0, 0, 0, 0, 0, 0)
        sums = self._spend[at_ms // HOUR_MS, *dimensions(reserved, settled, quality)]
        for number, value in enumerate(added):
            sums[number] += value

    def project(self) -> None:
        """Write what was gathered; all of it or nothing."""
        if not self._rows:
            return
        db = self._db
        db.execute("begin immediate")
        try:
            db.execute("insert or ignore into call_row select value->>0, value->>1 from json_each(?)", (_json(self._rows),))
            db.execute("insert into open_hold select value->>0, value->>1 from json_each(?)", (_json(list(self._opened.items())),))
            db.execute("delete from open_hold where call_id in (select value from json_each(?))", (_json(self._ended),))
            db.execute(_UPSERT_BALANCE, (_json([(key, *sums) for key, sums in self._balances.items()]),))
            db.execute(_UPSERT_SPEND, (_json([(*key, *sums) for key, sums in self._spend.items()]),))
            db.execute("update mark set projected = ?", (self._last,))
            db.execute("commit")
        except sqlite3.Error:
            if db.in_transaction:
                db.execute("rollback")
            raise
        self._clear(self._last)


def dimensions(reserved: Reserved, settled: Settled, quality: Quality) -> tuple[str, ...]:
    """The values of ``DIMENSIONS`` for a settled call."""
    who: Attribution = reserved.attribution
    tags = ",".join(f"{name}={value}" for name, value in who.tags)
    model = settled.model or reserved.model
    named = (who.org, who.team, who.person, who.key, who.project, who.workflow, tags, who.client)
    return (*named, model, settled.upstream, reserved.wire, str(quality))


def open_reserved(db: sqlite3.Connection) -> list[Reserved]:
    """Holds without an end, as far as the projections go."""
    rows = db.execute("select call_id, row from open_hold").fetchall()
    return [entry for call_id, _ in rows for _, entry in entries_of(db, call_id) if isinstance(entry, Reserved)]


def load_open_holds(path: Path) -> list[Reserved]:
    """Holds without an end, rows that are not projected yet included."""
    with closing(open_readonly(path)) as db:
        held = {entry.call_id: entry for entry in open_reserved(db)}
        for _, entry in tail(db):
            if isinstance(entry, Reserved):
                held[entry.call_id] = entry
            elif isinstance(entry, Settled | Released):
                held.pop(entry.call_id, None)
        return list(held.values())


def load_balances(db: sqlite3.Connection) -> dict[str, Amounts]:
    """Every window's settled amounts."""
    return {key: Amounts(*amounts) for key, *amounts in db.execute("select key, nanousd, tokens, calls from balance")}


def spent_since(path: Path, budget: Budget, value: str, starts_ms: int, ends_ms: int | None) -> int:
    """What was settled for a scope in a stretch of whole hours; 0 for scopes that spending is not kept by (runs, sessions)."""
    kind = budget.scope.kind
    if kind not in DIMENSIONS and kind != "tag":
        return 0
    with closing(open_readonly(path)) as db:
        until = (ends_ms or 2**62) // HOUR_MS
        column = "tags" if kind == "tag" else kind
        rows = db.execute(
            f"select {column}, model, sum(nanousd), sum(context_tokens + answer_tokens), sum(calls) from spend"
            " where hour >= ? and hour < ? group by 1, 2",
            (starts_ms // HOUR_MS, until),
        ).fetchall()
    total = 0
    for found, model, nanousd, tokens, calls in rows:
        matches = value in found.split(",") if kind == "tag" else found == value
        if matches and counts(budget, model):
            total += in_measure(Amounts(nanousd, tokens, calls), budget.measure)
    return total


def _json(value: object) -> str:
    return orjson.dumps(value).decode()
