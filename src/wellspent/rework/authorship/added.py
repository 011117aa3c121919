"""The lines that commits added, by the numbers that they have in the new file."""

from collections.abc import Callable, Iterator, Sequence

from msgspec import Struct

from wellspent.rework.git import Repository
from wellspent.rework.lacking import Ask
from wellspent.rework.patch import MISSING, Change
from wellspent.rework.reading import read_diffs

NO_LINES: tuple[str, ...] = ()


class Hunk(Struct, frozen=True):
    """``count`` lines from ``first`` (from 1, in the new file) that a commit added; their text where it was asked for, else empty."""

    path: str
    first: int
    count: int
    lines: Sequence[str] = NO_LINES


def added_by(
    repository: Repository, asks: Sequence[Ask], *, with_text: bool = False, absent: Callable[[str], None]
) -> Iterator[tuple[str, list[Hunk]]]:
    """For each commit what it added to the parent that it is compared with; merges without one add nothing.

    Args:
        absent: Told each commit of which a text is not here, which a partial clone can have; the next ones are read.
    """
    for diff in read_diffs(repository, asks, lambda _: with_text, partly=False):
        if any(change.opaque == MISSING for change in diff.changes):
            absent(diff.commit)
        else:
            yield diff.commit, [hunk for change in diff.changes for hunk in _added(change)]


def _added(change: Change) -> Iterator[Hunk]:
    path, shift = (change.new or b"").decode(errors="replace"), 0
    for at, taken, put, content in change.hunks:
        if put:
            yield Hunk(path, at + shift + 1, put, _put_in(content))
        shift += put - taken


def _put_in(content: bytes) -> Sequence[str]:
    return [line[1:].decode(errors="replace").rstrip("\r") for line in content.split(b"\n") if line.startswith(b"+")] if content else NO_LINES
