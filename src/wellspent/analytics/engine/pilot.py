"""What a pilot bought, for millions of calls and outcomes; ``bought_by`` is the specification."""

from wellspent.analytics.bought import Bought
from wellspent.analytics.contract import WHERE
from wellspent.analytics.engine.database import SCOPES, rows
from wellspent.analytics.engine.engine import Engine
from wellspent.facts.attribution import Scope
from wellspent.facts.errors import InvalidInput
from wellspent.facts.initiative import Initiative

SQL = """
with call as materialized (
  select distinct run, session, tags from shares where {of_scope} and day >= $begins_on
), link as (
  select concat('run=', run) as link from call where run != ''
  union select concat('session=', session) from call where session != ''
  union select tag from (select unnest(tags) as tag from call) where rank_of(split_part(tag, '=', 1)) is not null
), own as (
  select outcome_id, links, quantity, state, settled_ms, {named} as named, $matched and len(links) = 0 as ruled,
    counts(contract, rework, state, attested, settled_ms, undone_ms, $as_of_ms) as counted
  from told where contract = $contract and not rework and began_ms is not null and day >= $begins_on
), linked as (
  select distinct outcome_id, true as linked from (select outcome_id, unnest(links) as link from own) semi join link using (link)
), found as (
  select *, coalesce(linked, false) as by_link, not coalesce(linked, false) and named as by_name from own left join linked using (outcome_id)
)
select coalesce(sum(quantity) filter (counted), 0)::bigint,
  coalesce(sum(quantity) filter (not counted and state != 'reversed'), 0)::bigint,
  coalesce(sum(quantity) filter (not counted and state = 'reversed' and settled_ms is not null), 0)::bigint,
  count(*) filter (counted),
  count(*) filter (not counted and state != 'reversed'),
  coalesce(sum(quantity) filter (counted and by_link), 0)::bigint,
  coalesce(sum(quantity) filter (counted and by_name), 0)::bigint,
  coalesce(sum(quantity) filter (counted and not by_link and not by_name), 0)::bigint
from found where by_link or by_name or ruled
"""


def bought(engine: Engine, initiative: Initiative, as_of_ms: int) -> Bought | None:
    """The outcomes since a pilot began that its contract is about and that belong to its scope; None where there is no such contract.

    Raises InvalidInput for a scope that is none.
    """
    contract = next((each for each in engine.contracts if each.name == initiative.contract), None)
    if contract is None:
        return None
    scope = initiative.scope
    (found,) = rows(
        engine.db,
        SQL.format(of_scope=_of_scope(scope), named=_named(scope)),
        scope=scope.name,
        begins_on=initiative.begins_on,
        contract=contract.name,
        matched=contract.match == {scope.kind: scope.name},
        as_of_ms=as_of_ms,
    )
    return Bought(*found)


def _of_scope(scope: Scope) -> str:
    """A test of shares: whether money is charged to a scope."""
    if scope.kind == "tag":
        return "list_contains(tags, $scope)"
    if scope.kind not in SCOPES:
        raise InvalidInput(f"money is not charged to a {scope.kind!r}", fix=f"use {', '.join(SCOPES)} or tag")
    return f'"{scope.kind}" = $scope'


def _named(scope: Scope) -> str:
    """A test of outcomes: whether their source says that they are of a scope."""
    if scope.kind == "tag":
        return "list_contains(links, $scope)"
    return f"{scope.kind} = $scope" if scope.kind in WHERE else "false"
