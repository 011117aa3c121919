"""What belongs together because it shares something, in a chain too. Pure."""

from collections.abc import Iterable, Sequence
from typing import TypeVar

K = TypeVar("K", bound=tuple[object, ...])


def together(groups: Iterable[Sequence[K]]) -> dict[K, K]:
    """For each key the least of all keys that it belongs together with: those of one group do, and so do groups that share a key.

    >>> together([[(1,), (2,)], [(3,), (2,)], [(7,)]])
    {(1,): (1,), (2,): (1,), (3,): (1,), (7,): (7,)}
    """
    parent: dict[K, K] = {}

    def top(key: K) -> K:
        while parent.setdefault(key, key) != key:
            parent[key] = parent[parent[key]]
            key = parent[key]
        return key

    for group in groups:
        for key in group:
            first, second = sorted((top(group[0]), top(key)))
            parent[second] = first
    return {key: top(key) for key in parent}
