"""DuckDB in memory, told what a day, a contract and a link are. Nothing is fetched, nothing is kept in a database file."""

import os
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from wellspent import limits
from wellspent.analytics.allocate import NOTHING, words
from wellspent.analytics.contract import Contract
from wellspent.facts.attribution import Scope
from wellspent.facts.errors import ConfigError
from wellspent.facts.outcome import LINK_KINDS

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

SCOPES = ("org", "team", "person", "key", "project", "workflow", "run", "session")
QUARTER_MS, QUARTERS_A_DAY = 900_000, 96
FIRST_DAY, LAST_DAY = date(2000, 1, 1), date(2200, 1, 1)


def connect(spill: Path) -> "DuckDBPyConnection":
    """A database of its own that goes with the connection.

    Args:
        spill: The folder for what does not fit into memory.

    Raises ConfigError where DuckDB is not installed.
    """
    try:
        import duckdb
    except ImportError:
        raise ConfigError("outcomes are joined to spending by DuckDB, which is not installed", fix="pip install 'wellspent[analytics]'") from None
    settings = {
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
        "memory_limit": f"{limits.ENGINE_BYTES_MAX}B",
        "temp_directory": str(spill),
        "threads": os.cpu_count() or 1,
        "preserve_insertion_order": False,
    }
    return duckdb.connect(":memory:", config=settings)  # type: ignore[arg-type]


def run(db: "DuckDBPyConnection", name: str, **values: object) -> "DuckDBPyConnection":
    """Run one of the files in ``sql/``."""
    text = resources.files(__package__).joinpath("sql", f"{name}.sql").read_text(encoding="utf-8")
    return db.execute(text, values) if values else db.execute(text)


def rows(db: "DuckDBPyConnection", sql: str, **values: object) -> list[tuple[Any, ...]]:
    """The rows of a question."""
    return db.execute(sql, values).fetchall() if values else db.execute(sql).fetchall()


def define(db: "DuckDBPyConnection", contracts: Sequence[Contract]) -> None:
    """What the contracts say, as macros that the files in ``sql/`` use."""
    macros = (_about(contracts), _reworks(contracts), _counts(contracts), _matched(contracts), _rule(contracts), _rank(), _kind())
    tag_list = "tag_list(tags) as list_sort(list_transform(map_entries(tags), lambda tag: concat(tag.key, '=', tag.value)))"
    for macro in (*macros, tag_list, f"nothing() as {text(NOTHING)}"):
        db.execute(f"create or replace temp macro {macro}")


def define_days(db: "DuckDBPyConnection", zone: ZoneInfo, first_ms: int, last_ms: int) -> None:
    """The operator's days between two moments: table ``day_start``."""
    import pyarrow as pa

    starts = list(_day_starts(zone, first_ms, last_ms))
    days = pa.table({"day": [day for day, _ in starts], "start_ms": pa.array([start_ms for _, start_ms in starts], pa.int64())})
    db.register("day_start_given", days)
    db.execute("create or replace temp table day_start as from day_start_given")
    db.unregister("day_start_given")


def define_quarters(db: "DuckDBPyConnection", zone: ZoneInfo, first_ms: int, last_ms: int) -> None:
    """The operator's day of each quarter of an hour (no zone is off by less): table ``quarter``. Found faster for millions than a day's start."""
    define_days(db, zone, first_ms, last_ms)
    first, last = first_ms // QUARTER_MS - QUARTERS_A_DAY, last_ms // QUARTER_MS + QUARTERS_A_DAY
    numbers = f"(select range as quarter, range * {QUARTER_MS} as at_ms from range({first}, {last}))"
    db.execute(f"create or replace temp table quarter as select quarter, day from {numbers} q asof join day_start d on q.at_ms >= d.start_ms")


def _day_starts(zone: ZoneInfo, first_ms: int, last_ms: int) -> Iterator[tuple[str, int]]:
    """Each of the operator's days with its first millisecond, one more on either side."""
    day = max(datetime.fromtimestamp(first_ms / 1000, UTC).date() - timedelta(days=2), FIRST_DAY)
    last = min(datetime.fromtimestamp(last_ms / 1000, UTC).date() + timedelta(days=2), LAST_DAY)
    while day <= last:
        yield day.isoformat(), int(datetime(day.year, day.month, day.day, tzinfo=zone).timestamp() * 1000)
        day += timedelta(days=1)


def text(value: str) -> str:
    """A text in SQL."""
    return "'" + value.replace("'", "''") + "'"


def _case(whens: Sequence[tuple[str, str]], otherwise: str) -> str:
    return f"case {' '.join(f'when {test} then {then}' for test, then in whens)} else {otherwise} end" if whens else otherwise


def _covers(contract: Contract, kinds: Sequence[str]) -> str:
    tests = [f"kind in ({', '.join(map(text, sorted(kinds)))})"]
    tests += [f"source = {text(contract.source)}"] if contract.source else []
    return " and ".join([*tests, *(f'"{name}" = {text(value)}' for name, value in contract.where.items())])


def _about(contracts: Sequence[Contract]) -> str:
    """Which contract an outcome is of; "" for none."""
    whens = [(_covers(each, sorted(each.kinds)), text(each.name)) for each in contracts]
    return f"about(source, kind, team, project, workflow) as {_case(whens, text(''))}"


def _reworks(contracts: Sequence[Contract]) -> str:
    """Whether an outcome is rework of its contract."""
    whens = [(_covers(each, each.rework), "true") for each in contracts if each.rework]
    return f"reworks(source, kind, team, project, workflow) as {_case(whens, 'false')}"


def _counts(contracts: Sequence[Contract]) -> str:
    """Whether a contract counts an outcome of its own at a moment."""
    whens = [(f"contract = {text(each.name)}", _counted(each)) for each in contracts]
    counted = f"not rework and settled_ms is not null and {_case(whens, 'false')}"
    return f"counts(contract, rework, state, attested, settled_ms, undone_ms, as_of_ms) as coalesce({counted}, false)"


def _counted(contract: Contract) -> str:
    late = "" if contract.reopen_within_ms is None else f" or undone_ms > settled_ms + {contract.reopen_within_ms}"
    attested = " and attested = 'confirmed'" if contract.attested == "confirmed" else ""
    return f"(state = 'settled'{late}) and settled_ms + {contract.settle_after_ms} <= as_of_ms{attested}"


def _in(scopes: dict[str, str]) -> str:
    tests = []
    for kind, name in scopes.items():
        scope = Scope(kind, name)
        tests.append(f"list_contains(tags, {text(scope.name)})" if kind == "tag" else f"{kind} = {text(name)}" if kind in SCOPES else "false")
    return " and ".join(tests)


_MONEY = f"{', '.join(SCOPES)}, tags"


def _matched(contracts: Sequence[Contract]) -> str:
    """The contract whose rule takes an amount that nothing links; "" for none."""
    return f"matched({_MONEY}) as {_case([(_in(each.match), text(each.name)) for each in contracts if each.match], text(''))}"


def _rule(contracts: Sequence[Contract]) -> str:
    """The rule by which an amount that nothing links has its place: a match in words, else the names of those that share it, else nothing."""
    whens = [(_in(each.match), text(words(each.match))) for each in contracts if each.match]
    sharing = [f"case when {_in(each.split)} then {text(each.name)} end" for each in contracts if each.split]
    shared = f"nullif(concat_ws(', ', {', '.join(sharing)}), '')" if sharing else "null"
    return f"rule_of({_MONEY}) as {_case(whens, f'coalesce({shared}, {text(NOTHING)})')}"


def _rank() -> str:
    """How telling a kind of link is: 0 is the most; null for what is none."""
    return f"rank_of(kind) as {_case([(f'kind = {text(kind)}', str(rank)) for rank, kind in enumerate(LINK_KINDS)], 'null')}"


def _kind() -> str:
    """A kind of link by its rank."""
    return f"kind_of(rank) as {_case([(f'rank = {rank}', text(kind)) for rank, kind in enumerate(LINK_KINDS)], text(''))}"
