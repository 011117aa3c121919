"""git-ai's notes: which lines of a commit came from which session (*Git AI Standard* 3.0.0, ``refs/notes/ai``).

A note has a section of lines (a path, then ``KEY RANGES`` under it), a line ``---``, and JSON that says who the keys are. Keys: ``s_…::t_…`` a
session, ``h_…`` a person whose typing was seen, bare hexadecimal digits a session of older versions. A line that no key names is *untracked*:
nobody knows, which is not "a person". Prompts and people's names, which notes can hold, are not read.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping

import msgspec
from msgspec import Struct

from wellspent.rework.authorship.agents import TEST_TOOLS, tool_named
from wellspent.rework.authorship.claim import HUMAN, Author, Claim, LineClaim, Rung, ai

SCHEMA = "authorship/3."
DIVIDER = b"---\n"
ENTRY = re.compile(r"  (?P<key>\S+) (?P<ranges>[\d,-]+)")
SESSION_KEY = re.compile(r"(s_[0-9a-f]+)(?:::t_[0-9a-f]+)?")
PROMPT_KEY = re.compile(r"[0-9a-f]{7}|[0-9a-f]{16}")
HUMAN_KEY = re.compile(r"h_[0-9a-f]+")
NOT_A_MODEL = frozenset(("unknown", "default", "<synthetic>", "auto"))
NO_METADATA = "a git-ai note has no metadata that can be read; its lines are known, their tools are not"
OTHER_VERSION = "a git-ai note is of another version than 3; it is not used"
OTHER_KEY = "a line of a git-ai note has a key of no known form; it is not used"
BAD_RANGE = "a line of a git-ai note has ranges that cannot be; they are not used"
TESTING = "a git-ai note names the tool of git-ai's own tests; it is not used"


class Note(Struct, frozen=True):
    """What a note says, by path, and what of it could not be used and how often."""

    lines: Mapping[str, tuple[LineClaim, ...]]
    problems: Mapping[str, int]


class _AgentId(Struct):
    tool: str | None = ""
    id: str | None = ""
    model: str | None = ""


class _Session(Struct):
    agent_id: _AgentId | None = None


class _Metadata(Struct):
    schema_version: str = ""
    prompts: dict[str, _Session] | None = None
    sessions: dict[str, _Session] | None = None


def note_of(body: bytes) -> Note:
    """Read a note."""
    section, metadata = _halves(body)
    problems: Counter[str] = Counter()
    known = _metadata(metadata)
    if known is None:
        problems[NO_METADATA] += 1
    elif not known.schema_version.startswith(SCHEMA):
        return Note({}, {OTHER_VERSION: 1})
    authors = _authors(known or _Metadata())
    lines: dict[str, list[LineClaim]] = {}
    for path, key, ranges in _entries(section.decode(errors="replace")):
        author = _author(key, authors)
        if author is None:
            problems[TESTING if key.partition("::")[0] in authors else OTHER_KEY] += 1
            continue
        claim = Claim(author, Rung.NOTE, "git-ai note")
        for first, last in _ranges(ranges, problems):
            lines.setdefault(path, []).append(LineClaim(first, last, claim))
    return Note({path: tuple(sorted(each, key=lambda line: line.first)) for path, each in lines.items()}, problems)


def _halves(body: bytes) -> tuple[bytes, bytes]:
    if body.startswith(DIVIDER):
        return b"", body[len(DIVIDER) :]
    section, _, metadata = body.partition(b"\n" + DIVIDER)
    return section, metadata


def _metadata(text: bytes) -> _Metadata | None:
    try:
        return msgspec.json.decode(text, type=_Metadata)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return None


def _authors(known: _Metadata) -> dict[str, Author | None]:
    entries = {**(known.prompts or {}), **(known.sessions or {})}
    return {key: _agent(entry.agent_id or _AgentId()) for key, entry in entries.items()}


def _agent(agent: _AgentId) -> Author | None:
    tool, model = agent.tool or "", agent.model or ""
    return None if tool in TEST_TOOLS else ai(tool_named(tool), "" if model in NOT_A_MODEL else model, agent.id or "")


def _entries(section: str) -> Iterator[tuple[str, str, str]]:
    path = ""
    for line in section.split("\n"):
        entry = ENTRY.fullmatch(line)
        if entry:
            yield path, entry["key"], entry["ranges"]
        elif line and not line.startswith(" "):
            path = line[1:-1] if len(line) > 1 and line[0] == line[-1] == '"' else line


def _author(key: str, authors: Mapping[str, Author | None]) -> Author | None:
    if HUMAN_KEY.fullmatch(key):
        return HUMAN
    session = SESSION_KEY.fullmatch(key)
    name = session[1] if session else key
    if not session and not PROMPT_KEY.fullmatch(key):
        return None
    return authors.get(name, ai("", session=name))


def _ranges(text: str, problems: Counter[str]) -> Iterator[tuple[int, int]]:
    for part in text.split(","):
        first, dash, last = part.partition("-")
        if first.isdecimal() and (last.isdecimal() or not dash) and 0 < int(first) <= int(last or first):
            yield int(first), int(last or first)
        else:
            problems[BAD_RANGE] += 1
