"""One HTTP request as the gateway sees it: headers, body, leaving, answering."""

import asyncio
from functools import lru_cache
from typing import Protocol

from wellspent import limits
from wellspent.gateway.caller import Prefix, RawHeaders, split_prefix
from wellspent.gateway.http.head import LAST_CHUNK, HeaderList, head
from wellspent.gateway.refusal import Refusal

JSON_TYPE = (b"content-type", b"application/json")
CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"


class ClientLeft(Exception):
    """The caller hung up before its request was whole, or does not take its answer."""


class Way(Protocol):
    """What a request needs of its connection."""

    client_host: str
    lost: bool
    writing_paused: bool

    def send(self, *parts: bytes) -> None:
        """Write."""
        ...

    async def drain(self) -> None:
        """Wait while the client does not read."""
        ...


class Incoming:
    """A request being served.

    Attributes:
        old: Whether it is HTTP/1.0.
        body_bytes: Of its body, until now.
        keep: Whether another request may follow on its connection.
        whole: Whether its body has come.
        started: Whether its answer has begun.
        over: Whether its answer is complete.
    """

    __slots__ = (
        "_cancelled", "_chunked", "_parts", "_waiter", "_wanted", "_way", "body_bytes", "header_list", "headers", "keep", "method", "old",
        "over", "prefix", "query", "raw_path", "started", "whole",
    )  # fmt: skip

    def __init__(self, way: Way, method: str, target: bytes, headers: HeaderList, *, old: bool = False) -> None:
        self._way, self.method, self.old = way, method, old
        self.header_list = headers
        self.headers: RawHeaders = dict(headers)
        self.raw_path, _, self.query = target.partition(b"?")
        self.prefix: Prefix = split_prefix(_path(self.raw_path))
        self.keep = self.whole = self.started = self.over = False
        self._chunked = False
        self._parts: list[bytes] = []
        self._wanted = True
        self.body_bytes = 0
        self._waiter: asyncio.Future[None] | None = None
        self._cancelled: asyncio.Task[None] | None = None

    @property
    def path(self) -> str:
        """The path without a gateway prefix."""
        return self.prefix.path

    @property
    def client_host(self) -> str:
        """The address the request came from."""
        return self._way.client_host

    # What its connection tells it

    def feed(self, part: bytes) -> None:
        """A piece of its body; what passes the bound is not kept."""
        self.body_bytes += len(part)
        if self.body_bytes > limits.REQUEST_BYTES_MAX:
            self.discard()
            self._wake()
        if self._wanted:
            self._parts.append(part)

    def discard(self) -> None:
        """Keep nothing of a body that nobody wants."""
        self._wanted = False
        self._parts.clear()

    def complete(self, *, keep: bool) -> None:
        """Its body is whole."""
        self.whole, self.keep = True, keep and not self.started
        self._wake()

    def leave(self) -> None:
        """The client hung up."""
        self._wake()
        if self._cancelled is not None and not self.over:
            self._cancelled.cancel()

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    # What its server asks of it

    async def body(self) -> bytes | Refusal:
        """The whole body. Raises ClientLeft."""
        if not self.whole:
            if self.headers.get(b"expect", b"").lower() == b"100-continue" and not self.body_bytes and not self.old:
                self._way.send(CONTINUE)
            try:
                async with asyncio.timeout(limits.REQUEST_READ_S_MAX):
                    await self._all()
            except TimeoutError:
                return Refusal("request_too_slow", f"the request's body took longer than {limits.REQUEST_READ_S_MAX:g} s; send it faster")
        if self.body_bytes > limits.REQUEST_BYTES_MAX:
            return Refusal("request_too_large", f"the request's body is larger than {limits.REQUEST_BYTES_MAX // 2**20} MiB; send less")
        parts = self._parts
        return parts[0] if len(parts) == 1 else b"".join(parts)

    async def _all(self) -> None:
        while not self.whole and self.body_bytes <= limits.REQUEST_BYTES_MAX:
            if self._way.lost:
                raise ClientLeft
            self._waiter = asyncio.get_running_loop().create_future()
            await self._waiter

    def watch(self, *, cancel: bool) -> None:
        """Say what a client's leaving does.

        Args:
            cancel: Whether the serving task is cancelled then, wherever it waits.
        """
        if cancel:
            self._cancelled = asyncio.current_task()
            if self._way.lost and self._cancelled is not None:
                self._cancelled.cancel()

    @property
    def has_left(self) -> bool:
        """Whether the caller hung up."""
        return self._way.lost

    async def answer(self, status: int, headers: HeaderList, body: bytes) -> None:
        """A whole answer."""
        self.started = self.over = True
        self.keep = self.keep and self.whole
        first = head(status, headers, len(body), keep=self.keep, old=self.old)
        if self.method == "HEAD" or not body:
            self._way.send(first)
        elif len(body) <= limits.JOINED_BYTES_MAX:
            self._way.send(first + body)
        else:
            self._way.send(first, body)
            await self._way.drain()

    async def begin(self, status: int, headers: HeaderList) -> None:
        """The head of a streamed answer."""
        self.started, self._chunked = True, not self.old
        self.keep = self.keep and self.whole and self._chunked
        self._way.send(head(status, headers, None, keep=self.keep, old=self.old))

    def chunk(self, body: bytes) -> bool:
        """A part of a streamed answer, which is not empty; False where the client does not keep up, and ``room`` is to be awaited."""
        way = self._way
        way.send(_size_line(len(body)) + body + b"\r\n" if self._chunked else body)
        return not way.writing_paused

    async def room(self) -> None:
        """Wait while the client does not read. Raises ClientLeft."""
        await self._way.drain()

    async def end(self) -> None:
        """The end of a streamed answer."""
        self.over = True
        if self._chunked:
            self._way.send(LAST_CHUNK)


@lru_cache(maxsize=4096)
def _size_line(size: int) -> bytes:
    """What goes before a chunk of so many bytes; chunks of a stream are of few sizes."""
    return b"%x\r\n" % size


def _path(raw: bytes) -> str:
    """A request's path as it was sent; of an absolute target only the path."""
    if not raw.startswith(b"/"):
        raw = b"/" + raw.partition(b"://")[2].partition(b"/")[2] if b"://" in raw else b"/" + raw
    return raw.decode("utf-8", "replace")
