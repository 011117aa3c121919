"""A fake provider on loopback: OpenAI, Anthropic and Gemini dialects, deterministic, with faults on demand (see ``rules``).

``with FakeProvider() as provider: provider.url`` in a test, or ``python -m wellspent.testing.provider --port 9001``. It keeps what it
was asked and what it really would have charged for in ``calls``: the true bill.
"""

import argparse
import asyncio
import base64
import struct
import threading
from typing import Any, Self

import orjson
from msgspec import Struct

from wellspent.facts.usage import Usage
from wellspent.testing import dialects
from wellspent.testing.rules import Plan, dumped, planned

OPENAI_MODELS = ("gpt-5", "gpt-5-mini", "gpt-4o", "text-embedding-3-small")
ANTHROPIC_MODELS = ("claude-opus-4-8", "claude-sonnet-4-5", "claude-haiku-4-5-20251001")
GEMINI_MODELS = ("gemini-3-pro-preview", "gemini-2.5-flash")
REASONS = {200: "OK", 400: "Bad Request", 404: "Not Found", 429: "Too Many Requests", 500: "Internal Server Error", 503: "Service Unavailable"}


class Seen(Struct):
    """One request that arrived.

    Attributes:
        usage: What it is truly billed for; None where nothing was (an error, a list of models).
        left: Whether the caller hung up before the end.
        sent_chunks: Chunks of a stream that went out.
    """

    method: str
    path: str
    headers: dict[str, str]
    body: bytes
    usage: Usage | None = None
    left: bool = False
    sent_chunks: int = 0


class FakeProvider:
    """The server, in a thread of its own."""

    def __init__(self, port: int = 0) -> None:
        self.port = port
        self.calls: list[Seen] = []
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name="fake-provider", daemon=True)
        self._ready = threading.Event()
        self._stop = asyncio.Event()

    @property
    def url(self) -> str:
        """Its address, without a path."""
        return f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        self._thread.start()
        self._ready.wait(10)
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(10)

    def _run(self) -> None:
        self._loop.run_until_complete(self._serve())
        self._loop.close()

    async def _serve(self) -> None:
        server = await asyncio.start_server(self._connection, "127.0.0.1", self.port, limit=2**26, backlog=2048)
        self.port = server.sockets[0].getsockname()[1]
        self._ready.set()
        await self._stop.wait()
        server.close()
        tasks = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _connection(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while await self._exchange(reader, writer):
                pass
        except (asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            pass
        finally:
            writer.close()

    async def _exchange(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        head = await reader.readuntil(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")
        method, target, _ = first.split(" ", 2)
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines if line)}
        body = await _body(reader, headers)
        seen = Seen(method, target, headers, body)
        self.calls.append(seen)
        try:
            return await self._answer(seen, writer)
        except ConnectionError:
            seen.left = True
            raise

    async def _answer(self, seen: Seen, writer: asyncio.StreamWriter) -> bool:
        path, _, query = seen.path.partition("?")
        found = route(seen.method, path, query, seen.headers, seen.body)
        if not isinstance(found[0], Plan):
            await _reply(writer, *found)
            return True
        plan, dialect = found
        if plan.on("hang_s"):
            await asyncio.sleep(plan.number("hang_s"))
        if plan.on("delay_ms"):
            await asyncio.sleep(plan.number("delay_ms") / 1000)
        if plan.on("drop"):
            return False
        if plan.on("status"):
            await _reply(writer, plan.number("status", 500), {"error": {"message": "asked to fail", "type": "server_error", "code": None}})
            return True
        if plan.on("html"):
            await _send(writer, 502, b"text/html", b"<html><body>Bad gateway</body></html>")
            return True
        seen.usage = bill(plan, dialect)
        if not plan.stream:
            await _send(writer, 200, b"application/json", b'{"broken": ' if plan.on("malformed") else dumped(whole(plan, dialect, seen.body)))
            return True
        return await _stream(writer, plan, events(plan, dialect, seen.body), seen)


async def _body(reader: asyncio.StreamReader, headers: dict[str, str]) -> bytes:
    if headers.get("transfer-encoding", "").lower() == "chunked":
        parts = []
        while size := int((await reader.readline()).split(b";")[0], 16):
            parts.append(await reader.readexactly(size))
            await reader.readexactly(2)
        await reader.readline()
        return b"".join(parts)
    return await reader.readexactly(int(headers.get("content-length", "0")))


Routed = tuple[Plan, str] | tuple[int, dict[str, Any]]


def route(method: str, path: str, query: str, headers: dict[str, str], body: bytes) -> Any:
    """The planned answer and its dialect, or a status and a body."""
    bare = path.removeprefix("/openai").removeprefix("/v1beta").removeprefix("/v1")
    if method == "GET" and bare == "/models":
        google = "x-goog-api-key" in headers or path.startswith("/v1beta")
        shape = "gemini" if google else "anthropic" if "anthropic-version" in headers else "openai"
        return 200, dialects.models(shape, {"gemini": GEMINI_MODELS, "anthropic": ANTHROPIC_MODELS, "openai": OPENAI_MODELS}[shape])
    try:
        payload = orjson.loads(body) if body else {}
    except orjson.JSONDecodeError:
        return 400, {"error": {"message": "not JSON", "type": "invalid_request_error", "code": None}}
    if method == "POST" and bare == "/messages/count_tokens":
        return 200, {"input_tokens": max(1, len(body) // 4)}
    if method == "POST" and bare.endswith(":countTokens"):
        return 200, {"totalTokens": max(1, len(body) // 4)}
    dialect, cap, model, stream = _dialect(bare, payload)
    if method != "POST" or not dialect:
        return 404, {"error": {"message": f"no such path {path}", "type": "invalid_request_error", "code": None}}
    return planned(payload, body, headers.get("x-fake", ""), cap, model, stream=stream), dialect if "alt=sse" in query or dialect != "gemini" else "gemini-array"


def _dialect(bare: str, payload: dict[str, Any]) -> tuple[str, int | None, str, bool]:
    if bare.startswith("/deployments/"):
        bare = "/" + bare.split("/", 3)[3]
    model, stream = str(payload.get("model", "")), bool(payload.get("stream"))
    if bare == "/chat/completions":
        return "chat", payload.get("max_completion_tokens", payload.get("max_tokens")), model, stream
    if bare == "/responses":
        return "responses", payload.get("max_output_tokens"), model, stream
    if bare == "/embeddings":
        return "embeddings", 0, model, False
    if bare == "/messages":
        return "messages", payload.get("max_tokens"), model, stream
    name, _, call = bare.removeprefix("/models/").rpartition(":")
    if bare.startswith("/models/") and call in ("generateContent", "streamGenerateContent"):
        return "gemini", payload.get("generationConfig", {}).get("maxOutputTokens"), name, call.startswith("stream")
    return "", None, "", False


def bill(plan: Plan, dialect: str) -> Usage:
    """What the provider truly charges for, in disjoint units."""
    written = dialect == "messages"
    five, hour = (plan.written_5m, plan.written_1h) if written else (0, 0)
    reasoning = 0 if dialect in ("messages", "embeddings") else plan.reasoning
    cached = 0 if dialect == "embeddings" else plan.cached
    return Usage(
        input_tokens=plan.input_tokens - cached - five - hour,
        cache_read_tokens=cached,
        cache_write_5m_tokens=five,
        cache_write_1h_tokens=hour,
        output_tokens=0 if dialect == "embeddings" else plan.output_tokens - reasoning,
        output_reasoning_tokens=reasoning,
        web_searches=plan.number("web_search") if dialect in ("messages", "responses") else 0,
        service_tier=plan.directives.get("service_tier", ""),
    )


def whole(plan: Plan, dialect: str, body: bytes) -> Any:
    """A whole answer."""
    if dialect == "embeddings":
        return _embeddings(plan, orjson.loads(body))
    makers = {"chat": dialects.chat, "responses": dialects.response, "messages": dialects.message}
    return makers[dialect](plan) if dialect in makers else dialects.gemini(plan)


def events(plan: Plan, dialect: str, body: bytes) -> list[bytes]:
    """A streamed answer."""
    if dialect == "chat":
        options = orjson.loads(body).get("stream_options") or {}
        return dialects.chat_events(plan, include_usage=bool(options.get("include_usage")))
    if dialect == "gemini-array":
        words = plan.words()
        pieces = [dumped(dialects.gemini(plan, word, last=number == len(words))) for number, word in enumerate(words, 1)]
        return [b"[" + pieces[0], *[b",\r\n" + piece for piece in pieces[1:]], b"]"]
    makers = {"responses": dialects.response_events, "messages": dialects.message_events, "gemini": dialects.gemini_events}
    return makers[dialect](plan)


def _embeddings(plan: Plan, payload: dict[str, Any]) -> dict[str, Any]:
    vector = [0.25, -0.5, 0.75, 1.0]
    given = payload.get("input")
    texts = given if isinstance(given, list) and given and not isinstance(given[0], int) else [given]
    packed: Any = base64.b64encode(struct.pack("<4f", *vector)).decode() if payload.get("encoding_format") == "base64" else vector
    data = [{"object": "embedding", "index": number, "embedding": packed} for number in range(len(texts))]
    usage = {"prompt_tokens": plan.input_tokens, "total_tokens": plan.input_tokens}
    return {"object": "list", "data": data, "model": plan.model, "usage": usage}


async def _stream(writer: asyncio.StreamWriter, plan: Plan, found: list[bytes], seen: Seen) -> bool:
    kind = b"application/json" if found[0].startswith(b"[") else b"text/event-stream; charset=utf-8"
    writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: " + kind + b"\r\nx-request-id: req_fake\r\ntransfer-encoding: chunked\r\n\r\n")
    drop_after = plan.number("drop_after", 2**31)
    kept = found[:-1] if plan.on("drop_before_end") else found
    for number, event in enumerate(kept):
        if number >= drop_after:
            return False
        writer.write(b"%x\r\n%s\r\n" % (len(event), event))
        await writer.drain()
        seen.sent_chunks += 1
        if plan.on("chunk_ms"):
            await asyncio.sleep(plan.number("chunk_ms") / 1000)
        if writer.transport.is_closing():
            seen.left = True
            return False
    writer.write(b"0\r\n\r\n")
    await writer.drain()
    return True


async def _reply(writer: asyncio.StreamWriter, status: int, body: dict[str, Any]) -> None:
    await _send(writer, status, b"application/json", dumped(body))


async def _send(writer: asyncio.StreamWriter, status: int, kind: bytes, body: bytes) -> None:
    reason = REASONS.get(status, "Status").encode()
    head = b"HTTP/1.1 %d %s\r\ncontent-type: %s\r\ncontent-length: %d\r\nx-request-id: req_fake\r\n\r\n"
    writer.write(head % (status, reason, kind, len(body)) + body)
    await writer.drain()


def main() -> None:
    """Serve until interrupted."""
    parser = argparse.ArgumentParser(description="A fake provider on loopback.")
    parser.add_argument("--port", type=int, default=9001)
    with FakeProvider(parser.parse_args().port) as provider:
        print(provider.url, flush=True)
        threading.Event().wait()


if __name__ == "__main__":
    main()
