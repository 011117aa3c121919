"""The suite's own pieces."""

import re
import socket
import threading
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from wellspent.facts.errors import InvalidInput
from wellspent.facts.usage import Usage
from wellspent.surfaces.cli.app import main
from wellspent.testing.conformance import client, report
from wellspent.testing.conformance.adapter import Adapter, NotOffered, Providers
from wellspent.testing.conformance.cases import cases
from wellspent.testing.conformance.cases.tools import TOOL, turn
from wellspent.testing.conformance.prices import DATED, LARGE, SMALL, UNPRICED, cost_nanousd, dated_tariff, tariffs
from wellspent.testing.conformance.profiles import profile, profiles
from wellspent.testing.conformance.profiles.wellspent import configuration
from wellspent.testing.conformance.relay import CountingRelay
from wellspent.testing.conformance.result import Finding, Result
from wellspent.testing.conformance.run import Plan, benches, setup
from wellspent.testing.conformance.wires import wires
from wellspent.testing.provider import FakeProvider

DOCS = Path(__file__).parents[3] / "docs" / "conformance.md"
SRC = Path(__file__).parents[3] / "src" / "wellspent" / "testing"


def test_what_a_usage_truly_costs() -> None:
    assert cost_nanousd(SMALL, Usage(input_tokens=1_000, cache_read_tokens=100, output_tokens=10)) == 3_000_000 + 30_000 + 150_000
    assert cost_nanousd(LARGE, Usage(web_searches=2)) == 2 * 50_000_000
    assert cost_nanousd(UNPRICED, Usage(input_tokens=1)) == 0
    assert cost_nanousd(DATED, Usage(output_tokens=1), dated_tariff()) == 30_000


def test_a_long_prompt_has_the_second_price_for_all_of_it() -> None:
    at, above = Usage(input_tokens=200_000, output_tokens=1), Usage(input_tokens=150_000, cache_read_tokens=50_001, output_tokens=1)
    assert cost_nanousd(SMALL, at) == 200_000 * 3_000 + 15_000
    assert cost_nanousd(SMALL, above) == 150_000 * 6_000 + 50_001 * 600 + 22_500
    assert cost_nanousd(LARGE, above) == 150_000 * 15_000 + 50_001 * 1_500 + 75_000


@pytest.mark.parametrize("name", list(wires()))
def test_a_request_says_model_prompt_cap_and_stream(name: str) -> None:
    wire = wires()[name]
    request = wire.request("a-model", "a prompt", 77, stream=True, extra={"x": 1})
    said = request.path.encode() + request.body
    assert b"a-model" in said
    assert b"a prompt" in said
    assert b'"x": 1' in request.body
    assert (b"77" in said) == (name != "openai-embeddings")
    assert (b"stream" in said) == wire.streams
    assert "k-1" in str(wire.key_headers("k-1"))
    assert b"77" not in wire.request("a-model", "a prompt", None, stream=False, extra={}).body


def test_a_refusal_is_read_in_each_apis_own_shape() -> None:
    openai, anthropic, gemini = (wires()[name] for name in ("openai-chat", "anthropic-messages", "gemini"))
    assert openai.error_text(b'{"error": {"message": "no"}}') == "no"
    assert anthropic.error_text(b'{"type": "error", "error": {"message": "no"}}') == "no"
    assert gemini.error_text(b'{"error": {"message": "no", "status": "X"}}') == "no"
    assert anthropic.error_text(b'{"error": {"message": "no"}}') == ""
    for text in (b"<html>", b"[]", b'{"error": "no"}', b'{"detail": "no"}'):
        assert openai.error_text(text) == ""


def test_leaving_is_noticed_at_the_provider() -> None:
    with FakeProvider() as provider:
        body = wires()["openai-chat"].request(SMALL, "[[fake: delay_ms=3000]]", 5, stream=False, extra={}).body
        url = provider.url + "/v1/chat/completions"
        reply = client.send(url, "POST", {}, body, timeout_s=5, leave_unread=lambda: bool(provider.calls))
        assert (reply.status, reply.left) == (0, True)
        for _ in range(200):
            if provider.calls[0].ended:
                break
            time.sleep(0.01)
        assert provider.calls[0].left
        assert provider.calls[0].usage is not None
        assert provider.calls[0].usage.output_tokens == 0


def test_a_connection_that_breaks_is_told() -> None:
    assert "refused" in client.send("http://127.0.0.1:1/x", "POST", {}, b"", timeout_s=1).broken.lower()
    with FakeProvider() as provider:
        body = wires()["openai-chat"].request(SMALL, "[[fake: drop_after=1]]", 5, stream=True, extra={}).body
        reply = client.send(provider.url + "/v1/chat/completions", "POST", {}, body, timeout_s=5)
        assert reply.status == 200
        assert not reply.ok


def test_the_relay_counts_what_a_client_sends() -> None:
    with FakeProvider() as provider, CountingRelay(provider.url) as relay:
        body = wires()["openai-chat"].request(SMALL, "hi", 5, stream=False, extra={}).body
        for number in (1, 2):
            assert client.send(relay.url + "/v1/chat/completions", "POST", {}, body, timeout_s=5).ok
            assert relay.requests == number


@pytest.mark.parametrize("name", ["openai-chat", "anthropic-messages"])
def test_a_run_asks_for_its_tool_and_answers_it(name: str) -> None:
    wire = wires()[name]
    with FakeProvider() as provider:
        for answered in (False, True):
            prompt = f"hi [[fake: output_tokens=50; tool={TOOL}]]"
            request = wire.request(SMALL, prompt, 50, stream=False, extra=turn(name, prompt, answered=answered))
            reply = client.send(provider.url + request.path, "POST", request.headers, request.body, timeout_s=5)
            assert (b"tool_use" in reply.body or b"tool_calls" in reply.body) == (not answered)
            usage = provider.calls[-1].usage
            assert usage is not None
            assert usage.output_tokens == 50


def test_every_case_says_what_is_right_where_it_was_seen_and_is_in_the_documentation() -> None:
    documented = DOCS.read_text()
    for case in cases():
        assert case.run.__doc__
        assert case.sources, case.name
        assert case.name in documented, case.name
    table = re.search(r"\| # \| case.*?\n\n", documented, re.DOTALL)
    assert table is not None
    named = [name.strip() for row in table[0].strip().splitlines()[2:] for name in row.split("|")[2].split("·")]
    assert sorted(named) == sorted({case.name for case in cases()})


def test_the_suite_knows_nothing_of_the_gateway_room() -> None:
    for path in SRC.rglob("*.py"):
        assert "wellspent.gateway" not in path.read_text(), path


def test_a_profile_offers_nothing_by_itself() -> None:
    adapter, wire = Adapter("http://x/", "k"), wires()["openai-chat"]
    key = adapter.key()
    assert adapter.headers(wire, key) == {"authorization": "Bearer k"}
    assert (adapter.url, adapter.model("m", wires()["gemini"]), adapter.path("/p"), adapter.version()) == ("http://x", "m", "/p", "unknown")
    calls = (
        lambda: Adapter().key(),
        lambda: adapter.limited(1),
        lambda: adapter.limited_together(1, 2),
        lambda: adapter.limited_run(1),
        lambda: adapter.lower(key, 1),
        lambda: adapter.revoke(key),
        lambda: adapter.spent(key),
        lambda: adapter.rows(key),
        lambda: adapter.cost(client.Reply(200)),
        lambda: adapter.restart(),
        lambda: adapter.second(),
        lambda: adapter.advance(1),
        lambda: adapter.seconds_to_price_change(),
        lambda: adapter.start(Providers("http://x"), Path(), ""),
    )
    for call in calls:
        with pytest.raises(NotOffered):
            call()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("nobody", "there is no profile 'nobody'"),
        ("gone.py", "there is no file gone.py"),
        ("empty.py", "has 0 profiles"),
        ("broken.py", "cannot be loaded: NameError"),
    ],
)
def test_a_profile_that_cannot_be_is_told(text: str, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("empty.py").write_text("x = 1\n")
    Path("broken.py").write_text("nothing_of_that_name\n")
    with pytest.raises(InvalidInput, match=re.escape(said)):
        profile(text)


def test_what_cannot_be_run_is_refused_before_anything_starts(capsys: pytest.CaptureFixture[str]) -> None:
    for arguments, said in (
        (["--wire", "soap"], "there is no API 'soap'"),
        (["--only", "99"], "there is no case 99"),
        (["--only", "first"], "is no number of a case"),
        (["--profile", "generic"], "is not started by the suite"),
    ):
        assert main(["conformance", *arguments]) == 2
        assert said in capsys.readouterr().err


def test_a_port_that_is_taken_is_told() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(Exception, match="cannot listen"), benches(Plan(Adapter, "http://x", "k", provider_port=port), lambda _: None):
            raise AssertionError


def test_the_setup_names_every_model_and_price(capsys: pytest.CaptureFixture[str]) -> None:
    text = setup(9001)
    for model in (*tariffs(), UNPRICED):
        assert model in text
    assert "15.00" in text
    assert main(["conformance", "--setup"]) == 0
    assert capsys.readouterr().out.strip() == text.strip()


def test_wellspent_is_set_up_with_every_price() -> None:
    text = configuration(Providers("http://p"), 1, datetime(2026, 11, 26, tzinfo=UTC))
    assert text.count("[[terms]]") == len(tariffs()) + 1
    assert 'input_mtok = "3.000000000"' in text
    assert "prices_above = { 200000 = {" in text
    assert 'from = "2026-11-26"' in text


def test_the_page_escapes_what_gateways_say() -> None:
    finding = Finding(False, "<script>alert(1)</script>", 7_662_000, 0, 100, 2)
    page = report.html([Result(1, "many calls", "openai-chat", "fail", finding, ("a/b#1",))], "x", "1", datetime(2026, 11, 25, tzinfo=UTC))
    assert "<script>" not in page
    assert "$0.007662" in page
    assert "1 failed" in page


def test_profiles_have_names() -> None:
    assert {"generic", "wellspent"} <= set(profiles())
    assert threading.active_count() < 100
