-- Tables "fresh" (outcomes that something new was said of), "known" (those of before, with their ids) and "day_start" -> table "told": all.
create or replace temp table judged as
select f.*, coalesce(d.day, '') as day, about(source, kind, team, project, workflow) as contract,
  reworks(source, kind, team, project, workflow) as rework
from fresh f asof left join day_start d on coalesce(f.settled_ms, f.began_ms) >= d.start_ms;

create or replace temp table told as
with named as (
  select k.outcome_id, f.* from judged f left join known k using (source, outcome)
)
select coalesce(outcome_id, (select coalesce(max(outcome_id), 0) from known)
    + row_number() over (partition by outcome_id is null order by source, outcome)) as outcome_id,
  * exclude (outcome_id)
from named
union all by name
select * from known where (source, outcome) not in (select (source, outcome) from fresh);

-- Links of outcomes that began to carry money, ceased to, or carry it otherwise: what they name has to be allocated again.
create or replace temp table moved as
with before as (
  select source, outcome, contract, quantity, links from known where began_ms is not null
), after as (
  select source, outcome, contract, quantity, links from judged where began_ms is not null
), changed as (
  select source, outcome from fresh where (source, outcome) not in (
    select (source, outcome) from before join after using (source, outcome, contract, quantity, links)
  )
)
select distinct unnest(links) as link from (
  select source, outcome, contract, links from before union all select source, outcome, contract, links from after
) where contract != '' and (source, outcome) in (select (source, outcome) from changed);
