"""The price list: the book under the operator's terms, resolved for one model, tier and moment."""

import hashlib
from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction
from typing import Any

import msgspec
from msgspec import Struct

from wellspent import limits
from wellspent.facts.errors import ConfigError
from wellspent.facts.money import NANO_PER_USD
from wellspent.facts.usage import UNITS, Quality
from wellspent.pricing.book import Listed, PriceBook, normal
from wellspent.pricing.terms import Term, Terms
from wellspent.pricing.units import KEYS, bought_by

FREE = "free"  # the provider of upstreams that cost nothing per token: the operator's own hardware
STEP_MS = 900_000  # prices begin and end on whole quarters of an hour (DeepSeek's half past midnight is the finest in the book)
DAY_MS = 86_400_000
STANDARD_TIERS = frozenset({"", "default", "standard", "standard_only", "auto", "on_demand"})
# Where nothing or "auto" is asked for, OpenAI serves what the project is set to, which may be the dearer tier (OpenAI, Priority processing).
UNASKED_TIERS = ("priority",)


class Rate(Struct, frozen=True):
    """What one unit costs: nano-dollars for one as a ratio of whole numbers, and as text for the receipt."""

    text: str
    per: int
    numerator: int
    denominator: int


class Tiered(Struct, frozen=True):
    """A unit's rates by size of the prompt: ``steps`` of (prompt larger than, rate), largest first; ``base`` below them all."""

    base: Rate
    steps: tuple[tuple[int, Rate], ...] = ()

    def at(self, context_tokens: int) -> Rate:
        """The rate for a prompt of this size; a tier applies to the whole call."""
        for start, rate in self.steps:
            if context_tokens > start:
                return rate
        return self.base

    def dearest(self, context_tokens_max: int) -> Rate:
        """The dearest rate that a prompt of at most this size can have."""
        found = self.base
        for start, rate in self.steps:
            if context_tokens_max > start and rate.numerator * found.denominator > found.numerator * rate.denominator:
                found = rate
        return found


class Price(Struct, frozen=True):
    """Resolved rates of one model and tier.

    Attributes:
        provider: Whose list the model was found in.
        rates: By unit of ``facts.usage.UNITS`` (and ``requests``).
        ceiling: The same, with every tier that the provider may serve instead: what bounds are computed with.
        quality: ``estimated`` where the tier has no prices of its own, so that the standard ones stand in.
        slack_nanousd: What rounding can add to a call: one for each unit that costs anything.
        steps: Every prompt size at which a rate changes.
        memo: What ``quote`` derived from the ceiling, kept for the next call; each price has its own.
    """

    provider: str
    model: str
    tier: str
    rates: dict[str, Tiered]
    ceiling: tuple[dict[str, Tiered], ...]
    context_window_tokens: int | None = None
    quality: Quality = Quality.EXACT
    slack_nanousd: int = 0
    steps: tuple[int, ...] = ()
    memo: dict[Any, Any] = {}


class PriceList:
    """Prices as this operator pays them."""

    def __init__(self, book: PriceBook, terms: Terms | None = None) -> None:
        self._book, self._terms = book, terms or Terms()
        digest = hashlib.sha256(msgspec.json.encode(self._terms)).hexdigest()[:8]
        self.version = f"{book.version}+{digest}" if self._terms.lines else book.version
        self._cache: dict[tuple[str, str, str, int], Price | None] = {}
        self._steps: dict[tuple[str, str], int] = {}

    def check(self, providers: Iterable[str]) -> None:
        """Check that the providers of upstreams and terms are known. Raises ConfigError: a typing error would leave everything unpriced."""
        configured, named = set(providers) - {"", FREE}, {line.provider for line in self._terms.lines} - {""}
        unknown = sorted((configured ^ named) - set(self._book.providers))
        if unknown:
            known = ", ".join(sorted(self._book.providers))
            raise ConfigError(f"no prices are known of a provider {unknown[0]!r}", fix=f"use one of {known}; or give its upstream and its [[terms]]")

    def price(self, provider: str, model: str, at_ms: int, service_tier: str = "") -> Price | None:
        """A model's price at a moment and tier; None is unpriced. The models of ``FREE`` cost nothing."""
        step_ms = self._steps.get((provider, model)) or self._step_ms(provider, model)
        key = (provider, model, service_tier, at_ms // step_ms)
        if key not in self._cache:
            if len(self._cache) >= limits.PRICES_CACHED_MAX:
                self._cache.clear()
                self._steps.clear()
            self._cache[key] = self._resolve(provider, model, at_ms // step_ms * step_ms, service_tier)
        return self._cache[key]

    def _step_ms(self, provider: str, model: str) -> int:
        """For how long a price stays the same at the least: terms and nearly all lists change at midnight, UTC."""
        step_ms = STEP_MS if self._book.changes_within_days(provider, model) else DAY_MS
        self._steps[provider, model] = step_ms
        return step_ms

    def cheaper_than(self, provider: str, model: str, at_ms: int) -> tuple[str, ...]:
        """Models of the same provider and family whose input and output are both cheaper, dearest first, at most five."""
        price = self.price(provider, model, at_ms)
        if price is None:
            return ()
        family = price.model.split("-")[0]
        found = []
        for name in self._book.models(price.provider):
            other = self.price(provider, name, at_ms)
            if name.split("-")[0] == family and other is not None and _cheaper(other, price):
                found.append((_unit_cost(other, "output_tokens"), name))
        return tuple(name for _, name in sorted(found, reverse=True)[:5])

    def _resolve(self, provider: str, model: str, at_ms: int, service_tier: str) -> Price | None:
        if provider == FREE:
            free = dict.fromkeys(UNITS, Tiered(_rate("0", 1_000_000)))
            return Price(FREE, model, "", free, (free,))
        own = self._terms.own(provider, normal(model), at_ms)
        keep = self._terms.keep(provider, normal(model), at_ms)
        listed = self._book.find(provider, model, at_ms) or Listed(model, provider, {}, {}, None)
        tier = "" if service_tier in STANDARD_TIERS else service_tier
        served = {"", tier, *(UNASKED_TIERS if service_tier in ("", "auto") else ())}
        by_tier = {name: _rates(listed.rates | listed.variants.get(name, {}), keep, own) for name in sorted(served)}
        if not by_tier[tier]:
            return None
        return Price(
            provider=listed.provider,
            model=listed.id,
            tier=tier,
            rates=by_tier[tier],
            ceiling=tuple(rates for name, rates in by_tier.items() if not name or name in listed.variants),
            context_window_tokens=(own.context_window_tokens if own else 0) or listed.context_window_tokens,
            quality=Quality.EXACT if not tier or own or tier in listed.variants else Quality.ESTIMATED,
            slack_nanousd=max(sum(map(_costs, rates.values())) for rates in by_tier.values()),
            steps=tuple(sorted({start for rates in by_tier.values() for tiered in rates.values() for start, _ in tiered.steps})),
        )


def _rates(listed: dict[str, list[Any]], keep: Decimal, own: Term | None) -> dict[str, Tiered]:
    found = {}
    prices = own.prices if own else {}
    for unit, keys in KEYS.items():
        for key in keys:
            if own is not None and key in prices:
                above = tuple((size, _rate(text, bought_by(key))) for size, text in reversed(own.above(key)))
                found[unit] = Tiered(_rate(str(prices[key]), bought_by(key)), above)
                break
            if key in listed:
                base, *steps = listed[key]
                stepped = tuple((start, _rate(text, bought_by(key), keep)) for start, text in reversed(steps))
                found[unit] = Tiered(_rate(base, bought_by(key), keep), stepped)
                break
    return found


def _rate(text: str, per: int, keep: Decimal = Decimal(1)) -> Rate:
    rate = Decimal(text) * keep
    numerator, denominator = rate.as_integer_ratio()
    return Rate(f"{rate.normalize():f}", per, numerator * NANO_PER_USD, denominator * per)


def _costs(tiered: Tiered) -> bool:
    return any(rate.numerator for rate in (tiered.base, *(rate for _, rate in tiered.steps)))


def _unit_cost(price: Price, unit: str) -> Fraction:
    rate = price.rates[unit].base
    return Fraction(rate.numerator, rate.denominator)


def _cheaper(other: Price, price: Price) -> bool:
    units = ("input_tokens", "output_tokens")
    return all(unit in other.rates and unit in price.rates and 0 < _unit_cost(other, unit) < _unit_cost(price, unit) for unit in units)
