"""The way in under attack: what is sent to fill memory, to talk past a bound, or to be read in two ways."""

import asyncio
import gc
import re
import socket
import struct
import sys
from typing import Any

import pytest
from tests.gateway.http.test_server import DATE, LAST, echo, run, said

from wellspent import limits
from wellspent.gateway.http.asgi import serve
from wellspent.gateway.http.server import Connection, HttpServer
from wellspent.gateway.incoming import Incoming

CHUNKED = b"POST /x HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n"
SIZED = b"POST /x HTTP/1.1\r\nhost: a\r\ncontent-length: 3\r\n\r\n"


def statuses(heard: bytes) -> list[int]:
    return [int(each) for each in re.findall(rb"HTTP/1\.1 (\d+) ", heard)]


def endless(first: bytes, more: bytes, bound: int) -> tuple[bytes, int]:
    """What is heard by a client that sends ``first`` and then goes on with ``more``, and how much it could send before it was told to stop."""
    sent = 0

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes:
        nonlocal sent
        writer.write(first)
        heard = asyncio.create_task(reader.read())
        while not heard.done() and sent < bound:
            writer.write(more)
            sent += len(more)
            await writer.drain()
            await asyncio.sleep(0.001)
        return await heard

    return run(talk), sent


# Heads and trailers


@pytest.mark.parametrize("cut", [0, 10, limits.HEAD_BYTES_MAX - 100])
@pytest.mark.parametrize(
    "large", [b"GET /x?%b HTTP/1.1\r\nhost: a\r\n\r\n", b"GET /x HTTP/1.1\r\nx-say: %b\r\n\r\n", b"GET /x HTTP/1.1\r\nx%b: y\r\n\r\n"]
)
def test_a_head_over_the_bound_is_refused_however_it_comes(large: bytes, cut: int) -> None:
    asked = large % (b"y" * limits.HEAD_BYTES_MAX)
    assert statuses(said(asked[:cut], asked[cut:])) == [431]


def test_a_head_within_the_bound_passes_with_a_large_body_in_the_same_read() -> None:
    body = b"x" * 200_000
    asked = b"POST /x HTTP/1.1\r\nconnection: close\r\nx-say: %b\r\ncontent-length: %d\r\n\r\n" % (b"y" * 60_000, len(body))
    assert said(asked + body).endswith(body)


@pytest.mark.parametrize("more", [b"x: y\r\n" * 500, b"x: " + b"y" * 16_000, b"y" * 16_000])
def test_endless_trailers_are_refused(more: bytes) -> None:
    heard, sent = endless(CHUNKED + b"3\r\nabc\r\n0\r\nx: ", more, 10_000_000)
    assert statuses(heard) == [431]
    assert sent < 1_000_000


def test_endless_extensions_of_a_chunk_are_refused() -> None:
    heard, sent = endless(CHUNKED + b"3;", b"y" * 16_000, 10_000_000)
    assert statuses(heard) == [431]
    assert sent < 1_000_000


def test_trailers_are_not_kept() -> None:
    seen: list[Incoming] = []

    async def handler(incoming: Incoming) -> None:
        seen.append(incoming)
        await incoming.body()
        await incoming.answer(200, [], b"")

    said(CHUNKED + b"3\r\nabc\r\n0\r\nx-late: y\r\n\r\n" + LAST, handler=handler)
    assert [[name for name, _ in each.header_list] for each in seen] == [[b"host", b"transfer-encoding"], [b"host", b"connection"]]


def test_a_body_in_many_small_chunks_passes() -> None:
    sizes = [b"%x\r\n" % 10, b"x" * 10, b"\r\n"] * 40
    parts = [CHUNKED.replace(b"host: a", b"connection: close"), *sizes, b"0\r\n\r\n"]
    assert said(*parts).endswith(b"POST /x? " + b"x" * 400)


# Requests behind the last one


SECOND = b"GET /second HTTP/1.1\r\nhost: a\r\n\r\n"


def served(*parts: bytes) -> tuple[list[str], list[int]]:
    """The paths that were served, and the answers that were heard."""
    paths: list[str] = []

    async def handler(incoming: Incoming) -> None:
        paths.append(incoming.path)
        await echo(incoming)

    return paths, statuses(said(*parts, handler=handler))


@pytest.mark.parametrize("behind", [SECOND, b"nonsense\r\n\r\n", b"\r\n", SECOND * 50])
@pytest.mark.parametrize("first", [LAST, b"GET /last HTTP/1.0\r\n\r\n"])
def test_nothing_is_served_behind_a_request_that_is_the_last(first: bytes, behind: bytes) -> None:
    assert served(first + behind) == (["/last"], [200])
    assert served(first, behind) == (["/last"], [200])


def test_nothing_is_served_behind_an_answer_that_is_the_last() -> None:
    asked = b"POST /early HTTP/1.1\r\nhost: a\r\ncontent-length: 3\r\n\r\n"
    assert served(asked, b"abc" + SECOND) == (["/early"], [401])


def test_nothing_is_served_behind_an_offer_of_another_protocol() -> None:
    offer = b"POST /x HTTP/1.1\r\nhost: a\r\nconnection: Upgrade\r\nupgrade: h2c\r\ncontent-length: 3\r\n\r\nabc"
    assert served(offer + SECOND) == served(offer, SECOND) == (["/x"], [200])


@pytest.mark.parametrize("cut", [0, 2, 7])
def test_a_body_in_chunks_with_an_offer_of_another_protocol_is_read(cut: int) -> None:
    offer = b"POST /x HTTP/1.1\r\nhost: a\r\nconnection: Upgrade\r\nupgrade: h2c\r\ntransfer-encoding: chunked\r\n\r\n"
    body = b"3\r\nabc\r\n0\r\nx: y\r\n\r\n"
    assert said(offer + body[:cut], body[cut:]).endswith(b"POST /x? abc")


# What can be read in two ways, and what cannot be read


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        (b"transfer-encoding: gzip\r\n\r\nabc", 501),
        (b"transfer-encoding: gzip, chunked\r\n\r\n0\r\n\r\n", 501),
        (b"transfer-encoding: gzip\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n", 501),
        (b"transfer-encoding: xchunked\r\n\r\n0\r\n\r\n", 501),
        (b"transfer-encoding:\r\n\r\n0\r\n\r\n", 400),
        (b"transfer-encoding: chunked, gzip\r\n\r\n0\r\n\r\n", 400),
        (b"transfer-encoding: chunked\r\ncontent-length: 3\r\n\r\n0\r\n\r\n", 400),
        (b"content-length: 3\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n", 400),
        (b"content-length: 3\r\ncontent-length: 3\r\n\r\nabc", 400),
        (b"content-length: 3, 3\r\n\r\nabc", 400),
        (b"content-length: +3\r\n\r\nabc", 400),
        (b"content-length : 3\r\n\r\nabc", 400),
        (b"transfer-encoding: chunked\r\n\r\nZZ\r\n", 400),
        (b"transfer-encoding: chunked\r\n\r\n3\nabc\n0\n\n", 400),
        (b"transfer-encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFFF\r\n", 400),
        (b"transfer-encoding: chunked\r\n\r\n3\r\nabcd\r\n0\r\n\r\n", 400),
        (b"x: a\r\n b\r\ncontent-length: 0\r\n\r\n", 400),
        (b"x: a\0b\r\n\r\n", 400),
        (b"x: a\rb\r\n\r\n", 400),
        (b"x: a\n\n", 400),
        (b": a\r\n\r\n", 400),
    ],
)
def test_what_can_be_read_in_two_ways_is_told_once_and_hung_up_on(asked: bytes, status: int) -> None:
    head = b"POST /x HTTP/1.1\r\nhost: a\r\n"
    for parts in ([head + asked], [head, asked], [head + asked + SECOND]):
        heard = said(*parts)
        assert statuses(heard) == [status]
        assert b"connection: close" in heard


def test_an_old_client_has_no_transfer_encoding() -> None:
    assert b" 400 " in said(CHUNKED.replace(b"HTTP/1.1", b"HTTP/1.0") + b"0\r\n\r\n")


def test_an_old_client_is_not_told_to_go_on() -> None:
    asked = SIZED.replace(b"HTTP/1.1", b"HTTP/1.0").replace(b"host: a", b"expect: 100-continue")
    assert statuses(said(asked, b"abc")) == [200]


@pytest.mark.parametrize("junk", [b"nonsense\r\n\r\n", b"POST /b HTTP/1.1\r\ntransfer-encoding: gzip\r\n\r\n", CHUNKED + b"ZZ\r\n"])
def test_requests_before_what_is_none_are_answered(junk: bytes) -> None:
    paths, heard = served(b"GET /a HTTP/1.1\r\nhost: a\r\n\r\n" + SIZED + b"abc" + junk)
    assert paths == ["/a", "/x"]
    assert heard[:2] == [200, 200]
    assert heard[2] in (400, 501)
    assert len(heard) == 3


def test_a_client_that_is_still_sending_hears_the_refusal() -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes:
        writer.write(CHUNKED + b"ZZ\r\n")
        await asyncio.sleep(0.05)
        for _ in range(50):  # a reset would take the answer away
            writer.write(b"x" * 10_000)
            await writer.drain()
        await asyncio.sleep(0.05)
        return await reader.read()

    assert statuses(run(talk)) == [400]


@pytest.mark.parametrize(
    ("asked", "path"),
    [
        (b"OPTIONS * HTTP/1.1", b"OPTIONS /*"),
        (b"CONNECT a:1 HTTP/1.1", b"CONNECT /a:1"),
        (b"GET //a/b HTTP/1.1", b"GET //a/b"),
        (b"GET http://else/a HTTP/1.1", b"GET /a"),
    ],
)
def test_odd_targets_are_paths_like_others(asked: bytes, path: bytes) -> None:
    assert said(asked + b"\r\nhost: a\r\nconnection: close\r\n\r\n").endswith(path + b"? ")


@pytest.mark.parametrize(
    "asked", [b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", b"GET /\xc3\xa4 HTTP/1.1\r\n\r\n"]
)
def test_other_protocols_are_told(asked: bytes) -> None:
    assert statuses(said(asked)) == [400]


# Many requests, and readers that do not read


def test_more_requests_ahead_than_the_bound_are_told_after_those_before() -> None:
    paths, heard = served(SECOND * (limits.PIPELINED_MAX + 50))
    assert len(paths) == limits.PIPELINED_MAX + 1
    assert heard == [200] * len(paths) + [503]


def test_as_many_requests_ahead_as_the_bound_are_served() -> None:
    assert served(SECOND * limits.PIPELINED_MAX + LAST)[1] == [200] * (limits.PIPELINED_MAX + 1)


def test_answers_to_a_client_that_does_not_read_are_not_gathered() -> None:
    answered = 0

    async def handler(incoming: Incoming) -> None:
        nonlocal answered
        await incoming.answer(200, [], b"x" * 60_000)
        answered += 1

    async def main() -> int:
        server = HttpServer(handler)
        port = await server.listen("127.0.0.1", 0)
        with socket.create_connection(("127.0.0.1", port)) as deaf:
            deaf.setblocking(False)
            loop = asyncio.get_running_loop()
            for _ in range(100):
                try:
                    await asyncio.wait_for(loop.sock_sendall(deaf, SECOND * 10), 0.05)
                except TimeoutError:
                    break
            await asyncio.sleep(0.2)
            found = answered
        await server.stop()
        return found

    assert asyncio.run(main()) < 300  # what kernels hold, and no more


def test_a_connection_that_was_closed_and_is_not_read_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "KEPT_S_MAX", 0.1)
    monkeypatch.setattr(limits, "ANSWER_STALLED_S_MAX", 0.2)

    async def handler(incoming: Incoming) -> None:
        monkeypatch.setattr(limits, "ANSWER_WAITING_BYTES_MAX", 1)
        await incoming.answer(200, [], b"x" * 60_000)

    async def main() -> int:
        server = HttpServer(handler)
        monkeypatch.setattr(limits, "ANSWER_WAITING_BYTES_MAX", 100_000_000)
        port = await server.listen("127.0.0.1", 0)
        with socket.socket() as deaf:
            deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            deaf.connect(("127.0.0.1", port))
            deaf.sendall(SECOND * 200 + LAST)
            async with asyncio.timeout(10):
                while not server.connections:
                    await asyncio.sleep(0.01)
                while server.connections:
                    await asyncio.sleep(0.05)
        await server.stop()
        return len(server.connections)

    assert asyncio.run(main()) == 0


def test_a_body_sent_to_a_page_is_not_gathered() -> None:
    seen: list[Incoming] = []

    async def page(scope: Any, receive: Any, send: Any) -> None:
        asked = await receive()
        await send({"type": "http.response.start", "status": 405, "headers": []})
        await send({"type": "http.response.body", "body": b"got %d" % len(asked["body"])})

    async def handler(incoming: Incoming) -> None:
        seen.append(incoming)
        await serve(page, incoming)

    body = b"x" * 3_000_000
    heard = said(b"POST / HTTP/1.1\r\nhost: a\r\ncontent-length: %d\r\n\r\n" % len(body) + body[:1000], body[1000:], handler=handler)
    assert heard.endswith(b"got 0")
    assert statuses(heard) == [405]
    assert seen[0]._parts == []


def test_a_body_that_was_cut_is_forgotten_at_once() -> None:
    left: list[list[bytes]] = []

    async def handler(incoming: Incoming) -> None:
        left.append(incoming._parts)
        await incoming.body()

    async def main() -> None:
        server = HttpServer(handler)
        port = await server.listen("127.0.0.1", 0)
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(SIZED + b"a")
        await asyncio.sleep(0.05)
        writer.transport.abort()
        await asyncio.sleep(0.05)
        await server.stop()

    gc.disable()
    try:
        asyncio.run(main())
        known = sys.getrefcount(left[0])
        assert known == 2  # to the list here, and to the question itself
    finally:
        gc.enable()


# Leaving


@pytest.mark.parametrize("how", ["close", "half", "reset"])
def test_a_client_that_says_it_is_done_has_left(how: str) -> None:
    """A half-close cannot be told from a close: both are the end of what the client sends (docs/decisions.md, 2026-11-25)."""
    cancelled = asyncio.Event()

    async def handler(incoming: Incoming) -> None:
        await incoming.body()
        incoming.watch(cancel=True)
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            cancelled.set()
            raise

    async def main() -> bytes:
        server = HttpServer(handler)
        port = await server.listen("127.0.0.1", 0)
        with socket.create_connection(("127.0.0.1", port), 10) as client:
            client.sendall(SECOND)
            await asyncio.sleep(0.05)
            if how == "half":
                client.shutdown(socket.SHUT_WR)
            else:
                client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", how == "reset", 0))
                client.close()
            async with asyncio.timeout(10):
                await cancelled.wait()
            await asyncio.sleep(0.05)
            heard = client.recv(1000) if how == "half" else b""
        await server.stop()
        return heard

    assert asyncio.run(main()) == b""


@pytest.mark.parametrize("asked", [b"GET /x HTTP/1.1\r\nho", SIZED + b"a", CHUNKED + b"3\r\nabc\r\n"])
def test_a_client_that_leaves_before_its_request_is_whole_is_not_served(asked: bytes) -> None:
    paths: list[str] = []

    async def handler(incoming: Incoming) -> None:
        paths.append(incoming.path)
        await incoming.body()
        paths.append("served")

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes:
        writer.write(asked)
        writer.write_eof()
        return await reader.read()

    assert run(talk, handler) == b""
    assert "served" not in paths


def test_a_connection_keeps_nothing_of_what_it_has_answered() -> None:
    from tests.gateway.http.test_server import Recorder

    async def main() -> Connection:
        connection, transport = Connection(HttpServer(echo)), Recorder()
        connection.connection_made(transport)
        connection.data_received(SIZED + b"abc")
        await asyncio.sleep(0.01)
        assert DATE.sub(b"", transport.heard).endswith(b"abc")
        return connection

    connection = asyncio.run(main())
    assert (connection._reading, connection._serving, connection._headers, connection._url) == (None, None, [], b"")
