import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wellspent.rework.authorship.claim import HUMAN, ai
from wellspent.rework.authorship.trace import BAD_RANGE, NO_REVISION, NOBODY, NOT_A_RECORD, OTHER_VERSION, traces_of

REVISION = "a1b2c3d4e5f6a7b8c9d0e1f2a3b4c5d6e7f8a9b0"
AI = {"type": "ai", "model_id": "anthropic/claude-opus-4-5-20251101"}


def record(**fields: object) -> bytes:
    whole = {
        "version": "0.1.0",
        "id": "550e8400-e29b-41d4-a716-446655440000",
        "timestamp": "2026-11-20T10:00:00Z",
        "vcs": {"type": "git", "revision": REVISION},
        "tool": {"name": "cursor", "version": "2.4.0"},
        "files": [
            {"path": "a.ts", "conversations": [{"url": "https://x.example/c/1", "contributor": AI, "ranges": [{"start_line": 4, "end_line": 6}]}]}
        ],
        "metadata": {"confidence": 0.9},
    }
    return orjson.dumps({name: value for name, value in {**whole, **fields}.items() if value is not None})


def conversation(**fields: object) -> list[object]:
    return [{"path": "a.ts", "conversations": [{"contributor": AI, "ranges": [{"start_line": 1, "end_line": 2}], **fields}]}]


def test_a_record_tells_of_lines_at_its_revision() -> None:
    traces = traces_of([record(), b"", b"  "])
    ((line,),) = (traces.lines[REVISION]["a.ts"],)
    assert (line.first, line.last, line.claim.author) == (4, 6, ai("cursor", "claude-opus-4-5-20251101", "1"))
    assert not traces.problems


def test_a_range_can_have_another_contributor_and_a_session_can_be_named_beside_the_conversation() -> None:
    ranges = [
        {"start_line": 9, "end_line": 9, "content_hash": "murmur3:9f2e8a1b", "contributor": {"type": "human"}},
        {"start_line": 1, "end_line": 2},
    ]
    files = conversation(ranges=ranges, related=[{"type": "session", "url": "https://x.example/s/7"}])
    lines = traces_of([record(files=files)]).lines[REVISION]["a.ts"]
    assert [(line.first, line.claim.author) for line in lines] == [(1, ai("cursor", "claude-opus-4-5-20251101", "7")), (9, HUMAN)]


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        (b"{", NOT_A_RECORD),
        (b"[]", NOT_A_RECORD),
        (b'"\xff"', NOT_A_RECORD),
        (record(version="1.0"), OTHER_VERSION),
        (record(version="2.0.0"), OTHER_VERSION),
        (record(vcs=None), NO_REVISION),
        (record(vcs={"type": "hg", "revision": REVISION}), NO_REVISION),
        (record(vcs={"type": "git", "revision": "main"}), NO_REVISION),
        (record(files=conversation(contributor={"type": "mixed"})), NOBODY),
        (record(files=conversation(contributor={"type": "unknown"})), NOBODY),
        (record(files=conversation(contributor=None)), NOBODY),
        (record(files=conversation(ranges=[{"start_line": 3, "end_line": 2}])), BAD_RANGE),
        (record(files=conversation(ranges=[{"start_line": 0, "end_line": 2}])), BAD_RANGE),
    ],
)
def test_what_cannot_be_used_is_counted(body: bytes, problem: str) -> None:
    traces = traces_of([body, record()])
    assert traces.problems == {problem: 1}
    assert len(traces.lines[REVISION]["a.ts"]) == 1


def test_a_record_without_a_tool_is_an_agent_without_a_name() -> None:
    for tool in (None, {"name": "unknown"}, {"name": None}):
        (line,) = traces_of([record(tool=tool)]).lines[REVISION]["a.ts"]
        assert line.claim.author.tool == ""


@given(st.lists(st.binary()))
def test_any_bytes_can_be_read(records: list[bytes]) -> None:
    traces_of(records)
