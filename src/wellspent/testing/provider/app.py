"""The fake provider as a raw ASGI application: reads a request, plans its answer, and sends it as well or as badly as it was told to."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
import orjson

from wellspent.testing.provider.directives import Directives, read_directives
from wellspent.testing.provider.plan import Dialect, Event, Plan, plan_answer
from wellspent.testing.provider.routes import ModelCall, Plain, error_dialect, route
from wellspent.testing.provider.seen import Seen, SeenLog

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]
HTML = b"<!doctype html><html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>"
BROKEN = b'{"id": "fake", "choices": [{"index": 0, "mess'
RATE_HEADERS = ((b"x-ratelimit-limit-requests", b"10000"), (b"x-ratelimit-remaining-requests", b"9999"))


class Left(Exception):
    """The caller hung up."""


class Dropped(Exception):
    """A directive breaks the connection off; the server closes it without an end."""


class Exchange:
    """One request being answered."""

    def __init__(self, scope: Scope, receive: Receive, send: Send, seen: Seen) -> None:
        self.path: str = scope["path"]
        self.seen, self._send = seen, send
        self._leaving = asyncio.ensure_future(receive())

    async def pause(self, seconds: float) -> None:
        """Wait, or raise Left as soon as the caller hangs up."""
        if seconds > 0:
            await asyncio.wait({self._leaving}, timeout=seconds)
        if self._leaving.done():
            raise Left

    async def begin(self, status: int, kind: bytes, *more: tuple[bytes, bytes]) -> None:
        """Send the head."""
        self.seen.status = status
        request_id = b"req_fake%06d" % self.seen.number
        headers = [(b"content-type", kind), (b"x-request-id", request_id), (b"request-id", request_id), *more]
        await self._send({"type": "http.response.start", "status": status, "headers": headers})

    async def chunk(self, data: bytes) -> None:
        """Send a piece of the body."""
        await self._send({"type": "http.response.body", "body": data, "more_body": True})

    async def end(self, data: bytes = b"") -> None:
        """Send the last piece."""
        await self._send({"type": "http.response.body", "body": data})

    async def whole(self, status: int, kind: bytes, body: bytes, *more: tuple[bytes, bytes]) -> None:
        """Send an answer in one piece."""
        await self.begin(status, kind, (b"content-length", b"%d" % len(body)), *more)
        await self.end(body)

    def close(self) -> None:
        """Stop listening for the caller."""
        self._leaving.cancel()


class ProviderApp:
    """The ASGI callable.

    Args:
        log: Where calls are noted.
        name: Directives with ``at=NAME`` are only for the provider of that name.
        key: The only credential let in; "" lets in anything.
    """

    def __init__(self, log: SeenLog, *, name: str = "", key: str = "") -> None:
        self._log, self._name, self._key = log, name, key
        self._times: Counter[str] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            return
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        body = await _body(receive)
        if body is None:
            return
        query = scope["query_string"].decode("latin-1")
        seen = self._log.arrived(scope["method"], scope["path"] + ("?" + query if query else ""), headers, body)
        exchange = Exchange(scope, receive, send, seen)
        try:
            await self._answer(exchange, headers, query, body)
        except Left:
            seen.left = True
            raise
        finally:
            exchange.close()
            self._log.ended(seen)

    async def _answer(self, exchange: Exchange, headers: dict[str, str], query: str, body: bytes) -> None:
        seen = exchange.seen
        try:
            payload = orjson.loads(body) if body else {}
        except orjson.JSONDecodeError:
            return await _refuse(exchange, error_dialect(exchange.path, headers), 400, "the body is not valid JSON")
        found = route(seen.method, exchange.path, query, headers, payload, len(body))
        if self._key and not _knows(self._key, headers, query):
            return await _refuse(exchange, error_dialect(exchange.path, headers), 401, "this key is not known here")
        if isinstance(found, Plain):
            return await exchange.whole(found.status, b"application/json", b"" if found.body is None else orjson.dumps(found.body))
        if not isinstance(payload, dict):
            return await _refuse(exchange, found.dialect, 400, "the body is no object")
        said = read_directives(payload, body, headers.get("x-fake", ""), self._name)
        await self._model_answer(exchange, found, payload, said, len(body))

    async def _model_answer(self, exchange: Exchange, call: ModelCall, payload: dict[str, Any], said: Directives, body_bytes: int) -> None:
        seen, dialect = exchange.seen, call.dialect
        try:
            asked = dialect.asked(payload, call.model, stream=call.stream)
        except (AttributeError, TypeError, ValueError):
            return await _refuse(exchange, dialect, 400, "a field has the wrong type")
        seen.dialect, seen.model, seen.stream = dialect.name, asked.model, asked.stream
        plan = plan_answer(seen.number, asked, said, body_bytes)
        await exchange.pause(said.seconds("hang_s"))
        try:
            await exchange.pause(said.seconds("delay_ms", 1000))
        except Left:  # the prompt was read, and nothing written
            seen.usage = dialect.bill(msgspec.structs.replace(plan, reasoning_tokens=0, output_tokens=0), 0)
            raise
        if await self._failed(exchange, dialect, said):
            return
        seen.usage = dialect.bill(plan, asked.answers * (plan.output_tokens - plan.reasoning_tokens))
        if asked.stream:
            await _stream(exchange, dialect, plan)
        else:
            await exchange.whole(200, b"application/json", BROKEN if said.on("malformed") else orjson.dumps(dialect.answer(plan)), *RATE_HEADERS)

    async def _failed(self, exchange: Exchange, dialect: Dialect, said: Directives) -> bool:
        """Whether a directive asked for something else than an answer, and got it."""
        if said.on("for") and said.text("for") != exchange.seen.model:
            return False
        if said.on("times") and (said.on("status") or said.on("html") or said.on("drop")):
            key = dialect.name + repr(sorted(said.values.items()))
            self._times[key] += 1
            if self._times[key] > said.number("times"):
                return False
        if said.on("drop"):
            raise Dropped
        if said.on("html"):
            await exchange.whole(said.number("status", 502), b"text/html; charset=utf-8", HTML)
        elif said.on("status"):
            more = [(b"retry-after", said.text("retry_after").encode())] if said.on("retry_after") else []
            status = said.number("status", 500)
            await _refuse(exchange, dialect, status, said.text("message", f"the fake provider was asked to answer {status}"), *more)
        else:
            return False
        return True


async def _stream(exchange: Exchange, dialect: Dialect, plan: Plan) -> None:
    said, seen = plan.said, exchange.seen
    events = dialect.events(plan)
    if said.on("drop_before_end"):
        events = events[:-1]
    if said.on("malformed"):
        events.insert(len(events) // 2, Event(b"data: " + BROKEN + b"\n\n"))
    kind = b"application/json" if events[0].data[:1] == b"[" else b"text/event-stream; charset=utf-8"
    await exchange.begin(200, kind, (b"cache-control", b"no-cache"), *RATE_HEADERS)
    drop_after = said.number("drop_after", 2**62)
    whole, sent_bytes, text_bytes = False, 0, sum(event.text_bytes for event in events)
    try:
        for event in events:
            if event.text_bytes and seen.sent_chunks >= drop_after:
                raise Dropped
            if event.text_bytes and seen.sent_chunks:
                await exchange.pause(said.seconds("chunk_ms", 1000))
            elif not event.text_bytes and sent_bytes == text_bytes:  # all text is out
                await exchange.pause(said.seconds("end_ms", 1000))
                text_bytes = -1
            await exchange.chunk(event.data)
            sent_bytes += event.text_bytes
            seen.sent_chunks += event.text_bytes > 0
        whole = True
        await exchange.end()
    finally:
        if not whole:
            seen.usage = dialect.bill(plan, plan.shown_tokens(sent_bytes))


async def _refuse(exchange: Exchange, dialect: Dialect, status: int, message: str, *more: tuple[bytes, bytes]) -> None:
    body = dialect.error(status, message, f"req_fake{exchange.seen.number:06d}")
    await exchange.whole(status, b"application/json", orjson.dumps(body), *more)


async def _body(receive: Receive) -> bytes | None:
    parts = []
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return None
        parts.append(message.get("body", b""))
        if not message.get("more_body"):
            return b"".join(parts)


def _knows(key: str, headers: dict[str, str], query: str) -> bool:
    sent = [headers.get(name, "") for name in ("x-api-key", "x-goog-api-key", "api-key")]
    return key in (*sent, headers.get("authorization", "").removeprefix("Bearer ")) or f"key={key}" in query.split("&")
