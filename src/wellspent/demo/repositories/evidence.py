"""What commits tell of who wrote them: trailers in their messages, and git-ai's notes (*Git AI Standard* 3.0.0). Pure."""

import hashlib
import json
from collections.abc import Mapping, Sequence

from wellspent.demo.repositories.importing import Signature
from wellspent.demo.repositories.places import Told
from wellspent.demo.repositories.tree import AGENT, PERSON, Range
from wellspent.rework.authorship.sessions import session_key

TOOL, GIT_AI_TOOL = "claude-code", "claude"
NOTED = (Told.NOTE, Told.HASHED)
NIGHT = Signature("claude[bot]", "209825114+claude[bot]@users.noreply.github.com")
FORGE = Signature("Tidewater Git", "git@tidewater.example")


def trailers(told: Told, session: str, model: str, signed: bool) -> tuple[str, ...]:
    """The last lines of a message.

    Args:
        signed: Whether the agent also signs where a note tells of it: it does so for the whole commit, whoever wrote most of it.
    """
    by = f"Co-Authored-By: {model.replace('-', ' ').title()} <noreply@anthropic.com>"
    if told is Told.SESSION:
        return by, f"Claude-Session: https://claude.ai/code/{session}"
    if told is Told.COAUTHOR or (signed and told in NOTED):
        return (by,)
    return ("Generated with [Claude Code](https://claude.com/claude-code)",) if told is Told.GENERATED else ()


def note(told: Told, ranges: Mapping[str, Sequence[Range]], session: str, model: str, person: Signature) -> bytes | None:
    """git-ai's note on a commit that put lines in; None where there is none. Lines of nobody are in no range."""
    if told not in NOTED:
        return None
    of_session, of_person = session_key(TOOL, session), f"h_{_digest(person.address)}"
    keys = {AGENT: f"{of_session}::t_{_digest(session)}", PERSON: of_person}
    rows = [row for path in sorted(ranges) for row in _rows(path, ranges[path], keys)]
    agent = {"agent_id": {"tool": GIT_AI_TOOL, "id": session, "model": model}, "human_author": f"{person.name} <{person.address}>"}
    metadata = {
        "schema_version": "authorship/3.0.0",
        "git_ai_version": "1.4.5",
        "base_commit_sha": "",
        "prompts": {},
        "humans": {of_person: {"author": f"{person.name} <{person.address}>"}},
        "sessions": {of_session: agent} if told is Told.NOTE else {},
    }
    return "\n".join([*rows, "---", json.dumps(metadata)]).encode() if rows else None


def _rows(path: str, ranges: Sequence[Range], keys: Mapping[str, str]) -> list[str]:
    """A path and, below it, the lines of each key."""
    found = []
    for writer, key in keys.items():
        spans = ",".join(f"{each.first}-{each.last}" for each in sorted(ranges, key=lambda each: each.first) if each.writer == writer)
        found += [f"  {key} {spans}"] if spans else []
    return [path, *found] if found else []


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:14]
