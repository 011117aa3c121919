-- View "movement" -> table "rate_found": what was used at which rate, by month. The operator's months.
create or replace temp table rate_found as
with line as (
  select m.sealed, d.day[:7] as month, upstream, model, unnest(lines) as line
  from movement m join quarter d on m.at_ms // 900000 = d.quarter
  where kind = 'settled'
)
select sealed, month, upstream, model, line.unit as unit, line.rate as rate, line.per as per,
  sum(line.quantity)::bigint as quantity, sum(line.amount_nanousd)::bigint as nanousd
from line group by all;
