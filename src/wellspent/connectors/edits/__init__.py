"""What coding agents on this machine wrote into files, from the same logs as their usage: who wrote which lines, as hashes."""

from collections.abc import Iterator, Mapping

from wellspent.connectors.edits.claude_code import claude_code_edits
from wellspent.connectors.edits.codex import codex_edits
from wellspent.connectors.usage.base import Problems
from wellspent.connectors.usage.claude_code import ClaudeCode
from wellspent.connectors.usage.codex import Codex
from wellspent.rework.authorship.transcript import Edit


def edits_here(env: Mapping[str, str], problems: Problems, since_ms: int = 0) -> Iterator[Edit]:
    """Every edit in the logs of this machine at or after a moment, each once."""
    yield from claude_code_edits(ClaudeCode.here(env).folders, problems, since_ms)
    yield from codex_edits(Codex.here(env).folders, problems, since_ms)
