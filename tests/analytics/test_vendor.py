"""What a vendor charges for a month: its published lists come out to the cent, and more outcomes never cost less."""

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wellspent.analytics.contract import contracts_of
from wellspent.analytics.vendor import Later, Terms, Tier, Vendor
from wellspent.facts.errors import ConfigError
from wellspent.facts.money import parse_usd

# Each with its document in analytics/vendor.py.
FIN = Vendor("Fin", "0.99", monthly_usd="49", included=50)
ZENDESK = Vendor("Zendesk", "1.50", minimum_usd="1500", tiers=(Tier(1000, "2.00"),), reopened="charged")
HUBSPOT = Vendor("HubSpot", "1.00", included=30, later=(Later("0.50", included=60, since="2026-05"),))


@pytest.mark.parametrize(
    ("vendor", "quantity", "period", "reopened", "usd"),
    [
        (FIN, 0, "", 0, "49"),
        (FIN, 50, "", 9, "49"),
        (FIN, 51, "", 0, "49.99"),
        (FIN, 150, "2026-11", 0, "148"),
        (ZENDESK, 10, "", 0, "1500"),
        (ZENDESK, 1000, "", 0, "1500"),
        (ZENDESK, 1001, "", 0, "1502"),
        (ZENDESK, 1000, "", 100, "1700"),
        (HUBSPOT, 100, "2026-04", 0, "70"),
        (HUBSPOT, 100, "2026-05", 0, "20"),
        (HUBSPOT, 100, "", 0, "20"),
    ],
)
def test_published_lists(vendor: Vendor, quantity: int, period: str, reopened: int, usd: str) -> None:
    assert vendor.charge_nanousd(quantity, period, reopened) == parse_usd(usd)


def test_the_included_ones_count_towards_a_tier() -> None:
    assert Terms("1", included=10, tiers=(Tier(5, "3"), Tier(20, "2"))).usage_nanousd(22) == parse_usd("34")
    assert Terms("1", tiers=(Tier(5, "3"),)).usage_nanousd(3) == parse_usd("3")


amounts = st.integers(0, 500).map(lambda cents: f"{cents / 100:.2f}")
terms = st.builds(
    Vendor,
    st.just("v"),
    amounts,
    amounts,
    st.integers(0, 40),
    amounts,
    st.lists(st.builds(Tier, st.integers(1, 60), amounts), max_size=3, unique_by=lambda tier: tier.above).map(
        lambda tiers: tuple(sorted(tiers, key=lambda tier: tier.above))
    ),
    st.sampled_from(["deducted", "charged"]),
)


@given(terms, st.integers(0, 80), st.integers(0, 20))
def test_laws_of_a_charge(vendor: Vendor, quantity: int, reopened: int) -> None:
    """It is the sum of its units one by one, never below fee and commitment; one more never costs less; reopened ones count where they stay."""
    charge = vendor.charge_nanousd(quantity, "", reopened)
    units = quantity + (reopened if vendor.reopened == "charged" else 0)
    prices = [next((t.price_usd for t in reversed(vendor.tiers) if t.above < n), vendor.price_usd) for n in range(1, units + 1)]
    usage = sum(parse_usd(price) for n, price in enumerate(prices, 1) if n > vendor.included)
    assert charge == parse_usd(vendor.monthly_usd) + max(usage, parse_usd(vendor.minimum_usd))
    assert vendor.charge_nanousd(quantity + 1, "", reopened) >= charge


@given(terms, st.lists(st.integers(0, 5), max_size=20))
def test_lines_of_a_bill_sum_to_what_all_cost(vendor: Vendor, quantities: list[int]) -> None:
    shares = vendor.shares_nanousd(quantities)
    assert len(shares) == len(quantities)
    assert sum(shares) == (vendor.terms_of("").usage_nanousd(sum(quantities)) if sum(quantities) else 0)


def line(**vendor: Any) -> dict[str, Any]:
    return {"name": "a", "kind": "solved", "vendor": {"name": "v", "price_usd": "1", **vendor}}


def test_as_it_is_written() -> None:
    written = line(tiers=[{"above": 9, "price_usd": "2"}], later=[{"from": "2026-05", "price_usd": "0.50"}], unit_usd="0.01", reopened="charged")
    (contract,) = contracts_of([written])
    assert contract.vendor == Vendor("v", "1", tiers=(Tier(9, "2"),), reopened="charged", unit_usd="0.01", later=(Later("0.50", since="2026-05"),))
    assert msgspec.to_builtins(contract.vendor)["later"][0]["from"] == "2026-05"


@pytest.mark.parametrize(
    ("vendor", "says"),
    [
        ({"price_usd": ""}, "price_usd is empty"),
        ({"price_usd": "-1"}, "price_usd is -1"),
        ({"price_usd": "much"}, "is not an amount"),
        ({"monthly_usd": "-1"}, "monthly_usd is -1"),
        ({"minimum_usd": "-1"}, "minimum_usd is -1"),
        ({"unit_usd": "-1"}, "unit_usd is -1"),
        ({"included": -1}, "-1 outcomes are included"),
        ({"tiers": [{"above": 0, "price_usd": "1"}]}, "tiers begin above 0"),
        ({"tiers": [{"above": 5, "price_usd": "1"}, {"above": 5, "price_usd": "2"}]}, "tiers begin above 5, 5"),
        ({"tiers": [{"above": 5, "price_usd": "-1"}]}, "price_usd of a tier is -1"),
        ({"later": [{"from": "May", "price_usd": "1"}]}, "later terms begin in 'May'"),
        ({"later": [{"from": "2026-05", "price_usd": "1"}, {"from": "2026-04", "price_usd": "1"}]}, "later terms begin"),
        ({"later": [{"from": "2026-05", "price_usd": "-1"}]}, "price_usd is -1"),
        ({"reopened": "kept"}, "Invalid enum value 'kept'"),
        ({"above": 1}, "unknown field `above`"),
    ],
)
def test_terms_that_cannot_be_are_told(vendor: dict[str, Any], says: str) -> None:
    with pytest.raises(ConfigError) as caught:
        contracts_of([line(**vendor)])
    assert says in str(caught.value)
    assert caught.value.fix
