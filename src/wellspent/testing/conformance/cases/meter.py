"""Is what the gateway counts what the provider charges? To the nano-dollar where the provider says; an estimate, and never nothing, where not."""

from wellspent.testing.conformance.bench import Bench, Call, said
from wellspent.testing.conformance.prices import LONG_PROMPT_TOKENS, UNPRICED
from wellspent.testing.conformance.result import Finding
from wellspent.testing.conformance.wires import Wire

ESTIMATE_PERCENT = 30  # how far an estimate may be off where the provider said nothing
ROWS = 12


def a_long_prompt(bench: Bench, wire: Wire) -> Finding:
    """A prompt of a quarter of a million tokens is charged at the price of long prompts, all of it.

    BerriAI/litellm#40002.
    """
    bench.needs_long_prices()
    call = bench.call("output_tokens=100", pad_bytes=4 * LONG_PROMPT_TOKENS + 200_000)
    return bench.metered(wire, bench.plenty(), call)


def a_long_prompt_mostly_cached(bench: Bench, wire: Wire) -> Finding:
    """What decides about the price of long prompts is the whole prompt, cached tokens included.

    Helicone/helicone#5730, junhoyeo/tokscale#862, BerriAI/litellm#30207.
    """
    bench.needs_long_prices()
    return bench.metered(wire, bench.plenty(), bench.call("input_tokens=250000; cached=240000; output_tokens=100"))


def a_stream_that_the_provider_breaks(bench: Bench, wire: Wire) -> Finding:
    """The provider breaks a stream off in the middle: what it had written is charged.

    BerriAI/litellm#35958, maximhq/bifrost#3357.
    """
    call = bench.call("output_tokens=2000; chunks=10; drop_after=4", cap=4_000, stream=True, pad_bytes=2_000)
    before, key = 0, bench.plenty()
    bench.send(wire, key, call)
    true = bench.bill(call)
    counted = bench.counted(key, before, true)
    return Finding(counted > 0 and abs(counted - true) <= true * ESTIMATE_PERCENT // 100, "", true, counted)


def leaving_before_the_first_chunk(bench: Bench, wire: Wire) -> Finding:
    """The client leaves a stream before its first chunk: the provider has read the prompt, and charges it.

    BerriAI/litellm#33736, BerriAI/litellm#30630, maximhq/bifrost#3357.
    """
    call = bench.call("output_tokens=400; delay_ms=1500", stream=True, pad_bytes=2_000)
    return bench.metered(wire, bench.plenty(), call, tolerance_percent=ESTIMATE_PERCENT, leave_unread=lambda: bench.arrived(call))


def leaving_after_one_chunk(bench: Bench, wire: Wire) -> Finding:
    """The client leaves after one chunk: what was written by then is charged, neither nothing nor the whole cap.

    BerriAI/litellm#30522, BerriAI/litellm#35958, BerriAI/litellm#36008, maximhq/bifrost#3709, mozilla-ai/otari#256;
    the other way: QuantumNous/new-api#4168.
    """
    call = bench.call("output_tokens=2000; chunks=10; chunk_ms=400", cap=8_000, stream=True, pad_bytes=2_000)
    return bench.metered(
        wire, bench.plenty(), call, tolerance_percent=ESTIMATE_PERCENT, leave_at=lambda read: _text_chunks(bench, call) >= 1 and bool(read)
    )


def leaving_before_the_end_marker(bench: Bench, wire: Wire) -> Finding:
    """The client leaves when all of the text has come, and the end marker has not: SDKs do it when they have what they want.

    BerriAI/litellm#33736, mozilla-ai/otari#256.
    """
    call = bench.call("output_tokens=400; chunks=4; end_ms=1500", stream=True, pad_bytes=2_000)
    return bench.metered(wire, bench.plenty(), call, tolerance_percent=ESTIMATE_PERCENT, leave_at=lambda read: _text_chunks(bench, call) >= 4)


def leaving_an_answer_that_is_not_streamed(bench: Bench, wire: Wire) -> Finding:
    """The client leaves before an answer that is not streamed: a provider that goes on writing charges for it.

    BerriAI/litellm#13245.
    """
    call = bench.call("output_tokens=400; delay_ms=1000", pad_bytes=2_000)
    return bench.metered(wire, bench.plenty(), call, tolerance_percent=ESTIMATE_PERCENT, leave_unread=lambda: bench.arrived(call))


def a_stream_without_usage(bench: Bench, wire: Wire) -> Finding:
    """A stream in which the provider never says its usage is an estimate, not free.

    BerriAI/litellm#35290, Kong/kong#14535, maximhq/bifrost#4484.
    """
    call = bench.call("output_tokens=400; no_usage", stream=True, pad_bytes=6_000)
    return bench.metered(wire, bench.plenty(), call, tolerance_percent=ESTIMATE_PERCENT)


def an_answer_without_usage(bench: Bench, wire: Wire) -> Finding:
    """An answer without its usage is an estimate, not free.

    BerriAI/litellm#37924.
    """
    call = bench.call("output_tokens=400; no_usage", pad_bytes=6_000)
    return bench.metered(wire, bench.plenty(), call, tolerance_percent=ESTIMATE_PERCENT)


def a_stream_with_zero_usage(bench: Bench, wire: Wire) -> Finding:
    """A stream whose usage says zero although it has text: the provider charges for it all the same, so it is an estimate.

    BerriAI/litellm#37992 argues the other way; here the provider's bill decides.
    """
    call = bench.call("output_tokens=400; zero_usage", stream=True, pad_bytes=6_000)
    return bench.metered(wire, bench.plenty(), call, tolerance_percent=ESTIMATE_PERCENT)


def usage_beside_choices(bench: Bench, wire: Wire) -> Finding:
    """Usage in the same chunk as the end of the text, as several providers send it, counts.

    BerriAI/litellm#36168.
    """
    return bench.metered(wire, bench.plenty(), bench.call("output_tokens=400; usage_with_choices", stream=True))


def usage_twice(bench: Bench, wire: Wire) -> Finding:
    """Usage that a stream says twice counts once.

    modelbus/one-api-pro#13, InsForge/InsForge#2015.
    """
    return bench.metered(wire, bench.plenty(), bench.call("output_tokens=400; usage_twice", stream=True))


def cached_prompt(bench: Bench, wire: Wire) -> Finding:
    """Cached tokens are charged once, at their own rate: OpenAI and Gemini count them inside the prompt, Anthropic beside it.

    BerriAI/litellm#11789, BerriAI/litellm#6215, BerriAI/litellm#14849, maximhq/bifrost#3451, maximhq/bifrost#5354.
    """
    return bench.metered(wire, bench.plenty(), bench.call("input_tokens=9000; cached=8000; output_tokens=100"))


def cached_prompt_in_a_stream(bench: Bench, wire: Wire) -> Finding:
    """The same in a stream; Anthropic's start and delta both say it.

    BerriAI/litellm#11364, maximhq/bifrost#904.
    """
    return bench.metered(wire, bench.plenty(), bench.call("input_tokens=9000; cached=8000; output_tokens=100", stream=True))


def cache_writes(bench: Bench, wire: Wire) -> Finding:
    """Tokens written to the cache for five minutes and for an hour have each their own rate.

    BerriAI/litellm#9812, maximhq/bifrost#3451.
    """
    return bench.metered(wire, bench.plenty(), bench.call(_WRITES))


def cache_writes_in_a_stream(bench: Bench, wire: Wire) -> Finding:
    """The same in a stream: the split by lifetime is in ``message_start`` alone, the totals again in ``message_delta``.

    maximhq/bifrost#904, BerriAI/litellm#9812.
    """
    return bench.metered(wire, bench.plenty(), bench.call(_WRITES, stream=True))


_WRITES = "input_tokens=9000; cached=2000; cache_write_5m=3000; cache_write_1h=1500; output_tokens=100"


def reasoning_that_is_not_shown(bench: Bench, wire: Wire) -> Finding:
    """Reasoning is charged as output, although its text never comes.

    BerriAI/litellm#35290.
    """
    return bench.metered(wire, bench.plenty(), bench.call("output_tokens=400; reasoning=350"))


def reasoning_in_a_stream(bench: Bench, wire: Wire) -> Finding:
    """The same in a stream, whose client did not ask for usage.

    BerriAI/litellm#35290: over 90 % of the output was missing.
    """
    return bench.metered(wire, bench.plenty(), bench.call("output_tokens=400; reasoning=350", stream=True))


def audio(bench: Bench, wire: Wire) -> Finding:
    """Audio heard and spoken has rates of its own.

    BerriAI/litellm#19771, langwatch/langwatch#7036.
    """
    return bench.metered(wire, bench.plenty(), bench.call("input_tokens=2000; audio=1500; output_tokens=400; audio_out=300"))


def pictures(bench: Bench, wire: Wire) -> Finding:
    """Pictures in a prompt have a rate of their own where the provider counts them apart.

    BerriAI/litellm#18153: they were not counted at all.
    """
    return bench.metered(wire, bench.plenty(), bench.call("input_tokens=2000; image=1200; output_tokens=100"))


def hosted_web_search(bench: Bench, wire: Wire) -> Finding:
    """Searches that the provider makes are charged beside the tokens.

    BerriAI/litellm#15227, BerriAI/litellm#31355.
    """
    tool = {"type": "web_search_20250305", "name": "web_search", "max_uses": 3} if wire.name == "anthropic-messages" else {"type": "web_search"}
    return bench.metered(wire, bench.key(), bench.call("output_tokens=100; web_search=3", extra={"tools": [tool]}))


def embeddings(bench: Bench, wire: Wire) -> Finding:
    """Embeddings are counted like any call.

    BerriAI/litellm#36646.
    """
    return bench.metered(wire, bench.plenty(), bench.call(pad_bytes=4_000))


def the_rows_are_the_counter(bench: Bench, wire: Wire) -> Finding:
    """The costs of single calls add up to what the key has spent, and to the provider's bill, to the nano-dollar.

    BerriAI/litellm#28283, BerriAI/litellm#40050, BerriAI/litellm#27989.
    """
    key = bench.key()
    before, rows_before = bench.gateway.spent(key), len(bench.gateway.rows(key))
    calls = [bench.call(f"output_tokens={37 + number}", stream=number % 2 == 0) for number in range(ROWS)]
    replies = bench.send_all(wire, [key], calls)
    true = bench.bill(*calls)
    counted = bench.counted(key, before, true, replies)
    rows = bench.rows(key, rows_before + ROWS)
    added = sum(cost or 0 for cost in rows) - (before if rows_before else 0)
    ok = counted == true == added and len(rows) - rows_before == ROWS
    return Finding(ok, f"{len(rows) - rows_before} rows of {ROWS} calls, off by {added - counted} nano-dollars from the counter", true, counted)


def no_price_is_not_free(bench: Bench, wire: Wire) -> Finding:
    """A call of a model without a price, where no limit forbids it, is recorded as unknown, not as free.

    BerriAI/litellm#36561: dashboards under-report, quietly, for ever.
    """
    key = bench.key()
    before = len(bench.gateway.rows(key))
    call = bench.call("output_tokens=100", model=UNPRICED)
    reply = bench.send(wire, key, call)
    if reply.status != 200:
        return Finding(not bench.seen(call), f"refused: {said(wire, reply)}")
    rows = bench.rows(key, before + 1)
    unknown = len(rows) > before and None in rows
    return Finding(unknown, "recorded as unknown" if unknown else "recorded as free" if len(rows) > before else "not recorded")


def the_same_request_twice(bench: Bench, wire: Wire) -> Finding:
    """The same request sent twice with one idempotency key: billed as often as the provider was asked, no more and no less.

    mozilla-ai/otari#742: a settlement that was not idempotent.
    """
    key, call = bench.key(), bench.call("output_tokens=200")
    before = bench.spent(key)
    same = {"idempotency-key": call.mark, "x-request-id": call.mark, "x-client-request-id": call.mark}
    replies = [bench.send(wire, key, call, headers=same) for _ in range(2)]
    true = bench.bill(call)
    return Finding(
        (counted := bench.counted(key, before, true, replies)) == true > 0, f"the provider was asked {len(bench.seen(call))} times", true, counted
    )


def _text_chunks(bench: Bench, call: Call) -> int:
    """How many chunks of text the provider has sent of a call."""
    mark = call.mark.encode()
    return max((each.sent_chunks for each in list(bench.provider.calls) if mark in each.body), default=0)
