"""Diffs turned round: git keeps old contents as differences from newer ones, so it is asked newest first, some hundreds of commits at a time."""

import tempfile
from collections.abc import Callable, Iterator, Sequence
from itertools import cycle, islice
from typing import IO, Final

import msgspec

from wellspent import limits
from wellspent.rework.lacking import Ask
from wellspent.rework.patch import Diff

HUNK_BYTES: Final = 200  # that a hunk takes in memory beside its lines


def turned_round(asks: Sequence[Ask], read: Callable[[Sequence[Ask]], Iterator[Diff]]) -> Iterator[Diff]:
    """The diff of every ask, in their order, read in another: batch by batch, of each the last one first.

    Args:
        read: The diffs of asks, in the order in which it is given them.
    """
    size = limits.REWORK_BATCH_COMMITS
    batches = [asks[at : at + size] for at in range(0, len(asks), size)]
    coming = read([ask for batch in batches for ask in reversed(batch)])
    with tempfile.TemporaryFile() as one, tempfile.TemporaryFile() as other:
        before = Turned(one)
        for batch, aside in zip(batches, cycle((other, one))):
            turned = Turned(aside)
            for diff in islice(coming, len(batch)):  # one of this batch is read for each one of the last that is given, so that git need not wait
                turned.put(diff)
                yield from before.take(1)
            yield from before.take(size)
            before = turned
        yield from before.take(size)


class Turned:
    """Diffs, to be taken in the other order than they are put in. What is too much to hold waits in a file, which is emptied first."""

    def __init__(self, aside: IO[bytes]) -> None:
        aside.truncate(0)
        self._aside, self._held, self._held_bytes = aside, list[Diff | tuple[int, int]](), 0

    def put(self, diff: Diff) -> None:
        """One more."""
        size = sum(HUNK_BYTES + len(content) for change in diff.changes for _, _, _, content in change.hunks)
        if self._held_bytes + size <= limits.REWORK_BATCH_BYTES:
            self._held_bytes += size
            self._held.append(diff)
        else:
            written = msgspec.msgpack.encode(diff)
            self._held.append((self._aside.seek(0, 2), self._aside.write(written)))

    def take(self, count: int) -> Iterator[Diff]:
        """Up to so many of them, the last one first."""
        for _ in range(min(count, len(self._held))):
            held = self._held.pop()
            yield held if isinstance(held, Diff) else self._read(*held)

    def _read(self, at: int, size: int) -> Diff:
        self._aside.seek(at)
        return msgspec.msgpack.decode(self._aside.read(size), type=Diff)
