"""Paths to dialects: OpenAI, Azure OpenAI, Anthropic and Gemini, under any of the prefixes that clients use. Pure."""

from collections.abc import Mapping
from typing import Any

from msgspec import Struct

from wellspent.testing.provider.anthropic_messages import Messages
from wellspent.testing.provider.gemini import Gemini
from wellspent.testing.provider.models import list_models, one_model
from wellspent.testing.provider.openai_chat import Chat
from wellspent.testing.provider.openai_embeddings import Embeddings
from wellspent.testing.provider.openai_responses import Responses
from wellspent.testing.provider.plan import Dialect, tokens_of

VERSIONS = ("/v1beta", "/v1alpha", "/v1")


class ModelCall(Struct, frozen=True):
    """A request for an answer.

    Attributes:
        model: The model its path names, or "".
        stream: Whether its path asks for a stream.
    """

    dialect: Dialect
    model: str = ""
    stream: bool = False


class Plain(Struct, frozen=True):
    """A request that costs nothing, with its answer."""

    body: Any
    status: int = 200


def route(method: str, path: str, query: str, headers: Mapping[str, str], payload: Any, body_bytes: int) -> ModelCall | Plain:
    """What a request asks for."""
    if method == "HEAD":
        return Plain(None)
    if headers.get("upgrade", "").lower() == "websocket":
        return Plain(None, 426)
    bare = _bare(path)
    if method == "GET":
        return _get(bare, shape_of(path, headers))
    if method != "POST":
        return _unknown(method, path, headers)
    if bare == "/messages/count_tokens":
        return Plain({"input_tokens": tokens_of(body_bytes)})
    if bare.startswith("/models/") and bare.endswith(":countTokens"):
        return Plain({"totalTokens": tokens_of(body_bytes), "promptTokensDetails": [{"modality": "TEXT", "tokenCount": tokens_of(body_bytes)}]})
    return _model_call(bare, query, payload) or _unknown(method, path, headers)


def shape_of(path: str, headers: Mapping[str, str]) -> str:
    """Whose client asks, where one path has several shapes."""
    if path.startswith(("/v1beta", "/v1alpha")) or "x-goog-api-key" in headers:
        return "gemini"
    return "anthropic" if "anthropic-version" in headers else "openai"


def error_dialect(path: str, headers: Mapping[str, str]) -> Dialect:
    """Whose error shape to use where nothing else tells."""
    dialects: dict[str, Dialect] = {"gemini": Gemini(), "anthropic": Messages(), "openai": Chat()}
    return dialects[shape_of(path, headers)]


def _bare(path: str) -> str:
    path = path.rstrip("/").removeprefix("/openai")
    for version in VERSIONS:
        if path.startswith(version + "/"):
            return path.removeprefix(version)
    return path


def _get(bare: str, shape: str) -> Plain:
    if bare == "":
        return Plain({"name": "wellspent fake provider"})
    if bare == "/models":
        return Plain(list_models(shape))
    if bare.startswith("/models/") and (found := one_model(shape, bare.removeprefix("/models/"))):
        return Plain(found)
    return Plain(None, 404)


def _model_call(bare: str, query: str, payload: Any) -> ModelCall | None:
    model = ""
    if bare.startswith("/deployments/") and bare.count("/") >= 3:
        _, _, model, bare = bare.split("/", 3)
        bare = "/" + bare
    if bare == "/chat/completions":
        return ModelCall(Chat(), model)
    if bare == "/embeddings":
        return ModelCall(Embeddings(payload if isinstance(payload, dict) else {}), model)
    if bare == "/responses":
        return ModelCall(Responses())
    if bare == "/messages":
        return ModelCall(Messages())
    name, _, call = bare.removeprefix("/models/").rpartition(":")
    if bare.startswith("/models/") and call in ("generateContent", "streamGenerateContent"):
        stream = call.startswith("stream")
        return ModelCall(Gemini(array=stream and "alt=sse" not in query), name, stream)
    return None


def _unknown(method: str, path: str, headers: Mapping[str, str]) -> Plain:
    return Plain(error_dialect(path, headers).error(404, f"there is no {method} {path} here", "req_fake"), 404)
