"""What happens over time: the process is killed, a window ends, a price changes, a record comes twice."""

import time
from concurrent.futures import ThreadPoolExecutor

from wellspent.testing.conformance.adapter import Key
from wellspent.testing.conformance.bench import Bench, Call, said
from wellspent.testing.conformance.prices import DATED, SMALL, bill_nanousd, dated_tariff, tariffs
from wellspent.testing.conformance.result import Finding
from wellspent.testing.conformance.wires import Wire

ANSWER_TOKENS = 1_000
HOUR_S = 3_600
TRIES = 8


def killed_in_the_middle_of_a_call(bench: Bench, wire: Wire) -> Finding:
    """kill -9 with a call open: what was spent before is still known, the open call is charged at most its bound, and its key goes on.

    mozilla-ai/otari#742 (holds that cannot be taken back), BerriAI/litellm#27989 (increments lost).
    """
    key = bench.limited(20 * _price(bench, wire))
    done, cut, after = (_call(bench, delay_ms) for delay_ms in (0, 4_000, 0))
    first = bench.send(wire, key, done)
    bench.counted(key, 0, bench.bill(done), [first])
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(bench.send, wire, key, cut)
        while not bench.arrived(cut):
            time.sleep(0.01)
        bench.gateway.restart()
        running.result()
    last = bench.send(wire, key, after)
    true = bench.bill(done, cut, after)
    counted = bench.counted(key, 0, true)
    bound = true + _price(bench, wire) * 2
    ok = first.ok and last.ok and true <= counted <= bound
    return Finding(ok, f"then: {'answered' if last.ok else said(wire, last)}", true, counted)


def a_window_begins_anew_with_calls_open(bench: Bench, wire: Wire) -> Finding:
    """A limit by the hour, and a call that is open when the hour ends: it counts once, and the new hour pays what an hour pays.

    BerriAI/litellm#16057, BerriAI/litellm#25509, BerriAI/litellm#8364.
    """
    bench.gateway.advance(0)
    limit = 3 * _price(bench, wire)
    key = bench.limited(limit, "hour")
    before = [_call(bench, 0) for _ in range(2)]
    for call in before:
        bench.send(wire, key, call)
    crossing = _call(bench, 2_500)
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(bench.send, wire, key, crossing)
        while not bench.arrived(crossing):
            time.sleep(0.01)
        bench.gateway.advance(HOUR_S)
        running.result()
    anew, passed = _until_refused(bench, wire, key)
    true_anew, true = bench.bill(*anew), bench.bill(*before, crossing, *anew)
    counted = bench.counted(key, 0, true)
    ok = true_anew <= limit and passed >= 2 and counted == true
    return Finding(ok, f"{passed} calls in the new hour, which pays 3", true, counted)


def a_window_that_slept_for_two_periods(bench: Bench, wire: Wire) -> Finding:
    """A limit by the hour that was used up, and nobody called for two hours: it pays one hour again, not two and not none.

    BerriAI/litellm#19105, BerriAI/litellm#5651, bbvch-ai/aihub-core#1767.
    """
    bench.gateway.advance(0)
    limit = 3 * _price(bench, wire)
    key = bench.limited(limit, "hour")
    before, first = _until_refused(bench, wire, key)
    bench.gateway.advance(2 * HOUR_S + 60)
    after, then = _until_refused(bench, wire, key)
    true = bench.bill(*after)
    ok = bench.bill(*before) <= limit and true <= limit and first >= 2 and then >= 2
    return Finding(ok, f"{first} calls, and {then} two hours later", true, None, limit)


def a_price_changes_with_a_call_open(bench: Bench, wire: Wire) -> Finding:
    """A price changes at midnight (UTC): a call that began before is charged the old one, a call that begins after it the new one.

    Reports that price the past anew are the field's habit; providers bill by when a call was made.
    """
    bench.gateway.advance(0)
    key = bench.key()
    ahead = bench.gateway.seconds_to_price_change()
    if ahead <= 0:
        return Finding(False, "the price had changed before the case began")
    old, new = (bench.call(f"output_tokens=200; delay_ms={delay_ms}", model=DATED) for delay_ms in (2_500, 0))
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(bench.send, wire, key, old)
        while not bench.arrived(old):
            time.sleep(0.01)
        bench.gateway.advance(ahead + 5)
        running.result()
    bench.send(wire, key, new)
    true = bench.bill(old) + bill_nanousd(bench.seen(new), dated_tariff())
    counted = bench.counted(key, 0, true)
    return Finding(counted == true > 0, "", true, counted)


def the_same_call_imported_again(bench: Bench, wire: Wire) -> Finding:
    """A record of a call that went through the gateway (a client's log, a provider's export) is imported: it counts once.

    Two witnesses of one call are two charges wherever imports and the gateway do not share an id (BerriAI/litellm#28283).
    """
    key, call = bench.key(), bench.call("output_tokens=200")
    bench.send(wire, key, call)
    for each in bench.seen(call):
        bench.gateway.import_again(each)
    true = bench.bill(call)
    counted = bench.counted(key, 0, true)
    return Finding(counted == true > 0, "", true, counted)


def _call(bench: Bench, delay_ms: int) -> Call:
    return bench.call(f"output_tokens={ANSWER_TOKENS}; delay_ms={delay_ms}", cap=ANSWER_TOKENS)


def _price(bench: Bench, wire: Wire) -> int:
    """What such a call costs, give or take a few tokens."""
    rates, call = tariffs()[SMALL].rates, _call(bench, 4_000)
    prompt = len(wire.request(SMALL, call.prompt, call.cap, stream=False, extra={}).body) // 4 + 1
    return prompt * rates["input_tokens"] + ANSWER_TOKENS * rates["output_tokens"]


def _until_refused(bench: Bench, wire: Wire, key: Key) -> tuple[list[Call], int]:
    """Calls one after the other until the gateway says no; the calls, and how many were answered."""
    calls: list[Call] = []
    for _ in range(TRIES):
        call = _call(bench, 0)
        calls.append(call)
        if not bench.send(wire, key, call).ok:
            break
    return calls, len(calls) - 1
