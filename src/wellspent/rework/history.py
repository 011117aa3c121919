"""Which commits there are to read, oldest first, and the moment at which each counts."""

from collections.abc import Iterable, Sequence
from typing import Final, Literal

from msgspec import Struct

from wellspent.rework.git import Repository

History = Literal["first-parent", "all"]
EARLIEST_S: Final = 86_400 * 365  # a date in 1970 is a clock that was not set
TOLERANCE_S: Final = 86_400  # a date this far in the future may be another machine's clock


class Commit(Struct, frozen=True, array_like=True):
    """A commit as lifetimes know it. Who made it is not kept: git tells it to those who ask.

    Attributes:
        id: Its name in git.
        parents: Those of them that are followed: the first, or all.
        authored_at_s: As git has it, which may be nonsense.
        committed_at_s: The same; of merged code, when it was merged.
        at_s: When it counts: ``committed_at_s`` where that can be true, else ``authored_at_s``, else its parents' time.
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


def commits_of(repository: Repository, tip: str, history: History, now_s: int, before: Sequence[Commit] = ()) -> list[Commit]:
    """The commits that lead to ``tip``, parents before children, without those that are reachable from the last of ``before``."""
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
    times = {commit.id: commit.at_s for commit in before}
    found = []
    for line in repository.run(*asked).decode().splitlines():
        commit = _commit(line.split(), repository.borders, history, now_s, times)
        times[commit.id] = commit.at_s
        found.append(commit)
    return found


def _commit(words: list[str], borders: frozenset[str], history: History, now_s: int, times: dict[str, int]) -> Commit:
    commit_id, authored, committed = words[0], int(words[1]), int(words[2])
    parents = tuple(words[3:4] if history == "first-parent" else words[3:])
    likely = [each for each in (committed, authored) if EARLIEST_S <= each <= now_s + TOLERANCE_S]
    at_s = likely[0] if likely else max((times.get(parent, 0) for parent in parents), default=0)
    return Commit(commit_id, parents, authored, committed, at_s, commit_id in borders)


def goes_on(commits: Iterable[Commit], last: str) -> bool:
    """Whether these commits grow out of each other and of ``last`` alone, so that nothing before it is needed."""
    known = {last}
    for commit in commits:
        if not commit.parents or not known.issuperset(commit.parents):
            return False
        known.add(commit.id)
    return True
