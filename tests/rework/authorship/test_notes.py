from collections.abc import Mapping

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.rework.authorship.making import PERSON, agent, metadata

from wellspent.rework.authorship.claim import HUMAN, Author, LineClaim, ai
from wellspent.rework.authorship.notes import BAD_RANGE, NO_METADATA, OTHER_KEY, OTHER_VERSION, TESTING, Note, note_of
from wellspent.rework.authorship.sessions import session_key

SESSION = "11111111-2222-4333-8444-555555555555"
KEY = session_key("claude-code", SESSION)
CLAUDE = ai("claude-code", "claude-opus-4-6", SESSION)


def said(note: Note) -> dict[str, list[tuple[int, int, Author]]]:
    return {path: [(line.first, line.last, line.claim.author) for line in lines] for path, lines in note.lines.items()}


def test_sessions_people_and_prompts_of_older_versions_in_one_note() -> None:
    body = "\n".join(
        [
            "src/main.rs",
            f"  {KEY}::t_9f8e7d6c5b4a32 1-10,15",
            "  h_31dce776f88375 35-40",
            '"a file.py"',
            "  d9978a8723e02b52 2",
            "  d9978a8 4-4",
            metadata(
                sessions={KEY: agent()},
                humans={"h_31dce776f88375": {"author": "Maxine Muster <maxine@muster.example>"}},
                prompts={"d9978a8723e02b52": {**agent("cursor", "c-1", "default"), "messages": [{"text": "secret"}], "overriden_lines": 0}},
            ),
        ]
    )
    note = note_of(body.encode())
    assert said(note) == {
        "src/main.rs": [(1, 10, CLAUDE), (15, 15, CLAUDE), (35, 40, HUMAN)],
        "a file.py": [(2, 2, ai("cursor", "", "c-1")), (4, 4, ai("", session="d9978a8"))],
    }
    assert not note.problems


def test_no_person_and_no_prompt_is_in_what_is_read() -> None:
    body = f"a\n  {KEY}::t_9f8e7d6c5b4a32 1\n  h_31dce776f88375 2\n" + metadata(
        sessions={KEY: agent()}, humans={"h_31dce776f88375": {"author": f"{PERSON[0]} <{PERSON[1]}>"}}
    )
    kept = msgspec.json.encode(note_of(body.encode())).decode()
    assert "Maxine" not in kept and "muster" not in kept and "Muster" in body


RANGES = st.dictionaries(
    st.text(st.characters(blacklist_categories=("C", "Z"), blacklist_characters='"'), min_size=1).filter(lambda path: path != "---"),
    st.lists(st.tuples(st.integers(1, 500), st.integers(0, 50)), min_size=1, max_size=5),
    max_size=4,
)


@given(RANGES)
def test_what_is_written_is_read(ranges: Mapping[str, list[tuple[int, int]]]) -> None:
    rows = []
    for path, each in ranges.items():
        rows.append(path)
        rows.append(f"  {KEY}::t_9f8e7d6c5b4a32 " + ",".join(f"{first}-{first + more}" if more else str(first) for first, more in each))
    note = note_of("\n".join([*rows, metadata(sessions={KEY: agent()})]).encode())
    assert said(note) == {
        path: sorted([(first, first + more, CLAUDE) for first, more in each], key=lambda line: line[0]) for path, each in ranges.items()
    }


@given(st.binary())
def test_whatever_is_in_a_note_is_read_or_counted(body: bytes) -> None:
    note = note_of(body)
    assert all(isinstance(line, LineClaim) for lines in note.lines.values() for line in lines)


def test_a_note_without_lines_says_nothing() -> None:
    assert note_of(metadata().encode()) == Note({}, {})


@pytest.mark.parametrize("broken", ["---\n{", "---\n[]", "---\n" + '{"prompts": 3}', "", "---"])
def test_without_metadata_lines_are_known_and_tools_are_not(broken: str) -> None:
    note = note_of(f"a\n  {KEY}::t_9f8e7d6c5b4a32 1\n  h_31dce776f88375 2\n{broken}".encode())
    assert said(note) == {"a": [(1, 1, ai("", session=KEY)), (2, 2, HUMAN)]}
    assert note.problems == {NO_METADATA: 1}


def test_an_agent_without_fields_is_an_agent() -> None:
    body = f"a\n  {KEY}::t_1 1\n" + metadata(sessions={KEY: {"agent_id": {"tool": None, "id": None, "model": None}}, "s_2": {}})
    assert said(note_of(body.encode())) == {"a": [(1, 1, ai(""))]}


def test_what_cannot_be_is_counted() -> None:
    tests = {"d9978a8723e02b52": agent("mock_ai")}
    body = f"a\n  {KEY}::t_1 0,5-3,7-\n  human 1\n  d9978a8723e02b52 2\n  h_1 9\n" + metadata(sessions={KEY: agent()}, prompts=tests)
    note = note_of(body.encode())
    assert said(note) == {"a": [(9, 9, HUMAN)]}
    assert note.problems == {BAD_RANGE: 3, OTHER_KEY: 1, TESTING: 1}


def test_another_version_is_not_guessed_at() -> None:
    body = f"a\n  {KEY}::t_1 1\n" + metadata(schema_version="authorship/4.0.0")
    assert note_of(body.encode()) == Note({}, {OTHER_VERSION: 1})
