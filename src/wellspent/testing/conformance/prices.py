"""The suite's own models and prices: what the provider behind the gateway truly charges.

Every rate is a whole number of nano-dollars for one unit, so that a true bill is a sum of whole numbers and no gateway can hide behind
rounding. An operator sets the same prices at the gateway before the suite runs (``wellspent conformance --setup`` prints them).
"""

from collections.abc import Iterable

from msgspec import Struct

from wellspent.facts.usage import Usage
from wellspent.testing.provider.seen import Seen

SMALL, LARGE, DATED, UNPRICED, FALLBACK = (f"conformance-{name}" for name in ("small", "large", "dated", "unpriced", "fallback"))
LONG_PROMPT_TOKENS = 200_000  # prompts above have the second price


class Tariff(Struct, frozen=True):
    """Nano-dollars for one unit: a rate of 3,000 is $3 a million tokens.

    Attributes:
        rates: By unit of ``facts.usage``.
        long_rates: In place of them for a call whose prompt has more than ``LONG_PROMPT_TOKENS``.
    """

    rates: dict[str, int]
    long_rates: dict[str, int] = {}


_RATES = {
    "input_tokens": 3_000,
    "cache_read_tokens": 300,
    "cache_write_5m_tokens": 3_750,
    "cache_write_1h_tokens": 6_000,
    "output_tokens": 15_000,
    "output_reasoning_tokens": 15_000,
    "input_audio_tokens": 40_000,
    "output_audio_tokens": 80_000,
    "input_image_tokens": 5_000,
    "web_searches": 10_000_000,
}
_LONG = {"input_tokens": 6_000, "cache_read_tokens": 600, "output_tokens": 22_500, "output_reasoning_tokens": 22_500}


def tariffs() -> dict[str, Tariff]:
    """Every priced model of the suite. ``conformance-unpriced`` has none, and ``conformance-fallback`` is no model but a route."""
    return {
        SMALL: Tariff(_RATES, _LONG),
        LARGE: Tariff({unit: 5 * rate for unit, rate in _RATES.items()}),
        DATED: Tariff(_RATES),
    }


def dated_tariff() -> Tariff:
    """The price of ``conformance-dated`` from the first midnight (UTC) after the suite's start: twice what it was."""
    return Tariff({unit: 2 * rate for unit, rate in _RATES.items()})


def cost_nanousd(model: str, usage: Usage, tariff: Tariff | None = None) -> int:
    """What a usage truly costs; nothing for a model without a price.

    Args:
        tariff: In place of the model's own.
    """
    tariff = tariff or tariffs().get(model)
    if tariff is None:
        return 0
    rates = tariff.rates | (tariff.long_rates if usage.context_tokens > LONG_PROMPT_TOKENS else {})
    return sum(quantity * rates[unit] for unit, quantity in usage.quantities())


def bill_nanousd(calls: Iterable[Seen], tariff: Tariff | None = None) -> int:
    """The provider's bill for calls it saw."""
    return sum(cost_nanousd(call.model, call.usage, tariff) for call in calls if call.usage is not None)
