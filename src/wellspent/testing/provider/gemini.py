"""Gemini generateContent as the fake provider speaks it: cached tokens inside the prompt, thoughts beside the candidates."""

from typing import Any

import orjson

from wellspent.facts.usage import Usage
from wellspent.testing.provider.plan import Asked, Event, Plan, sse

STATUS_NAMES = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    429: "RESOURCE_EXHAUSTED",
    503: "UNAVAILABLE",
}


class Gemini:
    """``POST /v1beta/models/MODEL:generateContent`` and ``:streamGenerateContent``, as events or as one JSON array."""

    name = "gemini"

    def __init__(self, *, array: bool = False) -> None:
        self._array = array

    def asked(self, payload: dict[str, Any], model: str, *, stream: bool) -> Asked:
        """See Dialect."""
        config = payload.get("generationConfig") or payload.get("generation_config") or {}
        cap = config.get("maxOutputTokens", config.get("max_output_tokens"))
        tools = [tool for tool in payload.get("tools") or [] if isinstance(tool, dict)]
        declared = [each for tool in tools for each in tool.get("functionDeclarations") or tool.get("function_declarations") or []]
        contents = payload.get("contents")
        parts = [part for each in contents or [] if isinstance(each, dict) for part in each.get("parts") or []] if isinstance(contents, list) else []
        schema = config.get("responseJsonSchema") or config.get("responseSchema") or {}
        return Asked(
            model=model,
            stream=stream,
            cap=cap if isinstance(cap, int) else None,
            answers=max(1, config.get("candidateCount", config.get("candidate_count")) or 1),
            tools=tuple(str(each.get("name")) for each in declared),
            tool_answered=any("functionResponse" in part for part in parts if isinstance(part, dict)),
            schema=dict(schema) if config.get("responseMimeType") == "application/json" else None,
        )

    def answer(self, plan: Plan) -> dict[str, Any]:
        """See Dialect."""
        return _body(plan, plan.text, tool=True, finished=True)

    def events(self, plan: Plan) -> list[Event]:
        """See Dialect. Every piece says the usage so far; only the last says the whole."""
        pieces = plan.pieces() if plan.text else [""]
        bodies, sent = [], 0
        for number, piece in enumerate(pieces, 1):
            last = number == len(pieces)
            sent += len(piece)
            size = len(piece) + (len(plan.tool.name) + len(plan.tool.arguments) if last and plan.tool else 0)
            bodies.append((_body(plan, piece, tool=last, finished=last, sent_bytes=sent), size * plan.asked.answers))
        if plan.said.on("usage_twice"):
            bodies.append(({**bodies[-1][0], "candidates": []}, 0))
        if not self._array:
            return [Event(sse(body), size) for body, size in bodies]
        found = [Event((b"[" if not number else b",\r\n") + orjson.dumps(body), size) for number, (body, size) in enumerate(bodies)]
        return [*found, Event(b"]")]

    def bill(self, plan: Plan, shown_tokens: int) -> Usage:
        """See Dialect."""
        audio_out = min(plan.audio_out_tokens, shown_tokens)
        return Usage(
            input_tokens=plan.input_tokens - plan.cached_tokens - plan.audio_tokens - plan.image_tokens,
            cache_read_tokens=plan.cached_tokens,
            input_audio_tokens=plan.audio_tokens,
            input_image_tokens=plan.image_tokens,
            output_tokens=shown_tokens - audio_out,
            output_reasoning_tokens=plan.asked.answers * plan.reasoning_tokens,
            output_audio_tokens=audio_out,
            web_searches=plan.web_searches,
        )

    def error(self, status: int, message: str, request_id: str) -> dict[str, Any]:
        """See Dialect."""
        return {"error": {"code": status, "message": message, "status": STATUS_NAMES.get(status, "INTERNAL")}}


def _body(plan: Plan, text: str, *, tool: bool, finished: bool, sent_bytes: int = 0) -> dict[str, Any]:
    parts: list[dict[str, Any]] = [{"text": text}] if text else []
    if plan.tool and tool:
        parts.append({"functionCall": {"name": plan.tool.name, "args": orjson.loads(plan.tool.arguments)}})
    candidates = []
    for index in range(plan.asked.answers):
        candidate: dict[str, Any] = {"content": {"role": "model", "parts": parts}, "index": index}
        if finished:
            candidate["finishReason"] = "MAX_TOKENS" if plan.cut else "STOP"
        if finished and plan.web_searches:
            candidate["groundingMetadata"] = {"webSearchQueries": [f"fake {number}" for number in range(plan.web_searches)]}
        candidates.append(candidate)
    body: dict[str, Any] = {"candidates": candidates}
    if not plan.said.on("no_usage"):
        body["usageMetadata"] = _usage(plan, None if finished else sent_bytes)
    return {**body, "modelVersion": plan.model, "responseId": f"fake{plan.number:06d}"}


def _usage(plan: Plan, sent_bytes: int | None) -> dict[str, Any]:
    if plan.said.on("zero_usage"):
        return {"promptTokenCount": 0, "candidatesTokenCount": 0, "totalTokenCount": 0}
    answers = plan.asked.answers
    whole = answers * (plan.output_tokens - plan.reasoning_tokens)
    shown = whole if sent_bytes is None else plan.shown_tokens(sent_bytes * answers)
    thoughts = answers * plan.reasoning_tokens
    usage: dict[str, Any] = {
        "promptTokenCount": plan.input_tokens,
        "candidatesTokenCount": shown,
        "totalTokenCount": plan.input_tokens + shown + thoughts,
        "promptTokensDetails": _details(
            TEXT=plan.input_tokens - plan.audio_tokens - plan.image_tokens, AUDIO=plan.audio_tokens, IMAGE=plan.image_tokens
        ),
    }
    if plan.cached_tokens:
        usage |= {"cachedContentTokenCount": plan.cached_tokens, "cacheTokensDetails": _details(TEXT=plan.cached_tokens)}
    if thoughts:
        usage["thoughtsTokenCount"] = thoughts
    if plan.audio_out_tokens:
        usage["candidatesTokensDetails"] = _details(TEXT=shown - plan.audio_out_tokens, AUDIO=plan.audio_out_tokens)
    return usage


def _details(**counts: int) -> list[dict[str, Any]]:
    return [{"modality": name, "tokenCount": count} for name, count in counts.items() if count > 0]
