"""Quoting: a planned call -> the proven upper bound of its cost.

However the provider splits the prompt into fresh, cached and written tokens, whichever context or service tier it bills, and however
much of the answer is reasoning: ``rate`` of what comes back is at most the quote, as long as the prompt has at most
``ask.input_tokens_max`` tokens and each answer at most ``output_tokens``.
"""

from collections.abc import Iterable

from msgspec import Struct

from wellspent.facts.call import Ask
from wellspent.facts.usage import COUNT_UNITS
from wellspent.pricing.pricelist import Price, Rate, Tiered

TEXT_IN = ("input_tokens", "cache_read_tokens")
PICTURES_IN = ("input_image_tokens", "cache_image_read_tokens", "input_video_tokens")
AUDIO_IN = ("input_audio_tokens", "cache_audio_read_tokens")
TEXT_OUT = ("output_tokens", "output_reasoning_tokens", "output_image_tokens", "output_video_tokens")
COUNTED = (*COUNT_UNITS, "requests")
UNLIMITED_TOKENS = 2**31


class Quote(Struct, frozen=True):
    """An upper bound: dollars, tokens, and the output cap it holds for."""

    amount_nanousd: int
    tokens: int
    output_tokens: int


def quote(ask: Ask, price: Price, output_tokens: int) -> Quote:
    """The bound of a call whose every answer is capped at ``output_tokens``.

    12,000 tokens at $3 and a cap of 4,096 at $15 a million: at most 97,440,000 nano-dollars and a few of slack.
    """
    tokens, output = ask.input_tokens_max or 0, max(0, output_tokens) * ask.answers
    amount = 0
    for each in _bracket(ask, price):
        amount = max(amount, _up(tokens, each.prompt) + _counts(ask, each) + _up(output, each.answer))
    return Quote(amount + price.slack_nanousd, tokens + output, output_tokens)


def affordable_output_tokens(ask: Ask, price: Price, left_nanousd: int, left_tokens: int | None = None) -> int:
    """The largest cap whose quote fits into what is left; below zero where not even the prompt fits."""
    tokens = ask.input_tokens_max or 0
    found = UNLIMITED_TOKENS if left_tokens is None else (left_tokens - tokens) // ask.answers
    for each in _bracket(ask, price):
        rest = left_nanousd - price.slack_nanousd - _up(tokens, each.prompt) - _counts(ask, each)
        if rest < 0:
            return -1
        if each.answer is not None and each.answer.numerator:
            found = min(found, rest * each.answer.denominator // each.answer.numerator // ask.answers)
    return found


def unpriced_units(ask: Ask, price: Price) -> tuple[str, ...]:
    """Units that the call may use and no rate is known for, so that its quote does not bound them."""
    if "input_tokens" in price.rates and "output_tokens" in price.rates and not ask.counts_max:
        return ()
    used = [unit for unit, count in ask.counts_max if count]
    used += [unit for unit, most in (("input_tokens", ask.input_tokens_max), ("output_tokens", ask.output_tokens_max)) if most != 0]
    return tuple(unit for unit in used if unit not in price.rates)


class Dearest(Struct, frozen=True):
    """The dearest rates a call can meet in one of a price's ceilings: of its prompt, of its answer, and of plain counts by unit."""

    prompt: Rate | None
    answer: Rate | None
    counts: dict[str, Rate]


def _bracket(ask: Ask, price: Price) -> tuple[Dearest, ...]:
    """The dearest rates for a prompt of this size and kind, one for each ceiling. Remembered with the price: sizes fall into few brackets."""
    tokens = ask.input_tokens_max or 0
    number = sum([tokens > start for start in price.steps]) if price.steps else 0
    key = (number, ask.audio_in, ask.pictures_in, ask.audio_out, ask.cache_writes, ask.cache_write_1h)
    found = price.memo.get(key)
    if found is None:
        found = price.memo[key] = tuple(_dearest_rates(ask, rates) for rates in price.ceiling)
    return found


def _dearest_rates(ask: Ask, rates: dict[str, Tiered]) -> Dearest:
    tokens = ask.input_tokens_max or 0
    prompt: tuple[str, ...] = TEXT_IN
    prompt += AUDIO_IN if ask.audio_in else ()
    prompt += PICTURES_IN if ask.pictures_in else ()
    prompt += ("cache_write_5m_tokens",) if ask.cache_writes else ()
    prompt += ("cache_write_1h_tokens",) if ask.cache_write_1h else ()
    answer = TEXT_OUT + (("output_audio_tokens",) if ask.audio_out else ())
    return Dearest(
        _dearest(rates[unit].dearest(tokens) for unit in prompt if unit in rates),
        _dearest(rates[unit].dearest(tokens) for unit in answer if unit in rates),
        {unit: tiered.dearest(tokens) for unit, tiered in rates.items() if unit in COUNTED},
    )


def _counts(ask: Ask, dearest: Dearest) -> int:
    """What plain counts may cost: hosted tools, and the fee of the request."""
    if not dearest.counts:
        return 0
    amount = _up(1, dearest.counts.get("requests"))
    for unit, count in ask.counts_max:
        amount += _up(count, dearest.counts.get(unit))
    return amount


def _dearest(rates: Iterable[Rate]) -> Rate | None:
    found: Rate | None = None
    for rate in rates:
        if found is None or rate.numerator * found.denominator > found.numerator * rate.denominator:
            found = rate
    return found


def _up(quantity: int, rate: Rate | None) -> int:
    return 0 if rate is None else -(-quantity * rate.numerator // rate.denominator)
