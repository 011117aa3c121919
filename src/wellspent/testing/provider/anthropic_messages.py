"""Anthropic Messages as the fake provider speaks it: cached and written tokens counted beside ``input_tokens``."""

from typing import Any

import orjson

from wellspent.facts.usage import Usage
from wellspent.testing.provider.plan import Asked, Event, Plan, sse

ERROR_TYPES = {
    400: "invalid_request_error",
    401: "authentication_error",
    402: "billing_error",
    403: "permission_error",
    404: "not_found_error",
    413: "request_too_large",
    429: "rate_limit_error",
    529: "overloaded_error",
}


class Messages:
    """``POST /v1/messages``."""

    name = "anthropic-messages"

    def asked(self, payload: dict[str, Any], model: str, *, stream: bool) -> Asked:
        """See Dialect."""
        cap = payload.get("max_tokens")
        contents = [each.get("content") for each in payload.get("messages") or [] if isinstance(each, dict)]
        blocks = [block for content in contents if isinstance(content, list) for block in content if isinstance(block, dict)]
        form = (payload.get("output_config") or {}).get("format") or {}
        return Asked(
            model=str(payload.get("model") or model),
            stream=bool(payload.get("stream")),
            cap=cap if isinstance(cap, int) else None,
            tools=tuple(str(each.get("name")) for each in payload.get("tools") or [] if isinstance(each, dict)),
            tool_answered=any(block.get("type") == "tool_result" for block in blocks),
            schema=dict(form.get("schema") or {}) if form.get("type") == "json_schema" else None,
            tier="fast" if payload.get("speed") == "fast" else "",
        )

    def answer(self, plan: Plan) -> dict[str, Any]:
        """See Dialect."""
        body = _message(plan, _blocks(plan), _stop(plan))
        return body if plan.said.on("no_usage") else {**body, "usage": _usage(plan)}

    def events(self, plan: Plan) -> list[Event]:
        """See Dialect. The prompt's usage comes first, the answer's last."""
        start, delta = _message(plan, [], None), {"type": "message_delta", "delta": {"stop_reason": _stop(plan), "stop_sequence": None}}
        if not plan.said.on("no_usage"):
            usage = _usage(plan)
            start["usage"] = {**usage, "output_tokens": min(1, usage["output_tokens"])}
            delta["usage"] = {name: usage[name] for name in usage if name.endswith("tokens") or name == "server_tool_use"}
        found = [_event({"type": "message_start", "message": start}), _event({"type": "ping"})]
        for index, block in enumerate(_blocks(plan)):
            found += _block_events(plan, index, block)
        found += [_event(delta)] * (2 if plan.said.on("usage_twice") else 1)
        return [*found, _event({"type": "message_stop"})]

    def bill(self, plan: Plan, shown_tokens: int) -> Usage:
        """See Dialect. Thinking is billed as output."""
        tier = _tier(plan)
        return Usage(
            input_tokens=plan.input_tokens - plan.cached_tokens - plan.written_5m_tokens - plan.written_1h_tokens,
            cache_read_tokens=plan.cached_tokens,
            cache_write_5m_tokens=plan.written_5m_tokens,
            cache_write_1h_tokens=plan.written_1h_tokens,
            output_tokens=shown_tokens + plan.reasoning_tokens,
            web_searches=plan.web_searches,
            service_tier="" if tier == "standard" else tier,
        )

    def error(self, status: int, message: str, request_id: str) -> dict[str, Any]:
        """See Dialect."""
        kind = ERROR_TYPES.get(status, "api_error")
        return {"type": "error", "error": {"type": kind, "message": message}, "request_id": request_id}


def _tier(plan: Plan) -> str:
    return plan.said.text("service_tier", plan.asked.tier) or "standard"


def _message(plan: Plan, content: list[dict[str, Any]], stop: str | None) -> dict[str, Any]:
    return {
        "id": f"msg_fake{plan.number:06d}",
        "type": "message",
        "role": "assistant",
        "model": plan.model,
        "content": content,
        "stop_reason": stop,
        "stop_sequence": None,
    }


def _usage(plan: Plan) -> dict[str, Any]:
    blank = 0 if plan.said.on("zero_usage") else 1
    tier = _tier(plan)
    usage: dict[str, Any] = {
        "input_tokens": blank * (plan.input_tokens - plan.cached_tokens - plan.written_5m_tokens - plan.written_1h_tokens),
        "cache_creation_input_tokens": blank * (plan.written_5m_tokens + plan.written_1h_tokens),
        "cache_read_input_tokens": blank * plan.cached_tokens,
        "cache_creation": {
            "ephemeral_5m_input_tokens": blank * plan.written_5m_tokens,
            "ephemeral_1h_input_tokens": blank * plan.written_1h_tokens,
        },
        "output_tokens": blank * plan.output_tokens,
        "service_tier": "standard" if tier == "fast" else tier,
    }
    if tier == "fast":
        usage["speed"] = "fast"
    if plan.web_searches:
        usage["server_tool_use"] = {"web_search_requests": plan.web_searches, "web_fetch_requests": 0}
    return usage


def _blocks(plan: Plan) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    if plan.reasoning_tokens:
        found.append({"type": "thinking", "thinking": "A fake thought.", "signature": "ZmFrZQ=="})
    if plan.text:
        found.append({"type": "text", "text": plan.text})
    if plan.tool:
        found.append({"type": "tool_use", "id": f"toolu_fake{plan.number:06d}", "name": plan.tool.name, "input": orjson.loads(plan.tool.arguments)})
    return found


def _block_events(plan: Plan, index: int, block: dict[str, Any]) -> list[Event]:
    deltas: list[tuple[dict[str, Any], int]]
    if block["type"] == "thinking":
        empty = {**block, "thinking": "", "signature": ""}
        deltas = [({"type": "thinking_delta", "thinking": block["thinking"]}, 0), ({"type": "signature_delta", "signature": block["signature"]}, 0)]
    elif block["type"] == "text":
        empty = {"type": "text", "text": ""}
        deltas = [({"type": "text_delta", "text": piece}, len(piece)) for piece in plan.pieces()]
    else:
        arguments = orjson.dumps(block["input"]).decode()
        empty = {**block, "input": {}}
        deltas = [({"type": "input_json_delta", "partial_json": arguments}, len(block["name"]) + len(arguments))]
    return [
        _event({"type": "content_block_start", "index": index, "content_block": empty}),
        *(_event({"type": "content_block_delta", "index": index, "delta": delta}, size) for delta, size in deltas),
        _event({"type": "content_block_stop", "index": index}),
    ]


def _event(data: dict[str, Any], text_bytes: int = 0) -> Event:
    return Event(sse(data, data["type"]), text_bytes)


def _stop(plan: Plan) -> str:
    return "tool_use" if plan.tool else "max_tokens" if plan.cut else "end_turn"
