"""The files of a repository as the functions they are made of, while commits change them; and which lines each commit put in. Pure."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from math import inf

from msgspec import Struct

SIGNED_LINES = 3  # of a function, up to its signature
SIGNATURE = re.compile(r"def (\w+)\((.+)\):")
AGENT, PERSON, NOBODY = "agent", "person", ""  # who wrote a piece, as far as anything will ever tell


class Piece(Struct, eq=False):
    """A function, or what else stands together in a file.

    Attributes:
        path: Its file.
        lines: As they stand.
        writer: ``AGENT``, ``PERSON`` or ``NOBODY``.
        due_ms: When somebody will want it otherwise.
        born: The commit that wrote it, as whoever made it numbers commits; None where nothing can name it.
    """

    path: str
    lines: list[str]
    writer: str = NOBODY
    due_ms: float = inf
    born: int | None = None

    @property
    def signature(self) -> tuple[str, list[str]]:
        """A function's name and its arguments."""
        found = SIGNATURE.match(self.lines[SIGNED_LINES - 1])
        assert found, self.lines
        return found[1], found[2].split(", ")


class Fresh(Struct, frozen=True):
    """Lines that a commit put in: ``count`` of a piece, from ``offset`` on."""

    piece: Piece
    offset: int
    count: int
    writer: str


class Range(Struct, frozen=True):
    """Lines ``first`` to ``last`` of a file (from 1) and who wrote them."""

    first: int
    last: int
    writer: str


class Taken(Struct, frozen=True):
    """What was changed.

    Attributes:
        files: Contents by path, None for what is gone.
        ranges: The lines that were put in, by path.
        deleted: How many lines were taken out.
    """

    files: Mapping[str, bytes | None]
    ranges: Mapping[str, Sequence[Range]]
    deleted: int

    @property
    def added(self) -> int:
        """How many lines were put in."""
        return sum(each.last - each.first + 1 for ranges in self.ranges.values() for each in ranges)


class Tree:
    """Files, and what was changed since ``taken``."""

    def __init__(self) -> None:
        self.files: dict[str, list[Piece]] = {}
        self._touched: set[str] = set()
        self._fresh: list[Fresh] = []
        self._deleted = 0

    def within(self, folder: str) -> Iterator[Piece]:
        """The pieces of a folder's files, without what its files begin with."""
        for path, pieces in self.files.items():
            if path.startswith(folder + "/"):
                yield from pieces[1:]

    def add(self, piece: Piece) -> Piece:
        """Put a piece at the end of its file."""
        self.files.setdefault(piece.path, []).append(piece)
        self._wrote(piece, 0)
        return piece

    def rewrite(self, piece: Piece, keep: int, lines: Iterable[str], writer: str) -> None:
        """Put other lines in the place of all but the first of a piece."""
        self._deleted += max(0, self._old(piece) - keep)
        piece.lines, piece.writer = [*piece.lines[:keep], *lines], writer
        self._wrote(piece, keep)

    def remove(self, piece: Piece) -> None:
        """Take a piece out, and its file with the last of them but what files begin with."""
        self._touched.add(piece.path)
        pieces = self.files[piece.path]
        pieces.remove(piece)
        self._forget(piece)
        if len(pieces) < 2:
            for each in pieces:
                self._forget(each)
            del self.files[piece.path]

    def move(self, piece: Piece, path: str) -> None:
        """Put a piece, as it is, into another file that is there."""
        self.remove(piece)
        piece.path = path
        self.add(piece)

    def rename(self, path: str, new: str) -> None:
        """Give a file another name."""
        self.files[new] = self.files.pop(path)
        for piece in self.files[new]:
            piece.path = new
        self._touched |= {path, new}

    def restyle(self, folder: str, old: str, new: str) -> None:
        """What a formatter does to all files of a folder."""
        for path, pieces in self.files.items():
            if path.startswith(folder + "/"):
                self._touched.add(path)
                for piece in pieces:
                    piece.lines = [line.replace(old, new) for line in piece.lines]

    def holds(self, piece: Piece) -> bool:
        """Whether a piece is still there."""
        return piece in self.files.get(piece.path, ())

    def taken(self) -> Taken:
        """What was changed since the last time."""
        files = {path: self._content(path) for path in self._touched}
        ranges: dict[str, list[Range]] = {}
        for fresh in self._fresh:
            first = self._starts(fresh.piece) + fresh.offset
            ranges.setdefault(fresh.piece.path, []).append(Range(first, first + fresh.count - 1, fresh.writer))
        taken = Taken(files, ranges, self._deleted)
        self._touched, self._fresh, self._deleted = set(), [], 0
        return taken

    def _old(self, piece: Piece) -> int:
        """How many of its lines were there the last time."""
        return min((each.offset for each in self._fresh if each.piece is piece), default=len(piece.lines))

    def _forget(self, piece: Piece) -> None:
        self._deleted += self._old(piece)
        self._fresh = [each for each in self._fresh if each.piece is not piece]

    def _wrote(self, piece: Piece, offset: int) -> None:
        self._touched.add(piece.path)
        offset = min((each.offset for each in self._fresh if each.piece is piece), default=offset)
        self._fresh = [each for each in self._fresh if each.piece is not piece]
        self._fresh.append(Fresh(piece, offset, len(piece.lines) - offset, piece.writer))

    def _starts(self, piece: Piece) -> int:
        """The number of its first line in its file."""
        pieces = self.files[piece.path]
        return 1 + sum(len(each.lines) for each in pieces[: pieces.index(piece)])

    def _content(self, path: str) -> bytes | None:
        pieces = self.files.get(path)
        return None if pieces is None else "".join(f"{line}\n" for piece in pieces for line in piece.lines).encode()
