"""Merges, for a history in which code is born when it is merged: their lines are those of the commits that they brought.

A line that a merge adds to its first parent is looked for among the lines that the brought commits added to the same file, word for word, last
commit first, and has the verdict that it has there. What is not found (a conflict's resolution, a file that was renamed on the way) is unknown.
"""

from collections.abc import Callable, Iterator

from wellspent.rework.authorship.added import Hunk, added_by
from wellspent.rework.authorship.claim import Claim, LineClaim, State
from wellspent.rework.authorship.index import Authorship
from wellspent.rework.authorship.ladder import Verdict
from wellspent.rework.authorship.matching import HASH_BYTES, hashed, matched
from wellspent.rework.git import Repository, tip_of

Parents = dict[str, list[str]]
Written = dict[str, dict[bytes, list[Verdict]]]


def learn_merges(repository: Repository, index: Authorship, tip: str = "HEAD", *, absent: Callable[[str], None]) -> None:
    """Teach an index the lines of the merges on the first-parent history of ``tip``.

    Args:
        absent: Told each commit whose text is not here; lines that it wrote are unknown in its merge.
    """
    for merge, hunks, written in _merges(repository, index, tip, absent):
        lines: dict[str, list[LineClaim]] = {}
        for hunk in hunks:
            lines.setdefault(hunk.path, []).extend(_claims(hunk, written))
        index.learn(merge, {path: tuple(each) for path, each in lines.items() if each})


def brought_by(parents: Parents, tip: str) -> dict[str, list[str]]:
    """For each merge on the first-parent history, oldest first, the commits that it brought, oldest first, without merges."""
    chain = [tip]
    while parents.get(chain[-1]):
        chain.append(parents[chain[-1]][0])
    seen = set(chain)
    brought: dict[str, list[str]] = {}
    for merge in reversed(chain):
        if len(parents.get(merge, ())) > 1:
            found = [commit for parent in parents[merge][1:] for commit in _new_below(parent, parents, seen)]
            brought[merge] = [commit for commit in found if len(parents[commit]) < 2]
    return brought


def _new_below(start: str, parents: Parents, seen: set[str]) -> Iterator[str]:
    """What leads to a commit and was not seen, parents before children."""
    waiting = [(start, False)]
    while waiting:
        commit, is_ready = waiting.pop()
        if is_ready:
            yield commit
        elif commit not in seen and commit in parents:
            seen.add(commit)
            waiting.append((commit, True))
            waiting.extend((parent, False) for parent in parents[commit])


def _merges(repository: Repository, index: Authorship, tip: str, absent: Callable[[str], None]) -> Iterator[tuple[str, list[Hunk], Written]]:
    """Each merge with its lines and who wrote those of the commits that it brought; one diff of everything, one merge in memory."""
    start = tip_of(repository, tip)
    parents = _parents(repository, start)
    brought = brought_by(parents, start)
    asked = [ask for merge, commits in brought.items() for ask in (*((commit,) for commit in commits), (merge, parents[merge][0]))]
    written: Written = {}
    for commit, hunks in added_by(repository, asked, with_text=True, absent=absent):
        if commit in brought:
            yield commit, hunks, written
            written = {}
        else:
            for hunk in hunks:
                _write(index, commit, hunk, written.setdefault(hunk.path, {}))


def _write(index: Authorship, commit: str, hunk: Hunk, written: dict[bytes, list[Verdict]]) -> None:
    lines = hashed(hunk.path, hunk.lines)
    for stretch in index.of_lines(commit, hunk.path, hunk.first, hunk.count):
        for number in range(stretch.first - hunk.first, stretch.first - hunk.first + stretch.count):
            line = lines[number * HASH_BYTES : (number + 1) * HASH_BYTES]
            written.setdefault(line, []).insert(0, stretch.verdict)


def _claims(hunk: Hunk, written: Written) -> Iterator[LineClaim]:
    for first, last, verdict in matched(hashed(hunk.path, hunk.lines), written.get(hunk.path, {})):
        if verdict.rung and verdict.author.state is not State.UNKNOWN:
            yield LineClaim(hunk.first + first, hunk.first + last, Claim(verdict.author, verdict.rung, f"{verdict.evidence}, merged"))


def _parents(repository: Repository, start: str) -> Parents:
    listed = repository.run("rev-list", "--parents", start).decode().splitlines()
    return {row.split()[0]: row.split()[1:] for row in listed}
