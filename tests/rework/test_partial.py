"""Clones made with ``--filter``, as git makes them: nothing is fetched by reading, whether or not their server is there."""

import subprocess
from pathlib import Path

import pytest
from tests.rework.repos import DAY_S, NOW_S, START_S, Made, told

from wellspent import limits
from wellspent.facts.errors import InvalidInput
from wellspent.rework.authorship.auditing import ABSENT, audit_of
from wellspent.rework.contents import absent, blobs_of, sizes
from wellspent.rework.git import open_repository, tip_of
from wellspent.rework.history import History
from wellspent.rework.lacking import is_partial
from wellspent.rework.lifetimes import Lifetimes, read
from wellspent.rework.study import StudyAsk, study
from wellspent.rework.survey import Ask, Survey, survey

LONG = "long\n" * 40
BOTH = pytest.mark.parametrize("served", [True, False])
HISTORIES = pytest.mark.parametrize("history", ["first-parent", "all"])


def cloned(made: Made, clone: Path, wanted: str, *, served: bool, bare: bool = True) -> Path:
    """A partial clone over file://, whose server is there or away."""
    made.git("config", "uploadpack.allowFilter", "true")
    made.git("clone", "-q", *(["--bare"] if bare else []), f"--filter={wanted}", f"file://{made.folder}", str(clone))
    if not served:
        made.folder.rename(made.folder.with_name("away"))
    return clone


def here(folder: Path) -> set[str]:
    """Every file that git has in a clone."""
    return {str(path) for path in (folder / ".git" if (folder / ".git").exists() else folder).rglob("*")}


def of(folder: Path, kept: Path, history: History = "first-parent") -> Survey:
    return survey(Ask(folder, "HEAD", history, kept, NOW_S))


def lifetimes(folder: Path, history: History, earlier: Lifetimes | None = None) -> Lifetimes:
    repository = open_repository(folder)
    return read(repository, tip_of(repository, "HEAD"), history, NOW_S, earlier, lambda *_: None)


def asked(folder: Path, kept: Path) -> StudyAsk:
    return StudyAsk("app", folder, "HEAD", "", kept, NOW_S, START_S, b"salt")


@pytest.fixture
def made(tmp_path: Path) -> Made:
    """Eight commits, one of them a merge; one version of ``a`` is long, on a branch, and so are three files that git reads for itself."""
    made = Made(tmp_path / "r")
    made.saved(a="one\ntwo\n", b="b\n")
    made.git("checkout", "-q", "-b", "side")
    made.saved(a=f"one\n{LONG}")
    made.saved(a="one\nthree\n")
    made.git("checkout", "-q", "main")
    made.saved(b="b\nc\n")
    made.git("merge", "-q", "--no-ff", "-m", "merge", "side", at_s=START_S + 5 * DAY_S)
    made.saved(a="one\nthree\nfour\n", b="c\n")
    made.put("sub/.gitattributes", "made.py linguist-generated\n")
    made.put("sub/made.py", "made\n")
    made.commit()
    for name in (".mailmap", ".gitattributes", ".agent-trace/traces.jsonl"):
        made.put(name, "# nothing\n" * 40)
    made.commit()
    return made


@BOTH
def test_what_is_here_is_asked_without_asking_the_server(made: Made, tmp_path: Path, served: bool) -> None:
    gone, kept = made.git("rev-parse", "HEAD:.mailmap"), made.git("rev-parse", "HEAD:b")
    repository = open_repository(cloned(made, tmp_path / "clone.git", "blob:limit=100", served=served))
    assert is_partial(repository) and not is_partial(open_repository(made.folder if served else tmp_path / "away"))
    assert absent(repository, [gone, kept]) == {gone}
    assert sizes(repository, [gone, kept]) == [None, 2]
    with blobs_of(repository) as blobs:
        assert [blobs.read(blob) for blob in (gone, kept, gone)] == [None, b"c\n", None]


@BOTH
@HISTORIES
def test_with_little_missing_the_rest_is_measured(made: Made, tmp_path: Path, served: bool, history: History) -> None:
    whole = of(made.folder, tmp_path / "kept", history).summary
    clone = cloned(made, tmp_path / "clone.git", "blob:limit=100", served=served)
    before = here(clone)
    found = of(clone, tmp_path / "kept", history)
    missing = [each.path for each in found.left_out if each.why == "missing"]
    assert missing == [".agent-trace/traces.jsonl", ".gitattributes", ".mailmap", *(["a"] if history == "all" else [])]
    assert [each.path for each in found.left_out if each.why == "generated"] == ["sub/made.py"], "one .gitattributes less leaves the others"
    assert (
        found.summary.born + found.summary.unknown <= whole.born
        and found.summary.born == found.summary.dead + found.summary.alive + found.summary.lost
    )
    if history == "first-parent":
        assert (found.summary.born, found.summary.dead) == (whole.born - 120, whole.dead), "all but the three files"
    assert here(clone) == before and of(clone, tmp_path / "kept", history).new == 0


@BOTH
@pytest.mark.parametrize("bare", [True, False])
@HISTORIES
def test_without_contents_it_is_refused_with_what_brings_them(made: Made, tmp_path: Path, served: bool, bare: bool, history: History) -> None:
    for number in range(12):
        made.saved(b=f"{number}\n")
    clone = cloned(made, tmp_path / "clone", "blob:none", served=served, bare=bare)
    before = here(clone)
    with pytest.raises(InvalidInput, match=r"is a partial clone: \d+ of the \d+ versions of files in its history are not here") as raised:
        of(clone, tmp_path / "kept", history)
    assert "git fetch --refetch --no-filter" in raised.value.fix and here(clone) == before
    if served:
        subprocess.run(["git", "-C", str(clone), "fetch", "-q", "--refetch", "--no-filter"], check=True)
        assert of(clone, tmp_path / "kept", history).summary == of(made.folder, tmp_path / "kept", history).summary


@BOTH
def test_many_commits_that_lack_something_are_refused(made: Made, tmp_path: Path, served: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "REWORK_LACKING_MAX", 1)
    clone = cloned(made, tmp_path / "clone", "blob:limit=100", served=served)
    with pytest.raises(InvalidInput, match="over 1 of its commits need contents that are not here"):
        of(clone, tmp_path / "kept", "all")


@BOTH
def test_without_trees_it_is_refused(made: Made, tmp_path: Path, served: bool) -> None:
    clone = cloned(made, tmp_path / "clone", "tree:0", served=served)
    with pytest.raises(InvalidInput, match=r"is a partial clone: lists of files \(trees\) are not here"):
        of(clone, tmp_path / "kept")


def test_a_clone_of_the_newest_versions_alone_is_whole(tmp_path: Path) -> None:
    made = Made(tmp_path / "r")
    made.saved(a="one\n")
    clone = cloned(made, tmp_path / "clone", "blob:none", served=False, bare=False)
    assert of(clone, tmp_path / "kept").summary.born == 1, "what was checked out is all there is"


@HISTORIES
@pytest.mark.parametrize("more", [1, 3])
def test_going_on_is_reading_from_the_beginning(made: Made, tmp_path: Path, history: History, more: int) -> None:
    """Also of what is refused: it depends on all of history, not on what is new."""
    clone = cloned(made, tmp_path / "clone.git", "blob:limit=100", served=True)
    earlier = lifetimes(clone, history)
    for number in range(more):
        made.saved(a=LONG + f"{number}\n", c=f"{number}\n")
        subprocess.run(["git", "-C", str(clone), "fetch", "-q", "origin", "main:main"], check=True)
        earlier = lifetimes(clone, history, earlier)
    assert told(earlier) == told(lifetimes(clone, history)) and earlier.unseen == lifetimes(clone, history).unseen
    for number in range(12):
        made.saved(**{f"d{each}": f"{LONG}{number}{each}\n" for each in range(3)})
    subprocess.run(["git", "-C", str(clone), "fetch", "-q", "origin", "main:main"], check=True)
    for before in (earlier, None):
        with pytest.raises(InvalidInput, match="versions of files in its history are not here"):
            lifetimes(clone, history, before)


@BOTH
def test_the_audit_speaks_of_such_commits_as_a_whole(made: Made, tmp_path: Path, served: bool) -> None:
    trailer = "change\n\nCo-authored-by: Claude <noreply@anthropic.com>"
    for name, content in (("long", LONG), ("short", "short\n")):
        commit = made.saved(trailer, **{name: content})
        made.git("notes", "--ref=ai", "add", "-m", f'{name}\n  1234567890abcdef 1-1\n---\n{{"schema_version":"authorship/3.0.0"}}', commit)
    made.git("update-ref", "refs/heads/notes", "refs/notes/ai")
    clone = cloned(made, tmp_path / "clone.git", "blob:limit=100", served=served)
    subprocess.run(["git", "-C", str(clone), "update-ref", "refs/notes/ai", "refs/heads/notes"], check=True)
    found = audit_of(open_repository(clone))
    assert found.coverage.commits == 9 and found.problems[ABSENT] == 1
    assert any("Agent Trace are not here" in what for what in found.problems)


@BOTH
def test_durability_measures_the_rest_and_tells(made: Made, tmp_path: Path, served: bool) -> None:
    people = study(asked(made.folder, tmp_path / "kept")).people
    clone = cloned(made, tmp_path / "clone.git", "blob:limit=100", served=served)
    before = here(clone)
    found = study(asked(clone, tmp_path / "kept"))
    assert found.gaps.files["missing"] == 3 and found.pieces.total() > 0 and found.people == people
    assert here(clone) == before
