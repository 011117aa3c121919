"""Transcripts matched to a commit: the lines that an assistant's edits wrote and the commit added, word for word.

Text is compared by an 8-byte hash and not kept. Indentation and the ends of lines do not count, so that a formatter in between changes nothing. A
line of three characters or less is everywhere, and follows its neighbours. What an assistant changed by way of a shell (``sed``, a generator) is
not in its edits: lines without a match are unknown.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from msgspec import Struct

from wellspent import limits
from wellspent.rework.authorship.claim import Author, Claim, LineClaim, Rung
from wellspent.rework.authorship.matching import matched, split

DAY_MS = 86_400_000


class Edit(Struct, frozen=True):
    """What one edit of an assistant wrote into one file.

    Attributes:
        at_ms: When, UTC.
        path: As logged, with ``/`` between its parts.
        lines: The hashes of the lines that it wrote, one behind the other.
    """

    author: Author
    at_ms: int
    path: str
    lines: bytes


class Added(Struct, frozen=True):
    """Lines that a commit added one below the other: the first one's number from 1 in the new file, and their hashes."""

    path: str
    first: int
    lines: bytes


class Transcripts:
    """Edits, to be found by the file they changed."""

    def __init__(self, edits: Iterable[Edit], roots: Sequence[str] = (), name: str = "") -> None:
        """Args: the folders in which the repository lies; where it is elsewhere, the name that a folder above its files has."""
        self._roots = tuple(root.rstrip("/") + "/" for root in roots)
        self._name = f"/{name}/" if name else ""
        self._by_file: dict[str, list[Edit]] = {}
        for edit in edits:
            if self._here(edit.path):
                self._by_file.setdefault(edit.path.rpartition("/")[2], []).append(edit)
        for each in self._by_file.values():
            each.sort(key=lambda edit: -edit.at_ms)

    @property
    def span_ms(self) -> tuple[int, int] | None:
        """From the first edit until the last moment at which a commit can hold one."""
        times = [edit.at_ms for edits in self._by_file.values() for edit in edits]
        return (min(times), max(times) + limits.EDIT_COMMITTED_DAYS_MAX * DAY_MS) if times else None

    def claims(self, added: Iterable[Added], committed_at_ms: int) -> dict[str, tuple[LineClaim, ...]]:
        """Which lines of a commit an assistant wrote before it. No line counts more often than it was written; the last writing counts."""
        found: dict[str, list[LineClaim]] = {}
        written: dict[str, dict[bytes, list[Author]]] = {}
        for each in added:
            if each.path not in written:
                written[each.path] = self._written(each.path, committed_at_ms)
            found.setdefault(each.path, []).extend(_claims(each, written[each.path]))
        return {path: tuple(lines) for path, lines in found.items() if lines}

    def _here(self, path: str) -> bool:
        if not path.startswith("/") and path[1:2] != ":":
            return True
        return path.startswith(self._roots) if self._roots else self._name in path

    def _written(self, path: str, committed_at_ms: int) -> dict[bytes, list[Author]]:
        """The authors of each line, last one first, as often as it was written."""
        authors: dict[bytes, list[Author]] = {}
        oldest = committed_at_ms - limits.EDIT_COMMITTED_DAYS_MAX * DAY_MS
        for edit in self._by_file.get(path.rpartition("/")[2], ()):
            if oldest <= edit.at_ms <= committed_at_ms and f"/{edit.path}".endswith(f"/{path}"):
                for line in split(edit.lines):
                    authors.setdefault(line, []).append(edit.author)
        return authors


def _claims(added: Added, written: Mapping[bytes, list[Author]]) -> Iterator[LineClaim]:
    for first, last, author in matched(added.lines, written):
        yield LineClaim(added.first + first, added.first + last, Claim(author, Rung.TRANSCRIPT, "transcript"))
