"""Git is asked newest first, in batches; who reads sees the oldest first, whatever the batches, whatever is held, and whatever is missing."""

import tempfile
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as some
from tests.rework.repos import Made, told

from wellspent import limits
from wellspent.rework.git import Repository
from wellspent.rework.patch import MISSING, Change, Diff
from wellspent.rework.reading import read_diffs
from wellspent.rework.turned import Turned

NAMES = some.none() | some.binary(min_size=1, max_size=9)
HUNKS = some.lists(some.tuples(some.integers(0, 9), some.integers(0, 9), some.integers(0, 9), some.binary(max_size=400)), max_size=3)
CHANGES = some.builds(Change, NAMES, NAMES, some.just("0" * 40), some.just("1" * 40), HUNKS, some.sampled_from(["", "binary", MISSING]))
DIFFS = some.builds(Diff, some.sampled_from(["a" * 40, "b" * 40]), some.lists(CHANGES, max_size=3))


@given(some.lists(some.lists(DIFFS, max_size=6), max_size=3), some.integers(0, 1_500), some.integers(1, 7))
def test_what_was_put_in_last_is_taken_first_and_is_the_same_whether_held_or_not(batches: list[list[Diff]], held_bytes: int, count: int) -> None:
    with tempfile.TemporaryFile() as aside, pytest.MonkeyPatch.context() as patch:
        patch.setattr(limits, "REWORK_BATCH_BYTES", held_bytes)
        for batch in batches:
            turned = Turned(aside)
            for diff in batch:
                turned.put(diff)
            taken = [diff for _ in batch for diff in turned.take(count)]
            assert taken == batch[::-1]
            assert [*turned.take(count)] == []


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    made = Made(tmp_path_factory.mktemp("turned") / "r")
    for number in range(11):
        made.saved(a="".join(f"line {each} of the file\n" for each in range(number, 3 * number)), b=f"{number}\n")
    return made


def diffs_of(repository: Repository, commits: list[str]) -> Iterator[Diff]:
    return read_diffs(repository, [(commits[0],), *((commit, parent) for parent, commit in pairwise(commits))], lambda _: True)


@pytest.mark.parametrize("size", [1, 2, 3, 5, 10, 11, 12])
@pytest.mark.parametrize("held_bytes", [0, 2_000])
def test_batches_change_nothing(made: Made, monkeypatch: pytest.MonkeyPatch, size: int, held_bytes: int) -> None:
    commits = made.git("rev-list", "--reverse", "HEAD").split()
    whole, found = [*diffs_of(made.repository, commits)], told(made.read())
    assert [diff.commit for diff in whole] == commits
    monkeypatch.setattr(limits, "REWORK_BATCH_COMMITS", size)
    monkeypatch.setattr(limits, "REWORK_BATCH_BYTES", held_bytes)
    assert [*diffs_of(made.repository, commits)] == whole
    assert told(made.read()) == found


@pytest.mark.parametrize("size", [1, 3, 100])
@pytest.mark.parametrize("missing", [{0}, {3}, {10}, {2, 3, 4}, {0, 5, 10}, set(range(11))])
def test_contents_that_are_missing_are_missing_where_they_were(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: int, missing: set[int]) -> None:
    made = Made(tmp_path / "r")
    commits = [made.saved(a=f"{number}\n", b=f"other {number}\n") for number in range(11)]
    for number in missing:
        blob = made.git("rev-parse", f"{commits[number]}:a")
        (made.folder / ".git" / "objects" / blob[:2] / blob[2:]).unlink()
    monkeypatch.setattr(limits, "REWORK_BATCH_COMMITS", size)
    found = [*diffs_of(made.repository, commits)]
    assert [diff.commit for diff in found] == commits
    lacking = {number for number, diff in enumerate(found) if any(change.opaque == MISSING for change in diff.changes)}
    assert lacking == {each for number in missing for each in (number, number + 1) if each < 11}
    assert all(len(diff.changes) == 2 for diff in found)


def test_who_reads_may_leave_early(made: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "REWORK_BATCH_COMMITS", 2)
    commits = made.git("rev-list", "--reverse", "HEAD").split()
    coming = read_diffs(made.repository, [(commit,) for commit in commits])
    assert next(coming).commit == commits[0]
    coming.close()  # type: ignore[attr-defined]
    assert [*read_diffs(made.repository, [])] == []
