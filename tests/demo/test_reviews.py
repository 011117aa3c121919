"""Reviews of the company's changes: each has a beginning and the end that its outcome has, and nobody reads what is their own."""

from datetime import datetime
from zoneinfo import ZoneInfo

from wellspent.connectors.outcomes import github
from wellspent.demo.merges import Merged, events_of
from wellspent.demo.plan import plan_of
from wellspent.demo.reviews import BOT, Delivery, deliveries_of

NOW_MS = int(datetime(2026, 11, 24, 15, tzinfo=ZoneInfo("UTC")).timestamp() * 1000)
MERGED = Merged("c" * 40, "feat: rank the rate of a parcel (#1)")


def told() -> list[list[Delivery]]:
    return [deliveries_of(change, MERGED) for change in plan_of(NOW_MS, ZoneInfo("UTC")).changes]


def test_each_is_opened_first_and_merged_last_when_its_outcome_says() -> None:
    for change in plan_of(NOW_MS, ZoneInfo("UTC")).changes:
        found = deliveries_of(change, MERGED)
        assert found == deliveries_of(change, MERGED)
        first, *between, last = found
        assert (first.payload["action"], last.payload["action"]) == ("opened", "closed")
        assert change.began_ms <= first.at_ms <= last.at_ms == change.at_ms
        assert [each.at_ms for each in found] == sorted(each.at_ms for each in found)
        assert not any(each.payload["pull_request"]["merged"] or each.payload["pull_request"]["merged_at"] for each in (first, *between))
        assert github.events_of("pull_request", f"delivery-{change.number}", last.payload) == events_of(change, MERGED)


def test_nobody_reads_their_own_and_a_bot_is_a_bot() -> None:
    for deliveries in told():
        author = deliveries[0].payload["pull_request"]["user"]
        by = [each.payload["review"]["user"] for each in deliveries if each.event == "pull_request_review"]
        assert author not in by
        assert all(who is BOT or who["type"] == "User" for who in by)


def test_what_is_asked_for_is_pushed_before_somebody_agrees() -> None:
    rounds = []
    for deliveries in told():
        states = [each.payload["review"]["state"] if each.event == "pull_request_review" else each.payload["action"] for each in deliveries]
        acts = [state for state in states if state in ("changes_requested", "synchronize", "approved")]
        assert acts == ["changes_requested", "synchronize"] * (len(acts) // 2) + (["approved"] if acts else [])
        rounds.append(len(acts))
    assert 0.6 < sum(map(bool, rounds)) / len(rounds) < 0.95
    assert {0, 1, 3, 5} == set(rounds)
