"""Groups of fewer than ``limits.PEOPLE_MIN`` people are told as one, with the next larger until they are enough. Pure.

The same rule as ``surfaces.web.groups.together``, for people who may be in several groups: what counts is how many different people there are.
"""

from collections.abc import Hashable, Mapping
from typing import TypeVar

from wellspent import limits

G = TypeVar("G", bound=Hashable)
OTHERS = f"others (fewer than {limits.PEOPLE_MIN} people)"
JOINED = f"others (fewer than {limits.PEOPLE_MIN} people, and the next larger)"
ALL = "all"


def folded(people: Mapping[G, frozenset[str]]) -> tuple[frozenset[G], str]:
    """The groups that are told as one, and what they are called: ``ALL`` where even all together are too few.

    Args:
        people: Who is in each group. One without anybody tells of nobody, and is told apart.

    >>> few, name = folded({"api": frozenset("abcdef"), "web": frozenset("ab"), "docs": frozenset("xyz")})
    >>> sorted(few), name
    (['docs', 'web'], 'others (fewer than 5 people)')
    """
    found: list[G] = []
    together: frozenset[str] = frozenset()
    name = OTHERS
    for group, members in sorted(people.items(), key=lambda each: (len(each[1]), str(each[0]))):
        small = len(members) < limits.PEOPLE_MIN
        if not members:
            continue
        if not small and (len(together) >= limits.PEOPLE_MIN or not found):
            break
        name = name if small else JOINED
        found.append(group)
        together |= members
    return frozenset(found), ALL if found and len(together) < limits.PEOPLE_MIN else name
