"""What arrived at the fake provider, and what each call truly cost: the other side of the ledger."""

import hashlib
import threading
from pathlib import Path

import msgspec
from msgspec import Struct

from wellspent import limits
from wellspent.facts.usage import Usage

SECRET_HEADERS = frozenset({"authorization", "x-api-key", "api-key", "x-goog-api-key", "cookie", "proxy-authorization"})


class Seen(Struct):
    """One request that arrived.

    Attributes:
        path: With its query; a key in it is masked.
        headers: Lower-case names; credentials are replaced by ``masked``.
        usage: What the provider truly charges, in disjoint units; None where nothing (errors, lists). Lowered when a stream is cut.
        left: Whether the caller hung up before the end.
        sent_chunks: Pieces of text that went out in a stream.
        status: What was answered; 0 where nothing was.
        ended: Whether it is over, so that nothing of this changes any more.
    """

    number: int
    method: str
    path: str
    headers: dict[str, str]
    body: bytes = b""
    dialect: str = ""
    model: str = ""
    stream: bool = False
    usage: Usage | None = None
    status: int = 0
    left: bool = False
    sent_chunks: int = 0
    ended: bool = False


def masked(secret: str) -> str:
    """A credential as the log shows it: its scheme and a digest, so that a test can tell keys apart without holding them."""
    scheme, _, rest = secret.rpartition(" ")
    digest = hashlib.sha256(rest.encode()).hexdigest()[:12]
    return f"{scheme} <sha256 {digest}>".strip()


class SeenLog:
    """The calls so far, in memory and, where a path is given, a line of JSON each once they have ended. Used from the server's thread."""

    def __init__(self, path: Path | None = None, *, keep_bodies: bool = True, first: int = 1) -> None:
        self.calls: list[Seen] = []
        self._path, self._keep_bodies, self._count = path, keep_bodies, first - 1
        self._lock = threading.Lock()

    def arrived(self, method: str, path: str, headers: dict[str, str], body: bytes) -> Seen:
        """Note a request. The oldest are forgotten beyond ``limits.FAKE_CALLS_MAX``."""
        shown = {name: masked(value) if name in SECRET_HEADERS else value for name, value in headers.items()}
        with self._lock:
            self._count += 1
            seen = Seen(self._count, method, _without_key(path), shown, body if self._keep_bodies else b"")
            self.calls.append(seen)
            if len(self.calls) > limits.FAKE_CALLS_MAX:
                del self.calls[: limits.FAKE_CALLS_MAX // 2]
        return seen

    def ended(self, seen: Seen) -> None:
        """It is over; write its line, without the body."""
        seen.ended = True
        if self._path is not None:
            line = msgspec.to_builtins(seen) | {"body": len(seen.body), "usage": dict(seen.usage.quantities()) if seen.usage else None}
            with self._lock, self._path.open("ab") as file:
                file.write(msgspec.json.encode(line) + b"\n")


def _without_key(path: str) -> str:
    bare, mark, query = path.partition("?")
    shown = [f"key={masked(part[4:])}" if part.startswith("key=") else part for part in query.split("&")]
    return bare + mark + "&".join(shown)
