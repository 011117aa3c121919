"""The way to providers: HTTP/1.1 over connections that are kept, in the event loop's own thread; llhttp parses, OpenSSL encrypts.

A client in a thread of its own wakes the loop for each chunk it reads, which costs more than all else a chunk costs (docs/decisions.md).
Being ours, it also knows whether a request was sent, which decides what is charged, and hangs up the moment a caller leaves.

A request goes out once: it is never sent again by itself. A connection that the provider closed while it was idle is not used.
"""

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import quote, urlsplit

import httptools

from wellspent import limits
from wellspent.facts.errors import UpstreamError
from wellspent.gateway.upstream import Answer, Headers, StreamedAnswer, Unanswered, Unreached

IN_PATH = "/%:@!$&'()*+,;="  # what a path may hold as it is (RFC 3986, 3.3); the rest, line breaks first of all, is escaped
IN_QUERY = IN_PATH + "?"


class Origin(NamedTuple):
    """Whom a connection leads to."""

    tls: bool
    host: str
    port: int


class Address(NamedTuple):
    """A URL, taken apart once."""

    origin: Origin
    target: bytes
    authority: bytes


@lru_cache(maxsize=1000)
def address_of(url: str) -> Address:
    """Origin, request target and Host header of a URL. Raises Unreached for one that cannot be."""
    try:
        parts = urlsplit(url)
        host, tls = parts.hostname or "", parts.scheme == "https"
        origin = Origin(tls, host, parts.port or (443 if tls else 80))
        authority = parts.netloc.rpartition("@")[2].encode("idna")
    except ValueError as error:
        raise Unreached(f"{url!r} is no address: {error}", fix="check the upstream's base_url") from None
    target = quote(parts.path or "/", safe=IN_PATH) + (f"?{quote(parts.query, safe=IN_QUERY)}" if parts.query else "")
    return Address(origin, target.encode("ascii"), authority)


@lru_cache(maxsize=1)
def system_trust() -> ssl.SSLContext:
    """The certificates that the machine trusts, read once: it takes milliseconds."""
    context = ssl.create_default_context()
    context.set_alpn_protocols(["http/1.1"])
    return context


class HttpClient:
    """An ``UpstreamClient``: connections by origin, kept while idle, one answer at a time on each.

    The timeout bounds each silence (before the answer, and between two chunks), not the whole answer.

    Args:
        trust: Certificates to accept; None takes the system's.
    """

    def __init__(self, timeout_s: float, trust: ssl.SSLContext | None = None) -> None:
        self._timeout_s = timeout_s
        self._trust = trust
        self._idle: dict[Origin, list[Connection]] = {}
        self._busy: set[Connection] = set()
        self._sweeper: asyncio.TimerHandle | None = None

    async def send(self, method: str, url: str, headers: Headers, body: bytes) -> Answer:
        """See UpstreamClient."""
        connection = await self._ask(method, url, headers, body, whole=True)
        try:
            await connection.ready()
            return Answer(connection.status, connection.headers, connection.body())
        finally:
            self._give_back(connection)

    @asynccontextmanager
    async def stream(self, method: str, url: str, headers: Headers, body: bytes) -> AsyncIterator[StreamedAnswer]:
        """See UpstreamClient."""
        connection = await self._ask(method, url, headers, body, whole=False)
        try:
            await connection.ready()
            yield StreamedAnswer(connection.status, connection.headers, connection)
        finally:
            self._give_back(connection)

    async def close(self) -> None:
        """See UpstreamClient."""
        if self._sweeper is not None:
            self._sweeper.cancel()
        for connection in [*self._busy, *(each for idle in self._idle.values() for each in idle)]:
            connection.abort()

    async def _ask(self, method: str, url: str, headers: Headers, body: bytes, *, whole: bool) -> "Connection":
        address = address_of(url)
        connection = self._kept(address.origin) or await self._connect(address.origin)
        self._busy.add(connection)
        if self._sweeper is None:
            self._sweeper = asyncio.get_running_loop().call_later(self._sweep_s, self._sweep)
        connection.begin(_head(method, address, headers, body), body, whole=whole)
        return connection

    def _kept(self, origin: Origin) -> "Connection | None":
        idle = self._idle.get(origin, [])
        while idle:
            connection = idle.pop()
            if not connection.closed:
                return connection
        return None

    async def _connect(self, origin: Origin) -> "Connection":
        where = f"{origin.host}:{origin.port}"
        try:
            async with asyncio.timeout(limits.CONNECT_S_MAX):
                _, connection = await asyncio.get_running_loop().create_connection(
                    lambda: Connection(self, origin), origin.host, origin.port, ssl=(self._trust or system_trust()) if origin.tls else None
                )
        except ssl.SSLError as error:
            text = f"the provider at {where} could not be trusted: {error.reason or error}"
            raise Unreached(text, fix="check its certificate, and that of any proxy between (SSL_CERT_FILE names a file of authorities)") from error
        except (OSError, TimeoutError) as error:
            raise Unreached(f"the provider at {where} could not be reached", fix="check its base_url, and the network between") from error
        return connection

    def _give_back(self, connection: "Connection") -> None:
        self._busy.discard(connection)
        idle = self._idle.setdefault(connection.origin, [])
        if connection.reusable and len(idle) < limits.UPSTREAM_IDLE_CONNECTIONS_MAX:
            idle.append(connection)
        else:
            connection.abort()

    def lost(self, connection: "Connection") -> None:
        """A connection ended."""
        idle = self._idle.get(connection.origin)
        if idle and connection in idle:
            idle.remove(connection)

    @property
    def _sweep_s(self) -> float:
        return min(1.0, self._timeout_s / 4)

    def _sweep(self) -> None:
        """End what is silent for too long, and what nobody used for a while: one timer for all, instead of one for each call."""
        now_s = asyncio.get_running_loop().time()
        for connection in list(self._busy):
            connection.give_up(now_s, self._timeout_s)
        for idle in self._idle.values():
            for connection in [each for each in idle if now_s - each.heard_s > limits.UPSTREAM_IDLE_S_MAX]:
                connection.abort()
        waiting = self._busy or any(self._idle.values())
        self._sweeper = asyncio.get_running_loop().call_later(self._sweep_s, self._sweep) if waiting else None


class Connection(asyncio.Protocol):
    """One connection to a provider; ``each`` hands on the answer's chunks as they come."""

    def __init__(self, client: HttpClient, origin: Origin) -> None:
        self._client, self.origin = client, origin
        self._loop = asyncio.get_running_loop()
        self._parser = httptools.HttpResponseParser(self)
        self._waiter: asyncio.Future[None] | None = None
        self._chunks: list[bytes] = []
        self._waiting_bytes = 0
        self._take: Callable[[bytes], bool] | None = None
        self._full = False  # whether ``_take`` can take no more at the moment
        self._transport: asyncio.Transport
        self._failed: UpstreamError | None = None
        self._whole = self._headed = self.closed = self._paused = self._framed = self._keeps = False
        self._ended = True
        self.status, self.headers, self.heard_s = 0, Headers(), self._loop.time()

    # What the client asks of it

    def begin(self, head: bytes, body: bytes, *, whole: bool) -> None:
        """Send a request.

        Args:
            whole: Whether the answer is wanted at its end, rather than in chunks.
        """
        self._whole, self._headed, self._ended, self._framed = whole, False, False, False
        self.status, self.headers, self.heard_s = 0, [], self._loop.time()
        self.body()  # what nobody took of the answer before
        if self.closed:
            self._fail("hung up")
        elif len(body) <= limits.JOINED_BYTES_MAX:
            self._transport.write(head + body)
        else:
            self._transport.writelines((head, body))

    async def ready(self) -> None:
        """Wait for the answer's head, or for all of it where it is wanted whole. Raises Unanswered."""
        while not (self._ended if self._whole else self._headed):
            await self._more()

    def body(self) -> bytes:
        """All that has come."""
        chunks = self._chunks
        whole = chunks[0] if len(chunks) == 1 else b"".join(chunks)
        chunks.clear()
        self._waiting_bytes = 0
        return whole

    async def each(self, take: Callable[[bytes], bool], room: Callable[[], Awaitable[None]]) -> None:
        """See Chunks. What has come meanwhile is handed on first; from then on ``data_received`` does it, and this task sleeps to the end."""
        while True:
            if self._chunks:
                if not take(self.body()):
                    await room()
                continue
            if self._paused:
                self._resume()
            if self._ended:
                return
            self._take, self._full = take, False
            try:
                await self._more()
            finally:
                self._take = None
            if self._full:
                await room()

    def _hand_on(self, take: Callable[[bytes], bool]) -> None:
        """What has come, to who takes it. Where that is enough for now, the provider is read no further."""
        chunks = self._chunks
        chunk = chunks[0] if len(chunks) == 1 else b"".join(chunks)
        chunks.clear()
        self._waiting_bytes = 0
        try:
            more = take(chunk)
        except Exception as error:  # it is for the task that asked, not for the event loop
            self._take = None
            if self._waiter is not None and not self._waiter.done():
                self._waiter.set_exception(error)
            return
        if not more:
            self._take, self._full = None, True
            self._pause()
            self._wake()
        elif self._paused:
            self._resume()

    def _pause(self) -> None:
        if not self._paused and not self.closed:
            self._paused = True
            self._transport.pause_reading()

    def _resume(self) -> None:
        self._paused, self.heard_s = False, self._loop.time()
        if not self.closed:
            self._transport.resume_reading()

    async def _more(self) -> None:
        if self._failed is not None:
            raise self._failed
        self._waiter = self._loop.create_future()
        try:
            await self._waiter
        finally:
            self._waiter = None

    @property
    def reusable(self) -> bool:
        """Whether another request can follow."""
        return self._ended and self._keeps and not self.closed and not self._paused and not self._transport.get_write_buffer_size()

    def give_up(self, now_s: float, timeout_s: float) -> None:
        """End the answer where it is silent for too long. A caller that does not take what has come is none of the provider's silence."""
        if not self._paused and not self._ended and now_s - self.heard_s > timeout_s:
            self._fail(f"was silent for {timeout_s:g} s", fix="raise the upstream's timeout_s if it is only slow")
            self.abort()

    def abort(self) -> None:
        """Hang up."""
        self.closed = True
        self._transport.abort()

    # What the event loop tells it

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Connected."""
        self._transport = transport  # type: ignore[assignment]

    def data_received(self, data: bytes) -> None:
        """Bytes of an answer."""
        self.heard_s = self._loop.time()
        if self._ended:  # nobody asked
            return self.abort()
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade) as error:
            self._fail(f"answered with what is no HTTP ({error})")
            self.abort()
        take = self._take
        if take is not None and self._chunks:
            self._hand_on(take)
        if self._waiter is not None and (self._ended or self._failed is not None or (self._headed and not self._whole and take is None)):
            self._wake()

    def eof_received(self) -> None:
        """The provider has said all; the transport closes itself."""
        self._end_of_stream()

    def connection_lost(self, exc: Exception | None) -> None:
        """Hung up, by either side."""
        self.closed = True
        self._end_of_stream()
        self._client.lost(self)

    def _end_of_stream(self) -> None:
        """An answer that names no length ends with its connection; any other is cut."""
        self.closed = True
        if self._headed and not self._framed and not self._ended:
            self._ended = True
            self._wake()
        elif not self._ended:
            self._fail("broke off" if self._headed else "broke off before it answered")

    def _fail(self, how: str, fix: str = "try again") -> None:
        if self._failed is None:
            self._failed = Unanswered(f"the provider at {self.origin.host}:{self.origin.port} {how}", fix=fix)
        self._wake()

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    # What the parser tells it

    def on_message_begin(self) -> None:
        """Another answer than the one that was asked for desynchronises the two sides; interim ones (1xx) come before it."""
        if self._ended:
            raise ValueError("more than was asked for")

    def on_header(self, name: bytes, value: bytes) -> None:
        """One header of the answer; what comes behind the body is left out."""
        if self._headed:
            return
        name = name.lower()
        if name in (b"content-length", b"transfer-encoding"):
            self._framed = True
        self.headers.append((name, value))
        if len(self.headers) > limits.HEADERS_MAX:
            raise ValueError("too many headers")

    def on_headers_complete(self) -> None:
        """The answer's head has come; one that only announces another (1xx) is passed over."""
        self.status = self._parser.get_status_code()
        if self.status >= 200:
            self._headed = True
            self._framed = self._framed or self.status in (204, 304)
        else:
            self.headers = []

    def on_body(self, data: bytes) -> None:
        """A piece of the answer."""
        self._chunks.append(data)
        self._waiting_bytes += len(data)
        if not self._whole and self._waiting_bytes > limits.RELAY_WAITING_BYTES_MAX:
            self._pause()

    def on_message_complete(self) -> None:
        """The answer's end."""
        if self._headed:
            self._ended, self._keeps = True, self._parser.should_keep_alive()


def _head(method: str, address: Address, headers: Headers, body: bytes) -> bytes:
    lines = [b"%b %b HTTP/1.1\r\nhost: %b\r\n" % (method.encode("ascii"), address.target, address.authority)]
    lines += [b"%b: %b\r\n" % header for header in headers]
    if body or method not in ("GET", "HEAD"):
        lines.append(b"content-length: %d\r\n" % len(body))
    lines.append(b"\r\n")
    return b"".join(lines)
