"""Sessions: what a commit says about the conversation that made it, and how that meets the ledger's sessions."""

import hashlib
import re
from collections.abc import Iterable, Iterator
from urllib.parse import urlsplit

from wellspent.rework.authorship.agents import GIT_AI_TOOLS
from wellspent.rework.authorship.claim import Author, Claim, Rung, ai
from wellspent.rework.authorship.message import Message

TRAILERS = {"claude-session": "claude-code", "amp-thread-id": "amp", "agent-logs-url": "copilot", "codex-session": "codex", "devin-session": "devin"}
CLAUDE_LINK = re.compile(r"https://claude\.ai/code/(session_\w+)")


def session_claims(message: Message) -> Iterator[Claim]:
    """Claude-Session, Amp-Thread-ID, Agent-Logs-Url …, and a link to a session of Claude Code anywhere in the text."""
    named = False
    for key, value in message.trailers:
        tool = TRAILERS.get(key)
        session = last_part(value) if tool else ""
        if tool and session:
            named = named or tool == "claude-code"
            yield Claim(ai(tool, session=session), Rung.SESSION, f"{key} trailer")
    found = None if named else CLAUDE_LINK.search(message.text)
    if found:
        yield Claim(ai("claude-code", session=found[1]), Rung.SESSION, "link to a claude.ai session")


def last_part(link: str) -> str:
    """The id in a link: its last part, without what follows a file's name. What is no link is the id."""
    words = link.split()
    path = urlsplit(words[0]).path.rstrip("/") if words else ""
    return path.rpartition("/")[2].removesuffix(".jsonl")


def session_key(tool: str, session: str) -> str:
    """git-ai's name of a session: ``s_`` and the first 14 digits of SHA-256 of "tool:conversation" (Git AI Standard 3.0.0, 1.2.3.1)."""
    return "s_" + _digest(tool, session)[:14]


def prompt_key(tool: str, session: str) -> str:
    """The same in notes of versions before 1.4: 16 digits."""
    return _digest(tool, session)[:16]


class KnownSessions:
    """The ledger's sessions, to be found by their id or by git-ai's hash of it."""

    def __init__(self, sessions: Iterable[tuple[str, str]]) -> None:
        """Args: ``(client, session)`` of each."""
        self._by_name: dict[str, set[tuple[str, str]]] = {}
        for client, session in sessions:
            keys = (session_key(client, session), prompt_key(client, session))
            for name in (session, *keys, keys[1][:7]):
                self._by_name.setdefault(name, set()).add((client, session))

    def of(self, author: Author) -> tuple[str, str] | None:
        """The ledger's client and session of an author; None where it is not known, of another client than the author's, or where several fit."""
        named = self._by_name.get(author.session, ()) if author.session else ()
        found = [each for each in named if author.tool in ("", each[0])]
        return found[0] if len(found) == 1 else None


def _digest(tool: str, session: str) -> str:
    return hashlib.sha256(f"{GIT_AI_TOOLS.get(tool, tool)}:{session}".encode()).hexdigest()
