from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st
from tests.pricing.usages import used

from wellspent.facts.entry import ChargeLine
from wellspent.facts.usage import UNITS, Quality, Usage
from wellspent.pricing.book import PriceBook
from wellspent.pricing.pricelist import Price, PriceList
from wellspent.pricing.rate import rate

NOW_MS = int(datetime(2026, 11, 23, tzinfo=UTC).timestamp() * 1000)
QUANTITIES = st.lists(st.integers(0, 10**6), min_size=len(UNITS), max_size=len(UNITS))


def price_of(book: PriceBook, provider: str, model: str) -> Price:
    price = PriceList(book).price(provider, model, NOW_MS)
    assert price is not None
    return price


PRICE = price_of(PriceBook.bundled(), "google", "gemini-3.1-flash-live-preview")


def test_the_call_of_the_design(book: PriceBook) -> None:
    """Rates of $3 fresh, $0.30 cached, $15 out: 1,404 fresh, 9,800 cached and 812 written cost $0.019332."""
    charge = rate(Usage(input_tokens=1_404, cache_read_tokens=9_800, output_tokens=812), price_of(book, "anthropic", "claude-sonnet-4-5"))
    assert charge.lines == (
        ChargeLine("input_tokens", 1_404, "3", 1_000_000, 4_212_000),
        ChargeLine("cache_read_tokens", 9_800, "0.3", 1_000_000, 2_940_000),
        ChargeLine("output_tokens", 812, "15", 1_000_000, 12_180_000),
    )
    assert (charge.amount_nanousd, charge.quality) == (19_332_000, Quality.EXACT)


def test_each_line_is_rounded_once_half_to_even(book: PriceBook) -> None:
    """$0.0125 a million is 12.5 nano-dollars each: one token rounds to 12, three (37.5) to 38."""
    price = price_of(book, "openai", "gpt-5")
    halves = PriceList(book).price("google", "gemini-3.1-flash-lite", NOW_MS, "batch")
    assert halves is not None
    assert [rate(Usage(cache_read_tokens=count), halves).amount_nanousd for count in (1, 3)] == [12, 38]
    assert rate(Usage(), price).lines == ()


def test_a_call_without_a_price_is_unpriced_and_says_what_it_used() -> None:
    charge = rate(Usage(input_tokens=7, output_tokens=5), None)
    assert charge.quality is Quality.UNPRICED
    assert charge.lines == (ChargeLine("input_tokens", 7, "unknown", 1, 0), ChargeLine("output_tokens", 5, "unknown", 1, 0))


def test_a_used_unit_without_a_rate_makes_the_call_unpriced_and_the_rest_is_still_charged(book: PriceBook) -> None:
    charge = rate(Usage(output_tokens=1_000, web_searches=2), price_of(book, "anthropic", "claude-3-opus-latest"))
    assert (charge.amount_nanousd, charge.quality) == (75_000_000, Quality.UNPRICED)
    assert charge.lines[1] == ChargeLine("web_searches", 2, "unknown", 1, 0)


def test_a_fee_of_the_request_is_charged_once(book: PriceBook) -> None:
    charge = rate(Usage(input_tokens=1_000), price_of(book, "perplexity", "sonar-pro"))
    assert charge.lines[-1] == ChargeLine("requests", 1, "14", 1_000, 14_000_000)
    assert charge.amount_nanousd == 17_000_000


@given(QUANTITIES)
def test_the_amount_is_the_sum_of_the_lines_and_a_line_for_each_used_unit(quantities: list[int]) -> None:
    usage = used(dict(zip(UNITS, quantities, strict=True)))
    charge = rate(usage, PRICE)
    assert charge.amount_nanousd == sum(line.amount_nanousd for line in charge.lines)
    assert [(line.unit, line.quantity) for line in charge.lines] == list(usage.quantities())
