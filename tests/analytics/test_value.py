"""What spending bought: the lines and what no outcome carries are the total, and what is undone later shows."""

from datetime import UTC, datetime
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from wellspent.analytics.allocate import Money
from wellspent.analytics.contract import Baseline, Contract, Vendor
from wellspent.analytics.value import Bought, Calls, Spent, Value, assemble, value
from wellspent.facts.outcome import LINK_KINDS, STATES, Outcome, OutcomeEvent, outcome_of

DAY_MS = 86_400_000
NOW_MS = 100 * DAY_MS
USD = 10**9
DAY = "1970-01-02"


def day(at_ms: int) -> str:
    return datetime.fromtimestamp(at_ms / 1000, UTC).strftime("%Y-%m-%d")


def month(of_day: str) -> str:
    return of_day[:7]


def asked(contracts: list[Contract], outcomes: list[Outcome], monies: list[tuple[Money, str]]) -> Value:
    return value(contracts, outcomes, [(money, on_day, "") for money, on_day in monies], NOW_MS, day, month)


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
        outcome("T7", "pending", "reversed"),
    ]
    monies = [
        (Money(3 * USD, (("run", "r1"),)), DAY),
        (Money(6 * USD, (), (("workflow", "bot"),)), DAY),
        (Money(5 * USD), DAY),
    ]
    found = asked([contract], outcomes, monies)
    (line,) = found.lines
    assert (line.settled, line.pending, line.reversed, line.reversal_percent) == (3, 1, 1, 25.0)
    assert (line.linked_nanousd, line.matched_nanousd, line.split_nanousd) == (3 * USD, 6 * USD, 0)
    assert (line.open_nanousd, line.each_nanousd, line.grade) == (1_500_000_000, 2_500_000_000, "D")  # a quarter of the $6 is for the pending one
    assert (line.worth_nanousd, line.before_nanousd, line.vendor_nanousd) == (19_500_000_000, 24_600_000_000, 2_970_000_000)
    assert (found.unallocated_nanousd, found.total_nanousd) == (5 * USD, 14 * USD)
    assert (found.unlinked, found.uncounted, found.waiting) == (1, 1, 1)
    assert (found.share_percent("unallocated"), found.share_percent("matched")) == (100 * 5 / 14, 100 * 6 / 14)


def test_what_was_undone_is_paid_by_what_stands_and_what_is_open_by_nothing_yet() -> None:
    """Three changes of $2 each, one reverted by a fourth of $1, and one of $5 that nobody has merged yet: each that stands cost $3.50."""
    contract = Contract("code", "merged", rework=("reverting",))
    outcomes = [
        outcome("1", "settled", kind="merged", links=(("run", "r1"),)),
        outcome("2", "settled", kind="merged", links=(("run", "r2"),)),
        outcome("3", "settled", "reversed", kind="merged", links=(("run", "r3"),)),
        outcome("4", "settled", kind="reverting", links=(("run", "r4"),)),
        outcome("5", "pending", kind="merged", links=(("run", "r5"),)),
    ]
    monies = [(Money(usd * USD, (("run", f"r{number}"),)), DAY) for number, usd in ((1, 2), (2, 2), (3, 2), (4, 1), (5, 5))]
    (line,) = asked([contract], outcomes, monies).lines
    assert (line.settled, line.reversed, line.pending) == (2, 1, 1)
    assert (line.undone_nanousd, line.redone_nanousd, line.rework_nanousd, line.open_nanousd) == (2 * USD, USD, 3 * USD, 5 * USD)
    assert (line.spent_nanousd, line.each_nanousd, line.grade) == (12 * USD, 3_500_000_000, "C")


def test_what_was_posted_for_another_period_is_in_no_outcomes_cost() -> None:
    """A credit of $90 for September, posted in October: it is part of what October spent, and says nothing of what October's outcomes cost."""
    spent = [
        Spent("one", "1970-10-05", "linked", "the same run", "counted", 30 * USD),
        Spent("one", "1970-10-06", "linked", "the same run", "undone", -90 * USD, 0, "1970-09-20"),
        Spent("", "1970-10-06", "unallocated", "", "", -5 * USD, 0, "1970-09-20"),
    ]
    bought = [Bought("one", "1970-10-05", 3, 0, 0, 0, 3, 0)]
    found = assemble([Contract("one", "a")], spent, bought, month)
    (line,) = found.lines
    assert (line.spent_nanousd, line.late_nanousd, line.each_nanousd, line.rework_nanousd) == (-60 * USD, -90 * USD, 10 * USD, 0)
    assert (found.total_nanousd, found.late_nanousd) == (-65 * USD, -95 * USD)
    (year,) = assemble([Contract("one", "a")], spent, bought, lambda of_day: of_day[:4]).lines
    assert (year.late_nanousd, year.each_nanousd, year.rework_nanousd) == (0, -20 * USD, -90 * USD)


def test_an_outcome_without_any_money_has_no_cost_and_unlinked_ones_no_grade_c() -> None:
    (line,) = assemble([Contract("one", "a")], [], [Bought("one", DAY, 3, 0, 0, 0, 3, 0)], month).lines
    assert (line.each_nanousd, line.each_at_last_prices_nanousd, line.carries) == (None, None, False)
    spent = [Spent("one", DAY, "linked", "the same run", "counted", USD)]
    (line,) = assemble([Contract("one", "a")], spent, [Bought("one", DAY, 3, 0, 0, 0, 3, 1)], month).lines
    assert (line.grade, line.unlinked) == ("D", 1)


def test_few_outcomes_have_no_interval() -> None:
    days = [f"1970-01-{number:02}" for number in range(1, 10)]
    spent = [Spent("one", each, "matched", "", "", 2 * USD) for each in days]
    (line,) = assemble([Contract("one", "a")], spent, [Bought("one", each, 1, 0, 0, 0, 1, 0) for each in days], month).lines
    assert (line.settled, line.low_nanousd) == (9, None)


def test_what_is_shared_goes_by_the_whole_month_and_to_nobody_where_nobody_settled_anything() -> None:
    contracts = [Contract("one", "a"), Contract("two", "b")]
    spent = [Spent("", DAY, "split", "one, two", "", 100, -10)]
    bought = [Bought("one", DAY, 3, 0, 0, 0, 3, 0), Bought("two", "1970-01-31", 1, 0, 0, 0, 1, 0)]
    found = assemble(contracts, spent, bought, month)
    assert [(line.split_nanousd, line.price_nanousd) for line in found.lines] == [(75, -8), (25, -2)]
    found = assemble(contracts, spent, bought[:1], month, drivers={("two", "1970-01"): 7})
    assert [line.split_nanousd for line in found.lines] == [0, 100]
    found = assemble(contracts, spent, [], month)
    assert (found.unallocated_nanousd, found.total_nanousd, found.calls) == (100, 100, Calls())


def test_a_vendor_charges_for_whole_months_fees_of_idle_ones_included() -> None:
    contract = Contract("one", "a", vendor=Vendor("Fin", "1", monthly_usd="10"))
    spent = [Spent("one", f"1970-0{month}-05", "matched", "", "", 1) for month in (1, 2)]
    bought = [Bought("one", "1970-01-05", 3, 0, 0, 0, 3, 0)]
    charged = {line.period: line.vendor_nanousd for line in assemble([contract], spent, bought, month).lines}
    assert charged == {"1970-01": 13 * USD, "1970-02": 10 * USD}
    (year,) = assemble([contract], spent, bought, lambda of_day: of_day[:4]).lines
    assert year.vendor_nanousd == 23 * USD
    assert {line.vendor_nanousd for line in assemble([contract], spent, bought, str).lines} == {None}


def test_what_is_unknown_is_not_zero() -> None:
    contract = Contract("sales", "solved")
    (line,) = asked([contract], [], [(Money(USD), DAY)]).lines
    assert (line.each_nanousd, line.before_nanousd, line.vendor_nanousd, line.spent_nanousd) == (None, None, None, 0)
    assert (line.reversal_percent, line.grade, line.revenue_nanousd, line.low_nanousd) == (None, "none", None, None)
    some = [outcome("T1", "settled", value_nanousd=USD), outcome("T2", "settled")]
    (line,) = asked([contract], some, [(Money(USD), DAY)]).lines
    assert (line.worth_nanousd, line.revenue_nanousd) == (None, None)
    (line,) = asked([contract], some[:1], [(Money(USD), DAY)]).lines
    assert (line.worth_nanousd, line.revenue_nanousd) == (USD, USD)
    assert asked([contract], [], []).share_percent("linked") is None


def test_the_interval_of_a_steady_cost_is_the_cost_and_never_below_zero() -> None:
    days = [f"1970-01-{number:02}" for number in range(1, 15)]
    steady = [Spent("one", each, "matched", "", "", 2 * USD) for each in days]
    bought = [Bought("one", each, 2, 0, 0, 0, 2, 0) for each in days]
    (line,) = assemble([Contract("one", "a")], steady, bought, month).lines
    assert (line.low_nanousd, line.each_nanousd, line.high_nanousd) == (USD, USD, USD)
    (line,) = assemble([Contract("one", "a")], [steady[0]._replace(nanousd=99 * USD)], bought, month).lines
    assert line.low_nanousd == 0


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
            st.integers(-(10**10), 10**12),
            links,
            st.sampled_from([(), (("team", "a"),), (("team", "b"),)]),
        ),
        st.integers(0, 99 * DAY_MS).map(day),
    ),
    max_size=10,
)


@given(outcomes, monies)
def test_the_lines_and_the_unallocated_are_the_total(known: list[Outcome], spent: list[tuple[Money, str]]) -> None:
    found = asked(contracts, known, spent)
    assert sum(line.spent_nanousd for line in found.lines) + found.unallocated_nanousd == found.total_nanousd
    assert found.total_nanousd == sum(money.nanousd for money, _ in spent)
    assert found.uncounted == sum(each.last.kind == "other" for each in known)
    assert all(
        line.open_nanousd + line.rework_nanousd <= line.spent_nanousd
        for line in found.lines
        if min([money.nanousd for money, _ in spent], default=0) >= 0
    )
    assert all(line.settled >= 0 and line.pending >= 0 and line.reversed >= 0 for line in found.lines)


def test_what_changed_prices_made_of_it_is_told_apart_from_the_work() -> None:
    """Work that cost $10 at last month's prices costs $8 now, for three outcomes of which one is open; its own $4, cheaper by $1, wait too."""
    spent = [Spent("s", DAY, "matched", "team core", "", 8 * USD, -2 * USD), Spent("s", DAY, "linked", "the same run", "open", 4 * USD, -USD)]
    (line,) = assemble([Contract("s", "solved")], spent, [Bought("s", DAY, 2, 1, 0, 0, 2, 0)], month).lines
    assert (line.price_nanousd, line.open_price_nanousd) == (-3 * USD, -1_666_666_667)
    assert (line.each_nanousd, line.each_at_last_prices_nanousd) == (2_666_666_666, 3_333_333_333)
    (nothing,) = assemble([Contract("s", "solved")], spent, [], month).lines
    assert nothing.each_at_last_prices_nanousd is None
