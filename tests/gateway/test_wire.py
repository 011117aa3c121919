"""Calls over the real wire: answers, headers, the ledger after them, refusals, faults."""

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.gateway.harness import Gateway, chat, running

from wellspent.budgets.budget import Budget
from wellspent.facts.attribution import Scope
from wellspent.facts.entry import Released, Settled
from wellspent.facts.money import exact_usd
from wellspent.ledger.reader import JournalReader, Receipt
from wellspent.pricing.book import PriceBook
from wellspent.pricing.pricelist import PriceList
from wellspent.pricing.rate import rate

MESSAGES = "/v1/messages"
CHAT = "/v1/chat/completions"


def message(prompt: str = "say hi", **fields: Any) -> dict[str, Any]:
    return {"model": "claude-sonnet-4-5", "max_tokens": 100, "messages": [{"role": "user", "content": prompt}], **fields}


def gemini(prompt: str) -> dict[str, Any]:
    return {"contents": [{"role": "user", "parts": [{"text": prompt}]}]}


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    with running(tmp_path_factory.mktemp("gateway")) as started:
        yield started


def receipt(gateway: Gateway, call_id: str) -> Receipt:
    reader = JournalReader(gateway.journal)
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        found = reader.receipt(call_id)
        if found is not None and found.ended is not None:
            return found
        time.sleep(0.01)
    raise AssertionError(f"call {call_id} has no end")


CALLS = [
    ("openai-chat", CHAT, chat("[[fake: cached=4;reasoning=5]]")),
    ("openai-chat", CHAT, chat("[[fake: cached=4;reasoning=5]]", stream=True)),
    ("openai-chat", CHAT, chat("[[fake: usage_twice]]", stream=True, stream_options={"include_usage": True})),
    ("openai-chat", CHAT, chat("[[fake: usage_with_choices]]", stream=True)),
    ("openai-responses", "/v1/responses", {"model": "gpt-5", "input": "hi [[fake: cached=3;reasoning=2]]"}),
    ("openai-responses", "/v1/responses", {"model": "gpt-5", "input": "hi [[fake: cached=3;reasoning=2]]", "stream": True}),
    ("openai-embeddings", "/v1/embeddings", {"model": "text-embedding-3-small", "input": "hi"}),
    ("anthropic-messages", MESSAGES, message("[[fake: cached=5;cache_write_5m=4;cache_write_1h=3;web_search=2;input_tokens=90]]")),
    ("anthropic-messages", MESSAGES, message("[[fake: cached=5;cache_write_5m=4;cache_write_1h=3;input_tokens=90]]", stream=True)),
    ("gemini", "/v1beta/models/gemini-2.5-flash:generateContent", gemini("[[fake: cached=2;reasoning=4]]")),
    ("gemini", "/v1beta/models/gemini-2.5-flash:streamGenerateContent?alt=sse", gemini("[[fake: cached=2;reasoning=4]]")),
    ("gemini", "/v1/models/gemini-2.5-flash:streamGenerateContent", gemini("[[fake: reasoning=4]]")),
]


@pytest.mark.parametrize(("wire", "path", "body"), CALLS)
def test_a_call_is_settled_at_what_the_provider_bills(gateway: Gateway, wire: str, path: str, body: dict[str, Any]) -> None:
    status, headers, answer = gateway.post(path, body)
    assert status == 200, answer
    found = receipt(gateway, headers["x-wellspent-call-id"])
    bill = gateway.provider.calls[-1].usage
    assert bill is not None
    assert isinstance(found.ended, Settled)
    assert found.reserved.wire == wire
    assert found.ended.usage == bill
    assert found.ended.quality == "exact"
    provider = {"gemini": "google", "anthropic-messages": "anthropic"}.get(wire, "openai")
    price = PriceList(PriceBook.bundled()).price(provider, found.ended.model, found.reserved.at_ms)
    assert found.ended.charged.nanousd == rate(bill, price).amount_nanousd > 0
    # Searches that nobody asked for are past any bound: settled in full, and marked (law 6).
    assert found.ended.overrun_nanousd == max(0, found.ended.charged.nanousd - found.reserved.held.nanousd)
    assert bool(found.ended.overrun_nanousd) == bool(bill.web_searches)
    assert found.reserved.attribution.team == "core"
    if "x-wellspent-cost-usd" in headers:
        assert headers["x-wellspent-cost-usd"] == exact_usd(found.ended.charged.nanousd)


def test_the_usage_chunk_is_hidden_from_those_who_did_not_ask(gateway: Gateway) -> None:
    _, _, plain = gateway.post(CHAT, chat(stream=True))
    _, _, asked = gateway.post(CHAT, chat(stream=True, stream_options={"include_usage": True}))
    assert b'"choices":[]' not in plain
    assert b'"choices":[]' in asked
    assert plain.endswith(b"data: [DONE]\n\n")
    assert json.loads(gateway.provider.calls[-2].body)["stream_options"] == {"include_usage": True}


def test_the_body_passes_as_it_came(gateway: Gateway) -> None:
    body = b'{ "model":"gpt-5",  "messages" : [{"role":"user","content":"h\\u00e4"}], "unknown":{"a":1.50} }'
    status, _, _ = gateway.post(CHAT, body)
    assert status == 200
    assert gateway.provider.calls[-1].body == body


@pytest.mark.parametrize(
    ("directive", "status"),
    [("status=500", 500), ("status=429", 429), ("html", 502), ("drop", 502)],
)
def test_a_provider_that_fails_is_relayed_or_told_and_costs_nothing_certain(gateway: Gateway, directive: str, status: int) -> None:
    found, headers, _ = gateway.post(CHAT, chat(f"[[fake: {directive}]]"))
    assert found == status
    ended = receipt(gateway, headers["x-wellspent-call-id"]).ended
    if directive == "drop":
        assert isinstance(ended, Settled)
        assert ended.quality == "estimated"
    else:
        assert isinstance(ended, Released)


@pytest.mark.parametrize("directive", ["no_usage", "zero_usage", "drop_after=4"])
@pytest.mark.parametrize("path", [CHAT, MESSAGES])
def test_a_stream_without_honest_usage_is_an_estimate_and_never_zero(gateway: Gateway, directive: str, path: str) -> None:
    body = chat if path == CHAT else message
    status, headers, _ = gateway.post(path, body(f"[[fake: {directive}]]", stream=True)) if directive != "drop_after=4" else _cut(gateway, path, body)
    assert status == 200
    ended = receipt(gateway, headers["x-wellspent-call-id"]).ended
    assert isinstance(ended, Settled)
    assert ended.quality == "estimated"
    assert ended.charged.nanousd > 0
    assert ended.reason


def _cut(gateway: Gateway, path: str, body: Any) -> tuple[int, dict[str, str], bytes]:
    return gateway.post(path, body("[[fake: drop_after=4]]", stream=True))


def test_a_client_that_leaves_pays_an_estimate_and_the_provider_is_cut_off(gateway: Gateway) -> None:
    connection = gateway.connection()
    body = json.dumps(chat("[[fake: chunks=200;output_tokens=400;chunk_ms=10]]", stream=True)).encode()
    connection.request("POST", CHAT, body, {"authorization": f"Bearer {gateway.secret}"})
    answer = connection.getresponse()
    answer.read(200)
    call_id = answer.getheader("x-wellspent-call-id") or ""
    answer.close()
    connection.close()
    found = receipt(gateway, call_id)
    assert isinstance(found.ended, Settled)
    assert found.ended.quality == "estimated"
    assert "left" in found.ended.reason
    assert 0 < found.ended.charged.nanousd < found.reserved.held.nanousd
    assert gateway.provider.calls[-1].sent_chunks < 190


def test_a_used_up_budget_refuses_readably_and_without_retry(gateway: Gateway) -> None:
    settings = gateway.store()
    _, key = settings.create_key("poor", org="acme", team="core")
    secret, _ = settings.create_key("poorest", org="acme", team="core")
    settings.set_budget(Budget("poorest-month", Scope("key", "poorest"), 1_200_000, contact="finops@acme.example"))
    settings.close()
    assert key.id == "poor"
    time.sleep(1.2)
    headers = {"authorization": f"Bearer {secret}"}
    statuses = [gateway.post(CHAT, chat(max_tokens=20), headers)[0] for _ in range(8)]
    assert statuses[0] == 200
    assert statuses[-1] == 402
    status, found, body = gateway.post(CHAT, chat(max_tokens=20), headers)
    assert status == 402
    assert found["x-should-retry"] == "false"
    assert "retry-after" not in found
    text = json.loads(body)["error"]["message"]
    assert "poorest-month" in text
    assert "Resets" in text
    assert "finops@acme.example" in text
    balance = next(each for each in JournalReader(gateway.journal).balances() if each.key.startswith("poorest-month"))
    assert balance.spent.nanousd <= 1_200_000
    assert balance.held.nanousd == 0


def test_an_output_cap_is_put_in_where_a_budget_is_tight(gateway: Gateway) -> None:
    settings = gateway.store()
    secret, _ = settings.create_key("tight", org="acme")
    settings.set_budget(Budget("tight-month", Scope("key", "tight"), 3_000_000))
    settings.close()
    time.sleep(1.2)
    status, _, _ = gateway.post(CHAT, chat("[[fake: output_tokens=5000]]"), {"authorization": f"Bearer {secret}"})
    assert status == 200
    sent = json.loads(gateway.provider.calls[-1].body)
    assert 16 <= sent["max_completion_tokens"] < 300


@pytest.mark.parametrize("path", ["/v1/images/generations", "/v1/files", "/v1beta/cachedContents", "/v1/messages/batches"])
def test_side_doors_are_shut(gateway: Gateway, path: str) -> None:
    status, headers, body = gateway.post(path, {"model": "gpt-5"})
    assert status == 400
    assert headers["x-wellspent-refusal"] == "path_unmetered"
    assert b"not metered" in body


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b'"hi"', b"{}", b'{"model": 5, "messages": []}', b'{"model": "gpt-5", "messages": {}}', b"\xff\xfe"]
)
def test_what_is_no_request_is_refused_in_the_wires_shape(gateway: Gateway, body: bytes) -> None:
    for path in (CHAT, MESSAGES, "/v1/responses", "/v1/embeddings"):
        if b'"gpt-5"' in body and path != CHAT:
            continue
        status, headers, answer = gateway.post(path, body)
        assert status == 400, (path, body)
        assert headers["x-wellspent-refusal"] == "invalid_request"
        assert json.loads(answer)["error"]["message"]


def test_nothing_is_left_held(gateway: Gateway) -> None:
    time.sleep(0.5)
    assert not [balance for balance in JournalReader(gateway.journal).balances() if balance.held.calls]


def test_a_stopped_gateway_starts_again_on_the_same_folder(tmp_path: Path) -> None:
    with running(tmp_path) as gateway:
        assert gateway.post(CHAT, chat())[0] == 200
        gateway.stop()
        gateway.start()
        assert gateway.post(CHAT, chat())[0] == 200
