-- Tables "money" and "carrier" (one row for each link of an outcome that can carry money) -> table "share": parts of each amount that sum to
-- it exactly. The same rules as allocate.Allocator, which is their specification.
create or replace temp table hit as
with link_of as (
  select money, concat('run=', run) as link from money where run != ''
  union all select money, concat('session=', session) from money where session != ''
  union all select money, tag from (select money, unnest(tags) as tag from money where len(tags) > 0)
  where rank_of(split_part(tag, '=', 1)) is not null
)
select money, outcome_id, any_value(contract) as contract, any_value(quantity) as quantity, any_value(source) as source,
  any_value(outcome) as outcome, min(rank) as rank
from link_of join carrier using (link)
group by money, outcome_id;

create or replace temp table linked as
with telling as (
  select *, min(rank) over (partition by money) as best from hit
), weighed as (
  select money, outcome_id, contract, source, outcome, rank, m.nanousd, m.price_nanousd,
    abs(m.nanousd)::hugeint * quantity as work, abs(m.price_nanousd)::hugeint * quantity as price_work,
    sum(quantity) over (partition by money) as weight
  from telling join money m using (money) where rank = best
), parted as (
  select *, work // weight as part, price_work // weight as price_part,
    row_number() over (partition by money order by work % weight desc, source, outcome) as place,
    row_number() over (partition by money order by price_work % weight desc, source, outcome) as price_place,
    abs(nanousd) - sum(work // weight) over (partition by money) as short,
    abs(price_nanousd) - sum(price_work // weight) over (partition by money) as price_short
  from weighed
)
select money, outcome_id, contract, rank,
  (sign(nanousd) * (part + (place <= short)::int))::bigint as nanousd,
  (sign(price_nanousd) * (price_part + (price_place <= price_short)::int))::bigint as price_nanousd,
  row_number() over (partition by money order by source, outcome) = 1 as first
from parted;

create or replace temp table share as
select m.sealed, m.day, m.of_day, m.org, m.team, m.person, m."key", m.project, m.workflow, m.run, m.session, m.client, m.model, m.upstream, m.tags,
  l.contract, l.outcome_id, 'linked' as tier, concat('the same ', kind_of(l.rank)) as rule, l.nanousd, l.price_nanousd,
  if(l.first, m.calls, 0) as calls, if(l.first, m.estimated_calls, 0) as estimated_calls, if(l.first, m.unpriced_calls, 0) as unpriced_calls,
  if(l.first, m.estimated_nanousd, 0) as estimated_nanousd
from money m join linked l using (money)
union all
select sealed, day, of_day, org, team, person, "key", project, workflow, run, session, client, model, upstream, tags,
  matched(org, team, person, "key", project, workflow, run, session, tags) as contract, null,
  case when matched(org, team, person, "key", project, workflow, run, session, tags) != '' then 'matched'
    when rule_of(org, team, person, "key", project, workflow, run, session, tags) = nothing() then 'unallocated' else 'split' end,
  rule_of(org, team, person, "key", project, workflow, run, session, tags),
  nanousd, price_nanousd, calls, estimated_calls, unpriced_calls, estimated_nanousd
from money where money not in (select money from linked);
