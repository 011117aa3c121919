"""The fake provider's faults, seen from a raw socket: nothing between it and the bytes."""

import http.client
import json
import socket
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from wellspent.testing.provider import FakeProvider, masked

CHAT = "/v1/chat/completions"


def post(provider: FakeProvider, path: str, body: Any, headers: dict[str, str] | None = None) -> tuple[int, str, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", provider.port, timeout=10)
    try:
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        connection.request("POST", path, raw, {"content-type": "application/json", **(headers or {})})
        answer = connection.getresponse()
        return answer.status, answer.getheader("content-type", ""), answer.read()
    finally:
        connection.close()


def chat(directive: str = "", **fields: Any) -> dict[str, Any]:
    return {"model": "gpt-5", "messages": [{"role": "user", "content": f"hi [[fake: {directive}]]"}], **fields}


def message(directive: str = "", **fields: Any) -> dict[str, Any]:
    return {"model": "claude-opus-4-8", "max_tokens": 100, "messages": [{"role": "user", "content": f"[[fake: {directive}]]"}], **fields}


def gemini(directive: str = "", **fields: Any) -> dict[str, Any]:
    return {"contents": [{"role": "user", "parts": [{"text": f"[[fake: {directive}]]"}]}], **fields}


STREAMS = [
    pytest.param(CHAT, lambda said: chat(said, stream=True, stream_options={"include_usage": True}), b"data: [DONE]\n\n", id="chat"),
    pytest.param(
        "/v1/responses", lambda said: {"model": "gpt-5", "input": f"[[fake: {said}]]", "stream": True}, b"response.completed", id="responses"
    ),
    pytest.param("/v1/messages", lambda said: message(said, stream=True), b"message_stop", id="messages"),
    pytest.param("/v1beta/models/gemini-2.5-flash:streamGenerateContent?alt=sse", gemini, b'"STOP"', id="gemini"),
    pytest.param("/v1beta/models/gemini-2.5-flash:streamGenerateContent", gemini, b"]", id="gemini-array"),
]


@pytest.mark.parametrize(("path", "body", "end"), STREAMS)
class TestStreams:
    def test_the_same_question_has_the_same_answer_but_for_its_ids(self, provider: FakeProvider, path: str, body: Any, end: bytes) -> None:
        answers = []
        for _ in range(2):
            _, _, answer = post(provider, path, body("chunks=9"))
            answers.append(answer.replace(b"fake%06d" % provider.calls[-1].number, b"fake"))
        assert answers[0] == answers[1]
        assert end in answers[0][-2000:]
        assert provider.calls[-1].sent_chunks == 9

    def test_it_breaks_off_and_bills_what_it_had_made(self, provider: FakeProvider, path: str, body: Any, end: bytes) -> None:
        with pytest.raises(http.client.IncompleteRead) as caught:
            post(provider, path, body("chunks=10; output_tokens=100; drop_after=4"))
        assert end not in caught.value.partial[-50:]
        usage = provider.calls[-1].usage
        assert usage is not None
        assert (usage.output_tokens, provider.calls[-1].sent_chunks, provider.calls[-1].left) == (40, 4, False)

    def test_it_ends_without_its_end(self, provider: FakeProvider, path: str, body: Any, end: bytes) -> None:
        status, _, answer = post(provider, path, body("drop_before_end"))
        assert status == 200
        assert not answer.rstrip().endswith(end) and end not in answer[-40:]

    @pytest.mark.parametrize("directive", ["no_usage", "zero_usage"])
    def test_what_it_says_of_usage_does_not_change_the_bill(self, provider: FakeProvider, path: str, body: Any, end: bytes, directive: str) -> None:
        _, _, answer = post(provider, path, body(directive))
        assert (b'"usage":{' in answer or b'"usageMetadata"' in answer) is (directive == "zero_usage")
        assert provider.calls[-1].usage is not None
        assert provider.calls[-1].usage.output_tokens == 20

    def test_a_broken_event_in_the_middle(self, provider: FakeProvider, path: str, body: Any, end: bytes) -> None:
        _, _, answer = post(provider, path, body("malformed"))
        assert b'"mess\n\n' in answer

    def test_the_caller_that_leaves_is_noticed(self, provider: FakeProvider, path: str, body: Any, end: bytes) -> None:
        raw = json.dumps(body("chunks=50; chunk_ms=20; output_tokens=100")).encode()
        with socket.create_connection(("127.0.0.1", provider.port)) as client:
            client.sendall(b"POST %s HTTP/1.1\r\nhost: x\r\ncontent-length: %d\r\n\r\n%s" % (path.encode(), len(raw), raw))
            assert client.recv(100)
            seen = provider.calls[-1]
        for _ in range(200):
            if seen.left:
                break
            time.sleep(0.01)
        assert seen.left
        assert seen.usage is not None
        assert seen.sent_chunks < 50
        assert seen.usage.output_tokens == seen.sent_chunks * 2


SHAPES = [
    pytest.param(CHAT, chat, lambda found: found["error"]["message"], id="chat"),
    pytest.param("/v1/messages", message, lambda found: found["error"]["message"], id="messages"),
    pytest.param("/v1beta/models/gemini-2.5-flash:generateContent", gemini, lambda found: found["error"]["message"], id="gemini"),
]


@pytest.mark.parametrize(("path", "body", "text"), SHAPES)
class TestWhole:
    def test_a_status_in_its_own_shape(self, provider: FakeProvider, path: str, body: Any, text: Any) -> None:
        status, _, answer = post(provider, path, body("status=503; message=busy"))
        assert (status, text(json.loads(answer))) == (503, "busy")
        assert provider.calls[-1].usage is None

    def test_a_page_instead_of_an_answer(self, provider: FakeProvider, path: str, body: Any, text: Any) -> None:
        status, kind, answer = post(provider, path, body("html"))
        assert (status, kind) == (502, "text/html; charset=utf-8")
        assert answer.startswith(b"<!doctype html>")

    def test_broken_json(self, provider: FakeProvider, path: str, body: Any, text: Any) -> None:
        _, _, answer = post(provider, path, body("malformed"))
        with pytest.raises(json.JSONDecodeError):
            json.loads(answer)

    def test_no_answer(self, provider: FakeProvider, path: str, body: Any, text: Any) -> None:
        with pytest.raises(http.client.RemoteDisconnected):
            post(provider, path, body("drop"))

    def test_failing_a_few_times_then_not(self, provider: FakeProvider, path: str, body: Any, text: Any) -> None:
        found = [post(provider, path, body("status=500; times=2; message=first two"))[0] for _ in range(3)]
        assert found == [500, 500, 200]

    def test_the_body_has_to_be_an_object(self, provider: FakeProvider, path: str, body: Any, text: Any) -> None:
        assert post(provider, path, b"[1")[0] == 400
        assert post(provider, path, b"[1]")[0] == 400


def test_wrong_types_are_refused(provider: FakeProvider) -> None:
    assert post(provider, CHAT, {"model": "gpt-5", "messages": 7})[0] == 400


def test_a_hanging_answer_notices_that_the_caller_left(provider: FakeProvider) -> None:
    raw = json.dumps(chat("hang_s=60")).encode()
    with socket.create_connection(("127.0.0.1", provider.port)) as client:
        client.sendall(b"POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\ncontent-length: %d\r\n\r\n%s" % (len(raw), raw))
        for _ in range(200):
            if provider.calls[-1].body == raw:
                break
            time.sleep(0.01)
    seen = provider.calls[-1]
    for _ in range(200):
        if seen.left:
            break
        time.sleep(0.01)
    assert seen.left
    assert seen.usage is None


def test_usage_twice_and_with_choices(provider: FakeProvider) -> None:
    options = {"stream": True, "stream_options": {"include_usage": True}}
    _, _, twice = post(provider, CHAT, chat("usage_twice", **options))
    _, _, inside = post(provider, CHAT, chat("usage_with_choices", **options))
    assert twice.count(b'"usage":{') == 2
    assert inside.count(b'"usage":{') == 1
    assert b'"choices":[]' not in inside
    _, _, deltas = post(provider, "/v1/messages", message("usage_twice", stream=True))
    assert deltas.count(b"event: message_delta") == 2


def test_other_model_and_tier(provider: FakeProvider) -> None:
    _, _, answer = post(provider, CHAT, chat("model=gpt-5-2026-01-01; service_tier=priority"))
    found = json.loads(answer)
    assert (found["model"], found["service_tier"]) == ("gpt-5-2026-01-01", "priority")
    usage = provider.calls[-1].usage
    assert usage is not None
    assert usage.service_tier == "priority"
    post(provider, "/v1/messages", message(speed="fast"))
    usage = provider.calls[-1].usage
    assert usage is not None
    assert usage.service_tier == "fast"


def test_the_header_steers_too(provider: FakeProvider) -> None:
    assert post(provider, CHAT, chat(), {"x-fake": "status=418"})[0] == 418


def test_warm_ups_and_unknown_paths(provider: FakeProvider) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", provider.port, timeout=10)
    found = []
    for method, path, headers in (
        ("HEAD", "/", {}),
        ("GET", "/", {}),
        ("GET", "/v1/responses", {"upgrade": "websocket", "connection": "upgrade"}),
        ("GET", "/v1/none", {}),
        ("DELETE", "/v1/models/x", {}),
    ):
        connection.request(method, path, headers=headers)
        answer = connection.getresponse()
        answer.read()
        found.append(answer.status)
    connection.close()
    assert found == [200, 200, 426, 404, 404]


def test_a_chunked_body_and_one_that_waits_to_be_asked_for(provider: FakeProvider) -> None:
    raw = json.dumps(chat()).encode()
    with socket.create_connection(("127.0.0.1", provider.port), timeout=10) as client:
        client.sendall(b"POST /v1/chat/completions HTTP/1.1\r\ntransfer-encoding: chunked\r\nexpect: 100-continue\r\n\r\n")
        assert client.recv(100).startswith(b"HTTP/1.1 100")
        client.sendall(b"%x\r\n%s\r\n0\r\n\r\n" % (len(raw), raw))
        assert client.recv(100).startswith(b"HTTP/1.1 200")
    assert provider.calls[-1].body == raw


def test_bytes_that_are_no_http_close_the_connection(provider: FakeProvider) -> None:
    with socket.create_connection(("127.0.0.1", provider.port), timeout=10) as client:
        client.sendall(b"hello\r\n\r\n")
        assert client.recv(10) == b""


def test_many_at_once(provider: FakeProvider) -> None:
    statuses: list[int] = []
    threads = [
        threading.Thread(target=lambda: statuses.append(post(provider, CHAT, chat("chunks=5; chunk_ms=5", stream=True))[0])) for _ in range(40)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert statuses == [200] * 40


def test_a_large_body(provider: FakeProvider) -> None:
    body = chat()
    body["messages"].append({"role": "user", "content": "x" * 20_000_000})
    assert post(provider, CHAT, body)[0] == 200
    usage = provider.calls[-1].usage
    assert usage is not None
    assert usage.input_tokens > 5_000_000


def test_keys_names_and_the_log_file(tmp_path: Path) -> None:
    with FakeProvider(log_path=tmp_path / "calls.jsonl", name="b", key="sk-right", keep_bodies=False) as provider:
        assert post(provider, CHAT, chat(), {"authorization": "Bearer sk-wrong"})[0] == 401
        assert post(provider, CHAT, chat("at=a; status=500"), {"authorization": "Bearer sk-right"})[0] == 200
        assert post(provider, CHAT + "?key=sk-right", chat("at=b; status=500"))[0] == 500
        assert provider.calls[0].body == b""
    lines = [json.loads(line) for line in (tmp_path / "calls.jsonl").read_text().splitlines()]
    assert [line["status"] for line in lines] == [401, 200, 500]
    assert lines[1]["headers"]["authorization"] == masked("Bearer sk-right")
    assert lines[1]["usage"] == {"input_tokens": lines[1]["usage"]["input_tokens"], "output_tokens": 20}
    assert "sk-right" not in (tmp_path / "calls.jsonl").read_text()
