"""The plan of one answer: deterministic figures and text, decided before a byte is sent. Pure.

The tokenizer of the fake provider: four bytes are a token, rounded up. A prompt is as long as its request body; an answer is twenty tokens,
or what the directives say, cut to the caller's cap: a cap is truly obeyed, and the answer then says that it was cut.
"""

from itertools import pairwise
from typing import Any, Protocol

import orjson
from msgspec import Struct

from wellspent.facts.usage import Usage
from wellspent.testing.provider.directives import Directives

BYTES_PER_TOKEN = 4
OUTPUT_TOKENS = 20  # of an answer that nobody asked to be longer
CHUNKS = 8  # of a stream that nobody asked to be cut otherwise
PHRASE = "Hello from the fake provider. "
CREATED_S = 1_767_225_600  # 2026-01-01; answers carry no real time, so that they can be compared


class Asked(Struct, frozen=True):
    """What a dialect read in a request.

    Attributes:
        cap: The caller's limit of each answer in tokens, or None.
        answers: How many answers at once.
        tools: Names of the caller's own tools.
        tool_answered: Whether the conversation already holds a tool's result.
        schema: The JSON schema the answer has to follow, {} for any JSON, None for text.
        tier: The service tier asked for.
        include_usage: Chat only: whether the stream is to end with usage.
    """

    model: str
    stream: bool = False
    cap: int | None = None
    answers: int = 1
    tools: tuple[str, ...] = ()
    tool_answered: bool = False
    schema: dict[str, Any] | None = None
    tier: str = ""
    include_usage: bool = False


class ToolCall(Struct, frozen=True):
    """A tool the answer calls; ``arguments`` is JSON text."""

    name: str
    arguments: str


class Plan(Struct, frozen=True):
    """One planned answer; tokens are those of each answer where several were asked for.

    Attributes:
        number: The how-manieth call this is, for ids.
        input_tokens: All of the prompt, cached and written ones included.
        output_tokens: All of one answer, reasoning and audio included.
        reasoning_tokens: Those of them not shown.
        text: What is shown, or the text before a tool call.
        cut: Whether the cap cut it.
    """

    number: int
    asked: Asked
    said: Directives
    input_tokens: int
    output_tokens: int
    reasoning_tokens: int
    text: str
    tool: ToolCall | None
    cut: bool

    @property
    def model(self) -> str:
        """The model the answer names."""
        return self.said.text("model", self.asked.model)

    @property
    def cached_tokens(self) -> int:
        """Prompt tokens read from a cache."""
        return min(self.said.number("cached"), self.input_tokens)

    @property
    def written_5m_tokens(self) -> int:
        """Prompt tokens written to the short-lived cache."""
        return min(self.said.number("cache_write_5m"), self.input_tokens - self.cached_tokens)

    @property
    def written_1h_tokens(self) -> int:
        """Prompt tokens written to the cache for an hour."""
        return min(self.said.number("cache_write_1h"), self.input_tokens - self.cached_tokens - self.written_5m_tokens)

    @property
    def audio_tokens(self) -> int:
        """Prompt tokens that were audio, none of them cached."""
        return min(self.said.number("audio"), self.input_tokens - self.cached_tokens)

    @property
    def image_tokens(self) -> int:
        """Prompt tokens that were pictures, none of them cached; only where the dialect tells them apart."""
        return min(self.said.number("image"), self.input_tokens - self.cached_tokens - self.audio_tokens)

    @property
    def audio_out_tokens(self) -> int:
        """Answer tokens that were audio."""
        return min(self.said.number("audio_out"), self.output_tokens - self.reasoning_tokens)

    @property
    def web_searches(self) -> int:
        """Hosted searches made."""
        return self.said.number("web_search")

    def pieces(self) -> list[str]:
        """The text in as many pieces as the stream has chunks."""
        pieces = max(1, min(self.said.number("chunks", CHUNKS), len(self.text)))
        bounds = [number * len(self.text) // pieces for number in range(pieces + 1)]
        return [self.text[start:end] for start, end in pairwise(bounds)]

    def shown_tokens(self, text_bytes: int) -> int:
        """Answer tokens generated when so many bytes of text (of all answers) had been sent, without reasoning."""
        whole = self.asked.answers * (self.output_tokens - self.reasoning_tokens)
        return min(whole, tokens_of(text_bytes))


class Event(Struct, frozen=True):
    """A piece of a stream, and how many bytes of the answer's text are in it."""

    data: bytes
    text_bytes: int = 0


class Dialect(Protocol):
    """One provider API as the fake speaks it."""

    name: str

    def asked(self, payload: dict[str, Any], model: str, *, stream: bool) -> Asked:
        """Read a request; ``model`` and ``stream`` are what its path says."""
        ...

    def answer(self, plan: Plan) -> dict[str, Any]:
        """A whole answer."""
        ...

    def events(self, plan: Plan) -> list[Event]:
        """A streamed answer."""
        ...

    def bill(self, plan: Plan, shown_tokens: int) -> Usage:
        """What is truly charged when so many tokens were shown, in disjoint units."""
        ...

    def error(self, status: int, message: str, request_id: str) -> dict[str, Any]:
        """A no in this dialect's shape."""
        ...


def plan_answer(number: int, asked: Asked, said: Directives, body_bytes: int) -> Plan:
    """Decide an answer. A tool is called where a directive names one that the caller offers and no tool has answered yet."""
    tool = None
    if said.on("tool") and said.text("tool") in asked.tools and not asked.tool_answered:
        tool = ToolCall(said.text("tool"), _json_object(said.text("tool_input")))
    natural = said.text("say") or ("" if asked.schema is None or tool else orjson.dumps(example(asked.schema)).decode())
    shown = tokens_of(len(natural.encode())) if natural else max(OUTPUT_TOKENS, said.number("chunks"))
    if tool is not None:
        shown += tokens_of(len(tool.name) + len(tool.arguments))
    reasoning = said.number("reasoning")
    wanted = said.number("output_tokens", shown + reasoning)
    output = wanted if asked.cap is None else min(wanted, asked.cap)
    reasoning = min(reasoning, output)
    token_bytes = said.number("token_bytes", BYTES_PER_TOKEN)
    if tool is not None and output == wanted:
        text = natural
    else:
        tool, text = None, text_of(natural, output - reasoning, exact=said.on("output_tokens") or output < wanted, token_bytes=token_bytes)
    tokens = said.number("input_tokens", tokens_of(body_bytes))
    return Plan(number, asked, said, tokens, output, reasoning, text, tool, cut=output < wanted)


def _json_object(text: str) -> str:
    try:
        return text if isinstance(orjson.loads(text), dict) else "{}"
    except orjson.JSONDecodeError:
        return "{}"


def tokens_of(size_bytes: int) -> int:
    """Four bytes are a token, rounded up."""
    return -(-size_bytes // BYTES_PER_TOKEN)


def text_of(natural: str, tokens: int, *, exact: bool, token_bytes: int = BYTES_PER_TOKEN) -> str:
    """A text of so many tokens: the natural one, or the fake's phrase over and over."""
    size = tokens * token_bytes
    if natural and not exact:
        return natural
    start = natural + " " if natural else ""
    return (start + PHRASE * (size // len(PHRASE) + 1))[:size]


def example(schema: dict[str, Any]) -> Any:
    """A small value that a JSON schema accepts (the common words of it: type, properties, items, enum, const, anyOf)."""
    if "const" in schema:
        return schema["const"]
    for choices in (schema.get("enum"), schema.get("anyOf"), schema.get("oneOf")):
        if choices:
            return example(choices[0]) if isinstance(choices[0], dict) else choices[0]
    kind = schema.get("type", "object" if "properties" in schema else "")
    kind = str(kind[0] if isinstance(kind, list) else kind).lower()
    if kind == "array":
        return [example(schema.get("items") or {})] * int(schema.get("minItems", 0))
    if kind == "object":
        properties = schema.get("properties") or {}
        return {name: example(properties.get(name) or {}) for name in schema.get("required") or properties}
    return {"string": "fake", "integer": schema.get("minimum", 1), "number": schema.get("minimum", 1), "boolean": True, "null": None}.get(kind, {})


def sse(data: Any, event: str = "") -> bytes:
    """One server-sent event."""
    return (f"event: {event}\n".encode() if event else b"") + b"data: " + orjson.dumps(data) + b"\n\n"
