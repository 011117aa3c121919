"""A small HTTP/1.1 server for one ASGI application in one event loop, for tests.

Why not a full one: a test has to break a connection off at a chosen chunk, see a caller hang up at once, and bind port 0 in a thread; here
that is plain: when the application raises after it began to answer, the connection is closed without an end.
"""

import asyncio
from collections import deque
from typing import Any

from wellspent import limits
from wellspent.testing.provider.app import Dropped, Left, ProviderApp

REASONS = {200: b"OK", 400: b"Bad Request", 401: b"Unauthorized", 404: b"Not Found", 429: b"Too Many Requests", 500: b"Internal Server Error"}
DISCONNECT = {"type": "http.disconnect"}


class BadRequest(Exception):
    """Bytes that are no HTTP."""


class Connection(asyncio.Protocol):
    """One connection; requests are served one after the other."""

    def __init__(self, app: ProviderApp, tasks: "set[asyncio.Task[None]]") -> None:
        self._app, self._tasks = app, tasks
        self._buffer = bytearray()
        self._transport: asyncio.Transport
        self._news = asyncio.Event()
        self._writable = asyncio.Event()
        self._writable.set()
        self._gone = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin to serve."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        task = asyncio.get_running_loop().create_task(self._serve())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def data_received(self, data: bytes) -> None:
        """Keep what came; stop reading while there is more than a request may hold."""
        self._buffer += data
        if len(self._buffer) > limits.REQUEST_BYTES_MAX:
            self._transport.pause_reading()
        self._news.set()

    def eof_received(self) -> bool:
        """A caller that closes its side has left."""
        self._lost()
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        """It is gone."""
        self._lost()

    def pause_writing(self) -> None:
        """The caller reads slower than we write."""
        self._writable.clear()

    def resume_writing(self) -> None:
        """It caught up."""
        self._writable.set()

    def _lost(self) -> None:
        self._gone = True
        self._news.set()
        self._writable.set()

    async def _serve(self) -> None:
        try:
            while await self._exchange():
                pass
        except (BadRequest, Left, Dropped, ConnectionError):
            pass
        finally:
            self._transport.abort() if self._gone else self._transport.close()

    async def _exchange(self) -> bool:
        """One request and its answer; False when it was the last."""
        head = await self._until(b"\r\n\r\n")
        if head is None:
            return False
        method, target, headers = _parse_head(head)
        plain = dict(headers)
        if plain.get(b"expect", b"").lower() == b"100-continue":
            self._transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        body = await self._body(plain)
        path, _, query = target.partition(b"?")
        scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": method.decode("ascii"),
            "path": path.decode("ascii"),
            "query_string": query,
            "headers": headers,
        }
        answer = _Answer(self, body, head_only=method == b"HEAD")
        await self._app(scope, answer.receive, answer.send)
        return plain.get(b"connection", b"").lower() != b"close"

    async def _body(self, headers: dict[bytes, bytes]) -> bytes:
        if headers.get(b"transfer-encoding", b"").lower() != b"chunked":
            return await self._exactly(int(headers.get(b"content-length", b"0")))
        parts = deque[bytes]()
        while True:
            line = await self._until(b"\r\n")
            size = int((line or b"0").split(b";")[0], 16)
            parts.append(await self._exactly(size))
            await self._until(b"\r\n")
            if not size:
                return b"".join(parts)

    async def _until(self, mark: bytes) -> bytes | None:
        while (end := self._buffer.find(mark)) < 0:
            if len(self._buffer) > limits.REQUEST_BYTES_MAX:
                raise BadRequest
            if not await self._more():
                return None
        found = bytes(self._buffer[:end])
        del self._buffer[: end + len(mark)]
        return found

    async def _exactly(self, size: int) -> bytes:
        while len(self._buffer) < size:
            self._transport.resume_reading()
            if not await self._more():
                raise Left
        found = bytes(self._buffer[:size])
        del self._buffer[:size]
        return found

    async def _more(self) -> bool:
        if self._gone:
            return False
        self._news.clear()
        await self._news.wait()
        return not self._gone

    async def write(self, data: bytes) -> None:
        """Send, at the caller's speed. Raises Left."""
        if self._gone or self._transport.is_closing():
            raise Left
        self._transport.write(data)
        await self._writable.wait()

    async def until_gone(self) -> None:
        """Wait for the caller to hang up."""
        while not self._gone:
            self._news.clear()
            await self._news.wait()


class _Answer:
    """ASGI's receive and send for one exchange."""

    def __init__(self, connection: Connection, body: bytes, *, head_only: bool) -> None:
        self._connection, self._body, self._head_only = connection, body, head_only
        self._read = self._chunked = False
        self._head = b""

    async def receive(self) -> dict[str, Any]:
        """The body, then the caller's leaving."""
        if not self._read:
            self._read = True
            return {"type": "http.request", "body": self._body}
        await self._connection.until_gone()
        return DISCONNECT

    async def send(self, message: dict[str, Any]) -> None:
        """The head is kept for the first piece, so that a whole answer is one write."""
        if message["type"] == "http.response.start":
            headers = list(message["headers"])
            self._chunked = all(name != b"content-length" for name, _ in headers)
            if self._chunked:
                headers.append((b"transfer-encoding", b"chunked"))
            lines = b"".join(b"%s: %s\r\n" % pair for pair in headers)
            self._head = b"HTTP/1.1 %d %s\r\n%s\r\n" % (message["status"], REASONS.get(message["status"], b"Status"), lines)
            return
        data, head = message.get("body", b""), self._head
        self._head = b""
        if self._head_only:
            data, end = b"", b""
        elif self._chunked:
            data = b"%x\r\n%s\r\n" % (len(data), data) if data else b""
            end = b"" if message.get("more_body") else b"0\r\n\r\n"
        else:
            end = b""
        await self._connection.write(head + data + end)


def _parse_head(head: bytes) -> tuple[bytes, bytes, list[tuple[bytes, bytes]]]:
    first, *lines = head.split(b"\r\n")
    try:
        method, target, _ = first.split(b" ")
    except ValueError:
        raise BadRequest from None
    pairs = (line.partition(b":") for line in lines)
    return method, target, [(name.strip().lower(), value.strip()) for name, _, value in pairs]
