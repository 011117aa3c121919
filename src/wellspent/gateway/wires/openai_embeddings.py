"""OpenAI Embeddings (docs: API reference, Embeddings). No answer tokens; billed by the prompt alone."""

from wellspent.facts.call import Ask
from wellspent.facts.errors import InvalidInput
from wellspent.gateway.wires import jsonedit, openai_errors
from wellspent.gateway.wires.base import Header, Metered, Payload, checked_model, model_field, said
from wellspent.gateway.wires.openai_chat import ChatMeter, usage_from


class OpenAIEmbeddings:
    """``POST /v1/embeddings``."""

    name = "openai-embeddings"

    def ask(self, payload: Payload, body: bytes, model: str, path: str) -> Ask:
        """See Wire."""
        if not isinstance(payload.get("input"), str | list):
            raise InvalidInput("input is missing, or neither text nor a list", fix="send the text, or a list of texts")
        name = checked_model(model) or model_field(payload)
        return Ask(wire=self.name, model=name, input_tokens_max=len(body), output_tokens_max=0, cache_writes=False, pictures_in=False)

    def capped(self, payload: Payload, body: bytes, output_tokens: int | None, model: str | None, cap_field: str) -> bytes:
        """See Wire."""
        return jsonedit.edited(body, payload, {"model": model}) if model is not None else body

    def usage_of(self, answer: bytes) -> Metered:
        """See Wire."""
        content = said(answer)
        return Metered(usage_from(content.usage) if isinstance(content.usage, dict) else None, str(content.model or ""))

    def stream_meter(self, payload: Payload) -> ChatMeter:
        """Embeddings are not streamed; an answer that is all the same passes unread."""
        return ChatMeter(removes=False)

    def error(self, status: int, code: str, message: str, call_id: str, *, codex: bool) -> tuple[int, Header, bytes]:
        """See Wire."""
        return openai_errors.error(status, code, message, call_id, codex=codex)

    def stream_error(self, code: str, message: str) -> bytes:
        """See Wire."""
        return openai_errors.stream_error(code, message)
