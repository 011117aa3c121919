"""What people ask of an ``Engine``. Every answer can be opened: a line to its outcomes and amounts, an amount to its calls."""

from collections.abc import Collection, Sequence
from typing import Any

from wellspent.analytics.contract import SELF_REPORTED
from wellspent.analytics.engine.answers import CUTS as CUTS
from wellspent.analytics.engine.answers import CallCost as CallCost
from wellspent.analytics.engine.answers import Cut as Cut
from wellspent.analytics.engine.answers import OutcomeCost as OutcomeCost
from wellspent.analytics.engine.answers import SessionCost as SessionCost
from wellspent.analytics.engine.answers import Where as Where
from wellspent.analytics.engine.database import rows, run
from wellspent.analytics.engine.engine import Engine
from wellspent.analytics.value import Bought, Calls, Period, Spent, Value, assemble, settled_by_month
from wellspent.facts.errors import InvalidInput


def value(engine: Engine, since: str, until: str, as_of_ms: int, period: Period) -> Value:
    """What was bought in a stretch of days.

    Args:
        since, until: Days, YYYY-MM-DD, the last one excluded.
        as_of_ms: What has not stood for long enough by then is pending.
    """
    days = {"since": since, "until": until}
    spent = [Spent(*row) for row in run(engine.db, "spent", **days, as_of_ms=as_of_ms).fetchall()]
    months = {"since": since[:7] + "-01", "until": until[:7] + "-99"}
    whole = [Bought(*row) for row in run(engine.db, "bought", **months, as_of_ms=as_of_ms).fetchall()]
    (counted,) = rows(
        engine.db,
        "select coalesce(sum(calls), 0)::bigint, coalesce(sum(estimated_calls), 0)::bigint, coalesce(sum(unpriced_calls), 0)::bigint,"
        " coalesce(sum(estimated_nanousd), 0)::bigint from sums where day >= $since and day < $until",
        **days,
    )
    (aside,) = rows(
        engine.db,
        "select count(*) filter (contract = '' and kind != $said), count(*) filter (began_ms is null) from told",
        said=SELF_REPORTED,
    )
    bought = [each for each in whole if since <= each.day < until]
    drivers = settled_by_month(whole)
    return assemble(engine.contracts, spent, bought, period, calls=Calls(*counted), uncounted=aside[0], waiting=aside[1], drivers=drivers)


def outcomes(engine: Engine, where: Where, as_of_ms: int, *, state: str = "", limit: int = 100, offset: int = 0) -> list[OutcomeCost]:
    """Outcomes of a contract that settled, or else began, in a stretch of days, dearest first."""
    sql = """
    with judged as (
      select *, case when rework then 'rework' when counts(contract, rework, state, attested, settled_ms, undone_ms, $as_of_ms) then 'counted'
        when state = 'reversed' then 'undone' else 'open' end as became
      from told where contract = $contract and began_ms is not null and day >= $since and day < $until
    ), cost as (
      select outcome_id, sum(nanousd)::bigint as nanousd, sum(calls)::bigint as calls from sums where outcome_id is not null group by outcome_id
    )
    select source, outcome, kind, became, day, quantity, value_nanousd, coalesce(nanousd, 0), coalesce(calls, 0)
    from judged left join cost using (outcome_id) where $state in ('', became)
    order by coalesce(nanousd, 0) desc, source, outcome limit $limit offset $offset
    """
    asked = {"since": where.since, "until": where.until, "contract": where.contract, "state": state, "as_of_ms": as_of_ms}
    return [OutcomeCost(*row) for row in rows(engine.db, sql, **asked, limit=limit, offset=offset)]


def spending(engine: Engine, where: Where, by: Sequence[str], *, limit: int = 1_000) -> list[Cut]:
    """Spending by any of ``CUTS``, dearest first. Raises InvalidInput for another."""
    names = ", ".join(_column(name) for name in by)
    test, asked = _test(where)
    sql = f"select {names + ', ' if by else ''}sum(nanousd)::bigint, sum(calls)::bigint from shares where {test}"
    sql += f" group by {names} order by sum(nanousd) desc, {names} limit {int(limit)}" if by else ""
    return [Cut(tuple(row[:-2]), row[-2] or 0, row[-1] or 0) for row in rows(engine.db, sql, **asked)]


def calls(engine: Engine, where: Where, *, limit: int = 100, offset: int = 0) -> list[CallCost]:
    """The calls behind some shares, dearest first."""
    test, asked = _test(where)
    keys = ("org", "team", "person", "key", "project", "workflow", "run", "session", "client", "model", "upstream")
    same = " and ".join(f'e."{name}" = s."{name}"' for name in keys)
    files = [row[0] for row in rows(engine.db, f"select distinct sealed from shares where {test}", **asked)]
    source = engine.entries(files)
    sql = f"""
    with share as (select distinct sealed, day, {", ".join(f'"{name}"' for name in keys)}, tags from shares where {test}),
    entry as (
      select e.*, d.day, tag_list(tags) as tagged
      from {source} e join quarter d on e.at_ms // 900000 = d.quarter where kind in ('settled', 'adjusted')
    )
    select call_id, min(at_ms), any_value(e.team), any_value(e.workflow), any_value(e.run), any_value(e.session), any_value(e.model),
      sum(amount_nanousd)::bigint as nanousd, bool_or(kind = 'settled' and quality = 'unpriced')
    from entry e join share s on e.sealed = s.sealed and e.day = s.day and e.tagged = s.tags and {same}
    group by call_id order by nanousd desc, call_id limit $limit offset $offset
    """
    return [CallCost(*row) for row in rows(engine.db, sql, **asked, limit=limit, offset=offset)]


def sessions(engine: Engine, since: str, until: str, clients: Collection[str], runs: Collection[str], named: Collection[str]) -> list[SessionCost]:
    """What work on code cost, by session, in a stretch of days: calls of some clients, of some runs or sessions, and those that name their work.

    Args:
        since, until: Days, the last one excluded.
        clients: Programs that write code.
        runs, named: Runs and sessions that are known to have made a change.
    """
    sql = """
    with told as (
      select *, list_sort(list_filter(tags, lambda tag: split_part(tag, '=', 1) in ('change', 'commit', 'branch', 'issue'))) as links
      from shares where day >= $since and day < $until
    )
    select client, session, run, team, links, sum(nanousd)::bigint, sum(unpriced_calls)::bigint from told
    where client in (select unnest($clients)) or len(links) > 0 or (run != '' and run in (select unnest($runs)))
      or (session != '' and session in (select unnest($named)))
    group by client, session, run, team, links order by client, session, run, team, links
    """
    asked = {"since": since, "until": until, "clients": [*clients], "runs": [*runs], "named": [*named]}
    found = rows(engine.db, sql, **asked)
    return [SessionCost(client, session, run, team, tuple(links), *sums) for client, session, run, team, links, *sums in found]


def _column(name: str) -> str:
    if name not in CUTS:
        raise InvalidInput(f"spending is not kept by {name!r}", fix=f"use {', '.join(CUTS)}")
    return f'"{name}"'


def _test(where: Where) -> tuple[str, dict[str, Any]]:
    """A test of shares in SQL, with its values."""
    tests, asked = ["day >= $since", "day < $until"], {"since": where.since, "until": where.until}
    if where.contract:
        tests.append("contract = $contract")
        asked["contract"] = "" if where.contract == "-" else where.contract
    if where.tier:
        tests.append("tier = $tier")
        asked["tier"] = where.tier
    if where.outcome is not None:
        tests.append("outcome_id = (select outcome_id from told where source = $source and outcome = $outcome)")
        asked["source"], asked["outcome"] = where.outcome
    if where.sharing:
        tests.append("tier = 'split' and list_contains(string_split(rule, ', '), $sharing)")
        asked["sharing"] = where.sharing
    for number, (name, wanted) in enumerate(where.cuts.items()):
        tests.append(f"{_column(name)} = $cut{number}")
        asked[f"cut{number}"] = wanted
    return " and ".join(tests), asked
