"""Settlement: what was metered -> the entry that ends the hold. Pure, but for the clock's reading handed in.

Exact where the provider said the usage of a whole answer. Where an answer was cut or said nothing, an estimate from what was relayed:
never zero, never more than the hold, and marked so.
"""

import msgspec
from msgspec import Struct

from wellspent.facts.call import Ask
from wellspent.facts.entry import Amounts, Settled
from wellspent.facts.usage import Quality, Usage
from wellspent.gateway.admission import Admitted, Priced
from wellspent.gateway.wires.base import Metered
from wellspent.pricing.pricelist import PriceList
from wellspent.pricing.rate import rate

BYTES_PER_TOKEN = 4  # English prose and code run at 3.5 to 4.5 UTF-8 bytes a token


class Outcome(Struct, frozen=True):
    """How an answer ended.

    Attributes:
        priced: The attempt that answered.
        status: What the caller was told.
        metered: What the answer said of its usage.
        reason: Why it did not come to its end, for the receipt.
        cut: An earlier attempt that took the request and broke off, so that its provider may have charged for the prompt.
    """

    priced: Priced
    status: int
    metered: Metered
    reason: str = ""
    cut: Priced | None = None


def settled(admitted: Admitted, outcome: Outcome, prices: PriceList, provider: str, now_ms: int) -> Settled:
    """The entry for an answered call, rated as of the moment it was admitted, at the tier that was served.

    Args:
        provider: Whose prices apply to the upstream that answered.
    """
    usage, quality, reason = _usage(admitted, outcome)
    asked = _tier(admitted.ask.service_tier)
    if not usage.service_tier and quality is Quality.ESTIMATED:  # an answer that says its usage and no tier was served at the standard one
        usage = msgspec.structs.replace(usage, service_tier=asked)
    price = outcome.priced.price
    if usage.service_tier or asked:
        price = prices.price(provider, outcome.priced.attempt.model, admitted.reserved.at_ms, usage.service_tier) or price
    charge = rate(usage, price)
    if charge.quality is Quality.ESTIMATED and quality is Quality.EXACT:
        quality, reason = Quality.ESTIMATED, f"no price is known of the service tier {usage.service_tier!r}; rated at the standard price"
    amount_nanousd, lines = charge.amount_nanousd, charge.lines
    if outcome.cut is not None:
        prompt = estimated(admitted.ask, Metered(None))
        besides = rate(prompt, outcome.cut.price)
        amount_nanousd, lines = amount_nanousd + besides.amount_nanousd, lines + besides.lines
        usage = msgspec.structs.replace(usage, input_tokens=usage.input_tokens + prompt.input_tokens)
        quality, reason = Quality.ESTIMATED, reason or f"an earlier attempt at {outcome.cut.attempt.upstream} was cut off; its prompt is estimated"
    if charge.quality is Quality.UNPRICED:
        quality = Quality.UNPRICED
    return Settled(
        call_id=admitted.reserved.call_id,
        at_ms=now_ms,
        charged=Amounts(amount_nanousd, usage.total_tokens, 1),
        quality=quality,
        usage=usage,
        lines=lines,
        price_book=admitted.reserved.price_book,
        overrun_nanousd=max(0, amount_nanousd - admitted.reserved.held.nanousd) if price is not None else 0,
        upstream=outcome.priced.attempt.upstream,
        model=outcome.metered.model or outcome.priced.attempt.model,
        status=outcome.status,
        duration_ms=max(0, now_ms - admitted.reserved.at_ms),
        reason=reason,
        ref=outcome.metered.ref,
    )


def _usage(admitted: Admitted, outcome: Outcome) -> tuple[Usage, Quality, str]:
    metered = outcome.metered
    if metered.usage is not None and metered.final and not metered.zero_with_text:
        return metered.usage, Quality.ESTIMATED if metered.beyond else Quality.EXACT, metered.beyond
    reason = outcome.reason or ("the provider said zero usage for an answer with text" if metered.zero_with_text else "the provider said no usage")
    return estimated(admitted.ask, metered, admitted.output_cap), Quality.ESTIMATED, reason


def estimated(ask: Ask, metered: Metered, output_cap: int | None = None) -> Usage:
    """A usage from what was relayed: the provider's own partial figures where they are higher, else bytes by ``BYTES_PER_TOKEN``.

    Our own guess is at most what was held; what the provider says is not cut to it.

    Args:
        output_cap: The cap of each answer that was sent, where it was not the caller's own.
    """
    partial = metered.usage or Usage()
    cap = ask.output_tokens_max if output_cap is None else output_cap
    guess = -(-metered.text_bytes // BYTES_PER_TOKEN)
    answer = max(partial.answer_tokens, guess if cap is None else min(guess, cap * ask.answers))
    out = msgspec.structs.replace(partial, output_tokens=partial.output_tokens + answer - partial.answer_tokens)
    if not out.context_tokens:
        out = msgspec.structs.replace(out, input_tokens=max(1, -(-(ask.input_tokens_max or 0) // BYTES_PER_TOKEN)))
    return out


def _tier(asked: str) -> str:
    return "" if asked in ("auto", "default", "standard", "standard_only") else asked
