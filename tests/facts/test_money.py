from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wellspent.facts.errors import InvalidInput
from wellspent.facts.money import apportion, exact_usd, format_usd, parse_usd, to_nanousd

AMOUNTS = st.integers(min_value=-(10**24) + 1, max_value=10**24 - 1)


@pytest.mark.parametrize(
    ("amount_usd", "nanousd"),
    [
        ("0.0123456785", 12_345_678),
        ("0.0123456775", 12_345_678),
        ("-1.5", -1_500_000_000),
        ("0.00000000049", 0),
        ("123456789.123456789", 123456789123456789),
    ],
)
def test_rounding_is_half_to_even(amount_usd: str, nanousd: int) -> None:
    assert to_nanousd(Decimal(amount_usd)) == nanousd


@pytest.mark.parametrize(
    ("text", "nanousd"),
    [("12.50", 12_500_000_000), ("$1,200", 1_200_000_000_000), ("0.000000001 USD", 1), ("-3", -3_000_000_000), ("1e3", 10**12), ("0e99999", 0)],
)
def test_amounts_are_read(text: str, nanousd: int) -> None:
    assert parse_usd(text) == nanousd


NO_AMOUNTS = ["", "twelve", "nan", "sNaN", "Infinity", "-inf", "0.0000000001", "1e-30", "1e-99999999999", "1.0000000001", "1." + "0" * 99 + "1"]
TOO_MUCH = ["1e400", "1e30", "1e15", "-1e999999", "1e999999999999", "9" * 5000]


@pytest.mark.parametrize("text", NO_AMOUNTS + TOO_MUCH)
def test_what_is_no_amount_is_refused_with_a_way_out(text: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        parse_usd(text)
    assert caught.value.fix


@given(AMOUNTS)
def test_exact_text_reads_back_unchanged(amount: int) -> None:
    assert parse_usd(exact_usd(amount)) == amount


@pytest.mark.parametrize(
    ("nanousd", "places", "text"),
    [
        (1_234_500_000_000, None, "$1,234.50"),
        (19_332_000, None, "$0.019"),
        (9_332_000, None, "$0.0093"),
        (150, None, "$0.00000015"),
        (1, None, "$0.000000001"),
        (0, None, "$0.00"),
        (-2_500_000_000, None, "-$2.50"),
        (-1, 2, "$0.00"),
        (5_000_000, 2, "$0.00"),
        (15_000_000, 2, "$0.02"),
        (1_600_000_000, 0, "$2"),
    ],
)
def test_amounts_for_people(nanousd: int, places: int | None, text: str) -> None:
    assert format_usd(nanousd, places=places) == text


@given(AMOUNTS, st.lists(st.integers(min_value=0, max_value=10**9), min_size=1, max_size=30).filter(any))
def test_parts_sum_to_the_whole_and_are_fair(total: int, weights: list[int]) -> None:
    parts = apportion(total, weights)
    assert sum(parts) == total
    for part, weight in zip(parts, weights, strict=True):
        assert abs(part * sum(weights) - total * weight) < sum(weights)


@pytest.mark.parametrize("weights", [[], [0, 0], [1, -1, 3]])
def test_weights_that_cannot_split_are_refused(weights: list[int]) -> None:
    with pytest.raises(InvalidInput):
        apportion(10, weights)
