-- Table "told" -> table "carrier": one row for each link of each outcome that can carry money.
create or replace temp table carrier as
select link, rank_of(split_part(link, '=', 1)) as rank, outcome_id, source, outcome, contract, quantity
from (
  select unnest(links) as link, outcome_id, source, outcome, quantity, about(source, kind, team, project, workflow) as contract
  from told where began_ms is not null
)
where contract != '';
