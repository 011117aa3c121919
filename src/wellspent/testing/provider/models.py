"""Lists of models in the three shapes they come in."""

from typing import Any

from wellspent.testing.provider.plan import CREATED_S

OPENAI_MODELS = ("gpt-5", "gpt-5-mini", "gpt-5-nano", "gpt-4o", "gpt-4o-mini", "text-embedding-3-small")
ANTHROPIC_MODELS = ("claude-opus-4-8", "claude-sonnet-4-5", "claude-haiku-4-5-20251001")
GEMINI_MODELS = ("gemini-3-pro-preview", "gemini-2.5-pro", "gemini-2.5-flash")
GEMINI_METHODS = ["generateContent", "streamGenerateContent", "countTokens"]


def list_models(shape: str) -> dict[str, Any]:
    """``GET /v1/models`` as gemini, anthropic or openai answers it."""
    if shape == "gemini":
        return {"models": [_gemini(name) for name in GEMINI_MODELS]}
    if shape == "anthropic":
        found = [_anthropic(name) for name in ANTHROPIC_MODELS]
        return {"data": found, "has_more": False, "first_id": ANTHROPIC_MODELS[0], "last_id": ANTHROPIC_MODELS[-1]}
    return {"object": "list", "data": [_openai(name) for name in OPENAI_MODELS]}


def one_model(shape: str, name: str) -> dict[str, Any] | None:
    """``GET /v1/models/NAME``; None where there is none of that name."""
    names, make = {
        "gemini": (GEMINI_MODELS, _gemini),
        "anthropic": (ANTHROPIC_MODELS, _anthropic),
        "openai": (OPENAI_MODELS, _openai),
    }[shape]
    return make(name) if name in names else None


def _openai(name: str) -> dict[str, Any]:
    return {"id": name, "object": "model", "created": CREATED_S, "owned_by": "fake"}


def _anthropic(name: str) -> dict[str, Any]:
    return {"type": "model", "id": name, "display_name": name, "created_at": "2026-01-01T00:00:00Z"}


def _gemini(name: str) -> dict[str, Any]:
    limits = {"inputTokenLimit": 1_048_576, "outputTokenLimit": 65_536}
    return {"name": f"models/{name}", "version": "001", "displayName": name, "supportedGenerationMethods": GEMINI_METHODS, **limits}
