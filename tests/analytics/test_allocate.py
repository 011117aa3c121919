"""Allocation adds up, whatever the facts and the rules."""

import random
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from wellspent.analytics.allocate import TIERS, Allocator, Counted, Money, Share
from wellspent.analytics.contract import Contract
from wellspent.facts.outcome import LINK_KINDS

MONTH_MS = 31 * 86_400_000
SUPPORT = Contract("support", "conversation_solved", match={"workflow": "bot"}, split={"team": "platform"})
CODE = Contract("code", "change_merged", match={"project": "app"}, split={"team": "platform"})


def month(at_ms: int) -> str:
    return datetime.fromtimestamp(at_ms / 1000, UTC).strftime("%Y-%m")


def allocated(money: Money, *counted: Counted, contracts: tuple[Contract, ...] = (SUPPORT, CODE)) -> list[Share]:
    return list(Allocator(contracts, counted, month).shares(money))


def test_a_link_goes_before_a_rule_and_the_most_telling_link_decides() -> None:
    solved = Counted("support", "T1", 1, 5, (("session", "s"), ("run", "r")))
    merged = Counted("code", "#2", 1, 5, (("session", "s"),))
    (share,) = allocated(Money("c", 10, 5, (("session", "s"), ("run", "r")), (("project", "app"),)), solved, merged)
    assert (share.contract, share.outcome, share.tier, share.rule, share.nanousd) == ("support", "T1", "linked", "the same run", 10)
    shares = allocated(Money("c", 11, 5, (("session", "s"),)), solved, merged)
    assert [(share.contract, share.nanousd) for share in shares] == [("code", 6), ("support", 5)]


def test_several_outcomes_of_a_link_share_by_quantity_to_the_last_nano_dollar() -> None:
    counted = [Counted("code", f"#{number}", quantity, 5, (("run", "r"),)) for number, quantity in enumerate((1, 1, 2))]
    assert [share.nanousd for share in allocated(Money("c", 101, 5, (("run", "r"),)), *counted)] == [25, 25, 51]
    assert [share.nanousd for share in allocated(Money("c", -101, 5, (("run", "r"),)), *counted)] == [-25, -25, -51]


def test_a_rule_takes_what_nothing_links_where_the_month_settled_anything() -> None:
    money = Money("c", 10, 5, (), (("workflow", "bot"),))
    (share,) = allocated(money, Counted("support", "T1", 1, 6))
    assert (share.contract, share.outcome, share.tier, share.rule) == ("support", "", "matched", "workflow bot")
    (rest,) = allocated(money, Counted("support", "T1", 1, 6 + MONTH_MS))
    assert (rest.contract, rest.tier, rest.nanousd) == ("", "unallocated", 10)


def test_what_is_shared_is_split_by_what_each_settled() -> None:
    money = Money("c", 100, 5, (), (("team", "platform"),))
    shares = allocated(money, Counted("support", "T1", 3, 6), Counted("code", "#1", 1, 7))
    assert [(share.contract, share.tier, share.nanousd) for share in shares] == [("support", "split", 75), ("code", "split", 25)]
    assert shares[0].rule == "team platform, by outcomes"
    assert [share.contract for share in allocated(money, Counted("code", "#1", 1, 7))] == ["code"]


names = st.sampled_from("ab")
links = st.lists(st.tuples(st.sampled_from(LINK_KINDS), names), max_size=3).map(tuple)
scopes = st.lists(st.tuples(st.sampled_from(["team", "project", "workflow"]), names), max_size=3).map(tuple)
moments = st.sampled_from([0, 1, MONTH_MS, 2 * MONTH_MS])
rules = st.dictionaries(st.sampled_from(["team", "project", "workflow"]), names, max_size=2)
monies = st.lists(st.builds(Money, st.uuids().map(str), st.integers(-(10**12), 10**12), moments, links, scopes), max_size=12)
counts = st.lists(st.builds(Counted, st.sampled_from(["one", "two", "three"]), names, st.integers(1, 1000), moments, links), max_size=12)


@st.composite
def contracts(draw: st.DrawFn) -> tuple[Contract, ...]:
    return tuple(Contract(name, f"kind_{name}", match=draw(rules), split=draw(rules)) for name in ("one", "two", "three"))


@given(contracts(), monies, counts)
def test_linked_matched_split_and_unallocated_are_the_total(agreed: tuple[Contract, ...], money: list[Money], counted: list[Counted]) -> None:
    allocator = Allocator(agreed, counted, month)
    shares = [share for each in money for share in allocator.shares(each)]
    by_tier = {tier: sum(share.nanousd for share in shares if share.tier == tier) for tier in TIERS}
    assert sum(by_tier.values()) == sum(each.nanousd for each in money)
    for each in money:
        own = [share for share in shares if share.money == each.id]
        assert sum(share.nanousd for share in own) == each.nanousd
        assert len({share.tier for share in own}) == 1
        assert all(share.nanousd * each.nanousd >= 0 for share in own)
        assert {share.period for share in own} == {month(each.at_ms)}
        assert all(bool(share.contract) == (share.tier != "unallocated") for share in own)


@given(contracts(), monies, counts, st.randoms())
def test_the_same_facts_under_the_same_rules_give_the_same_answer(
    agreed: tuple[Contract, ...], money: list[Money], counted: list[Counted], shuffler: random.Random
) -> None:
    unique = list({(each.contract, each.id): each for each in counted}.values())
    shuffled = list(unique)
    shuffler.shuffle(shuffled)
    one, other = Allocator(agreed, unique, month), Allocator(agreed, shuffled, month)
    assert [list(one.shares(each)) for each in money] == [list(other.shares(each)) for each in money]


def test_no_money_is_no_money() -> None:
    (share,) = allocated(Money("c", 0, 5))
    assert (share.tier, share.nanousd) == ("unallocated", 0)
