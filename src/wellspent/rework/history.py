"""Which commits there are to read, oldest first, and the moment at which each counts."""

from collections.abc import Iterable, Sequence
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from wellspent.rework.clocks import Dated, moments
from wellspent.rework.git import Repository

History = Literal["first-parent", "all"]


class Commit(Struct, frozen=True, array_like=True):
    """A commit as lifetimes know it. Who made it is not kept: git tells it to those who ask.

    Attributes:
        id: Its name in git.
        parents: Those of them that are followed: the first, or all.
        authored_at_s: As git has it, which may be nonsense.
        committed_at_s: The same; of merged code, when it was merged.
        at_s: When it counts: ``committed_at_s`` where that can be true, else ``authored_at_s``, else its parents' time (see ``clocks``).
        border: Whether a shallow clone breaks off here, so that what it brings was born nobody knows when.
    """

    id: str
    parents: tuple[str, ...]
    authored_at_s: int
    committed_at_s: int
    at_s: int
    border: bool = False

    @property
    def misdated(self) -> bool:
        """Whether its own date could not be used."""
        return self.at_s != self.committed_at_s


def commits_of(repository: Repository, tip: str, history: History, before: Sequence[Commit] = ()) -> list[Commit]:
    """The commits that lead to ``tip``, parents before children, by their own dates; without those that the last of ``before`` grew out of."""
    first = ["--first-parent"] if history == "first-parent" else []
    known = [f"^{before[-1].id}"] if before else []
    asked = [
        "log",
        "--topo-order",
        "--reverse",
        *first,
        "--no-show-signature",
        "--no-decorate",
        "--no-color",
        "--format=%H %at %ct %P",
        tip,
        *known,
        "--",
    ]
    return [_commit(line.split(), repository.borders, history) for line in repository.run(*asked).decode().splitlines()]


def _commit(words: list[str], borders: frozenset[str], history: History) -> Commit:
    commit_id, authored, committed = words[0], int(words[1]), int(words[2])
    parents = tuple(words[3:4] if history == "first-parent" else words[3:])
    return Commit(commit_id, parents, authored, committed, committed, commit_id in borders)


def settled(commits: Sequence[Commit], now_s: int) -> list[Commit]:
    """The same commits, each with the moment at which it counts; the last one is the tip."""
    number = {commit.id: place for place, commit in enumerate(commits)}
    dated = [
        Dated(tuple(number[parent] for parent in commit.parents if parent in number), commit.authored_at_s, commit.committed_at_s)
        for commit in commits
    ]
    return [commit if commit.at_s == at_s else replace(commit, at_s=at_s) for commit, at_s in zip(commits, moments(dated, now_s), strict=True)]


def goes_on(commits: Iterable[Commit], last: str) -> bool:
    """Whether these commits grow out of each other and of ``last`` alone, so that nothing before it is needed."""
    known = {last}
    for commit in commits:
        if not commit.parents or not known.issuperset(commit.parents):
            return False
        known.add(commit.id)
    return True
