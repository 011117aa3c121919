"""What a report about durability leaves out is what the report about lines leaves out, and is told in the same words."""

import os
from collections import Counter
from pathlib import Path

from tests.rework.repos import DAY_S, NOW_S, START_S, Made

from wellspent.rework.gaps import Gaps
from wellspent.rework.study import Study, StudyAsk, study
from wellspent.rework.survey import Ask, Survey, survey
from wellspent.surfaces.gaps import WHY, gaps_told


def with_gaps(folder: Path) -> Made:
    """A lock file, a binary, one that becomes binary and text again, a commit of form, one of 1970; in the second half of the history one more."""
    made = Made(folder)
    made.put("uv.lock", "x\ny\n")
    made.put("p.png", os.urandom(20) + b"\0")
    made.saved(a="one\ntwo\n", b="three\nfour\nfive\n")
    made.saved(b=b"\0\1")
    made.saved(b="three\nfour\n")
    made.saved(b="three\nfour\nsix\n")
    form = made.saved(a="  one\n  two\n")
    made.put(".git-blame-ignore-revs", f"{form}\n")
    made.commit()
    made.commit(at_s=5)
    made.saved(c="eight\nnine\n")
    made.saved(c=b"\0\2")
    return made


def both(made: Made, since_s: int = 0) -> tuple[Study, Survey]:
    kept = made.folder.parent / "kept"
    return (
        study(StudyAsk("app", made.folder, "HEAD", "", kept, NOW_S, since_s, b"salt", ways=False)),
        survey(Ask(made.folder, "HEAD", "first-parent", kept, NOW_S)),
    )


def test_the_gaps_of_a_study_are_those_of_a_survey(tmp_path: Path) -> None:
    made = with_gaps(tmp_path / "app")
    found, whole = both(made)
    files = Counter(each.why for each in whole.left_out)
    assert found.gaps == Gaps(whole.borders, whole.summary.unknown, whole.summary.lost, whole.misdated, whole.ignored, files)
    assert found.gaps == Gaps(0, 2, 5, 1, 1, {"lock": 1, "binary": 3})
    assert set(files) <= set(WHY)
    made.git("clone", "-q", "--depth", "2", f"file://{made.folder}", "../shallow")
    shallow, _ = both(type(made)(tmp_path / "shallow"))
    assert shallow.gaps.borders == 1


def test_lines_and_commits_are_those_since(tmp_path: Path) -> None:
    found, _ = both(with_gaps(tmp_path / "app"), START_S + 7 * DAY_S)
    assert (found.gaps.lost, found.gaps.misdated, found.gaps.ignored) == (2, 0, 0)


def test_nothing_left_out_says_nothing_and_everything_is_told_once() -> None:
    assert [*gaps_told(Gaps(), "--left-out")] == []
    told = [*gaps_told(Gaps(1, 2, 3, 4, 5, dict.fromkeys(WHY, 6)), "--left-out")]
    assert len(told) == 6 and all(f"6 {name}" in told[-1] for name in WHY.values())
