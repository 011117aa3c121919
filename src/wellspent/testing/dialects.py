"""The fake provider's answers in each dialect: whole bodies and events, in the shapes that real providers send."""

from typing import Any

from wellspent.testing.rules import Plan, dumped

Events = list[bytes]
CREATED = 1_760_000_000


def sse(data: Any, event: str = "") -> bytes:
    """One server-sent event."""
    return (f"event: {event}\n".encode() if event else b"") + b"data: " + dumped(data) + b"\n\n"


def openai_usage(plan: Plan, *, responses: bool = False) -> dict[str, Any]:
    """OpenAI: cached and reasoning tokens counted inside."""
    names = ("input_tokens", "output_tokens") if responses else ("prompt_tokens", "completion_tokens")
    amounts = (0, 0) if plan.on("zero_usage") else (plan.input_tokens, plan.output_tokens)
    return {
        names[0]: amounts[0],
        names[0] + "_details": {"cached_tokens": plan.cached, "audio_tokens": 0} if not responses else {"cached_tokens": plan.cached},
        names[1]: amounts[1],
        names[1] + "_details": {"reasoning_tokens": plan.reasoning},
        "total_tokens": sum(amounts),
    }


def chat(plan: Plan) -> dict[str, Any]:
    """A chat completion."""
    message = {"role": "assistant", "content": "".join(plan.words()), "refusal": None}
    body: dict[str, Any] = {
        "id": "chatcmpl-fake",
        "object": "chat.completion",
        "created": CREATED,
        "model": plan.model,
        "choices": [{"index": 0, "message": message, "logprobs": None, "finish_reason": "length" if plan.cut else "stop"}],
        "usage": openai_usage(plan),
        "service_tier": plan.directives.get("service_tier", "default"),
    }
    if plan.on("no_usage"):
        del body["usage"]
    return body


def chat_events(plan: Plan, *, include_usage: bool) -> Events:
    """A chat completion in chunks."""

    def chunk(delta: dict[str, Any], finish: str | None = None, **more: Any) -> dict[str, Any]:
        choices = [{"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}]
        return {"id": "chatcmpl-fake", "object": "chat.completion.chunk", "created": CREATED, "model": plan.model, "choices": choices, **more}

    usage: dict[str, Any] = {"usage": None} if include_usage else {}
    found = [sse(chunk({"role": "assistant", "content": ""}, **usage))]
    found += [sse(chunk({"content": word}, **usage)) for word in plan.words()]
    last = {"usage": openai_usage(plan)} if plan.on("usage_with_choices") else usage
    found.append(sse(chunk({}, "length" if plan.cut else "stop", **last)))
    if include_usage and not plan.on("no_usage") and not plan.on("usage_with_choices"):
        said = sse({**chunk({}), "choices": [], "usage": openai_usage(plan)})
        found += [said] * (2 if plan.on("usage_twice") else 1)
    return [*found, b"data: [DONE]\n\n"]


def response(plan: Plan, status: str = "completed") -> dict[str, Any]:
    """A response."""
    text = {"type": "output_text", "text": "".join(plan.words()), "annotations": [], "logprobs": []}
    output: list[dict[str, Any]] = [{"id": f"ws_{number}", "type": "web_search_call", "status": "completed"} for number in range(plan.number("web_search"))]
    output.append({"id": "msg_fake", "type": "message", "status": "completed", "role": "assistant", "content": [text]})
    return {
        "id": "resp_fake",
        "object": "response",
        "created_at": CREATED,
        "status": status,
        "error": None,
        "incomplete_details": None,
        "instructions": None,
        "metadata": {},
        "model": plan.model,
        "output": output,
        "parallel_tool_calls": True,
        "temperature": 1.0,
        "tool_choice": "auto",
        "tools": [],
        "top_p": 1.0,
        "service_tier": plan.directives.get("service_tier", "default"),
        "usage": None if plan.on("no_usage") else openai_usage(plan, responses=True),
    }


def response_events(plan: Plan) -> Events:
    """A response in events."""
    started = {**response(plan, "in_progress"), "output": [], "usage": None}
    item = {"id": "msg_fake", "type": "message", "status": "in_progress", "role": "assistant", "content": []}
    where = {"item_id": "msg_fake", "output_index": 0, "content_index": 0}
    part = {"type": "output_text", "text": "", "annotations": [], "logprobs": []}
    whole = "".join(plan.words())
    steps: list[tuple[str, dict[str, Any]]] = [
        ("response.created", {"response": started}),
        ("response.output_item.added", {"output_index": 0, "item": item}),
        ("response.content_part.added", {**where, "part": part}),
        *[("response.output_text.delta", {**where, "delta": word, "logprobs": []}) for word in plan.words()],
        ("response.output_text.done", {**where, "text": whole, "logprobs": []}),
        ("response.content_part.done", {**where, "part": {**part, "text": whole}}),
        ("response.output_item.done", {"output_index": 0, "item": {**item, "status": "completed", "content": [{**part, "text": whole}]}}),
        ("response.completed", {"response": response(plan)}),
    ]
    return [sse({"type": name, "sequence_number": number, **body}, name) for number, (name, body) in enumerate(steps)]


def anthropic_usage(plan: Plan) -> dict[str, Any]:
    """Anthropic: cached and written tokens counted beside ``input_tokens``."""
    fresh = plan.input_tokens - plan.cached - plan.written_5m - plan.written_1h
    return {
        "input_tokens": 0 if plan.on("zero_usage") else fresh,
        "cache_creation_input_tokens": plan.written_5m + plan.written_1h,
        "cache_read_input_tokens": plan.cached,
        "cache_creation": {"ephemeral_5m_input_tokens": plan.written_5m, "ephemeral_1h_input_tokens": plan.written_1h},
        "output_tokens": 0 if plan.on("zero_usage") else plan.output_tokens,
        "service_tier": plan.directives.get("service_tier", "standard"),
        "server_tool_use": {"web_search_requests": plan.number("web_search")} if plan.on("web_search") else None,
    }


def message(plan: Plan) -> dict[str, Any]:
    """An Anthropic message."""
    body: dict[str, Any] = {
        "id": "msg_fake",
        "type": "message",
        "role": "assistant",
        "model": plan.model,
        "content": [{"type": "text", "text": "".join(plan.words())}],
        "stop_reason": "max_tokens" if plan.cut else "end_turn",
        "stop_sequence": None,
        "usage": anthropic_usage(plan),
    }
    if plan.on("no_usage"):
        del body["usage"]
    return body


def message_events(plan: Plan) -> Events:
    """An Anthropic message in events."""
    usage = anthropic_usage(plan)
    start = {**message(plan), "content": [], "stop_reason": None, "usage": {**usage, "output_tokens": 1}}
    delta: dict[str, Any] = {"type": "message_delta", "delta": {"stop_reason": "max_tokens" if plan.cut else "end_turn", "stop_sequence": None}}
    delta["usage"] = {"output_tokens": usage["output_tokens"]}
    if plan.on("no_usage"):
        start.pop("usage"), delta.pop("usage")
    steps: list[dict[str, Any]] = [
        {"type": "message_start", "message": start},
        {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}},
        *[{"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": word}} for word in plan.words()],
        {"type": "content_block_stop", "index": 0},
        delta,
        {"type": "message_stop"},
    ]
    return [sse(step, step["type"]) for step in steps]


def gemini_usage(plan: Plan) -> dict[str, Any]:
    """Gemini: cached tokens inside the prompt, thoughts beside the candidates."""
    return {
        "promptTokenCount": plan.input_tokens,
        "cachedContentTokenCount": plan.cached,
        "candidatesTokenCount": plan.output_tokens - plan.reasoning,
        "thoughtsTokenCount": plan.reasoning,
        "totalTokenCount": plan.input_tokens + plan.output_tokens,
    }


def gemini(plan: Plan, text: str | None = None, *, last: bool = True) -> dict[str, Any]:
    """A generateContent answer, or a piece of one."""
    parts = [{"text": "".join(plan.words()) if text is None else text}]
    candidate: dict[str, Any] = {"content": {"role": "model", "parts": parts}, "index": 0}
    if last:
        candidate["finishReason"] = "MAX_TOKENS" if plan.cut else "STOP"
    body: dict[str, Any] = {"candidates": [candidate], "modelVersion": plan.model, "responseId": "fake"}
    return body if plan.on("no_usage") else {**body, "usageMetadata": gemini_usage(plan)}


def gemini_events(plan: Plan) -> Events:
    """A generateContent answer in pieces."""
    words = plan.words()
    return [sse(gemini(plan, word, last=number == len(words))) for number, word in enumerate(words, 1)]


def models(shape: str, names: tuple[str, ...]) -> dict[str, Any]:
    """A list of models in one of three shapes."""
    if shape == "gemini":
        return {"models": [{"name": f"models/{name}", "displayName": name, "supportedGenerationMethods": ["generateContent"]} for name in names]}
    if shape == "anthropic":
        found = [{"type": "model", "id": name, "display_name": name, "created_at": "2026-01-01T00:00:00Z"} for name in names]
        return {"data": found, "has_more": False, "first_id": names[0], "last_id": names[-1]}
    return {"object": "list", "data": [{"id": name, "object": "model", "created": CREATED, "owned_by": "fake"} for name in names]}
