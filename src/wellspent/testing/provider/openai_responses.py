"""OpenAI Responses as the fake provider speaks it."""

from typing import Any

import msgspec

from wellspent.facts.usage import Usage
from wellspent.testing.provider import openai_common
from wellspent.testing.provider.plan import CREATED_S, Asked, Event, Plan, sse

ANSWERED = ("function_call_output", "custom_tool_call_output", "local_shell_call_output")
Step = tuple[str, dict[str, Any], int]


class Responses:
    """``POST /v1/responses``."""

    name = "openai-responses"

    def asked(self, payload: dict[str, Any], model: str, *, stream: bool) -> Asked:
        """See Dialect."""
        given = payload.get("input")
        items = [each for each in given if isinstance(each, dict)] if isinstance(given, list) else []
        cap = payload.get("max_output_tokens")
        form = (payload.get("text") or {}).get("format") or {}
        return Asked(
            model=str(payload.get("model") or model),
            stream=bool(payload.get("stream")),
            cap=cap if isinstance(cap, int) else None,
            tools=tuple(str(each.get("name")) for each in payload.get("tools") or [] if isinstance(each, dict)),
            tool_answered=any(each.get("type") in ANSWERED for each in items),
            schema=dict(form.get("schema") or {}) if str(form.get("type", "")).startswith("json") else None,
            tier=str(payload.get("service_tier") or ""),
        )

    def answer(self, plan: Plan) -> dict[str, Any]:
        """See Dialect."""
        return _response(plan, "incomplete" if plan.cut else "completed", _items(plan), openai_common.usage(plan, "input_tokens", "output_tokens"))

    def events(self, plan: Plan) -> list[Event]:
        """See Dialect."""
        started = _response(plan, "in_progress", [], None)
        steps: list[Step] = [("response.created", {"response": started}, 0), ("response.in_progress", {"response": started}, 0)]
        for index, item in enumerate(_items(plan)):
            steps += _steps(plan, index, item)
        closing: Step = ("response.incomplete" if plan.cut else "response.completed", {"response": self.answer(plan)}, 0)
        steps += [closing] * (2 if plan.said.on("usage_twice") else 1)
        return [Event(sse({"type": name, "sequence_number": number, **body}, name), size) for number, (name, body, size) in enumerate(steps)]

    def bill(self, plan: Plan, shown_tokens: int) -> Usage:
        """See Dialect."""
        return msgspec.structs.replace(openai_common.bill(plan, shown_tokens, audio=False), web_searches=plan.web_searches)

    def error(self, status: int, message: str, request_id: str) -> dict[str, Any]:
        """See Dialect."""
        return openai_common.error(status, message)


def _response(plan: Plan, status: str, output: list[dict[str, Any]], usage: dict[str, Any] | None) -> dict[str, Any]:
    return {
        "id": f"resp_fake{plan.number:06d}",
        "object": "response",
        "created_at": CREATED_S,
        "status": status,
        "background": False,
        "error": None,
        "incomplete_details": {"reason": "max_output_tokens"} if status == "incomplete" else None,
        "instructions": None,
        "max_output_tokens": plan.asked.cap,
        "max_tool_calls": None,
        "metadata": {},
        "model": plan.model,
        "output": output,
        "parallel_tool_calls": True,
        "previous_response_id": None,
        "reasoning": {"effort": None, "summary": None},
        "service_tier": openai_common.served_tier(plan),
        "store": False,
        "temperature": 1.0,
        "text": {"format": {"type": "text"}},
        "tool_choice": "auto",
        "tools": [],
        "top_p": 1.0,
        "truncation": "disabled",
        "usage": usage,
        "user": None,
    }


def _items(plan: Plan) -> list[dict[str, Any]]:
    number = plan.number
    found: list[dict[str, Any]] = []
    for search in range(plan.web_searches):
        action = {"type": "search", "query": "fake", "sources": None}
        found.append({"id": f"ws_fake{number:06d}{search}", "type": "web_search_call", "status": "completed", "action": action})
    if plan.reasoning_tokens:
        found.append({"id": f"rs_fake{number:06d}", "type": "reasoning", "summary": [], "encrypted_content": "ZmFrZQ=="})
    status = "incomplete" if plan.cut else "completed"
    if plan.text:
        found.append({"id": f"msg_fake{number:06d}", "type": "message", "status": status, "role": "assistant", "content": [_part(plan.text)]})
    if plan.tool:
        tool = {"name": plan.tool.name, "arguments": plan.tool.arguments, "call_id": f"call_fake{number:06d}"}
        found.append({"id": f"fc_fake{number:06d}", "type": "function_call", "status": status, **tool})
    return found


def _part(text: str) -> dict[str, Any]:
    return {"type": "output_text", "text": text, "annotations": [], "logprobs": []}


def _steps(plan: Plan, index: int, item: dict[str, Any]) -> list[Step]:
    at = {"item_id": item["id"], "output_index": index}
    done: Step = ("response.output_item.done", {"output_index": index, "item": item}, 0)
    if item["type"] == "message":
        where = {**at, "content_index": 0}
        return [
            ("response.output_item.added", {"output_index": index, "item": {**item, "status": "in_progress", "content": []}}, 0),
            ("response.content_part.added", {**where, "part": _part("")}, 0),
            *(("response.output_text.delta", {**where, "delta": piece, "logprobs": []}, len(piece)) for piece in plan.pieces()),
            ("response.output_text.done", {**where, "text": plan.text, "logprobs": []}, 0),
            ("response.content_part.done", {**where, "part": _part(plan.text)}, 0),
            done,
        ]
    if item["type"] == "function_call":
        text = item["arguments"]
        return [
            ("response.output_item.added", {"output_index": index, "item": {**item, "status": "in_progress", "arguments": ""}}, 0),
            ("response.function_call_arguments.delta", {**at, "delta": text}, len(item["name"]) + len(text)),
            ("response.function_call_arguments.done", {**at, "name": item["name"], "arguments": text}, 0),
            done,
        ]
    return [("response.output_item.added", {"output_index": index, "item": item}, 0), done]
