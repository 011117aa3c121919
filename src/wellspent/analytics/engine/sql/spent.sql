-- View "sums" and table "told" -> shares that are alike, with what became of their outcomes.
select s.contract, s.day, s.tier, s.rule,
  case when s.outcome_id is null then ''
    when o.rework then 'rework'
    when counts(s.contract, o.rework, o.state, o.attested, o.settled_ms, o.undone_ms, $as_of_ms) then 'counted'
    when o.state = 'reversed' then 'undone' else 'open' end as became,
  sum(nanousd)::bigint as nanousd, sum(price_nanousd)::bigint as price_nanousd, s.of_day
from sums s left join told o using (outcome_id)
where s.day >= $since and s.day < $until
group by s.contract, s.day, s.of_day, s.tier, s.rule, became
order by all;
