"""Fixes and their causes in real git."""

from pathlib import Path

import pytest
from tests.rework.repos import NOW_S, Made

from wellspent.rework.fixes.grouped import fixes_by_commit
from wellspent.rework.fixes.links import NOBODY_KNOWS, FixLink, Linking, Tracker, fixes_of
from wellspent.rework.fixes.quality import judged_of, link_qualities, measured, quality_of
from wellspent.rework.fixes.signs import Sign
from wellspent.rework.fixes.told import told_of
from wellspent.rework.git import open_repository, tip_of
from wellspent.rework.history import History
from wellspent.rework.lifetimes import read
from wellspent.rework.survival.fixes import Fix

ONE = "".join(f"opening_{number} = {number}\n" for number in range(6))
TWO = "".join(f"second_{number} = {number}\n" for number in range(6))


@pytest.fixture
def made(tmp_path: Path) -> Made:
    """Commit 0 brings six lines, commit 1 six more."""
    made = Made(tmp_path / "app")
    made.saved("Add first (#1)", app=ONE)
    made.saved("Add second (#2)", app=ONE + TWO)
    return made


def found(made: Made, tracker: Tracker = NOBODY_KNOWS, history: History = "first-parent") -> tuple[FixLink, ...]:
    lifetimes = made.read(history)
    return fixes_of(lifetimes, lifetimes.fates(), told_of(made.repository, lifetimes), tracker)


def link(made: Made, tracker: Tracker = NOBODY_KNOWS) -> tuple[str, list[int]]:
    (only,) = found(made, tracker)
    return only.kind, [cause for cause, _ in only.causes]


def name(made: Made, back: int) -> str:
    return made.git("rev-parse", f"HEAD~{back}")


def test_what_is_stated_goes_before_what_lines_say(made: Made) -> None:
    made.saved(f'Count\n\nFixes: {name(made, 1)[:12]} ("Add first")', app=ONE + TWO.replace("second_2 = 2", "second_2 = 9"))
    assert found(made) == (FixLink(2, Sign.STATED, "stated", ((0, 1),)),)


@pytest.mark.parametrize("how", ["This reverts commit {}.", "Reverts acme/app#2", ""])
def test_a_revert_is_linked_to_what_it_takes_back(made: Made, how: str) -> None:
    made.saved(f'Revert "Add second (#2)" (#3)\n\n{how.format(name(made, 0))}', app=ONE)
    assert link(made) == ("revert", [1])


def test_an_issue_links_where_the_tracker_names_the_cause(made: Made) -> None:
    made.saved("Count once\n\nCloses #9", app=ONE + TWO.replace("second_2 = 2", "second_2 = 9"))
    assert found(made) == ()
    assert link(made, Tracker(bugs={"#9": True})) == ("most lines", [1])
    assert link(made, Tracker(bugs={"#9": True}, causes={"#9": [name(made, 2)]})) == ("issue", [0])
    assert found(made, Tracker(labelled={name(made, 0): True}))[0].sign is Sign.LABEL


def test_a_commit_that_the_text_names(made: Made) -> None:
    made.saved(f"Fix count\n\nBroken since {name(made, 1)[:9]}.", app=ONE + TWO.replace("second_2 = 2", "second_2 = 9"))
    assert link(made) == ("named", [0])


def test_names_that_stand_for_nothing_older_link_nothing(made: Made) -> None:
    made.saved("Fix count\n\nFixes: 0123456789ab", app=ONE + TWO.replace("second_2 = 2", "second_2 = 9"))
    assert link(made) == ("most lines", [1])


def test_lines_killed_moved_and_beside(made: Made) -> None:
    made.saved("A crash in a line", app=ONE + TWO.replace("second_2 = 2", "second_2 = 9"))
    made.saved("Leak less by adding", app=ONE.replace("opening_2 = 2\n", "opening_2 = 2\nadded\n") + TWO.replace("second_2 = 2", "second_2 = 9"))
    made.saved("Wrong order", app=TWO.replace("second_2 = 2", "second_2 = 9") + ONE.replace("opening_2 = 2\n", "opening_2 = 2\nadded\n"))
    made.saved("Fix with a new file", other="x\n")
    assert [(each.kind, [cause for cause, _ in each.causes]) for each in found(made)] == [
        ("most lines", [1]),
        ("neighbours", [0]),
        ("moved lines", [1]),  # to git, the second six went up
        ("", []),
    ]


def test_a_line_that_moved_is_its_authors(made: Made) -> None:
    made.saved("Order otherwise", app=TWO + ONE)
    made.saved("Fix count", app=TWO.replace("second_2 = 2", "second_2 = 9") + ONE)
    assert link(made) == ("most lines", [1])


def test_a_line_that_moved_is_counted_once(made: Made) -> None:
    """The fix kills a line of a run whose other lines moved before."""
    made.saved("Order otherwise", app=TWO + "between = 1\n" + ONE)
    made.saved("Fix count", app=TWO.replace("second_2 = 2\n", "") + ONE.replace("opening_2 = 2\n", "opening_2 = 9\n"))
    (only,) = found(made)
    assert (only.kind, only.causes) == ("most lines", ((0, 4),)), "of one line of each, what lies beside decides"


def test_what_was_born_before_a_shallow_clone_begins_brought_nothing(made: Made, tmp_path: Path) -> None:
    made.saved("More", app=ONE + TWO + "last = 1\n")
    made.saved("Fix by adding", app="added\n" + ONE + TWO + "last = 1\n")
    made.saved("Fix a line", app="added\n" + ONE + TWO.replace("second_2 = 2", "second_2 = 9") + "last = 1\n")
    assert [each.kind for each in found(made)] == ["neighbours", "most lines"]
    made.git("clone", "-q", "--depth", "3", f"file://{made.folder}", str(tmp_path / "shallow"))
    lifetimes = read(shallow := open_repository(tmp_path / "shallow"), tip_of(shallow, "HEAD"), "first-parent", NOW_S, None, lambda *_: None)
    assert [each.kind for each in fixes_of(lifetimes, lifetimes.fates(), told_of(shallow, lifetimes))] == ["", ""]


def test_commits_of_form_mend_nothing(made: Made) -> None:
    form = made.saved("Fix style", app=ONE + TWO.replace("second_2 = 2", "second_2 = 9"))
    made.put(".git-blame-ignore-revs", f"{form}\n")
    made.commit("List it")
    assert found(made) == ()


def test_merged_code_has_the_messages_and_names_of_what_was_merged(made: Made) -> None:
    made.git("switch", "-qc", "topic")
    inner = made.saved("Add third", third="third\n")
    made.git("switch", "-q", "main")
    made.git("merge", "-q", "--no-ff", "-m", "Merge branch 'topic'", "topic")
    made.day += 1
    made.git("switch", "-qc", "mend")
    made.saved(f"Count\n\nFixes: {inner[:10]}", third="else\n")
    made.git("switch", "-q", "main")
    made.git("merge", "-q", "--no-ff", "-m", "Merge branch 'mend'", "mend")
    assert found(made) == (FixLink(3, Sign.STATED, "stated", ((2, 1),)),)
    assert [(each.sign, each.kind) for each in found(made, history="all")] == [(Sign.STATED, "stated")]


def test_a_merge_names_what_its_fixes_name(made: Made) -> None:
    made.git("switch", "-qc", "topic")
    made.saved(f"Add more as {name(made, 1)[:9]} does", third="third\n")
    made.saved(f"Fix count, broken by {name(made, 1)[:9]}", third="else\n")
    made.git("switch", "-q", "main")
    made.git("merge", "-q", "--no-ff", "-m", "Merge pull request #9 from acme/topic\n\nFix count", "topic")
    assert link(made) == ("named", [1])


def test_quality_is_measured_where_enough_is_stated(made: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = (ONE + TWO).splitlines(keepends=True)
    for number in range(12):
        cause = 0 if number < 6 or number == 11 else 1  # of the last one another cause is stated than lines say
        lines[number] = f"mended_{number}\n"
        made.saved(f"Count {number}\n\nFixes: {made.read().commits[cause].id}", app="".join(lines))
    lifetimes = made.read()
    linking = Linking(lifetimes, lifetimes.fates(), told_of(made.repository, lifetimes))
    judged = judged_of(linking)
    quality = quality_of("most lines", judged, "here")
    assert quality is not None and (len(judged), quality.precision, quality.recall) == (12, 11 / 12, 11 / 12)
    assert measured(judged, "app") == {}
    elsewhere = {each.kind: each for each in link_qualities(linking, "app")}
    assert "Open vSwitch" in elsewhere["most lines"].measured_on and elsewhere["stated"].precision == elsewhere["revert"].precision == 1
    monkeypatch.setattr("wellspent.limits.FIX_PAIRS_MIN", 12)
    ours = {each.kind: each for each in link_qualities(linking, "app")}
    assert ours["most lines"].precision == 11 / 12 and ours["most lines"].measured_on == "app, 12 fixes with 12 causes stated in Fixes: lines"
    assert ours["neighbours"] == elsewhere["neighbours"] and "issue" not in ours
    assert quality_of("none", [], "here") is None


def test_links_become_fixes_by_group() -> None:
    links = (FixLink(5, Sign.STATED, "stated", ((1, 1), (2, 1))), FixLink(6, Sign.WORDS))
    found = fixes_by_commit(links, {1: {"ai": 3, "human": 1}})
    assert found == {5: Fix("stated", {"ai": 750_000, "human": 250_000, "unknown": 1_000_000}), 6: Fix()}
