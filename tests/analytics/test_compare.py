"""Per token or per outcome: the verdict is that of adding up, and the break-even is where it turns."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.analytics.test_vendor import FIN, ZENDESK, terms

from wellspent.analytics.compare import Comparison, Month, Stretch, compare
from wellspent.analytics.contract import Contract, Running
from wellspent.analytics.vendor import Vendor
from wellspent.facts.errors import InvalidInput
from wellspent.facts.money import parse_usd

USD = 10**9
FLAT = Vendor("Fin", "0.99")


def contract(vendor: Vendor | None = FLAT, monthly_usd: str = "", each_usd: str = "") -> Contract:
    running = Running("a cost centre", monthly_usd, each_usd) if monthly_usd or each_usd else None
    return Contract("support", "solved", vendor=vendor, running=running)


def test_the_sentence_of_a_finance_chief() -> None:
    """340 a month beside tokens of $0.09 each, against $49 with 50 included and $0.99 beyond: n turns where 340 + 0.09 n = 49 + 0.99 (n - 50)."""
    found = compare(contract(FIN, "340"), [Month("2026-09", 400, 0, 0, 36 * USD), Month("2026-10", 600, 0, 0, 54 * USD)])
    assert (found.tokens_nanousd, found.outcome_nanousd) == (770 * USD, parse_usd("989"))
    assert (found.tokens_each_nanousd, found.outcome_each_nanousd) == (parse_usd("0.77"), parse_usd("0.989"))
    assert found.stretches == (Stretch(1, "outcome"), Stretch(379, "tokens"))
    assert found.price_nanousd == (770 - 98) * USD // 900
    assert [(each.month.period, each.cheaper) for each in found.months] == [("2026-09", "tokens"), ("2026-10", "tokens")]
    assert (found.cheaper, found.sure) == ("tokens", True)


def test_a_commitment_turns_twice() -> None:
    """$1.50 each, 1,000 of them paid whether or not, $2 beyond; by tokens $1.70 each: dearer from 883 to 1,666."""
    found = compare(contract(ZENDESK), [Month("2026-10", 100, 0, 0, 170 * USD)])
    assert found.stretches == (Stretch(1, "tokens"), Stretch(883, "outcome"), Stretch(1667, "tokens"))


def test_the_same_to_the_nano_dollar_is_the_same() -> None:
    found = compare(contract(Vendor("v", "1")), [Month("2026-10", 10, 0, 0, 10 * USD)])
    assert (found.cheaper, found.stretches, found.price_nanousd) == ("same", (Stretch(1, "same"),), USD)


def test_without_spending_by_tokens_is_unknown_and_not_zero() -> None:
    found = compare(contract(FLAT, "100"), [Month("2026-10", 10, 0, 0, 0)])
    assert (found.tokens_nanousd, found.tokens_each_nanousd, found.low_each_nanousd) == (None, None, None)
    assert (found.cheaper, found.sure, found.stretches, found.price_nanousd) == ("unknown", False, (), None)
    assert [each.cheaper for each in found.months] == ["unknown"]


def test_without_outcomes_there_is_no_figure_for_one() -> None:
    found = compare(contract(FIN), [Month("2026-10", 0, 0, 0, 5 * USD)])
    assert (found.tokens_each_nanousd, found.outcome_each_nanousd, found.low_each_nanousd) == (None, None, None)
    assert (found.cheaper, found.stretches, found.price_nanousd) == ("tokens", (), None)


def test_no_price_is_low_enough_where_the_fee_alone_costs_more() -> None:
    assert compare(contract(FIN), [Month("2026-10", 100, 0, 0, 48 * USD)]).price_nanousd is None
    assert compare(contract(FIN), [Month("2026-10", 40, 0, 0, 60 * USD)]).price_nanousd is None  # all are included: no price is asked


def test_sums_are_over_whole_months_where_there_is_one() -> None:
    months = [Month("2026-10", 10, 0, 0, 5 * USD), Month("2026-11", 3, 9, 0, 50 * USD, whole=False)]
    found = compare(contract(), months)
    assert (found.counted, found.settled, found.tokens_nanousd, len(found.months)) == (1, 10, 5 * USD, 2)
    part = compare(contract(), months[1:])
    assert (part.counted, part.settled) == (1, 3)


def test_what_is_pending_and_what_may_come_back_can_change_the_answer() -> None:
    """$10 for 9 that stand: $1.11 each, more than $0.99. If the 9 that are pending settle too, it is $0.56."""
    found = compare(contract(), [Month("2026-10", 9, 9, 1, 10 * USD)])
    assert (found.cheaper, found.sure) == ("outcome", False)
    assert (found.low_each_nanousd, found.high_each_nanousd) == (10 * USD // 18 + 1, 10 * USD // 8)
    assert compare(contract(), [Month("2026-10", 9, 0, 1, 10 * USD)]).sure


def test_what_running_it_costs_is_by_tokens() -> None:
    found = compare(contract(FLAT, "7", "0.10"), [Month("2026-10", 10, 0, 0, 1 * USD)])
    assert found.tokens_nanousd == 9 * USD


def test_what_cannot_be_is_told() -> None:
    with pytest.raises(InvalidInput, match="names no vendor"):
        compare(contract(None), [Month("2026-10", 1, 0, 0, 1)])
    with pytest.raises(InvalidInput, match="nothing was spent and nothing settled"):
        compare(contract(), [])


months = st.lists(
    st.builds(Month, st.sampled_from(["2026-09", "2026-10"]), st.integers(0, 60), st.integers(0, 9), st.integers(0, 9), st.integers(0, 10**11)),
    min_size=1,
    max_size=3,
)
running = st.sampled_from(["", "3", "25.50"])


@given(terms, months, running, running)
def test_laws(vendor: Vendor, said: list[Month], monthly_usd: str, each_usd: str) -> None:
    found = compare(contract(vendor, monthly_usd, each_usd), said)
    assert found.outcome_nanousd == sum(vendor.charge_nanousd(m.settled, m.period, m.reversed) for m in said)
    if found.tokens_nanousd is None:
        assert not any(m.spent_nanousd for m in said)
        return
    assert found.tokens_nanousd == sum(m.spent_nanousd + parse_usd(monthly_usd or "0") + parse_usd(each_usd or "0") * m.settled for m in said)
    difference = found.tokens_nanousd - found.outcome_nanousd
    assert found.cheaper == ("same" if difference == 0 else "tokens" if difference < 0 else "outcome")
    _turns(found, vendor, said, monthly_usd, each_usd)


def _turns(found: Comparison, vendor: Vendor, said: list[Month], monthly_usd: str, each_usd: str) -> None:
    """At every number of the first two hundred, the stretch it lies in says what adding up says."""
    settled, undone, spent = (sum(getattr(m, name) for m in said) for name in ("settled", "reversed", "spent_nanousd"))
    if not settled:
        assert found.stretches == ()
        return
    assert found.stretches[0].first == 1
    assert all(a.cheaper != b.cheaper and a.first < b.first for a, b in zip(found.stretches, found.stretches[1:], strict=False))
    if undone and vendor.reopened == "charged":
        return  # how many come back is rounded, so that beside a turn it may be one more or less
    for n in range(1, 200):
        tokens = spent * n + settled * (parse_usd(monthly_usd or "0") + parse_usd(each_usd or "0") * n)
        outcome = settled * vendor.charge_nanousd(n, said[-1].period)
        wanted = "same" if tokens == outcome else "tokens" if tokens < outcome else "outcome"
        assert [each.cheaper for each in found.stretches if each.first <= n][-1] == wanted, n


@given(terms, months)
def test_the_highest_price_is_the_highest(vendor: Vendor, said: list[Month]) -> None:
    """At it by outcome costs no more than by tokens, and a nano-dollar above it does."""
    found = compare(contract(vendor), said)
    if found.price_nanousd is None or found.tokens_nanousd is None:
        return

    def total(price_nanousd: int) -> int:
        sums = 0
        for m in said:
            beyond = max(0, m.settled + (m.reversed if vendor.reopened == "charged" else 0) - vendor.included)
            sums += parse_usd(vendor.monthly_usd) + max(parse_usd(vendor.minimum_usd), beyond * price_nanousd)
        return sums

    assert total(found.price_nanousd) <= found.tokens_nanousd < total(found.price_nanousd + 1)
