"""Talking to providers: two methods, ``send`` (whole answer) and ``stream`` (chunks as they come).

``http.client`` carries the live path, ``aiohttp_client`` is the fallback. Neither follows redirects, decompresses, retries, or reads proxies
from the environment: bytes pass as they came.
"""

from collections.abc import Awaitable, Callable
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


class Chunks(Protocol):
    """The body of an answer, as it comes."""

    async def each(self, take: Callable[[bytes], bool], room: Callable[[], Awaitable[None]]) -> None:
        """Hand every chunk to ``take`` the moment it comes; return at the end.

        Args:
            take: Called at once, in the loop's thread, so that a chunk costs no task's turn. False says that no more can be taken at the moment:
                then the provider is read no further, and ``room`` is awaited.
            room: Returns when more can be taken.

        Raises Unanswered where the answer breaks off, and whatever ``take`` and ``room`` raise.
        """
        ...


class StreamedAnswer(Struct):
    """An answer whose body comes in chunks."""

    status: int
    headers: Headers
    chunks: Chunks

    async def whole(self) -> bytes:
        """All of its body. Raises Unanswered."""
        parts: list[bytes] = []

        def take(chunk: bytes) -> bool:
            parts.append(chunk)
            return True

        await self.chunks.each(take, _room)
        return b"".join(parts)


async def _room() -> None:
    """There always is."""


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
