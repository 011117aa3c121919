"""OpenAI Responses (docs: API reference, Responses; Conversation state; Web search)."""

import re
from typing import Any

import msgspec
import orjson

from wellspent.facts.call import Ask
from wellspent.facts.errors import InvalidInput
from wellspent.facts.usage import Usage
from wellspent.gateway.wires import jsonedit, openai_content, openai_errors
from wellspent.gateway.wires.base import (
    Header,
    Metered,
    Payload,
    checked_model,
    list_field,
    loaded,
    model_field,
    unsaid_text_bytes,
    whole_number,
)
from wellspent.gateway.wires.openai_chat import usage_from
from wellspent.gateway.wires.sse import EventMeter

ELSEWHERE = ("previous_response_id", "conversation", "prompt")  # text that is kept at the provider: at most the context window
OWN_TOOLS = frozenset({"function", "custom", "local_shell", "apply_patch", "shell", "namespace", "tool_search"})  # run by the caller
# What is written comes in deltas, and then whole again: in the events that end a part, an item, and the response.
DELTA = re.compile(rb'"delta"\s*:\s*"((?:[^"\\]++|\\.)*+)"')
TOOL_CALLS_MAX = 4  # hosted tool calls that a call under a hard budget may make, where the caller names no fewer


class OpenAIResponses:
    """``POST /v1/responses``."""

    name = "openai-responses"

    def ask(self, payload: Payload, body: bytes, model: str, path: str) -> Ask:
        """See Wire."""
        given = payload.get("input")
        if given is not None and not isinstance(given, str | list):
            raise InvalidInput("input is neither text nor a list", fix="send input as text or a list of items")
        content = openai_content.of_items(given if isinstance(given, list) else [], len(body))
        tokens = None if any(payload.get(name) for name in ELSEWHERE) else content.tokens
        hosted = hosted_tools(list_field(payload, "tools"))
        searches = [kind for kind in hosted if kind.startswith("web_search")]
        brought = hosted_tools(content.tools)  # max_tool_calls is not set for tools that stand among the items
        unbounded = tuple(sorted({kind for kind in hosted if kind not in searches} | set(brought)))
        if payload.get("background"):
            unbounded = (*unbounded, "background")
        if payload.get("context_management"):  # the provider may read the prompt once more, to summarise it
            unbounded = (*unbounded, "compaction")
        calls = min(TOOL_CALLS_MAX, whole_number(payload, "max_tool_calls", TOOL_CALLS_MAX) or 0) if searches else 0
        return Ask(
            wire=self.name,
            model=checked_model(model) or model_field(payload),
            stream=bool(payload.get("stream")),
            input_tokens_max=None if searches else tokens,
            output_tokens_max=whole_number(payload, "max_output_tokens"),
            rounds_max=1 + calls,
            unbounded=unbounded,
            counts_max=(("web_searches", calls),) if searches else (),
            service_tier=payload["service_tier"] if isinstance(payload.get("service_tier"), str) else "",
            audio_in=content.audio,
            pictures_in=content.pictures or tokens is None or bool(hosted or brought),
        )

    def capped(self, payload: Payload, body: bytes, output_tokens: int | None, model: str | None, cap_field: str) -> bytes:
        """See Wire. A cap also bounds hosted tool calls, each of which reads the whole prompt again."""
        changes: Payload = {}
        if output_tokens is not None:
            changes["max_output_tokens"] = output_tokens
            if any(isinstance(tool, dict) and str(tool.get("type")).startswith("web_search") for tool in payload.get("tools") or []):
                changes["max_tool_calls"] = min(TOOL_CALLS_MAX, payload.get("max_tool_calls") or TOOL_CALLS_MAX)
        if model is not None:
            changes["model"] = model
        return jsonedit.edited(body, payload, changes) if changes else body

    def usage_of(self, answer: bytes) -> Metered:
        """See Wire."""
        found = _metered(loaded(answer), 0)
        return msgspec.structs.replace(found, text_bytes=unsaid_text_bytes(answer, found.usage))

    def stream_meter(self, payload: Payload) -> "ResponsesMeter":
        """See Wire."""
        return ResponsesMeter()

    def error(self, status: int, code: str, message: str, call_id: str, *, codex: bool) -> tuple[int, Header, bytes]:
        """See Wire."""
        return openai_errors.error(status, code, message, call_id, codex=codex)

    def stream_error(self, code: str, message: str) -> bytes:
        """See Wire. Codex shows the text of ``response.failed`` only with the code ``invalid_prompt``; the SDKs read ``error``."""
        body = {"type": "error", "code": code, "message": message, "param": None, "sequence_number": 0}
        return b"event: error\ndata: " + orjson.dumps(body) + b"\n\n"


class ResponsesMeter(EventMeter):
    """Reads the closing event of a response."""

    marks = (b"response.completed", b"response.incomplete", b"response.failed")
    text = DELTA

    def __init__(self) -> None:
        super().__init__()
        self._metered = Metered(None, final=False)

    def event(self, data: bytes) -> bool:
        """The closing event holds the whole response."""
        content = loaded(data)
        response = content.get("response")
        if content.get("type") in ("response.completed", "response.incomplete", "response.failed") and isinstance(response, dict):
            self._metered = _metered(response, 0)
        return False

    def finish(self) -> Metered:
        """See StreamMeter."""
        found = self._metered
        return self.metered(found.usage, found.model, found.ref, found.final)


def hosted_tools(tools: list[Any]) -> list[str]:
    """Types of the tools that run at the provider; a shell does where it names a container."""
    found = []
    for tool in tools:
        kind = tool.get("type") if isinstance(tool, dict) else None
        place = tool.get("environment") if kind == "shell" else None
        if not isinstance(kind, str) or kind not in OWN_TOOLS or (isinstance(place, dict) and place.get("type") != "local"):
            found.append(str(kind))
    return found


def _metered(response: Payload, relayed_bytes: int) -> Metered:
    usage = response.get("usage")
    found: Usage | None = None
    if isinstance(usage, dict):
        tier = response.get("service_tier")
        found = usage_from(usage, tier if isinstance(tier, str) and tier != "auto" else "")
        calls = [item.get("type") for item in response.get("output") or [] if isinstance(item, dict)]
        searches, files = calls.count("web_search_call"), calls.count("file_search_call")
        found = msgspec.structs.replace(found, web_searches=searches, storage_searches=files)
    return Metered(found, str(response.get("model") or ""), str(response.get("id") or ""), text_bytes=relayed_bytes)
