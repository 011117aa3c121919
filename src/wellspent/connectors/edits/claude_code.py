"""Edits in Claude Code's logs: a ``tool_use`` proposes one, the line that answers it says what became of the file.

``toolUseResult.structuredPatch`` has the lines that were changed; of a new file ``content`` has them all. Where the person changed the proposal
before accepting it (``userModified``), only lines that were proposed are the agent's. An edit without an answer, or whose answer is an error,
changed nothing.
"""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from msgspec import Struct

from wellspent.connectors.edits.logs import edit_from, logs_since
from wellspent.connectors.usage.base import Problems, object_of, text_of
from wellspent.connectors.usage.claude_code import CLIENT
from wellspent.connectors.usage.files import moment_ms, named, records
from wellspent.rework.authorship.claim import ai
from wellspent.rework.authorship.transcript import Edit

MARKS = (b'"toolUseResult"', b'"tool_use"')
TOOLS = ("Edit", "Write", "MultiEdit", "NotebookEdit")
NEW_TEXT = ("new_string", "content", "new_source")


class Proposal(Struct, frozen=True):
    """What an agent asked to write."""

    model: str
    path: str
    lines: tuple[str, ...]


def claude_code_edits(folders: Iterable[Path], problems: Problems, since_ms: int = 0) -> Iterator[Edit]:
    """Every edit that was made, each once, however many sessions copied it."""
    seen: set[str] = set()
    for log in logs_since(folders, (".jsonl",), problems, since_ms):
        proposed: dict[str, Proposal] = {}
        for line, record in records(log, MARKS, problems):
            proposed.update(proposals_in(record))
            tool_use = answered(record)
            proposal = proposed.pop(tool_use, None) if tool_use else None
            if proposal is None or tool_use in seen:
                continue
            seen.add(tool_use)
            at_ms = moment_ms(record.get("timestamp"))
            if at_ms is None:
                problems.add("an edit has no time that can be read; it is not used", log, line)
            elif at_ms >= since_ms:
                author = ai(CLIENT, proposal.model, text_of(record, "sessionId") or named(log.stem))
                result = object_of(record, "toolUseResult")
                yield from edit_from(author, at_ms, text_of(result, "filePath") or proposal.path, "", written_in(result, proposal))


def proposals_in(record: Mapping[str, Any]) -> dict[str, Proposal]:
    """The edits that a line proposes, by the id of their ``tool_use``."""
    message = object_of(record, "message")
    blocks = message.get("content")
    found = {}
    for block in blocks if record.get("type") == "assistant" and isinstance(blocks, list) else ():
        if isinstance(block, dict) and block.get("type") == "tool_use" and block.get("name") in TOOLS:
            given = object_of(block, "input")
            path = text_of(given, "file_path") or text_of(given, "notebook_path")
            found[text_of(block, "id")] = Proposal(text_of(message, "model"), path, tuple(_proposed(given)))
    return found


def answered(record: Mapping[str, Any]) -> str:
    """The ``tool_use`` that a line reports as done; "" for every other line."""
    result = record.get("toolUseResult")
    blocks = object_of(record, "message").get("content")
    if not isinstance(result, dict) or not isinstance(blocks, list):
        return ""
    return next((text_of(block, "tool_use_id") for block in blocks if isinstance(block, dict) and block.get("type") == "tool_result"), "")


def written_in(result: Mapping[str, Any], proposal: Proposal) -> list[str]:
    """The lines that an edit wrote."""
    hunks = result.get("structuredPatch")
    patch = [line for hunk in hunks if isinstance(hunk, dict) for line in _texts(hunk.get("lines"))] if isinstance(hunks, list) else []
    written = [line[1:] for line in patch if line.startswith("+")]
    if not patch:
        content = result.get("content")
        written = content.splitlines() if isinstance(content, str) else list(proposal.lines)
    if result.get("userModified") is True:
        asked = {line.strip() for line in proposal.lines}
        return [line for line in written if line.strip() in asked]
    return written


def _proposed(given: Mapping[str, Any]) -> Iterator[str]:
    edits = given.get("edits")
    for each in (given, *(edits if isinstance(edits, list) else ())):
        if isinstance(each, dict):
            for name in NEW_TEXT:
                text = each.get(name)
                yield from text.splitlines() if isinstance(text, str) else ()


def _texts(values: object) -> list[str]:
    return [value for value in values if isinstance(value, str)] if isinstance(values, list) else []
