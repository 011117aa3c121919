"""Prices as the providers' own documents state them, worked by hand: the book has to say the same."""

from datetime import UTC, datetime
from fractions import Fraction

import pytest

from wellspent.facts.usage import Usage
from wellspent.pricing.book import PriceBook
from wellspent.pricing.pricelist import Price, PriceList, Rate
from wellspent.pricing.rate import rate

NOW_MS = int(datetime(2026, 11, 23, tzinfo=UTC).timestamp() * 1000)
USD = 1_000_000_000


def per_token(price: Price, unit: str, context_tokens: int = 0) -> Fraction:
    found: Rate = price.rates[unit].at(context_tokens)
    return Fraction(found.numerator, found.denominator)


@pytest.mark.parametrize(
    ("provider", "model", "tier", "usage", "usd"),
    [
        # Anthropic, Pricing: Sonnet 4.5 is $3/$15, past 200,000 tokens of prompt $6/$22.50, for the whole call.
        ("anthropic", "claude-sonnet-4-5", "", Usage(input_tokens=200_000, output_tokens=1_000), "0.615"),
        ("anthropic", "claude-sonnet-4-5", "", Usage(input_tokens=200_001, output_tokens=1_000), "1.222506"),
        # The cached part of a prompt counts for the tier.
        ("anthropic", "claude-sonnet-4-5", "", Usage(input_tokens=1, cache_read_tokens=200_000), "0.120006"),
        # Opus 4.8: $5 fresh, $6.25 written for five minutes, $10 for an hour, $0.50 read, $25 out; fast mode doubles, batch halves.
        ("anthropic", "claude-opus-4-8", "", Usage(1_000_000, 1_000_000, 1_000_000, 1_000_000, 1_000_000), "46.75"),
        ("anthropic", "claude-opus-4-8", "fast", Usage(1_000_000, 1_000_000, 1_000_000, 1_000_000, 1_000_000), "93.5"),
        ("anthropic", "claude-opus-4-8", "batch", Usage(1_000_000, 1_000_000, 1_000_000, 1_000_000, 1_000_000), "23.375"),
        # Anthropic, Web search: $10 a thousand, beside the tokens.
        ("anthropic", "claude-haiku-4-5", "", Usage(output_tokens=1_000_000, web_searches=3), "5.03"),
        # OpenAI, Pricing: GPT-5 standard, flex (half), priority (double); cached input a tenth.
        ("openai", "gpt-5", "", Usage(1_000_000, 1_000_000, 0, 0, 500_000, 500_000), "11.375"),
        ("openai", "gpt-5", "flex", Usage(1_000_000, 1_000_000, 0, 0, 500_000, 500_000), "5.6875"),
        ("openai", "gpt-5", "priority", Usage(1_000_000, 1_000_000, 0, 0, 500_000, 500_000), "22.75"),
        # GPT-5.4: past 272,000 tokens of prompt, input doubles and output is half as much again.
        ("openai", "gpt-5.4", "", Usage(input_tokens=272_000, output_tokens=100_000), "2.18"),
        ("openai", "gpt-5.4", "", Usage(input_tokens=272_001, output_tokens=100_000), "3.610005"),
        # Gemini 2.5 Pro: $1.25/$10 up to 200,000 tokens of prompt, then $2.50/$15; audio has rates of its own in Flash.
        ("google", "gemini-2.5-pro", "", Usage(input_tokens=200_000, output_reasoning_tokens=1_000), "0.26"),
        ("google", "gemini-2.5-pro", "", Usage(input_tokens=200_001, output_reasoning_tokens=1_000), "0.5150025"),
        ("google", "gemini-2.5-flash", "", Usage(input_audio_tokens=1_000_000, cache_audio_read_tokens=1_000_000), "1.1"),
    ],
)
def test_worked_examples(book: PriceBook, provider: str, model: str, tier: str, usage: Usage, usd: str) -> None:
    charge = rate(usage, PriceList(book).price(provider, model, NOW_MS, tier))
    assert charge.amount_nanousd == Fraction(usd) * USD
    assert charge.quality == "exact"


def test_anthropic_cache_writes_cost_a_quarter_more_for_five_minutes_and_double_for_an_hour(book: PriceBook) -> None:
    """Anthropic, Prompt caching. Claude 3 Haiku is listed at $0.30 and $0.50 beside $0.25, rounded by Anthropic itself."""
    prices, seen = PriceList(book), 0
    for model in book.models("anthropic"):
        for tier in ("", "batch", "fast"):
            for context_tokens in (0, 300_000):
                price = prices.price("anthropic", model, NOW_MS, tier)
                assert price is not None
                if model in ("claude-3-haiku", "claude-2", "claude-v1"):
                    continue
                fresh = per_token(price, "input_tokens", context_tokens)
                assert per_token(price, "cache_write_5m_tokens", context_tokens) == fresh * Fraction(5, 4), model
                assert per_token(price, "cache_write_1h_tokens", context_tokens) == fresh * 2, model
                seen += 1
    assert seen >= 6 * 20


def test_batch_is_half_price_and_fast_mode_double(book: PriceBook) -> None:
    """Anthropic, Batch processing and Fast mode; OpenAI, Batch API: half of the standard price for input and output.

    Two are listed otherwise: GPT-3.5 Turbo 1106 has no discount, and GPT-5.5 pro no long-context price in batches.
    """
    prices = PriceList(book)
    for provider, least in (("anthropic", 16), ("openai", 35)):
        seen = 0
        for model in book.models(provider):
            standard, batch = prices.price(provider, model, NOW_MS), prices.price(provider, model, NOW_MS, "batch")
            if standard is None or batch is None or batch.quality == "estimated" or "output_tokens" not in batch.rates:
                continue
            if model in ("gpt-3.5-turbo-1106", "gpt-5.5-pro"):
                continue
            for unit in ("input_tokens", "output_tokens"):
                assert per_token(batch, unit, 300_000) * 2 == per_token(standard, unit, 300_000), model
            seen += 1
        assert seen >= least
    for model in ("claude-opus-4-8", "claude-opus-5", "claude-opus-5-5", "claude-fable-5-2"):
        standard, fast = prices.price("anthropic", model, NOW_MS), prices.price("anthropic", model, NOW_MS, "fast")
        assert standard is not None and fast is not None
        assert all(per_token(fast, unit) == 2 * per_token(standard, unit) for unit in ("input_tokens", "cache_read_tokens", "output_tokens"))


def test_openai_fast_is_priority_by_another_name_and_flex_is_batch(book: PriceBook) -> None:
    """OpenAI, Priority processing and Flex processing: flex tokens are billed at the Batch API's rates."""
    prices, seen = PriceList(book), 0
    for model in book.models("openai"):
        fast, priority, flex, batch = (prices.price("openai", model, NOW_MS, tier) for tier in ("fast", "priority", "flex", "batch"))
        if fast is None or priority is None or flex is None or batch is None:
            continue
        assert fast.rates == priority.rates, model
        if flex.quality == batch.quality == "exact":
            assert all(flex.rates[unit] == batch.rates[unit] for unit in ("input_tokens", "output_tokens")), model
            seen += 1
    assert seen >= 15
