"""The APIs a gateway may speak, as the suite calls them: how a request looks, and where its answer says what."""

import json
from collections.abc import Mapping
from typing import Any, Protocol

from msgspec import Struct

NO_CAP_TOKENS = 128_000  # where an API insists on a cap, "none" is one that no budget here can pay


class Request(Struct, frozen=True):
    """One request, without host and key."""

    path: str
    body: bytes
    headers: dict[str, str] = {}


class Wire(Protocol):
    """One API.

    Attributes:
        name: As ``--wire`` names it.
        streams: Whether it can stream.
        end: What a stream's end marker contains; b"" where its last event is the end.
    """

    name: str
    streams: bool
    end: bytes

    def request(self, model: str, prompt: str, cap: int | None, *, stream: bool, extra: Mapping[str, Any]) -> Request:
        """A request. ``extra`` are further fields of its body."""
        ...

    def key_headers(self, key: str) -> dict[str, str]:
        """How this API's clients send a key."""
        ...

    def error_text(self, body: bytes) -> str:
        """The message of a refusal in this API's own error shape; "" where it is not in that shape."""
        ...


class OpenAIChat:
    """``POST /v1/chat/completions``."""

    name, streams, end = "openai-chat", True, b"[DONE]"

    def request(self, model: str, prompt: str, cap: int | None, *, stream: bool, extra: Mapping[str, Any]) -> Request:
        """See Wire. The usage chunk is not asked for: most clients do not, and a gateway has to know all the same."""
        body: dict[str, Any] = {"model": model, "messages": [{"role": "user", "content": prompt}]}
        if cap is not None:
            body["max_completion_tokens"] = cap
        return Request("/v1/chat/completions", _json({**body, **({"stream": True} if stream else {}), **extra}))

    def key_headers(self, key: str) -> dict[str, str]:
        """See Wire."""
        return {"authorization": f"Bearer {key}"}

    def error_text(self, body: bytes) -> str:
        """See Wire."""
        return _text(body, "error", "message")


class OpenAIResponses(OpenAIChat):
    """``POST /v1/responses``."""

    name, streams, end = "openai-responses", True, b"response.completed"

    def request(self, model: str, prompt: str, cap: int | None, *, stream: bool, extra: Mapping[str, Any]) -> Request:
        """See Wire."""
        body: dict[str, Any] = {"model": model, "input": prompt}
        if cap is not None:
            body["max_output_tokens"] = cap
        return Request("/v1/responses", _json({**body, **({"stream": True} if stream else {}), **extra}))


class OpenAIEmbeddings(OpenAIChat):
    """``POST /v1/embeddings``: no answer tokens, no streams."""

    name, streams, end = "openai-embeddings", False, b""

    def request(self, model: str, prompt: str, cap: int | None, *, stream: bool, extra: Mapping[str, Any]) -> Request:
        """See Wire."""
        return Request("/v1/embeddings", _json({"model": model, "input": prompt, **extra}))


class AnthropicMessages:
    """``POST /v1/messages``."""

    name, streams, end = "anthropic-messages", True, b"message_stop"

    def request(self, model: str, prompt: str, cap: int | None, *, stream: bool, extra: Mapping[str, Any]) -> Request:
        """See Wire."""
        body: dict[str, Any] = {
            "model": model,
            "max_tokens": NO_CAP_TOKENS if cap is None else cap,
            "messages": [{"role": "user", "content": prompt}],
        }
        headers = {"anthropic-version": "2023-06-01"}
        return Request("/v1/messages", _json({**body, **({"stream": True} if stream else {}), **extra}), headers)

    def key_headers(self, key: str) -> dict[str, str]:
        """See Wire."""
        return {"x-api-key": key}

    def error_text(self, body: bytes) -> str:
        """See Wire."""
        return _text(body, "error", "message") if _text(body, "type") == "error" else ""


class Gemini:
    """``POST /v1beta/models/MODEL:generateContent`` and ``:streamGenerateContent``."""

    name, streams, end = "gemini", True, b'"finishReason"'

    def request(self, model: str, prompt: str, cap: int | None, *, stream: bool, extra: Mapping[str, Any]) -> Request:
        """See Wire."""
        body: dict[str, Any] = {"contents": [{"role": "user", "parts": [{"text": prompt}]}]}
        if cap is not None:
            body["generationConfig"] = {"maxOutputTokens": cap}
        call = "streamGenerateContent?alt=sse" if stream else "generateContent"
        return Request(f"/v1beta/models/{model}:{call}", _json({**body, **extra}))

    def key_headers(self, key: str) -> dict[str, str]:
        """See Wire."""
        return {"x-goog-api-key": key}

    def error_text(self, body: bytes) -> str:
        """See Wire."""
        return _text(body, "error", "message") if _text(body, "error", "status") else ""


def wires() -> dict[str, Wire]:
    """Every API the suite can speak, by name."""
    found: list[Wire] = [OpenAIChat(), OpenAIResponses(), OpenAIEmbeddings(), AnthropicMessages(), Gemini()]
    return {wire.name: wire for wire in found}


def _json(body: Mapping[str, Any]) -> bytes:
    return json.dumps(body).encode()


def _text(body: bytes, *path: str) -> str:
    try:
        found: Any = json.loads(body)
    except ValueError:
        return ""
    for name in path:
        found = found.get(name) if isinstance(found, dict) else None
    return found if isinstance(found, str) else ""
