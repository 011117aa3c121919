from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wellspent.facts.errors import InvalidInput
from wellspent.surfaces.cli.limit_text import parse_limit, parse_share, show_limit


@pytest.mark.parametrize(
    ("text", "limit"),
    [
        ("500", ("usd", 500_000_000_000)),
        ("$1,200.50", ("usd", 1_200_500_000_000)),
        ("2M tokens", ("tokens", 2_000_000)),
        ("1.5m tokens", ("tokens", 1_500_000)),
        ("10,000calls", ("calls", 10_000)),
        ("3k Calls", ("calls", 3_000)),
    ],
)
def test_limits_are_read(text: str, limit: tuple[str, int]) -> None:
    assert parse_limit(text) == limit


OUTSIDE = ["-5", "1e400", "nan", "inf", "1e-30", "1e30", "5000000000.01", "6000000000b tokens", ", tokens", "9" * 5000 + "calls", "1e999999999"]


@pytest.mark.parametrize("text", ["", "lots", "1.5 calls", "0.0005k tokens", "-3 tokens", "5 euros", *OUTSIDE])
def test_what_is_no_limit_is_refused_with_a_way_out(text: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        parse_limit(text)
    assert caught.value.fix


@given(st.integers(0, 10**15), st.sampled_from(["tokens", "calls"]))
def test_what_is_shown_reads_back(value: int, measure: str) -> None:
    assert parse_limit(show_limit(measure, value)) == (measure, value)


def test_shares() -> None:
    assert parse_share("90%") == Fraction(9, 10)
    assert parse_share(" 12.5 % ") == Fraction(1, 8)
    for text in ("-1%", "much%", "1/0", "nan%", "inf%", "1e400%", "1e999999999%", "1001%", "9" * 5000 + "%", "%"):
        with pytest.raises(InvalidInput):
            parse_share(text)
