-- Table "rate" -> table "repriced": rates that were not in use the month before, beside what the same unit of the same model cost then.
create or replace temp table repriced as
with used as (
  select month, upstream, model, unit, rate, per, sum(quantity) as quantity, sum(nanousd) as nanousd from rate group by all
), last as (
  select strftime(strptime(month || '-01', '%Y-%m-%d') + interval 1 month, '%Y-%m') as month, upstream, model, unit,
    sum(quantity) as last_quantity, sum(nanousd) as last_nanousd, list((rate, per)) as rates
  from used group by all having sum(quantity) > 0
)
select month, upstream, model, unit, rate, per, last_quantity, last_nanousd
from used join last using (month, upstream, model, unit)
where not list_contains(rates, (rate, per));
