"""Cases about refusals, failures and side doors, against a gateway that is right until it is told how to be wrong."""

import contextlib
import http.client
import itertools
import json
import shutil
import sys
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from wellspent.testing.conformance.adapter import Adapter, Key, NotOffered
from wellspent.testing.conformance.bench import Bench
from wellspent.testing.conformance.cases import paths
from wellspent.testing.conformance.client import Reply
from wellspent.testing.conformance.wires import wires
from wellspent.testing.provider import FakeProvider

CHAT = wires()["openai-chat"]
FLAT_NANOUSD = 1_000_000  # what a wrong gateway charges for a failure
BUDGET: tuple[int, str, dict[str, str]] = (402, "The budget of this key is used up.", {})


class Gateway(ThreadingHTTPServer):
    """Refuses a call that might cost more than is left, charges what was answered.

    Attributes:
        refusal: Status, text and headers of a refusal for a limit.
        always: The same, for every call of a limited key.
        dead: Whether nothing reaches the provider any more.
        tries: How often it asks the provider.
        charges_failures: Whether a failure costs something.
        hangs: Whether a refusal never comes.
    """

    daemon_threads = True

    def __init__(self, provider_port: int) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.provider_port = provider_port
        self.spent: dict[str, int] = {}
        self.limits: dict[str, int | None] = {}
        self.numbers = itertools.count(1)
        self.refusal: tuple[int, str, dict[str, str]] = BUDGET
        self.always: tuple[int, str, dict[str, str]] | None = None
        self.dead = self.charges_failures = self.hangs = False
        self.tries = 1


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Gateway

    def handle(self) -> None:
        with contextlib.suppress(ConnectionError):
            super().handle()

    def log_message(self, format: str, *args: Any) -> None: ...

    def do_POST(self) -> None:
        server, key = self.server, self.headers["authorization"].removeprefix("Bearer ")
        body = self.rfile.read(int(self.headers["content-length"]))
        limit = server.limits[key]
        if self.path != "/v1/chat/completions":
            return self._refuse(404, "Not Found", {})
        if server.dead:
            return self._refuse(503, "overloaded; check your limits", {})
        if limit is not None and server.always:
            return self._refuse(*server.always)
        if limit is not None and limit - server.spent[key] < FLAT_NANOUSD:
            if server.hangs:
                time.sleep(5)
            return self._refuse(*server.refusal)
        self._relay(key, body)

    def _relay(self, key: str, body: bytes) -> None:
        for _ in range(self.server.tries):
            with contextlib.closing(http.client.HTTPConnection("127.0.0.1", self.server.provider_port, timeout=30)) as upstream:
                upstream.request("POST", self.path, body, {"content-type": "application/json"})
                answer = upstream.getresponse()
                text = answer.read()
            if answer.status == 200:
                usage = json.loads(text)["usage"]
                self.server.spent[key] += usage["prompt_tokens"] * 3_000 + usage["completion_tokens"] * 15_000
                break
            self.server.spent[key] += FLAT_NANOUSD * self.server.charges_failures
        self._answer(answer.status, text, {})

    def _refuse(self, status: int, text: str, headers: dict[str, str]) -> None:
        self._answer(status, json.dumps({"error": {"message": text, "type": "x"}}).encode(), headers)

    def _answer(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in {"content-type": "application/json", "content-length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)


class Profile(Adapter):
    wires = ("openai-chat",)
    settle_s = 0.5
    deferred_s = 0.0
    server: Gateway

    def key(self) -> Key:
        return self._made(None)

    def limited(self, limit_nanousd: int, window: str = "month") -> Key:
        return self._made(limit_nanousd)

    def _made(self, limit_nanousd: int | None) -> Key:
        name = f"sk-secret-{next(self.server.numbers)}"
        self.server.spent[name], self.server.limits[name] = 0, limit_nanousd
        return Key(name, name)

    def spent(self, key: Key) -> int:
        return self.server.spent[key.name]


@pytest.fixture
def bench(provider: FakeProvider) -> Iterator[Bench]:
    with Gateway(provider.port) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        gateway = Profile(f"http://127.0.0.1:{server.server_port}")
        gateway.server = server
        yield Bench(gateway, provider, started=f"paths-{server.server_port}")
        server.shutdown()


def server_of(bench: Bench) -> Gateway:
    assert isinstance(bench.gateway, Profile)
    return bench.gateway.server


FAILURES = (paths.a_failed_call_costs_nothing, paths.failures_do_not_use_a_limit_up, paths.a_retry_is_billed_once)
REFUSALS = (paths.side_doors_of_a_spent_key, paths.a_refusal_that_people_can_read, paths.a_refusal_is_not_retried_by_the_sdk)


@pytest.mark.parametrize("case", [*FAILURES, *REFUSALS])
def test_a_right_gateway_passes(bench: Bench, case: Any) -> None:
    found = case(bench, CHAT)
    assert found.ok, found.note


@pytest.mark.parametrize("case", FAILURES)
def test_a_gateway_that_calls_nobody_does_not_pass_for_one_that_charges_nothing(bench: Bench, case: Any) -> None:
    server_of(bench).dead = True
    found = case(bench, CHAT)
    assert not found.ok
    assert "never reached the provider" in found.note


@pytest.mark.parametrize("case", REFUSALS)
@pytest.mark.parametrize(
    "refusal",
    [
        (401, "invalid key; check your limits", {}),
        (400, "Rate limit exceeded. Please try again in 20s.", {"retry-after": "20"}),
        (402, "The budget of this key is used up.", {}),
    ],
)
def test_a_gateway_that_refuses_every_limited_key_holds_no_limit(bench: Bench, case: Any, refusal: Any) -> None:
    server_of(bench).always = refusal
    found = case(bench, CHAT)
    assert not found.ok
    assert "a key whose limit is far away is not answered either" in found.note


@pytest.mark.parametrize("case", [paths.side_doors_of_a_spent_key, paths.a_refusal_is_not_retried_by_the_sdk])
@pytest.mark.parametrize("status", [401, 403, 404, 503])
def test_a_spent_key_that_is_refused_for_something_else_is_told(bench: Bench, case: Any, status: int) -> None:
    server_of(bench).refusal = (status, "unknown key", {})
    found = case(bench, CHAT)
    assert not found.ok
    assert "is not refused for that" in found.note


@pytest.mark.parametrize(
    ("refusal", "said"),
    [
        ((429, "The budget is used up.", {"x-should-retry": "false"}), "429 is retried by clients"),
        ((503, "The budget is used up.", {}), "503 is retried by clients"),
        ((401, "The budget is used up.", {}), "401 says something else"),
        ((402, "The budget is used up.", {"retry-after": "20"}), "it asks to try again (retry-after: 20)"),
        ((402, "Rate limit exceeded.", {}), "not readable as being about money"),
        ((402, "Your limit is exceeded, try again in 5 s.", {}), "not readable as being about money"),
        ((402, "No.", {}), "not readable as being about money"),
    ],
)
def test_a_refusal_is_readable_or_not(bench: Bench, refusal: Any, said: str) -> None:
    server_of(bench).refusal = refusal
    found = paths.a_refusal_that_people_can_read(bench, CHAT)
    assert not found.ok
    assert said in found.note


def test_an_answer_is_no_refusal() -> None:
    assert "answered, although the limit is used up" in paths.wrong_with_a_refusal(CHAT, Reply(200))
    assert "it took 3.0 s" in paths.wrong_with_a_refusal(CHAT, Reply(402, body=b'{"error": {"message": "budget"}}', seconds=3.0))


def test_a_gateway_that_tries_again_charges_what_answered(bench: Bench) -> None:
    server_of(bench).tries = 3
    found = paths.a_retry_is_billed_once(bench, CHAT)
    assert found.ok, found.note
    assert found.note == "tried 2 times, answered 1 times, then: answered"
    assert found.true_nanousd == found.billed_nanousd != 0


@pytest.mark.parametrize("tries", [1, 3])
def test_a_gateway_that_charges_the_failure_is_found(bench: Bench, tries: int) -> None:
    server = server_of(bench)
    server.tries, server.charges_failures = tries, True
    found = paths.a_retry_is_billed_once(bench, CHAT)
    assert not found.ok
    assert found.billed_nanousd == (found.true_nanousd or 0) + FLAT_NANOUSD


def test_an_sdk_that_is_told_nothing_is_told_without_its_key(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    key = bench.gateway.limited(1)
    server_of(bench).hangs = True
    monkeypatch.setattr(paths, "SDK_S_MAX", 3.0)
    told = paths._ask_with_sdk(paths.SDKS["openai-chat"], bench, CHAT, bench.gateway.url, key)
    assert told == {"message": "the SDK was told nothing within 3 s", "answered": False, "seconds": 3.0}
    monkeypatch.setattr(sys, "executable", shutil.which("false"))
    assert not paths._ask_with_sdk(paths.SDKS["openai-chat"], bench, CHAT, bench.gateway.url, key)["answered"]
    assert paths.masked(f"no key {key.secret} here", key) == "no key (the key) here"


def test_an_sdk_is_not_counted_through_tls(bench: Bench) -> None:
    bench.gateway.url = bench.gateway.url.replace("http://", "https://")
    with pytest.raises(NotOffered, match="speaks no TLS"):
        paths.a_refusal_is_not_retried_by_the_sdk(bench, CHAT)
