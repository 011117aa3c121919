"""Allocation adds up, whatever the facts and the rules."""

import random

from hypothesis import given
from hypothesis import strategies as st

from wellspent.analytics.allocate import TIERS, Allocator, Carrier, Money, Share, carriers, money_of, split_over
from wellspent.analytics.contract import Contract
from wellspent.facts.attribution import Attribution
from wellspent.facts.outcome import LINK_KINDS, Outcome, OutcomeEvent, outcome_of

SUPPORT = Contract("support", "conversation_solved", match={"workflow": "bot"}, split={"team": "platform"})
CODE = Contract("code", "change_merged", match={"project": "app"}, split={"team": "platform"}, rework=("change_reverting",))


def allocated(money: Money, *found: Carrier, contracts: tuple[Contract, ...] = (SUPPORT, CODE)) -> list[Share]:
    return Allocator(contracts, found).shares(money)


def carrier(contract: str, name: str, quantity: int = 1, *links: tuple[str, str]) -> Carrier:
    return Carrier(contract, ("desk", name), quantity, links)


def test_a_link_goes_before_a_rule_and_the_most_telling_link_decides() -> None:
    solved = carrier("support", "T1", 1, ("session", "s"), ("run", "r"))
    merged = carrier("code", "#2", 1, ("session", "s"))
    (share,) = allocated(Money(10, (("session", "s"), ("run", "r")), (("project", "app"),)), solved, merged)
    assert share == Share("support", ("desk", "T1"), "linked", "the same run", 10)
    shares = allocated(Money(11, (("session", "s"),)), solved, merged)
    assert [(share.contract, share.nanousd) for share in shares] == [("code", 6), ("support", 5)]


def test_several_outcomes_of_a_link_share_by_quantity_to_the_last_nano_dollar() -> None:
    found = [carrier("code", f"#{number}", quantity, ("run", "r")) for number, quantity in enumerate((1, 1, 2))]
    assert [share.nanousd for share in allocated(Money(101, (("run", "r"),)), *found)] == [25, 25, 51]
    assert [share.nanousd for share in allocated(Money(-101, (("run", "r"),)), *found)] == [-25, -25, -51]


def test_a_rule_takes_what_nothing_links_even_before_anything_settled() -> None:
    money = Money(10, (("run", "other"),), (("workflow", "bot"),))
    (share,) = allocated(money, carrier("support", "T1", 1, ("run", "r")))
    assert share == Share("support", None, "matched", "workflow bot", 10)
    assert allocated(money) == [share]


def test_what_is_shared_is_split_by_what_each_settled() -> None:
    (share,) = allocated(Money(100, (), (("team", "platform"),)))
    assert share == Share("", None, "split", "support, code", 100)
    assert split_over(100, {"support": 3, "code": 1}) == {"code": 25, "support": 75}
    assert split_over(100, {"support": 0, "code": 1}) == {"code": 100}
    assert split_over(100, {"support": 0, "code": 0}) == {}


def outcome(name: str, *states: str, kind: str = "change_merged", quantity: int = 1) -> Outcome:
    events = [OutcomeEvent("git", name, kind, state, number, quantity=quantity, links=(("change", name),)) for number, state in enumerate(states)]  # type: ignore[arg-type]
    found = outcome_of(events)
    assert found is not None
    return found


def test_whatever_became_of_an_outcome_it_carries_its_money_unless_nobody_said_that_it_began() -> None:
    known = [outcome("1", "settled"), outcome("2", "settled", "reversed"), outcome("3", "pending"), outcome("4", "reversed")]
    known += [outcome("5", "settled", kind="change_reverting", quantity=2), outcome("6", "settled", kind="lead")]
    found = carriers([SUPPORT, CODE], known)
    assert [(each.contract, each.outcome[1], each.quantity) for each in found] == [
        ("code", "1", 1),
        ("code", "2", 1),
        ("code", "3", 1),
        ("code", "5", 2),
    ]


def test_a_tag_named_as_a_link_is_one() -> None:
    who = Attribution(org="acme", team="core", run="r", session="s", tags=(("change", "acme/app#1"), ("customer", "x"), ("mood", "good")))
    money = money_of(2, who)
    assert set(money.links) == {("change", "acme/app#1"), ("customer", "x"), ("run", "r"), ("session", "s")}
    assert ("team", "core") in money.scopes


names = st.sampled_from("ab")
links = st.lists(st.tuples(st.sampled_from(LINK_KINDS), names), max_size=3).map(tuple)
scopes = st.lists(st.tuples(st.sampled_from(["team", "project", "workflow"]), names), max_size=3).map(tuple)
rules = st.dictionaries(st.sampled_from(["team", "project", "workflow"]), names, max_size=2)
monies = st.lists(st.builds(Money, st.integers(-(10**12), 10**12), links, scopes), max_size=12)
known = st.lists(
    st.builds(Carrier, st.sampled_from(["one", "two", "three"]), st.tuples(names, names), st.integers(1, 1000), links),
    max_size=12,
    unique_by=lambda each: each.outcome,
)


@st.composite
def contracts(draw: st.DrawFn) -> tuple[Contract, ...]:
    return tuple(Contract(name, f"kind_{name}", match=draw(rules), split=draw(rules)) for name in ("one", "two", "three"))


@given(contracts(), monies, known)
def test_linked_matched_split_and_unallocated_are_the_total(agreed: tuple[Contract, ...], money: list[Money], found: list[Carrier]) -> None:
    allocator = Allocator(agreed, found)
    shares = [share for each in money for share in allocator.shares(each)]
    by_tier = {tier: sum(share.nanousd for share in shares if share.tier == tier) for tier in TIERS}
    assert sum(by_tier.values()) == sum(each.nanousd for each in money)
    for each in money:
        own = allocator.shares(each)
        assert sum(share.nanousd for share in own) == each.nanousd
        assert len({share.tier for share in own}) == 1
        assert all(share.nanousd * each.nanousd >= 0 for share in own)
        assert all(bool(share.contract) == (share.tier in ("linked", "matched")) for share in own)
        assert all((share.outcome is not None) == (share.tier == "linked") for share in own)


@given(contracts(), monies, known, st.randoms())
def test_the_same_facts_under_the_same_rules_give_the_same_answer(
    agreed: tuple[Contract, ...], money: list[Money], found: list[Carrier], shuffler: random.Random
) -> None:
    shuffled = list(found)
    shuffler.shuffle(shuffled)
    one, other = Allocator(agreed, found), Allocator(agreed, shuffled)
    assert [one.shares(each) for each in money] == [other.shares(each) for each in money]


@given(st.integers(-(10**15), 10**15), st.dictionaries(names, st.integers(0, 1000)))
def test_a_split_is_the_whole(nanousd: int, settled: dict[str, int]) -> None:
    parts = split_over(nanousd, settled)
    assert sum(parts.values()) == (nanousd if any(settled.values()) else 0)
    assert all(settled[name] for name in parts)


def test_no_money_is_no_money() -> None:
    (share,) = allocated(Money(0))
    assert (share.tier, share.nanousd) == ("unallocated", 0)
