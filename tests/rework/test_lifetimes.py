"""The laws: as git blame has it, every line dies at most once, born = dead + alive + lost, and going on is reading from the beginning."""

import itertools
import random
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from tests.rework.repos import Made, births, told

from wellspent.rework.history import History
from wellspent.rework.kinds import kinds_of
from wellspent.rework.lifetimes import MOVED, Lifetimes
from wellspent.rework.lines import ALIVE
from wellspent.rework.store import load, save
from wellspent.rework.summary import summarise

HISTORIES: tuple[History, ...] = ("first-parent", "all")
many = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
WORDS = ["return total", "}", "", "    if value:", "for each in found:", "print('done')", "x = 1", "\ttabbed", "émigré", "-- a comment", "++ count"]


def line(chance: random.Random) -> str:
    return chance.choice(WORDS) if chance.random() < 0.3 else f"{' ' * chance.randrange(8)}name_{chance.randrange(10**6)} = {chance.randrange(99)}"


def edit(made: Made, chance: random.Random, directory: str = "") -> None:
    """One commit of random edits: lines put in, taken out, indented, moved; files added, renamed, deleted."""
    files = sorted(path for path in made.folder.glob("*.txt"))
    what = chance.random()
    if not files or what < 0.15:
        (made.folder / f"{directory}f{chance.randrange(10**6)}.txt").write_text("\n".join(line(chance) for _ in range(chance.randrange(1, 30))))
    elif what < 0.25:
        made.git("mv", "-f", files[0].name, f"{directory}r{chance.randrange(10**6)}.txt")
    elif what < 0.3 and len(files) > 2:
        files[-1].unlink()
    for path in chance.sample(sorted(made.folder.glob("*.txt")), min(2, len(list(made.folder.glob("*.txt"))))):
        lines = path.read_text().split("\n")
        for _ in range(chance.randrange(4)):
            at = chance.randrange(len(lines) + 1)
            match chance.randrange(4):
                case 0:
                    lines[at:at] = [line(chance) for _ in range(chance.randrange(1, 5))]
                case 1:
                    del lines[at : at + chance.randrange(1, 4)]
                case 2:
                    lines[at : at + 3] = ["    " + each for each in lines[at : at + 3]]
                case _:
                    block = lines[at : at + 5]
                    del lines[at : at + 5]
                    lines[0:0] = block
        path.write_text("\n".join(lines))
    made.commit()


def history(folder: Path, seed: int, commits: int, merges: bool) -> Made:
    chance = random.Random(seed)
    made = Made(folder)
    for number in range(commits):
        if merges and number and chance.random() < 0.3:
            branch(made, chance, number)
        else:
            edit(made, chance)
    return made


def branch(made: Made, chance: random.Random, number: int) -> None:
    """A branch with edits of its own, merged while main went on; conflicts are taken from one side."""
    made.git("checkout", "-q", "-b", f"b{number}")
    for _ in range(chance.randrange(1, 4)):
        edit(made, chance, "b")
    made.git("checkout", "-q", "main")
    for _ in range(chance.randrange(3)):
        edit(made, chance)
    try:
        made.git("merge", "-q", "--no-ff", "-X", chance.choice(["ours", "theirs"]), "-m", "merge", f"b{number}")
    except Exception:  # a conflict of names
        made.git("merge", "--abort")
    made.day += 1


def as_blamed(made: Made, found: Lifetimes, which: History) -> tuple[int, int]:
    """Lines that are born where blame says, and all lines."""
    same = whole = 0
    for path, names in births(found).items():
        blamed = made.blame(path, which)
        assert len(blamed) == len(names), path
        same += sum(a == b for a, b in zip(names, blamed))
        whole += len(names)
    return same, whole


def laws(found: Lifetimes) -> None:
    for moves in (False, True):
        fates = found.fates(moves)
        spans = list(found.spans())
        assert sum(span.count for span in spans) == len(fates.ends) == len(fates.counts)
        assert all(span.first + span.count == after.first for span, after in itertools.pairwise(spans))
        for span in spans:
            for end in fates.ends[span.first : span.first + span.count]:
                ended = end if end >= 0 else -2 - end
                assert end == ALIVE or found.commits[ended].at_s >= 0
                assert end == ALIVE or ended >= span.commit, "no line ends before it is born"
        kinds = dict.fromkeys(found.lines.paths, "written")
        summary = summarise(found, kinds, moves=moves)  # type: ignore[arg-type]
        assert summary.born == summary.dead + summary.alive + summary.lost
        at_tip = {line for ids in found.files.values() for line in ids or ()}  # a line can be in two files: renamed on one branch, kept on another
        assert all(fates.ends[line] == ALIVE for line in at_tip)
        if not moves:
            assert summary.alive == len(at_tip)
        assert summary.alive + fates.counts.count(MOVED) >= len(at_tip) >= summary.alive


@many
@given(st.integers(0, 10**9))
def test_linear_history_is_as_blame_has_it(seed: int) -> None:
    with tempfile.TemporaryDirectory() as place:
        made = history(Path(place) / "r", seed, 12, merges=False)
        for which in HISTORIES:
            found = made.read(which)
            same, whole = as_blamed(made, found, which)
            assert same == whole
            laws(found)


@many
@example(282)  # a file that the other parent has as it is, under another name
@example(816093)  # a file that a branch changed and changed back
@given(st.integers(0, 10**9))
def test_merged_history_is_as_blame_has_it(seed: int) -> None:
    with tempfile.TemporaryDirectory() as place:
        made = history(Path(place) / "r", seed, 10, merges=True)
        for which in HISTORIES:
            found = made.read(which)
            same, whole = as_blamed(made, found, which)
            assert same == whole
            laws(found)


@many
@given(st.integers(0, 10**9), st.booleans())
def test_going_on_is_reading_from_the_beginning(seed: int, merges: bool) -> None:
    """Kept in the middle, loaded, and gone on from."""
    with tempfile.TemporaryDirectory() as place:
        made = history(Path(place) / "r", seed, 5, merges)
        kept = Path(place) / "kept"
        for which in HISTORIES:
            save(kept, "r", made.read(which))
        chance = random.Random(seed + 1)
        for _ in range(3):
            edit(made, chance)
        if merges:
            branch(made, chance, 99)
        for which in HISTORIES:
            earlier = load(kept, "r", which)
            assert earlier is not None
            on, whole = made.read(which, earlier), made.read(which)
            for moves in (False, True):
                assert told(on, moves) == told(whole, moves)
            assert {path: len(ids or ()) for path, ids in on.files.items()} == {path: len(ids or ()) for path, ids in whole.files.items()}


def test_a_rewritten_history_is_read_again(tmp_path: Path) -> None:
    made = history(tmp_path / "r", 1, 5, merges=False)
    earlier = made.read()
    made.git("reset", "-q", "--hard", "HEAD~2")
    edit(made, random.Random(3))
    assert told(made.read("first-parent", earlier)) == told(made.read())
    back = made.read()
    made.git("reset", "-q", "--hard", "HEAD~1")
    assert told(made.read("first-parent", back)) == told(made.read())


@pytest.mark.parametrize("which", HISTORIES)
def test_who_killed_whom(tmp_path: Path, which: History) -> None:
    made = Made(tmp_path / "r")
    first = made.saved(a="one\ntwo\nthree\n")
    fix = made.saved(a="one\n2\nthree\n")
    made.saved(a="one\n2\n")
    found = made.read(which)
    names = [commit.id for commit in found.commits]
    pairs = {(names[birth], names[end] if end >= 0 else "alive"): lines for (birth, end), lines in found.pairs(found.fates()).items()}
    assert pairs == {(first, fix): 1, (first, names[2]): 1, (first, "alive"): 1, (fix, "alive"): 1}
    assert kinds_of(made.repository, names[-1], found.lines.paths) == {b"a": "written"}
