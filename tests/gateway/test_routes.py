"""Several upstreams: order, fallback, retries only where nothing was relayed, Azure, local models, both HTTP clients."""

import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.gateway.harness import Gateway, chat, free_port, running
from tests.gateway.test_wire import CHAT, MESSAGES, message, receipt

from wellspent.facts.entry import Released, Settled
from wellspent.ledger.reader import JournalReader
from wellspent.ledger.verify import verify
from wellspent.testing.provider import FakeProvider

UPSTREAMS = """
[[upstream]]
name = "first"
kind = "openai"
base_url = "PROVIDER/v1"
api_key_env = "FAKE_KEY"
timeout_s = 1.0

[[upstream]]
name = "second"
kind = "openai"
base_url = "SECOND/v1"
api_key_env = "FAKE_KEY"

[[upstream]]
name = "nowhere"
kind = "openai"
base_url = "http://127.0.0.1:CLOSED/v1"

[[upstream]]
name = "azure"
kind = "azure"
base_url = "SECOND"
api_key_env = "FAKE_KEY"
api_version = "2024-10-21"
models = ["azure-*"]

[[upstream]]
name = "local"
kind = "openai-compatible"
base_url = "SECOND/v1"
models = ["llama-*"]
free = true

[[upstream]]
name = "anthropic"
kind = "anthropic"
base_url = "PROVIDER"
api_key_env = "FAKE_KEY"

[[route]]
model = "gpt-5"
attempts = ["nowhere", "first", "second:gpt-5-mini"]

[[route]]
model = "azure-gpt"
attempts = ["azure:gpt-4o"]

[[route]]
model = "gone"
attempts = ["nowhere"]

"""


@pytest.fixture(scope="module", params=["builtin", "aiohttp"])
def both(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Gateway, FakeProvider]]:
    with FakeProvider(name="second") as second:
        upstreams = UPSTREAMS.replace("SECOND", second.url).replace("CLOSED", str(free_port()))
        with running(tmp_path_factory.mktemp("gateway"), upstreams=upstreams, http_client=request.param) as started:
            yield started, second


def settled(gateway: Gateway, headers: dict[str, str]) -> Settled:
    ended = receipt(gateway, headers["x-wellspent-call-id"]).ended
    assert isinstance(ended, Settled)
    return ended


@pytest.mark.parametrize("stream", [False, True])
def test_an_unreachable_upstream_costs_nothing_and_the_next_answers(both: tuple[Gateway, FakeProvider], stream: bool) -> None:
    gateway, second = both
    before = len(second.calls)
    status, headers, _ = gateway.post(CHAT, chat(stream=stream))
    assert status == 200
    found = settled(gateway, headers)
    assert (found.upstream, found.model, found.quality) == ("first", "gpt-5", "exact")
    assert len(second.calls) == before


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("failing", [500, 503, 429])
def test_a_failing_provider_is_followed_by_the_next_at_its_price(both: tuple[Gateway, FakeProvider], stream: bool, failing: int) -> None:
    gateway, second = both
    status, headers, _ = gateway.post(CHAT, chat(f"[[fake: at=first; status={failing}]]", stream=stream))
    assert status == 200
    found = settled(gateway, headers)
    assert (found.upstream, found.model, found.quality) == ("second", "gpt-5-mini", "exact")
    sent = json.loads(second.calls[-1].body)
    assert sent["model"] == "gpt-5-mini"
    assert sent["messages"] == chat(f"[[fake: at=first; status={failing}]]")["messages"]


def test_a_mistake_of_the_caller_is_not_tried_elsewhere(both: tuple[Gateway, FakeProvider]) -> None:
    gateway, second = both
    before = len(second.calls)
    status, headers, body = gateway.post(CHAT, chat("[[fake: status=400; message=no such thing]]"))
    assert status == 400
    assert b"no such thing" in body
    assert isinstance(receipt(gateway, headers["x-wellspent-call-id"]).ended, Released)
    assert len(second.calls) == before


@pytest.mark.parametrize("stream", [False, True])
def test_an_attempt_that_was_cut_off_is_charged_beside_the_answer(both: tuple[Gateway, FakeProvider], stream: bool) -> None:
    gateway, _ = both
    status, headers, _ = gateway.post(CHAT, chat("[[fake: at=first; drop]]", stream=stream))
    assert status == 200
    whole = receipt(gateway, headers["x-wellspent-call-id"])
    assert isinstance(whole.ended, Settled)
    assert (whole.ended.upstream, whole.ended.quality) == ("second", "estimated")
    assert "attempt at first was cut off" in whole.ended.reason
    assert [line.unit for line in whole.ended.lines].count("input_tokens") == 2
    assert sum(line.amount_nanousd for line in whole.ended.lines) == whole.ended.charged.nanousd <= whole.reserved.held.nanousd


@pytest.mark.parametrize("stream", [False, True])
def test_a_silent_provider_is_given_up_and_the_next_answers(both: tuple[Gateway, FakeProvider], stream: bool) -> None:
    gateway, _ = both
    status, headers, _ = gateway.post(CHAT, chat("[[fake: at=first; hang_s=30]]", stream=stream))
    assert status == 200
    assert settled(gateway, headers).upstream == "second"


@pytest.mark.parametrize("stream", [False, True])
def test_when_all_are_cut_off_the_prompts_are_charged_as_estimates(both: tuple[Gateway, FakeProvider], stream: bool) -> None:
    gateway, _ = both
    status, headers, body = gateway.post(CHAT, chat("[[fake: drop]]", stream=stream))
    assert status == 502
    assert "broke off" in json.loads(body)["error"]["message"]
    whole = receipt(gateway, headers["x-wellspent-call-id"])
    assert isinstance(whole.ended, Settled)
    assert whole.ended.quality == "estimated"
    assert 0 < whole.ended.charged.nanousd <= whole.reserved.held.nanousd
    assert whole.ended.overrun_nanousd == 0


def test_the_last_providers_failure_is_relayed_as_it_came(both: tuple[Gateway, FakeProvider]) -> None:
    gateway, _ = both
    status, headers, body = gateway.post(CHAT, chat("[[fake: status=503; message=all engines down]]"))
    assert status == 503
    assert b"all engines down" in body
    assert isinstance(receipt(gateway, headers["x-wellspent-call-id"]).ended, Released)


def test_nobody_can_be_reached(both: tuple[Gateway, FakeProvider]) -> None:
    gateway, _ = both
    status, headers, body = gateway.post(CHAT, chat(model="gone"))
    assert status == 502
    assert headers["x-wellspent-refusal"] == "upstream_unreachable"
    assert "could not be reached" in json.loads(body)["error"]["message"]
    assert isinstance(receipt(gateway, headers["x-wellspent-call-id"]).ended, Released)


def test_azure_by_deployment_with_a_dated_api(both: tuple[Gateway, FakeProvider]) -> None:
    gateway, second = both
    status, headers, _ = gateway.post(CHAT, chat(model="azure-gpt"))
    assert status == 200
    assert second.calls[-1].path == "/openai/deployments/gpt-4o/chat/completions?api-version=2024-10-21"
    assert "api-key" in second.calls[-1].headers
    assert "authorization" not in second.calls[-1].headers
    assert settled(gateway, headers).upstream == "azure"
    status, headers, _ = gateway.post("/openai/deployments/azure-gpt/chat/completions?api-version=2024-10-21", chat())
    assert status == 200
    assert settled(gateway, headers).model == "gpt-4o"


def test_a_local_model_is_free_and_its_calls_are_counted(both: tuple[Gateway, FakeProvider]) -> None:
    gateway, _ = both
    status, headers, _ = gateway.post(CHAT, chat(model="llama-4"))
    assert status == 200
    found = settled(gateway, headers)
    assert (found.upstream, found.charged.nanousd, found.charged.calls, found.quality) == ("local", 0, 1, "exact")
    assert found.charged.tokens > 0


def test_an_upstream_can_be_asked_for_by_name(both: tuple[Gateway, FakeProvider]) -> None:
    gateway, second = both
    status, headers, _ = gateway.post(CHAT, chat(model="second/gpt-4o"))
    assert status == 200
    assert json.loads(second.calls[-1].body)["model"] == "gpt-4o"
    assert settled(gateway, headers).upstream == "second"


def test_a_caller_that_leaves_a_hanging_provider_is_settled_at_once(both: tuple[Gateway, FakeProvider]) -> None:
    """Its provider is hung up on at once."""
    gateway, _ = both
    before = len(gateway.provider.calls)
    connection = gateway.connection()
    body = json.dumps(message("[[fake: hang_s=4; chunks=50; chunk_ms=50]]", stream=True)).encode()
    connection.request("POST", MESSAGES, body, {"authorization": f"Bearer {gateway.secret}"})
    deadline = time.monotonic() + 15
    while len(gateway.provider.calls) == before and time.monotonic() < deadline:
        time.sleep(0.01)
    seen = gateway.provider.calls[-1]
    connection.sock.close()
    connection.close()
    ended = None
    while ended is None and time.monotonic() < deadline:
        (newest,) = JournalReader(gateway.journal).recent(1)
        ended = newest.ended if newest.reserved.model == "claude-sonnet-4-5" else None
        time.sleep(0.01)
    assert seen.status == 0, "the provider had answered before the call was settled"
    assert isinstance(ended, Settled)
    assert (ended.quality, ended.reason) == ("estimated", "the client left before the answer")
    assert ended.charged.nanousd > 0
    while not seen.left and time.monotonic() < deadline:
        time.sleep(0.01)
    assert seen.left


def test_nothing_is_left_held_and_all_derives_again(both: tuple[Gateway, FakeProvider]) -> None:
    gateway, _ = both
    time.sleep(0.5)
    assert verify(gateway.journal).open_holds == 0


def test_an_unknown_http_client_is_told(tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match=r"http_client is 'curl'.*\n.*use one of builtin, aiohttp"), running(tmp_path, http_client="curl"):
        pass
