-- View "movement" and table "repriced" -> table "price": what changed prices made of each call.
create or replace temp table price as
with line as (
  select call_id, d.day[:7] as month, upstream, model, unnest(lines) as line
  from movement m join quarter d on m.at_ms // 900000 = d.quarter
  where kind = 'settled' and (upstream, model, d.day[:7]) in (select (upstream, model, month) from repriced)
)
select call_id, sum(line.amount_nanousd - (line.quantity::hugeint * last_nanousd) // last_quantity)::bigint as price_nanousd
from line join repriced r on r.month = line.month and r.upstream = line.upstream and r.model = line.model
  and r.unit = line.line.unit and r.rate = line.line.rate and r.per = line.line.per
group by call_id;
