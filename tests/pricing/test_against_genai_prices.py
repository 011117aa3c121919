"""Our rating against genai-prices' own, for every model of the book. Where the two differ on purpose, a test here says so:

1. A model whose list is empty ("free" in genai-prices) is unpriced here, not $0: ``test_an_empty_list_is_unpriced_not_free``.
2. A model that is only priced by what we do not meter (hours of audio, characters, pages, messages) is unpriced here; genai-prices says
   $0 for its tokens: ``test_a_model_priced_by_units_we_do_not_meter_is_unpriced``. Citation tokens (one Perplexity model) are not metered.
3. A used search without a price is unpriced here; genai-prices leaves it out: ``compare`` looks at the quality.
4. Resellers that fall back to another provider's list (Azure to OpenAI) keep its service tiers here; genai-prices drops them:
   ``test_tiers_of_a_fallback_list``.
5. Conditions that no call names (OpenRouter's ``route``, Perplexity's ``search_type``) are not looked at: the standard price holds.
6. Without a provider, a name is searched in the well-known lists here; genai-prices guesses the provider by patterns of its own.
"""

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import genai_prices
import pytest
from genai_prices.data import providers
from genai_prices.types import ModelInfo, Provider, StartDateConstraint, TieredPrices, TimeOfDateConstraint
from tests.pricing.usages import used

from wellspent.facts.money import NANO_PER_USD
from wellspent.facts.usage import COUNT_UNITS, INPUT_UNITS, TOKEN_UNITS, Quality, Usage
from wellspent.pricing.book import FALLBACKS, PriceBook
from wellspent.pricing.pricelist import PriceList
from wellspent.pricing.rate import rate

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
TIERS = ("", "priority", "flex", "batch", "fast", "scale")
SEED = 20261123
OUTPUT_UNITS = tuple(unit for unit in TOKEN_UNITS if unit not in INPUT_UNITS)


def ms(at: datetime) -> int:
    return int(at.timestamp() * 1000)


def inclusive(usage: Usage) -> genai_prices.Usage:
    """Ours are disjoint; genai-prices counts each narrower unit inside the wider ones."""
    read = usage.cache_read_tokens + usage.cache_audio_read_tokens + usage.cache_image_read_tokens
    return genai_prices.Usage(
        input_tokens=usage.context_tokens,
        cache_read_tokens=read,
        cache_audio_read_tokens=usage.cache_audio_read_tokens,
        cache_image_read_tokens=usage.cache_image_read_tokens,
        cache_write_tokens=usage.cache_write_5m_tokens + usage.cache_write_1h_tokens,
        cache_write_5m_tokens=usage.cache_write_5m_tokens,
        cache_write_1h_tokens=usage.cache_write_1h_tokens,
        input_audio_tokens=usage.input_audio_tokens + usage.cache_audio_read_tokens,
        input_image_tokens=usage.input_image_tokens + usage.cache_image_read_tokens,
        input_video_tokens=usage.input_video_tokens,
        output_tokens=usage.answer_tokens,
        output_reasoning_tokens=usage.output_reasoning_tokens,
        output_citation_tokens=0,
        output_audio_tokens=usage.output_audio_tokens,
        output_image_tokens=usage.output_image_tokens,
        output_video_tokens=usage.output_video_tokens,
        **{unit: getattr(usage, unit) for unit in COUNT_UNITS},
    )


def compare(prices: PriceList, provider: str, model: str, usage: Usage, at: datetime, tier: str) -> bool:
    """Both sides rate the same call; False where it is unpriced here."""
    context = {"service_tier": tier, "processing": tier, "speed": tier} if tier else None
    try:
        theirs = genai_prices.calc_price(inclusive(usage), model, provider_id=provider, genai_request_timestamp=at, price_context=context)
    except LookupError:
        assert prices.price(provider, model, ms(at), tier) is None
        return False
    price = prices.price(provider, model, ms(at), tier)
    if price is None:
        assert theirs.total_price == 0
        return False
    assert price.model == theirs.model.id
    charge = rate(usage, price)
    exact = Fraction(theirs.total_price) * NANO_PER_USD
    assert abs(charge.amount_nanousd - exact) <= Fraction(len(charge.lines), 2) + Fraction(1, 10**6), (provider, model, at, tier, usage)
    unknown = {line.unit for line in charge.lines if line.rate == "unknown"}
    assert unknown <= {*COUNT_UNITS, *(OUTPUT_UNITS if "output_tokens" not in price.rates else ()), *_bare_inputs(price.rates)}
    assert (charge.quality is Quality.UNPRICED) == bool(unknown)
    return True


def _bare_inputs(rates: dict[str, Any]) -> frozenset[str]:
    return INPUT_UNITS if "input_tokens" not in rates else frozenset()


def name_of(model: ModelInfo, provider: Provider) -> str:
    """A name that finds the model: its id, or one that its rule names (Fireworks' are paths, Amazon's begin with a region)."""
    names, clauses = [model.id], [model.match]
    while clauses:
        clause = clauses.pop()
        for value in vars(clause).values():
            names.append(value) if isinstance(value, str) else clauses.extend(value)
    names += [f"eu.{model.id.removeprefix('regional.')}", f"us.{model.id.removeprefix('regional.')}"]
    return next(name for name in names if provider.find_model(name) is model)


def moments(model: ModelInfo) -> Iterator[datetime]:
    """Now, and just before and at every change of the model's prices."""
    yield NOW
    conditions = [each.constraint for each in model.price_variants or []]
    conditions += [each.constraint for each in model.prices] if isinstance(model.prices, list) else []
    for condition in conditions:
        if isinstance(condition, StartDateConstraint):
            start = datetime.combine(condition.start_date, datetime.min.time(), UTC)
            yield from (start, start - timedelta(milliseconds=1))
        elif isinstance(condition, TimeOfDateConstraint):
            for edge in (condition.start_time, condition.end_time):
                start = datetime.combine(NOW.date(), edge)
                yield from (start, start - timedelta(milliseconds=1), start + timedelta(minutes=14))


def contexts(model: ModelInfo, rng: random.Random) -> Iterator[int]:
    """Sizes of prompts: at and just past where long-context prices begin, and two at random."""
    tables = [each.prices for each in model.prices] if isinstance(model.prices, list) else [model.prices]
    starts = {tier.start for table in tables for value in vars(table).values() if isinstance(value, TieredPrices) for tier in value.tiers}
    yield from (size for start in sorted(starts) for size in (start, start + 1))
    yield rng.randrange(1, 2_000)
    yield rng.randrange(1, 1_500_000)


def split(total: int, units: list[str], rng: random.Random) -> dict[str, int]:
    """A quantity, cut at random places into units that sum to it."""
    cuts = sorted(rng.randrange(total + 1) for _ in units[1:])
    return {unit: high - low for unit, low, high in zip(units, [0, *cuts], [*cuts, total], strict=True)}


def usages(model: ModelInfo, rng: random.Random) -> Iterator[Usage]:
    for size in contexts(model, rng):
        inputs = rng.sample(sorted(INPUT_UNITS), rng.randrange(1, len(INPUT_UNITS)))
        outputs = rng.sample(OUTPUT_UNITS, rng.randrange(1, len(OUTPUT_UNITS)))
        searches = {unit: rng.randrange(1, 9) for unit in COUNT_UNITS if rng.random() < 0.2}
        yield used({**split(size, inputs, rng), **split(rng.randrange(100_000), outputs, rng), **searches})


@pytest.mark.parametrize("provider", [each.id for each in providers])
def test_every_model_is_rated_as_genai_prices_rates_it(book: PriceBook, provider: str) -> None:
    prices, rng, priced = PriceList(book), random.Random(f"{SEED} {provider}"), 0
    source = next(each for each in providers if each.id == provider)
    for model in source.models:
        tiers, name = TIERS if model.price_variants else ("",), name_of(model, source)
        for usage in usages(model, rng):
            for at in moments(model):
                for tier in tiers:
                    priced += compare(prices, provider, name, usage, at, tier)
    assert priced or provider == "elevenlabs"  # priced by characters and hours alone


@pytest.mark.parametrize("reseller", ["azure", "google"])
def test_a_reseller_falls_back_to_the_same_lists(book: PriceBook, reseller: str) -> None:
    prices, rng, priced = PriceList(book), random.Random(SEED), 0
    for source in FALLBACKS[reseller]:
        for model in next(each.models for each in providers if each.id == source):
            priced += compare(prices, reseller, model.id, next(usages(model, rng)), NOW, "")
    assert priced > 60
    assert {each.id: (each.id, *each.fallback_model_providers) for each in providers if each.fallback_model_providers} == FALLBACKS


@pytest.mark.parametrize(
    ("provider", "model"),
    [
        ("openai", "gpt-5.2-20251211"),
        ("openai", "GPT-5-2025-08-07"),
        ("azure", "gpt-4o-2024-08-06"),
        ("anthropic", "claude-sonnet-4-5-20250929"),
        ("google", "gemini-2.5-pro-preview-05-06"),
        ("openrouter", "anthropic/claude-sonnet-4.5"),
        ("openai", "no-such-model"),
        ("no-such-provider", "gpt-5"),
    ],
)
def test_names_as_requests_write_them(book: PriceBook, provider: str, model: str) -> None:
    compare(PriceList(book), provider, model, Usage(input_tokens=300_000, output_tokens=7), NOW, "")


def test_an_empty_list_is_unpriced_not_free(book: PriceBook) -> None:
    empty = [(each.id, model.id) for each in providers for model in each.models if not _priced(model)]
    assert ("google", "gemma-3") in empty
    usage = genai_prices.Usage(input_tokens=1_000_000, output_tokens=1_000_000)
    for provider, model in empty:
        assert genai_prices.calc_price(usage, model, provider_id=provider, genai_request_timestamp=NOW).total_price == 0
        assert PriceList(book).price(provider, model, ms(NOW)) is None


def test_a_model_priced_by_units_we_do_not_meter_is_unpriced(book: PriceBook) -> None:
    for model in ("whisper-1", "tts-1", "gpt-live-1"):
        assert genai_prices.calc_price(genai_prices.Usage(input_tokens=10**6), model, provider_id="openai").total_price == 0
        assert PriceList(book).price("openai", model, ms(NOW)) is None


def test_tiers_of_a_fallback_list(book: PriceBook) -> None:
    usage = Usage(input_tokens=1_000_000)
    context = {"service_tier": "priority"}
    theirs = genai_prices.calc_price(inclusive(usage), "gpt-5", provider_id="azure", genai_request_timestamp=NOW, price_context=context)
    assert theirs.total_price == Decimal("1.25")
    assert rate(usage, PriceList(book).price("azure", "gpt-5", ms(NOW), "priority")).amount_nanousd == 2_500_000_000


def _priced(model: ModelInfo) -> bool:
    tables = [each.prices for each in model.prices] if isinstance(model.prices, list) else [model.prices]
    return any(value is not None for table in tables for value in vars(table).values())
