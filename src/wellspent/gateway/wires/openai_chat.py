"""OpenAI Chat Completions, and what is compatible with it (docs: API reference, Chat; Images and vision; Prompt caching)."""

from wellspent import limits
from wellspent.facts.call import Ask
from wellspent.facts.usage import Usage
from wellspent.gateway.wires import jsonedit, openai_content, openai_errors
from wellspent.gateway.wires.base import (
    Header,
    Metered,
    Payload,
    checked_model,
    count,
    list_field,
    loaded,
    model_field,
    said,
    unsaid_text_bytes,
    whole_number,
)
from wellspent.gateway.wires.sse import EventMeter

NO_DETAILS: Payload = {}
OWN_TOOLS = ("function", "custom")  # run by the caller
SEARCHES = ("web_search_options", "search_parameters", "plugins")  # OpenAI's, xAI's, OpenRouter's
CHOICE_FIELDS = ("content", "reasoning", "reasoning_content")


class OpenAIChat:
    """``POST /v1/chat/completions``."""

    name = "openai-chat"

    def ask(self, payload: Payload, body: bytes, model: str, path: str) -> Ask:
        """See Wire. A byte-level tokenizer makes no more tokens than bytes; an image counts its documented maximum."""
        messages = list_field(payload, "messages")
        caps = [whole_number(payload, name) for name in ("max_completion_tokens", "max_tokens")]
        given = [cap for cap in caps if cap]  # zero is no cap to some that are compatible
        content = openai_content.of_messages(messages, len(body))
        modalities = payload.get("modalities")
        return Ask(
            wire=self.name,
            model=checked_model(model) or model_field(payload),
            stream=bool(payload.get("stream")),
            input_tokens_max=content.tokens,
            output_tokens_max=max(given) if given else None,
            answers=max(1, whole_number(payload, "n", 1, limits.ANSWERS_MAX) or 1),
            unbounded=hosted(payload),
            service_tier=payload["service_tier"] if isinstance(payload.get("service_tier"), str) else "",
            audio_in=content.audio,
            pictures_in=content.pictures,
            audio_out=isinstance(modalities, list) and "audio" in modalities,
        )

    def capped(self, payload: Payload, body: bytes, output_tokens: int | None, model: str | None, cap_field: str) -> bytes:
        """See Wire. The cap goes where the caller put its own, else in the field its provider takes."""
        changes: Payload = {}
        if output_tokens is not None:
            given = [name for name in ("max_completion_tokens", "max_tokens") if payload.get(name) is not None]
            changes = dict.fromkeys(given or [cap_field], output_tokens)
        if model is not None:
            changes["model"] = model
        if payload.get("stream") and not wants_usage(payload):
            options = payload.get("stream_options")
            changes["stream_options"] = {**(options if isinstance(options, dict) else {}), "include_usage": True}
        return jsonedit.edited(body, payload, changes) if changes else body

    def usage_of(self, answer: bytes) -> Metered:
        """See Wire."""
        content = said(answer)
        usage, tier = content.usage, content.service_tier
        found = usage_from(usage, tier if isinstance(tier, str) else "") if isinstance(usage, dict) else None
        return Metered(found, str(content.model or ""), str(content.id or ""), text_bytes=unsaid_text_bytes(answer, found))

    def stream_meter(self, payload: Payload) -> "ChatMeter":
        """See Wire."""
        return ChatMeter(removes=not wants_usage(payload))

    def error(self, status: int, code: str, message: str, call_id: str, *, codex: bool) -> tuple[int, Header, bytes]:
        """See Wire."""
        return openai_errors.error(status, code, message, call_id, codex=codex)

    def stream_error(self, code: str, message: str) -> bytes:
        """See Wire."""
        return openai_errors.stream_error(code, message)


class ChatMeter(EventMeter):
    """Reads the usage chunk, wherever it is, and removes it where the caller did not ask for one."""

    marks = (b'"usage":{', b'"usage": {')

    def __init__(self, *, removes: bool) -> None:
        super().__init__()
        self.removes = removes
        self._usage: Usage | None = None
        self._final = False
        self._model = self._ref = ""

    def event(self, data: bytes) -> bool:
        """A chunk with usage: the last one said counts."""
        content = loaded(data)
        usage = content.get("usage")
        if not isinstance(usage, dict):
            return False
        choices = content.get("choices") or []
        tier = content.get("service_tier")
        self._usage = usage_from(usage, tier if isinstance(tier, str) else "")
        self._final = self._final or not choices or any(isinstance(each, dict) and each.get("finish_reason") for each in choices)
        self._model, self._ref = str(content.get("model") or ""), str(content.get("id") or "")
        return not choices

    def finish(self) -> Metered:
        """See StreamMeter."""
        return self.metered(self._usage, self._model, self._ref, self._final)


def wants_usage(payload: Payload) -> bool:
    """Whether the caller asked for the usage chunk itself."""
    options = payload.get("stream_options")
    return isinstance(options, dict) and bool(options.get("include_usage"))


def hosted(payload: Payload) -> tuple[str, ...]:
    """What runs at the provider: no documented bound."""
    found = {name for name in SEARCHES if payload.get(name) is not None}
    tools = payload.get("tools") or ()
    for tool in tools if isinstance(tools, list | tuple) else (tools,):
        kind = tool.get("type") if isinstance(tool, dict) else "tools"
        if kind not in OWN_TOOLS and not (kind is None and "function" in tool):
            found.add(str(kind))
    return tuple(sorted(found))


def usage_from(usage: Payload, service_tier: str = "") -> Usage:
    """OpenAI counts cached, written, audio and reasoning tokens inside their totals; ours are disjoint.

    DeepSeek says ``prompt_cache_hit_tokens`` beside; OpenRouter ``cache_write_tokens`` in the details.
    """
    inner = usage.get("prompt_tokens_details") or usage.get("input_tokens_details")
    outer = usage.get("completion_tokens_details") or usage.get("output_tokens_details")
    inner = inner if isinstance(inner, dict) else NO_DETAILS
    outer = outer if isinstance(outer, dict) else NO_DETAILS
    total_in = count(usage.get("prompt_tokens", usage.get("input_tokens")))
    total_out = count(usage.get("completion_tokens", usage.get("output_tokens")))
    cached = min(total_in, count(inner.get("cached_tokens")) or count(usage.get("prompt_cache_hit_tokens")))
    written = min(total_in - cached, count(inner.get("cache_write_tokens")))
    audio_in = min(total_in - cached - written, count(inner.get("audio_tokens")))
    audio_out = min(total_out, count(outer.get("audio_tokens")))
    reasoning = min(total_out - audio_out, count(outer.get("reasoning_tokens")))
    return Usage(
        input_tokens=total_in - cached - written - audio_in,
        cache_read_tokens=cached,
        cache_write_5m_tokens=written,
        input_audio_tokens=audio_in,
        output_tokens=total_out - audio_out - reasoning,
        output_reasoning_tokens=reasoning,
        output_audio_tokens=audio_out,
        service_tier="" if service_tier in ("default", "standard") else service_tier,
    )
