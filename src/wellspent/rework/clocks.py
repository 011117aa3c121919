"""The moment at which each commit counts, whatever clocks were wrong. Pure.

Who commits has the parent already, so dates never fall from a commit to its child, by more than clocks differ. Where they do, some date is wrong;
of all ways to say which, the one with the fewest wrong ones is taken: the longest run of commits whose dates do not fall, and of runs that are as
long the one that ends earliest. A commit beside it is believed where it is within a day of its neighbours in it.
"""

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from msgspec import Struct

EARLIEST_S: Final = 86_400 * 365  # a date in 1970 is a clock that was not set
TOLERANCE_S: Final = 86_400  # clocks of two machines may differ by so much


class Dated(Struct, frozen=True):
    """A commit's own dates.

    Attributes:
        parents: Its parents as far as they are followed, by their numbers, the first one first.
        authored_at_s, committed_at_s: As git has them, which may be nonsense.
    """

    parents: tuple[int, ...]
    authored_at_s: int
    committed_at_s: int


def moments(commits: Sequence[Dated], now_s: int) -> list[int]:
    """When each commit counts; the last of them is the tip, and all others lead to it.

    The first-parent history is settled first, by itself, and up to ``now_s``; then what each of its merges brought, oldest first, between the commit
    where that began and the merge, in the same way; where the first of these counts later than the second, with the first. So a commit of it
    counts at the same time whether or not branches are followed.

    >>> day = 86_400
    >>> chain = [Dated((), 0, 400 * day), Dated((0,), 0, 900 * day), Dated((1,), 0, 410 * day)]
    >>> [at_s // day for at_s in moments(chain, 1000 * day)]
    [400, 400, 410]
    """
    found: dict[int, int] = {}
    waiting = [(len(commits) - 1, now_s, 0)] if commits else []
    while waiting:
        last, until_s, else_s = waiting.pop()
        chain = list(_chain(commits, last, found))[::-1]
        since_s = found[commits[chain[0]].parents[0]] if chain and commits[chain[0]].parents else 0
        found.update(zip(chain, _settled([commits[each] for each in chain], since_s, until_s, else_s), strict=True))
        waiting.extend((parent, found[each], found[each]) for each in reversed(chain) for parent in reversed(commits[each].parents[1:]))
    return [found[number] for number in range(len(commits))]


def _chain(commits: Sequence[Dated], last: int, found: Mapping[int, int]) -> Iterator[int]:
    """A commit, its first parent, and so on, up to one that is settled."""
    number: int | None = last
    while number is not None and number not in found:
        yield number
        number = commits[number].parents[0] if commits[number].parents else None


def _settled(chain: Sequence[Dated], since_s: int, until_s: int, else_s: int) -> Iterator[int]:
    """The moment of each, parents first, between two moments that are known (``since_s`` is 0 where the first one has no parent)."""
    earliest_s, latest_s = max(EARLIEST_S, since_s - TOLERANCE_S), until_s + TOLERANCE_S
    likely = [number for number, each in enumerate(chain) if earliest_s <= each.committed_at_s <= latest_s]
    kept = [likely[place] for place in _not_falling([chain[number].committed_at_s for number in likely])]
    at, before_s = 0, since_s  # how many of those that are kept came before, and the newest moment so far
    for number, each in enumerate(chain):
        after_s = chain[kept[at]].committed_at_s if at < len(kept) else until_s
        first_s, last_s = max(earliest_s, before_s - TOLERANCE_S), after_s + TOLERANCE_S
        own = (moment for moment in (each.committed_at_s, each.authored_at_s) if first_s <= moment <= last_s)
        moment_s = next(own, before_s or (after_s if at < len(kept) else else_s))
        before_s = max(before_s, moment_s)
        at += at < len(kept) and kept[at] == number
        yield moment_s


def _not_falling(moments_s: Sequence[int]) -> list[int]:
    """The longest run of places whose moments do not fall; of runs that are as long, the one that ends earliest (Fredman 1975)."""
    ends: list[int] = []  # of the best run of each length, its last place
    ends_s: list[int] = []
    before: list[int] = []
    for place, moment_s in enumerate(moments_s):
        length = bisect_right(ends_s, moment_s)
        before.append(ends[length - 1] if length else -1)
        ends[length : length + 1], ends_s[length : length + 1] = [place], [moment_s]
    run: list[int] = []
    place = ends[-1] if ends else -1
    while place >= 0:
        run.append(place)
        place = before[place]
    return run[::-1]
