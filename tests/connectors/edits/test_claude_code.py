from pathlib import Path
from typing import Any

from tests.connectors.usage.writing import Line, write

from wellspent.connectors.edits import edits_here
from wellspent.connectors.edits.claude_code import claude_code_edits
from wellspent.connectors.usage.base import Problems
from wellspent.rework.authorship.claim import ai
from wellspent.rework.authorship.matching import hashed
from wellspent.rework.authorship.transcript import Edit

FILE = "/srv/apollo/a.py"
AT = "2026-11-20T10:00:00.000Z"
AT_MS = 1_795_168_800_000


def asked(name: str = "Edit", tool_use: str = "toolu_1", **given: Any) -> Line:
    """A line in which the agent asks for an edit."""
    block = {"type": "tool_use", "id": tool_use, "name": name, "input": {"file_path": FILE, **given}}
    message = {"id": "msg_1", "model": "claude-opus-4-8", "content": [{"type": "text", "text": "on it"}, block]}
    return {"type": "assistant", "sessionId": "s-1", "timestamp": AT, "message": message}


def done(tool_use: str = "toolu_1", at: str | None = AT, result: object = None, **more: Any) -> Line:
    """The line that answers it."""
    content = [{"type": "tool_result", "tool_use_id": tool_use, "content": "The file has been updated."}]
    said = {"filePath": FILE, **more} if result is None else result
    return {"type": "user", "sessionId": "s-1", "timestamp": at, "message": {"role": "user", "content": content}, "toolUseResult": said}


def patch(*lines: str) -> list[dict[str, object]]:
    return [{"oldStart": 1, "oldLines": 1, "newStart": 1, "newLines": 2, "lines": list(lines)}]


def read(folder: Path, since_ms: int = 0) -> tuple[list[Edit], Problems]:
    problems = Problems()
    return list(claude_code_edits([folder], problems, since_ms)), problems


def wrote(folder: Path, *lines: Line | bytes) -> list[Edit]:
    write(folder / "p/s-1.jsonl", lines)
    return read(folder)[0]


def edit(*lines: str, path: str = FILE) -> Edit:
    return Edit(ai("claude-code", "claude-opus-4-8", "s-1"), AT_MS, path, hashed(path, lines))


def test_an_edit_is_the_lines_that_its_patch_adds(tmp_path: Path) -> None:
    found = wrote(
        tmp_path,
        asked(old_string="a first line", new_string="a first line\na second line"),
        done(structuredPatch=patch(" a first line", "-x", "+a second line", "++ y"), userModified=False),
    )
    assert found == [edit("a second line", "+ y")]


def test_a_new_file_is_all_its_lines(tmp_path: Path) -> None:
    found = wrote(
        tmp_path,
        asked("Write", content="a first line\na second line\n"),
        done(type="create", content="a first line\na second line\n", structuredPatch=[], originalFile=None),
    )
    assert found == [edit("a first line", "a second line")]


def test_several_edits_at_once_and_a_cell_of_a_notebook(tmp_path: Path) -> None:
    many = asked("MultiEdit", edits=[{"old_string": "a", "new_string": "a first line"}, {"new_string": "a second line"}, 3])
    cell = asked("NotebookEdit", "toolu_2", file_path=None, notebook_path="/srv/apollo/n.ipynb", new_source="x = 11\ny = 22")
    found = wrote(
        tmp_path, many, done(structuredPatch=patch("+a first line", "+a second line")), cell, done("toolu_2", result={"new_source": "x = 11\ny = 22"})
    )
    assert found == [edit("a first line", "a second line"), edit("x = 11", "y = 22", path="/srv/apollo/n.ipynb")]


def test_what_the_person_changed_before_accepting_is_not_the_agents(tmp_path: Path) -> None:
    found = wrote(
        tmp_path,
        asked(new_string="alpha\nbeta"),
        done(structuredPatch=patch("+  alpha", "+gamma, by hand"), userModified=True, newString="alpha\nbeta"),
    )
    assert found == [edit("alpha")]


def test_an_edit_that_failed_or_was_never_answered_wrote_nothing(tmp_path: Path) -> None:
    refused = done(result="Error: the person does not want this")
    unasked = done("toolu_9", structuredPatch=patch("+x"))
    assert wrote(tmp_path, asked(new_string="a first line"), refused, asked("Edit", "toolu_3", new_string="a second line"), unasked) == []


def test_other_tools_and_other_lines_are_no_edits(tmp_path: Path) -> None:
    odd: list[Line | bytes] = [
        asked("Bash", command="echo hello > a.py"),
        done(structuredPatch=patch("+a first line")),
        {"type": "assistant", "message": {"content": "tool_use"}, "toolUseResult": 1},
        {"type": "user", "message": {"content": ["tool_use", {"type": "tool_result"}]}, "toolUseResult": {}},
        b'{"toolUseResult": \n',
    ]
    assert wrote(tmp_path, *odd) == []


def test_an_edit_counts_once_however_many_sessions_copied_it(tmp_path: Path) -> None:
    lines = [asked(new_string="a first line"), done(structuredPatch=patch("+a first line"))]
    write(tmp_path / "p/s-1.jsonl", lines)
    write(tmp_path / "p/s-2.jsonl", [{**line, "sessionId": "s-2"} for line in lines])
    assert read(tmp_path)[0] == [edit("a first line")]


def test_only_edits_since_a_moment(tmp_path: Path) -> None:
    write(tmp_path / "p/s-1.jsonl", [asked(new_string="a first line"), done(structuredPatch=patch("+a first line"))])
    assert len(read(tmp_path, AT_MS)[0]) == 1 and read(tmp_path, AT_MS + 1)[0] == []


def test_an_edit_without_a_time_is_told(tmp_path: Path) -> None:
    write(tmp_path / "p/s-1.jsonl", [asked(new_string="a first line"), done(at=None, structuredPatch=patch("+a first line"))])
    found, problems = read(tmp_path)
    assert found == [] and [(each.times, each.line) for each in problems.found()] == [(1, 2)]


def test_text_is_not_kept(tmp_path: Path) -> None:
    (found,) = wrote(tmp_path, asked(new_string="a secret of the firm"), done(structuredPatch=patch("+a secret of the firm")))
    assert "secret" not in repr(found)


def test_the_logs_of_this_machine(tmp_path: Path) -> None:
    write(tmp_path / ".claude/projects/p/s-1.jsonl", [asked(new_string="a first line"), done(structuredPatch=patch("+a first line"))])
    assert list(edits_here({"HOME": str(tmp_path)}, Problems())) == [edit("a first line")]
