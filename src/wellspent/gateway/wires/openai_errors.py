"""Refusals in OpenAI's shape, and in Codex' dialect."""

import orjson

from wellspent.gateway.wires.base import JSON_TYPE, TEXT_TYPE, Header

# litellm, and aider over it, take any other type than invalid_request_error for a fault of the moment, and ask a 402 again for a minute.
TYPES = {429: "rate_limit_error"}


def error(status: int, code: str, message: str, call_id: str, *, codex: bool) -> tuple[int, Header, bytes]:
    """A no as OpenAI says it. Codex retries a 401 and a 402 and loses the text of most others, but shows a 400 in plain text at once."""
    if codex and status in (400, 401, 402, 404):
        return 400, TEXT_TYPE, message.encode()
    kind = TYPES.get(status, "server_error" if status >= 500 else "invalid_request_error")
    return status, JSON_TYPE, orjson.dumps({"error": {"message": message, "type": kind, "param": None, "code": code}})


def stream_error(code: str, message: str) -> bytes:
    """A chat stream that broke."""
    return b"data: " + orjson.dumps({"error": {"message": message, "type": "server_error", "param": None, "code": code}}) + b"\n\n"
