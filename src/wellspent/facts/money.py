"""Money: whole nano-dollars (``10**-9`` USD) in an ``int``; one rounding rule; exact apportioning.

``Decimal`` appears only while rating, ``float`` only when drawing.
"""

from collections.abc import Sequence
from decimal import Decimal, InvalidOperation

from wellspent.facts.errors import InvalidInput

NANO_PER_USD = 1_000_000_000
USD_DIGITS_MAX = 15  # an amount with more digits before its point cannot be meant


def to_nanousd(amount_usd: Decimal) -> int:
    """Round a dollar amount to whole nano-dollars, half to even: the only rounding of money in the product.

    >>> to_nanousd(Decimal("0.0123456785"))
    12345678
    """
    numerator, denominator = amount_usd.as_integer_ratio()
    return round_half_even(numerator * NANO_PER_USD, denominator)


def round_half_even(numerator: int, denominator: int) -> int:
    """The whole number nearest to a ratio of whole numbers, ties to the even one. The denominator is above zero.

    >>> round_half_even(5, 2), round_half_even(7, 2), round_half_even(-5, 2)
    (2, 4, -2)
    """
    quotient, rest = divmod(numerator, denominator)
    twice = 2 * rest
    return quotient + (twice > denominator or (twice == denominator and quotient % 2 == 1))


def parse_usd(text: str) -> int:
    """Read ``"12.50"``, ``"$1,200"`` or ``"0.000001 USD"`` as nano-dollars.

    Raises InvalidInput where the text is no amount, is finer than a nano-dollar, or is a quadrillion dollars or more.
    """
    cleaned = text.strip().removesuffix("USD").strip().replace("$", "", 1).replace(",", "").replace("_", "")
    try:
        amount_usd = Decimal(cleaned)
    except InvalidOperation:
        raise InvalidInput(f"{text!r} is not an amount in US dollars", fix="write it like 12.50 or $1,200") from None
    if not amount_usd.is_finite():
        raise InvalidInput(f"{text!r} is not an amount in US dollars", fix="write a finite number like 12.50")
    if not amount_usd:
        return 0
    if amount_usd.adjusted() >= USD_DIGITS_MAX:  # looked at before it is computed: 1e999999 has a million digits
        raise InvalidInput(f"{text!r} is more money than there is", fix="write dollars, like 12.50 or $1,200")
    if amount_usd.adjusted() >= -9:
        numerator, denominator = amount_usd.as_integer_ratio()
        amount_nanousd, rest = divmod(numerator * NANO_PER_USD, denominator)
        if not rest:
            return amount_nanousd
    raise InvalidInput(f"{text!r} is finer than a nano-dollar", fix="use at most nine decimal places")


def format_usd(amount_nanousd: int, *, places: int | None = None) -> str:
    """Write nano-dollars for people: ``$1,234.50``; under ten cents, as many places as two figures need.

    Args:
        amount_nanousd: The amount.
        places: Decimal places; None picks 2, or more for an amount under ten cents.
    """
    if places is None:
        places = 2
        while places < 9 and amount_nanousd and abs(amount_nanousd) < 10 ** (10 - places):
            places += 1
    step = 10 ** (9 - places)
    units, rest = divmod(abs(amount_nanousd), step)
    if rest * 2 > step or (rest * 2 == step and units % 2):
        units += 1
    whole, fraction = divmod(units, 10**places)
    sign = "-" if amount_nanousd < 0 and units else ""
    return f"{sign}${whole:,}" + (f".{fraction:0{places}d}" if places else "")


def exact_usd(amount_nanousd: int) -> str:
    """Write nano-dollars exactly, for machines: ``0.019332000``. ``parse_usd`` reads it back unchanged."""
    whole, fraction = divmod(abs(amount_nanousd), NANO_PER_USD)
    return f"{'-' if amount_nanousd < 0 else ''}{whole}.{fraction:09d}"


def apportion(total_nanousd: int, weights: Sequence[int]) -> list[int]:
    """Split an amount by weights so that the parts sum to the whole (largest remainder, ties to the first).

    >>> apportion(100, [1, 1, 1])
    [34, 33, 33]

    Raises InvalidInput for no weights, a negative weight, or weights that are all zero.
    """
    weight_sum = sum(weights)
    if weight_sum <= 0 or min(weights) < 0:
        raise InvalidInput("an amount can only be split by weights of zero or more that are not all zero", fix="check the rule")
    sign = -1 if total_nanousd < 0 else 1
    total = abs(total_nanousd)
    parts = [total * weight // weight_sum for weight in weights]
    by_remainder = sorted(range(len(weights)), key=lambda i: (-(total * weights[i] % weight_sum), i))
    for i in by_remainder[: total - sum(parts)]:
        parts[i] += 1
    return [sign * part for part in parts]
