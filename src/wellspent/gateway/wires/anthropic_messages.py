"""Anthropic Messages (docs: API reference, Messages; Streaming; Prompt caching; Vision; Extended thinking; Web search tool)."""

from typing import Any

import orjson

from wellspent.facts.call import Ask
from wellspent.facts.usage import Usage
from wellspent.gateway.wires import jsonedit
from wellspent.gateway.wires.anthropic_content import Content
from wellspent.gateway.wires.base import (
    JSON_TYPE,
    Header,
    Metered,
    Payload,
    checked_model,
    count,
    list_field,
    loaded,
    may_hold,
    model_field,
    said,
    unsaid_text_bytes,
    whole_number,
)
from wellspent.gateway.wires.sse import EventMeter

OWN_TOOLS = ("bash_", "text_editor_", "computer_", "memory_", "browser_toolset_")  # run by the caller
CUSTOM = (None, "custom", "function")
UNCHARGED_GEOS = ("", "global", "not_available")
HOUR_MARKS = (b'"1h"', b"\\u0031", b"\\u0068")  # as it is, or with a letter escaped
CACHE_MARKS = (b'"cache_control"',)
TYPES = {
    400: "invalid_request_error",
    401: "authentication_error",
    402: "billing_error",
    404: "not_found_error",
    413: "request_too_large",
    429: "rate_limit_error",
}


class AnthropicMessages:
    """``POST /v1/messages``."""

    name = "anthropic-messages"

    def ask(self, payload: Payload, body: bytes, model: str, path: str) -> Ask:
        """See Wire. Thinking counts in ``max_tokens``, and its budget has to be smaller, so a cap cannot go below it."""
        messages, tools = list_field(payload, "messages"), list_field(payload, "tools")
        content = Content(len(body), tools)
        system = payload.get("system")
        if system.__class__ is not str:
            content.blocks(system)
        for each in messages:
            content.message(each)
        cached = may_hold(body, CACHE_MARKS)
        thinking = payload.get("thinking")
        budget = thinking.get("budget_tokens") if isinstance(thinking, dict) else None
        tier = payload.get("speed") if payload.get("speed") == "fast" else payload.get("service_tier")
        return Ask(
            wire=self.name,
            model=checked_model(model) or model_field(payload),
            stream=bool(payload.get("stream")),
            input_tokens_max=content.tokens,
            output_tokens_max=whole_number(payload, "max_tokens"),
            output_tokens_min=count(budget) + 1,
            unbounded=hosted(payload, tools + content.tools if content.tools else tools),
            service_tier=tier if isinstance(tier, str) else "",
            cache_writes=cached,
            cache_write_1h=cached and any(mark in body for mark in HOUR_MARKS),
            pictures_in=content.pictures,
        )

    def capped(self, payload: Payload, body: bytes, output_tokens: int | None, model: str | None, cap_field: str) -> bytes:
        """See Wire."""
        changes: Payload = {} if output_tokens is None else {"max_tokens": output_tokens}
        if model is not None:
            changes["model"] = model
        return jsonedit.edited(body, payload, changes) if changes else body

    def usage_of(self, answer: bytes) -> Metered:
        """See Wire."""
        content = said(answer)
        usage = content.usage
        found = usage_from(usage) if isinstance(usage, dict) else None
        beyond = surcharge(usage) if isinstance(usage, dict) else ""
        text = unsaid_text_bytes(answer, found)
        return Metered(found, str(content.model or ""), str(content.id or ""), text_bytes=text, beyond=beyond)

    def stream_meter(self, payload: Payload) -> "MessagesMeter":
        """See Wire."""
        return MessagesMeter()

    def error(self, status: int, code: str, message: str, call_id: str, *, codex: bool) -> tuple[int, Header, bytes]:
        """See Wire."""
        kind = TYPES.get(status, "api_error" if status >= 500 else "invalid_request_error")
        body = {"type": "error", "error": {"type": kind, "message": message, "code": code}, "request_id": call_id}
        return status, JSON_TYPE, orjson.dumps(body)

    def stream_error(self, code: str, message: str) -> bytes:
        """See Wire."""
        return b"event: error\ndata: " + orjson.dumps({"type": "error", "error": {"type": "api_error", "message": message}}) + b"\n\n"


class MessagesMeter(EventMeter):
    """Usage comes in two parts: ``message_start`` has the prompt's, ``message_delta`` the totals so far; what a delta says wins."""

    marks = (b"message_start", b"message_delta")

    def __init__(self) -> None:
        super().__init__()
        self._said: Payload = {}
        self._final = False
        self._model = self._ref = ""

    def event(self, data: bytes) -> bool:
        """Merge what the event says."""
        content = loaded(data)
        if content.get("type") == "message_start" and isinstance(content.get("message"), dict):
            message = content["message"]
            self._model, self._ref = str(message.get("model") or ""), str(message.get("id") or "")
            self._merge(message.get("usage"))
        elif content.get("type") == "message_delta" and isinstance(content.get("usage"), dict):
            self._merge(content["usage"])
            delta = content.get("delta")
            self._final = self._final or not isinstance(delta, dict) or delta.get("stop_reason") is not None
        return False

    def _merge(self, usage: Any) -> None:
        if isinstance(usage, dict):
            self._said |= {name: value for name, value in usage.items() if value is not None}

    def finish(self) -> Metered:
        """See StreamMeter."""
        usage = usage_from(self._said) if self._said else None
        return self.metered(usage, self._model, self._ref, self._final, surcharge(self._said))


def hosted(payload: Payload, tools: list[Any]) -> tuple[str, ...]:
    """What runs at the provider and reads the prompt again and again: no documented bound. A tool without a type is the caller's own."""
    named: set[str] = set()
    for tool in tools:
        kind = tool.get("type") if isinstance(tool, dict) else "tools"
        if kind not in CUSTOM and not str(kind).startswith(OWN_TOOLS):
            named.add(str(kind))
    if payload.get("mcp_servers"):
        named.add("mcp_servers")
    if payload.get("fallbacks"):  # other models, at other prices
        named.add("fallbacks")
    if payload.get("compaction") or _compacts(payload.get("context_management")):
        named.add("compaction")
    if payload.get("inference_geo") not in (None, *UNCHARGED_GEOS):
        named.add("inference_geo")
    return tuple(sorted(named))


def _compacts(management: Any) -> bool:
    """Whether the provider may summarise the conversation: a reading and an answer of their own (docs: Compaction)."""
    edits = management.get("edits") if isinstance(management, dict) else None
    return isinstance(edits, list) and any(isinstance(edit, dict) and str(edit.get("type")).startswith("compact") for edit in edits)


def surcharge(usage: Payload) -> str:
    """Why the charge may be higher than the list says: inference kept in one region costs about a tenth more (docs: Data residency)."""
    region = usage.get("inference_geo")
    return "" if region in (None, *UNCHARGED_GEOS) else f"inference in {region} has a surcharge that no price is known of"


def usage_from(usage: Payload) -> Usage:
    """Anthropic counts cached and written tokens beside ``input_tokens``; writes are split by lifetime where it says so.

    A compaction at the provider reads and writes on its own account, billed beside the sums (docs: Compaction, usage.iterations).
    """
    iterations = usage.get("iterations")
    besides = [each for each in iterations if isinstance(each, dict) and each.get("type") == "compaction"] if isinstance(iterations, list) else []
    written = hour = 0
    for each in (usage, *besides):
        created = each.get("cache_creation")
        split = created if isinstance(created, dict) else {}
        each_hour = count(split.get("ephemeral_1h_input_tokens"))
        hour += each_hour
        written += max(count(each.get("cache_creation_input_tokens")), each_hour + count(split.get("ephemeral_5m_input_tokens")))
    tools = usage.get("server_tool_use")
    tier = usage.get("speed") if usage.get("speed") == "fast" else usage.get("service_tier")
    return Usage(
        input_tokens=_sum(usage, besides, "input_tokens"),
        cache_read_tokens=_sum(usage, besides, "cache_read_input_tokens"),
        cache_write_5m_tokens=written - hour,
        cache_write_1h_tokens=hour,
        output_tokens=_sum(usage, besides, "output_tokens"),
        web_searches=count(tools.get("web_search_requests")) if isinstance(tools, dict) else 0,
        service_tier=tier if isinstance(tier, str) and tier != "standard" else "",
    )


def _sum(usage: Payload, besides: list[Payload], name: str) -> int:
    return count(usage.get(name)) + sum([count(each.get(name)) for each in besides])
