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
        self._head_bytes = self._seen = self._unparsed = 0
        self._in_head = True
        self._since_s = self._loop.time()  # of the head's first byte, or of the end of the last answer
        self._reading: Incoming | None = None  # whose body is coming
        self._serving: Incoming | None = None
        self._task: asyncio.Task[None] | None = None
        self._queue: deque[Incoming] = deque()
        self._drained: asyncio.Future[None] | None = None
        self._lingering = self.writing_paused = False

    # What the event loop tells it

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Connected."""
        self._transport = transport  # type: ignore[assignment]
        self._transport.set_write_buffer_limits(high=limits.ANSWER_WAITING_BYTES_MAX)
        peer = transport.get_extra_info("peername")
        self.client_host = str(peer[0]) if isinstance(peer, tuple) and peer else ""
        self._server.connections.add(self)
        if len(self._server.connections) > limits.CONNECTIONS_MAX:
            self._refuse(503, f"more than {limits.CONNECTIONS_MAX:,} connections at once; try again")

    def data_received(self, data: bytes) -> None:
        """Bytes of requests."""
        if self._unparsed:
            return self._rest(data)
        seen = self._seen
        if self._in_head and not self._head_bytes:
            self._since_s = self._loop.time()
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade as upgrade:
            return self._rest(data[upgrade.args[0] :])
        except httptools.HttpParserError as error:
            too_large = isinstance(error.__context__, HeadTooLarge)
            return self._refuse(431 if too_large else 400, str(error.__context__) if too_large else f"this is no HTTP request: {error}")
        if self._in_head and self._seen == seen:  # nothing but a piece of a head
            self._head_bytes += len(data)
            if self._head_bytes > limits.HEAD_BYTES_MAX:
                self._refuse(431, str(HeadTooLarge()))

    def _rest(self, data: bytes) -> None:
        """What follows the head of a request that offers another protocol, where the parser stops: its body. It is answered in this
        protocol like any other (RFC 9110, 7.8), and said to be the last."""
        if self._reading is None:
            return
        part, self._unparsed = data[: self._unparsed], self._unparsed - len(data)
        self._reading.feed(part)
        if self._unparsed <= 0:
            self._unparsed = 0
            self._reading.complete(keep=False)
            self._reading = None

    def eof_received(self) -> None:
        """The client has said all; the transport closes itself."""

    def connection_lost(self, exc: Exception | None) -> None:
        """Hung up, by either side."""
        self.lost = True
        self._server.connections.discard(self)
        self._queue.clear()
        self.resume_writing()
        for incoming in {self._reading, self._serving} - {None}:
            incoming.leave()  # type: ignore[union-attr]

    def pause_writing(self) -> None:
        """The client does not read."""
        self.writing_paused = True

    def resume_writing(self) -> None:
        """It reads again, or has left."""
        self.writing_paused = False
        if self._drained is not None and not self._drained.done():
            self._drained.set_result(None)

    # What the parser tells it

    def on_message_begin(self) -> None:
        """A request begins."""
        self._url, self._headers = b"", []

    def on_url(self, url: bytes) -> None:
        """A piece of its target."""
        self._url += url

    def on_header(self, name: bytes, value: bytes) -> None:
        """One header of it."""
        self._headers.append((name.lower(), value))
        if len(self._headers) > limits.HEADERS_MAX:
            raise HeadTooLarge

    def on_headers_complete(self) -> None:
        """Its head is whole: it is served, or waits for the one before it."""
        self._in_head, self._head_bytes = False, 0
        self._seen += 1
        parser = self._parser
        incoming = Incoming(self, parser.get_method().decode("ascii"), self._url, self._headers, old=parser.get_http_version() == "1.0")
        self._reading = incoming
        if self._serving is None:
            self._serve(incoming)
        else:
            self._queue.append(incoming)
            self._transport.pause_reading()

    def on_body(self, data: bytes) -> None:
        """A piece of its body."""
        if self._reading is not None:
            self._reading.feed(data)

    def on_message_complete(self) -> None:
        """Its end."""
        self._in_head = True
        self._seen += 1
        if self._reading is not None and self._parser.should_upgrade():
            length = self._reading.headers.get(b"content-length", b"0")
            self._unparsed = int(length) if length.isdigit() else 0
        if self._reading is not None and not self._unparsed:
            self._reading.complete(keep=self._parser.should_keep_alive() and not self._parser.should_upgrade())
            self._reading = None
        if self._lingering:
            self._transport.close()

    # Serving

    def _serve(self, incoming: Incoming) -> None:
        self._serving = incoming
        self._task = self._loop.create_task(self._handle(incoming))

    async def _handle(self, incoming: Incoming) -> None:
        try:
            await self._server.handler(incoming)
        except (ClientLeft, asyncio.CancelledError):
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

    def _linger(self, incoming: Incoming) -> None:
        """Close; where its sender is still sending, first read that away, or the answer would be lost with a reset."""
        if incoming.whole:
            self._transport.close()
        else:
            self._lingering = True
            incoming.discard()
            self._loop.call_later(limits.LINGER_S_MAX, self._transport.close)

    def _refuse(self, status: int, text: str) -> None:
        """Answer what is no request, and hang up."""
        body = text.encode() + b"\n"
        if self._serving is None and not self.lost:
            self._transport.write(head(status, [(b"content-type", b"text/plain; charset=utf-8")], len(body), keep=False, old=False) + body)
        self._transport.close()

    def give_up(self, now_s: float) -> None:
        """End a connection that has been idle, or busy with its headers, for too long."""
        waited_s = now_s - self._since_s
        if self._serving is None and waited_s > (limits.HEAD_READ_S_MAX if self._head_bytes else limits.KEPT_S_MAX):
            self._transport.close()

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


class HeadTooLarge(Exception):
    """A request's line and headers pass a bound."""

    def __str__(self) -> str:
        return f"the request's head is larger than {limits.HEAD_BYTES_MAX // 1024} KiB, or has more than {limits.HEADERS_MAX} headers"
