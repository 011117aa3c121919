-- Movements of money (view "movement": lines of sealed days, or of days that are not sealed yet) -> table "money": one row for those of one
-- day that are alike, with what changed prices made of it ("repriced").
create or replace temp table price as
with line as (
  select call_id, d.day[:7] as month, upstream, model, unnest(lines) as line
  from movement m asof join day_start d on m.at_ms >= d.start_ms
  where kind = 'settled' and (upstream, model) in (select (upstream, model) from repriced)
)
select call_id, sum(line.amount_nanousd - (line.quantity::hugeint * last_nanousd) // last_quantity)::bigint as price_nanousd
from line join repriced r on r.month = line.month and r.upstream = line.upstream and r.model = line.model
  and r.unit = line.line.unit and r.rate = line.line.rate and r.per = line.line.per
group by call_id;

create or replace temp table money as
with dated as (
  select m.sealed, d.day, org, team, person, "key", project, workflow, run, session, client, model, upstream,
    list_sort(list_transform(map_entries(tags), lambda tag: concat(tag.key, '=', tag.value))) as tags,
    amount_nanousd, kind, quality, call_id
  from movement m asof join day_start d on m.at_ms >= d.start_ms
  where kind in ('settled', 'adjusted')
)
select row_number() over () as money, sealed, day, org, team, person, "key", project, workflow, run, session, client, model, upstream, tags,
  sum(amount_nanousd)::bigint as nanousd,
  coalesce(sum(price_nanousd) filter (kind = 'settled'), 0)::bigint as price_nanousd,
  count(*) filter (kind = 'settled')::int as calls,
  count(*) filter (kind = 'settled' and quality = 'estimated')::int as estimated_calls,
  count(*) filter (kind = 'settled' and quality = 'unpriced')::int as unpriced_calls,
  coalesce(sum(amount_nanousd) filter (quality = 'estimated'), 0)::bigint as estimated_nanousd
from dated left join price using (call_id)
group by sealed, day, org, team, person, "key", project, workflow, run, session, client, model, upstream, tags;
