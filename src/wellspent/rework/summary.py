"""What lifetimes come to: how many lines were born, died and live, and which share of them was gone so many days after birth. Pure."""

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import accumulate
from typing import Final

from msgspec import Struct

from wellspent.rework.history import Commit
from wellspent.rework.kinds import Kind
from wellspent.rework.lifetimes import MOVED, UNKNOWN, Lifetimes, Pairs
from wellspent.rework.lines import ALIVE

DAYS: Final = (7, 14, 21, 30, 90)  # the windows that the field uses
DAY_S: Final = 86_400


class Gone(Struct, frozen=True):
    """Lines that were gone within a window, of those that are old enough to know.

    Attributes:
        days: The window.
        lines: How many were gone.
        of: How many were born at least so long before the newest commit.
    """

    days: int
    lines: int
    of: int

    @property
    def percent(self) -> float | None:
        """The share; None where no line is old enough."""
        return 100 * self.lines / self.of if self.of else None


class Summary(Struct, frozen=True):
    """The lines of one repository.

    Attributes:
        born: Lines whose birth is known, each once however often it moved. Always ``dead + alive + lost``.
        dead: Of them, those taken out.
        alive: Of them, those at the tip.
        lost: Of them, those whose file could not be read any more.
        moved: How often a line went elsewhere, or was only written with other white space, and lived on.
        unknown: Lines at the tip or gone whose birth is not known; they are in no other figure.
        aside: Lines of files that nobody wrote, by kind; they are in no other figure.
        gone: By window.
    """

    born: int
    dead: int
    alive: int
    lost: int
    moved: int
    unknown: int
    aside: Mapping[Kind, int]
    gone: Sequence[Gone]


def summarise(lifetimes: Lifetimes, kinds: Mapping[bytes, Kind], days: Sequence[int] = DAYS, moves: bool = True) -> Summary:
    """Count.

    Args:
        kinds: Of every path; only lines of ``written`` ones are counted.
        moves: Whether a line that moved lives on.
    """
    fates = lifetimes.fates(moves)
    pairs = lifetimes.pairs(fates, {path for path, kind in kinds.items() if kind == "written"})
    aside: Counter[Kind] = Counter()
    unknown, moved = fates.counts.count(UNKNOWN), fates.counts.count(MOVED)
    kind_of = [kinds[path] for path in lifetimes.lines.paths]
    for first, after, path in lifetimes.runs():
        if kind_of[path] != "written":
            unknown -= fates.counts.count(UNKNOWN, first, after)
            moved -= fates.counts.count(MOVED, first, after)
            aside[kind_of[path]] += after - first
    alive = sum(lines for (_, end), lines in pairs.items() if end == ALIVE)
    dead = sum(lines for (_, end), lines in pairs.items() if end >= 0)
    born = sum(pairs.values())
    gone = gone_within(pairs, lifetimes.commits, days, lifetimes.until_s)
    return Summary(born, dead, alive, born - dead - alive, moved, unknown, aside, gone)


def gone_within(pairs: Pairs, commits: Sequence[Commit], days: Sequence[int], until_s: int) -> list[Gone]:
    """The lines gone within each window, of those born so long before ``until_s``; a line lost sight of within it is in neither."""
    windows_s = sorted({each * DAY_S for each in days})
    gone, of = ([0] * (len(windows_s) + 1) for _ in range(2))  # by window, what comes with it and stays for the longer ones
    at_s = [commit.at_s for commit in commits]
    for (birth, end), lines in pairs.items():
        known = bisect_right(windows_s, until_s - at_s[birth])  # the windows that it is old enough for are those before this one
        of[0] += lines
        of[known] -= lines
        ended = known if end == ALIVE else min(known, bisect_left(windows_s, at_s[end if end >= 0 else -2 - end] - at_s[birth]))
        counted = gone if end >= 0 else of
        sign = lines if end >= 0 else -lines
        counted[ended] += sign
        counted[known] -= sign
    found = {window: Gone(window // DAY_S, *both) for window, *both in zip(windows_s, accumulate(gone), accumulate(of))}
    return [found[each * DAY_S] for each in days]
