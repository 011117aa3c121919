"""Hours of people, in dollars, as a range. Delay is hours too, and a cost only where the company says what an hour of it costs."""

from msgspec import Struct

from wellspent.facts.errors import InvalidInput
from wellspent.facts.money import round_half_even

MINUTES = 60


class Span(Struct, frozen=True):
    """From a low to a high whole number: minutes, or nano-dollars."""

    low: int
    high: int

    def __post_init__(self) -> None:
        if not 0 <= self.low <= self.high:
            raise InvalidInput(f"a range from {self.low} to {self.high}", fix="give the lower number first, zero or more")


def cost_of_hours(minutes: Span, rate_nanousd_per_hour: Span | None) -> Span | None:
    """What hours cost; None, unknown, where nobody gave a rate.

    Args:
        minutes: How long, from the shortest to the longest that the evidence allows.
        rate_nanousd_per_hour: Of an hour: a review's full cost of a person, or a delay's cost.

    >>> cost_of_hours(Span(30, 90), Span(100_000_000_000, 120_000_000_000))
    Span(low=50000000000, high=180000000000)
    """
    if rate_nanousd_per_hour is None:
        return None
    return Span(
        round_half_even(minutes.low * rate_nanousd_per_hour.low, MINUTES),
        round_half_even(minutes.high * rate_nanousd_per_hour.high, MINUTES),
    )
