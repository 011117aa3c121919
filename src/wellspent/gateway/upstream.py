"""Talking to providers: two methods, ``send`` (whole answer) and ``stream`` (chunks as they come).

``http.client`` carries the live path, ``aiohttp_client`` is the fallback. Neither follows redirects, decompresses, retries, or reads proxies
from the environment: bytes pass as they came.
"""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from typing import Protocol

from msgspec import Struct

from wellspent.facts.errors import UpstreamError

Headers = list[tuple[bytes, bytes]]


class Unreached(UpstreamError):
    """The request never arrived: nothing can have been charged, so another upstream may be tried."""


class Unanswered(UpstreamError):
    """The request arrived but no whole answer came: the provider may have charged for it."""


class Answer(Struct):
    """A whole answer: status, headers in order with lower-case names, body."""

    status: int
    headers: Headers
    body: bytes


class StreamedAnswer(Struct):
    """An answer whose body comes in chunks."""

    status: int
    headers: Headers
    chunks: AsyncIterator[bytes]


class UpstreamClient(Protocol):
    """The plug point: how bytes reach a provider. Both methods raise Unreached or Unanswered."""

    async def send(self, method: str, url: str, headers: Headers, body: bytes) -> Answer:
        """Send and wait for the whole answer."""
        ...

    def stream(self, method: str, url: str, headers: Headers, body: bytes) -> AbstractAsyncContextManager[StreamedAnswer]:
        """Send; leaving the context early cancels the answer upstream."""
        ...

    async def close(self) -> None:
        """Give the connections back."""
        ...
