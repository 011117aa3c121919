"""Files that are no text, clones that lack something, clocks that were wrong: the rest is measured, and what was left out is told."""

import gc
import shutil
import subprocess
from pathlib import Path

import pytest
from tests.rework.repos import DAY_S, NOW_S, START_S, Made, births, told

from wellspent import limits
from wellspent.facts.errors import InvalidInput, NotFound
from wellspent.rework.git import open_repository, tip_of
from wellspent.rework.lifetimes import Lifetimes, read
from wellspent.rework.store import load, place_of, save
from wellspent.rework.study import UNKEPT, StudyAsk, study
from wellspent.rework.summary import Summary, summarise
from wellspent.rework.survey import Ask, Failed, Survey, survey, survey_all


def counted(found: Lifetimes, moves: bool = True) -> Summary:
    return summarise(found, dict.fromkeys(found.lines.paths, "written"), moves=moves)


def of(folder: Path) -> Lifetimes:
    repository = open_repository(folder)
    return read(repository, tip_of(repository, "HEAD"), "first-parent", NOW_S, None, lambda *_: None)


def test_a_line_without_a_line_feed_and_other_line_ends(tmp_path: Path) -> None:
    made = Made(tmp_path / "r", "--template=")
    made.git("config", "core.autocrlf", "false")
    first = made.saved(a=b"alpha\nbravo")
    second = made.saved(a=b"alpha\nbravo\ncharlie\n")
    assert births(made.read())["a"] == [first, second, second] == made.blame("a")
    assert counted(made.read()).born == 3, "which is not how people see it"
    made.saved(a=b"alpha\r\nbravo\r\ncharlie\r\n")
    summary = counted(made.read())
    assert (summary.born, summary.dead, summary.moved) == (3, 0, 4), "line ends kill nothing"
    made.git("update-index", "--chmod=+x", "a")
    made.commit()
    assert counted(made.read()).dead == 0


def test_links_submodules_and_files_that_become_them(tmp_path: Path) -> None:
    made = Made(tmp_path / "r")
    made.saved(a="one\ntwo\n", b="b\n")
    made.git("update-index", "--add", "--cacheinfo", "160000,1234567890123456789012345678901234567890,module")
    made.git("commit", "-q", "-m", "module")
    (made.folder / "a").unlink()
    (made.folder / "a").symlink_to("b")
    made.git("add", "a")
    made.git("commit", "-q", "-m", "link")
    found = made.read()
    assert list(found.files) == [b"b"]
    assert (counted(found).born, counted(found).dead) == (3, 2)


@pytest.mark.parametrize("which", ["first-parent", "all"])
def test_what_becomes_binary_is_lost_and_what_comes_back_is_unknown(tmp_path: Path, which: str) -> None:
    made = Made(tmp_path / "r")
    made.saved(a="one\ntwo\n", b="stays\n")
    made.saved(a=b"\0\1")
    made.saved(a="one\ntwo\n")
    made.saved(a="one\ntwo\nthree\n")
    found = made.read(which)  # type: ignore[arg-type]
    summary = counted(found)
    assert (summary.born, summary.alive, summary.dead, summary.lost, summary.unknown) == (4, 2, 0, 2, 2)
    assert [(each.path, each.why) for each in found.unseen.values()] == [(b"a", "binary")]


def test_a_file_above_the_bound_is_not_read(tmp_path: Path) -> None:
    made = Made(tmp_path / "r")
    made.saved(b="stays\n", data="1\n")
    made.saved(data=b"0123456\n" * 2_100_000)
    made.saved(c="more\n")
    found = survey(Ask(made.folder, "HEAD", "first-parent", tmp_path / "kept", NOW_S))
    assert (found.summary.born, found.summary.alive, found.summary.lost) == (3, 2, 1)
    assert [(each.path, each.why, each.lines) for each in found.left_out] == [("data", "large", None)]


def test_two_million_short_lines_are_counted(tmp_path: Path) -> None:
    made = Made(tmp_path / "r")
    made.saved(data=b"1\n" * 2_000_000)
    made.saved(data=b"1\n" * 1_999_999)
    assert (counted(made.read()).born, counted(made.read()).dead) == (2_000_000, 1)


def test_attributes_of_a_working_tree_decide_nothing(tmp_path: Path) -> None:
    made = Made(tmp_path / "r")
    made.put(".gitattributes", "*.py -diff\nmade/** linguist-generated\nvendor/own.py -linguist-vendored\n")
    for name in ("a.py", "made/x.py", "vendor/own.py", "vendor/theirs.py", "uv.lock"):
        made.put(name, "one\n")
    made.commit()
    found = survey(Ask(made.folder, "HEAD", "first-parent", tmp_path / "kept", NOW_S))
    assert found.summary.born == 5, "three of .gitattributes, a.py, vendor/own.py"
    assert [(each.path, each.why, each.lines) for each in found.left_out] == [
        ("made/x.py", "generated", 1),
        ("uv.lock", "lock", 1),
        ("vendor/theirs.py", "vendored", 1),
    ]
    bare = tmp_path / "bare.git"
    subprocess.run(["git", "clone", "-q", "--bare", str(made.folder), str(bare)], check=True)
    assert survey(Ask(bare, "HEAD", "first-parent", tmp_path / "kept", NOW_S)).summary == found.summary


def test_commits_that_only_change_how_code_looks(tmp_path: Path) -> None:
    made = Made(tmp_path / "r")
    first = made.saved(a="x = {1:2}\ny = [3]\n")
    formatted = made.saved(a="x = dict(one=two)\ny = list(3)\nz = 0\n")
    earlier = made.read()
    assert counted(earlier).dead == 2
    made.put(".git-blame-ignore-revs", f"# black\n{formatted}\n")
    made.commit()
    found = made.read("first-parent", earlier)
    assert found.ignored == {formatted} and told(found) == told(made.read())
    assert (counted(found).dead, counted(found).unknown, counted(found).alive) == (0, 1, 4)
    assert counted(found, moves=False).dead == 2
    assert first == found.commits[0].id


@pytest.mark.parametrize("which", ["first-parent", "all"])
def test_a_shallow_clone_is_measured_from_where_it_begins(tmp_path: Path, which: str) -> None:
    made = Made(tmp_path / "r")
    for number in range(5):
        made.saved(a="".join(f"{each}\n" for each in range(number + 1)))
    clone = tmp_path / "clone"
    subprocess.run(["git", "clone", "-q", "--depth", "2", f"file://{made.folder}", str(clone)], check=True)
    ask = Ask(clone, "HEAD", which, tmp_path / "kept", NOW_S)  # type: ignore[arg-type]
    found = survey(ask)
    assert (found.borders, found.commits, found.summary.born, found.summary.unknown) == (1, 2, 1, 4)
    subprocess.run(["git", "-C", str(clone), "fetch", "-q", "--unshallow"], check=True)
    found = survey(ask)
    assert (found.borders, found.commits, found.new, found.summary.born, found.summary.unknown) == (0, 5, 5, 5, 0)


def partial(made: Made, clone: Path, *gone: str) -> None:
    """A repository that has lost some blobs. Those that a server has promised are in test_partial.py."""
    shutil.copytree(made.folder / ".git", clone)
    for blob in gone:
        (clone / "objects" / blob[:2] / blob[2:]).unlink()


def test_what_a_partial_clone_lacks_is_left_out(tmp_path: Path) -> None:
    made = Made(tmp_path / "r")
    made.saved(a="one\n", b="b\n")
    made.saved(a="two\n", b="b\nc\n")
    blob = made.git("rev-parse", "HEAD:a")
    made.saved(a="three\nfour\n")
    made.saved(a="three\nfour\nfive\n")
    clone = tmp_path / "clone.git"
    partial(made, clone, blob)
    ask = Ask(clone, "HEAD", "first-parent", tmp_path / "kept", NOW_S)
    found = survey(ask)
    assert [(each.path, each.why) for each in found.left_out] == [("a", "missing")]
    assert (found.summary.born, found.summary.lost, found.summary.unknown) == (4, 1, 2), "one; b, c; five"
    shutil.copytree(made.folder / ".git" / "objects", clone / "objects", dirs_exist_ok=True)
    again = survey(ask)
    assert (again.left_out, again.summary.born, again.new) == ([], 7, 4), "what came meanwhile is read"


def test_a_repository_that_lost_nearly_everything_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "REWORK_LACKING_MAX", 1)
    made = Made(tmp_path / "r")
    blobs = []
    for number in range(3):
        made.saved(a=f"{number}\n")
        blobs.append(made.git("rev-parse", "HEAD:a"))
    partial(made, tmp_path / "clone.git", *blobs)
    with pytest.raises(InvalidInput, match="is not whole: over 1 of its commits") as raised:
        of(tmp_path / "clone.git")
    assert "git fsck" in raised.value.fix, "no server has promised what is not here"


def test_a_broken_object_is_left_out(tmp_path: Path) -> None:
    made = Made(tmp_path / "r")
    made.saved(a="one\n")
    blob, second = made.git("rev-parse", "HEAD:a"), made.saved(a="two\n")
    path = made.folder / ".git" / "objects" / blob[:2] / blob[2:]
    path.chmod(0o600)
    path.write_bytes(b"nonsense")
    found = survey(Ask(made.folder, "HEAD", "first-parent", tmp_path / "kept", NOW_S))
    assert [(each.path, each.why) for each in found.left_out] == [("a", "missing")]
    assert (found.tip, found.summary.born) == (second, 0)


def test_a_missing_tree_is_told_and_others_are_measured(tmp_path: Path) -> None:
    made, good = Made(tmp_path / "r"), Made(tmp_path / "good")
    made.saved(a="one\n")
    tree = made.git("rev-parse", "HEAD^{tree}")
    made.saved(a="two\n")
    (made.folder / ".git" / "objects" / tree[:2] / tree[2:]).unlink()
    good.saved(a="one\n")
    asks = [Ask(path, "HEAD", "first-parent", tmp_path / "kept", NOW_S) for path in (made.folder, good.folder, tmp_path)]
    told_of: list[tuple[str, int, int]] = []
    broken, measured, none = survey_all(asks, lambda *told: told_of.append(told))
    assert isinstance(broken, Failed) and "at commit" in broken.why and "git fsck" in broken.fix
    assert isinstance(measured, Survey) and measured.summary.born == 1
    assert isinstance(none, Failed) and "no git repository" in none.why
    assert (str(good.folder), 1, 1) in told_of


def test_what_is_no_repository_is_told(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="there is no"):
        open_repository(tmp_path / "nowhere")
    with pytest.raises(InvalidInput, match="not a git repository"):
        open_repository(tmp_path)
    (tmp_path / "file").write_text("x")
    with pytest.raises(InvalidInput, match="file"):
        open_repository(tmp_path / "file")
    made = Made(tmp_path / "r")
    with pytest.raises(InvalidInput, match="no commits yet") as raised:
        tip_of(made.repository, "HEAD")
    assert "--ref" not in raised.value.fix, "not every command has it"
    made.saved(a="one\n")
    with pytest.raises(InvalidInput, match="no commit called 'nothing'"):
        tip_of(made.repository, "nothing")
    with pytest.raises(InvalidInput, match="is not a branch"):
        tip_of(made.repository, "--all")


def test_dates_that_cannot_be_true(tmp_path: Path) -> None:
    made = Made(tmp_path / "r")
    made.put("a", "one\n")
    made.commit(at_s=START_S)
    made.put("a", "one\ntwo\n")
    made.commit(at_s=0)
    made.put("a", "one\ntwo\nthree\n")
    made.commit(at_s=NOW_S + 8_000 * DAY_S)
    made.put("a", "one\n")
    made.commit(at_s=START_S + 8 * DAY_S)
    found = made.read()
    assert [commit.at_s for commit in found.commits] == [START_S, START_S, START_S, START_S + 8 * DAY_S]
    assert [commit.misdated for commit in found.commits] == [False, True, True, False]
    gone = counted(found).gone
    assert [(each.lines, each.of) for each in gone[:2]] == [(0, 3), (0, 0)], "gone after eight days: not within seven, and fourteen are not over"


def test_nothing_that_was_kept_is_trusted_blindly(tmp_path: Path) -> None:
    made = Made(tmp_path / "r")
    made.saved(a="one\n")
    kept, found = tmp_path / "kept", made.read()
    save(kept, "r", found)
    again = load(kept, "r", "first-parent")
    assert again is not None and told(again) == told(found)
    assert load(kept, "r", "all") is None and load(kept, "other", "first-parent") is None
    place = place_of(kept, "r", "first-parent")
    (place / "ends").write_bytes(b"four")
    assert load(kept, "r", "first-parent") is None
    save(kept, "r", found)
    (place / "span_line").unlink()
    assert load(kept, "r", "first-parent") is None
    save(kept, "r", found)
    (place / "manifest").write_text("{}")
    assert load(kept, "r", "first-parent") is None
    assert [path.name for path in kept.iterdir()] == [place.name]


def test_keeping_nothing_new_reads_nothing(tmp_path: Path) -> None:
    made = Made(tmp_path / "r")
    made.saved(a="one\n")
    ask = Ask(made.folder, "HEAD", "first-parent", tmp_path / "kept", NOW_S)
    assert [survey(ask).new for _ in range(2)] == [1, 0]
    made.saved(a="two\n")
    assert [survey(ask).new for _ in range(2)] == [1, 0]
    assert survey(Ask(made.folder, "HEAD~1", "first-parent", tmp_path / "kept", NOW_S)).commits == 1


def test_a_repository_with_sha256(tmp_path: Path) -> None:
    made = Made(tmp_path / "r", "--object-format=sha256")
    first = made.saved(a="one\ntwo\n")
    second = made.saved(a="one\n2\n")
    assert births(made.read()) == {"a": [first, second]}


def test_where_nothing_can_be_kept_it_is_measured_and_told(tmp_path: Path) -> None:
    made = Made(tmp_path / "r")
    made.saved(a="one\n")
    (tmp_path / "file").write_text("in the way")
    for _ in range(2):
        found = survey(Ask(made.folder, "HEAD", "first-parent", tmp_path / "file" / "kept", NOW_S))
        assert (found.summary.born, found.new) == (1, 1) and "cannot be written (Not a directory)" in found.unkept
    study_ask = StudyAsk("app", made.folder, "HEAD", "", tmp_path / "file" / "kept", NOW_S, START_S, b"salt")
    assert study(study_ask).problems == {UNKEPT: 1}
    assert survey(Ask(made.folder, "HEAD", "first-parent", tmp_path / "kept", NOW_S)).unkept == ""


def test_python_looks_for_cycles_again_after_a_survey_that_ended_well_or_not(tmp_path: Path) -> None:
    made = Made(tmp_path / "r")
    made.saved(a="one\n")
    asks = [Ask(path, "HEAD", "first-parent", tmp_path / "kept", NOW_S) for path in (made.folder, tmp_path / "none")]
    for ask, kind in zip(asks, (Survey, Failed)):
        assert [type(each) for each in survey_all([ask], lambda *_: None)] == [kind]
        assert gc.isenabled()
