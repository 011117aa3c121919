"""Models that coding agents call by themselves, beside the one a person chose: an allow-list that forgets them breaks the agent.

Seen on the wire with Claude Code 2.1.197 and 2.1.325, and Gemini CLI 0.61.0 (docs/clients.md).
"""

from collections.abc import Sequence
from fnmatch import fnmatchcase
from typing import Final

from msgspec import Struct


class Background(Struct, frozen=True):
    """One model that a client calls by itself.

    Attributes:
        family: A list that has patterns with this word is meant for the client.
        model: The name it asks for.
        instead: How to make the client do without it.
    """

    client: str
    family: str
    model: str
    use: str
    instead: str


_HAIKU: Final = "helpers, and agents that ask for haiku", "set ANTHROPIC_DEFAULT_HAIKU_MODEL for Claude Code to a model that is"
KNOWN: Final = (
    Background("Claude Code", "claude", "claude-haiku-4-5-20251001", *_HAIKU),
    Background("Claude Code", "claude", "claude-haiku-5-5", *_HAIKU),
    Background("Gemini CLI", "gemini", "gemini-3.5-flash-lite", "choosing a model before each prompt", "start it with -m MODEL"),
)


def left_out(models_allowed: Sequence[str]) -> tuple[Background, ...]:
    """The background models that an allow-list for their client's other models does not allow.

    >>> [each.model for each in left_out(["gpt-*", "claude-opus-*", "claude-haiku-4-*"])]
    ['claude-haiku-5-5']
    """
    return tuple(
        each
        for each in KNOWN
        if any(each.family in pattern for pattern in models_allowed) and not any(fnmatchcase(each.model, pattern) for pattern in models_allowed)
    )
