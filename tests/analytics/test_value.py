"""What spending bought: the lines and what no outcome carries are the total, and what is undone later shows."""

from datetime import UTC, datetime
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from wellspent.analytics.allocate import Money
from wellspent.analytics.contract import Baseline, Contract, Vendor
from wellspent.analytics.value import money_of, value
from wellspent.facts.attribution import Attribution
from wellspent.facts.outcome import LINK_KINDS, STATES, Outcome, OutcomeEvent, outcome_of

DAY_MS = 86_400_000
NOW_MS = 100 * DAY_MS
USD = 10**9


def month(at_ms: int) -> str:
    return datetime.fromtimestamp(at_ms / 1000, UTC).strftime("%Y-%m")


def outcome(name: str, *states: str, at: int = DAY_MS, **said: Any) -> Outcome:
    fields = {"source": "desk", "kind": "solved", **said}
    found = outcome_of([OutcomeEvent(outcome=name, state=state, occurred_at_ms=at + number, **fields) for number, state in enumerate(states)])  # type: ignore[arg-type]
    assert found is not None
    return found


def test_one_month_of_support() -> None:
    contract = Contract(
        "support", "solved", worth_usd="6.50", baseline=Baseline("time study", "8.20"), vendor=Vendor("Fin", "0.99"), match={"workflow": "bot"}
    )
    outcomes = [
        outcome("T1", "settled", links=(("run", "r1"),)),
        outcome("T2", "settled", quantity=2),
        outcome("T3", "settled", "reversed"),
        outcome("T4", "pending"),
        outcome("T5", "reversed"),
        outcome("T6", "settled", kind="other"),
    ]
    monies = [
        (Money("a", 3 * USD, DAY_MS, (("run", "r1"),)), True),
        (Money("b", 6 * USD, DAY_MS, (), (("workflow", "bot"),)), False),
        (Money("c", 5 * USD, DAY_MS), True),
    ]
    found = value([contract], outcomes, monies, NOW_MS, month)
    (line,) = found.lines
    assert (line.settled, line.pending, line.reversed) == (3, 1, 1)
    assert (line.linked_nanousd, line.matched_nanousd, line.split_nanousd) == (3 * USD, 6 * USD, 0)
    assert line.each_nanousd == 3 * USD
    assert (line.worth_nanousd, line.before_nanousd, line.vendor_nanousd) == (19_500_000_000, 24_600_000_000, 2_970_000_000)
    assert (found.unallocated_nanousd, found.total_nanousd, found.unpriced_calls) == (5 * USD, 14 * USD, 1)
    assert (found.unlinked, found.uncounted, found.waiting) == (1, 1, 1)


def test_what_is_unknown_is_not_zero() -> None:
    contract = Contract("sales", "solved")
    (line,) = value([contract], [], [(Money("a", USD, DAY_MS), True)], NOW_MS, month).lines
    assert (line.each_nanousd, line.before_nanousd, line.vendor_nanousd, line.spent_nanousd) == (None, None, None, 0)
    some = [outcome("T1", "settled", value_nanousd=USD), outcome("T2", "settled")]
    (line,) = value([contract], some, [(Money("a", USD, DAY_MS), True)], NOW_MS, month).lines
    assert line.worth_nanousd is None
    (line,) = value([contract], some[:1], [(Money("a", USD, DAY_MS), True)], NOW_MS, month).lines
    assert line.worth_nanousd == USD


def test_a_tag_named_as_a_link_is_one() -> None:
    who = Attribution(org="acme", team="core", run="r", session="s", tags=(("change", "acme/app#1"), ("customer", "x"), ("mood", "good")))
    money = money_of("c", 1, 2, who)
    assert set(money.links) == {("change", "acme/app#1"), ("customer", "x"), ("run", "r"), ("session", "s")}
    assert ("team", "core") in money.scopes


contracts = [Contract("one", "solved", match={"team": "a"}), Contract("two", "merged", settle_after="7d", split={"team": "b"}, attested="confirmed")]
links = st.lists(st.tuples(st.sampled_from(LINK_KINDS), st.sampled_from("xy")), max_size=2).map(tuple)
outcomes = st.lists(
    st.builds(
        lambda name, states, at, kind, links, attested: outcome(name, *states, at=at, kind=kind, links=links, attested=attested),
        st.uuids().map(str),
        st.lists(st.sampled_from(STATES), min_size=1, max_size=3),
        st.integers(0, 99 * DAY_MS),
        st.sampled_from(["solved", "merged", "other"]),
        links,
        st.sampled_from(["", "confirmed"]),
    ),
    max_size=8,
)
monies = st.lists(
    st.tuples(
        st.builds(
            Money,
            st.uuids().map(str),
            st.integers(-(10**10), 10**12),
            st.integers(0, 99 * DAY_MS),
            links,
            st.sampled_from([(), (("team", "a"),), (("team", "b"),)]),
        ),
        st.booleans(),
    ),
    max_size=10,
)


@given(outcomes, monies)
def test_the_lines_and_the_unallocated_are_the_total(known: list[Outcome], spent: list[tuple[Money, bool]]) -> None:
    found = value(contracts, known, spent, NOW_MS, month)
    assert sum(line.spent_nanousd for line in found.lines) + found.unallocated_nanousd == found.total_nanousd
    assert found.total_nanousd == sum(money.nanousd for money, _ in spent)
    assert found.uncounted == sum(each.last.kind == "other" for each in known)
    assert all(line.settled >= 0 and line.pending >= 0 and line.reversed >= 0 for line in found.lines)
