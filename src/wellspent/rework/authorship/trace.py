"""Agent Trace 0.1.0: a line of JSON for each edit, with ranges of lines at a named revision (cursor/agent-trace, README, part 6).

Ranges hold at the revision that a record names. The specification's own sample hook names the revision *before* the edit and the version "1.0",
which the specification's pattern for versions does not allow; its ranges are at no revision, so such records are counted and not used.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

import msgspec
from msgspec import Struct

from wellspent.rework.authorship.agents import tool_named
from wellspent.rework.authorship.claim import HUMAN, Author, Claim, LineClaim, Rung, ai
from wellspent.rework.authorship.sessions import last_part

VERSION = re.compile(r"[01]\.\d+\.\d+")
REVISION = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
NOT_A_RECORD = "a line of Agent Trace is no record of it; it is not used"
OTHER_VERSION = "a record of Agent Trace has a version that the specification does not know; it is not used"
NO_REVISION = "a record of Agent Trace names no git revision; it is not used"
NOBODY = "a range of Agent Trace is by nobody known, or by both; it is not used"
BAD_RANGE = "a range of Agent Trace has lines that cannot be; it is not used"


class Traces(Struct, frozen=True):
    """What records say, by revision and path, and what of them could not be used and how often."""

    lines: Mapping[str, Mapping[str, tuple[LineClaim, ...]]]
    problems: Mapping[str, int]


class _Contributor(Struct):
    type: str
    model_id: str | None = ""


class _Range(Struct):
    start_line: int
    end_line: int
    contributor: _Contributor | None = None


class _Related(Struct):
    type: str
    url: str


class _Conversation(Struct):
    ranges: list[_Range]
    url: str | None = None
    contributor: _Contributor | None = None
    related: list[_Related] | None = None


class _File(Struct):
    path: str
    conversations: list[_Conversation]


class _Vcs(Struct):
    type: str
    revision: str


class _Tool(Struct):
    name: str | None = ""


class _Record(Struct):
    version: str
    files: list[_File]
    vcs: _Vcs | None = None
    tool: _Tool | None = None


def traces_of(records: Iterable[bytes]) -> Traces:
    """Read records, each a line."""
    problems: Counter[str] = Counter()
    lines: dict[str, dict[str, list[LineClaim]]] = {}
    for text in records:
        record = _record(text, problems) if text.strip() else None
        if record is None or record.vcs is None:
            continue
        files = lines.setdefault(record.vcs.revision.lower(), {})
        for file in record.files:
            files.setdefault(file.path, []).extend(_claims(record, file, problems))
    return Traces({revision: _sorted(files) for revision, files in lines.items()}, problems)


def _record(text: bytes, problems: Counter[str]) -> _Record | None:
    try:
        record = msgspec.json.decode(text, type=_Record)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        problems[NOT_A_RECORD] += 1
        return None
    if not VERSION.fullmatch(record.version):
        problems[OTHER_VERSION] += 1
        return None
    if record.vcs is None or record.vcs.type != "git" or not REVISION.fullmatch(record.vcs.revision.lower()):
        problems[NO_REVISION] += 1
        return None
    return record


def _claims(record: _Record, file: _File, problems: Counter[str]) -> Iterator[LineClaim]:
    tool = tool_named((record.tool and record.tool.name) or "")
    for conversation in file.conversations:
        for each in conversation.ranges:
            author = _author(each.contributor or conversation.contributor, "" if tool == "unknown" else tool, _session(conversation))
            if author is None:
                problems[NOBODY] += 1
            elif not 0 < each.start_line <= each.end_line:
                problems[BAD_RANGE] += 1
            else:
                yield LineClaim(each.start_line, each.end_line, Claim(author, Rung.TRACE, "Agent Trace"))


def _author(contributor: _Contributor | None, tool: str, session: str) -> Author | None:
    if contributor is not None and contributor.type == "ai":
        return ai(tool, (contributor.model_id or "").rpartition("/")[2], session)
    return HUMAN if contributor is not None and contributor.type == "human" else None


def _session(conversation: _Conversation) -> str:
    links = [each.url for each in conversation.related or [] if each.type == "session"] + [conversation.url or ""]
    return last_part(links[0])


def _sorted(files: Mapping[str, list[LineClaim]]) -> dict[str, tuple[LineClaim, ...]]:
    return {path: tuple(sorted(each, key=lambda line: line.first)) for path, each in files.items() if each}
