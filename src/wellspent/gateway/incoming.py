"""One HTTP request as the gateway sees it, over raw ASGI: headers, body, leaving, answering."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from wellspent import limits
from wellspent.gateway.caller import Prefix, RawHeaders, split_prefix
from wellspent.gateway.refusal import Refusal

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]
HeaderList = list[tuple[bytes, bytes]]

JSON_TYPE = (b"content-type", b"application/json")


class ClientLeft(Exception):
    """The caller hung up before its request was whole."""


class Incoming:
    """A request being served."""

    __slots__ = ("_left", "_receive", "_send", "headers", "method", "over", "prefix", "query", "started")

    def __init__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self._receive, self._send = receive, send
        self._left: asyncio.Future[dict[str, Any]] | None = None
        self.method: str = scope["method"]
        self.headers: RawHeaders = dict(scope["headers"])
        self.query: bytes = scope["query_string"]
        self.prefix: Prefix = split_prefix(scope["path"])
        self.started = self.over = False

    @property
    def path(self) -> str:
        """The path without a gateway prefix."""
        return self.prefix.path

    async def body(self) -> bytes | Refusal:
        """The whole body. Raises ClientLeft."""
        message = await self._receive()
        if message["type"] == "http.disconnect":
            raise ClientLeft
        if not message.get("more_body"):
            body: bytes = message.get("body", b"")
            return body if len(body) <= limits.REQUEST_BYTES_MAX else self._too_large()
        try:
            async with asyncio.timeout(limits.REQUEST_READ_S_MAX):
                return await self._rest(message.get("body", b""))
        except TimeoutError:
            return Refusal("request_too_slow", f"the request's body took longer than {limits.REQUEST_READ_S_MAX:g} s; send it faster")

    async def _rest(self, first: bytes) -> bytes | Refusal:
        parts, size = [first], len(first)
        while True:
            message = await self._receive()
            if message["type"] == "http.disconnect":
                raise ClientLeft
            part = message.get("body", b"")
            size += len(part)
            if size > limits.REQUEST_BYTES_MAX:
                return self._too_large()
            parts.append(part)
            if not message.get("more_body"):
                return b"".join(parts)

    def _too_large(self) -> Refusal:
        return Refusal("request_too_large", f"the request's body is larger than {limits.REQUEST_BYTES_MAX // 2**20} MiB; send less")

    def watch(self, *, cancel: bool) -> None:
        """Begin to notice the caller hanging up.

        Args:
            cancel: Whether the serving task is cancelled then, wherever it waits.
        """
        if self._left is not None:
            return
        self._left = asyncio.ensure_future(self._receive())
        task = asyncio.current_task()
        if cancel and task is not None:
            self._left.add_done_callback(lambda _: None if self.over else task.cancel())

    @property
    def has_left(self) -> bool:
        """Whether the caller hung up, as far as anybody watched."""
        return self._left is not None and self._left.done()

    async def answer(self, status: int, headers: HeaderList, body: bytes) -> None:
        """A whole answer."""
        self.started = True
        await self._send({"type": "http.response.start", "status": status, "headers": headers})
        await self._send({"type": "http.response.body", "body": body})

    async def begin(self, status: int, headers: HeaderList) -> None:
        """The head of a streamed answer."""
        self.started = True
        await self._send({"type": "http.response.start", "status": status, "headers": headers})

    async def chunk(self, body: bytes) -> None:
        """A part of a streamed answer."""
        await self._send({"type": "http.response.body", "body": body, "more_body": True})

    async def end(self) -> None:
        """The end of a streamed answer."""
        self.over = True
        await self._send({"type": "http.response.body", "body": b""})
