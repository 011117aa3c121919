"""Terms: the operator's own prices and negotiated discounts, each with the dates it holds for."""

from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from fnmatch import fnmatchcase
from typing import Any

import msgspec
from msgspec import Struct

from wellspent.facts.errors import ConfigError

FAR_MS = 2**62


class Term(Struct, frozen=True, forbid_unknown_fields=True, rename={"from_": "from"}):
    """One line of terms.

    Attributes:
        provider: A genai-prices provider id the term is for; "" is any.
        model: A pattern of models.
        from_: First day, YYYY-MM-DD (UTC); "" is always.
        until: First day on which it holds no more; "" is never.
        discount_percent: Off the list price, as decimal text or number; 0 to 100.
        prices: Dollars per million tokens (per thousand searches) by price key, in place of the list's: ``{input_mtok = "3"}``.
        context_window_tokens: The largest prompt of a model that the book does not know.
    """

    provider: str = ""
    model: str = "*"
    from_: str = ""
    until: str = ""
    discount_percent: str | int | float = 0
    prices: dict[str, str | int | float] = {}
    context_window_tokens: int = 0

    def holds(self, provider: str, model: str, at_ms: int) -> bool:
        """Whether it applies to a call."""
        if self.provider and self.provider != provider:
            return False
        return fnmatchcase(model, self.model) and _day_ms(self.from_, 0) <= at_ms < _day_ms(self.until, FAR_MS)


class Terms(Struct, frozen=True):
    """All lines; where several apply, the last in the file decides, prices and discounts each by themselves."""

    lines: tuple[Term, ...] = ()

    @classmethod
    def parse(cls, lines: list[dict[str, Any]]) -> "Terms":
        """Read the ``[[terms]]`` of the configuration. Raises ConfigError."""
        return cls(tuple(_checked(line) for line in lines))

    def prices(self, provider: str, model: str, at_ms: int) -> Term | None:
        """The line whose own prices apply."""
        return next((line for line in reversed(self.lines) if line.prices and line.holds(provider, model, at_ms)), None)

    def keep(self, provider: str, model: str, at_ms: int) -> Decimal:
        """The share of the list price that is paid: 1 without a discount."""
        for line in reversed(self.lines):
            if line.discount_percent and line.holds(provider, model, at_ms):
                return 1 - Decimal(str(line.discount_percent)) / 100
        return Decimal(1)

    def boundaries_ms(self) -> tuple[int, ...]:
        """Moments at which some line begins or ends to hold."""
        days = {_day_ms(day, 0) for line in self.lines for day in (line.from_, line.until)}
        return tuple(sorted(days - {0}))


def _checked(line: dict[str, Any]) -> Term:
    try:
        term = msgspec.convert(line, Term)
        discount = Decimal(str(term.discount_percent))
        amounts = [Decimal(str(value)) for value in term.prices.values()]
        _day_ms(term.from_, 0), _day_ms(term.until, 0)
    except (msgspec.ValidationError, InvalidOperation, ValueError) as error:
        raise ConfigError(f"[[terms]] {line} cannot be read: {error}", fix="see docs/configuration.md, terms") from None
    if not 0 <= discount <= 100 or any(not amount.is_finite() or amount < 0 for amount in amounts):
        raise ConfigError(f"[[terms]] {line} has a negative price or a discount outside 0 to 100", fix="write the discount as percent")
    if not term.prices and not discount:
        raise ConfigError(f"[[terms]] {line} says neither prices nor discount_percent", fix="give it one of them")
    return term


def _day_ms(day: str, default: int) -> int:
    return int(datetime.fromisoformat(day).replace(tzinfo=UTC).timestamp() * 1000) if day else default
