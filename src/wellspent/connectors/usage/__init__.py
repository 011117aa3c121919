"""Usage that did not pass the gateway: the logs that coding agents leave on this machine."""

from collections.abc import Mapping

from wellspent.connectors.usage.base import UsageSource
from wellspent.connectors.usage.claude_code import ClaudeCode
from wellspent.connectors.usage.codex import Codex


def sources_here(env: Mapping[str, str]) -> tuple[UsageSource, ...]:
    """The logs of this machine, a source for each agent; nothing is opened before its calls are asked for, but what says who is billed."""
    return ClaudeCode.here(env), Codex.here(env)
