-- Table "told" -> the outcomes of each contract and day.
with judged as (
  select *, counts(contract, rework, state, attested, settled_ms, undone_ms, $as_of_ms) as counted from told
  where began_ms is not null and day >= $since and day < $until and not rework and contract != ''
)
select contract, day,
  coalesce(sum(quantity) filter (counted), 0)::bigint as settled,
  coalesce(sum(quantity) filter (not counted and state != 'reversed'), 0)::bigint as pending,
  coalesce(sum(quantity) filter (not counted and state = 'reversed'), 0)::bigint as reversed,
  coalesce(sum(value_nanousd) filter (counted), 0)::hugeint as valued_nanousd,
  coalesce(sum(quantity) filter (counted and value_nanousd is null), 0)::bigint as unvalued,
  count(*) filter (state = 'settled' and len(links) = 0)::bigint as unlinked
from judged
where state != 'reversed' or settled_ms is not null
group by contract, day
order by all;
