"""A statement adds up, says what is unknown, and has a grade and a way down for every figure."""

import re
import shlex
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.analytics.statement.made import CHANGES, FACTS, SUPPORT, USD, bought, spent, stated

from wellspent import limits
from wellspent.analytics.statement.compose import Told
from wellspent.analytics.statement.record import GRADES, EffectLine, Facts, InitiativeLine, SelfReportLine, Statement
from wellspent.analytics.value import Bought, Calls, Spent
from wellspent.budgets.window import Calendar

CONTRACTS = (SUPPORT, CHANGES)
DAYS = st.sampled_from([f"2026-{month:02d}-{day:02d}" for month in (9, 10) for day in (1, 9, 17, 28)])
STATES = st.sampled_from(["counted", "open", "undone", "rework"])
NAMES = st.sampled_from(["support", "changes"])
AMOUNTS = st.integers(0, 10**14)
MONEY = st.one_of(
    st.builds(
        lambda name, day, n, state, price: spent(name, day, n, state=state, price_nanousd=price),
        NAMES,
        DAYS,
        st.integers(-(10**9), 10**14),
        STATES,
        st.integers(-(10**6), 10**6),
    ),
    st.builds(lambda name, day, n: spent(name, day, n, tier="matched", state=""), NAMES, DAYS, AMOUNTS),
    st.builds(lambda day, n: spent("", day, n), DAYS, AMOUNTS),
    st.builds(lambda day, n: spent("", day, n, tier="split", rule="support, changes"), DAYS, AMOUNTS),
)
OUTCOMES = st.builds(
    lambda name, day, n, undone: bought(name, day, n, reversed=undone),
    st.sampled_from(["support", "changes"]),
    DAYS,
    st.integers(0, 500),
    st.integers(0, 9),
)


def value(statement: Statement, section: str, item: str, name: str) -> Any:
    found = statement.figure(section, item, name)
    assert found is not None, (section, item, name)
    return found.value


@given(st.lists(MONEY, max_size=12), st.lists(OUTCOMES, max_size=12))
def test_it_adds_up(monies: list[Spent], outcomes: list[Bought]) -> None:
    calls = Calls(100, 7, 2, 11)
    found = stated(CONTRACTS, monies, outcomes, calls=calls)
    total = sum(each.nanousd for each in monies if each.day >= "2026-10")
    assert value(found, "spending", "", "total") == total
    assert value(found, "spending", "", "exact") + value(found, "spending", "", "estimated") == total
    tiers = {tier: value(found, "carried by outcomes", "", tier) for tier in ("linked", "matched", "split", "unallocated")}
    assert sum(tiers.values()) == total
    assert sum(value(found, "spending by contract", name, "spent") for name in found.contracts) + tiers["unallocated"] == total
    for name in found.contracts:
        change, price, other = (value(found, "cost per outcome", name, part) for part in ("change", "of which prices", "of which everything else"))
        if price is not None:
            assert price + other == change
            each = found.figure("cost per outcome", name, "cost per outcome")
            assert each is not None and each.value is not None and each.before is not None
            assert each.value - each.before == change
        assert (price is None) == (other is None)
        assert value(found, "rework", name, "rework") == sum(
            value(found, "rework", name, part) for part in ("on what was undone", "on undoing and mending")
        )
    shares = [value(found, "carried by outcomes", "", f"{tier}, share") for tier in tiers]
    assert all(share is None for share in shares) or None in shares or sum(shares) == pytest.approx(100, abs=0.001)
    assert total <= 0 or min(tiers.values()) < 0 or None not in shares
    for each in found.figures:
        assert each.unit != "percent" or each.value is None or 0 <= each.value <= 100, each


@given(st.lists(MONEY, max_size=6), st.lists(OUTCOMES, max_size=6))
def test_every_figure_has_a_grade_a_way_down_and_a_name_of_its_own(monies: list[Spent], outcomes: list[Bought]) -> None:
    found = stated(CONTRACTS, monies, outcomes)
    assert all(
        each.grade in GRADES and re.match(r"wellspent |/(value/[^/?]+|calls)\?since=2026-10&until=2026-10", each.open) for each in found.figures
    )
    keys = [(each.section, each.item, each.name) for each in found.figures]
    assert len(set(keys)) == len(keys)
    sections = [each.section for each in found.figures]
    assert [name for number, name in enumerate(sections) if name not in sections[:number]] == list(dict.fromkeys(sections))
    assert sections[0] == "spending" and not any(word in name for *_, name in keys for word in ("ROI", "return"))


def test_a_month_of_two_contracts() -> None:
    monies = [
        *(spent("support", f"2026-{month:02d}-{day:02d}", 2 * USD) for month in (9, 10) for day in range(1, 11)),
        spent("support", "2026-10-20", USD, state="undone"),
        spent("support", "2026-10-20", USD, tier="matched", state=""),
        spent("changes", "2026-10-05", 4 * USD, state="rework"),
        spent("", "2026-10-05", 6 * USD),
    ]
    outcomes = [
        *(bought("support", f"2026-{month:02d}-{day:02d}", 5, valued_nanousd=50 * USD, unvalued=0) for month in (9, 10) for day in range(1, 11)),
        bought("support", "2026-10-21", 0, reversed=10, pending=3, unlinked=2),
    ]
    found = stated(CONTRACTS, monies, outcomes, calls=Calls(10, 1, 2, USD))
    each = found.figure("cost per outcome", "support", "cost per outcome")
    assert each is not None
    assert (each.value, each.before, each.grade) == (438_867_925, 20 * USD // 50, "D")  # 3 of 53 carry their part of the matched $1: they are pending
    assert each.low is not None and each.high is not None and each.low < 22 * USD / 50 < each.high
    assert value(found, "output", "support", "reversal rate") == pytest.approx(100 * 10 / 60, abs=0.001)
    assert value(found, "output", "changes", "reversal rate") is None
    assert value(found, "margin", "support", "revenue less AI spending") == 478 * USD
    assert found.figure("margin", "changes", "revenue") is None
    assert value(found, "rework", "support", "rework") == USD
    assert value(found, "rework", "changes", "rework, share of spending") == 100
    assert value(found, "cost per outcome", "changes", "cost per outcome") is None
    assert value(found, "before AI", "support", "as many before AI") == 410 * USD
    assert value(found, "price by outcome", "support", "as many by outcome price") == 49_500_000_000
    assert value(found, "coverage", "", "calls without a price") == 20
    assert value(found, "coverage", "", "spending reconciled to invoices") == 0
    reconciled = found.figure("coverage", "", "spending reconciled to invoices")
    assert reconciled is not None and reconciled.note == "none: no invoice has been reconciled"
    assert value(found, "outcomes", "", "without a link") == 2
    assert [each.month for each in found.months if each.contract == "support"] == ["2026-09", "2026-10"]
    assert found.notes == (
        "3 outcomes of the period have not stood for long enough, or are not settled: they may still come to count.",
        "2 calls have no known price: the total is at least what is written, and unknown beyond it.",
    )
    assert found.figure("spending", "", "nothing of this name") is None


@pytest.mark.parametrize(("settled", "known"), [(1, False), (limits.EFFECT_OUTCOMES_MIN, True)])
def test_a_cost_of_few_outcomes_has_no_interval(settled: int, known: bool) -> None:
    """Days enough, and outcomes too few: then there is none, in the month's chart neither."""
    monies = [spent("support", f"2026-10-{day:02d}", day * USD) for day in range(1, 20)]
    outcomes = [bought("support", "2026-10-03", settled - settled // 2), bought("support", "2026-10-13", settled // 2)]
    found = stated(CONTRACTS, monies, outcomes)
    each = found.figure("cost per outcome", "support", "cost per outcome")
    assert each is not None
    month = next(each for each in found.months if each.contract == "support")
    assert [each.low is not None, each.high is not None, month.low_nanousd is not None, "alike and independent" in each.note] == [known] * 4


def test_what_corrections_leave_below_zero_has_no_share() -> None:
    monies = [spent("support", "2026-10-05", -3 * USD, state="undone"), spent("support", "2026-10-06", 4 * USD), spent("", "2026-10-05", USD)]
    found = stated(CONTRACTS, monies, [bought("support", "2026-10-05", 2)])
    assert value(found, "rework", "support", "rework") == -3 * USD
    assert value(found, "rework", "support", "rework, share of spending") is None


@pytest.mark.parametrize("contract", ["support", ""])
def test_corrections_of_earlier_periods_have_a_line_of_their_own(contract: str) -> None:
    """They are in the total, and in no outcome's cost and no rework: a credit note does not make work look cheaper."""
    monies = [spent("support", "2026-10-05", 4 * USD), spent("support", "2026-10-06", USD, state="undone"), spent("support", "2026-09-05", USD)]
    outcomes = [bought("support", "2026-10-05", 2)]
    note = spent(contract, "2026-10-07", -30 * USD, state="undone" if contract else "", of_day="2026-08-15")
    plain, found = stated(CONTRACTS, monies, outcomes), stated(CONTRACTS, [*monies, note], outcomes)
    assert value(found, "spending", "", "total") == value(plain, "spending", "", "total") - 30 * USD
    line = found.figure("spending", "", "corrections of earlier periods")
    assert line is not None and (line.value, line.before, line.grade) == (-30 * USD, 0, "counted")
    own = found.figure("spending by contract", "support", "corrections of earlier periods")
    assert (own.value if own else 0) == (-30 * USD if contract else 0)
    for section in ("cost per outcome", "rework"):
        same = [(each.name, each.value) for each in plain.figures if each.section == section]
        assert [(each.name, each.value) for each in found.figures if each.section == section] == same
    assert all(each.value is None or 0 <= each.value <= 100 for each in found.figures if each.unit == "percent")
    assert plain.figure("spending", "", "corrections of earlier periods") is None
    later = stated(CONTRACTS, [*monies, note], outcomes, "2026-11")
    told = later.figure("spending", "", "corrections of earlier periods")
    assert told is not None and (told.value, told.before) == (0, -30 * USD)


def test_each_figure_opens_to_what_it_is_about() -> None:
    odd = msgspec.structs.replace(CHANGES, name="it's a/b")
    found = stated((odd,), [], [], last="2026-10-31")
    for name, state in (("settled", "counted"), ("pending", "pending"), ("reversed", "reversed")):
        each = found.figure("output", odd.name, name)
        assert each is not None
        flags = ["--since", "2026-10-01", "--until", "2026-10-31", "--state", state]
        assert shlex.split(each.open) == ["wellspent", "outcomes", "list", "--contract=it's a/b", *flags]
    spending = found.figure("spending by contract", odd.name, "spent")
    assert spending is not None and spending.open == "/value/it%27s%20a%2Fb?since=2026-10&until=2026-10"


def test_what_the_ledger_does_not_hold_is_unknown_and_never_zero() -> None:
    monies, outcomes = [spent("support", "2026-10-05", USD)], [bought("support", "2026-10-05", 2)]
    found = stated(CONTRACTS, monies, outcomes, facts=Facts(1, "a", 0, "b", "2026-09-20"))
    assert all(each.before is None for each in found.figures if each.section not in ("before AI", "price by outcome"))
    assert value(found, "cost per outcome", "support", "change") is None
    assert any("the period before is not known as a whole" in note for note in found.notes)
    within = stated(CONTRACTS, monies, outcomes, facts=Facts(1, "a", 0, "b", "2026-10-03"))
    assert any("spending of the period is known from that day on" in note for note in within.notes)
    first = stated(CONTRACTS, [*monies, spent("support", "2026-08-20", USD)], outcomes, "2026-Q4", facts=Facts(1, "a", 0, "b", "2026-06-20"))
    assert not any("first month" in note for note in first.notes)


def test_the_first_month_of_the_charts_may_be_a_part_of_one() -> None:
    monies = [spent("support", day, USD) for day in ("2026-08-20", "2026-09-05", "2026-10-05")]
    found = stated(CONTRACTS, monies, [], facts=Facts(1, "a", 0, "b", "2026-08-20"), months_from="2026-08-01")
    assert [each.month for each in found.months if each.contract == "support"] == ["2026-08", "2026-09", "2026-10"]
    assert any("the first month by month is not a whole one" in note for note in found.notes)


def test_without_contracts_everything_is_unallocated() -> None:
    found = stated((), [spent("", "2026-10-05", 5)], [])
    assert value(found, "carried by outcomes", "", "unallocated, share") == 100
    assert (found.contracts, found.months, found.definitions) == ((), (), ())


def test_what_others_found_stands_apart() -> None:
    told = Told(
        (EffectLine("router", "−2 %", "A", "cheaper"),),
        (InitiativeLine("pilot", "ada", USD, None, "$2 each", "D", "stop"),),
        (SelfReportLine("2026-10", 7, 600),),
    )
    plain, found = stated(CONTRACTS, [], []), stated(CONTRACTS, [], [], told=told)
    assert (found.effects, found.initiatives, found.self_reported) == (told.effects, told.initiatives, told.self_reported)
    assert found.figures == plain.figures


def test_a_period_that_is_not_over_says_so() -> None:
    found = stated(CONTRACTS, [], [], provisional=True, last="2026-10-12")
    assert found.provisional and "every figure is provisional" in found.notes[0]


def test_fiscal_quarters_have_their_months() -> None:
    monies = [spent("support", f"2026-{month:02d}-05", USD) for month in range(1, 13)]
    found = stated(CONTRACTS, monies, [], "2026-Q4", calendar=Calendar(fiscal_year_start_month=10))
    assert (found.first, found.period) == ("2026-07-01", "2026-Q4")
    assert value(found, "spending", "", "total") == 3 * USD
    assert found.facts == FACTS
