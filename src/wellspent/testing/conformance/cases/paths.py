"""Ways around the meter, failures on the way, and how a no reaches people."""

import importlib.util
import json
import subprocess
import sys
from typing import Any

from wellspent.testing.conformance.adapter import Key, NotOffered
from wellspent.testing.conformance.bench import Bench, Call, said
from wellspent.testing.conformance.client import send
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
key, url, model, prompt, more = sys.argv[1:]
more = json.loads(more) or None
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
    if reply.status >= 500:
        raise NotOffered(f"the path that counts tokens answers {reply.status}")
    bench.wait_for_settings()
    counted = bench.gateway.spent(key) - before
    return Finding(counted == 0, said(wire, reply) if reply.status != 200 else "", 0, counted)


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
    return Finding(reply.status >= 400 and counted == 0, f"tried {tried} times, then {reply.status}", bench.bill(call), counted)


def failures_do_not_use_a_limit_up(bench: Bench, wire: Wire) -> Finding:
    """Ten calls that fail at the provider leave a limit as it was: their holds come back.

    BerriAI/litellm#27639, BerriAI/litellm#36592, mozilla-ai/otari#742.
    """
    limit = 2 * tariffs()[SMALL].rates["output_tokens"] * 1_200
    key = bench.limited(limit)
    failed = [bench.call("status=500", cap=1_000) for _ in range(10)]
    for call in failed:
        bench.send(wire, key, call)
    good = bench.call("output_tokens=1000", cap=1_000)
    reply = bench.send(wire, key, good)
    return Finding(reply.ok, f"then: {'answered' if reply.ok else said(wire, reply)}", bench.bill(*failed, good), None, limit, int(not reply.ok))


def a_fallback_is_billed_as_what_answered(bench: Bench, wire: Wire) -> Finding:
    """The first model fails and a dearer one answers: its price is charged, and the failure is not.

    BerriAI/litellm#25503, BerriAI/litellm#8810: the cost was that of the model that was asked for, or none.
    """
    call = _falls_back(bench)
    found = bench.metered(wire, bench.key(), call)
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
    return Finding(true <= limit, "answered" if reply.ok else said(wire, reply), true, None, limit)


def a_refusal_that_people_can_read(bench: Bench, wire: Wire) -> Finding:
    """A refusal comes at once, in the API's own error shape, says that it is about money, and asks nobody to try again.

    topoteretes/cognee#4679 (36 requests in four minutes for each refused call, 93 % of a gateway's traffic), HKUDS/LightRAG#3736,
    BerriAI/litellm#14144 (which budget?). Clients send 408, 409, 429 and 5xx again.
    """
    key = bench.used_up(wire)
    wrong = []
    for stream in (False, True):
        reply = bench.send(wire, key, bench.call("output_tokens=500", stream=stream))
        text = wire.error_text(reply.body)
        retried = reply.status in (408, 409, 429) or reply.status >= 500
        if retried and reply.headers.get("x-should-retry") != "false":
            wrong.append(f"{reply.status} is retried by clients")
        if not text or not any(word in text.lower() for word in ABOUT_MONEY):
            wrong.append(f"not readable in this API's shape: {said(wire, reply)}")
        if reply.seconds > 2:
            wrong.append(f"it took {reply.seconds:.1f} s")
    return Finding(not wrong, "; ".join(dict.fromkeys(wrong)) or said(wire, reply))


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
    key = bench.used_up(wire)
    with CountingRelay(bench.gateway.url) as relay:
        told = _ask_with_sdk(SDKS[wire.name], bench, wire, relay.url, key)
    ok = relay.requests == 1 and not told["answered"] and any(word in told["message"].lower() for word in ABOUT_MONEY)
    return Finding(ok, f"{relay.requests} requests in {told['seconds']:.1f} s: {told['message'][:160]}")


def _ask_with_sdk(sdk: tuple[str, str, str], bench: Bench, wire: Wire, url: str, key: Key) -> dict[str, Any]:
    """What a person who calls with the SDK is told."""
    module, client, call = sdk
    script = SCRIPT.format(module=module, client=client, call=call)
    more = json.dumps(bench.gateway.fields(wire, key, stream=False))
    arguments = [key.secret, url + bench.gateway.path(""), bench.gateway.model(SMALL, wire), bench.call().prompt, more]
    found = subprocess.run([sys.executable, "-W", "ignore", "-c", script, *arguments], capture_output=True, text=True, timeout=SDK_S_MAX, check=False)
    if found.returncode:
        return {"message": found.stderr.strip()[-300:], "answered": False, "seconds": 0.0}
    told: dict[str, Any] = json.loads(found.stdout)
    return told


def _falls_back(bench: Bench) -> Call:
    if not bench.gateway.falls_back:
        raise NotOffered("a route from one model to another is not set up")
    return bench.call(f"status=503; for={SMALL}; output_tokens=1000", cap=1_000, model=FALLBACK)


def _arrivals(bench: Bench, call: Call) -> int:
    """How often the provider was asked for anything but a count, which is free."""
    mark = call.mark.encode()
    return sum(mark in each.body and not each.path.partition("?")[0].endswith(FREE) for each in list(bench.provider.calls))
