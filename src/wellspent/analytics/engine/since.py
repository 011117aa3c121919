"""What was added since a moment: outcomes that have stood for long enough, corrections that were posted."""

from collections.abc import Sequence

from wellspent.analytics.engine.database import rows
from wellspent.analytics.engine.engine import OPEN, Engine
from wellspent.analytics.statement.since import Correction, Stood


def stood_since(engine: Engine, then_ms: int, now_ms: int) -> tuple[Stood, ...]:
    """Outcomes as they stand that count now, and would not have counted then."""
    sql = """
    select contract, day, sum(quantity)::bigint from told
    where settled_ms is not null and counts(contract, rework, state, attested, settled_ms, undone_ms, $now_ms)
      and not counts(contract, rework, state, attested, settled_ms, undone_ms, $then_ms)
    group by contract, day order by contract, day
    """
    return tuple(Stood(*row) for row in rows(engine.db, sql, then_ms=then_ms, now_ms=now_ms))


def corrections_since(engine: Engine, sealed: Sequence[str], row: int) -> tuple[Correction, ...]:
    """Corrections in the journal after a row, by the day (UTC) they belong to and their reason.

    Args:
        sealed: The sealed days that hold later rows.
    """
    sql = f"""
    select coalesce(nullif(for_day, ''), strftime(make_timestamp(held_at_ms * 1000), '%Y-%m-%d')) as day, reason,
      sum(amount_nanousd)::bigint, count(*)::bigint
    from {engine.entries([*sealed, OPEN])} where kind = 'adjusted' and "row" > $row
    group by day, reason order by day, reason
    """
    return tuple(Correction(*found) for found in rows(engine.db, sql, row=row))
