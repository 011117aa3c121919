from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.pricing.usages import used

from wellspent import limits, wiring
from wellspent.config import Config, UpstreamConfig
from wellspent.facts.call import Ask
from wellspent.facts.errors import ConfigError
from wellspent.facts.usage import UNITS, Usage
from wellspent.pricing.book import PriceBook
from wellspent.pricing.pricelist import DAY_MS, FREE, STEP_MS, PriceList
from wellspent.pricing.quote import UNLIMITED_TOKENS, affordable_output_tokens, quote
from wellspent.pricing.rate import rate
from wellspent.pricing.terms import Terms

NOW_MS = int(datetime(2026, 11, 23, tzinfo=UTC).timestamp() * 1000)


def upstream(
    kind: str = "openai-compatible", base_url: str = "http://127.0.0.1:8000/v1", provider: str | None = None, free: bool = False
) -> UpstreamConfig:
    return UpstreamConfig("x", kind, base_url, provider=provider, free=free)


@pytest.mark.parametrize("provider", ["", "openai", "anthropic", "nobody"])
def test_an_unknown_model_has_no_price(book: PriceBook, provider: str) -> None:
    assert PriceList(book).price(provider, "no-such-model", NOW_MS) is None


def test_a_model_of_one_s_own_hardware_costs_nothing_and_is_priced(book: PriceBook) -> None:
    prices = PriceList(book, Terms.parse([{"prices": {"input_mtok": 3}}]))
    price = prices.price(FREE, "llama-4", NOW_MS, "flex")
    assert price is not None
    usage = used({unit: at for at, unit in enumerate(UNITS, 1)})
    charge = rate(usage, price)
    assert (charge.amount_nanousd, charge.quality) == (0, "exact")
    assert [(line.unit, line.rate, line.amount_nanousd) for line in charge.lines] == [(unit, "0", 0) for unit in UNITS]
    ask = Ask("openai-chat", "llama-4", input_tokens_max=10**6, audio_in=True, audio_out=True, counts_max=(("web_searches", 5),))
    assert quote(ask, price, 10**6).amount_nanousd == 0
    assert affordable_output_tokens(ask, price, 0) == UNLIMITED_TOKENS
    assert prices.cheaper_than(FREE, "llama-4", NOW_MS) == ()


@pytest.mark.parametrize(
    ("configured", "provider"),
    [
        (upstream(free=True), FREE),
        (upstream(free=True, provider="openai"), FREE),
        (upstream(), ""),
        (upstream(base_url="https://openrouter.ai/api/v1"), "openrouter"),
        (upstream(base_url="https://openrouter.ai/api/v1", provider=""), ""),
        (upstream(provider="together"), "together"),
        (upstream("azure", "https://acme.openai.azure.com"), "azure"),
        (upstream("gemini", "https://openrouter.ai"), "google"),
    ],
)
def test_whose_prices_apply_to_an_upstream(configured: UpstreamConfig, provider: str) -> None:
    assert wiring.price_provider(configured) == provider


def config(*upstreams: UpstreamConfig, terms: tuple[dict[str, object], ...] = ()) -> Config:
    return Config(data_dir=Path("unused"), upstreams=upstreams, terms=terms)


def test_unknown_providers_are_refused_at_the_start() -> None:
    price = {"input_mtok": 1}
    wiring.price_list(config(upstream(), upstream(provider="mistral"), upstream(free=True), terms=({"provider": "groq", "prices": price},)))
    wiring.price_list(config(upstream(provider="our-cluster"), terms=({"provider": "our-cluster", "prices": price},)))
    for wrong in (config(upstream(provider="mistrall")), config(upstream(), terms=({"provider": "mistrall", "prices": price},))):
        with pytest.raises(ConfigError, match=r"no prices are known of a provider 'mistrall'; use one of .*mistral"):
            wiring.price_list(wrong)


def test_where_the_tier_is_the_provider_s_choice_the_ceiling_covers_the_dearest(book: PriceBook) -> None:
    prices = PriceList(book)
    dearest = {}
    for tier in ("", "auto", "default", "flex", "priority", "scale"):
        price = prices.price("openai", "gpt-5", NOW_MS, tier)
        assert price is not None
        dearest[tier] = max(float(rates["output_tokens"].base.text) for rates in price.ceiling)
    assert dearest == {"": 20.0, "auto": 20.0, "default": 10.0, "flex": 10.0, "priority": 20.0, "scale": 10.0}


def test_a_tier_without_prices_of_its_own_is_an_estimate_at_the_standard_price(book: PriceBook) -> None:
    prices, usage = PriceList(book), Usage(output_tokens=1_000_000)
    for tier, quality in (("", "exact"), ("standard", "exact"), ("batch", "exact"), ("priority", "estimated")):
        charge = rate(usage, prices.price("anthropic", "claude-haiku-4-5", NOW_MS, tier))
        assert (charge.amount_nanousd, charge.quality) == (2_500_000_000 if tier == "batch" else 5_000_000_000, quality)


def test_prices_are_remembered_for_a_day_and_within_a_bound(book: PriceBook, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "PRICES_CACHED_MAX", 3)
    prices = PriceList(book)
    midnight = NOW_MS - NOW_MS % DAY_MS
    first = prices.price("openai", "gpt-5", midnight)
    assert prices.price("openai", "gpt-5", midnight + DAY_MS - 1) is first
    assert prices.price("openai", "gpt-5", midnight + DAY_MS) is not first
    for name in "abcdef":
        prices.price("openai", name, NOW_MS)
        assert len(prices._cache) <= 3
    assert prices.price("openai", "gpt-5", midnight) == first
    hourly = prices.price("deepseek", "deepseek-reasoner", midnight)
    assert prices.price("deepseek", "deepseek-reasoner", midnight + STEP_MS - 1) is hourly
    assert prices.price("deepseek", "deepseek-reasoner", midnight + STEP_MS) is not hourly


def test_prices_by_the_hour_of_the_day(book: PriceBook) -> None:
    prices, midnight = PriceList(book), int(datetime(2025, 6, 1, tzinfo=UTC).timestamp() * 1000)
    texts = [
        price.rates["output_tokens"].base.text
        for minutes in (0, 29, 30, 16 * 60 + 29, 16 * 60 + 30)
        if (price := prices.price("deepseek", "deepseek-reasoner", midnight + minutes * 60_000)) is not None
    ]
    assert texts[0] == texts[1] == texts[4] != texts[2] == texts[3]


def test_cheaper_models_are_of_the_same_family_dearest_first(book: PriceBook) -> None:
    prices = PriceList(book)
    found = prices.cheaper_than("anthropic", "claude-opus-4-8", NOW_MS)
    assert len(found) == 5
    rates = [prices.price("anthropic", name, NOW_MS) for name in found]
    outputs = [float(price.rates["output_tokens"].base.text) for price in rates if price is not None]
    assert outputs == sorted(outputs, reverse=True)
    assert all(output < 25 for output in outputs)
    assert all(name.startswith("gpt-") for name in prices.cheaper_than("azure", "gpt-5", NOW_MS))
    assert prices.cheaper_than("openai", "no-such-model", NOW_MS) == ()
    assert prices.cheaper_than("openai", "text-embedding-3-large", NOW_MS) == ()
