"""Hours of people, as a range."""

import pytest

from wellspent.facts.errors import InvalidInput
from wellspent.facts.money import NANO_PER_USD
from wellspent.rework.survival.people import Span, cost_of_hours


def test_hours_cost_a_range() -> None:
    assert cost_of_hours(Span(90, 150), Span(80 * NANO_PER_USD, 120 * NANO_PER_USD)) == Span(120 * NANO_PER_USD, 300 * NANO_PER_USD)


def test_without_a_rate_the_cost_is_unknown_not_zero() -> None:
    assert cost_of_hours(Span(90, 150), None) is None


@pytest.mark.parametrize(("low", "high"), [(2, 1), (-1, 1)])
def test_a_range_goes_from_low_to_high(low: int, high: int) -> None:
    with pytest.raises(InvalidInput, match="a range from"):
        Span(low, high)
