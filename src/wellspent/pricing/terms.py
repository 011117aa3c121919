"""Terms: the operator's own prices and negotiated discounts, each with the dates it holds for."""

import re
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from difflib import get_close_matches
from fnmatch import fnmatchcase
from typing import Any

import msgspec
from msgspec import Struct

from wellspent import limits
from wellspent.facts.errors import ConfigError
from wellspent.pricing.units import PRICE_KEYS

FAR_MS = 2**62
DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


class Term(Struct, frozen=True, forbid_unknown_fields=True, rename={"from_": "from"}):
    """One line of terms.

    Attributes:
        provider: A genai-prices provider id the term is for; "" is any.
        model: A pattern of models, as callers write them; small and capital letters are the same.
        from_: First day, YYYY-MM-DD (UTC); "" is always.
        until: First day on which it holds no more; "" is never.
        discount_percent: Off the list price, as decimal text or number; 0 to 100, where 0 ends an earlier line's discount.
        prices: Dollars per million tokens (per thousand searches) by price key, net, at every service tier; each in place of the list's
            price of that key: ``{input_mtok = "3"}``.
        prices_above: Those of longer prompts: ``{200000 = {input_mtok = "6"}}`` for a call whose prompt has more than 200,000 tokens.
        context_window_tokens: The largest prompt of a model that the book does not know.
    """

    provider: str = ""
    model: str = "*"
    from_: str = ""
    until: str = ""
    discount_percent: str | int | float | None = None
    prices: dict[str, str | int | float] = {}
    prices_above: dict[str, dict[str, str | int | float]] = {}
    context_window_tokens: int = 0

    def above(self, key: str) -> list[tuple[int, str]]:
        """Sizes of prompts above which a price key has another price, and that price, smallest first."""
        return sorted((int(size), str(prices[key])) for size, prices in self.prices_above.items() if key in prices)

    def holds(self, provider: str, model: str, at_ms: int) -> bool:
        """Whether it applies to a call."""
        if self.provider and self.provider != provider:
            return False
        return fnmatchcase(model, self.model.lower()) and _day_ms(self.from_, 0) <= at_ms < _day_ms(self.until, FAR_MS)


class Terms(Struct, frozen=True):
    """All lines; where several apply, the last in the file decides, prices and discounts each by themselves."""

    lines: tuple[Term, ...] = ()

    @classmethod
    def parse(cls, lines: list[dict[str, Any]]) -> "Terms":
        """Read the ``[[terms]]`` of the configuration. Raises ConfigError."""
        return cls(tuple(_checked(line) for line in lines))

    def own(self, provider: str, model: str, at_ms: int) -> Term | None:
        """The line whose own prices apply."""
        return next((line for line in reversed(self.lines) if line.prices and line.holds(provider, model, at_ms)), None)

    def keep(self, provider: str, model: str, at_ms: int) -> Decimal:
        """The share of the list price that is paid: 1 without a discount."""
        for line in reversed(self.lines):
            if line.discount_percent is not None and line.holds(provider, model, at_ms):
                return 1 - Decimal(str(line.discount_percent)) / 100
        return Decimal(1)


def _checked(line: dict[str, Any]) -> Term:
    try:
        term = msgspec.convert(line, Term)
        begins_ms, ends_ms = _day_ms(term.from_, 0), _day_ms(term.until, FAR_MS)
        tables = [term.prices, *term.prices_above.values()]
        amounts = [Decimal(str(value)) for prices in tables for value in prices.values()]
        discount = Decimal(str(term.discount_percent or 0))
    except (msgspec.ValidationError, InvalidOperation, ValueError) as error:
        said = "a number is not readable" if isinstance(error, InvalidOperation) else str(error)
        raise _bad(line, f"cannot be read: {said}", "see docs/configuration.md, terms") from None
    if begins_ms >= ends_ms:
        raise _bad(line, "ends before it begins", "until is the first day on which it holds no more")
    if any(not amount.is_finite() or amount < 0 for amount in amounts):
        raise _bad(line, "has a price that is no amount of zero or more", "write dollars per million tokens, like 2.50")
    if any(amount > limits.PRICE_USD_MAX or 0 < amount < limits.PRICE_USD_MIN for amount in amounts):
        raise _bad(
            line, f"has a price above {limits.PRICE_USD_MAX:,} or below {limits.PRICE_USD_MIN:f}", "write dollars per million tokens, like 2.50"
        )
    if not discount.is_finite() or not 0 <= discount <= 100:
        raise _bad(line, "has a discount outside 0 to 100", "write the discount as percent")
    if not term.prices and term.discount_percent is None:
        raise _bad(line, "says neither prices nor discount_percent", "give it one of them")
    if not 0 <= term.context_window_tokens <= limits.CALL_TOKENS_MAX:
        what = f"has a context window below zero or above {limits.CALL_TOKENS_MAX:,}"
        raise _bad(line, what, "leave context_window_tokens out where it is not known")
    for size, prices in term.prices_above.items():
        if not size.isdecimal() or not size.isascii() or int(size) < 1:
            raise _bad(line, f"has prices above {size!r}, which is no number of tokens", "write it like prices_above = {200000 = {input_mtok = 6}}")
        for key in prices.keys() - term.prices.keys():
            raise _bad(line, f"has a price {key!r} of prompts above {size} tokens, and none of shorter ones", "give it one in prices too")
    for key in term.prices.keys() - PRICE_KEYS:
        near = get_close_matches(key, PRICE_KEYS, 1)
        raise _bad(line, f"has an unknown price {key!r}", f"did you mean {near[0]}?" if near else f"known: {', '.join(sorted(PRICE_KEYS))}")
    return term


def _bad(line: dict[str, Any], what: str, fix: str) -> ConfigError:
    return ConfigError(f"[[terms]] {line} {what}", fix=fix)


def _day_ms(day: str, default: int) -> int:
    """The first millisecond of a day. Raises ValueError."""
    if not day:
        return default
    if not DAY.fullmatch(day):
        raise ValueError(f"{day!r} is not a day, YYYY-MM-DD")
    return int(datetime.fromisoformat(day).replace(tzinfo=UTC).timestamp() * 1000)
