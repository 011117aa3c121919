"""Lines while history is read: which are in each file, which commit each was born in, and where each ended."""

from array import array
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from wellspent.rework.moves import NOBODY, Pair
from wellspent.rework.patch import Hunk

ALIVE: Final = -1  # in ``ends``; a commit's number where the line died in it, and below this where it was lost sight of
OPEN: Final = 0xFFFF_FFFF  # a place in a merged file that no parent has filled yet
WORD: Final = array("I").itemsize

if TYPE_CHECKING:
    Ids = array[int]
else:  # an array cannot be told its type before Python 3.12
    Ids = array
Key = tuple[int, str]  # of a commit: when it counts, and its id
Files = dict[bytes, Ids | None]  # None: a file whose lines cannot be told


def lost(commit: int) -> int:
    """How an end is written that is not a death: the line was lost sight of in this commit."""
    return -2 - commit


class Spliced(Struct, gc=False):
    """A file after its hunks.

    Attributes:
        ids: Its lines now.
        out: What each hunk took out.
    """

    ids: Ids
    out: list[Ids]


def splice(old: Ids, hunks: Sequence[Hunk], fresh: int | None) -> Spliced:
    """Apply the hunks of a file.

    Args:
        fresh: The first new line; None leaves new places ``OPEN``.
    """
    new, out, view, at = array("I"), [], memoryview(old).cast("B"), 0
    for start, taken, put, _ in hunks:
        if start + taken > len(old) or start < at:
            raise ValueError(f"a hunk at line {start + 1} does not fit a file of {len(old)} lines")
        new.frombytes(view[WORD * at : WORD * start])
        if fresh is None:
            new.extend([OPEN] * put)
        else:
            new.extend(range(fresh, fresh + put))
            fresh += put
        at = start + taken
        out.append(old[start:at])
    new.frombytes(view[WORD * at :])
    return Spliced(new, out)


class Lines:
    """All lines ever born, numbered in the order of their birth, in columns of four bytes.

    A *span* is a run of lines born together: one commit, one path, one place. ``span_first[n]`` is its first line; the next span's is its end.
    ``span_above`` and ``span_below`` are the lines between which it came in, ``NOBODY`` at the end of a file.
    ``moved_from`` and ``moved_to`` pair lines that are the same one to people though git's diff took one out and put the other in.
    """

    def __init__(self) -> None:
        self.ends = array("i")
        self.span_first, self.span_commit, self.span_path, self.span_line = array("I"), array("I"), array("I"), array("I")
        self.span_above, self.span_below = array("I"), array("I")
        self.span_known = bytearray()
        self.moved_from, self.moved_to, self.moved_in = array("I"), array("I"), array("I")
        self.paths: list[bytes] = []
        self._numbers: dict[bytes, int] = {}

    def path(self, path: bytes) -> int:
        """The path's number."""
        number = self._numbers.get(path)
        if number is None:
            number = self._numbers[path] = len(self.paths)
            self.paths.append(path)
        return number

    def restore_paths(self, paths: Iterable[bytes]) -> None:
        """Take paths in as they were numbered before."""
        for path in paths:
            self.path(path)

    def born(self, commit: int, path: int, line: int, count: int, known: bool, above: int = NOBODY, below: int = NOBODY) -> None:
        """Lines from ``line`` (counted from 0) on are new, between two others."""
        self.span_first.append(len(self.ends))
        self.span_commit.append(commit)
        self.span_path.append(path)
        self.span_line.append(line)
        self.span_above.append(above)
        self.span_below.append(below)
        self.span_known.append(known)
        self.ends.frombytes(b"\xff" * (self.ends.itemsize * count))

    def end(self, lines: Iterable[int], end: int) -> None:
        """They ended; each line is in one file, so it had not ended before."""
        ends = self.ends
        for line in lines:
            ends[line] = end

    def end_first(self, lines: Iterable[int], end: int, keys: Sequence[Key]) -> None:
        """They ended on some branch: a death counts more than losing sight, and of several the earliest, in whatever order they are read."""
        ends, key = self.ends, keys[end if end >= 0 else -2 - end]
        for line in lines:
            had = ends[line]
            if had == ALIVE or had < 0 <= end or ((had >= 0) == (end >= 0) and key < keys[had if had >= 0 else -2 - had]):
                ends[line] = end

    def moved(self, pairs: Iterable[Pair], commit: int) -> None:
        """Lines that are the same one."""
        for was, now in pairs:
            self.moved_from.append(was)
            self.moved_to.append(now)
            self.moved_in.append(commit)
