"""How good each kind of link is: measured on the repository's own ``Fixes:`` lines where it has enough, else what was found elsewhere. Pure.

Each fix that states its cause is asked again while one looks away from its ``Fixes:`` lines. What is stated, or taken back by name, is taken at
its word: nobody knows better than who wrote it.
"""

from collections.abc import Sequence
from typing import Final

from msgspec import Struct

from wellspent import limits
from wellspent.rework.fixes.causes import MOST_LINES, MOVED_LINES, NEIGHBOURS
from wellspent.rework.fixes.links import NAMED, REVERT, STATED, FixLink, Linking
from wellspent.rework.survival.fixes import LinkQuality

AT_ITS_WORD: Final = tuple(LinkQuality(kind, 1.0, 1.0, 1.0, "taken at its word: who mended it says so") for kind in (STATED, REVERT))

# Where a repository states too little: of each kind the least precise of Open vSwitch, DPDK and iproute2 that has at least 100 such links
# (``python -m benchmarks fixes``, 26 November 2026; docs/benchmarks.md). Published ways reach an F1 of 0.61 to 0.64 at best (Rosa et al.,
# ICSE 2021, table of results in their replication package).
ELSEWHERE: Final = (
    LinkQuality(NAMED, 0.611, 0.589, 0.599, "DPDK, 295 fixes with 333 causes stated in Fixes: lines"),
    LinkQuality(MOST_LINES, 0.652, 0.594, 0.621, "Open vSwitch, 1,048 fixes with 1,150 causes stated in Fixes: lines"),
    LinkQuality(MOVED_LINES, 0.670, 0.630, 0.650, "DPDK, 531 fixes with 565 causes stated in Fixes: lines"),
    LinkQuality(NEIGHBOURS, 0.509, 0.484, 0.496, "Open vSwitch, 232 fixes with 244 causes stated in Fixes: lines"),
)


class Judged(Struct, frozen=True):
    """A fix that states its cause, asked again without its ``Fixes:`` lines.

    Attributes:
        link: What was found then.
        causes: What it states.
    """

    link: FixLink
    causes: frozenset[int]

    @property
    def right(self) -> int:
        """How many of the links found are stated, too."""
        return sum(cause in self.causes for cause, _ in self.link.causes)


def judged_of(linking: Linking) -> tuple[Judged, ...]:
    """All fixes of a history that state a cause in it."""
    stated = ((fix, frozenset(linking.stated(fix))) for fix in linking.signs)
    return tuple(Judged(linking.link(fix, hiding=True), causes) for fix, causes in stated if causes)


def quality_of(kind: str, judged: Sequence[Judged], measured_on: str) -> LinkQuality | None:
    """Precision, recall and F1; None where nothing was found or nothing is to be found.

    Args:
        kind: What the links are called.
        judged: Those fixes whose link is of that kind: recall is the share that is found of what these state.
        measured_on: Where.
    """
    links, pairs, right = (
        (sum(each) for each in zip(*((len(one.link.causes), len(one.causes), one.right) for one in judged))) if judged else (0, 0, 0)
    )
    if not links:
        return None
    precision, recall = right / links, right / pairs
    return LinkQuality(kind, precision, recall, 2 * right / (links + pairs), measured_on)


def measured(judged: Sequence[Judged], repository: str) -> dict[str, LinkQuality]:
    """The quality of each kind of link that enough fixes of a repository were found to have."""
    found = {}
    for kind in sorted({each.link.kind for each in judged if each.link.kind and each.link.kind not in (STATED, REVERT)}):
        ours = [each for each in judged if each.link.kind == kind]
        pairs = sum(len(each.causes) for each in ours)
        quality = quality_of(kind, ours, f"{repository}, {len(ours):,} fixes with {pairs:,} causes stated in Fixes: lines")
        if quality is not None and pairs >= limits.FIX_PAIRS_MIN:
            found[kind] = quality
    return found


def link_qualities(linking: Linking, repository: str) -> tuple[LinkQuality, ...]:
    """One for each kind of link: measured here, else elsewhere. A kind that nobody measured has none, so no money follows it.

    Args:
        repository: Its name, for people.
    """
    elsewhere = {quality.kind: quality for quality in ELSEWHERE}
    return (*AT_ITS_WORD, *(elsewhere | measured(judged_of(linking), repository)).values())
