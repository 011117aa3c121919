"""Pages are an ASGI application: what it sees of a request, and what becomes of its answer. Not on the path of calls."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from wellspent.gateway.incoming import Incoming

AsgiApp = Callable[[Any, Any, Any], Awaitable[None]]


async def serve(app: AsgiApp, incoming: Incoming, body: bytes | None = None) -> None:
    """Let an ASGI application answer (ASGI 3, HTTP messages; docs: ASGI, HTTP & WebSocket Message Format).

    Args:
        body: What was sent. None where it is nothing to the pages: nobody has shown a key, so it is thrown away as it comes.
    """
    if body is None:
        incoming.discard()
    asked = [{"type": "http.request", "body": body or b"", "more_body": False}]
    begun: dict[str, Any] = {}

    async def receive() -> dict[str, Any]:
        if asked:
            return asked.pop()
        await asyncio.Event().wait()  # the answer ends first
        return {"type": "http.disconnect"}

    async def send(message: dict[str, Any]) -> None:
        if message["type"] == "http.response.start":
            begun.update(message)
            return
        part, more = message.get("body", b""), message.get("more_body", False)
        headers = [(name, value) for name, value in begun.get("headers", ()) if name not in (b"content-length", b"connection")]
        if not incoming.started and not more:
            return await incoming.answer(begun["status"], headers, part)
        if not incoming.started:
            await incoming.begin(begun["status"], headers)
        if part:
            incoming.chunk(part)
            await incoming.room()
        if not more:
            await incoming.end()

    await app(_scope(incoming), receive, send)


def _scope(incoming: Incoming) -> dict[str, Any]:
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.0" if incoming.old else "1.1",
        "method": incoming.method,
        "scheme": "http",
        "path": incoming.path,
        "raw_path": incoming.raw_path,
        "query_string": incoming.query,
        "root_path": "",
        "headers": incoming.header_list,
        "client": (incoming.client_host, 0),
        "server": None,
    }
