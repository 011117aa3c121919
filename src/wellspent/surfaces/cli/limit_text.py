"""Reading limits that people write. Pure."""

import re
from fractions import Fraction

from wellspent.budgets.budget import Measure
from wellspent.facts.errors import InvalidInput
from wellspent.facts.money import format_usd, parse_usd

_SCALE = {"": 1, "k": 10**3, "m": 10**6, "b": 10**9}
_COUNT = re.compile(r"([\d,_]+(?:\.\d+)?)([kmb]?)(tokens|calls)")


def parse_limit(text: str) -> tuple[Measure, int]:
    """Read ``500``, ``$1,200.50``, ``2M tokens`` or ``10000 calls``. Raises InvalidInput."""
    found = _COUNT.fullmatch(text.strip().lower().replace(" ", ""))
    if found is None:
        return "usd", parse_usd(text)
    value = Fraction(found[1].replace(",", "").replace("_", "")) * _SCALE[found[2]]
    if value.denominator != 1:
        raise InvalidInput(f"{text!r} is not a whole number of {found[3]}", fix="write it like 2M tokens or 500 calls")
    return ("tokens" if found[3] == "tokens" else "calls"), int(value)


def show_limit(measure: str, value: int) -> str:
    """An amount in a budget's measure, for people."""
    return format_usd(value) if measure == "usd" else f"{value:,} {measure}"


def parse_share(text: str) -> Fraction:
    """Read ``90%`` as 9/10. Raises InvalidInput."""
    try:
        share = Fraction(text.strip().removesuffix("%").strip()) / 100
    except (ValueError, ZeroDivisionError):
        raise InvalidInput(f"{text!r} is not a share", fix="write it like 90%") from None
    if share < 0:
        raise InvalidInput(f"{text!r} is below zero", fix="write it like 90%")
    return share
