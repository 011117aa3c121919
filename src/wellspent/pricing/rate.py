"""Rating: usage × price -> charge lines. Each line is rounded once; the amount is their sum."""

from msgspec import Struct

from wellspent.facts.entry import ChargeLine
from wellspent.facts.money import round_half_even
from wellspent.facts.usage import Quality, Usage
from wellspent.pricing.pricelist import Price

UNKNOWN = "unknown"  # the rate on a receipt where none is known


class Charge(Struct, frozen=True):
    """What usage costs.

    Attributes:
        amount_nanousd: Sum of the lines.
        quality: ``unpriced`` where a used unit has no known rate: the amount then covers the rest alone. Else the price's own.
    """

    amount_nanousd: int
    lines: tuple[ChargeLine, ...]
    quality: Quality


def rate(usage: Usage, price: Price | None) -> Charge:
    """Rate a call.

    1,404 fresh tokens at $3 and 812 written at $15 a million are lines of 4,212,000 and 12,180,000 nano-dollars.
    """
    lines, amount, quality = [], 0, price.quality if price is not None else Quality.UNPRICED
    rates = price.rates if price is not None else {}
    for unit, quantity in usage.quantities():
        tiered = rates.get(unit)
        if tiered is None:
            quality = Quality.UNPRICED
            lines.append(ChargeLine(unit, quantity, UNKNOWN, 1, 0))
            continue
        each = tiered.at(usage.context_tokens) if tiered.steps else tiered.base
        cost = round_half_even(quantity * each.numerator, each.denominator)
        amount += cost
        lines.append(ChargeLine(unit, quantity, each.text, each.per, cost))
    if "requests" in rates:
        each = rates["requests"].base
        cost = round_half_even(each.numerator, each.denominator)
        amount += cost
        lines.append(ChargeLine("requests", 1, each.text, each.per, cost))
    return Charge(amount, tuple(lines), quality)
