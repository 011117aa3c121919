"""Does a limit hold, and does it let through what it can pay?

A limited call here costs nearly all of its money in its answer, whose cap the caller says: so a bound of it need not be loose, and a gateway
that refuses it long before the limit has no excuse in the prompt.
"""

from collections.abc import Sequence

import msgspec

from wellspent.testing.conformance.adapter import Adapter, Key
from wellspent.testing.conformance.bench import Bench, Call, refused, said
from wellspent.testing.conformance.cases.tools import TOOL, turn
from wellspent.testing.conformance.client import Reply
from wellspent.testing.conformance.prices import SMALL, UNPRICED, tariffs
from wellspent.testing.conformance.result import Finding
from wellspent.testing.conformance.wires import Wire

ANSWER_TOKENS = 1_000
PAYABLE = 5
AT_ONCE = 30
AFTER = 60  # calls one after the other, once the rush is over
RUN_CALLS = 200


def many_calls_at_once(bench: Bench, wire: Wire) -> Finding:
    """Thirty calls at once under a limit that can pay five: they cost no more than the limit, and none is refused whose worst case it could pay.

    BerriAI/litellm#34732, BerriAI/litellm#40095, BerriAI/litellm#23714, maximhq/bifrost#3547, envoyproxy/ai-gateway#680,
    candelahq/candela#634; refused too early: BerriAI/litellm#27639, BerriAI/litellm#36926, BerriAI/litellm#38647.
    """
    limit = _payable(bench, wire)
    return _rush(bench, wire, [bench.limited(limit)], limit)


def many_calls_at_two_processes(bench: Bench, wire: Wire) -> Finding:
    """The same through two processes of the gateway in turn: the limit is one.

    maximhq/bifrost#3547, BerriAI/litellm#27735.
    """
    other = bench.gateway.second()
    limit = _payable(bench, wire)
    return _rush(bench, wire, [bench.limited(limit)], limit, at=[bench.gateway, other])


def no_output_cap(bench: Bench, wire: Wire) -> Finding:
    """A call that sets no cap of its answer (or the largest, where the API insists on one), under a limit that its whole answer would burst.

    BerriAI/litellm#27509: a worst case was held instead, and nothing passed. Refusing is right, capping is better.
    """
    limit = 10 * _price(bench, wire)
    key = bench.limited(limit)
    calls = [bench.call("output_tokens=100000", cap=None, stream=number % 2 == 1) for number in range(4)]
    replies = [bench.send(wire, key, call) for call in calls]
    wrong = _not_refused(wire, replies)
    passed = sum(reply.status == 200 for reply in replies)
    return _held(bench, calls, limit, wrong or (f"{passed} of {len(calls)} answered" if passed else "refused"), ok=not wrong)


def a_long_prompt_against_a_limit(bench: Bench, wire: Wire) -> Finding:
    """A prompt beyond the size at which prices double, under a limit that pays it at the lower price only.

    BerriAI/litellm#40002: four of five were admitted at the base rate, $0.60 against a cap of $0.45.
    """
    bench.needs_long_prices()
    call = bench.call("output_tokens=10", cap=10, pad_bytes=1_000_000)
    low = tariffs()[SMALL].rates["input_tokens"] * 260_000
    key = bench.limited(low + low // 2)
    reply = bench.send(wire, key, call)
    return _held(bench, [call], low + low // 2, said(wire, reply) if reply.status != 200 else "answered", ok=reply.ok or refused(wire, reply))


def no_price_against_a_limit(bench: Bench, wire: Wire) -> Finding:
    """A model that no price is known of, under a limit: nobody can hold it to dollars, so it does not pass as if it were free.

    Vigil-SOC/vigil#985, BerriAI/litellm#24949.
    """
    key = bench.limited(10 * _price(bench, wire))
    priced, call = bench.call("output_tokens=10"), bench.call("output_tokens=1000", cap=ANSWER_TOKENS, model=UNPRICED)
    before, reply = bench.send(wire, key, priced), bench.send(wire, key, call)
    if not before.ok:
        return Finding(False, f"a model with a price was not answered either: {said(wire, before)}")
    passed = reply.status == 200 or bool(bench.seen(call))
    return Finding(not passed and reply.status < 500, "answered, whatever it may cost" if passed else f"refused: {said(wire, reply)}")


def a_limit_above_two_keys(bench: Bench, wire: Wire) -> Finding:
    """A limit on a team or an organisation, reached through two of its keys at once.

    BerriAI/litellm#26672, BerriAI/litellm#12794; sums above the key are where counters race.
    """
    limit = _payable(bench, wire)
    keys = bench.gateway.limited_together(limit, 2)
    bench.wait_for_settings()
    return _rush(bench, wire, keys, limit)


def a_limit_lowered_below_what_was_spent(bench: Bench, wire: Wire) -> Finding:
    """A limit lowered below what its key has spent: the next call is refused.

    BerriAI/litellm#23714, maximhq/bifrost#5673.
    """
    price = _price(bench, wire)
    key = bench.limited(10 * price)
    first = _priced_call(bench, wire)
    before = bench.send(wire, key, first)
    bench.counted(key, 0, bench.bill(first), [before])
    bench.gateway.lower(key, price // 2)
    bench.wait_for_settings()
    second = _priced_call(bench, wire)
    after = bench.send(wire, key, second)
    if before.status != 200:
        return Finding(False, f"the first call was not answered: {said(wire, before)}")
    true = bench.bill(first, second)
    return Finding(refused(wire, after) and not bench.seen(second), f"then: {said(wire, after)}", true)


def a_key_revoked_in_the_middle_of_a_stream(bench: Bench, wire: Wire) -> Finding:
    """A key taken back while a stream of it runs: what runs is billed, what follows is refused.

    proliferate-ai/proliferate#1508: what arrived after the key was gone had nobody to be charged to.
    """
    key = bench.key()
    running = bench.call(f"output_tokens={ANSWER_TOKENS}; chunks=20; chunk_ms=150", cap=ANSWER_TOKENS, stream=True)
    revoked: list[bool] = []

    def then(read: bytes) -> bool:
        if not revoked:
            revoked.append(True)
            bench.gateway.revoke(key)
        return False

    before = bench.spent(key)
    first = bench.send(wire, key, running, leave_at=then)
    bench.wait_for_settings()
    second = _priced_call(bench, wire)
    after = bench.send(wire, key, second)
    true = bench.bill(running)
    counted = bench.counted(key, before, true, [first])
    ok = counted == true > 0 and after.status in (401, 403) and not bench.seen(second)
    return Finding(ok, f"the next call: {said(wire, after)}", true, counted)


def a_run_of_two_hundred_calls(bench: Bench, wire: Wire) -> Finding:
    """An agent's run: a tool asked for and answered, a hundred times, under a ceiling that pays fewer than half: neither passed nor missed.

    BerriAI/litellm#34732, Vigil-SOC/vigil#593, anthropics/claude-code#58311.
    """
    each = tariffs()[SMALL].rates["output_tokens"] * 50
    limit = RUN_CALLS // 2 * each
    key = bench.gateway.limited_run(limit)
    bench.wait_for_settings()
    calls = [_turn(bench, wire, number) for number in range(RUN_CALLS)]
    replies = [bench.send(wire, key, call) for call in calls]
    passed = sum(reply.status == 200 for reply in replies)
    true = bench.bill(*calls)
    falsely = max(0, limit - true) // max(_bound(wire, call) for call in calls) if passed < RUN_CALLS else 0
    wrong = _not_refused(wire, replies)
    note = wrong or f"{passed} of {RUN_CALLS} answered before the ceiling"
    return Finding(not wrong and true <= limit and not falsely and passed < RUN_CALLS, note, true, None, limit, falsely)


# What they share


def _turn(bench: Bench, wire: Wire, number: int) -> Call:
    """A call of the run: the model asks for a tool in one, and has its answer in the next; streams among both."""
    call = bench.call(f"output_tokens=50; tool={TOOL}", cap=50, stream=number % 4 < 2)
    return msgspec.structs.replace(call, extra=turn(wire.name, call.prompt, answered=number % 2 == 1))


def _priced_call(bench: Bench, wire: Wire, *, stream: bool = False) -> Call:
    """A call of a known cost: nearly all of it in its answer; of an embedding, in its prompt."""
    if wire.name == "openai-embeddings":
        return bench.call("delay_ms=300", pad_bytes=20_000)
    return bench.call(f"output_tokens={ANSWER_TOKENS}; delay_ms=300", cap=ANSWER_TOKENS, stream=stream)


def _price(bench: Bench, wire: Wire) -> int:
    """What such a call costs, in nano-dollars, give or take a few tokens."""
    rates, call = tariffs()[SMALL].rates, _priced_call(bench, wire)
    prompt = len(wire.request(SMALL, call.prompt, call.cap, stream=False, extra={}).body) // 4 + 1
    return prompt * rates["input_tokens"] + (0 if wire.name == "openai-embeddings" else ANSWER_TOKENS * rates["output_tokens"])


def _payable(bench: Bench, wire: Wire) -> int:
    """A limit that pays five such calls and half of one: how a gateway writes a prompt anew, and who counts its tokens how, decides nothing."""
    return PAYABLE * _price(bench, wire) + _price(bench, wire) // 2


def _bound(wire: Wire, call: Call) -> int:
    """What a call can cost at the most, as far as anybody can know before the provider has counted its prompt: a token has a byte at least."""
    rates = tariffs()[SMALL].rates
    prompt = len(wire.request(SMALL, call.prompt, call.cap, stream=False, extra=call.extra).body)
    return prompt * rates["input_tokens"] + (0 if wire.name == "openai-embeddings" else (call.cap or 0) * rates["output_tokens"])


def _rush(bench: Bench, wire: Wire, keys: Sequence[Key], limit: int, *, at: Sequence[Adapter] = ()) -> Finding:
    """Many calls at once, then one after the other until the gateway says no: what passed, what that cost, and what was left then."""
    calls = [_priced_call(bench, wire, stream=number % 2 == 1) for number in range(AT_ONCE)]
    replies = bench.send_all(wire, keys, calls, at=at)
    wrong = _not_refused(wire, replies)
    passed = sum(reply.status == 200 for reply in replies)
    later = 0
    for number in range(AFTER):
        call = _priced_call(bench, wire, stream=number % 2 == 1)
        calls.append(call)
        reply = bench.send(wire, keys[number % len(keys)], call)
        wrong = wrong or _not_refused(wire, [reply])
        if reply.status != 200:
            break
        later += 1
    true = bench.bill(*calls)
    bound = _bound(wire, calls[0])
    falsely = max(0, limit // bound - passed) + max(0, limit - true) // bound
    note = wrong or f"{passed} of {AT_ONCE} at once, {later} more afterwards"
    return Finding(not wrong and true <= limit and not falsely, note, true, None, limit, falsely)


def _not_refused(wire: Wire, replies: Sequence[Reply]) -> str:
    """An answer that is neither one nor a refusal, in words; "" where all are."""
    wrong = [reply for reply in replies if not reply.ok and not refused(wire, reply)]
    return f"neither answered nor refused: {said(wire, wrong[0])}" if wrong else ""


def _held(bench: Bench, calls: Sequence[Call], limit: int, note: str, *, ok: bool) -> Finding:
    true = bench.bill(*calls)
    return Finding(ok and true <= limit, note, true, None, limit)
