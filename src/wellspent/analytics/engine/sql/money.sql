-- Movements of money with what changed prices made of them (view "priced") -> table "money": one row for those of one day that are alike.
create or replace temp table money as
with alike as (
  select m.sealed, d.day, if(for_day != d.day, for_day, '') as of_day, org, team, person, "key", project, workflow, run, session, client, model, upstream, tags,
    sum(amount_nanousd)::bigint as nanousd,
    coalesce(sum(price_nanousd) filter (kind = 'settled'), 0)::bigint as price_nanousd,
    count(*) filter (kind = 'settled')::int as calls,
    count(*) filter (kind = 'settled' and quality = 'estimated')::int as estimated_calls,
    count(*) filter (kind = 'settled' and quality = 'unpriced')::int as unpriced_calls,
    coalesce(sum(amount_nanousd) filter (quality = 'estimated'), 0)::bigint as estimated_nanousd
  from priced m join quarter d on m.at_ms // 900000 = d.quarter
  where kind in ('settled', 'adjusted')
  group by m.sealed, d.day, of_day, org, team, person, "key", project, workflow, run, session, client, model, upstream, tags
)
select row_number() over () as money, * replace (tag_list(tags) as tags) from alike;
