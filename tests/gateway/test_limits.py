"""Limits over the real wire: degrade, allow-lists, rates, the kill switch, tokens and calls, alerts, precise counting, a full disk."""

import http.server
import json
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from tests.gateway.harness import Gateway, chat, running
from tests.gateway.test_wire import CHAT, MESSAGES, gemini, message, receipt

from wellspent.budgets.budget import Budget, Policy
from wellspent.facts.attribution import Scope
from wellspent.facts.entry import Settled
from wellspent.ledger.reader import JournalReader, WindowBalance
from wellspent.ledger.verify import verify

NANO = 10**9
LOADED_S = 1.2  # a running gateway takes new settings within half a second


class Hook(http.server.BaseHTTPRequestHandler):
    """Keeps what is posted to it; refuses the first."""

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        self.server.got.append(body)  # type: ignore[attr-defined]
        self.send_response(500 if len(self.server.got) == 1 else 204)  # type: ignore[attr-defined]
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        pass


@contextmanager
def hook() -> Iterator[http.server.ThreadingHTTPServer]:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Hook)
    server.got = []  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture(scope="module")
def hooked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Gateway, list[dict[str, Any]]]]:
    with hook() as server:
        url = f"http://127.0.0.1:{server.server_address[1]}/alerts"
        with running(tmp_path_factory.mktemp("gateway"), alert_url=url, contact="finops@acme.example", unmetered_paths="pass") as started:
            yield started, server.got  # type: ignore[attr-defined]


@pytest.fixture
def gateway(hooked: tuple[Gateway, list[dict[str, Any]]]) -> Gateway:
    return hooked[0]


def key(gateway: Gateway, name: str, *limits: Budget | Policy, **fields: Any) -> dict[str, str]:
    """A new key under these limits; its header."""
    with closing(gateway.store()) as settings:
        secret, _ = settings.create_key(name, org="acme", **fields)
        for limit in limits:
            if isinstance(limit, Budget):
                settings.set_budget(limit)
            else:
                settings.set_policy(limit)
    time.sleep(LOADED_S)
    return {"authorization": f"Bearer {secret}"}


def balance(gateway: Gateway, budget: str) -> WindowBalance:
    time.sleep(0.5)
    return next(each for each in JournalReader(gateway.journal).balances() if each.key.startswith(budget + "@") or each.key.startswith(budget + "."))


def refusal(answer: tuple[int, dict[str, str], bytes]) -> tuple[int, str, str]:
    status, headers, body = answer
    return status, headers.get("x-wellspent-refusal", ""), json.loads(body)["error"]["message"]


def test_a_degrading_budget_goes_on_with_a_cheaper_model(gateway: Gateway) -> None:
    headers = key(gateway, "thrifty", Budget("thrifty", Scope("key", "thrifty"), 1_000_000, at_limit="degrade", degrade_to=("gpt-5-nano",)))
    seen = [gateway.post(CHAT, chat(max_tokens=30), headers) for _ in range(6)]
    assert [status for status, _, _ in seen] == [200] * 6
    assert "x-wellspent-degraded-from" not in seen[0][1]
    _, found, _ = seen[-1]
    assert found["x-wellspent-degraded-from"] == "gpt-5"
    assert json.loads(gateway.provider.calls[-1].body)["model"] == "gpt-5-nano"
    whole = receipt(gateway, found["x-wellspent-call-id"])
    assert isinstance(whole.ended, Settled)
    assert (whole.reserved.model_asked, whole.reserved.model, whole.ended.model) == ("gpt-5", "gpt-5-nano", "gpt-5-nano")


def test_an_allow_list_names_what_is_allowed(gateway: Gateway) -> None:
    headers = key(gateway, "listed", Policy(Scope("key", "listed"), models_allowed=("gpt-5-nano", "claude-haiku-*")))
    assert gateway.post(CHAT, chat(model="gpt-5-nano"), headers)[0] == 200
    status, code, text = refusal(gateway.post(CHAT, chat(), headers))
    assert (status, code) == (402, "model_not_allowed")
    assert "gpt-5-nano" in text
    models = json.loads(gateway.request("GET", "/v1/models", None, headers)[2])["data"]
    assert [model["id"] for model in models if not model["id"].startswith("gpt-5-nano")] == []


def test_the_kill_switch_stops_a_scope_at_once_and_resumes(gateway: Gateway) -> None:
    headers = key(gateway, "leaked")
    assert gateway.post(CHAT, chat(), headers)[0] == 200
    with closing(gateway.store()) as settings:
        settings.set_policy(Policy(Scope("key", "leaked"), killed=True, reason="seen in a public repository"))
    time.sleep(LOADED_S)
    before = len(gateway.provider.calls)
    status, code, text = refusal(gateway.post(CHAT, chat(), headers))
    assert (status, code) == (402, "scope_stopped")
    assert "seen in a public repository" in text
    assert len(gateway.provider.calls) == before
    with closing(gateway.store()) as settings:
        settings.remove_policy(Scope("key", "leaked"))
    time.sleep(LOADED_S)
    assert gateway.post(CHAT, chat(), headers)[0] == 200


def test_requests_per_minute_answer_429_with_a_time_to_wait(gateway: Gateway) -> None:
    headers = key(gateway, "hasty", Policy(Scope("key", "hasty"), requests_per_minute=3))
    seen = [gateway.post(CHAT, chat(), headers) for _ in range(4)]
    assert [status for status, _, _ in seen] == [200, 200, 200, 429]
    assert 1 <= int(seen[-1][1]["retry-after"]) <= 21
    assert refusal(seen[-1])[1] == "rate_exceeded"
    assert "x-should-retry" not in seen[-1][1]


def test_tokens_per_minute_are_corrected_by_what_was_used(gateway: Gateway) -> None:
    headers = key(gateway, "wordy", Policy(Scope("key", "wordy"), tokens_per_minute=2_000))
    seen = [gateway.post(CHAT, chat("[[fake: output_tokens=900]]", max_tokens=900), headers)[0] for _ in range(4)]
    assert seen[:2] == [200, 200]
    assert seen[-1] == 429


@pytest.mark.parametrize(("measure", "limit"), [("calls", 3), ("tokens", 600)])
def test_budgets_in_calls_and_tokens(gateway: Gateway, measure: Any, limit: int) -> None:
    name = f"in-{measure}"
    headers = key(gateway, name, Budget(name, Scope("key", name), limit, measure))
    with ThreadPoolExecutor(8) as pool:
        seen = list(pool.map(lambda _: gateway.post(CHAT, chat(max_tokens=20), headers), range(16)))
    assert {status for status, _, _ in seen} == {200, 402}
    assert measure in refusal(next(each for each in seen if each[0] == 402))[2]
    spent = balance(gateway, name).spent
    assert (spent.calls if measure == "calls" else spent.tokens) <= limit
    if measure == "calls":
        assert spent.calls == 3


def test_a_ceiling_for_each_run(gateway: Gateway) -> None:
    headers = key(gateway, "agent", Budget("each-run", Scope("run", "*"), 2, "calls", "total"))
    for run in ("r1", "r2"):
        seen = [gateway.post(CHAT, chat(), {**headers, "x-wellspent-run": run})[0] for _ in range(3)]
        assert seen == [200, 200, 402]
    assert gateway.post(CHAT, chat(), headers)[0] == 200


def test_fifty_at_once_never_pass_a_budget_for_a_few(gateway: Gateway) -> None:
    limit = 1_500_000
    headers = key(gateway, "crowd", Budget("crowd", Scope("key", "crowd"), limit))
    with ThreadPoolExecutor(50) as pool:
        seen = list(pool.map(lambda number: gateway.post(CHAT, chat(max_tokens=20, stream=number % 2 == 0), headers)[0], range(50)))
    assert set(seen) == {200, 402}
    found = balance(gateway, "crowd")
    assert found.held.nanousd == 0
    assert 0 < found.spent.nanousd <= limit


@pytest.mark.parametrize(
    ("path", "body"),
    [
        (MESSAGES, message("word " * 3000, max_tokens=16)),
        ("/v1beta/models/gemini-2.5-pro:generateContent", {**gemini("word " * 3000), "generationConfig": {"maxOutputTokens": 20}}),
    ],
)
def test_near_the_limit_the_prompt_is_counted_before_it_is_refused(gateway: Gateway, path: str, body: dict[str, Any]) -> None:
    """15,000 bytes are at most 15,000 tokens, which the budget cannot pay; counted they are a quarter of that, which it can."""
    name = "near-" + path.split("/")[1].replace("1", "x")
    limit = 25_000_000 if path == MESSAGES else 10_000_000
    headers = key(gateway, name, Budget(name, Scope("key", name), limit))
    status, found, answer = gateway.post(path, body, headers)
    assert status == 200, answer
    whole = receipt(gateway, found["x-wellspent-call-id"])
    assert isinstance(whole.ended, Settled)
    assert (whole.ended.quality, whole.ended.overrun_nanousd) == ("exact", 0)
    assert any(word in gateway.provider.calls[-2].path for word in ("count_tokens", "countTokens"))
    assert balance(gateway, name).spent.nanousd <= limit


def test_a_new_budget_knows_what_its_month_has_spent(gateway: Gateway) -> None:
    headers = key(gateway, "early")
    assert gateway.post(CHAT, chat(max_tokens=20), headers)[0] == 200
    with closing(gateway.store()) as settings:
        settings.set_budget(Budget("early", Scope("key", "early"), 10, "calls"))
    time.sleep(LOADED_S)
    assert gateway.post(CHAT, chat(max_tokens=20), headers)[0] == 200
    assert balance(gateway, "early").spent.calls == 2


def test_an_unmetered_path_passes_recorded_where_the_operator_says_so(gateway: Gateway) -> None:
    headers = key(gateway, "files")
    status, _, _ = gateway.post("/v1/files", {"purpose": "x"}, headers)
    assert status == 404  # the fake provider's own answer
    newest = next(row for row in JournalReader(gateway.journal).recent(5) if row.reserved.model == "/v1/files")
    ended = receipt(gateway, newest.reserved.call_id).ended
    assert isinstance(ended, Settled)
    assert (ended.quality, newest.reserved.wire) == ("unpriced", "passthrough")
    hard = key(gateway, "files-hard", Budget("files-hard", Scope("key", "files-hard"), 10**9))
    assert refusal(gateway.post("/v1/files", {"purpose": "x"}, hard))[1] == "path_unmetered"


@pytest.mark.parametrize(
    ("body", "named"),
    [
        (chat(model="no-such-model-9"), "no-such-model-9"),
        ({"model": "gpt-5", "input": "hi", "tools": [{"type": "code_interpreter", "container": {"type": "auto"}}]}, "code_interpreter"),
    ],
)
def test_what_has_no_bound_is_refused_by_name_under_a_hard_budget(gateway: Gateway, body: dict[str, Any], named: str) -> None:
    name = "bounded-" + named.replace("_", "-")
    path = "/v1/responses" if "input" in body else CHAT
    headers = key(gateway, name, Budget(name, Scope("key", name), 10**10))
    status, code, text = refusal(gateway.post(path, body, headers))
    assert (status, code) in ((402, "model_unpriced"), (402, "request_unbounded"))
    assert named in text
    free = key(gateway, name + "-free")
    status, found, _ = gateway.post(path, body, free)
    assert status == 200
    whole = receipt(gateway, found["x-wellspent-call-id"])
    assert isinstance(whole.ended, Settled)
    if code == "model_unpriced":
        assert (whole.ended.quality, found["x-wellspent-cost-usd"]) == ("unpriced", "unknown")


def test_alerts_reach_the_operator_once_and_are_delivered_again_after_a_failure(hooked: tuple[Gateway, list[dict[str, Any]]]) -> None:
    gateway, got = hooked
    budget = Budget("loud", Scope("key", "loud"), 4, "calls", at_limit="alert", alert_at_percent=(50, 100))
    headers = key(gateway, "loud", budget)
    assert [gateway.post(CHAT, chat(), headers)[0] for _ in range(6)] == [200] * 6
    deadline = time.monotonic() + 20
    while sum(each["budget"] == "loud" for each in got) < 2 and time.monotonic() < deadline:
        time.sleep(0.05)
    told = {(each["percent"], each["limit"], each["scope"]) for each in got if each["budget"] == "loud"}
    assert told == {(50, "4", "key:loud"), (100, "4", "key:loud")}
    log = (gateway.folder / "gateway.log").read_text()
    assert log.count("alert: budget loud (key:loud) has used 50 % of 4 calls") == 1


def test_nothing_is_left_held(gateway: Gateway) -> None:
    time.sleep(0.5)
    assert verify(gateway.journal).open_holds == 0


def test_draining_settles_exactly_what_a_client_left_behind(tmp_path: Path) -> None:
    with running(tmp_path, on_client_leave="drain") as gateway:
        connection = gateway.connection()
        body = json.dumps(chat("[[fake: chunks=40;output_tokens=80;chunk_ms=10]]", stream=True)).encode()
        connection.request("POST", CHAT, body, {"authorization": f"Bearer {gateway.secret}"})
        answer = connection.getresponse()
        answer.read(200)
        call_id = answer.getheader("x-wellspent-call-id") or ""
        answer.close()
        connection.close()
        whole = receipt(gateway, call_id)
        assert isinstance(whole.ended, Settled)
        assert (whole.ended.quality, whole.ended.usage) == ("exact", gateway.provider.calls[-1].usage)


def test_token_rates_are_given_back_what_was_taken_and_no_more(gateway: Gateway) -> None:
    headers = key(gateway, "rated", Policy(Scope("key", "rated"), tokens_per_minute=5_000))
    large = chat("x" * 4_000)
    assert gateway.post(CHAT, large, headers)[0] == 200
    parts = [{"type": "file", "file": {"file_id": "f"}}, {"type": "text", "text": "[[fake: output_tokens=3000]]"}]
    without_bound = {**chat(), "messages": [{"role": "user", "content": parts}]}
    assert gateway.post(CHAT, without_bound, headers)[0] == 200
    assert gateway.post(CHAT, large, headers)[0] == 429


@pytest.mark.parametrize(("name", "limit", "status"), [("unlucky", NANO, 400), ("poor", 1, 402)])
def test_a_released_or_refused_call_gives_its_rate_back(gateway: Gateway, name: str, limit: int, status: int) -> None:
    scope = Scope("key", name)
    headers = key(gateway, name, Policy(scope, tokens_per_minute=5_000), Budget(name, scope, limit))
    for _ in range(4):
        assert gateway.post(CHAT, chat("[[fake: status=400]]" + "x" * 4_000), headers)[0] == status


def test_a_models_name_is_bounded(gateway: Gateway) -> None:
    status, _, body = gateway.post(CHAT, {**chat(), "model": "m" * 257})
    assert status == 400
    assert b"257 characters" in body


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        ("/v1/chat/completions", b'{"model":"gpt-5","max_tokens":9,"messages":[],"max_tokens":90000}', "max_tokens"),
        ("/v1/chat/completions", b'{"model":"gpt-5","messages":[],"m\\u006fdel":"gpt-5-nano"}', "model"),
        ("/v1/messages", b'{"model":"claude-haiku-4-5","max_tokens":9,"messages":[],"max_tokens":90000}', "max_tokens"),
        ("/v1beta/models/gemini-2.5-pro:generateContent", b'{"contents":[],"generationConfig":{"maxOutputTokens":9,"maxOutputTokens":99}}', "maxOut"),
    ],
)
def test_a_field_that_is_named_twice_talks_no_bound_down(gateway: Gateway, path: str, body: bytes, field: str) -> None:
    before = len(gateway.provider.calls)
    status, _, text = gateway.request("POST", path, body)
    assert status == 400
    assert f"names the field '{field}" in text.decode()
    assert len(gateway.provider.calls) == before


def item(**fields: Any) -> dict[str, Any]:
    """A response whose prompt is in truth 190,000 tokens long."""
    prompt = {"role": "user", "content": "[[fake: input_tokens=190000]]"}
    return {"model": "gpt-5", "max_output_tokens": 16, "input": [fields, prompt]}


RESPONSES = "/v1/responses"
GEMINI = "/v1beta/models/gemini-2.5-pro:generateContent"


@pytest.mark.parametrize(
    ("name", "path", "body"),
    [
        ("referenced", RESPONSES, item(type="item_reference", id="msg_1")),
        ("only-an-id", RESPONSES, item(id="msg_1")),
        ("candidates", GEMINI, {**gemini("[[fake: output_tokens=1000]]"), "generation_config": {"candidate_count": 8, "max_output_tokens": 1000}}),
        ("maps", GEMINI, {**gemini("[[fake: input_tokens=190000]]"), "tools": [{"google_maps": {}}], "generationConfig": {"maxOutputTokens": 16}}),
        ("screenshot", RESPONSES, item(type="computer_call_output", call_id="c", output={"type": "computer_screenshot", "file_id": "f"})),
    ],
)
def test_what_is_larger_than_its_bytes_does_not_pass_a_small_budget(gateway: Gateway, name: str, path: str, body: dict[str, Any]) -> None:
    limit = 20_000_000
    headers = key(gateway, name, Budget(name, Scope("key", name), limit))
    status, _, answer = gateway.post(path, body, headers)
    found = [each for each in JournalReader(gateway.journal).balances() if each.key.startswith((name + "@", name + "."))]
    assert sum(each.spent.nanousd for each in found) <= limit
    assert status == (200 if name == "candidates" else 402), answer  # eight answers are capped to what there is room for


@pytest.mark.parametrize("stream", [False, True])
def test_a_guess_does_not_pass_the_limit_where_the_provider_obeyed_the_cap(gateway: Gateway, stream: bool) -> None:
    name, limit = f"long-words-{stream}".lower(), 20_000_000
    headers = key(gateway, name, Budget(name, Scope("key", name), limit))
    status, found, _ = gateway.post(CHAT, chat("[[fake: no_usage; output_tokens=9000; token_bytes=9]]", stream=stream), headers)
    assert status == 200
    ended = receipt(gateway, found["x-wellspent-call-id"]).ended
    assert isinstance(ended, Settled)
    assert (ended.quality, ended.overrun_nanousd) == ("estimated", 0)
    assert 0 < balance(gateway, name).spent.nanousd <= limit
