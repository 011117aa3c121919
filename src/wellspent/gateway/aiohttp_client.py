"""The second way to reach providers: aiohttp, where ``http_client = "aiohttp"`` says so.

Slower than ``http.client.HttpClient`` (docs/benchmarks.md), and with the same rules: no redirects, no decompression, no retries, no proxies.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from io import BytesIO

import aiohttp

from wellspent import limits
from wellspent.gateway.upstream import Answer, Headers, StreamedAnswer, Unanswered, Unreached

NEVER_SENT = (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError)


class AiohttpClient:
    """An ``UpstreamClient``. Its session is made in the running loop at the first request."""

    def __init__(self, timeout_s: float) -> None:
        self._timeout_s = timeout_s
        self._session: aiohttp.ClientSession | None = None

    def _open(self) -> aiohttp.ClientSession:
        if self._session is None:
            timeout = aiohttp.ClientTimeout(total=None, sock_connect=limits.CONNECT_S_MAX, sock_read=self._timeout_s)
            connector = aiohttp.TCPConnector(limit=0, keepalive_timeout=60)
            self._session = aiohttp.ClientSession(timeout=timeout, connector=connector, auto_decompress=False, trust_env=False)
        return self._session

    async def send(self, method: str, url: str, headers: Headers, body: bytes) -> Answer:
        """See UpstreamClient."""
        async with self.stream(method, url, headers, body) as answer:
            return Answer(answer.status, answer.headers, await answer.whole())

    @asynccontextmanager
    async def stream(self, method: str, url: str, headers: Headers, body: bytes) -> AsyncIterator[StreamedAnswer]:
        """See UpstreamClient."""
        host = url.split("/", 3)[2]
        try:
            async with self._open().request(
                method, url, headers=_texts(headers), data=BytesIO(body) if body else None, allow_redirects=False
            ) as response:
                found = [(name.lower(), value) for name, value in response.raw_headers]
                yield StreamedAnswer(response.status, found, _Chunks(response, host, self._timeout_s))
        except aiohttp.SocketTimeoutError as error:
            raise _silent(host, self._timeout_s) from error
        except NEVER_SENT as error:
            raise Unreached(f"the provider at {host} could not be reached", fix="check its base_url, and the network between") from error
        except aiohttp.ClientError as error:
            raise Unanswered(f"the provider at {host} broke off: {error}", fix="try again") from error

    async def close(self) -> None:
        """See UpstreamClient."""
        if self._session is not None:
            await self._session.close()


class _Chunks:
    """See Chunks."""

    def __init__(self, response: aiohttp.ClientResponse, host: str, timeout_s: float) -> None:
        self._response, self._host, self._timeout_s = response, host, timeout_s

    async def each(self, take: Callable[[bytes], bool], room: Callable[[], Awaitable[None]]) -> None:
        """See Chunks."""
        try:
            async for chunk in self._response.content.iter_any():
                if not take(chunk):
                    await room()
        except TimeoutError as error:
            raise _silent(self._host, self._timeout_s) from error
        except aiohttp.ClientError as error:
            raise Unanswered(f"the provider at {self._host} broke off: {error}", fix="try again") from error


def _silent(host: str, timeout_s: float) -> Unanswered:
    return Unanswered(f"the provider at {host} was silent for {timeout_s:g} s", fix="raise the upstream's timeout_s if it is only slow")


def _texts(headers: Headers) -> list[tuple[str, str]]:
    return [(name.decode("latin-1"), value.decode("latin-1")) for name, value in headers]
