"""OpenAI embeddings as the fake provider speaks them."""

import base64
import hashlib
import struct
from typing import Any

from wellspent.facts.usage import Usage
from wellspent.testing.provider import openai_common
from wellspent.testing.provider.plan import Asked, Event, Plan

DIMENSIONS = 8


class Embeddings:
    """``POST /v1/embeddings``: the vector of a text follows from its digest."""

    name = "openai-embeddings"

    def __init__(self, payload: dict[str, Any]) -> None:
        self._payload = payload

    def asked(self, payload: dict[str, Any], model: str, *, stream: bool) -> Asked:
        """See Dialect."""
        return Asked(model=str(payload.get("model") or model), cap=0)

    def answer(self, plan: Plan) -> dict[str, Any]:
        """See Dialect."""
        given = self._payload.get("input")
        texts = given if isinstance(given, list) and given and not isinstance(given[0], int) else [given]
        packed = self._payload.get("encoding_format") == "base64"
        size = self._payload.get("dimensions") or DIMENSIONS
        data = [{"object": "embedding", "index": index, "embedding": vector(str(text), size, packed=packed)} for index, text in enumerate(texts)]
        body = {"object": "list", "data": data, "model": plan.model}
        if plan.said.on("no_usage"):
            return body
        tokens = 0 if plan.said.on("zero_usage") else plan.input_tokens
        return {**body, "usage": {"prompt_tokens": tokens, "total_tokens": tokens}}

    def events(self, plan: Plan) -> list[Event]:
        """See Dialect: embeddings are never streamed."""
        return []

    def bill(self, plan: Plan, shown_tokens: int) -> Usage:
        """See Dialect."""
        return Usage(input_tokens=plan.input_tokens)

    def error(self, status: int, message: str, request_id: str) -> dict[str, Any]:
        """See Dialect."""
        return openai_common.error(status, message)


def vector(text: str, dimensions: int, *, packed: bool) -> list[float] | str:
    """Numbers between -1 and 1, the same for the same text; packed as base64 of little-endian floats, as the SDKs ask for it."""
    digest = hashlib.shake_128(text.encode()).digest(dimensions)
    values = [(byte - 128) / 128 for byte in digest]
    return base64.b64encode(struct.pack(f"<{dimensions}f", *values)).decode() if packed else values
