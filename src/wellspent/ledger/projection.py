"""Projections of the journal: which rows a call is in, balances of windows, spending by hour. Deletable: ``catch_up`` derives them again."""

import sqlite3
from collections import defaultdict
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path

import orjson

from wellspent.budgets.budget import Budget
from wellspent.budgets.decide import counts
from wellspent.facts.attribution import Attribution
from wellspent.facts.entry import Adjusted, Amounts, Entry, Opened, Released, Reserved, Settled
from wellspent.facts.usage import Quality
from wellspent.ledger.rows import decode_row, entries_of, open_readonly, tail

HOUR_MS = 3_600_000
DIMENSIONS = ("org", "team", "person", "key", "project", "workflow", "tags", "client", "model", "upstream", "wire", "quality")
SUMS = ("nanousd", "calls", "context_tokens", "cached_tokens", "answer_tokens", "overrun_nanousd")
ROLLUP_KEY = ("hour", *DIMENSIONS)

PROJECTED_AS = 1  # raised with every change of the projections' tables or of what goes into them: they are derived again then
PROJECTIONS = ("call_row", "open_hold", "balance", "spend", "mark")
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


def prepare(db: sqlite3.Connection) -> None:
    """The tables of a journal. Projections that another version made are thrown away, to be derived again; entries stay."""
    if db.execute("pragma user_version").fetchone()[0] != PROJECTED_AS:
        for table in PROJECTIONS:
            db.execute(f"drop table if exists {table}")
    db.executescript(f"{SCHEMA}; pragma user_version = {PROJECTED_AS}")


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
        self._moved: dict[tuple[str, ...], list[int]] = defaultdict(lambda: [0, 0, 0])  # by the windows of a call together
        self._spend: dict[tuple[int, Attribution, str, str, str, str], list[int]] = defaultdict(lambda: [0] * len(SUMS))

    def catch_up(self) -> None:
        """Include every row that is not included yet: after a crash, or from nothing."""
        self._held = {hold.call_id: hold for hold in open_reserved(self._db)}
        while rows := self._db.execute("select seq, body from batch where seq > ? order by seq limit 1000", (self._last,)).fetchall():
            for seq, body in rows:
                self.follow(seq, decode_row(body))
            self.project()

    def follow(self, row: int, entries: Iterable[Entry]) -> None:
        """Gather a row's entries."""
        self._last = row
        for entry in entries:
            if isinstance(entry, Opened):
                self._add_to_balance(entry.window, entry.spent)
                continue
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
            self._add(reserved, entry, entry)

    def _adjust(self, entry: Adjusted) -> None:
        reserved, settled = hold_and_charge(self._db, entry.call_id)
        if reserved is not None and settled is not None:
            self._add(reserved, settled, entry)

    def _add(self, reserved: Reserved, settled: Settled, entry: Settled | Adjusted) -> None:
        """Only what has to be done for each call; what is the same for many is worked out once, by ``project``."""
        amounts = moved_by(entry)
        moved = self._moved[reserved.windows]
        moved[0] += amounts.nanousd
        moved[1] += amounts.tokens
        moved[2] += amounts.calls
        hour, model = entry.at_ms // HOUR_MS, settled.model or reserved.model
        sums = self._spend[hour, reserved.attribution, model, settled.upstream, reserved.wire, entry.quality]
        for number, value in enumerate(sums_of(entry)):
            sums[number] += value

    def _add_to_balance(self, key: str, amounts: Amounts) -> None:
        sums = self._balances[key]
        sums[0] += amounts.nanousd
        sums[1] += amounts.tokens
        sums[2] += amounts.calls

    def project(self) -> None:
        """Write what was gathered; all of it or nothing."""
        if not self._rows and not self._balances and not self._moved:
            return
        for windows, sums in self._moved.items():
            for key in windows:
                self._add_to_balance(key, Amounts(*sums))
        self._moved.clear()
        db = self._db
        db.execute("begin immediate")
        try:
            db.execute("insert or ignore into call_row select value->>0, value->>1 from json_each(?)", (_json(self._rows),))
            db.execute("insert into open_hold select value->>0, value->>1 from json_each(?)", (_json(list(self._opened.items())),))
            db.execute("delete from open_hold where call_id in (select value from json_each(?))", (_json(self._ended),))
            db.execute(_UPSERT_BALANCE, (_json([(key, *sums) for key, sums in self._balances.items()]),))
            db.execute(_UPSERT_SPEND, (_json([(hour, *named(who), *rest, *sums) for (hour, who, *rest), sums in self._spend.items()]),))
            db.execute("update mark set projected = ?", (self._last,))
            db.execute("commit")
        except sqlite3.Error:
            if db.in_transaction:
                db.execute("rollback")
            raise
        self._clear(self._last)


def moved_by(entry: Settled | Adjusted) -> Amounts:
    """What an entry adds to its windows."""
    return entry.charged if isinstance(entry, Settled) else entry.delta


def sums_of(entry: Settled | Adjusted) -> tuple[int, ...]:
    """What an entry adds to ``SUMS``. A correction's tokens are not told apart: they count as prompt."""
    if isinstance(entry, Adjusted):
        return entry.delta.nanousd, entry.delta.calls, entry.delta.tokens, 0, 0, 0
    usage, charged = entry.usage, entry.charged
    cached = usage.cache_read_tokens + usage.cache_audio_read_tokens + usage.cache_image_read_tokens
    return charged.nanousd, charged.calls, usage.context_tokens, cached, usage.answer_tokens, entry.overrun_nanousd


def hold_and_charge(db: sqlite3.Connection, call_id: str) -> tuple[Reserved | None, Settled | None]:
    """A call's hold and its settlement."""
    found = [each for _, each in entries_of(db, call_id)]
    return next((each for each in found if isinstance(each, Reserved)), None), next((each for each in found if isinstance(each, Settled)), None)


def dimensions(reserved: Reserved, settled: Settled, quality: Quality) -> tuple[str, ...]:
    """The values of ``DIMENSIONS`` for a settled call."""
    return (*named(reserved.attribution), settled.model or reserved.model, settled.upstream, reserved.wire, str(quality))


def named(who: Attribution) -> tuple[str, ...]:
    """The first of ``DIMENSIONS``: who is charged."""
    tags = ",".join([f"{name}={value}" for name, value in who.tags])
    return who.org, who.team, who.person, who.key, who.project, who.workflow, tags, who.client


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


def balance_of(db: sqlite3.Connection, key: str) -> Amounts | None:
    """A window's settled amounts, as far as the projections go."""
    row = db.execute("select nanousd, tokens, calls from balance where key = ?", (key,)).fetchone()
    return Amounts(*row) if row else None


def spent_since(db: sqlite3.Connection, budget: Budget, value: str, starts_ms: int, ends_ms: int | None) -> Amounts:
    """What was settled for a scope in a stretch of whole hours, as far as the projections go."""
    kind = budget.scope.kind
    column = "tags" if kind == "tag" else kind
    rows = db.execute(
        f"select {column}, model, sum(nanousd), sum(context_tokens + answer_tokens), sum(calls) from spend"
        " where hour >= ? and hour < ? group by 1, 2",
        (starts_ms // HOUR_MS, (ends_ms or 2**62) // HOUR_MS),
    )
    total = Amounts()
    for found, model, *amounts in rows:
        matches = value in found.split(",") if kind == "tag" else found == value
        if matches and counts(budget, model):
            total = total.plus(Amounts(*amounts))
    return total


def _json(value: object) -> str:
    return orjson.dumps(value).decode()
