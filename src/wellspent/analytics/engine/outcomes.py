"""The log of outcomes as tables: one row an outcome, one row a link. Told again only of those that something new was said of."""

from collections.abc import Callable, Iterable
from itertools import islice
from typing import TYPE_CHECKING, Any

from wellspent import limits
from wellspent.facts.outcome import Outcome

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

COLUMNS = {
    "source": "varchar", "outcome": "varchar", "kind": "varchar", "state": "varchar", "attested": "varchar", "team": "varchar", "project": "varchar",
    "workflow": "varchar", "quantity": "bigint", "value_nanousd": "bigint", "began_ms": "bigint", "settled_ms": "bigint", "day": "varchar",
    "reversals": "bigint", "links": "varchar[]",
}  # fmt: skip
EMPTY = f"select null::bigint as outcome_id, {', '.join(f'null::{kind} as {name}' for name, kind in COLUMNS.items())} where false"


def fold(db: "DuckDBPyConnection", outcomes: Iterable[Outcome], day_of: Callable[[int], str]) -> int:
    """Put outcomes that are new or changed into the table ``fresh``; how many there are.

    Args:
        day_of: The operator's day of a moment.
    """
    import pyarrow as pa

    kinds = {"varchar": pa.string(), "bigint": pa.int64(), "varchar[]": pa.list_(pa.string())}
    schema = pa.schema([(name, kinds[kind]) for name, kind in COLUMNS.items()])
    db.execute(f"create or replace temp table fresh ({', '.join(f'{name} {kind}' for name, kind in COLUMNS.items())})")
    count = 0
    waiting = iter(outcomes)
    while batch := list(islice(waiting, limits.ENGINE_OUTCOMES_AT_ONCE)):
        told = [_row(each, day_of) for each in batch]
        table = pa.Table.from_arrays(
            [pa.array(column, kind) for column, kind in zip(zip(*told, strict=True), schema.types, strict=True)], schema=schema
        )
        db.register("batch_given", table)
        db.execute("insert into fresh select * from batch_given")
        db.unregister("batch_given")
        count += len(told)
    return count


def _row(outcome: Outcome, day_of: Callable[[int], str]) -> tuple[Any, ...]:
    last, settled_ms = outcome.last, outcome.settled_at_ms
    at_ms = settled_ms if settled_ms is not None else outcome.began_at_ms
    return (
        last.source, last.outcome, last.kind, last.state, last.attested, last.team, last.project, last.workflow, last.quantity, last.value_nanousd,
        outcome.began_at_ms, settled_ms, "" if at_ms is None else day_of(at_ms), outcome.reversals, [f"{kind}={name}" for kind, name in last.links],
    )  # fmt: skip
