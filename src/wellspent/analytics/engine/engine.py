"""``Engine``: spending joined to outcomes, for millions of calls, kept up to date by what is new.

What is kept (``value/`` in the data folder) is a projection: shares of each sealed day, and outcomes as they stand. It can be deleted, and is
derived again. Days that are not sealed yet are allocated each time they are asked for.
"""

import hashlib
import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Self
from zoneinfo import ZoneInfo

import msgspec
from msgspec import Struct

from wellspent import limits
from wellspent.analytics.contract import Contract
from wellspent.analytics.engine import outcomes
from wellspent.analytics.engine.database import connect, define, define_days, define_quarters, rows, run
from wellspent.facts.clock import Clock
from wellspent.facts.errors import ConfigError, JournalCorrupt, NotFound
from wellspent.ledger.close import DAY_MS, unsealed
from wellspent.ledger.columns import SCHEMA
from wellspent.ledger.lock import alone
from wellspent.ledger.outcomes import FILE as OUTCOMES
from wellspent.ledger.outcomes import OutcomeLog
from wellspent.ledger.reader import JournalReader
from wellspent.ledger.sealed import FOLDER as SEALED
from wellspent.ledger.sealed import Sealed, chained

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

VERSION = 2  # raised with every change of what is kept or of what goes into it: it is derived again then
FOLDER = "value"
TABLES = ("outcomes", "sums", "rate")
OPEN = "open"  # what the days are called that are not sealed yet


class Unreadable(ConfigError):
    """What was kept could not be read, and is thrown away: it is derived again by whoever asks next."""


class Kept(Struct):
    """What was derived so far.

    Attributes:
        rules: Digest of the contracts' rules, the time zone and ``VERSION``.
        outcomes: The newest event of the log of outcomes that is in it, and ``outcomes_hash`` the log's hash there.
        days: Digest of each sealed day that is in it.
        open_after: The last sealed row when rows beyond it were kept; ``open_row`` is the last of these, ``open_hash`` the journal's hash there.
    """

    rules: str = ""
    outcomes: int = 0
    outcomes_hash: str = ""
    days: dict[str, str] = {}
    open_after: int = 0
    open_row: int = 0
    open_hash: str = ""


class Engine:
    """Questions over spending and outcomes of one data folder. One process at a time derives; others wait."""

    def __init__(self, db: "DuckDBPyConnection", data_dir: Path, contracts: Sequence[Contract], zone: ZoneInfo, clock: Clock) -> None:
        self.db, self.contracts, self.zone = db, tuple(contracts), zone
        self._journal, self._log_path, self._folder, self._clock = data_dir / "journal.db", data_dir / OUTCOMES, data_dir / FOLDER, clock
        self._sealed = data_dir / SEALED

    @classmethod
    @contextmanager
    def open(cls, data_dir: Path, contracts: Sequence[Contract], zone: ZoneInfo, clock: Clock) -> Iterator[Self]:
        """Bring what is kept up to date, and answer questions about now.

        Raises NotFound where there is no journal, JournalLocked where another process takes too long, ConfigError where the folder cannot be
        written or DuckDB is not installed.
        """
        if not (data_dir / "journal.db").exists():
            raise NotFound(f"there is no ledger at {data_dir / 'journal.db'}", fix="start wellspent serve once, or set --data-dir")
        folder = data_dir / FOLDER
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with alone(folder, f"allocating in {folder}", wait_s=limits.ENGINE_WAIT_S_MAX), ExitStack() as stack:
                engine = cls._ready(stack, data_dir, contracts, zone, clock)
                with _readable(folder):
                    yield engine
        except OSError as error:
            raise ConfigError(f"{folder} cannot be written: {error.strerror}", fix="check the disk's space and the folder's permissions") from None

    @classmethod
    def _ready(cls, stack: ExitStack, data_dir: Path, contracts: Sequence[Contract], zone: ZoneInfo, clock: Clock) -> Self:
        """An engine that is up to date. Where what was kept cannot be read (a disk that was cut off), all of it is derived again, once."""
        asked = (stack, data_dir, contracts, zone, clock)
        try:
            return cls._fresh(*asked)
        except Unreadable:
            try:
                return cls._fresh(*asked)
            except Unreadable as error:
                raise JournalCorrupt(f"sealed days cannot be read: {error.args[0]}", fix="run wellspent ledger verify") from None

    @classmethod
    def _fresh(cls, stack: ExitStack, data_dir: Path, contracts: Sequence[Contract], zone: ZoneInfo, clock: Clock) -> Self:
        folder = data_dir / FOLDER
        engine = cls(stack.enter_context(closing(connect(_emptied(folder / "spill")))), data_dir, contracts, zone, clock)
        with _readable(folder):
            engine._refresh()
        return engine

    # Keeping up to date

    def _refresh(self) -> None:
        days = chained(self._sealed) if self._sealed.is_dir() else []
        kept = self._kept()
        now_ms = self._clock.now_ms()
        define(self.db, self.contracts)
        self._tell_outcomes(kept)
        reader = JournalReader(self._journal)
        first_ms = min(reader.first_ms() or now_ms, _began_ms(days[0]) if days else now_ms)
        define_quarters(self.db, self.zone, first_ms, max(now_ms, reader.last_ms() or now_ms) + DAY_MS)
        self._tell_days(kept, days)
        self._keep(kept)
        self._tell_open(kept, days[-1].last_row if days else 0)

    def _kept(self) -> Kept:
        rules = self._rules()
        try:
            kept = msgspec.json.decode((self._folder / "kept.json").read_bytes(), type=Kept)
        except (FileNotFoundError, msgspec.DecodeError):
            kept = Kept()
        if kept.rules != rules or not all((self._folder / f"{name}.parquet").exists() for name in TABLES):
            _forget(self._folder)
            return Kept(rules)
        with closing(OutcomeLog(self._log_path, self._clock)) as log:
            if kept.outcomes and log.hash_at(kept.outcomes) != kept.outcomes_hash:  # another log than that which was read
                _forget(self._folder)
                return Kept(rules)
        return kept

    def _rules(self) -> str:
        """What shares depend on beside facts; settle windows, worth and prices of vendors do not change who carries a dollar."""
        said = [(each.name, each.kind, each.source, each.where, each.match, each.split, each.rework) for each in self.contracts]
        return hashlib.sha256(msgspec.json.encode((VERSION, self.zone.key, said))).hexdigest()

    def _keep(self, kept: Kept) -> None:
        pending = self._folder / ".kept.json"
        pending.write_bytes(msgspec.json.encode(kept))
        pending.replace(self._folder / "kept.json")

    def _write(self, table: str, name: str) -> None:
        """A table as a Parquet file, whole or not at all."""
        pending = self._folder / f".{name}.parquet"
        self.db.execute(f"copy {table} to '{_path(pending)}' (format parquet, compression zstd)")
        _sync(pending)
        pending.replace(self._folder / f"{name}.parquet")

    def _tell_outcomes(self, kept: Kept) -> None:
        """Tables ``told`` and ``carrier``; days whose money an outcome's change moves are forgotten."""
        path, db = self._folder / "outcomes.parquet", self.db
        known = f"from '{_path(path)}'" if path.exists() else outcomes.EMPTY
        db.execute(f"create or replace temp view known as {known}")
        with closing(OutcomeLog(self._log_path, self._clock)) as log:
            head, head_hash = log.chain_head()
            if head > kept.outcomes or not path.exists():
                outcomes.fold(db, log.outcomes(after=kept.outcomes))
                ((first_ms, last_ms),) = rows(db, "select min(began_ms), max(greatest(began_ms, settled_ms)) from fresh")
                define_days(db, self.zone, first_ms or 0, last_ms or 0)
                run(db, "outcomes")
                self._forget_moved(kept)
                self._keep(kept)  # first: should this process die now, the next one still knows which days to derive again
                self._write("told", "outcomes")
                kept.outcomes, kept.outcomes_hash = head, head_hash
            else:
                db.execute("create or replace temp table told as from known")  # a table: several questions read it
        run(db, "carrier")

    def _forget_moved(self, kept: Kept) -> None:
        if kept.days and rows(self.db, "select 1 from moved limit 1"):
            found = rows(
                self.db,
                f"select distinct sealed from {self._shares()} where concat('run=', run) in (from moved)"
                " or concat('session=', session) in (from moved) or list_has_any(tags, (select list(link) from moved))",
            )
            for (sealed,) in found:
                kept.days.pop(sealed, None)

    def _tell_days(self, kept: Kept, days: Sequence[Sealed]) -> None:
        """Shares of sealed days that are new, or whose money moved. View ``sums`` and table ``rate``."""
        found = {day.day: day.sha256 for day in days}
        stale = [day for day in days if kept.days.get(day.day) != day.sha256]
        gone = [day for day in kept.days if found.get(day) != kept.days[day]] + [day.day for day in stale]
        db = self.db
        for table, columns in (("sums", SUMS), ("rate", RATES)):
            path = self._folder / f"{table}.parquet"
            source = f"from '{_path(path)}' where sealed not in (select unnest($gone))" if path.exists() else f"select {columns} where false"
            db.execute(f"create or replace temp table {table} as {source}", {"gone": gone} if path.exists() else None)
        for day in set(gone) - set(found):
            shutil.rmtree(self._folder / "shares" / f"sealed={day}", ignore_errors=True)
        for batch in _batches(stale):
            self._allocate([self._sealed / f"{day.day}.parquet" for day in batch])
            self._check(batch)
            self._place(batch)
        for table in ("sums", "rate"):
            if gone or not (self._folder / f"{table}.parquet").exists():
                self._write(table, table)
        kept.days = found

    def _allocate(self, files: Sequence[Path]) -> None:
        listed = ", ".join(f"'{_path(file)}'" for file in files)
        columns = "* exclude (filename), parse_filename(filename, true) as sealed"
        self.db.execute(f"create or replace temp view movement as select {columns} from read_parquet([{listed}], filename = true)")
        self._share()

    def _check(self, batch: Sequence[Sealed]) -> None:
        """Conservation: what was allocated of a day is what its manifest says was spent. Raises JournalCorrupt."""
        found = dict(rows(self.db, "select sealed, sum(nanousd)::bigint from share group by sealed"))
        for day in batch:
            if found.get(day.day, 0) != day.nanousd:
                told = f"the sealed day {day.day} holds {found.get(day.day, 0)} n$, and its manifest says {day.nanousd}"
                raise JournalCorrupt(told, fix="run wellspent ledger verify")

    def _share(self) -> None:
        """View ``movement`` -> table ``share``, and what is added up of it."""
        run(self.db, "rates")
        self.db.execute("insert into rate by name from rate_found")
        run(self.db, "repriced")
        run(self.db, "price")
        changed = rows(self.db, "select 1 from price limit 1")  # most days nothing did, and the join is not free
        priced = "from movement left join price using (call_id)" if changed else "select *, 0 as price_nanousd from movement"
        self.db.execute(f"create or replace temp view priced as {priced}")
        for step in ("money", "share", "sums"):
            run(self.db, step)
        self.db.execute("insert into sums by name from sum_found")

    def _place(self, batch: Sequence[Sealed]) -> None:
        """The shares of some days as files, each day's in a folder of its own."""
        pending, shares = self._folder / ".shares", self._folder / "shares"
        shutil.rmtree(pending, ignore_errors=True)
        shares.mkdir(exist_ok=True)
        self.db.execute(f"copy share to '{_path(pending)}' (format parquet, compression zstd, partition_by (sealed))")
        for day in batch:
            name = f"sealed={day.day}"
            shutil.rmtree(shares / name, ignore_errors=True)
            if (pending / name).exists():
                for file in (pending / name).iterdir():
                    _sync(file)
                (pending / name).rename(shares / name)
        shutil.rmtree(pending, ignore_errors=True)

    def _tell_open(self, kept: Kept, after_row: int) -> None:
        """Rows that are not sealed yet: views ``shares`` and ``sums`` are then of all days. What was read of them is kept, shares are not."""
        db = self.db
        before = self._known_open(kept, after_row)
        last_row, count = kept.open_row, before
        for last_row, table in unsealed(self._journal, kept.open_row, limits.ENGINE_ENTRIES_AT_ONCE):  # noqa: B007
            db.register("open_given", table)
            db.execute(f"insert into open_entry select *, '{OPEN}' from open_given")
            count += table.num_rows
        if count - before >= max(limits.ENGINE_OPEN_MIN, before // 10):
            self._write("open_entry", "open")
            kept.open_row, kept.open_hash = last_row, JournalReader(self._journal).hash_at(last_row)
            self._keep(kept)
        db.execute("create or replace temp view movement as from open_entry")
        self._share()
        db.execute(f"create temp view shares as from {self._shares()} union all by name from share")

    def _known_open(self, kept: Kept, after_row: int) -> int:
        """Table ``open_entry`` as it was kept, where it is still of this journal and of these sealed days; how many entries that are."""
        db, path = self.db, self._folder / "open.parquet"
        db.register("open_given", SCHEMA.empty_table())
        db.execute(f"create temp table open_entry as select *, '{OPEN}' as sealed from open_given")
        if kept.open_after != after_row or not path.exists() or JournalReader(self._journal).hash_at(kept.open_row) != kept.open_hash:
            kept.open_after = kept.open_row = after_row
            return 0
        db.execute(f"insert into open_entry from '{_path(path)}' where \"row\" <= {kept.open_row}")
        return int(rows(db, "select count(*) from open_entry")[0][0])

    def entries(self, sealed: Sequence[str]) -> str:
        """Lines of some days, for a question: the ended calls and corrections themselves."""
        files = [self._sealed / f"{day}.parquet" for day in sealed if day != OPEN]
        parts = []
        if files:
            listed = ", ".join(f"'{_path(file)}'" for file in files)
            parts.append(f"select * exclude (filename), parse_filename(filename, true) as sealed from read_parquet([{listed}], filename = true)")
        if OPEN in sealed or not files:
            parts.append("select * from open_entry")
        return f"({' union all by name '.join(parts)})"

    def _shares(self) -> str:
        place = self._folder / "shares"
        if not any(place.glob("*/*.parquet")):
            return f"(select {SHARES} where false)"
        return f"read_parquet('{_path(place)}/*/*.parquet', hive_partitioning = true, hive_types_autocast = false)"


SUMS = (
    "''::varchar as sealed, ''::varchar as day, ''::varchar as of_day, ''::varchar as contract, ''::varchar as tier, ''::varchar as rule,"
    " 0::bigint as outcome_id, 0::bigint as nanousd, 0::bigint as price_nanousd, 0::bigint as calls, 0::bigint as estimated_calls,"
    " 0::bigint as unpriced_calls, 0::bigint as estimated_nanousd"
)
RATES = (
    "''::varchar as sealed, ''::varchar as month, ''::varchar as upstream, ''::varchar as model, ''::varchar as unit, ''::varchar as rate,"
    " 0::bigint as per, 0::bigint as quantity, 0::bigint as nanousd"
)
SHARES = SUMS + (
    ", ''::varchar as org, ''::varchar as team, ''::varchar as person, ''::varchar as key, ''::varchar as project, ''::varchar as workflow,"
    " ''::varchar as run, ''::varchar as session, ''::varchar as client, ''::varchar as model, ''::varchar as upstream, []::varchar[] as tags"
)


@contextmanager
def _readable(folder: Path) -> Iterator[None]:
    """Raises Unreadable where a file that was kept is broken, and forgets all of it."""
    import duckdb

    try:
        yield
    except (duckdb.IOException, duckdb.InvalidInputException) as error:
        _forget(folder)
        raise Unreadable(f"what was kept in {folder} could not be read: {error}", fix="ask again: it is derived anew") from None


def _forget(folder: Path) -> None:
    """Throw away all that is kept."""
    for path in folder.iterdir():
        if path.name not in (".lock", "spill"):
            shutil.rmtree(path) if path.is_dir() else path.unlink()


def _sync(path: Path) -> None:
    """Have a file on the disk before its name is."""
    with path.open("rb") as file:
        os.fsync(file.fileno())


def _emptied(spill: Path) -> Path:
    """The folder for what does not fit into memory, without what a process left there that was killed."""
    shutil.rmtree(spill, ignore_errors=True)
    return spill


def _began_ms(day: Sealed) -> int:
    return int(datetime.fromisoformat(day.day).replace(tzinfo=UTC).timestamp() * 1000)


def _batches(days: Sequence[Sealed]) -> Iterator[list[Sealed]]:
    """Days that are allocated together."""
    batch: list[Sealed] = []
    for day in days:
        if batch and sum(each.rows for each in batch) + day.rows > limits.ENGINE_ENTRIES_AT_ONCE:
            yield batch
            batch = []
        batch.append(day)
    if batch:
        yield batch


def _path(path: Path) -> str:
    return str(path.absolute()).replace("'", "''")
