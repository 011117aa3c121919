from datetime import UTC, datetime
from typing import Any

import pytest

from wellspent.facts.call import Ask
from wellspent.facts.errors import ConfigError
from wellspent.facts.usage import Usage
from wellspent.pricing.book import PriceBook
from wellspent.pricing.pricelist import PriceList
from wellspent.pricing.quote import quote
from wellspent.pricing.rate import rate
from wellspent.pricing.terms import Terms
from wellspent.pricing.units import PRICE_KEYS

USAGE = Usage(input_tokens=1_000_000, cache_read_tokens=1_000_000, output_tokens=1_000_000)  # $5 + $0.50 + $25 of Opus 4.8


def ms(day: str) -> int:
    return int(datetime.fromisoformat(day).replace(tzinfo=UTC).timestamp() * 1000)


def usd(book: PriceBook, lines: list[dict[str, Any]], day: str = "2026-11-23", model: str = "claude-opus-4-8", tier: str = "") -> float | None:
    price = PriceList(book, Terms.parse(lines)).price("anthropic", model, ms(day), tier)
    return rate(USAGE, price).amount_nanousd / 10**9 if price else None


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ([], 30.5),
        ([{"discount_percent": 10}], 27.45),
        ([{"discount_percent": "12.5", "provider": "anthropic"}], 26.6875),
        ([{"discount_percent": 10, "provider": "openai"}], 30.5),
        ([{"discount_percent": 10, "model": "Claude-OPUS-*"}], 27.45),
        ([{"discount_percent": 10, "model": "claude-haiku-*"}], 30.5),
        ([{"discount_percent": 10}, {"discount_percent": 20, "model": "claude-*"}], 24.4),
        ([{"discount_percent": 20, "model": "claude-*"}, {"discount_percent": 10}], 27.45),
        ([{"discount_percent": 10}, {"discount_percent": 0, "model": "*-opus-*"}], 30.5),
        ([{"discount_percent": 100}], 0.0),
        ([{"prices": {"input_mtok": 4}}], 29.5),
        ([{"prices": {"input_mtok": "4", "output_mtok": 20.5, "cache_read_mtok": 0}}], 24.5),
        # Own prices are net; the discount is off what the list still decides.
        ([{"discount_percent": 10}, {"prices": {"input_mtok": 4}}], 4 + 0.45 + 22.5),
        ([{"prices": {"input_mtok": 4}}, {"discount_percent": 10}], 4 + 0.45 + 22.5),
        ([{"prices": {"input_mtok": 4}}, {"prices": {"output_mtok": 20}}], 5 + 0.5 + 20),
    ],
)
def test_what_the_operator_pays(book: PriceBook, lines: list[dict[str, Any]], expected: float) -> None:
    assert usd(book, lines) == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize(
    ("day", "expected"), [("2026-09-30T23:59:59.999", 30.5), ("2026-10-01", 27.45), ("2026-11-30T23:59:59.999", 27.45), ("2026-12-01", 30.5)]
)
def test_terms_hold_from_their_first_day_until_before_their_last(book: PriceBook, day: str, expected: float) -> None:
    assert usd(book, [{"discount_percent": 10, "from": "2026-10-01", "until": "2026-12-01"}], day) == pytest.approx(expected)


def test_own_prices_hold_at_every_service_tier_and_a_discount_is_off_each(book: PriceBook) -> None:
    assert usd(book, [{"discount_percent": 10}], tier="fast") == pytest.approx(54.9)
    prices = PriceList(book, Terms.parse([{"prices": {"input_mtok": 4, "cache_read_mtok": 0.5, "output_mtok": 20}}]))
    for tier in ("", "fast", "batch", "scale"):
        charge = rate(USAGE, prices.price("anthropic", "claude-opus-4-8", ms("2026-11-23"), tier))
        assert (charge.amount_nanousd, charge.quality) == (24_500_000_000, "exact")


def test_a_model_that_the_book_does_not_know_can_be_given_a_price(book: PriceBook) -> None:
    lines = [{"model": "prod-*", "prices": {"input_mtok": 1, "output_mtok": 2, "web_searches_kcount": 10}, "context_window_tokens": 64_000}]
    prices = PriceList(book, Terms.parse(lines))
    price = prices.price("azure", "prod-chat", ms("2026-11-23"))
    assert price is not None
    assert (price.provider, price.model, price.context_window_tokens) == ("azure", "prod-chat", 64_000)
    charge = rate(Usage(input_tokens=10, cache_read_tokens=10, output_reasoning_tokens=10, web_searches=1), price)
    assert (charge.amount_nanousd, charge.quality) == (10_000 + 10_000 + 20_000 + 10_000_000, "exact")
    assert prices.price("azure", "other", ms("2026-11-23")) is None


def test_longer_prompts_can_have_prices_of_their_own(book: PriceBook) -> None:
    lines = [{"model": "m", "prices": {"input_mtok": 3, "output_mtok": 15}, "prices_above": {"9": {"input_mtok": 4}, "200": {"input_mtok": 6}}}]
    price = PriceList(book, Terms.parse(lines)).price("", "m", ms("2026-11-23"))
    assert price is not None
    bills = [rate(Usage(input_tokens=tokens, output_tokens=1), price).amount_nanousd for tokens in (9, 10, 200, 201)]
    assert bills == [9 * 3_000 + 15_000, 10 * 4_000 + 15_000, 200 * 4_000 + 15_000, 201 * 6_000 + 15_000]
    bounds = [quote(Ask("openai-chat", "m", input_tokens_max=tokens), price, 1).amount_nanousd for tokens in (9, 10, 200, 201)]
    assert all(bound >= bill for bound, bill in zip(bounds, bills, strict=True))


def test_the_version_names_the_terms(book: PriceBook) -> None:
    plain, ten, twenty = (PriceList(book, Terms.parse(lines)).version for lines in ([], [{"discount_percent": 10}], [{"discount_percent": 20}]))
    assert plain == book.version
    assert len({plain, ten, twenty}) == 3
    assert ten.startswith(f"{plain}+")
    assert PriceList(book, Terms.parse([{"discount_percent": 10}])).version == ten


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ({}, "says neither prices nor discount_percent"),
        ({"discount": 10}, "unknown field `discount`"),
        ({"discount_percent": -1}, "outside 0 to 100"),
        ({"discount_percent": 101}, "outside 0 to 100"),
        ({"discount_percent": "NaN"}, "outside 0 to 100"),
        ({"discount_percent": "ten"}, "cannot be read: a number is not readable"),
        ({"discount_percent": True}, "cannot be read"),
        ({"prices": {"input_mtok": -1}}, "no amount of zero or more"),
        ({"prices": {"input_mtok": "inf"}}, "no amount of zero or more"),
        ({"prices": {"input_mtok": "$3"}}, "a number is not readable"),
        ({"prices": {"input_mtok": 1e400}}, "no amount of zero or more"),
        ({"prices": {"input_mtok": "nan"}}, "no amount of zero or more"),
        *(({"prices": {"input_mtok": price}}, "a price above 1,000,000 or below 0.000000001") for price in ("1e400", 1e30, "1e-30", "1e-999999")),
        ({"discount_percent": "1e400"}, "outside 0 to 100"),
        ({"discount_percent": float("inf")}, "outside 0 to 100"),
        ({"prices": {"input_mtok": 3}, "context_window_tokens": 10**12}, "above 1,000,000,000"),
        ({"prices": {"input_mtok": [3]}}, "cannot be read"),
        ({"prices": {"inputs_mtok": 3}}, "unknown price 'inputs_mtok'; did you mean input_mtok?"),
        ({"prices": {"xyz": 3}}, "known: cache_audio_read_mtok, "),
        ({"prices": {"input_mtok": 3}, "context_window_tokens": -1}, "context window below zero"),
        ({"prices": {"input_mtok": 3}, "prices_above": {"many": {"input_mtok": 6}}}, "prices above 'many', which is no number of tokens"),
        ({"prices": {"input_mtok": 3}, "prices_above": {"0": {"input_mtok": 6}}}, "prices above '0', which is no number of tokens"),
        ({"prices": {"input_mtok": 3}, "prices_above": {"9": {"output_mtok": 6}}}, "'output_mtok' of prompts above 9 tokens, and none of shorter"),
        ({"prices": {"input_mtok": 3}, "prices_above": {"9": {"input_mtok": -6}}}, "no amount of zero or more"),
        ({"discount_percent": 5, "from": "2026-13-01"}, "cannot be read: month must be in 1..12"),
        ({"discount_percent": 5, "from": "1 May"}, "'1 May' is not a day"),
        ({"discount_percent": 5, "until": "2026-05-01T12:00"}, "is not a day, YYYY-MM-DD"),
        ({"discount_percent": 5, "from": "2026-05-01", "until": "2026-05-01"}, "ends before it begins"),
    ],
)
def test_terms_that_cannot_be_are_refused_by_name(line: dict[str, Any], said: str) -> None:
    with pytest.raises(ConfigError) as caught:
        Terms.parse([line])
    assert said in str(caught.value)
    assert str(line) in str(caught.value)
    assert caught.value.fix


def test_every_price_key_of_an_operator_prices_a_unit(book: PriceBook) -> None:
    for key in PRICE_KEYS:
        price = PriceList(book, Terms.parse([{"prices": {key: "7.5"}}])).price("", "unheard-of", ms("2026-11-23"))
        assert price is not None
        assert {tiered.base.text for tiered in price.rates.values()} == {"7.5"}
