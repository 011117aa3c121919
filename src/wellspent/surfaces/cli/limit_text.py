"""Reading limits that people write. Pure."""

import re
from fractions import Fraction

from wellspent import limits
from wellspent.budgets.budget import Measure
from wellspent.facts.errors import InvalidInput
from wellspent.facts.money import format_usd, parse_usd

_SCALE = {"": 1, "k": 10**3, "m": 10**6, "b": 10**9}
_COUNT = re.compile(r"(-?\d[\d,_]*(?:\.\d+)?)([kmb]?)(tokens|calls)", re.ASCII)
_SHARE = re.compile(r"(\d{1,9}(?:\.\d{1,9})?)\s*%?", re.ASCII)


def parse_limit(text: str) -> tuple[Measure, int]:
    """Read ``500``, ``$1,200.50``, ``2M tokens`` or ``10000 calls``. Raises InvalidInput, also for what no budget can hold."""
    measure, value = _parsed(text)
    if value < 0:
        raise InvalidInput(f"{text!r} is below zero", fix="use 0 to let nothing through")
    if value > limits.BUDGET_LIMIT_MAX:
        raise InvalidInput(f"{text!r} is more than a budget can count", fix=f"write at most {show_limit(measure, limits.BUDGET_LIMIT_MAX)}")
    return measure, value


def _parsed(text: str) -> tuple[Measure, int]:
    if len(text) > limits.BUDGET_TEXT_CHARS_MAX:
        raise InvalidInput(f"a limit has {len(text):,} characters", fix="write it like 12.50, $1,200, 2M tokens or 500 calls")
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
    found = _SHARE.fullmatch(text.strip())
    if found is None:
        raise InvalidInput(f"{text!r} is not a share", fix="write it like 90%")
    share = Fraction(found[1]) / 100
    if share * 100 > limits.ALERT_PERCENT_MAX:
        raise InvalidInput(f"{text!r} is more than a budget is ever used", fix=f"write at most {limits.ALERT_PERCENT_MAX}%")
    return share
