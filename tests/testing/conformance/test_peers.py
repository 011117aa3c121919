"""Profiles of other gateways, without any of them installed: what they write for an operator, and what they read out of an admin API."""

import json
import re
import threading
import tomllib
from collections.abc import Iterator
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from wellspent.facts.errors import WellspentError
from wellspent.testing.conformance.adapter import Key, NotOffered, Providers
from wellspent.testing.conformance.client import Reply
from wellspent.testing.conformance.prices import FALLBACK, LARGE, SMALL, UNPRICED, tariffs
from wellspent.testing.conformance.profiles import litellm, profiles, tensorzero
from wellspent.testing.conformance.profiles.litellm import LiteLLM
from wellspent.testing.conformance.profiles.portkey import Portkey
from wellspent.testing.conformance.profiles.tensorzero import TensorZero
from wellspent.testing.conformance.wires import wires

CHAT, EMBEDDINGS, ANTHROPIC, GEMINI = (wires()[name] for name in ("openai-chat", "openai-embeddings", "anthropic-messages", "gemini"))
PROVIDERS = Providers("http://127.0.0.1:9001")
ANSWERS: dict[str, Any] = {
    "/key/generate": {"key": "sk-new", "token": "hash-of-it"},
    "/team/new": {"team_id": "t-1"},
    "/v1/agents": {"agent_id": "a-1"},
    "/key/update": {},
    "/key/block": {},
    "/key/info": {"info": {"spend": 0.0024900000000000005}},
    "/spend/logs": [{"spend": 8.3e-05, "status": "success"}, {"spend": 0.0, "status": "failure"}, {"spend": None, "status": "success"}],
    "/health/readiness/details": {"litellm_version": "1.2.3"},
}


class Admin(ThreadingHTTPServer):
    """An admin API that answers as LiteLLM's does, and remembers what it was asked."""

    asked: list[tuple[str, str, dict[str, Any]]]


class Answers(BaseHTTPRequestHandler):
    server: Admin

    def do_GET(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        path, _, query = self.path.partition("?")
        self.server.asked.append((path, self.headers["authorization"], json.loads(body) if body else {"query": query}))
        self.send_response(200 if path in ANSWERS else 404)
        self.end_headers()
        self.wfile.write(json.dumps(ANSWERS.get(path, {"detail": "Not Found"})).encode())

    do_POST = do_GET

    def log_message(self, *_: object) -> None: ...


@pytest.fixture
def admin() -> Iterator[Admin]:
    with Admin(("127.0.0.1", 0), Answers) as server:
        server.asked = []
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


def test_they_are_shipped() -> None:
    assert {"litellm", "portkey", "tensorzero"} <= set(profiles())


def test_litellm_is_set_up_with_every_model_and_price() -> None:
    text = litellm.configuration(PROVIDERS)
    for prefix in ("", "embedding-", "anthropic-", "gemini-"):
        for model in (*tariffs(), UNPRICED, FALLBACK):
            assert f"model_name: {prefix}{model}\n" in text
        assert f'{{"{prefix}{FALLBACK}": ["{prefix}{LARGE}"]}}' in text
    entry = _litellm_model(text, SMALL)
    for unit, name in litellm.PRICE_KEYS.items():
        assert Decimal(entry[name]) * 10**9 == tariffs()[SMALL].rates[unit]
    for unit, rate in tariffs()[SMALL].long_rates.items():
        if unit in litellm.PRICE_KEYS:
            assert Decimal(entry[litellm.PRICE_KEYS[unit] + "_above_200k_tokens"]) * 10**9 == rate
    assert not any("cost" in name for name in _litellm_model(text, UNPRICED))
    assert _litellm_model(text, FALLBACK)["model"] == f"openai/{SMALL}"
    assert not re.search(r"\de-\d", text)  # YAML would read a text
    assert "fail_closed_budget_enforcement: true" in text
    assert "block_requests_for_models_without_pricing: true" in text
    assert "redis" not in text
    assert '"supported_call_types": []' in litellm.configuration(PROVIDERS, 6379)


def _litellm_model(text: str, model: str) -> dict[str, str]:
    """The lines of one entry of the configuration."""
    entry = text.split(f"model_name: {model}\n")[1].split("- model_name")[0]
    return dict(line.strip().split(": ", 1) for line in entry.splitlines() if ": " in line)


def test_litellm_is_limited_and_read_by_its_admin_api(admin: Admin) -> None:
    gateway = LiteLLM(f"http://127.0.0.1:{admin.server_port}", "sk-master")
    key = gateway.limited(75_900_000, "hour")
    assert key == Key("sk-new", "hash-of-it")
    assert admin.asked[-1] == ("/key/generate", "Bearer sk-master", {"max_budget": 0.0759, "budget_duration": "1h"})
    assert len(gateway.limited_together(10**9, 2)) == 2
    assert [said[2] for said in admin.asked[-3:]] == [{"max_budget": 1.0, "budget_duration": "1mo"}, {"team_id": "t-1"}, {"team_id": "t-1"}]
    run = gateway.limited_run(10**9)
    assert admin.asked[-1][2] == {"agent_id": "a-1"}
    assert gateway.headers(CHAT, run)["x-litellm-trace-id"].startswith("run-")
    gateway.lower(key, 1)
    assert admin.asked[-1] == ("/key/update", "Bearer sk-master", {"key": "sk-new", "max_budget": 1e-09})
    gateway.revoke(key)
    assert gateway.spent(key) == 2_490_000
    assert admin.asked[-1][2] == {"query": "key=hash-of-it"}
    assert gateway.rows(key) == [83_000, None]
    assert gateway.version() == "1.2.3"


def test_litellm_says_what_its_admin_api_refused(admin: Admin, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(ANSWERS, "/key/generate")
    with pytest.raises(WellspentError, match="POST /key/generate with 404"):
        LiteLLM(f"http://127.0.0.1:{admin.server_port}", "sk-master").key()


def test_litellm_needs_its_database_to_be_started(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DATABASE_URL", raising=False)
    gateway = LiteLLM()
    with pytest.raises(WellspentError, match="none is named"):
        gateway.start(PROVIDERS, tmp_path, "")
    gateway.stop()
    for call in (gateway.restart, gateway.second):
        with pytest.raises(NotOffered, match="did not start"):
            call()


def test_litellm_costs_and_names() -> None:
    gateway = LiteLLM("http://x", "k")
    assert gateway.cost(Reply(200, {"x-litellm-response-cost": "0.0000830000000000001"})) == 83_000
    assert gateway.cost(Reply(200)) is None
    with pytest.raises(NotOffered):
        gateway.cost(Reply(200, {"content-type": "text/event-stream; charset=utf-8"}))
    assert [gateway.model("m", wire) for wire in (CHAT, EMBEDDINGS, ANTHROPIC, GEMINI)] == ["m", "embedding-m", "anthropic-m", "gemini-m"]


def test_tensorzero_is_set_up_with_every_model_price_and_limit() -> None:
    rules = [("wallet", "wallet1", "hour", 75_900_000), ("team", "team2", "month", 1)]
    told = tomllib.loads(tensorzero.configuration(PROVIDERS, rules), parse_float=Decimal)
    assert set(told["models"]) == {*tariffs(), UNPRICED, FALLBACK}
    assert set(told["embedding_models"]) == {*tariffs(), UNPRICED}
    for model, tariff in tariffs().items():
        costs = {each["pointer"]: each["cost_per_million"] * 1_000 for each in told["models"][model]["providers"]["provider"]["cost"]}
        assert costs["/usage/prompt_tokens"] == tariff.rates["input_tokens"]
        assert costs["/usage/prompt_tokens"] + costs["/usage/prompt_tokens_details/cached_tokens"] == tariff.rates["cache_read_tokens"]
        assert costs["/usage/prompt_tokens"] + costs["/usage/prompt_tokens_details/audio_tokens"] == tariff.rates["input_audio_tokens"]
        assert costs["/usage/completion_tokens"] == tariff.rates["output_tokens"]
    assert "cost" not in told["models"][UNPRICED]["providers"]["provider"]
    fallback = told["models"][FALLBACK]
    assert [fallback["providers"][name]["model_name"] for name in fallback["routing"]] == [SMALL, LARGE]
    first, second = told["rate_limiting"]["rules"]
    assert (first["cost_per_hour"], second["cost_per_month"]) == (Decimal("0.0759"), Decimal("1e-9"))
    assert first["scope"] == [{"tag_key": "wallet", "tag_value": "wallet1"}]
    assert "rate_limiting" not in tomllib.loads(tensorzero.configuration(PROVIDERS, []))


def test_tensorzero_is_told_who_pays_by_tags() -> None:
    gateway, key = TensorZero("http://x"), Key("none", "team=team1,wallet=team1-0")
    assert gateway.fields(CHAT, key, stream=False) == {"tensorzero::tags": {"team": "team1", "wallet": "team1-0"}}
    assert gateway.fields(CHAT, gateway.key(), stream=True) == {"stream_options": {"include_usage": True}}
    assert gateway.model(SMALL, EMBEDDINGS) == f"tensorzero::embedding_model_name::{SMALL}"
    assert gateway.path("/v1/chat/completions") == "/openai/v1/chat/completions"
    with pytest.raises(NotOffered, match="not for embeddings"):
        gateway.fields(EMBEDDINGS, key, stream=False)


def test_tensorzero_costs_are_in_its_answers() -> None:
    gateway = TensorZero("http://x")
    assert gateway.cost(Reply(200, body=b'{"usage": {"prompt_tokens": 1, "tensorzero_cost": 0.006228}}')) == 6_228_000
    stream = b'data: {"choices": []}\n\ndata: {"choices": [], "usage": {"tensorzero_cost": 0.00000009}}\n\ndata: [DONE]\n\n'
    assert gateway.cost(Reply(200, body=stream)) == 90
    assert gateway.cost(Reply(200, body=b'{"usage": {"tensorzero_cost": null}}')) is None


def test_tensorzero_offers_no_limits_where_the_suite_did_not_start_it() -> None:
    gateway, key = TensorZero("http://x"), Key("none")
    calls = (
        lambda: gateway.limited(1),
        lambda: gateway.limited_together(1, 2),
        lambda: gateway.limited_run(1),
        lambda: gateway.lower(key, 1),
        lambda: gateway.revoke(key),
        lambda: gateway.spent(key),
        lambda: gateway.rows(key),
        gateway.restart,
        gateway.second,
    )
    for call in calls:
        with pytest.raises(NotOffered):
            call()
    gateway.stop()


def test_portkey_is_told_by_headers_where_a_call_goes(tmp_path: Path) -> None:
    gateway = Portkey("http://x", "sk-provider")
    assert gateway.headers(ANTHROPIC, gateway.key()) == {
        "x-api-key": "sk-provider",
        "x-portkey-provider": "anthropic",
        "x-portkey-custom-host": "http://127.0.0.1:9001/v1",
    }
    assert gateway.headers(CHAT, gateway.key())["x-portkey-provider"] == "openai"
    for call in (lambda: gateway.limited(1), lambda: gateway.limited_together(1, 2), lambda: gateway.limited_run(1)):
        with pytest.raises(NotOffered, match="a limit is not in the open gateway"):
            call()
    for read in (lambda: gateway.spent(Key("k")), lambda: gateway.rows(Key("k")), lambda: gateway.cost(Reply(200))):
        with pytest.raises(NotOffered, match="hosted product"):
            read()
    with pytest.raises(WellspentError, match="is not there"):
        gateway.start(PROVIDERS, tmp_path, str(tmp_path))
    gateway.stop()
