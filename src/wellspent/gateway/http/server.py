"""The way in: HTTP/1.1 from clients, one task a request, in the event loop's own thread; llhttp parses.

A request is handed over as soon as its head is whole, so that who may not call is told before a large body is read.
"""

import asyncio
import sys
import traceback
from collections import deque
from collections.abc import Awaitable, Callable

import httptools

from wellspent import limits
from wellspent.gateway.http.head import HeaderList, head
from wellspent.gateway.incoming import ClientLeft, Incoming

Handler = Callable[[Incoming], Awaitable[None]]
TRANSFER_ENCODING = b"transfer-encoding"


class HttpServer:
    """Listens, and gives each request to the handler.

    Args:
        handler: Answers an ``Incoming``. What it raises is told on stderr, and answered with 500 where nothing was sent yet.
    """

    def __init__(self, handler: Handler) -> None:
        self.handler = handler
        self.connections: set[Connection] = set()
        self.stopping = False
        self._server: asyncio.Server
        self._sweeper: asyncio.TimerHandle

    async def listen(self, host: str, port: int) -> int:
        """Take connections; the port, which is a free one for 0. Raises OSError where it cannot be had."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: Connection(self), host, port, backlog=2048, reuse_address=True)
        self._sweeper = loop.call_later(1.0, self._sweep)
        return int(self._server.sockets[0].getsockname()[1])

    async def stop(self) -> None:
        """Take no more, end every connection, and wait until what was being served has ended too."""
        self.stopping = True
        self._server.close()
        self._sweeper.cancel()
        tasks = [task for connection in list(self.connections) if (task := connection.stop())]
        if tasks:
            await asyncio.wait(tasks, timeout=limits.STOPPED_S_MAX)

    def _sweep(self) -> None:
        """End what has been silent for too long: one timer for all connections."""
        loop = asyncio.get_running_loop()
        now_s = loop.time()
        for connection in list(self.connections):
            connection.give_up(now_s)
        self._sweeper = loop.call_later(1.0, self._sweep)


class Connection(asyncio.Protocol):
    """One client's connection: requests one after the other, each answered before the next is begun."""

    def __init__(self, server: HttpServer) -> None:
        self._server = server
        self._loop = asyncio.get_running_loop()
        self._parser = httptools.HttpRequestParser(self)
        self._transport: asyncio.Transport
        self.client_host = ""
        self.lost = False
        self._url, self._headers = b"", HeaderList()
        self._head_bytes = self._read_bytes = 0  # of this head in earlier reads, and of this read
        self._body_bytes = self._framing_bytes = 0  # of this body until now, and what came since without adding to it
        self._seen = 0  # heads and ends of requests
        self._in_head = True
        self._since_s = self._loop.time()  # of the head's first byte, or of the end of the last answer
        self._reading: Incoming | None = None  # whose body is coming
        self._serving: Incoming | None = None
        self._task: asyncio.Task[None] | None = None
        self._queue: deque[Incoming] = deque()
        self._drained: asyncio.Future[None] | None = None
        self._lingering = self.writing_paused = False
        self._last = False  # no further request is taken
        self._last_words = b""  # to whoever sent what is no request behind requests that are still being answered

    # What the event loop tells it

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Connected."""
        self._transport = transport  # type: ignore[assignment]
        self._transport.set_write_buffer_limits(high=limits.ANSWER_WAITING_BYTES_MAX)
        peer = transport.get_extra_info("peername")
        self.client_host = str(peer[0]) if isinstance(peer, tuple) and peer else ""
        self._server.connections.add(self)
        if len(self._server.connections) > limits.CONNECTIONS_MAX:
            self._refuse(Refused(503, f"more than {limits.CONNECTIONS_MAX:,} connections at once; try again"))
            self._transport.close()  # at once: there are too many already

    def data_received(self, data: bytes) -> None:
        """Bytes of requests."""
        seen = self._seen
        if self._in_head and not self._head_bytes:
            self._since_s = self._loop.time()
        self._read_bytes = len(data)
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade as upgrade:
            return self._stay(data[upgrade.args[0] :])
        except httptools.HttpParserError as error:
            return self._fail(error)
        if self._seen == seen:
            self._piece(len(data))

    def _piece(self, size: int) -> None:
        """A read with neither a whole head nor the end of a request: bounded, unless it is a piece of a body, which is bounded elsewhere."""
        if self._in_head:
            self._head_bytes += size
            if self._head_bytes > limits.HEAD_BYTES_MAX:
                self._refuse(HeadTooLarge())
        elif self._reading is not None and self._reading.body_bytes != self._body_bytes:
            self._body_bytes, self._framing_bytes = self._reading.body_bytes, 0
        else:  # what a chunk's size is followed by, or trailers
            self._framing_bytes += size
            if self._framing_bytes > limits.HEAD_BYTES_MAX:
                self._refuse(HeadTooLarge())

    def _fail(self, error: httptools.HttpParserError) -> None:
        """What came is no request, or one that is not taken."""
        cause = error.__context__
        self._refuse(cause if isinstance(cause, Refused) else Refused(400, f"this is no HTTP request: {error}"))

    def _stay(self, rest: bytes) -> None:
        """After the head of a request that offers another protocol, where the parser stops: another one reads its body. It is answered in
        this protocol like any other (RFC 9110, 7.8), and is the last."""
        if self._reading is None or self._last:
            return
        headers = self._reading.headers
        framed = b"transfer-encoding: chunked" if TRANSFER_ENCODING in headers else b"content-length: " + headers.get(b"content-length", b"0")
        self._parser = httptools.HttpRequestParser(Body(self))
        self.data_received(b"POST / HTTP/1.1\r\nconnection: close\r\n%b\r\n\r\n%b" % (framed, rest))

    def eof_received(self) -> None:
        """The client has hung up, or half of it (docs/decisions.md, 2026-11-25): the transport closes itself."""

    def connection_lost(self, exc: Exception | None) -> None:
        """Hung up, by either side."""
        self.lost = True
        self._server.connections.discard(self)
        self._queue.clear()
        self.resume_writing()
        for incoming in {self._reading, self._serving} - {None}:
            incoming.leave()  # type: ignore[union-attr]
        self._reading = None  # with its body: connection and parser know each other, so they wait for the collector

    def pause_writing(self) -> None:
        """The client does not read."""
        self.writing_paused = True

    def resume_writing(self) -> None:
        """It reads again, or has left."""
        self.writing_paused = False
        if self._drained is not None and not self._drained.done():
            self._drained.set_result(None)

    # What the parser tells it

    def on_url(self, url: bytes) -> None:
        """A piece of a request's target."""
        if self._last:
            raise Unwanted
        self._url += url

    def on_header(self, name: bytes, value: bytes) -> None:
        """One header of it; or a trailer, which is not kept."""
        self._headers.append((name.lower(), value))
        if len(self._headers) > limits.HEADERS_MAX:
            raise HeadTooLarge

    def on_headers_complete(self) -> None:
        """Its head is whole: it is served, or waits for the one before it."""
        url, headers, parser = self._url, self._headers, self._parser
        self._url, self._headers = b"", []
        if self._head_bytes + self._read_bytes > limits.HEAD_BYTES_MAX and size_of(url, headers) > limits.HEAD_BYTES_MAX:
            raise HeadTooLarge
        self._in_head, self._head_bytes, self._framing_bytes = False, 0, 0
        self._seen += 1
        incoming = Incoming(self, parser.get_method().decode("ascii"), url, headers, old=parser.get_http_version() == "1.0")
        if TRANSFER_ENCODING in incoming.headers:
            check_coding(headers, old=incoming.old)
        if self._serving is None:
            self._serve(incoming)
        else:
            if len(self._queue) >= limits.PIPELINED_MAX:
                raise Refused(503, f"more than {limits.PIPELINED_MAX} requests were sent ahead of their answers; wait for some of them")
            self._queue.append(incoming)
            self._transport.pause_reading()
        self._reading = incoming

    def on_body(self, data: bytes) -> None:
        """A piece of its body."""
        if self._reading is not None:
            self._reading.feed(data)

    def on_message_complete(self) -> None:
        """Its end; the head's alone where it offers another protocol."""
        parser, reading = self._parser, self._reading
        if parser.should_upgrade() or reading is None:
            return
        self._in_head, self._reading = True, None
        self._seen += 1
        if self._headers:
            self._headers = []
        keep = parser.should_keep_alive()
        if not keep:
            self._last = True
        reading.complete(keep=keep)
        if self._lingering:
            self._transport.close()

    # Serving

    def _serve(self, incoming: Incoming) -> None:
        self._serving = incoming
        self._task = self._loop.create_task(self._handle(incoming))

    async def _handle(self, incoming: Incoming) -> None:
        try:
            await self._server.handler(incoming)
            if self.writing_paused:  # the next answer would wait in memory behind this one
                await self.drain()
        except (ClientLeft, asyncio.CancelledError):
            if not self.lost:
                self.abort()
        except Exception:  # the last resort: whatever it was, the other requests go on
            traceback.print_exc(file=sys.stderr)
            if incoming.started:
                self.abort()
            else:
                await incoming.answer(500, [(b"content-type", b"text/plain; charset=utf-8")], b"The gateway failed; its log says why.\n")
        finally:
            self._served(incoming)

    def _served(self, incoming: Incoming) -> None:
        """After an answer: the next request, or the end."""
        self._serving, self._since_s = None, self._loop.time()
        if self.lost:
            return
        if not incoming.over:
            self.abort()
        elif not incoming.keep or self._server.stopping:
            self._linger(incoming)
        elif self._queue:
            self._serve(self._queue.popleft())
            if not self._queue and not self._transport.is_closing():
                self._transport.resume_reading()
        elif self._last_words:
            self._say_last(self._last_words)

    def _linger(self, incoming: Incoming) -> None:
        """Close; where its sender is still sending, first read that away, or the answer would be lost with a reset."""
        self._last = True
        if incoming.whole:
            self._transport.close()
        else:
            self._lingering = True
            incoming.discard()
            self._loop.call_later(limits.LINGER_S_MAX, self._transport.close)

    def _refuse(self, refused: "Refused") -> None:
        """Answer what is no request, after what was asked before it, and hang up; once."""
        if self._last:
            return
        self._last = True
        body = str(refused).encode() + b"\n"
        words = head(refused.status, [(b"content-type", b"text/plain; charset=utf-8")], len(body), keep=False, old=False) + body
        broken, self._reading = self._reading, None
        if broken is not None and broken is self._serving:
            if broken.started:
                return self.abort()
            self._say_last(words)
            broken.leave()
        elif self._serving is not None:
            if broken is not None:
                self._queue.remove(broken)
            self._last_words = words
        else:
            self._say_last(words)

    def _say_last(self, words: bytes) -> None:
        """Write, and close in two steps: what the client is still sending is read away for a while, or a reset would take the words with it."""
        if self.lost or self._transport.is_closing():
            return
        self._transport.write(words)
        self.lost = True  # to a handler that is still at it
        self._transport.write_eof()
        if not self._transport.is_closing():
            self._transport.resume_reading()
        self._loop.call_later(limits.LINGER_S_MAX, self._transport.close)

    def give_up(self, now_s: float) -> None:
        """End a connection that has been idle, or busy with its headers, for too long."""
        waited_s = now_s - self._since_s
        if self._serving is None and waited_s > (limits.HEAD_READ_S_MAX if self._head_bytes else limits.KEPT_S_MAX):
            self._transport.close()
            if waited_s > limits.ANSWER_STALLED_S_MAX:  # closed long ago, but its client does not take the rest
                self.abort()

    def stop(self) -> "asyncio.Task[None] | None":
        """End it; the task that still has to end, if any."""
        if self._serving is None or self._task is None:
            self._transport.close()
            return None
        self._task.cancel()
        return self._task

    def abort(self) -> None:
        """Hang up without another word."""
        self._transport.abort()

    # What a request asks of it

    def send(self, *parts: bytes) -> None:
        """Write."""
        if self.lost:
            return
        if len(parts) == 1:
            self._transport.write(parts[0])
        else:
            self._transport.writelines(parts)

    async def drain(self) -> None:
        """Wait while the client does not read. Raises ClientLeft where that lasts too long."""
        if not self.writing_paused or self.lost:
            return
        self._drained = self._loop.create_future()
        try:
            async with asyncio.timeout(limits.ANSWER_STALLED_S_MAX):
                await self._drained
        except TimeoutError:
            self.abort()
            raise ClientLeft from None
        finally:
            self._drained = None


class Body:
    """What a second parser tells of a request's body, and to whom."""

    def __init__(self, connection: Connection) -> None:
        self.on_header, self.on_body, self.on_message_complete = connection.on_header, connection.on_body, connection.on_message_complete


class Unwanted(Exception):
    """A request behind the last one."""


class Refused(Exception):
    """What was sent is not served; says why."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status = status


class HeadTooLarge(Refused):
    """A request's line and headers, or its trailers, pass a bound."""

    def __init__(self) -> None:
        super().__init__(
            431, f"the request's head or trailers are larger than {limits.HEAD_BYTES_MAX // 1024} KiB, or more than {limits.HEADERS_MAX} headers"
        )


def size_of(url: bytes, headers: HeaderList) -> int:
    """The bytes of a head."""
    return len(url) + sum(len(name) + len(value) + 4 for name, value in headers)


def check_coding(headers: HeaderList, *, old: bool) -> None:
    """Let pass what frames a body in one way only, for us and for any proxy between. Raises Refused."""
    codings = b", ".join([value for name, value in headers if name == TRANSFER_ENCODING])
    if old:
        raise Refused(400, "HTTP/1.0 knows no transfer-encoding; send content-length")
    if codings.strip().lower() != b"chunked":
        said = codings.decode("ascii", "replace")
        raise Refused(501, f"transfer-encoding {said!r} is not spoken here; send content-length, or chunked alone")
