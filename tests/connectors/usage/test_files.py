import os
from pathlib import Path

import pytest
from tests.connectors.usage.writing import write

from wellspent import limits
from wellspent.connectors.usage.base import Problems
from wellspent.connectors.usage.files import log_files, moment_ms, records


def names(folder: Path) -> tuple[list[str], list[str]]:
    problems = Problems()
    found = [str(log.path.relative_to(folder)) for log in log_files(folder, (".jsonl",), problems)]
    return sorted(found), [f"{problem.what} | {problem.source.name}" for problem in problems.found()]


def test_links_are_followed_once_and_loops_end(tmp_path: Path) -> None:
    write(tmp_path / "logs" / "a" / "one.jsonl", [])
    write(tmp_path / "elsewhere" / "two.jsonl", [])
    write(tmp_path / "logs" / "a" / "notes.txt", [])
    (tmp_path / "logs" / "a" / "up").symlink_to(tmp_path / "logs")
    (tmp_path / "logs" / "away").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "logs" / "gone.jsonl").symlink_to(tmp_path / "nowhere")
    assert names(tmp_path / "logs") == (["a/one.jsonl", "away/two.jsonl"], [])


def test_what_cannot_be_entered_is_said(tmp_path: Path) -> None:
    write(tmp_path / "file", [b"x"])
    (tmp_path / "self.jsonl").symlink_to(tmp_path / "self.jsonl")
    os.mkfifo(tmp_path / "pipe.jsonl")
    assert names(tmp_path / "nowhere") == ([], [])
    assert names(tmp_path / "file") == ([], ["a folder cannot be read (Not a directory); what it holds is not counted | file"])
    assert names(tmp_path) == (
        [],
        [
            "a file cannot be read (Too many levels of symbolic links); it is not counted | self.jsonl",
            "a log is no regular file; it is not counted | pipe.jsonl",
        ],
    )


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root may read everything")
def test_what_may_not_be_read_is_said(tmp_path: Path) -> None:
    closed = write(tmp_path / "closed" / "x.jsonl", [b"{}"])
    closed.parent.chmod(0)
    try:
        assert names(tmp_path)[1] == ["a folder cannot be read (Permission denied); what it holds is not counted | closed"]
    finally:
        closed.parent.chmod(0o700)


def test_a_file_that_cannot_be_read_ends_itself_alone(tmp_path: Path) -> None:
    problems = Problems()
    assert list(records(tmp_path / "gone.jsonl", (b"x",), problems)) == []
    assert [problem.what for problem in problems.found()] == [
        "a file cannot be read to its end (No such file or directory); the rest of it is not counted"
    ]


def test_a_line_beyond_the_limit_is_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "LOG_LINE_BYTES_MAX", 64)
    monkeypatch.setattr(limits, "LOG_READ_BYTES", 16)
    path = write(tmp_path / "a.jsonl", [{"mark": 1}, {"mark": "x" * 200}, {"mark": 2}, b'{"mark": "' + b"y" * 500])
    problems = Problems()
    assert [(line, record["mark"]) for line, record in records(path, (b"mark",), problems)] == [(1, 1), (3, 2)]
    (problem,) = problems.found()
    assert (problem.times, problem.line, problem.source) == (2, 2, path)


def test_only_lines_with_a_mark_are_parsed_and_none_is_lost_unsaid(tmp_path: Path) -> None:
    path = write(
        tmp_path / "a.jsonl", [{"other": 1}, {"mark": 1}, b"\n", b"garbage\n", b'{"mark": 2}\r\n', b'\xef\xbb\xbf{"mark": 3}\n', b'{"cut": ']
    )
    problems = Problems()
    assert [line for line, record in records(path, (b'"mark"',), problems) if "mark" in record] == [2, 5, 6]
    assert sorted(problem.line for problem in problems.found()) == [4, 7]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1970-01-01T00:00:01.005Z", 1_005),
        ("1970-01-01T01:00:00+01:00", 0),
        ("1970-01-01T00:00:02", 2_000),
        ("0001-01-01T00:00:00+14:00", None),
        ("9999-12-31T23:59:59-14:00", None),
        ("", None),
        (1_700_000_000, None),
        (None, None),
    ],
)
def test_times(text: object, expected: int | None) -> None:
    assert moment_ms(text) == expected


def test_problems_are_counted_and_the_first_is_the_example() -> None:
    problems = Problems()
    problems.add("b", Path("x"), 3)
    problems.add("b", Path("y"), 4)
    problems.add("a", Path("z"), times=2)
    problems.add("c", Path("z"))
    assert [(each.what, each.times, str(each.source), each.line) for each in problems.found()] == [
        ("a", 2, "z", 0),
        ("b", 2, "x", 3),
        ("c", 1, "z", 0),
    ]
    assert problems.times == 5
