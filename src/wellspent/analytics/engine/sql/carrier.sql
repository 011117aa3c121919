-- Table "told" -> table "carrier": one row for each link of each outcome that can carry money.
create or replace temp table carrier as
select link, rank_of(split_part(link, '=', 1)) as rank, outcome_id, source, outcome, contract, quantity
from (
  select unnest(links) as link, outcome_id, source, outcome, quantity, contract from told where began_ms is not null and contract != ''
);
