"""The law that hard budgets stand on: no usage that an ask allows costs more than its quote."""

from datetime import UTC, datetime
from functools import cache
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st
from tests.pricing.usages import used

from wellspent.facts.call import Ask
from wellspent.facts.usage import INPUT_UNITS, TOKEN_UNITS, Usage
from wellspent.pricing.book import PriceBook
from wellspent.pricing.pricelist import Price, PriceList
from wellspent.pricing.quote import PICTURES_IN, UNLIMITED_TOKENS, affordable_output_tokens, quote, unpriced_units
from wellspent.pricing.rate import rate
from wellspent.pricing.terms import Terms

BOOK = PriceBook.bundled()
NOW_MS = int(datetime(2026, 11, 23, tzinfo=UTC).timestamp() * 1000)
PROVIDERS = ("openai", "anthropic", "google", "azure", "mistral", "x-ai", "perplexity", "deepseek", "openrouter")
# What may be served for what was asked (OpenAI: "this response value may be different from the value set in the parameter").
SERVED = {
    "": ("", "default", "priority", "flex", "batch"),
    "auto": ("", "default", "priority", "flex"),
    "default": ("", "default"),
    "standard_only": ("standard",),
    "flex": ("", "default", "flex"),
    "priority": ("", "default", "priority"),
    "fast": ("", "standard", "fast"),
    "batch": ("", "batch"),
}
TERMS: list[list[dict[str, Any]]] = [
    [],
    [{"discount_percent": "17.5"}],
    [{"discount_percent": 99.999}, {"model": "*-5*", "prices": {"input_mtok": "0.000123", "output_mtok": 77.7}}],
]


@cache
def models() -> tuple[tuple[str, str], ...]:
    return tuple((provider, name) for provider in PROVIDERS for name in BOOK.models(provider))


@cache
def price_list(terms: int) -> PriceList:
    return PriceList(BOOK, Terms.parse(TERMS[terms]))


@st.composite
def asks(draw: st.DrawFn) -> Ask:
    sizes = st.one_of(st.integers(0, 3_000), st.sampled_from([100_000, 100_001, 200_000, 200_001, 272_001]), st.integers(0, 3_000_000))
    return Ask(
        "openai-chat",
        "m",
        input_tokens_max=draw(sizes),
        answers=draw(st.integers(1, 4)),
        counts_max=draw(st.sampled_from([(), (("web_searches", 5),), (("web_searches", 1), ("storage_searches", 3), ("code_executions", 2))])),
        service_tier=draw(st.sampled_from(sorted(SERVED))),
        cache_writes=draw(st.booleans()),
        cache_write_1h=draw(st.booleans()),
        pictures_in=draw(st.booleans()),
        audio_in=draw(st.booleans()),
        audio_out=draw(st.booleans()),
    )


@st.composite
def parts(draw: st.DrawFn, total: int, units: list[str]) -> dict[str, int]:
    """At most ``total``, split in any way over some of the units; often all of it in one."""
    if draw(st.booleans()):
        return {draw(st.sampled_from(units)): total}
    cuts = sorted(draw(st.lists(st.integers(0, total), min_size=len(units), max_size=len(units))))
    return {unit: high - low for unit, low, high in zip(draw(st.permutations(units)), [0, *cuts], cuts, strict=False)}


@st.composite
def allowed(draw: st.DrawFn, ask: Ask, output_tokens: int) -> Usage:
    """Any usage that the ask allows under an output cap."""
    inputs = sorted(INPUT_UNITS)
    inputs = [unit for unit in inputs if (ask.audio_in or "audio" not in unit) and (ask.cache_write_1h or unit != "cache_write_1h_tokens")]
    inputs = [unit for unit in inputs if (ask.cache_writes or unit != "cache_write_5m_tokens") and (ask.pictures_in or unit not in PICTURES_IN)]
    outputs = [unit for unit in TOKEN_UNITS if unit not in INPUT_UNITS and (ask.audio_out or "audio" not in unit)]
    counts = {unit: draw(st.integers(0, most)) for unit, most in ask.counts_max}
    prompt, answer = draw(parts(ask.input_tokens_max or 0, inputs)), draw(parts(output_tokens * ask.answers, outputs))
    return used({**prompt, **answer, **counts})


def priced(draw: Any, ask: Ask) -> tuple[PriceList, str, str, Price]:
    prices = price_list(draw(st.integers(0, len(TERMS) - 1)))
    provider, model = draw(st.sampled_from(models()).filter(lambda each: prices.price(each[0], each[1], NOW_MS) is not None))
    price = prices.price(provider, model, NOW_MS, ask.service_tier)
    assert price is not None
    return prices, provider, model, price


@settings(max_examples=600)
@given(st.data(), asks(), st.integers(0, 200_000))
def test_no_usage_that_the_ask_allows_costs_more_than_the_quote(data: st.DataObject, ask: Ask, output_tokens: int) -> None:
    prices, provider, model, price = priced(data.draw, ask)
    usage = data.draw(allowed(ask, output_tokens))
    bound = quote(ask, price, output_tokens)
    for tier in SERVED[ask.service_tier]:
        assert rate(usage, prices.price(provider, model, NOW_MS, tier)).amount_nanousd <= bound.amount_nanousd
    assert usage.total_tokens <= bound.tokens
    assert bound.output_tokens == output_tokens


@settings(max_examples=400)
@given(st.data(), asks(), st.integers(0, 10**11), st.none() | st.integers(0, 4_000_000))
def test_the_affordable_cap_is_the_largest_that_fits(data: st.DataObject, ask: Ask, left_nanousd: int, left_tokens: int | None) -> None:
    *_, price = priced(data.draw, ask)

    def fits(output_tokens: int) -> bool:
        bound = quote(ask, price, output_tokens)
        return bound.amount_nanousd <= left_nanousd and (left_tokens is None or bound.tokens <= left_tokens)

    cap = affordable_output_tokens(ask, price, left_nanousd, left_tokens)
    assert fits(cap) if cap >= 0 else not fits(0)
    assert cap == UNLIMITED_TOKENS or not fits(max(cap, 0) + 1)


@given(st.integers(0, 300_000), st.integers(0, 100_000))
@example(12_000, 4_096)
def test_the_quote_is_no_looser_than_the_dearest_split(input_tokens: int, output_tokens: int) -> None:
    """Sonnet 4.5, standard tier: the dearest prompt is all written to the cache; the slack is under 20 nano-dollars."""
    price = price_list(0).price("anthropic", "claude-sonnet-4-5", NOW_MS)
    assert price is not None
    usage = Usage(cache_write_5m_tokens=input_tokens, output_tokens=output_tokens)
    bound = quote(Ask("anthropic-messages", "m", input_tokens_max=input_tokens), price, output_tokens)
    assert 0 <= bound.amount_nanousd - rate(usage, price).amount_nanousd < 20


def test_a_prompt_without_a_bound_and_a_negative_cap_count_as_none() -> None:
    price = price_list(0).price("openai", "gpt-5", NOW_MS)
    assert price is not None
    bound = quote(Ask("openai-chat", "gpt-5", input_tokens_max=None), price, -1)
    assert (bound.amount_nanousd, bound.tokens) == (price.slack_nanousd, 0)


def test_what_has_no_rate_is_named_since_the_quote_does_not_bound_it() -> None:
    prices = price_list(0)
    searching = Ask("openai-responses", "m", input_tokens_max=100, counts_max=(("web_searches", 5), ("code_executions", 0)))
    embedding = Ask("openai-embeddings", "m", input_tokens_max=100, output_tokens_max=0)
    expected = {
        ("openai", "gpt-5"): ((), ()),
        ("openai", "gpt-5.1-codex-mini"): (("web_searches",), ()),
        ("openai", "text-embedding-3-small"): (("web_searches", "output_tokens"), ()),
    }
    for (provider, model), (of_search, of_embedding) in expected.items():
        price = prices.price(provider, model, NOW_MS)
        assert price is not None
        assert unpriced_units(searching, price) == of_search
        assert unpriced_units(embedding, price) == of_embedding


def test_the_slack_covers_the_rounding_of_each_line() -> None:
    """At 0.6 nano-dollars a token, three lines of one token each round up to 3, while three tokens cost 1.8."""
    price = PriceList(BOOK, Terms.parse([{"prices": {"input_mtok": "0.0006", "output_mtok": 0}}])).price("", "own-model", NOW_MS)
    assert price is not None
    usage = Usage(input_tokens=1, input_image_tokens=1, input_video_tokens=1)
    assert rate(usage, price).amount_nanousd == 3 <= quote(Ask("openai-chat", "own-model", input_tokens_max=3), price, 0).amount_nanousd
