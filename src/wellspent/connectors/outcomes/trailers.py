"""Lines at which a change says what wrote it, so that money finds it: ``wellspent-session: 7f3a``, or what coding agents add themselves. Pure.

A trailer is a line of its own. Agents link to their session (Claude Code on the web: ``https://claude.ai/code/session_…``; Amp:
``https://ampcode.com/threads/T-…``), and the last part of the address is its id. A line that is quoted with ``>`` is somebody else's.
"""

import re
from typing import Any

from wellspent import limits

CHARS_MAX = 100_000  # of a text, that are looked through
LINE = re.compile(r"^[ \t]*([a-z-]{1,30}):[ \t]*(\S+)[ \t]*\r?$", re.ASCII | re.IGNORECASE | re.MULTILINE)
OURS = {f"wellspent-{kind}": kind for kind in ("run", "session", "conversation", "issue")}
AGENTS = {"claude-session": "session", "amp-thread-id": "session"}


def links_of(*texts: Any) -> tuple[tuple[str, str], ...]:
    """The links that texts name, in their order, each once; what is no text, and an id that cannot be kept, is passed over.

    >>> links_of("Fix the till", "wellspent-run: triage-81\\nAmp-Thread-ID: https://ampcode.com/threads/T-4711")
    (('run', 'triage-81'), ('session', 'T-4711'))
    """
    found: dict[tuple[str, str], None] = {}
    for name, value in (pair for text in texts if isinstance(text, str) for pair in LINE.findall(text[:CHARS_MAX])):
        kind = OURS.get(name.lower()) or AGENTS.get(name.lower())
        said = value.strip("<>`")
        said = _last_part(said) if name.lower() in AGENTS else said
        of_kind = sum(each == kind for each, _ in found)
        if kind and said.isprintable() and 0 < len(said) <= limits.OUTCOME_TEXT_CHARS_MAX and of_kind < limits.OUTCOME_TRAILERS_MAX:
            found[kind, said] = None
    return tuple(found)


def _last_part(address: str) -> str:
    """The last part of an address's path; an id alone is its own."""
    return re.split(r"[?#]", address, maxsplit=1)[0].rstrip("/").rpartition("/")[2]
