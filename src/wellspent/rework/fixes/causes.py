"""Which commit brought the bug, where nobody says so. Pure.

The candidates are the commits whose lines the fix killed; where it killed none, those whose lines it moved; where it moved none, those whose lines
stand right above and below what it put in. The one with the largest share is taken. What lies near, and how much the fix's message speaks of what
theirs spoke of, decide between commits that are close.

The weights are round numbers, looked for on DPDK alone (14,636 fixes), where halving or doubling any of them moves F1 by at most 0.005. Blank lines,
comments and braces are no exception: leaving them out found no more on DPDK and on Open vSwitch. What it reaches is in docs/benchmarks.md.
"""

from collections.abc import Callable
from typing import Final

from wellspent.rework.fixes.evidence import Evidence

KILLED, MOVED, NEAR, WORDS = 1.0, 0.5, 0.5, 2.0  # weights of a candidate's shares, and of its likeness to the fix

MOST_LINES: Final = "most lines"
MOVED_LINES: Final = "moved lines"
NEIGHBOURS: Final = "neighbours"

Likeness = Callable[[int], float]


def cause_of(evidence: Evidence, likeness: Likeness) -> tuple[str, int, int] | None:
    """The likeliest cause: the kind of link, the commit, and the weight of its lines; None where no line tells anything.

    Args:
        evidence: Of the fix.
        likeness: How much the fix speaks of what another commit spoke of, 0 to 1.
    """
    kinds = ((MOST_LINES, KILLED, evidence.killed), (MOVED_LINES, MOVED, evidence.moved), (NEIGHBOURS, NEAR, evidence.near))
    kinds_found = [(kind, weight, counter, sum(counter.values())) for kind, weight, counter in kinds if counter]
    if not kinds_found:
        return None

    def score(commit: int) -> float:
        shares = sum(weight * counter[commit] / total for _, weight, counter, total in kinds_found)
        return shares + WORDS * likeness(commit)

    kind, _, candidates, _ = kinds_found[0]
    best = max(sorted(candidates), key=lambda commit: (score(commit), commit))
    return kind, best, candidates[best]
