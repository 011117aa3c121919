"""Edits in Codex' logs: ``patch_apply_end`` says what a patch did, by file; older logs have only the call of ``apply_patch`` and its answer.

Changes: ``{PATH: {"type": "add", "content": …}}`` or ``{"type": "update", "unified_diff": …, "move_path": …}``; versions before October 2025 write
``{"add": {"content": …}}``, and on ``patch_apply_begin`` (openai/codex, protocol.rs). A call's text is the format of ``apply_patch`` (``*** Add
File: PATH``).
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import orjson

from wellspent.connectors.edits.logs import edit_from, logs_since
from wellspent.connectors.usage.base import Problems, object_of, text_of
from wellspent.connectors.usage.codex import CLIENT
from wellspent.connectors.usage.codex_thread import UUID
from wellspent.connectors.usage.files import COMPRESSED, moment_ms, named, records
from wellspent.rework.authorship.claim import ai
from wellspent.rework.authorship.transcript import Edit

NAMES = ("session_meta", "turn_context", "patch_apply_end", "patch_apply_begin", "function_call_output", "custom_tool_call_output")
MARKS = (*(f'"{name}"'.encode() for name in NAMES), b'apply_patch"')
FILE = re.compile(r"\*\*\* (?P<what>Add File|Update File|Delete File|Move to): (?P<path>.+)")
DONE = re.compile(r'"exit_code":\s*0\b|^Success\.|"Success\.|Exit code: 0\b', re.MULTILINE)
Written = dict[str, list[str]]


def codex_edits(folders: Iterable[Path], problems: Problems, since_ms: int = 0) -> Iterator[Edit]:
    """Every patch that was applied, each once, however many threads copied it."""
    seen: set[str] = set()
    for log in logs_since(folders, (".jsonl", ".jsonl" + COMPRESSED), problems, since_ms):
        rollout = Rollout(log)
        for line, record in records(log, MARKS, problems):
            for call, edits in rollout.edits(record):
                if call in seen:
                    continue
                seen.add(call)
                at_ms = moment_ms(record.get("timestamp"))
                if at_ms is None:
                    problems.add("an edit has no time that can be read; it is not used", log, line)
                elif at_ms >= since_ms:
                    author = ai(CLIENT, rollout.model, rollout.session)
                    for path, written in edits.items():
                        yield from edit_from(author, at_ms, path, rollout.folder, written)


class Rollout:
    """One file, read from its beginning: session, model and folder as they hold at each line."""

    def __init__(self, log: Path) -> None:
        found = UUID.search(log.name)
        self._thread = found[0] if found else named(log.stem)
        self.session = self._thread
        self.model = self.folder = ""
        self._called: dict[str, Written] = {}
        self._began: dict[str, Written] = {}

    def edits(self, record: Mapping[str, Any]) -> Iterator[tuple[str, Written]]:
        """What a line says was written, with the id of its call."""
        payload = object_of(record, "payload")
        kind, call = text_of(payload, "type"), text_of(payload, "call_id")
        if record.get("type") == "session_meta" and text_of(payload, "id") in ("", self._thread):
            self.session = text_of(payload, "session_id") or self._thread
            self.folder = text_of(payload, "cwd")
        elif record.get("type") == "turn_context":
            self.model, self.folder = text_of(payload, "model") or self.model, text_of(payload, "cwd") or self.folder
        elif kind in ("function_call", "custom_tool_call") and text_of(payload, "name").endswith("apply_patch"):
            self._called[call] = patched(_patch_in(payload))
        elif kind == "patch_apply_begin":
            self._began[call] = changed(object_of(payload, "changes"))
        elif kind == "patch_apply_end" and payload.get("success") is True:
            self._called.pop(call, None)
            yield call, changed(object_of(payload, "changes")) or self._began.pop(call, {})
        elif kind in ("function_call_output", "custom_tool_call_output") and call in self._called:
            written = self._called.pop(call)
            if DONE.search(str(payload.get("output"))):
                yield call, written


def changed(changes: Mapping[str, Any]) -> Written:
    """The lines that changes wrote, by file."""
    written: Written = {}
    for path, change in changes.items():
        kind = text_of(change, "type") if isinstance(change, dict) else ""
        about = change if kind else next((each for each in (object_of(change, "add"), object_of(change, "update")) if each), {})
        diff, content = about.get("unified_diff"), about.get("content")
        if isinstance(diff, str):
            written[text_of(about, "move_path") or path] = [
                line[1:] for line in diff.splitlines() if line.startswith("+") and not line.startswith("+++ ")
            ]
        elif isinstance(content, str) and kind != "delete":
            written[path] = content.splitlines()
    return written


def patched(patch: str) -> Written:
    """The lines that a text in the format of ``apply_patch`` writes, by file."""
    written: Written = {}
    path = ""
    for line in patch.splitlines():
        begins = FILE.match(line)
        if begins and begins["what"] == "Move to":
            written[begins["path"].strip()] = written.pop(path, [])
            path = begins["path"].strip()
        elif begins:
            path = begins["path"].strip()
        elif line.startswith("+") and path:
            written.setdefault(path, []).append(line[1:])
    return written


def _patch_in(payload: Mapping[str, Any]) -> str:
    """The patch of a call: its own text, or a field of its arguments."""
    given = payload.get("input") or payload.get("arguments")
    if not isinstance(given, str) or given.lstrip().startswith("*** "):
        return given if isinstance(given, str) else ""
    try:
        arguments = orjson.loads(given)
    except orjson.JSONDecodeError:
        return ""
    return next((text for name in ("patch", "input") if isinstance(text := arguments.get(name), str)), "") if isinstance(arguments, dict) else ""
