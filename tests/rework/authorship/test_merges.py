from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st
from tests.rework.authorship.making import Making, agent, metadata

from wellspent.rework.authorship.claim import Rung, State, ai
from wellspent.rework.authorship.index import Authorship
from wellspent.rework.authorship.merges import brought_by, learn_merges
from wellspent.rework.authorship.reader import Reader
from wellspent.rework.git import open_repository

CURSOR = "\n\nMade-with: Cursor\n"


def fail(commit: str) -> None:
    raise AssertionError(commit)


@given(st.lists(st.lists(st.integers(1, 6), min_size=1, max_size=3, unique=True), max_size=25))
def test_every_commit_beside_the_first_parents_is_brought_once(backwards: list[list[int]]) -> None:
    """Commit n has the parents n - k, so far as they exist; a history is everything below its tip."""
    parents = {str(n): [str(n - k) for k in each if n - k >= 0] for n, each in enumerate(backwards)}
    tip = str(len(backwards) - 1)
    if not parents:
        return
    brought = brought_by(parents, tip)
    chain, below = [tip], {tip}
    while parents[chain[-1]]:
        chain.append(parents[chain[-1]][0])
    waiting = [tip]
    while waiting:
        new = set(parents[waiting.pop()]) - below
        below |= new
        waiting += new
    found = [commit for commits in brought.values() for commit in commits]
    assert sorted(found) == sorted(commit for commit in below if commit not in chain and len(parents[commit]) < 2)
    assert set(brought) == {commit for commit in chain if len(parents[commit]) > 1}
    for commits in brought.values():
        for number, commit in enumerate(commits):
            assert not set(parents[commit]) & set(commits[number:]), "parents before children"


def branched(folder: Path) -> tuple[Making, str]:
    """A branch with an agent's commit, somebody's, and one with a note, merged into main, which went on."""
    made = Making(folder)
    made.write("a.py", "first", "last")
    made.commit("root")
    made.git("checkout", "-q", "-b", "fix")
    made.write("a.py", "first", "agent = 1", "agent = 2", "last")
    made.commit(f"by an agent{CURSOR}")
    made.write("a.py", "first", "agent = 1", "somebody = 1", "}", "last")
    made.commit("by somebody")
    made.write("b.py", "noted = 1", "untracked = 1")
    noted = made.commit("with a note")
    made.note(noted, "b.py\n  s_00000000000000::t_1 1\n" + metadata(sessions={"s_00000000000000": agent()}))
    made.git("checkout", "-q", "main")
    made.write("c.py", "main")
    made.commit("main goes on")
    made.at_s += 60
    made.git("merge", "-q", "--no-ff", "-m", "Merge branch 'fix'", "fix")
    return made, made.git("rev-parse", "HEAD")


def test_a_merges_lines_are_those_of_the_commits_that_it_brought(tmp_path: Path) -> None:
    made, merge = branched(tmp_path / "apollo")
    repository = open_repository(made.folder)
    index = Authorship(Reader(repository).evidence())
    assert {each.verdict.author.state for each in index.of_lines(merge, "a.py", 1, 5)} == {State.UNKNOWN}
    learn_merges(repository, index, absent=fail)
    lines = [each for each in index.of_lines(merge, "a.py", 2, 3) for _ in range(each.count)]
    assert [(each.verdict.author.tool, each.verdict.author.state) for each in lines] == [
        ("cursor", State.AI),
        ("", State.UNKNOWN),
        ("", State.UNKNOWN),
    ]
    assert lines[0].verdict.rung is Rung.TRAILER and lines[0].verdict.evidence == "made-with cursor, merged"
    assert [each.verdict.author for each in index.of_lines(merge, "b.py", 1, 1)] == [ai("claude-code", "claude-opus-4-6", agent()["agent_id"]["id"])]  # type: ignore[index]
    assert next(iter(index.of_lines(merge, "b.py", 2, 1))).verdict.author.state is State.UNKNOWN


def test_what_is_not_here_is_told_and_unknown_in_its_merge(tmp_path: Path) -> None:
    made, merge = branched(tmp_path / "apollo")
    blob = made.git("rev-parse", "fix~2:a.py")
    (made.folder / ".git/objects" / blob[:2] / blob[2:]).unlink()
    repository = open_repository(made.folder)
    index, absent = Authorship(Reader(repository).evidence()), list[str]()
    learn_merges(repository, index, absent=absent.append)
    assert absent == [made.git("rev-parse", "fix~2"), made.git("rev-parse", "fix~1")]
    assert next(iter(index.of_lines(merge, "a.py", 2, 1))).verdict.author.state is State.UNKNOWN
    assert next(iter(index.of_lines(merge, "b.py", 1, 1))).verdict.author.state is State.AI


def test_a_history_without_merges_teaches_nothing(tmp_path: Path) -> None:
    made = Making(tmp_path / "apollo")
    commit = made.commit(f"a change{CURSOR}")
    index = Authorship(Reader(open_repository(made.folder)).evidence())
    before = index.evidence(commit)
    learn_merges(open_repository(made.folder), index, absent=fail)
    assert index.evidence(commit) == before and brought_by({}, "x") == {}
    index.learn(commit, {})
    assert index.evidence(commit) == before
