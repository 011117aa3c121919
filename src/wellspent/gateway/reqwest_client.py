"""The first way to reach providers: pyreqwest, the Rust HTTP client; TLS by rustls."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

from pyreqwest.client import Client, ClientBuilder
from pyreqwest.exceptions import ConnectError, ConnectTimeoutError, PyreqwestError, RequestTimeoutError

from wellspent import limits
from wellspent.facts.errors import UpstreamError
from wellspent.gateway.upstream import Answer, Headers, StreamedAnswer, Unanswered, Unreached


class ReqwestClient:
    """pyreqwest: connection pool, TLS by rustls. Built eagerly: a lazy first request races.

    The timeout bounds each silence (before the answer, and between two chunks), not the whole answer.
    """

    def __init__(self, timeout_s: float, *, accept_invalid_certs: bool = False) -> None:
        self._timeout_s = timeout_s
        builder = (
            ClientBuilder()
            .connect_timeout(timedelta(seconds=limits.CONNECT_S_MAX))
            .read_timeout(timedelta(seconds=timeout_s))
            .pool_idle_timeout(timedelta(seconds=60))
            .follow_redirects(False)
            .referer(False)
            .no_proxy()
            .gzip(False)
            .brotli(False)
            .zstd(False)
            .deflate(False)
            .tcp_nodelay(True)
        )
        self._client: Client = builder.danger_accept_invalid_certs(accept_invalid_certs).build()

    async def send(self, method: str, url: str, headers: Headers, body: bytes) -> Answer:
        """See UpstreamClient."""
        request = self._client.request(method, url).headers(headers)
        try:
            response = await (request.body_bytes(body) if body else request).build().send()
            return Answer(response.status, list(response.headers.items()), bytes(await response.bytes()))
        except PyreqwestError as error:
            raise _told(error, url, self._timeout_s) from error

    @asynccontextmanager
    async def stream(self, method: str, url: str, headers: Headers, body: bytes) -> AsyncIterator[StreamedAnswer]:
        """See UpstreamClient."""
        request = self._client.request(method, url).headers(headers)
        # The default read buffer (64 KiB) holds the first byte back until it fills or the stream ends.
        request = (request.body_bytes(body) if body else request).streamed_read_buffer_limit(0)
        try:
            async with request.build_streamed() as response:
                yield StreamedAnswer(response.status, list(response.headers.items()), _chunks(response, url, self._timeout_s))
        except PyreqwestError as error:
            raise _told(error, url, self._timeout_s) from error

    async def close(self) -> None:
        """See UpstreamClient."""
        await self._client.close()


async def _chunks(response: object, url: str, timeout_s: float) -> AsyncIterator[bytes]:
    read_chunk = response.body_reader.read_chunk  # type: ignore[attr-defined]
    try:
        while (chunk := await read_chunk()) is not None:
            yield bytes(chunk)
    except PyreqwestError as error:
        raise _told(error, url, timeout_s) from error


def _told(error: PyreqwestError, url: str, timeout_s: float) -> UpstreamError:
    host = url.split("/", 3)[2]
    if isinstance(error, ConnectTimeoutError) or (isinstance(error, ConnectError) and _never_sent(error)):
        return Unreached(f"the provider at {host} could not be reached", fix="check its base_url, and the network between")
    if isinstance(error, RequestTimeoutError):
        return Unanswered(f"the provider at {host} was silent for {timeout_s:g} s", fix="raise the upstream's timeout_s if it is only slow")
    return Unanswered(f"the provider at {host} broke off: {error.message}", fix="try again")


def _never_sent(error: ConnectError) -> bool:
    """Whether the connection itself failed: pyreqwest also calls it a ConnectError when a provider hangs up on a request it had taken."""
    return any("(Connect)" in cause["message"] for cause in error.details["causes"] or ())
