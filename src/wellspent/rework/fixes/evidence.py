"""What the lines of a fix say of where its bug came from. Pure: from the columns of lifetimes, without reading a line of text.

A fix *kills* lines, *moves* lines, and puts lines *between* others. Whoever wrote those is a candidate. Lines of tests and documents count a
quarter: a fix's test is not where the bug was.
"""

import re
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Collection
from typing import Final

from msgspec import Struct, field

from wellspent.rework.kinds import kind_by_name
from wellspent.rework.lifetimes import OWN, UNKNOWN, Fates, Lifetimes
from wellspent.rework.moves import NOBODY

WRITTEN_WEIGHT: Final = 4
ASIDE_WEIGHT: Final = 1
_ASIDE: Final = re.compile(
    rb"(?:^|/)(?:tests?|testing|specs?|__tests__|unittests?|selftests?|docs?|documentation)/|(?:^|/)tests?[-_][^/]*$|[-_.](?:test|spec)s?\.\w+$"
    rb"|\.(?:rst|md|txt|adoc|[1-8])$|(?:^|/)(?:NEWS|CHANGE(?:S|LOG)|README|AUTHORS|MAINTAINERS|TODO)[^/]*$",
    re.IGNORECASE,
)


class Evidence(Struct):
    """Lines of one fix by the commit that they were born in, each with its weight.

    Attributes:
        killed: Taken out for good.
        moved: Put elsewhere, or written with other white space.
        near: Right above and below what the fix put in.
        lines: Taken out for good, plainly counted.
    """

    killed: Counter[int] = field(default_factory=Counter)
    moved: Counter[int] = field(default_factory=Counter)
    near: Counter[int] = field(default_factory=Counter)
    lines: Counter[int] = field(default_factory=Counter)


def weight_of(path: bytes) -> int:
    """How much a line of a file counts.

    >>> weight_of(b"src/app.py"), weight_of(b"tests/test_app.py"), weight_of(b"CHANGELOG.md")
    (4, 1, 1)
    """
    return ASIDE_WEIGHT if _ASIDE.search(path) or kind_by_name(path) != "written" else WRITTEN_WEIGHT


def evidence_of(lifetimes: Lifetimes, fates: Fates, fixes: Collection[int]) -> dict[int, Evidence]:
    """The evidence of each fix, by its number in ``Lifetimes.commits``."""
    origins, found = Origins(lifetimes, fates), defaultdict[int, Evidence](Evidence)
    lines, wanted = lifetimes.lines, frozenset(fixes)
    weights = [weight_of(path) for path in lines.paths]
    for number, (first, after, path) in enumerate(lifetimes.runs()):
        birth = lines.span_commit[number]
        for end, count in _killed(fates, first, after, wanted):
            found[end].killed[birth] += count * weights[path]
            found[end].lines[birth] += count
        if birth in wanted:
            for line in (lines.span_above[number], lines.span_below[number]):
                origins.count(line, found[birth].near, weights[path])
    for was, commit in zip(lines.moved_from, lines.moved_in):
        if commit in wanted:
            origins.count(was, found[commit].moved, weights[origins.path(was)] if was != NOBODY else 0)
    return {fix: found[fix] for fix in fixes}


def _killed(fates: Fates, first: int, after: int, wanted: frozenset[int]) -> list[tuple[int, int]]:
    """How many lines of a run ended in each of the wanted commits."""
    ends = Counter(fates.ends[first:after])
    if wanted.isdisjoint(ends):
        return []
    if fates.counts.count(OWN, first, after) < after - first:
        ends = Counter(end for end, counts in zip(fates.ends[first:after], fates.counts[first:after]) if counts == OWN)
    return [(end, count) for end, count in ends.items() if end in wanted]


class Origins:
    """Where a line was born, through its moves."""

    def __init__(self, lifetimes: Lifetimes, fates: Fates) -> None:
        self._lines, self._counts = lifetimes.lines, fates.counts
        self._before = {now: was for was, now in zip(self._lines.moved_from, self._lines.moved_to) if now != NOBODY}

    def count(self, line: int, counter: Counter[int], weight: int) -> None:
        """Count a line for the commit that it was born in, where that is known."""
        while line in self._before:
            line = self._before[line]
        if line != NOBODY and self._counts[line] != UNKNOWN:
            counter[self._lines.span_commit[self._span(line)]] += weight

    def path(self, line: int) -> int:
        """The number of the path of a line."""
        return self._lines.span_path[self._span(line)]

    def _span(self, line: int) -> int:
        return bisect_right(self._lines.span_first, line) - 1
