"""The price list: the book under the operator's terms, resolved for one model, tier and moment."""

import hashlib
from decimal import Decimal
from typing import Any

import msgspec
from msgspec import Struct

from wellspent.facts.money import NANO_PER_USD
from wellspent.pricing.book import Listed, PriceBook, normal
from wellspent.pricing.terms import Terms

HOUR_MS = 3_600_000
CACHED_MAX = 20_000

# For each of our units the price keys that may price it, most specific first (genai-prices: a unit without a price of its own is counted
# in the wider unit that has one).
KEYS = {
    "input_tokens": ("input_text_mtok", "input_mtok"),
    "cache_read_tokens": ("cache_text_read_mtok", "cache_read_mtok", "input_text_mtok", "input_mtok"),
    "cache_write_5m_tokens": ("cache_write_5m_mtok", "cache_write_mtok", "input_text_mtok", "input_mtok"),
    "cache_write_1h_tokens": ("cache_write_1h_mtok", "cache_write_mtok", "input_text_mtok", "input_mtok"),
    "output_tokens": ("output_text_mtok", "output_mtok"),
    "output_reasoning_tokens": ("output_reasoning_mtok", "output_text_mtok", "output_mtok"),
    "input_audio_tokens": ("input_audio_mtok", "input_mtok"),
    "cache_audio_read_tokens": ("cache_audio_read_mtok", "cache_read_mtok", "input_audio_mtok", "input_mtok"),
    "output_audio_tokens": ("output_audio_mtok", "output_mtok"),
    "input_image_tokens": ("input_image_mtok", "input_mtok"),
    "cache_image_read_tokens": ("cache_image_read_mtok", "cache_read_mtok", "input_image_mtok", "input_mtok"),
    "output_image_tokens": ("output_image_mtok", "output_mtok"),
    "input_video_tokens": ("input_video_mtok", "input_mtok"),
    "output_video_tokens": ("output_video_mtok", "output_mtok"),
    "web_searches": ("web_searches_kcount",),
    "storage_searches": ("storage_searches_kcount",),
    "code_executions": ("code_executions_kcount",),
    "social_searches": ("social_searches_kcount",),
    "requests": ("requests_kcount",),
}
STANDARD_TIERS = frozenset({"", "default", "standard", "standard_only", "auto", "on_demand"})


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
        rates: By unit of ``facts.usage.UNITS`` (and ``requests``).
        ceiling: The same, with every tier that the provider may serve instead: what bounds are computed with.
    """

    provider: str
    model: str
    tier: str
    rates: dict[str, Tiered]
    ceiling: tuple[dict[str, Tiered], ...]
    context_window_tokens: int | None = None


class PriceList:
    """Prices as this operator pays them."""

    def __init__(self, book: PriceBook, terms: Terms | None = None) -> None:
        self._book, self._terms = book, terms or Terms()
        digest = hashlib.sha256(msgspec.json.encode(self._terms)).hexdigest()[:8]
        self.version = f"{book.version}+{digest}" if self._terms.lines else book.version
        self._cache: dict[tuple[str, str, str, int], Price | None] = {}

    def price(self, provider: str, model: str, at_ms: int, service_tier: str = "") -> Price | None:
        """A model's price at a moment and tier; None is unpriced. Prices change on whole hours at the earliest."""
        key = (provider, model, service_tier, at_ms // HOUR_MS)
        if key not in self._cache:
            if len(self._cache) >= CACHED_MAX:
                self._cache.clear()
            self._cache[key] = self._resolve(provider, model, at_ms // HOUR_MS * HOUR_MS, service_tier)
        return self._cache[key]

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
        own = self._terms.prices(provider, normal(model), at_ms)
        listed = self._book.find(provider, model, at_ms)
        if own is not None:
            rates: dict[str, list[Any]] = {name: [str(value)] for name, value in own.prices.items()}
            window = own.context_window_tokens or (listed.context_window_tokens if listed else None)
            listed = Listed(listed.id if listed else model, provider, rates, {}, window)
        if listed is None or not listed.rates:
            return None
        keep = self._terms.keep(provider, normal(model), at_ms)
        tier = "" if service_tier in STANDARD_TIERS else service_tier
        served = _rates(listed.rates | listed.variants.get(tier, {}), keep)
        ceiling = [served]
        if service_tier in ("", "auto"):
            ceiling += [_rates(listed.rates | listed.variants[name], keep) for name in ("priority",) if name in listed.variants]
        return Price(listed.provider, listed.id, tier, served, tuple(ceiling), listed.context_window_tokens)


def _rates(listed: dict[str, list[Any]], keep: Decimal) -> dict[str, Tiered]:
    found = {}
    for unit, keys in KEYS.items():
        key = next((key for key in keys if key in listed), None)
        if key is not None:
            base, *steps = listed[key]
            per = 1_000 if key.endswith("kcount") else 1_000_000
            stepped = tuple((start, _rate(text, per, keep)) for start, text in reversed(steps))
            found[unit] = Tiered(_rate(base, per, keep), stepped)
    return found


def _rate(text: str, per: int, keep: Decimal) -> Rate:
    rate = Decimal(text) * keep
    numerator, denominator = rate.as_integer_ratio()
    return Rate(f"{rate.normalize():f}", per, numerator * NANO_PER_USD, denominator * per)


def _unit_cost(price: Price, unit: str) -> float:
    rate = price.rates[unit].base if unit in price.rates else None
    return rate.numerator / rate.denominator if rate else 0.0


def _cheaper(other: Price, price: Price) -> bool:
    units = ("input_tokens", "output_tokens")
    return all(unit in other.rates and 0 < _unit_cost(other, unit) < _unit_cost(price, unit) for unit in units)
