"""What happens over time: the process is killed, a window ends, a price changes, a record comes twice."""

import time
from concurrent.futures import ThreadPoolExecutor

from wellspent.facts.money import exact_usd
from wellspent.testing.conformance.adapter import Key
from wellspent.testing.conformance.bench import Bench, Call, said
from wellspent.testing.conformance.prices import DATED, SMALL, bill_nanousd, dated_tariff, tariffs
from wellspent.testing.conformance.result import Finding
from wellspent.testing.conformance.wires import Wire

ANSWER_TOKENS = 1_000
HOUR_S = 3_600
DAY_S = 24 * HOUR_S
TRIES = 8


def killed_in_the_middle_of_a_call(bench: Bench, wire: Wire) -> Finding:
    """kill -9 with a call open: what was spent before counts against the limit still, the open call's hold comes back or is charged, not both.

    mozilla-ai/otari#742 (holds that cannot be taken back), BerriAI/litellm#27989 (increments lost).
    """
    return _killed(bench, wire, _call(bench, 4_000))


def killed_in_the_middle_of_a_stream(bench: Bench, wire: Wire) -> Finding:
    """The same with a stream of which the client has read a part: nothing is given away that was not written down.

    mozilla-ai/otari#742, BerriAI/litellm#35958.
    """
    return _killed(bench, wire, bench.call(f"output_tokens={ANSWER_TOKENS}; chunks=10; chunk_ms=400", cap=ANSWER_TOKENS, stream=True))


def _killed(bench: Bench, wire: Wire, cut: Call) -> Finding:
    """One call, one that is cut by the kill, and then calls until the limit, which pays four and a half.

    What the cut call is charged may be its worst case and a twentieth: a gateway adds to a request, and its prompt may have been written to a cache.
    """
    limit = 4 * _price(bench, wire) + _price(bench, wire) // 2
    key, done = bench.limited(limit), _call(bench, 0)
    first = bench.send(wire, key, done)
    bench.counted(key, 0, bench.bill(done), [first])
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(bench.send, wire, key, cut)
        if not bench.until_arrived(cut, running):
            return Finding(False, f"the call to be cut was not let in: {said(wire, running.result())}")
        time.sleep(0.6 if cut.stream else 0.1)
        bench.gateway.restart()
        running.result()
    after, passed = _until_refused(bench, wire, key)
    true = bench.bill(done, cut, *after)
    counted = bench.counted(key, 0, true)
    bound = _bound(wire, cut) * 21 // 20
    charged, known = counted - bench.bill(done, *after), bench.bill(cut)
    falsely = max(0, limit - counted) // bound
    ok = first.ok and true <= limit and known <= charged <= bound and not falsely
    note = f"the cut call is charged ${exact_usd(max(0, charged))} of at most ${exact_usd(bound)}, then {passed} calls passed"
    return Finding(ok, note, true, counted, limit, falsely)


def a_window_begins_anew_with_calls_open(bench: Bench, wire: Wire) -> Finding:
    """A limit by the hour, and a call that is open when the hour ends: it counts once, and the new hour pays what an hour pays.

    BerriAI/litellm#16057, BerriAI/litellm#25509, BerriAI/litellm#8364.
    """
    bench.gateway.advance(0)
    limit = 3 * _price(bench, wire) + _price(bench, wire) // 2
    key = bench.limited(limit, "hour")
    before = [_call(bench, 0) for _ in range(2)]
    for call in before:
        bench.send(wire, key, call)
    crossing = _call(bench, 2_500)
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(bench.send, wire, key, crossing)
        if not bench.until_arrived(crossing, running):
            return Finding(False, f"the crossing call was not let in: {said(wire, running.result())}")
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


def limits_by_the_day_and_the_month_begin_anew(bench: Bench, wire: Wire) -> Finding:
    """Used up, a day's limit pays a day again when a day has gone by, and a month's pays a month when 31 days have; a key has its own.

    BerriAI/litellm#19105, bbvch-ai/aihub-core#1767.
    """
    bench.gateway.advance(0)
    limit = 3 * _price(bench, wire)
    keys = {window: bench.limited(limit, window) for window in ("day", "month")}
    first = {window: _until_refused(bench, wire, key) for window, key in keys.items()}
    bench.gateway.advance(DAY_S)
    then = {"day": _until_refused(bench, wire, keys["day"])}
    bench.gateway.advance(30 * DAY_S)
    then["month"] = _until_refused(bench, wire, keys["month"])
    bills = [bench.bill(*calls) for calls, _ in (*first.values(), *then.values())]
    ok = max(bills) <= limit and all(passed >= 2 for _, passed in (*first.values(), *then.values()))
    note = ", ".join(f"{window}: {first[window][1]} calls, and {then[window][1]} in the next" for window in keys)
    return Finding(ok, note, max(bills), None, limit)


def a_price_changes_with_a_call_open(bench: Bench, wire: Wire) -> Finding:
    """A price changes at midnight (UTC): a call that began before is charged the old one, a call that begins after it the new one.

    mozilla-ai/any-llm#994, ccusage/ccusage#1636, kenn-io/agentsview#1540: a new price changes what the past is said to have cost.
    """
    bench.gateway.advance(0)
    key = bench.key()
    ahead = bench.gateway.seconds_to_price_change()
    if ahead <= 0:
        return Finding(False, "the price had changed before the case began")
    old, new = (bench.call(f"output_tokens=200; delay_ms={delay_ms}", model=DATED) for delay_ms in (2_500, 0))
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(bench.send, wire, key, old)
        if not bench.until_arrived(old, running):
            return Finding(False, f"the first call was not let in: {said(wire, running.result())}")
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


def _bound(wire: Wire, call: Call) -> int:
    """What a call can cost at the most: a token has a byte at least."""
    rates = tariffs()[SMALL].rates
    prompt = len(wire.request(SMALL, call.prompt, call.cap, stream=call.stream, extra={}).body)
    return prompt * rates["input_tokens"] + (call.cap or 0) * rates["output_tokens"]


def _until_refused(bench: Bench, wire: Wire, key: Key) -> tuple[list[Call], int]:
    """Calls one after the other until the gateway says no; the calls, and how many were answered."""
    calls: list[Call] = []
    for _ in range(TRIES):
        call = _call(bench, 0)
        calls.append(call)
        if not bench.send(wire, key, call).ok:
            break
    return calls, len(calls) - 1
