"""The twenty numbered findings about real clients, each held by the gateway. docs/clients.md says them in short.

Where a finding is about what a client does, the real client is run; where it is about what a client sends, the same is sent here.
"""

import json
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import anthropic
import openai
import pytest
from google import genai
from google.genai import errors, types
from tests.clients.cli import claude, codex, codex_builtin
from tests.clients.stage import DISCOUNT_PERCENT, REFUSAL, Scene, Stage

from wellspent.budgets.budget import Policy
from wellspent.facts.attribution import Scope
from wellspent.facts.entry import Settled
from wellspent.facts.money import exact_usd
from wellspent.testing.provider import masked
from wellspent.testing.provider.models import ANTHROPIC_MODELS, GEMINI_MODELS, OPENAI_MODELS
from wellspent.testing.provider.plan import PHRASE

CHAT = {"model": "gpt-5", "messages": [{"role": "user", "content": "say hi"}]}
MESSAGES = {"model": "claude-opus-4-8", "max_tokens": 100, "messages": [{"role": "user", "content": "say hi"}]}
RESPONSES = {"model": "gpt-5", "input": "say hi"}
GEMINI: dict[str, Any] = {"contents": [{"role": "user", "parts": [{"text": "say hi"}]}]}
GENERATE = "/v1beta/models/gemini-2.5-pro:generateContent"
WIRES = {"/v1/chat/completions": CHAT, "/v1/responses": RESPONSES, "/v1/messages": MESSAGES, GENERATE: GEMINI}
CODEX_TURN = {"turn_id": "turn-1", "root_turn_id": "turn-1", "agent_name": "/root"}


def post(scene: Scene, path: str, body: Any, key: str = "rich", **headers: str) -> tuple[int, dict[str, str], bytes]:
    sent = {"authorization": f"Bearer {scene.key(key)}"} | {name.replace("_", "-"): value for name, value in headers.items()}
    return scene.stage.gateway.post(path, body, sent)


def message_of(path: str, answer: bytes) -> str:
    """The text that the wire's own SDK shows."""
    body = json.loads(answer)
    if path == "/v1/messages":
        assert body["type"] == "error"
    return str(body["error"]["message"])


# What matters for a budget refusal


def test_finding_01_a_used_up_budget_is_402_in_the_shape_of_the_api(scene: Scene) -> None:
    for path, body in WIRES.items():
        status, headers, answer = post(scene, path, body, "poor")
        assert status == 402
        assert headers["x-should-retry"] == "false"
        assert "retry-after" not in headers
        assert message_of(path, answer).startswith("Budget reached: poor-month")
        if body is CHAT or body is RESPONSES:  # with any other type aider, over litellm, asks nine times in a minute
            assert json.loads(answer)["error"]["type"] == "invalid_request_error"
    assert not scene.billed


def test_finding_02_codex_has_a_dialect_of_its_own(scene: Scene, tmp_path: Path) -> None:
    """A 400 in plain text is shown as it is; recognised by originator, user agent, or turn metadata, whatever a program around Codex calls itself."""
    for sign in (
        {"originator": "codex_exec"},
        {"user_agent": "codex_cli_rs/0.169.0"},
        {"originator": "Codex Desktop"},
        {"x_codex_turn_metadata": json.dumps(CODEX_TURN)},
    ):
        status, headers, answer = post(scene, "/v1/responses", RESPONSES, "poor", **sign)
        assert (status, headers["content-type"]) == (400, "text/plain; charset=utf-8")
        assert answer.startswith(b"Budget reached: poor-month")
    status, headers, _ = post(scene, "/v1/responses", RESPONSES, "poor", originator="opencode", user_agent="opencode/1.18.33")
    assert (status, headers["content-type"]) == (402, "application/json")
    ran = codex(tmp_path, scene.url, scene.key("poor"), "say hi")
    shown = [line for line in ran.err.splitlines() if line.startswith("ERROR: ")]
    assert shown
    assert all(line.startswith("ERROR: Budget reached: poor-month") for line in shown)


def test_finding_03_429_is_for_rates_alone_and_its_retry_after_is_short(scene: Scene) -> None:
    assert post(scene, "/v1/chat/completions", CHAT, "hurried")[0] == 200
    with openai.OpenAI(base_url=f"{scene.url}/v1", api_key=scene.key("hurried"), max_retries=0) as client:
        with pytest.raises(openai.RateLimitError, match="may use 1 requests a minute") as caught:
            client.chat.completions.create(model="gpt-5", messages=[{"role": "user", "content": "say hi"}])
        headers = caught.value.response.headers
    assert 0 < int(headers["retry-after"]) <= 60
    assert "x-should-retry" not in headers


def test_finding_04_a_401_is_not_retried_and_a_budget_is_never_a_403(scene: Scene, tmp_path: Path) -> None:
    for path, body in WIRES.items():
        for secret in ("ws-nobody", "sk-a-providers-own"):
            status, headers, answer = scene.stage.gateway.post(path, body, {"authorization": f"Bearer {secret}"})
            assert status == 401
            assert headers["x-should-retry"] == "false"
            assert "not known here" in message_of(path, answer)
    ran = claude(tmp_path, scene.url, "ws-nobody", "say hi")
    assert "this key is not known here" in ran.out
    assert [answer.status for answer in scene.tap.answers] == [401]


def test_finding_05_a_running_stream_is_not_cut(scene: Scene, stage: Stage, tmp_path: Path) -> None:
    """The operator stops the scope while Claude Code is reading: it reads to the end, and only the next call is refused."""
    prompt = "say hi [[fake: chunks=60; output_tokens=120; chunk_ms=60]]"
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(claude, tmp_path, scene.url, scene.key("stopped"), prompt)
        wait_until(lambda: bool(scene.arrived) and scene.arrived[-1].sent_chunks > 0)
        stage.set_policy(Policy(Scope("key", "stopped"), killed=True, reason="a leaked key"))
        refused, _, _ = post(scene, "/v1/messages", MESSAGES, "stopped")
        still_streaming = scene.arrived[0].sent_chunks < 60
        ran = running.result()
    assert refused == 402
    assert still_streaming
    assert ran.code == 0, ran.screen
    assert scene.tap.seen == ["POST /v1/messages"]
    assert scene.paid_exactly()[0].ended.usage.output_tokens == 120


def test_finding_05_a_stream_that_its_provider_cuts_ends_in_the_apis_own_error(scene: Scene, tmp_path: Path) -> None:
    """Claude Code then asks again: both answers are in the ledger, the cut one as an estimate."""
    ran = claude(tmp_path, scene.url, scene.key("rich"), "say hi [[fake: drop_after=3; times=1]]")
    assert ran.out.startswith(PHRASE)
    assert b"event: error" in b"".join(bytes(wire.down) for wire in scene.tap.wires)
    ended = [receipt.ended for receipt in scene.receipts()]
    assert all(isinstance(each, Settled) and each.charged.nanousd > 0 for each in ended)
    assert "estimated" in [each.quality for each in ended if isinstance(each, Settled)]
    assert len(ended) == len(scene.billed)


def test_finding_06_gemini_gets_googles_error_shape(scene: Scene) -> None:
    status, _, answer = post(scene, GENERATE, GEMINI, "poor")
    error = json.loads(answer)["error"]
    assert (status, error["code"], error["status"]) == (402, 402, "FAILED_PRECONDITION")
    assert error["details"][0]["reason"] == "BUDGET_EXHAUSTED"
    client = genai.Client(api_key=scene.key("poor"), http_options=types.HttpOptions(base_url=scene.url))
    with pytest.raises(errors.ClientError, match=REFUSAL):
        client.models.generate_content(model="gemini-2.5-pro", contents="say hi")
    client.close()
    scene.refused()


def test_finding_07_an_outage_behind_the_gateway_does_not_multiply(scene: Scene) -> None:
    """A 5xx of the gateway's own says that trying again is no use: it has tried. A provider's own passes as it came."""
    for path, body in WIRES.items():
        dropped = json.loads(json.dumps(body).replace("say hi", "say hi [[fake: drop]]"))
        status, headers, _ = post(scene, path, dropped)
        assert status == 502
        assert headers["x-should-retry"] == "false"
    with anthropic.Anthropic(base_url=scene.url, api_key=scene.key("rich")) as client, pytest.raises(anthropic.InternalServerError):
        client.messages.create(model="claude-opus-4-8", max_tokens=50, messages=[{"role": "user", "content": "[[fake: drop]]"}])
    assert len(scene.tap.requests) == 1
    status, headers, _ = post(scene, "/v1/messages", {**MESSAGES, "messages": [{"role": "user", "content": "[[fake: status=529]]"}]})
    assert (status, headers.get("x-should-retry")) == (529, None)


# Ledger and identity


def test_finding_08_the_request_id_joins_ledger_logs_and_errors(scene: Scene, tmp_path: Path) -> None:
    ids = []
    for path, body in WIRES.items():
        for key in ("rich", "rich", "poor", "gone"):
            _, headers, _ = post(scene, path, body, key)
            assert headers["request-id"] == headers["x-request-id"] == headers["x-wellspent-call-id"]
            ids.append(headers["request-id"])
    assert len(set(ids)) == len(ids)
    claude(tmp_path, scene.url, scene.key("rich"), "say hi")
    logged = [line["requestId"] for line in session_lines(tmp_path) if "requestId" in line]
    assert logged == [scene.receipts()[0].reserved.call_id]


def test_finding_08_the_response_id_joins_codex_logs(scene: Scene, tmp_path: Path) -> None:
    codex(tmp_path, scene.url, scene.key("rich"), "say hi")
    lines = [json.loads(line) for file in (tmp_path / ".codex" / "sessions").rglob("rollout-*.jsonl") for line in file.read_text().splitlines()]
    records = [line["payload"] for line in lines if line["type"] == "token_usage_record"]
    paid = scene.paid_exactly()[0]
    assert [record["response_id"] for record in records] == [paid.ended.ref]
    assert records[0]["usage"]["total_tokens"] == paid.ended.charged.tokens


def test_finding_09_log_lines_are_told_apart_by_message_and_request(scene: Scene, tmp_path: Path) -> None:
    """Claude Code logs a line per content block, each with the whole usage: the pairs of ids are as many as the calls, and sum up to the ledger."""
    prompt = 'say hi [[fake: say=I will look.; tool=Bash; tool_input={"command": "true", "description": "nothing"}]]'
    claude(tmp_path, scene.url, scene.key("rich"), prompt, "--allowedTools", "Bash")
    paid = scene.paid_exactly(2)
    lines = [line for line in session_lines(tmp_path) if line["type"] == "assistant"]
    by_pair = {(line["message"]["id"], line["requestId"]): line["message"]["usage"] for line in lines}
    assert len(lines) == 3
    assert set(by_pair) == {(each.ended.ref, each.reserved.call_id) for each in paid}
    assert sum(usage["output_tokens"] for usage in by_pair.values()) == sum(each.ended.usage.output_tokens for each in paid)


def test_finding_09_refused_calls_are_synthetic_lines_with_zeros(scene: Scene, tmp_path: Path) -> None:
    claude(tmp_path, scene.url, scene.key("poor"), "say hi")
    lines = [line["message"] for line in session_lines(tmp_path) if line["type"] == "assistant"]
    assert [line["model"] for line in lines] == ["<synthetic>"]
    assert lines[0]["usage"]["input_tokens"] == lines[0]["usage"]["output_tokens"] == 0


def test_finding_10_who_and_what_come_without_set_up(scene: Scene) -> None:
    """Headers as the clients send them by themselves; Claude Code's and Codex' own are in test_claude_code and test_codex."""
    user_id = json.dumps({"device_id": "d", "account_uuid": "", "session_id": "from-the-body"})
    sent: list[tuple[str, Any, dict[str, str], tuple[str, str, str]]] = [
        ("/v1/messages", MESSAGES, {"user_agent": "claude-cli/2.1.197 (external, cli)", "x_claude_code_session_id": "s1"}, ("claude-code", "s1", "")),
        ("/v1/messages", MESSAGES, {"x_claude_code_session_id": "s1", "x_claude_code_agent_id": "a1"}, ("", "s1", "a1")),
        ("/v1/messages", {**MESSAGES, "metadata": {"user_id": user_id}}, {"user_agent": "claude-cli/2"}, ("claude-code", "from-the-body", "")),
        (
            "/v1/responses",
            RESPONSES,
            {"session_id": "s2", "thread_id": "t2", "x_codex_turn_metadata": json.dumps({**CODEX_TURN, "agent_name": "/root/reviewer"})},
            ("codex", "s2", "/root/reviewer"),
        ),
        ("/v1/chat/completions", CHAT, {"user_agent": "opencode/1.18.33 ai-sdk/provider-utils/4", "x_session_id": "s3"}, ("opencode", "s3", "")),
        ("/v1/chat/completions", CHAT, {"user_agent": "ai/6.0.326 ai-sdk/provider-utils/4"}, ("ai-sdk", "", "")),
        ("/v1/messages", MESSAGES, {"user_agent": "litellm/1.106.2"}, ("litellm", "", "")),
        (GENERATE, GEMINI, {"user_agent": "GeminiCLI-tui/0.61.0/gemini-3.1-pro-preview (linux; x64; terminal)"}, ("gemini-cli", "", "")),
    ]
    for path, body, headers, told in sent:
        _, answered, _ = post(scene, path, body, **headers)
        who = scene.stage.receipt(answered["x-wellspent-call-id"]).reserved.attribution
        assert (who.client, who.session, who.agent) == told


def test_finding_11_tags_that_a_company_sets_for_claude_code(scene: Scene, tmp_path: Path) -> None:
    env = {
        "ANTHROPIC_CUSTOM_HEADERS": "x-wellspent-run: r7\nx-wellspent-tag-ticket: T-42",
        "CLAUDE_CODE_EXTRA_METADATA": '{"project": "apollo", "team": "not mine"}',
    }
    claude(tmp_path, f"{scene.url}/w/triage", scene.key("rich"), "say hi", **env)
    assert scene.tap.seen == ["POST /w/triage/v1/messages"]
    who = scene.paid_exactly()[0].who
    assert (who.team, who.project, who.workflow, who.run, who.tags) == ("core", "apollo", "triage", "r7", (("ticket", "T-42"),))
    assert not [name for name in scene.arrived[-1].headers if name.startswith("x-wellspent")]


def test_finding_11_tags_that_a_company_sets_for_codex(scene: Scene, tmp_path: Path) -> None:
    provider = 'http_headers = { "x-wellspent-project" = "apollo" }\nenv_http_headers = { "x-wellspent-run" = "BUILD" }\n'
    provider += 'query_params = { team = "blue" }'
    codex(tmp_path, f"{scene.url}/w/triage", scene.key("open"), "say hi", provider=provider, BUILD="r7")
    who = scene.paid_exactly()[0].who
    assert (who.project, who.workflow, who.run) == ("apollo", "triage", "r7")
    assert scene.arrived[-1].path == "/v1/responses?team=blue"


def test_finding_11_a_path_prefix_works_in_every_sdk(scene: Scene) -> None:
    base = f"{scene.url}/t/blue/p/apollo"
    with openai.OpenAI(base_url=f"{base}/v1", api_key=scene.key("open")) as one:
        one.responses.create(model="gpt-5", input="say hi")
    with anthropic.Anthropic(base_url=base, api_key=scene.key("open")) as two:
        two.messages.create(model="claude-opus-4-8", max_tokens=50, messages=[{"role": "user", "content": "say hi"}])
    three = genai.Client(api_key=scene.key("open"), http_options=types.HttpOptions(base_url=base))
    three.models.generate_content(model="gemini-2.5-pro", contents="say hi")
    three.close()
    assert [(each.who.team, each.who.project) for each in scene.paid_exactly(3)] == [("blue", "apollo")] * 3


def test_finding_12_an_allow_list_that_forgets_background_models_says_so(scene: Scene, stage: Stage) -> None:
    words = ["policies", "set", "key:open", "--models", "claude-opus-*", "--data-dir", str(stage.gateway.folder / "data")]
    told = subprocess.run([sys.executable, "-m", "wellspent", *words], capture_output=True, text=True, check=True)
    assert "note: Claude Code also calls claude-haiku-4-5-20251001" in told.stderr
    assert "ANTHROPIC_DEFAULT_HAIKU_MODEL" in told.stderr
    stage.set_policy(Policy(Scope("key", "open")))


@pytest.mark.parametrize("instead", ["", "claude-opus-4-8"])
def test_finding_12_a_subagent_whose_model_is_not_allowed_is_refused_once(scene: Scene, tmp_path: Path, instead: str) -> None:
    """The agent goes on without it; with its small model set to an allowed one, nothing is refused."""
    tool = {"description": "look", "prompt": "look around", "subagent_type": "Explore", "model": "haiku"}
    prompt = f"go [[fake: tool=Agent; tool_input={json.dumps(tool)}]]"
    arguments = ("--output-format", "stream-json", "--verbose")
    ran = claude(tmp_path, scene.url, scene.key("narrow"), prompt, *arguments, ANTHROPIC_DEFAULT_HAIKU_MODEL=instead)
    assert ran.code == 0, ran.screen
    refused = [answer.headers["x-wellspent-refusal"] for answer in scene.tap.answers if answer.status == 402]
    assert refused == ([] if instead else ["model_not_allowed"])
    assert ("key:narrow may not use 'claude-haiku" in ran.out) is not bool(instead)


def test_finding_12_a_title_call_is_metered_like_any_other(scene: Scene) -> None:
    """As Claude Code sends it in its interactive mode: streamed, no tools, an answer in a JSON schema."""
    schema: dict[str, object] = {"type": "object", "properties": {"title": {"type": "string"}}, "required": ["title"]}
    with (
        anthropic.Anthropic(base_url=scene.url, api_key=scene.key("rich")) as client,
        client.messages.stream(
            model="claude-opus-4-8",
            max_tokens=100,
            messages=[{"role": "user", "content": "say hi"}],
            output_config={"format": {"type": "json_schema", "schema": schema}},
        ) as stream,
    ):
        text = "".join(stream.text_stream)
    assert json.loads(text) == {"title": "fake"}
    scene.paid_exactly()


def test_finding_13_codex_is_told_what_its_turns_cost(scene: Scene, tmp_path: Path) -> None:
    """With a metrics exporter, Codex probes with a random id at its start; afterwards its real turn has the ledger's price, for its own key."""
    settings = '[otel]\nmetrics_exporter = { otlp-http = { endpoint = "http://127.0.0.1:9/v1/metrics", protocol = "json" } }'
    prompt = 'say hi [[fake: tool=exec_command; tool_input={"cmd": "true"}]]'
    codex(tmp_path, scene.url, scene.key("rich"), prompt, settings=settings)
    probes = [answer.status for request, answer in zip(scene.tap.requests, scene.tap.answers) if request.path.endswith("/turn-costs")]
    assert probes == [200]
    paid = scene.paid_exactly(2)
    turn_id = json.loads(scene.arrived[-1].headers["x-codex-turn-metadata"])["turn_id"]
    _, _, answer = post(scene, "/v1/analytics/codex/turn-costs", {"turn_ids": [turn_id, "unknown"]})
    known, unknown = json.loads(answer)["turns"]
    assert unknown == {"turn_id": "unknown", "status": "pending"}
    assert (known["status"], known["event_count"], known["model"]) == ("priced", 2, "gpt-5")
    assert known["total_usd"] == exact_usd(sum(each.ended.charged.nanousd for each in paid))
    responses = [{"response_id": each.ended.ref, "total_usd": exact_usd(each.ended.charged.nanousd)} for each in paid]
    assert known["responses"] == responses
    _, _, answer = post(scene, "/v1/analytics/codex/turn-costs", {"turn_ids": [turn_id]}, "open")
    assert json.loads(answer)["turns"] == [{"turn_id": turn_id, "status": "pending"}]


# Protocol details


def test_finding_14_every_route_takes_every_kind_of_key(scene: Scene) -> None:
    secret = scene.key("rich")
    ways: list[tuple[dict[str, str], str]] = [
        ({"authorization": f"Bearer {secret}"}, ""),
        ({"x-api-key": secret}, ""),
        ({"x-goog-api-key": secret}, ""),
        ({"api-key": secret}, ""),
        ({}, f"?key={secret}"),
    ]
    for path, body in {**WIRES, "/v1/messages/count_tokens": MESSAGES}.items():
        for headers, query in ways:
            status, _, answer = scene.stage.gateway.post(path + query, body, {"authorization": "", **headers})
            assert status == 200, (path, headers, answer)
            assert secret not in scene.arrived[-1].path
            assert masked(secret) not in "".join(scene.arrived[-1].headers.values())


def test_finding_14_versions_and_betas_pass_as_they_are(scene: Scene) -> None:
    post(scene, "/v1/messages?beta=true", MESSAGES, anthropic_version="2026-10-21", anthropic_beta="effort-2025-11-24,unheard-of-2031-01-01")
    seen = scene.arrived[-1]
    assert seen.path == "/v1/messages?beta=true"
    assert seen.headers["anthropic-version"] == "2026-10-21"
    assert seen.headers["anthropic-beta"] == "effort-2025-11-24,unheard-of-2031-01-01"


def test_finding_15_the_list_of_models_has_three_shapes(scene: Scene) -> None:
    def listed(path: str, **headers: str) -> dict[str, Any]:
        sent = {"authorization": f"Bearer {scene.key('rich')}", **{name.replace("_", "-"): value for name, value in headers.items()}}
        status, _, answer = scene.stage.gateway.request("GET", path, None, sent)
        assert status == 200
        found: dict[str, Any] = json.loads(answer)
        return found

    plain = listed("/v1/models")
    assert plain["object"] == "list"
    assert [each["id"] for each in plain["data"]] == list(OPENAI_MODELS)
    anthropics = listed("/v1/models", anthropic_version="2023-06-01")
    assert [each["id"] for each in anthropics["data"]] == list(ANTHROPIC_MODELS)
    assert (anthropics["first_id"], anthropics["has_more"]) == (ANTHROPIC_MODELS[0], False)
    for path in ("/v1/models", "/v1beta/models"):
        googles = listed(path, x_goog_api_key=scene.key("rich"))
        assert [each["name"] for each in googles["models"]] == [f"models/{name}" for name in GEMINI_MODELS]


def test_finding_15_google_genai_calls_models_under_v1(scene: Scene) -> None:
    client = genai.Client(api_key=scene.key("rich"), http_options=types.HttpOptions(base_url=scene.url))
    client.models.generate_content(model="gemini-2.5-pro", contents="say hi")
    list(client.models.list())
    client.close()
    assert scene.paid_exactly()[0].reserved.wire == "gemini"
    assert {request.path.split("/")[1] for request in scene.tap.requests} <= {"v1", "v1beta"}
    assert all(seen.path.startswith("/v1beta/") for seen in scene.arrived)


def test_finding_16_the_usage_chunk_is_hidden_from_who_did_not_ask(scene: Scene) -> None:
    with openai.OpenAI(base_url=f"{scene.url}/v1", api_key=scene.key("rich")) as client:
        stream = client.chat.completions.create(model="gpt-5", messages=[{"role": "user", "content": "say hi"}], stream=True)
        text = "".join(chunk.choices[0].delta.content or "" for chunk in stream)
    assert text.startswith(PHRASE)
    assert json.loads(scene.arrived[-1].body)["stream_options"] == {"include_usage": True}
    assert scene.paid_exactly()[0].ended.quality == "exact"


def test_finding_17_codex_goes_from_websocket_to_http_at_once(scene: Scene, tmp_path: Path) -> None:
    ran = codex_builtin(tmp_path, scene.url, scene.key("rich"), "say hi")
    assert ran.out.startswith(PHRASE)
    assert [(request.method, request.headers.get("upgrade")) for request in scene.tap.requests] == [("GET", "websocket"), ("POST", None)]
    assert [answer.status for answer in scene.tap.answers] == [426, 200]
    assert b"event: response.completed" in bytes(scene.tap.wires[-1].down)


def test_finding_18_claude_codes_request_passes_byte_by_byte(scene: Scene, tmp_path: Path) -> None:
    """System roles among the messages, adaptive thinking, context management, betas, the text that differs per call: all untouched."""
    claude(tmp_path, scene.url, scene.key("rich"), "say hi")
    sent, arrived = bytes(scene.tap.wires[-1].up).partition(b"\r\n\r\n")[2], scene.arrived[-1]
    assert len(sent) > 30_000
    assert arrived.body == sent
    body = json.loads(sent)
    assert body["thinking"]["type"] == "adaptive"
    assert body["context_management"]
    assert body["system"][0]["text"].startswith("x-anthropic-billing-header: cc_version=")
    assert arrived.path == "/v1/messages?beta=true"
    assert arrived.headers["anthropic-beta"] == scene.tap.requests[-1].headers["anthropic-beta"]


def test_finding_18_system_roles_among_the_messages_pass(scene: Scene) -> None:
    body = {**MESSAGES, "messages": [{"role": "user", "content": "say hi"}, {"role": "system", "content": "briefly"}]}
    assert post(scene, "/v1/messages?beta=true", body)[0] == 200
    assert json.loads(scene.arrived[-1].body) == body


@pytest.mark.parametrize("base", ["/", "/p/apollo", "/p/apollo/", "/t/blue/p/apollo"])
def test_finding_18_the_warm_up_needs_no_key(scene: Scene, base: str) -> None:
    status, _, answer = scene.stage.gateway.request("HEAD", base, None, {"authorization": "", "user-agent": "Bun/1.4.0"})
    assert (status, answer) == (200, b"")


def test_finding_19_claude_code_discovers_the_models(scene: Scene, tmp_path: Path) -> None:
    env = {"CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "", "CLAUDE_CODE_ENABLE_GATEWAY_MODEL_DISCOVERY": "1"}
    claude(tmp_path, scene.url, scene.key("narrow"), "say hi", **env)
    assert "/v1/models?limit=1000" in [request.path for request in scene.tap.requests]
    cached = json.loads((tmp_path / ".claude" / "cache" / "gateway-models.json").read_text())
    assert [model["id"] for model in cached["models"]] == [name for name in ANTHROPIC_MODELS if name.startswith("claude-opus-")]


def test_finding_20_the_clients_own_cost_figures_are_not_the_ledgers(scene: Scene, tmp_path: Path) -> None:
    """Claude Code shows list prices; the ledger has what this company pays."""
    ran = claude(tmp_path, scene.url, scene.key("rich"), "say hi", "--output-format", "json", "--model", "claude-opus-4-8")
    guessed_nanousd = round(json.loads(ran.out)["total_cost_usd"] * 10**9)
    paid = scene.paid_exactly()[0]
    assert paid.ended.charged.nanousd * 100 == guessed_nanousd * (100 - DISCOUNT_PERCENT)


def session_lines(home: Path) -> list[dict[str, Any]]:
    """Claude Code's log of the one session in this home."""
    [file] = (home / ".claude" / "projects").glob("*/*.jsonl")
    return [json.loads(line) for line in file.read_text().splitlines()]


def wait_until(happened: Callable[[], bool], s_max: float = 30.0) -> None:
    deadline = time.monotonic() + s_max
    while time.monotonic() < deadline:
        if happened():
            return
        time.sleep(0.01)
    raise AssertionError("it did not happen")
