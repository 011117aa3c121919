"""Ways around the meter, failures on the way, and how a no reaches people."""

import importlib.util
import json
import subprocess
import sys
import time
from typing import Any
from urllib.parse import urlsplit

import msgspec

from wellspent.testing.conformance.adapter import Key, NotOffered
from wellspent.testing.conformance.bench import Bench, Call, refused, said
from wellspent.testing.conformance.client import Reply, send
from wellspent.testing.conformance.prices import FALLBACK, LARGE, SMALL, tariffs
from wellspent.testing.conformance.relay import CountingRelay
from wellspent.testing.conformance.result import Finding
from wellspent.testing.conformance.wires import Wire

SIDE_DOORS = {
    "openai-chat": (
        "/v1/completions",
        "/v1/batches",
        "/v1/files",
        "/v1/images/generations",
        "/v1/audio/speech",
        "/v1/videos",
        "/v1/fine_tuning/jobs",
        "/v1/realtime/sessions",
        "/v1/embeddings",
        "/v1/responses",
        "/openai/v1/chat/completions",
        "/openai/chat/completions",
    ),
    "anthropic-messages": ("/v1/messages/batches", "/v1/complete", "/v1/files", "/anthropic/v1/messages", "/v1/agents"),
    "gemini": (
        f"/v1beta/models/{SMALL}:batchGenerateContent",
        f"/v1beta/models/{SMALL}:embedContent",
        f"/v1beta/models/{SMALL}:predict",
        "/v1beta/cachedContents",
        f"/gemini/v1beta/models/{SMALL}:generateContent",
    ),
}
COUNTING = {"anthropic-messages": "/v1/messages/count_tokens", "gemini": f"/v1beta/models/{SMALL}:countTokens"}
ABOUT_MONEY = ("budget", "limit", "spend", "spent", "quota", "exceed", "credit", "funds")
ABOUT_RATES = ("rate limit", "rate-limit", "rate_limit", "ratelimit", "too many requests", "requests per", "try again in", "retry after")
NEVER = "never reached the provider"
FREE = ("/input_tokens", "/count_tokens", ":countTokens")
SDKS = {
    "openai-chat": (
        "openai",
        "OpenAI(api_key=key, base_url=url + '/v1')",
        "chat.completions.create(model=model, messages=messages, extra_body=more)",
    ),
    "openai-responses": ("openai", "OpenAI(api_key=key, base_url=url + '/v1')", "responses.create(model=model, input=prompt, extra_body=more)"),
    "anthropic-messages": (
        "anthropic",
        "Anthropic(api_key=key, base_url=url)",
        "messages.create(model=model, max_tokens=500, messages=messages, extra_body=more)",
    ),
    "gemini": (
        "google.genai",
        "Client(api_key=key, http_options={'base_url': url, 'api_version': 'v1beta', 'extra_body': more})",
        "models.generate_content(model=model, contents=prompt)",
    ),
}
SDK_S_MAX = 60.0
SCRIPT = """
import json, sys, time
from {module} import *
key, url, model, prompt, more = json.load(sys.stdin)
more = more or None
messages = [{{"role": "user", "content": prompt}}]
began = time.monotonic()
try:
    client = {client}
    client.{call}
    told = {{"message": "", "answered": True}}
except Exception as error:
    told = {{"message": str(error), "answered": False}}
print(json.dumps({{**told, "seconds": time.monotonic() - began}}))
"""


def side_doors_of_a_spent_key(bench: Bench, wire: Wire) -> Finding:
    """A key whose limit is used up reaches the provider by no other path: no batch, no file, no pass-through.

    BerriAI/litellm#10750, BerriAI/litellm#13882, BerriAI/litellm#12794, BerriAI/litellm#38176, maximhq/bifrost#2873.
    """
    key = bench.used_up(wire)
    if why := _not_for_its_limit(bench, wire, key):
        return Finding(False, why)
    call = bench.call("output_tokens=500")
    model = bench.gateway.model(SMALL, wire)
    extra = {"input": call.prompt, "prompt": call.prompt, **bench.gateway.fields(wire, key, stream=False)}
    asked = wire.request(model, call.prompt, 500, stream=False, extra=extra)
    through = []
    for path in SIDE_DOORS[wire.name]:
        before = _arrivals(bench, call)
        headers = {"content-type": "application/json", "anthropic-version": "2023-06-01", **bench.gateway.headers(wire, key)}
        send(bench.gateway.url + bench.gateway.path(path.replace(SMALL, model)), "POST", headers, asked.body, timeout_s=20)
        if _arrivals(bench, call) > before:
            through.append(path)
    return Finding(not through, f"open: {', '.join(through)}" if through else f"{len(SIDE_DOORS[wire.name])} paths are closed", bench.bill(call))


def counting_tokens_is_free(bench: Bench, wire: Wire) -> Finding:
    """Providers count a prompt's tokens for nothing, so it is not charged.

    BerriAI/litellm#36592: pass-through calls leaked a hold each.
    """
    key, call = bench.key(), bench.call()
    before = bench.gateway.spent(key)
    model = bench.gateway.model(SMALL, wire)
    request = wire.request(model, call.prompt, None, stream=False, extra=bench.gateway.fields(wire, key, stream=False))
    headers = {"content-type": "application/json", **request.headers, **bench.gateway.headers(wire, key)}
    path = bench.gateway.path(COUNTING[wire.name].replace(SMALL, model))
    reply = send(bench.gateway.url + path, "POST", headers, request.body, timeout_s=20)
    if reply.status in (404, 405):
        raise NotOffered("the path that counts tokens is not served")
    if not reply.ok:
        raise NotOffered(f"the path that counts tokens does not count: {said(wire, reply)}")
    bench.wait_for_settings()
    counted = bench.gateway.spent(key) - before
    return Finding(counted == 0, "", 0, counted)


def a_failed_call_costs_nothing(bench: Bench, wire: Wire) -> Finding:
    """A call that the provider answered with an error is not charged, however often it was tried.

    QuantumNous/new-api#4199, maximhq/bifrost#3357.
    """
    key, call = bench.key(), bench.call("status=500")
    before = bench.spent(key)
    reply = bench.send(wire, key, call)
    bench.wait_for_settings()
    counted = bench.counted(key, before, 0, [reply])
    tried = len(bench.seen(call))
    if not tried:
        return Finding(False, f"{NEVER}: {said(wire, reply)}")
    return Finding(reply.status >= 400 and counted == 0, f"tried {tried} times, then {reply.status}", bench.bill(call), counted)


def failures_do_not_use_a_limit_up(bench: Bench, wire: Wire) -> Finding:
    """Ten calls that fail at the provider leave a limit as it was: their holds come back.

    BerriAI/litellm#27639, BerriAI/litellm#36592, mozilla-ai/otari#742.
    """
    limit = 2 * tariffs()[SMALL].rates["output_tokens"] * 1_200
    key = bench.limited(limit)
    failed = [bench.call("status=500", cap=1_000) for _ in range(10)]
    for call in failed:
        reply = bench.send(wire, key, call)
    if not bench.seen(*failed):
        return Finding(False, f"{NEVER}: {said(wire, reply)}")
    good = bench.call("output_tokens=1000", cap=1_000)
    reply = bench.send(wire, key, good)
    return Finding(reply.ok, f"then: {'answered' if reply.ok else said(wire, reply)}", bench.bill(*failed, good), None, limit, int(not reply.ok))


def a_retry_is_billed_once(bench: Bench, wire: Wire) -> Finding:
    """The provider is overloaded once and would answer then: who tries again charges what answered, once; who relays the failure charges nothing.

    ls1intum/edutelligence#853 (a charge for each attempt), QuantumNous/new-api#4199.
    """
    key, call = bench.key(), bench.call()
    call = msgspec.structs.replace(call, do=f"status=503; times=1; message={call.mark}; output_tokens=500")  # counted for this call alone
    before = bench.spent(key)
    reply = bench.send(wire, key, call)
    bench.wait_for_settings()
    true = bench.bill(call)
    counted = bench.counted(key, before, true, [reply])
    tried = bench.seen(call)
    if not tried:
        return Finding(False, f"{NEVER}: {said(wire, reply)}")
    answered = sum(each.status == 200 for each in tried)
    right = answered == int(reply.ok) and (reply.ok or reply.status >= 400)
    end = "answered" if reply.ok else said(wire, reply)
    return Finding(right and counted == true, f"tried {len(tried)} times, answered {answered} times, then: {end}", true, counted)


def a_fallback_is_billed_as_what_answered(bench: Bench, wire: Wire) -> Finding:
    """The first model fails and a dearer one answers: its price is charged, and the failure is not.

    BerriAI/litellm#25503, BerriAI/litellm#8810: the cost was that of the model that was asked for, or none.
    """
    call = _falls_back(bench)
    found = bench.metered(wire, bench.plenty(), call)
    answered = [each.model for each in bench.seen(call) if each.status == 200]
    ok = found.ok and answered == [LARGE]
    return Finding(ok, found.note or f"answered by {', '.join(answered)}", found.true_nanousd, found.billed_nanousd)


def a_fallback_to_a_dearer_model_against_a_limit(bench: Bench, wire: Wire) -> Finding:
    """The same under a limit that the asked model fits and the fallback does not.

    candelahq/candela#634: what is held has to cover whoever may answer.
    """
    call = _falls_back(bench)
    limit = 2 * tariffs()[SMALL].rates["output_tokens"] * 1_000
    key = bench.limited(limit)
    reply = bench.send(wire, key, call)
    true = bench.bill(call)
    if not bench.seen(call) and not _is_of_a_limit(wire, reply):  # the provider's own failure may be relayed
        return Finding(False, f"{NEVER}, and not for its limit: {said(wire, reply)}", true, None, limit)
    return Finding(true <= limit, "answered" if reply.ok else said(wire, reply), true, None, limit)


def a_refusal_that_people_can_read(bench: Bench, wire: Wire) -> Finding:
    """A refusal comes at once, in the API's own error shape, says that it is about money, and asks nobody to try again.

    topoteretes/cognee#4679 (36 requests in four minutes for each refused call, 93 % of a gateway's traffic), HKUDS/LightRAG#3736,
    BerriAI/litellm#14144 (which budget?). Clients send 408, 409, 429 and 5xx again.
    """
    if why := _nobody_can_call(bench, wire):
        return Finding(False, why)
    key = bench.used_up(wire)
    wrong: list[str] = []
    for stream in (False, True):
        reply = bench.send(wire, key, bench.call("output_tokens=500", stream=stream))
        wrong += wrong_with_a_refusal(wire, reply)
    return Finding(not wrong, "; ".join(dict.fromkeys(wrong)) or said(wire, reply))


def wrong_with_a_refusal(wire: Wire, reply: Reply) -> list[str]:
    """What keeps a refusal for money from being one that people, and their clients, understand."""
    wrong = []
    if reply.ok:
        wrong.append("answered, although the limit is used up")
    elif reply.status in (408, 409, 425, 429) or reply.status >= 500:
        wrong.append(f"{reply.status} is retried by clients")
    elif reply.status in (0, 401, 404, 405):
        wrong.append(f"{reply.status} says something else than that money is used up")
    if "retry-after" in reply.headers:
        wrong.append(f"it asks to try again (retry-after: {reply.headers['retry-after']})")
    if not about_money(wire.error_text(reply.body)):
        wrong.append(f"not readable as being about money, in this API's shape: {said(wire, reply)}")
    if reply.seconds > 2:
        wrong.append(f"it took {reply.seconds:.1f} s")
    return wrong


def about_money(text: str) -> bool:
    """Whether a refusal's text says that money is the reason, and not how often somebody called.

    >>> about_money("the budget of this key is used up"), about_money("Rate limit exceeded. Please try again in 20s.")
    (True, False)
    """
    text = text.lower()
    return any(word in text for word in ABOUT_MONEY) and not any(word in text for word in ABOUT_RATES)


def a_refusal_is_not_retried_by_the_sdk(bench: Bench, wire: Wire) -> Finding:
    """The official SDK, as it is installed and with its own settings, shows a refusal after one request.

    topoteretes/cognee#4679, HKUDS/LightRAG#3736: the SDKs send a 429 again.
    """
    module = SDKS[wire.name][0]
    try:
        offered = importlib.util.find_spec(module) is not None
    except ModuleNotFoundError:
        offered = False
    if not offered:
        raise NotOffered(f"the SDK {module} is not installed beside the suite")
    if urlsplit(bench.gateway.url).scheme == "https":
        raise NotOffered("what counts an SDK's requests stands between it and the gateway, and speaks no TLS; name the gateway with http://")
    key = bench.used_up(wire)
    if why := _not_for_its_limit(bench, wire, key):
        return Finding(False, why)
    with CountingRelay(bench.gateway.url) as relay:
        told = _ask_with_sdk(SDKS[wire.name], bench, wire, relay.url, key)
    ok = relay.requests == 1 and not told["answered"] and about_money(told["message"])
    return Finding(ok, f"{relay.requests} requests in {told['seconds']:.1f} s: {told['message'][:160]}")


def _nobody_can_call(bench: Bench, wire: Wire) -> str:
    """The other half of every refusal: a key of the same kind, with a limit that is far away, is answered. What is wrong with that; "" is nothing."""
    reply = bench.send(wire, bench.plenty(), bench.call("output_tokens=1"))
    return "" if reply.ok else f"a key whose limit is far away is not answered either: {said(wire, reply)}"


def _not_for_its_limit(bench: Bench, wire: Wire, spent: Key) -> str:
    """Why a key whose limit is used up is not refused for that; "" where it is."""
    if why := _nobody_can_call(bench, wire):
        return why
    reply = bench.send(wire, spent, bench.call("output_tokens=500"))
    return "" if _is_of_a_limit(wire, reply) else f"a key whose limit is used up is not refused for that: {said(wire, reply)}"


def _is_of_a_limit(wire: Wire, reply: Reply) -> bool:
    """Whether a refusal can be one for a limit. A 403 is, where it says so: it is an unknown key's answer too."""
    return refused(wire, reply) and (reply.status != 403 or about_money(wire.error_text(reply.body)))


def _ask_with_sdk(sdk: tuple[str, str, str], bench: Bench, wire: Wire, url: str, key: Key) -> dict[str, Any]:
    """What a person who calls with the SDK is told."""
    module, client, call = sdk
    script = SCRIPT.format(module=module, client=client, call=call)
    more = bench.gateway.fields(wire, key, stream=False)
    given = json.dumps([key.secret, url + bench.gateway.path(""), bench.gateway.model(SMALL, wire), bench.call().prompt, more])
    began = time.monotonic()
    try:  # the key goes by stdin: arguments can be seen by every user of the machine
        found = subprocess.run(
            [sys.executable, "-W", "ignore", "-c", script], input=given, capture_output=True, text=True, timeout=SDK_S_MAX, check=False
        )
    except subprocess.TimeoutExpired:
        return {"message": f"the SDK was told nothing within {SDK_S_MAX:g} s", "answered": False, "seconds": SDK_S_MAX}
    if found.returncode:
        return {"message": masked(found.stderr.strip()[-300:], key), "answered": False, "seconds": time.monotonic() - began}
    told: dict[str, Any] = json.loads(found.stdout)
    return {**told, "message": masked(told["message"], key)}


def masked(text: str, key: Key) -> str:
    """A text for the report, without the key."""
    return text.replace(key.secret, "(the key)") if key.secret else text


def _falls_back(bench: Bench) -> Call:
    if not bench.gateway.falls_back:
        raise NotOffered("a route from one model to another is not set up")
    return bench.call(f"status=503; for={SMALL}; output_tokens=1000", cap=1_000, model=FALLBACK)


def _arrivals(bench: Bench, call: Call) -> int:
    """How often the provider was asked for anything but a count, which is free."""
    mark = call.mark.encode()
    return sum(mark in each.body and not each.path.partition("?")[0].endswith(FREE) for each in list(bench.provider.calls))
