"""Counting precisely before refusing: near a limit, the provider's own count of the prompt replaces the loose bound by bytes.

Sources: Anthropic API reference, Count Message tokens; Gemini API reference, countTokens; OpenAI API reference, Get input token counts.
Anthropic calls its count an estimate, so a margin is added. Chat Completions has no such endpoint: there the bound stays by bytes.
"""

import asyncio
from urllib.parse import quote

import msgspec
import orjson

from wellspent import limits
from wellspent.facts.call import Ask
from wellspent.facts.errors import UpstreamError
from wellspent.gateway.provider import Provider
from wellspent.gateway.upstream import Headers
from wellspent.gateway.wires.base import Payload, loaded

MARGIN_TOKENS = 64
MESSAGES_FIELDS = ("model", "messages", "system", "tools", "tool_choice", "thinking", "mcp_servers", "output_config")
RESPONSES_FIELDS = (
    "model", "input", "instructions", "tools", "tool_choice", "parallel_tool_calls", "text", "reasoning", "truncation", "conversation",
    "previous_response_id",
)  # fmt: skip


async def counted(ask: Ask, payload: Payload, provider: Provider, model: str, headers: Headers, key: bytes | None) -> Ask | None:
    """The ask with its prompt bounded by the provider's own count; None where there is no count, or it is no smaller."""
    found = _question(ask, payload, provider, model)
    if found is None:
        return None
    path, body = found
    try:
        async with asyncio.timeout(limits.COUNT_S_MAX):
            answer = await provider.client.send("POST", provider.free_url(path, b""), provider.request_headers(headers, key), orjson.dumps(body))
    except (UpstreamError, TimeoutError):
        return None
    said = loaded(answer.body)
    tokens = said.get("totalTokens", said.get("input_tokens"))
    if answer.status != 200 or not isinstance(tokens, int) or tokens < 1:
        return None
    bound = (tokens + tokens // 20 + MARGIN_TOKENS) * ask.rounds_max
    if ask.input_tokens_max is not None and bound >= ask.input_tokens_max:
        return None
    return msgspec.structs.replace(ask, input_tokens_max=bound)


def _question(ask: Ask, payload: Payload, provider: Provider, model: str) -> tuple[str, Payload] | None:
    """Path and body that ask for a count."""
    if ask.wire == "anthropic-messages":
        return "/v1/messages/count_tokens", {**_some(payload, MESSAGES_FIELDS), "model": model}
    if ask.wire == "gemini":
        request = {**payload, "model": f"models/{model}"}
        return f"/v1beta/models/{quote(model, safe='@')}:countTokens", {"generateContentRequest": request}
    if ask.wire == "openai-responses" and provider.kind == "openai" and not payload.get("prompt"):  # no count takes a prompt that is kept
        return "/v1/responses/input_tokens", {**_some(payload, RESPONSES_FIELDS), "model": model}
    return None


def _some(payload: Payload, names: tuple[str, ...]) -> Payload:
    return {name: payload[name] for name in names if name in payload}
