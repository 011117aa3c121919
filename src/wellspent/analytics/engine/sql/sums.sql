-- Table "share" -> table "sum_found": what a question about contracts and days needs, without who spent it.
create or replace temp table sum_found as
select sealed, day, of_day, contract, tier, rule, outcome_id, sum(nanousd)::bigint as nanousd, sum(price_nanousd)::bigint as price_nanousd,
  sum(calls)::bigint as calls, sum(estimated_calls)::bigint as estimated_calls, sum(unpriced_calls)::bigint as unpriced_calls,
  sum(estimated_nanousd)::bigint as estimated_nanousd
from share group by sealed, day, of_day, contract, tier, rule, outcome_id;
