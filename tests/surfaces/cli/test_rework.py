"""Lifetimes of lines on the command line: a whole report, what was left out, and what cannot be measured."""

import csv
import io
import json

from tests.rework.repos import Made
from tests.surfaces.cli.seeded import Folder


def made(folder: Folder, name: str = "app") -> Made:
    """One line dies after a day, one after nine; the newest commit is forty days old."""
    made = Made(folder.path / name)
    made.saved(a="first = 1\nsecond = 2\nthird = 3\n")
    made.saved(a="first = one\nsecond = 2\nthird = 3\n")
    made.day = 10
    made.saved(a="first = one\nthird = 3\n")
    made.day = 40
    made.put("uv.lock", "locked\n")
    made.commit()
    return made


def test_a_report_of_the_repository_here(empty: Folder) -> None:
    repository = made(empty)
    told = empty.run("rework", cwd=repository.folder)
    assert told.code == 0, told.err
    head, row = told.out.splitlines()
    assert " ".join(head.split()) == "repository commits born dead alive moved gone in 7 d gone in 14 d gone in 21 d gone in 30 d gone in 90 d"
    assert " ".join(row.split()) == ". 4 4 2 2 0 25.0 % 50.0 % 50.0 % 50.0 % unknown"
    assert ".: merged code, 2023-11-15 to 2023-12-25, 4 of 4 commits read now; left out: 1 lock files (--left-out lists them)" in told.err
    assert "0 of 4 commits read now" in empty.run("rework", cwd=repository.folder).err
    assert "4 of 4 commits read now" in empty.run("rework", "--fresh", cwd=repository.folder).err


def test_for_machines(empty: Folder) -> None:
    made(empty)
    (row,) = json.loads(empty.run("rework", "app", "--json", "--days", "30,7").out)
    assert (row["repository"], row["history"], row["commits"], row["born"], row["dead"], row["alive"], row["lost"]) == (
        "app",
        "first-parent",
        4,
        4,
        2,
        2,
        0,
    )
    assert (row["gone_7d"], row["old_enough_7d"], row["gone_7d_percent"], row["gone_30d"], row["aside_lock"]) == (1, 4, 25.0, 2, 1)
    (row,) = csv.DictReader(io.StringIO(empty.run("rework", "app", "--csv", "--days", "90").out))
    assert (row["gone_90d_percent"], row["old_enough_90d"]) == ("", "0"), "unknown is not zero"
    assert json.loads(empty.run("rework", "app", "--left-out", "--json").out) == [{"repository": "app", "path": "uv.lock", "why": "lock", "lines": 1}]


def test_before_the_merge_and_after(empty: Folder) -> None:
    repository = made(empty)
    repository.git("checkout", "-q", "-b", "work")
    repository.saved(b="draft = 1\nkept = 2\n")
    repository.saved(b="final = 1\nkept = 2\n")
    repository.git("checkout", "-q", "main")
    repository.git("merge", "-q", "--no-ff", "-m", "merge", "work")
    merged, whole = (json.loads(empty.run("rework", "app", flag, "--json").out)[0] for flag in ("--first-parent", "--all"))
    assert (merged["born"], merged["dead"], whole["born"], whole["dead"]) == (6, 2, 7, 3)
    assert "every commit of every merged branch" in empty.run("rework", "app", "--all").err


def test_lines_that_moved(empty: Folder) -> None:
    repository = Made(empty.path / "app")
    lines = [f"a_line_that_is_long_enough_to_move({number})\n" for number in range(4)]
    repository.saved(a="".join(lines), b="other\n")
    repository.saved(a="".join(lines[:2]), b="other\n" + "".join(lines[2:]))
    moved, dead = (json.loads(empty.run("rework", "app", *flags, "--json").out)[0] for flags in ((), ("--no-moves",)))
    assert (moved["born"], moved["dead"], moved["moved"]) == (5, 0, 2)
    assert (dead["born"], dead["dead"], dead["moved"]) == (7, 2, 0)


def test_what_cannot_be_measured_is_told_and_the_rest_is(empty: Folder) -> None:
    made(empty)
    (empty.path / "none").mkdir()
    told = empty.run("rework", "app", "none", "nowhere", "--csv")
    assert told.code == 1
    assert [row["repository"] for row in csv.DictReader(io.StringIO(told.out))] == ["app"]
    assert "wellspent: none is not a git repository that can be read" in told.err
    assert "wellspent: there is no nowhere\n  to do: name a folder with a git repository" in told.err
    assert "Traceback" not in told.err
    told = empty.run("rework", "app", "--days", "soon")
    assert told.code == 2 and "'soon' are no windows" in told.err
    told = empty.run("rework", "app", "--ref", "release")
    assert told.code == 1 and "it has no commit called 'release'" in told.err and told.out == ""
