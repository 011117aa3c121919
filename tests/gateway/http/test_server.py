"""The way in, as transcripts: bytes in, bytes out."""

import asyncio
import re
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wellspent import limits
from wellspent.gateway.http.server import Handler, HttpServer
from wellspent.gateway.incoming import Incoming
from wellspent.gateway.refusal import Refusal

Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[bytes]]
DATE = re.compile(rb"date: [^\r]+\r\n")


async def echo(incoming: Incoming) -> None:
    """Says what it was asked; ``/stream`` in three chunks, ``/fail`` not at all, ``/early`` before the body."""
    if incoming.path == "/early":
        return await incoming.answer(401, [], b"who?")
    body = await incoming.body()
    if isinstance(body, Refusal):
        return await incoming.answer(body.status, [], body.code.encode())
    if incoming.path == "/fail":
        raise RuntimeError("by order")
    said = b"%b %b?%b %b" % (incoming.method.encode(), incoming.path.encode(), incoming.query, body)
    if incoming.path != "/stream":
        return await incoming.answer(200, [(b"x-seen", incoming.headers.get(b"x-say", b""))], said)
    await incoming.begin(200, [])
    for piece in (b"one", b"two", body or b"three"):
        incoming.chunk(piece)
        await incoming.room()
    await incoming.end()


def run(talk: Talk, handler: Handler = echo) -> bytes:
    """What a client hears, without dates."""

    async def main() -> bytes:
        server = HttpServer(handler)
        port = await server.listen("127.0.0.1", 0)
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        try:
            async with asyncio.timeout(20):
                return DATE.sub(b"", await talk(reader, writer))
        finally:
            writer.close()
            await server.stop()

    return asyncio.run(main())


def said(*parts: bytes, handler: Handler = echo) -> bytes:
    """What is heard until the server hangs up, when these bytes are sent."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes:
        for part in parts:
            writer.write(part)
            await writer.drain()
            await asyncio.sleep(0.01 if len(parts) > 1 else 0)
        return await reader.read()

    return run(talk, handler)


LAST = b"GET /last HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n"
LAST_SAID = b"HTTP/1.1 200 OK\r\nx-seen: \r\ncontent-length: 11\r\nconnection: close\r\n\r\nGET /last? "


def test_requests_one_after_the_other_on_one_connection() -> None:
    first = b"POST /a%20b?q=1 HTTP/1.1\r\nHost: a\r\nX-Say: hi\r\nContent-Length: 3\r\n\r\nxyz"
    assert said(first, LAST) == b"HTTP/1.1 200 OK\r\nx-seen: hi\r\ncontent-length: 17\r\n\r\nPOST /a b?q=1 xyz" + LAST_SAID


def test_requests_sent_at_once_are_answered_in_order() -> None:
    many = b"".join(b"GET /%d HTTP/1.1\r\nhost: a\r\n\r\n" % number for number in range(5))
    heard = said(many + LAST)
    assert re.findall(rb"GET /(\w+)\?", heard) == [b"0", b"1", b"2", b"3", b"4", b"last"]


def test_a_body_in_chunks_and_an_answer_in_chunks() -> None:
    asked = b"POST /stream HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\nconnection: close\r\n\r\n2\r\nab\r\n1\r\nc\r\n0\r\n\r\n"
    head = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\nconnection: close\r\n\r\n"
    assert said(asked) == head + b"3\r\none\r\n3\r\ntwo\r\n3\r\nabc\r\n0\r\n\r\n"


def test_an_old_client_gets_no_chunks() -> None:
    assert said(b"GET /stream HTTP/1.0\r\n\r\n") == b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\nonetwothree"
    assert said(b"GET /x HTTP/1.0\r\n\r\n").endswith(b"content-length: 8\r\nconnection: close\r\n\r\nGET /x? ")
    kept = b"GET /x HTTP/1.0\r\nconnection: keep-alive\r\n\r\n"
    assert b"connection: keep-alive" in said(kept, LAST)


def test_a_head_request_has_a_length_and_no_body() -> None:
    heard = said(b"HEAD /x HTTP/1.1\r\nhost: a\r\n\r\n", LAST)
    assert heard.startswith(b"HTTP/1.1 200 OK\r\nx-seen: \r\ncontent-length: 9\r\n\r\nHTTP/1.1")


def test_a_client_that_asks_first_is_told_to_go_on() -> None:
    asked = b"POST /x HTTP/1.1\r\nhost: a\r\nexpect: 100-continue\r\ncontent-length: 2\r\nconnection: close\r\n\r\n"
    assert said(asked, b"ab").startswith(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK")


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        (b"nonsense\r\n\r\n", 400),
        (b"GET / HTTP/9.9\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nno colon\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\na b: c\r\n\r\n", 400),
        (b"POST / HTTP/1.1\r\ncontent-length: 1\r\ntransfer-encoding: chunked\r\n\r\nx", 400),
        (b"POST / HTTP/1.1\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nx", 400),
        (b"POST / HTTP/1.1\r\ncontent-length: -1\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nx: " + b"y" * limits.HEAD_BYTES_MAX, 431),
        (b"GET /" + b"y" * limits.HEAD_BYTES_MAX, 431),
        (b"GET / HTTP/1.1\r\n" + b"x: y\r\n" * (limits.HEADERS_MAX + 1) + b"\r\n", 431),
    ],
)
def test_what_is_no_request_is_told_and_hung_up_on(asked: bytes, status: int) -> None:
    heard = said(asked)
    assert heard.startswith(b"HTTP/1.1 %d " % status)
    assert b"connection: close" in heard


def test_who_may_not_call_is_told_before_the_body_is_read() -> None:
    size = 4_000_000

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes:
        writer.write(b"POST /early HTTP/1.1\r\nhost: a\r\ncontent-length: %d\r\n\r\n" % size)
        heard = await reader.readuntil(b"who?")
        writer.write(b"x" * size)
        await writer.drain()
        return heard + await reader.read()

    assert run(talk) == b"HTTP/1.1 401 Unauthorized\r\ncontent-length: 4\r\nconnection: close\r\n\r\nwho?"


def test_a_handler_that_fails_is_told_and_the_next_request_is_served(capsys: pytest.CaptureFixture[str]) -> None:
    heard = said(b"GET /fail HTTP/1.1\r\nhost: a\r\n\r\n", LAST)
    assert heard.startswith(b"HTTP/1.1 500 Internal Server Error\r\n")
    assert heard.endswith(LAST_SAID)
    assert "by order" in capsys.readouterr().err


async def _leave(watched: bool) -> tuple[bool, bool]:
    """Whether a handler was cancelled, and whether it came to its end, when its client leaves."""
    begun, cancelled, ended = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def handler(incoming: Incoming) -> None:
        await incoming.body()
        incoming.watch(cancel=watched)
        begun.set()
        try:
            while not incoming.has_left:
                await asyncio.sleep(0.01)
            await asyncio.sleep(0.05)
            await incoming.answer(200, [], b"to nobody")
        except asyncio.CancelledError:
            cancelled.set()
            raise
        finally:
            ended.set()

    server = HttpServer(handler)
    port = await server.listen("127.0.0.1", 0)
    _, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"GET / HTTP/1.1\r\nhost: a\r\n\r\n")
    await begun.wait()
    writer.transport.abort()
    async with asyncio.timeout(10):
        await ended.wait()
    await server.stop()
    return cancelled.is_set(), ended.is_set()


def test_a_client_that_leaves_ends_what_watches_it() -> None:
    assert asyncio.run(_leave(watched=True)) == (True, True)
    assert asyncio.run(_leave(watched=False)) == (False, True)


GET = b"GET / HTTP/1.1\r\nhost: a\r\n\r\n"
GET_SAID = b"HTTP/1.1 200 OK\r\nx-seen: \r\ncontent-length: 7\r\n\r\nGET /? "


@pytest.mark.parametrize(("name", "sent", "heard"), [("HEAD_READ_S_MAX", b"GET / HT", b""), ("KEPT_S_MAX", b"", b""), ("KEPT_S_MAX", GET, GET_SAID)])
def test_a_silent_client_is_hung_up_on(monkeypatch: pytest.MonkeyPatch, name: str, sent: bytes, heard: bytes) -> None:
    monkeypatch.setattr(limits, name, 0.2)
    assert said(sent) == heard


def test_more_clients_than_the_bound_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "CONNECTIONS_MAX", 0)
    assert said(b"").startswith(b"HTTP/1.1 503 Service Unavailable")


def test_a_client_that_does_not_read_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "ANSWER_STALLED_S_MAX", 0.2)
    ended = asyncio.Event()
    sent = 0

    async def flood(incoming: Incoming) -> None:
        nonlocal sent
        await incoming.begin(200, [])
        try:
            while True:
                incoming.chunk(b"x" * 65536)
                await incoming.room()
                sent += 65536
        finally:
            ended.set()

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes:
        writer.write(b"GET / HTTP/1.1\r\nhost: a\r\n\r\n")
        writer.transport.pause_reading()  # type: ignore[attr-defined]
        await ended.wait()
        return b""

    run(talk, flood)
    assert sent < 64_000_000  # what kernels and buffers hold, and no more


def test_stopping_ends_what_is_served() -> None:
    ended = False

    async def slow(incoming: Incoming) -> None:
        nonlocal ended
        try:
            await asyncio.sleep(60)
        finally:
            ended = True

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes:
        writer.write(b"GET / HTTP/1.1\r\nhost: a\r\n\r\n")
        await asyncio.sleep(0.05)
        return b""

    run(talk, slow)
    assert ended


@pytest.mark.parametrize(
    ("target", "path"),
    [
        (b"/a?b", "/a"),
        (b"http://host:1/a/b?c", "/a/b"),
        (b"/a%2Fb", "/a/b"),
        (b"*", "/*"),
        (b"/%zz", "/%zz"),
        (b"/\xc3\xa4", "/ä"),
        (b"/%c3%a4", "/ä"),
    ],
)
def test_targets(target: bytes, path: str) -> None:
    class Nowhere:
        client_host, lost, writing_paused = "", False, False

        def send(self, *parts: bytes) -> None: ...

        async def drain(self) -> None: ...

    assert Incoming(Nowhere(), "GET", target, []).path == path


@pytest.mark.parametrize("cut", [0, 3, 5])
def test_a_request_that_offers_another_protocol_is_answered_in_this_one(cut: int) -> None:
    head = b"POST /x HTTP/1.1\r\nhost: a\r\nconnection: Upgrade, HTTP2-Settings\r\nupgrade: h2c\r\nhttp2-settings: AA\r\ncontent-length: 5\r\n\r\n"
    heard = said(head + b"hello"[:cut], b"hello"[cut:])
    assert heard.endswith(b"connection: close\r\n\r\nPOST /x? hello")
    assert said(head.replace(b"content-length: 5", b"content-length: 0")).endswith(b"\r\n\r\nPOST /x? ")


# A property: however a transcript is cut, the same is heard.

WHOLE = (
    b"POST /a HTTP/1.1\r\nhost: a\r\ncontent-length: 5\r\n\r\nhello"
    b"GET /b?c=d HTTP/1.1\r\nhost: a\r\nx-say: there\r\n\r\n"
    b"POST /stream HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n" + LAST
)


class Recorder(asyncio.Transport):
    """A transport that keeps what is written."""

    def __init__(self) -> None:
        super().__init__()
        self.heard, self.closed, self.paused = b"", False, False

    def write(self, data: Any) -> None:
        self.heard += bytes(data)

    def writelines(self, list_of_data: Any) -> None:
        self.heard += b"".join(list_of_data)

    def close(self) -> None:
        self.closed = True

    def abort(self) -> None:
        self.closed = True

    def write_eof(self) -> None:
        self.closed = True

    def is_closing(self) -> bool:
        return self.closed

    def pause_reading(self) -> None:
        self.paused = True

    def resume_reading(self) -> None:
        self.paused = False

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None: ...


def heard_of(parts: list[bytes]) -> bytes:
    async def main() -> bytes:
        from wellspent.gateway.http.server import Connection

        connection, transport = Connection(HttpServer(echo)), Recorder()
        connection.connection_made(transport)
        for part in parts:
            async with asyncio.timeout(10):
                while transport.paused:
                    await asyncio.sleep(0)
            if part:
                connection.data_received(part)
        for _ in range(1000):
            if transport.closed:
                break
            await asyncio.sleep(0)
        assert transport.closed
        return DATE.sub(b"", transport.heard)

    work: Coroutine[Any, Any, bytes] = main()
    return asyncio.run(work)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(0, len(WHOLE)), max_size=8))
def test_a_transcript_cut_anywhere_is_heard_the_same(cuts: list[int]) -> None:
    cuts = sorted(cuts)
    parts = [WHOLE[start:end] for start, end in zip([0, *cuts], [*cuts, len(WHOLE)], strict=True)]
    assert heard_of(parts) == heard_of([WHOLE])


def test_byte_by_byte() -> None:
    assert heard_of([WHOLE[at : at + 1] for at in range(len(WHOLE))]) == heard_of([WHOLE])
