"""Why the cost of an outcome changed: what prices did, and what everything else did. The two parts sum to the change exactly.

A vendor's price cut must not look like better work. Months are chained: what each month's spending would have cost at the prices of the first
one (a chain-linked Paasche index; System of National Accounts 2008, 15.43 to 15.49) gives the level of prices in either period.
"""

from collections.abc import Collection, Sequence
from fractions import Fraction

from msgspec import Struct

from wellspent.analytics.value import Line
from wellspent.facts.money import round_half_even


class Change(Struct, frozen=True):
    """Of the cost of an outcome, against the period before.

    Attributes:
        nanousd: All of it; None where one of the periods has no cost of an outcome.
        price_nanousd: What changed prices made of it; None where that is unknown.
        other_nanousd: The rest: models, use, volume, quality; None where the other part is.
    """

    nanousd: int | None = None
    price_nanousd: int | None = None
    other_nanousd: int | None = None


def change_of(now: Line | None, before: Line | None, months: Sequence[Line], of_now: Collection[str], of_before: Collection[str]) -> Change:
    """The change and its two parts.

    Args:
        now, before: The contract in the two periods; None where nothing happened.
        months: The contract by month, from the first month of the period before, in order.
        of_now, of_before: The months of either period.
    """
    each_now, each_before = (line.each_nanousd if line else None for line in (now, before))
    if now is None or each_now is None or each_before is None:
        return Change()
    total = each_now - each_before
    level_now, level_before = level_of(months, of_now), level_of(months, of_before)
    if level_now is None or level_before is None:
        return Change(total)
    at_first_prices = Fraction(now.counted_nanousd, now.settled) / level_now
    part = at_first_prices * (level_now - level_before)
    price_nanousd = round_half_even(part.numerator, part.denominator)
    return Change(total, price_nanousd, total - price_nanousd)


def level_of(months: Sequence[Line], of: Collection[str]) -> Fraction | None:
    """The level of prices in some months, where the first month of all is 1; None where it cannot be told."""
    level, spent, at_first_prices = Fraction(1), 0, Fraction(0)
    for number, line in enumerate(months):
        own = line.spent_nanousd - line.late_nanousd
        if number and own:
            at_last_prices = own - line.price_nanousd
            if at_last_prices <= 0 or own < 0:
                return None  # what was free has a price now, or corrections outweigh the month: there is no ratio
            level *= Fraction(own, at_last_prices)
        if line.period in of:
            spent += own
            at_first_prices += own / level
    return spent / at_first_prices if at_first_prices > 0 else None
