"""Links of fixes, as what survival books money by: the groups that wrote what a fix mends. Pure."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Final

from wellspent.facts.money import apportion
from wellspent.rework.fixes.links import FixLink
from wellspent.rework.survival.fixes import Fix
from wellspent.rework.survival.lifetime import UNKNOWN

SHARES: Final = 10**6  # into how many parts a link is divided


def fixes_by_commit(links: Iterable[FixLink], groups: Mapping[int, Mapping[str, int]]) -> dict[int, Fix]:
    """For each fix, its kind of link and the groups of the code that it mends: its causes' weights, divided by who wrote their lines.

    Args:
        groups: Lines of each commit by group (``{12: {"ai": 30, "human": 10}}``); the lines of a commit that is missing are of unknown authors.
    """
    return {link.commit: Fix(link.kind, _by_group(link, groups)) for link in links}


def _by_group(link: FixLink, groups: Mapping[int, Mapping[str, int]]) -> Mapping[str, int]:
    found: Counter[str] = Counter()
    for cause, weight in link.causes:
        lines = {group: count for group, count in sorted(groups.get(cause, {}).items()) if count > 0} or {UNKNOWN: 1}
        found.update(dict(zip(lines, apportion(weight * SHARES, list(lines.values())), strict=True)))
    return {group: count for group, count in found.items() if count}
