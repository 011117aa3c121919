"""A repository, or many side by side, measured: what was kept is loaded, what is new is read, and all of it is counted."""

import os
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

from msgspec import Struct

from wellspent import limits
from wellspent.facts.errors import WellspentError
from wellspent.facts.memory import uncollected
from wellspent.rework.contents import sizes
from wellspent.rework.git import Repository, open_repository, tip_of
from wellspent.rework.history import History
from wellspent.rework.kinds import Kind, kinds_of
from wellspent.rework.lifetimes import Lifetimes, read
from wellspent.rework.store import load, save
from wellspent.rework.summary import DAYS, Summary, summarise

Tell = Callable[[str, int, int], object]  # a repository, commits read, of how many
A = TypeVar("A")
B = TypeVar("B")
EVERY = 100  # commits between two words about progress


class Ask(Struct, frozen=True):
    """What to measure.

    Attributes:
        path: A folder of the repository.
        ref: A branch, tag or commit.
        history: Which commits.
        days: The windows.
        moves: Whether a line that moved lives on.
        kept: The folder in which lifetimes are kept between runs.
        fresh: Whether to read from the beginning all the same.
        now_s: The time.
    """

    path: Path
    ref: str
    history: History
    kept: Path
    now_s: int
    days: Sequence[int] = DAYS
    moves: bool = True
    fresh: bool = False


class LeftOut(Struct, frozen=True):
    """A file whose lines are not counted, or not at all times.

    Attributes:
        path: Its last name in git, as far as it is text.
        why: ``lock``, ``generated``, ``vendored``, ``binary``, ``large`` or ``missing``.
        lines: Born in it; None where nobody can tell.
    """

    path: str
    why: str
    lines: int | None


class Survey(Struct, frozen=True):
    """A repository measured.

    Attributes:
        repository: As it was named.
        history: Which commits.
        tip: The newest of them.
        commits: How many there are, and ``new`` of them were read now.
        since_s: The oldest commit, and ``until_s`` the newest: nothing is known of what came after.
        borders: Commits at which a shallow clone breaks off.
        misdated: Commits whose own date cannot be true beside those around them.
        ignored: Commits that the repository says only change how code looks.
        summary: The figures.
        left_out: Files, by path.
        unkept: Why what was read could not be kept for the next run; "" where it was.
    """

    repository: str
    history: History
    tip: str
    commits: int
    new: int
    since_s: int
    until_s: int
    borders: int
    misdated: int
    ignored: int
    summary: Summary
    left_out: Sequence[LeftOut]
    unkept: str = ""


class Failed(Struct, frozen=True):
    """A repository that could not be measured.

    Attributes:
        repository: As it was named.
        why: What happened.
        fix: What to do about it.
    """

    repository: str
    why: str
    fix: str


class Followed(Struct, frozen=True):
    """Lifetimes of a repository, up to date and kept.

    Attributes:
        repository: Where they are from.
        tip: The newest commit.
        lifetimes: All of them.
        new: How many commits were read now.
        unkept: Why they could not be kept; "" where they were.
    """

    repository: Repository
    tip: str
    lifetimes: Lifetimes
    new: int
    unkept: str = ""


def follow(ask: Ask, tell: Tell = lambda *_: None) -> Followed:
    """Bring lifetimes up to date: load what was kept, read what is new, keep it. Raises WellspentError where that cannot be."""
    repository = open_repository(ask.path)
    tip = tip_of(repository, ask.ref)
    earlier = None if ask.fresh else load(ask.kept, repository.folder, ask.history)
    lifetimes = read(repository, tip, ask.history, ask.now_s, earlier, _now_and_then(ask, tell))
    unkept = _kept(ask, repository, lifetimes) if lifetimes is not earlier else ""
    before = len(earlier.commits) if earlier is not None and lifetimes.lines is earlier.lines else 0
    return Followed(repository, tip, lifetimes, len(lifetimes.commits) - before, unkept)


def _kept(ask: Ask, repository: Repository, lifetimes: Lifetimes) -> str:
    """Keep them; why that cannot be. The figures are as good without, and reading them may have taken minutes."""
    try:
        save(ask.kept, repository.folder, lifetimes)
    except OSError as error:
        return f"{ask.kept} cannot be written ({error.strerror})"
    return ""


def survey(ask: Ask, tell: Tell = lambda *_: None) -> Survey:
    """Measure one repository. Raises WellspentError where it cannot be."""
    followed = follow(ask, tell)
    repository, tip, lifetimes, commits = followed.repository, followed.tip, followed.lifetimes, followed.lifetimes.commits
    kinds = kinds_of(repository, tip, lifetimes.lines.paths)
    return Survey(
        repository=str(ask.path),
        history=ask.history,
        tip=tip,
        commits=len(commits),
        new=followed.new,
        since_s=min(commit.at_s for commit in commits),
        until_s=lifetimes.until_s,
        borders=sum(commit.border for commit in commits),
        misdated=sum(commit.misdated for commit in commits),
        ignored=len(lifetimes.ignored),
        summary=summarise(lifetimes, kinds, ask.days, ask.moves),
        left_out=left_out_of(repository, lifetimes, kinds),
        unkept=followed.unkept,
    )


def _now_and_then(ask: Ask, tell: Tell) -> Callable[[int, int], object]:
    def told(done: int, of: int) -> None:
        if done == of or not done % EVERY:
            tell(str(ask.path), done, of)

    return told


def survey_all(asks: Sequence[Ask], tell: Tell) -> Iterator[Survey | Failed]:
    """Measure many, as many at once as there are cores, in the order asked."""
    return side_by_side(_tried, asks, tell)


def side_by_side(work: Callable[[A, Tell], B], asks: Sequence[A], tell: Tell) -> Iterator[B]:
    """Do the same with many repositories, as many at once as there are cores; what came of each, in the order asked.

    Args:
        work: A function of a module, which a process can be told by name.
    """
    workers = min(len(asks), len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1)
    if workers < 2:
        yield from (work(ask, tell) for ask in asks)
        return
    import multiprocessing
    from concurrent.futures import ProcessPoolExecutor, wait

    context = multiprocessing.get_context("spawn")
    told = context.Queue()
    with ProcessPoolExecutor(workers, context, _share, (told,)) as pool:
        futures = [pool.submit(work, ask, _put) for ask in asks]
        waiting = {*futures}
        while waiting:
            waiting = wait(waiting, limits.REWORK_TELL_S).not_done
            _drain(told, tell)
        yield from (future.result() for future in futures)


_TOLD: list[Any] = []  # in a worker: where it tells its progress


def _share(told: Any) -> None:
    _TOLD.append(told)


def _put(repository: str, done: int, of: int) -> None:
    _TOLD[0].put((repository, done, of))


def _drain(told: Any, tell: Tell) -> None:
    from queue import Empty

    try:
        while True:
            tell(*told.get_nowait())
    except Empty:
        return


def _tried(ask: Ask, tell: Tell) -> Survey | Failed:
    try:
        with uncollected():
            return survey(ask, tell)
    except WellspentError as error:
        return Failed(str(ask.path), str(error.args[0]), error.fix)


def left_out_of(repository: Repository, lifetimes: Lifetimes, kinds: Mapping[bytes, Kind]) -> list[LeftOut]:
    """The files whose lines are not counted: those that cannot be read, and those that nobody wrote."""
    return [*_unseen(repository, lifetimes), *_aside(lifetimes, kinds)]


def _unseen(repository: Repository, lifetimes: Lifetimes) -> Iterator[LeftOut]:
    unseen = [lifetimes.unseen[path] for path in sorted(lifetimes.unseen)]
    for each, size in zip(unseen, sizes(repository, [each.blob for each in unseen])):
        large = each.why == "binary" and size is not None and size > limits.REWORK_FILE_BYTES_MAX
        yield LeftOut(_text(each.path), "large" if large else each.why, None)


def _aside(lifetimes: Lifetimes, kinds: Mapping[bytes, Kind]) -> Iterator[LeftOut]:
    born: Counter[int] = Counter()
    for first, after, number in lifetimes.runs():
        born[number] += after - first
    for number, path in sorted(enumerate(lifetimes.lines.paths), key=lambda each: each[1]):
        if kinds[path] != "written" and born[number]:
            yield LeftOut(_text(path), kinds[path], born[number])


def _text(path: bytes) -> str:
    return path.decode(errors="replace")
