"""The log of outcomes as tables: one row an outcome, one row a link. Told again only of those that something new was said of."""

from collections.abc import Iterable, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any

from wellspent import limits
from wellspent.facts.memory import uncollected
from wellspent.facts.outcome import Outcome

if TYPE_CHECKING:
    import pyarrow as pa
    from duckdb import DuckDBPyConnection

COLUMNS = {
    "source": "varchar", "outcome": "varchar", "kind": "varchar", "state": "varchar", "attested": "varchar", "team": "varchar", "project": "varchar",
    "workflow": "varchar", "quantity": "bigint", "value_nanousd": "bigint", "began_ms": "bigint", "settled_ms": "bigint", "undone_ms": "bigint",
    "reversals": "bigint", "links": "varchar[]",
}  # fmt: skip
ASIDE = {"day": "varchar", "contract": "varchar", "rework": "boolean"}  # what the operator's zone and contracts make of it
EMPTY = f"select null::bigint as outcome_id, {', '.join(f'null::{kind} as {name}' for name, kind in (COLUMNS | ASIDE).items())} where false"


def fold(db: "DuckDBPyConnection", outcomes: Iterable[Outcome]) -> int:
    """Put outcomes that are new or changed into the table ``fresh``; how many there are."""
    import pyarrow as pa

    kinds = {"varchar": pa.string(), "bigint": pa.int64(), "varchar[]": pa.list_(pa.string())}
    schema = pa.schema([(name, kinds[kind]) for name, kind in COLUMNS.items()])
    db.execute(f"create or replace temp table fresh ({', '.join(f'{name} {kind}' for name, kind in COLUMNS.items())})")
    waiting = iter(outcomes)
    with uncollected():  # hundreds of thousands of records at once
        return sum(_take(db, schema, batch) for batch in iter(lambda: list(islice(waiting, limits.ENGINE_OUTCOMES_AT_ONCE)), []))


def _take(db: "DuckDBPyConnection", schema: "pa.Schema", batch: Sequence[Outcome]) -> int:
    import pyarrow as pa

    columns = zip(*map(_row, batch), strict=True)
    arrays = [pa.array(column, kind) for column, kind in zip(columns, schema.types, strict=True)]
    db.register("batch_given", pa.Table.from_arrays(arrays, schema=schema))
    db.execute("insert into fresh from batch_given")
    db.unregister("batch_given")
    return len(batch)


def _row(outcome: Outcome) -> tuple[Any, ...]:
    last = outcome.last
    return (
        last.source, last.outcome, last.kind, last.state, last.attested, last.team, last.project, last.workflow, last.quantity, last.value_nanousd,
        outcome.began_at_ms, outcome.settled_at_ms, outcome.undone_at_ms, outcome.reversals, [f"{kind}={name}" for kind, name in last.links],
    )  # fmt: skip
