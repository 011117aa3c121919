"""OpenAI Chat Completions as the fake provider speaks it; Azure's deployments are the same."""

from typing import Any

from wellspent.facts.usage import Usage
from wellspent.testing.provider import openai_common
from wellspent.testing.provider.plan import CREATED_S, Asked, Event, Plan, sse


class Chat:
    """``POST /v1/chat/completions``."""

    name = "openai-chat"

    def asked(self, payload: dict[str, Any], model: str, *, stream: bool) -> Asked:
        """See Dialect."""
        caps = [payload[name] for name in ("max_completion_tokens", "max_tokens") if isinstance(payload.get(name), int)]
        messages = [each for each in payload.get("messages") or [] if isinstance(each, dict)]
        tools = [each.get("function") or {} for each in payload.get("tools") or [] if isinstance(each, dict)]
        options = payload.get("stream_options") or {}
        return Asked(
            model=str(payload.get("model") or model),
            stream=bool(payload.get("stream")),
            cap=min(caps) if caps else None,
            answers=max(1, payload.get("n") or 1),
            tools=tuple(str(each.get("name")) for each in tools),
            tool_answered=any(each.get("role") == "tool" for each in messages),
            schema=_schema(payload.get("response_format") or {}),
            tier=str(payload.get("service_tier") or ""),
            include_usage=bool(options.get("include_usage")),
        )

    def answer(self, plan: Plan) -> dict[str, Any]:
        """See Dialect."""
        message: dict[str, Any] = {"role": "assistant", "content": plan.text or None, "refusal": None, "annotations": []}
        if plan.tool:
            message["tool_calls"] = [_tool_call(plan)]
        choices = [{"index": index, "message": message, "logprobs": None, "finish_reason": _finish(plan)} for index in range(plan.asked.answers)]
        body = {**_head(plan, "chat.completion"), "choices": choices}
        usage = _usage(plan)
        return body if usage is None else {**body, "usage": usage}

    def events(self, plan: Plan) -> list[Event]:
        """See Dialect."""
        found = []
        for index in range(plan.asked.answers):
            found.append(Event(_chunk(plan, index, {"role": "assistant", "content": None if plan.tool and not plan.text else "", "refusal": None})))
        for piece in plan.pieces() if plan.text else []:
            found += [Event(_chunk(plan, index, {"content": piece}), len(piece)) for index in range(plan.asked.answers)]
        if plan.tool:
            call = {"index": 0, **_tool_call(plan)}
            found.append(Event(_chunk(plan, 0, {"tool_calls": [call]}), len(plan.tool.name) + len(plan.tool.arguments)))
        inside = plan.said.on("usage_with_choices")
        for index in range(plan.asked.answers):
            last = inside and index == plan.asked.answers - 1
            found.append(Event(_chunk(plan, index, {}, _finish(plan), usage=_usage(plan) if last else None)))
        usage = _usage(plan)
        if plan.asked.include_usage and usage is not None and not inside:
            closing = Event(sse({**_head(plan, "chat.completion.chunk"), "choices": [], "usage": usage}))
            found += [closing] * (2 if plan.said.on("usage_twice") else 1)
        return [*found, Event(b"data: [DONE]\n\n")]

    def bill(self, plan: Plan, shown_tokens: int) -> Usage:
        """See Dialect."""
        return openai_common.bill(plan, shown_tokens, audio=True)

    def error(self, status: int, message: str, request_id: str) -> dict[str, Any]:
        """See Dialect."""
        return openai_common.error(status, message)


def _head(plan: Plan, kind: str) -> dict[str, Any]:
    return {
        "id": f"chatcmpl-fake{plan.number:06d}",
        "object": kind,
        "created": CREATED_S,
        "model": plan.model,
        "service_tier": openai_common.served_tier(plan),
        "system_fingerprint": "fp_fake",
    }


def _chunk(plan: Plan, index: int, delta: dict[str, Any], finish: str | None = None, usage: dict[str, Any] | None = None) -> bytes:
    body = {**_head(plan, "chat.completion.chunk"), "choices": [{"index": index, "delta": delta, "logprobs": None, "finish_reason": finish}]}
    if usage is not None or plan.asked.include_usage:
        body["usage"] = usage  # null in every chunk but the last, once usage was asked for
    return sse(body)


def _usage(plan: Plan) -> dict[str, Any] | None:
    return openai_common.usage(plan, "prompt_tokens", "completion_tokens")


def _tool_call(plan: Plan) -> dict[str, Any]:
    assert plan.tool is not None
    return {"id": f"call_fake{plan.number:06d}", "type": "function", "function": {"name": plan.tool.name, "arguments": plan.tool.arguments}}


def _finish(plan: Plan) -> str:
    return "tool_calls" if plan.tool else "length" if plan.cut else "stop"


def _schema(response_format: dict[str, Any]) -> dict[str, Any] | None:
    if response_format.get("type") == "json_schema":
        return dict((response_format.get("json_schema") or {}).get("schema") or {})
    return {} if response_format.get("type") == "json_object" else None
