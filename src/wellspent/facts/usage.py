"""Usage: the billable quantities of one call.

Quantities are disjoint: a token is counted in exactly one unit, whatever convention the provider reports in
(OpenAI and Gemini count cached tokens inside input, Anthropic beside it; see ``gateway`` for each wire). So a bill is a plain
sum over units. Unit names are those of the genai-prices registry where it has one, read as "only those not counted elsewhere".
"""

from enum import StrEnum

from msgspec import Struct
from msgspec.structs import astuple


class Quality(StrEnum):
    """How well an amount is known. Unknown is never zero."""

    EXACT = "exact"
    ESTIMATED = "estimated"
    UNPRICED = "unpriced"


TOKEN_UNITS = (
    "input_tokens",
    "cache_read_tokens",
    "cache_write_5m_tokens",
    "cache_write_1h_tokens",
    "output_tokens",
    "output_reasoning_tokens",
    "input_audio_tokens",
    "cache_audio_read_tokens",
    "output_audio_tokens",
    "input_image_tokens",
    "cache_image_read_tokens",
    "output_image_tokens",
    "input_video_tokens",
    "output_video_tokens",
)
INPUT_UNITS = frozenset(unit for unit in TOKEN_UNITS if not unit.startswith("output"))
COUNT_UNITS = ("web_searches", "storage_searches", "code_executions", "social_searches")
UNITS = TOKEN_UNITS + COUNT_UNITS


class Usage(Struct, frozen=True, gc=False, array_like=True):
    """Billable quantities of one call, disjoint by unit.

    Attributes:
        input_tokens: Text tokens read at the full input rate (neither cached nor audio, image, video).
        cache_read_tokens: Tokens read from a prompt cache.
        cache_write_5m_tokens: Tokens written to the cache with the short (default) lifetime.
        cache_write_1h_tokens: Tokens written to the cache for an hour.
        output_tokens: Tokens written, visible text and tool calls, without reasoning.
        output_reasoning_tokens: Tokens thought and billed but not shown.
        web_searches: Calls of a provider's hosted web search; the other plain counts likewise.
        service_tier: What the provider says it served: "", "standard", "priority", "flex", "batch", "fast".
    """

    input_tokens: int = 0
    cache_read_tokens: int = 0
    cache_write_5m_tokens: int = 0
    cache_write_1h_tokens: int = 0
    output_tokens: int = 0
    output_reasoning_tokens: int = 0
    input_audio_tokens: int = 0
    cache_audio_read_tokens: int = 0
    output_audio_tokens: int = 0
    input_image_tokens: int = 0
    cache_image_read_tokens: int = 0
    output_image_tokens: int = 0
    input_video_tokens: int = 0
    output_video_tokens: int = 0
    web_searches: int = 0
    storage_searches: int = 0
    code_executions: int = 0
    social_searches: int = 0
    service_tier: str = ""

    def quantities(self) -> list[tuple[str, int]]:
        """Each unit with a quantity that is not zero, in the order of ``UNITS``."""
        return [pair for pair in zip(UNITS, astuple(self)) if pair[1]]

    @property
    def context_tokens(self) -> int:
        """All tokens of the prompt, cached or not: what context tiers are judged by."""
        return (
            self.input_tokens
            + self.cache_read_tokens
            + self.cache_write_5m_tokens
            + self.cache_write_1h_tokens
            + self.input_audio_tokens
            + self.cache_audio_read_tokens
            + self.input_image_tokens
            + self.cache_image_read_tokens
            + self.input_video_tokens
        )

    @property
    def answer_tokens(self) -> int:
        """All tokens of the answer, shown or not."""
        text = self.output_tokens + self.output_reasoning_tokens
        return text + self.output_audio_tokens + self.output_image_tokens + self.output_video_tokens

    @property
    def total_tokens(self) -> int:
        """Prompt and answer together: what a budget in tokens counts."""
        return self.context_tokens + self.answer_tokens
