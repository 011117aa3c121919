"""Which commit brought the bug, where nobody says so. Pure.

Of the commits whose lines a fix killed, the one with the largest share of them; or, where it killed none, of those whose lines it moved or
stands between. Shares come first. Two things decide between commits that are close: how much the fix's message speaks of what theirs spoke of,
and that a commit which is a fix itself is rather a witness than the cause. The weights are round numbers that were looked for on DPDK's
14,636 fixes alone, where halving or doubling any of them moves F1 by at most 0.005; what they reach elsewhere is in docs/benchmarks.md.
"""

from collections import Counter
from collections.abc import Callable, Collection
from typing import Final

from wellspent.rework.fixes.evidence import Evidence

KILLED, MOVED, NEAR, WORDS, FIX = 1.0, 0.5, 0.5, 2.0, -0.25  # weights of a candidate's shares, its likeness to the fix, and of being a fix itself

MOST_LINES: Final = "most lines"
MOVED_LINES: Final = "moved lines"
NEIGHBOURS: Final = "neighbours"

Likeness = Callable[[int], float]


def cause_of(evidence: Evidence, likeness: Likeness, mending: Collection[int]) -> tuple[str, int, int] | None:
    """The likeliest cause: the kind of link, the commit, and the weight of its lines; None where no line tells anything.

    Args:
        evidence: Of the fix.
        likeness: How much the fix speaks of what another commit spoke of, 0 to 1.
        mending: Commits that are fixes themselves.
    """
    candidates = sorted(evidence.killed or evidence.moved.keys() | evidence.near.keys())
    if not candidates:
        return None
    parts = [(weight, counter, sum(counter.values())) for weight, counter in _weighed(evidence) if counter]

    def score(commit: int) -> float:
        shares = sum(weight * counter[commit] / total for weight, counter, total in parts)
        return shares + WORDS * likeness(commit) + (FIX if commit in mending else 0.0)

    best = max(candidates, key=lambda commit: (score(commit), commit))
    for kind, counter in ((MOST_LINES, evidence.killed), (MOVED_LINES, evidence.moved), (NEIGHBOURS, evidence.near)):
        if counter[best]:
            return kind, best, counter[best]
    raise AssertionError("a candidate has lines")


def _weighed(evidence: Evidence) -> list[tuple[float, Counter[int]]]:
    return [(KILLED, evidence.killed), (MOVED, evidence.moved), (NEAR, evidence.near)]
