"""Gemini generateContent and streamGenerateContent (docs: Gemini API reference, Generating content; Tokens; Error codes)."""

from typing import Any

import msgspec
import orjson

from wellspent import limits
from wellspent.facts.call import Ask
from wellspent.facts.usage import Usage
from wellspent.gateway.wires import jsonedit
from wellspent.gateway.wires.base import (
    JSON_TYPE,
    Header,
    Metered,
    Payload,
    checked_model,
    count,
    list_field,
    loaded,
    unsaid_text_bytes,
    whole_number,
)
from wellspent.gateway.wires.gemini_content import Content, spelled
from wellspent.gateway.wires.sse import EventMeter

OWN_TOOLS = ("functionDeclarations",)  # run by the caller; all else runs at the provider, or may
SILENT = ("TEXT", "IMAGE", 1, 2)  # modalities without sound, by name or number (docs: API reference, Modality)
STATUS = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    402: "FAILED_PRECONDITION",
    404: "NOT_FOUND",
    429: "RESOURCE_EXHAUSTED",
    503: "UNAVAILABLE",
}


class Gemini:
    """``POST /v1beta/models/MODEL:generateContent`` and ``:streamGenerateContent``."""

    name = "gemini"

    def ask(self, payload: Payload, body: bytes, model: str, path: str) -> Ask:
        """See Wire. The model and whether to stream are in the path."""
        request = spelled(payload)
        config = config_of(request)
        content = Content(len(body))
        for each in list_field(request, "contents"):
            content.content(each)
        if request.get("systemInstruction"):
            content.content(request["systemInstruction"])
        if request.get("cachedContent"):
            content.unknown()
        return Ask(
            wire=self.name,
            model=checked_model(model),
            stream=path.endswith(":streamGenerateContent"),
            input_tokens_max=content.tokens,
            output_tokens_max=whole_number(config, "maxOutputTokens"),
            answers=max(1, whole_number(config, "candidateCount", 1, limits.ANSWERS_MAX) or 1),
            unbounded=hosted(list_field(request, "tools")),
            audio_in=content.audio,
            pictures_in=content.pictures,
            audio_out=sounds(config.get("responseModalities")),
        )

    def capped(self, payload: Payload, body: bytes, output_tokens: int | None, model: str | None, cap_field: str) -> bytes:
        """See Wire. The model is in the URL."""
        if output_tokens is None:
            return body
        field = "generation_config" if "generation_config" in payload else "generationConfig"
        config = payload.get(field)
        config = config if isinstance(config, dict) else {}
        cap = "max_output_tokens" if "max_output_tokens" in config else "maxOutputTokens"
        return jsonedit.edited(body, payload, {field: {**config, cap: output_tokens}})

    def usage_of(self, answer: bytes) -> Metered:
        """See Wire. Without ``alt=sse`` a stream is one JSON array; its last usage counts."""
        try:
            content = orjson.loads(answer)
        except orjson.JSONDecodeError:
            content = {}
        if isinstance(content, list):
            found = [item for item in content if isinstance(item, dict) and isinstance(item.get("usageMetadata"), dict)]
            content = found[-1] if found else {}
        metered = _metered(content if isinstance(content, dict) else {}, 0)
        return msgspec.structs.replace(metered, text_bytes=unsaid_text_bytes(answer, metered.usage))

    def stream_meter(self, payload: Payload) -> "GeminiMeter":
        """See Wire."""
        return GeminiMeter()

    def error(self, status: int, code: str, message: str, call_id: str, *, codex: bool) -> tuple[int, Header, bytes]:
        """See Wire."""
        kind = STATUS.get(status, "INTERNAL" if status >= 500 else "INVALID_ARGUMENT")
        detail = {"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": code.upper(), "domain": "wellspent"}
        return status, JSON_TYPE, orjson.dumps({"error": {"code": status, "message": message, "status": kind, "details": [detail]}})

    def stream_error(self, code: str, message: str) -> bytes:
        """See Wire."""
        return b"data: " + orjson.dumps({"error": {"code": 502, "message": message, "status": "UNAVAILABLE"}}) + b"\n\n"


class GeminiMeter(EventMeter):
    """Each chunk may say the totals so far; the last counts. A JSON array instead of events is read at its end."""

    marks = (b"usageMetadata",)
    array_bytes_max = 16 * 1024 * 1024

    def __init__(self) -> None:
        super().__init__()
        self._metered = Metered(None, final=False)
        self._array: bytearray | None = None
        self._undecided = True

    def feed(self, chunk: bytes) -> bytes:
        """See StreamMeter."""
        if self._undecided:
            self._undecided = not chunk.strip()
            self._array = bytearray() if chunk.lstrip()[:1] == b"[" else None
        if self._array is None:
            return super().feed(chunk)
        if len(self._array) < self.array_bytes_max:
            self._array += chunk
        return chunk

    def event(self, data: bytes) -> bool:
        """A chunk with usage."""
        content = loaded(data)
        finished = any(isinstance(each, dict) and each.get("finishReason") for each in content.get("candidates") or [])
        found = _metered(content, 0)
        self._metered = Metered(found.usage, found.model, found.ref, self._metered.final or finished, 0)
        return False

    def finish(self) -> Metered:
        """See StreamMeter."""
        found = self._metered
        if self._array is not None:
            return Gemini().usage_of(bytes(self._array))
        return self.metered(found.usage, found.model, found.ref, found.final)


def _metered(content: Payload, relayed_bytes: int) -> Metered:
    usage = content.get("usageMetadata")
    found = usage_from(usage) if isinstance(usage, dict) else None
    return Metered(found, str(content.get("modelVersion") or ""), str(content.get("responseId") or ""), text_bytes=relayed_bytes)


def usage_from(usage: Payload) -> Usage:
    """Gemini counts cached tokens inside the prompt, thoughts beside the candidates, tool results beside the prompt; audio, pictures and film
    are in the details (docs: API reference, ModalityTokenCount)."""
    prompt, cached = count(usage.get("promptTokenCount")), count(usage.get("cachedContentTokenCount"))
    audio = _modality(usage, "promptTokensDetails", "AUDIO")
    audio_cached = min(audio, _modality(usage, "cacheTokensDetails", "AUDIO"))
    image = _modality(usage, "promptTokensDetails", "IMAGE")
    image_cached = min(image, _modality(usage, "cacheTokensDetails", "IMAGE"))
    video = max(0, _modality(usage, "promptTokensDetails", "VIDEO") - _modality(usage, "cacheTokensDetails", "VIDEO"))
    audio_out = _modality(usage, "candidatesTokensDetails", "AUDIO")
    image_out = _modality(usage, "candidatesTokensDetails", "IMAGE")
    candidates = count(usage.get("candidatesTokenCount"))
    return Usage(
        input_tokens=max(0, prompt - cached - (audio - audio_cached) - (image - image_cached) - video) + count(usage.get("toolUsePromptTokenCount")),
        cache_read_tokens=max(0, cached - audio_cached - image_cached),
        input_audio_tokens=audio - audio_cached,
        cache_audio_read_tokens=audio_cached,
        input_image_tokens=image - image_cached,
        cache_image_read_tokens=image_cached,
        input_video_tokens=video,
        output_tokens=max(0, candidates - audio_out - image_out),
        output_reasoning_tokens=count(usage.get("thoughtsTokenCount")),
        output_audio_tokens=audio_out,
        output_image_tokens=image_out,
    )


def _modality(usage: Payload, field: str, modality: str) -> int:
    details = usage.get(field)
    if not isinstance(details, list):
        return 0
    return sum(count(each.get("tokenCount")) for each in details if isinstance(each, dict) and each.get("modality") == modality)


def config_of(request: Payload) -> Payload:
    """The generation settings of a request in camel case, themselves in camel case. Raises InvalidInput."""
    found = request.get("generationConfig")
    return spelled(found) if isinstance(found, dict) else {}


def hosted(tools: list[Any]) -> tuple[str, ...]:
    """Tools that are not the caller's own functions: no documented bound. Raises InvalidInput."""
    names: set[str] = set()
    for tool in tools:
        names |= {name for name, value in spelled(tool).items() if value is not None} if isinstance(tool, dict) else {"tools"}
    return tuple(sorted(names.difference(OWN_TOOLS)))


def sounds(modalities: Any) -> bool:
    """Whether an answer in these modalities may have sound: any that is not known to have none."""
    if modalities is None:
        return False
    for each in modalities if isinstance(modalities, list) else (modalities,):
        known = each.upper() if isinstance(each, str) else each
        if not isinstance(known, str | int) or known not in SILENT or known is True:
            return True
    return False
