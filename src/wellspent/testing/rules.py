"""How the fake provider behaves: deterministic figures, and directives that turn faults on.

A directive is ``[[fake: chunks=10;drop_after=3]]`` anywhere in the prompt, or the header ``x-fake: chunks=10;drop_after=3``.

| directive | what it does |
|---|---|
| status=N, html, malformed | answers N; an HTML page; broken JSON |
| hang_s=N, delay_ms=N, chunk_ms=N | silence before the answer; a pause before it; a pause between chunks |
| chunks=N, drop_after=N, drop_before_end | length of a stream; where it breaks off; without its end marker |
| no_usage, zero_usage, usage_twice, usage_with_choices | what it says of usage |
| cached=N, cache_write_5m=N, cache_write_1h=N, reasoning=N, web_search=N | quantities of the bill |
| output_tokens=N, input_tokens=N, model=NAME, service_tier=NAME | figures and names in the answer |
"""

import re
from typing import Any

import orjson
from msgspec import Struct

DIRECTIVE = re.compile(r"\[\[fake:([^\]]*)\]\]")
BYTES_PER_TOKEN = 4
OUTPUT_TOKENS = 20  # of an answer nobody asked to be longer


class Plan(Struct, frozen=True):
    """One planned answer.

    Attributes:
        input_tokens: All of the prompt, cached and written included.
        output_tokens: All of the answer, reasoning included, cut to the caller's cap.
        cut: Whether the cap cut it.
    """

    directives: dict[str, str]
    model: str
    stream: bool
    input_tokens: int
    output_tokens: int
    cut: bool

    def number(self, name: str, default: int = 0) -> int:
        """A directive's number."""
        value = self.directives.get(name, "")
        return int(value) if value.isdigit() else default

    def on(self, name: str) -> bool:
        """Whether a directive is there."""
        return name in self.directives

    @property
    def cached(self) -> int:
        """Prompt tokens read from a cache."""
        return min(self.number("cached"), self.input_tokens)

    @property
    def written_5m(self) -> int:
        """Prompt tokens written to the short cache."""
        return min(self.number("cache_write_5m"), self.input_tokens - self.cached)

    @property
    def written_1h(self) -> int:
        """Prompt tokens written to the long cache."""
        return min(self.number("cache_write_1h"), self.input_tokens - self.cached - self.written_5m)

    @property
    def reasoning(self) -> int:
        """Answer tokens that are not shown."""
        return min(self.number("reasoning"), self.output_tokens)

    def words(self) -> list[str]:
        """The answer's text, in as many pieces as the stream has chunks."""
        shown = max(1, self.output_tokens - self.reasoning)
        pieces = min(self.number("chunks", min(shown, 10)), shown) or 1
        text = ("ok " * shown)[: shown * BYTES_PER_TOKEN // 2] or "ok"
        size = -(-len(text) // pieces)
        return [text[start : start + size] for start in range(0, len(text), size)]


def planned(payload: dict[str, Any], raw: bytes, header: str, cap: int | None, model: str, *, stream: bool) -> Plan:
    """The answer to a request: a token for every four bytes of its body, and twenty of answer, if nothing else is said."""
    found = DIRECTIVE.findall(raw.decode("utf-8", "replace"))
    directives: dict[str, str] = {}
    for text in [*found, header]:
        for part in text.split(";"):
            name, _, value = part.strip().partition("=")
            if name:
                directives[name] = value or "1"
    plain = Plan(directives, model, stream, 0, 0, cut=False)
    wanted = plain.number("output_tokens", OUTPUT_TOKENS)
    output = wanted if cap is None else min(wanted, cap)
    tokens = plain.number("input_tokens", max(1, len(raw) // BYTES_PER_TOKEN))
    return Plan(directives, directives.get("model", model), stream, tokens, output, cut=output < wanted)


def dumped(value: Any) -> bytes:
    """JSON."""
    return orjson.dumps(value)
