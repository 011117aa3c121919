"""A fake LLM provider on loopback: OpenAI, Azure, Anthropic and Gemini dialects, deterministic, with faults on demand."""

from wellspent.testing.provider.fake import FakeProvider
from wellspent.testing.provider.seen import Seen, masked

__all__ = ["FakeProvider", "Seen", "masked"]
