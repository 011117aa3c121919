"""One change, as it is being worked: functions that come, are written anew, go, or are put elsewhere. Pure for a chance that is handed in."""

import random
from collections.abc import Callable

from msgspec import Struct

from wellspent.demo.repositories.code import Writer
from wellspent.demo.repositories.tree import AGENT, SIGNED_LINES, Piece, Tree
from wellspent.demo.story import DAY_MS

PIECES_A_FILE = 9  # after which another file is begun
REWORKED_MAX = 4  # functions that one change writes anew
GONE_SHARE = 0.25  # of functions that are wanted otherwise: not at all
SECOND_THOUGHTS = 0.4  # of an agent's functions on a branch: written again before they are merged
MOVED_MAX = 3
Hand = Callable[[], tuple[str, float]]  # who writes the next function, and after how many days it is written anew, on average


class Undo(Struct, frozen=True):
    """A piece that a change wrote, and the lines that it had before; None where it is new."""

    piece: Piece
    before: tuple[str, ...] | None


class Work:
    """A change to a tree.

    Attributes:
        undo: What it wrote.
        mended: The commits of what it wrote anew or took out, and the name of each function, oldest wish first.
    """

    def __init__(self, choose: random.Random, tree: Tree, writer: Writer, hand: Hand, at_ms: int) -> None:
        self.undo: list[Undo] = []
        self.mended: list[tuple[int, str]] = []
        self._choose, self._tree, self._writer, self._hand, self._at_ms = choose, tree, writer, hand, at_ms

    def add(self, folder: str) -> str:
        """A new function in a folder; its name."""
        name = ("test_" if folder.startswith("tests/") else "") + self._writer.name()
        by, days = self._hand()
        piece = Piece(self._file(folder), self._writer.function(name, self._choose.randrange(3, 9)), by, self._due_ms(days))
        self._tree.add(piece)
        self.undo.append(Undo(piece, None))
        return name

    def rework(self, folder: str) -> None:
        """Write anew what is wanted otherwise by now, or take it out."""
        due = sorted((piece for piece in self._tree.within(folder) if piece.due_ms <= self._at_ms), key=lambda piece: piece.due_ms)
        for piece in due[:REWORKED_MAX]:
            if piece.born is not None:
                self.mended.append((piece.born, piece.signature[0]))
            if self._choose.random() < GONE_SHARE:
                self._tree.remove(piece)
            else:
                self._anew(piece)

    def think_again(self) -> bool:
        """An agent's second thoughts about what it wrote; whether it had any."""
        fresh = [each.piece for each in self.undo if each.piece.writer == AGENT and self._choose.random() < SECOND_THOUGHTS]
        for piece in fresh:
            self._tree.rewrite(piece, SIGNED_LINES, self._body(piece), AGENT)
        return bool(fresh)

    def move(self, folder: str) -> bool:
        """Put some functions of the fullest file into a file of their own; whether there were any."""
        files = [pieces for path, pieces in self._tree.files.items() if path.startswith(f"{folder}/") and len(pieces) > MOVED_MAX + 1]
        if not files:
            return False
        pieces = max(files, key=len)
        path = self._new_file(folder)
        for piece in pieces[2 : 2 + MOVED_MAX]:
            self._tree.move(piece, path)
        return True

    def _anew(self, piece: Piece) -> None:
        by, days = self._hand()
        self.undo.append(Undo(piece, tuple(piece.lines)))
        piece.due_ms = self._due_ms(days)
        self._tree.rewrite(piece, SIGNED_LINES, self._body(piece), by)

    def _body(self, piece: Piece) -> list[str]:
        _, (one, two, *_) = piece.signature
        return self._writer.body(one, two, self._choose.randrange(3, 9))

    def _file(self, folder: str) -> str:
        """A file that has room."""
        room = [path for path, pieces in self._tree.files.items() if path.startswith(f"{folder}/") and len(pieces) <= PIECES_A_FILE]
        return self._choose.choice(room) if len(room) > 1 else self._new_file(folder)

    def _new_file(self, folder: str) -> str:
        name = self._writer.name().partition("_")[2]
        path = f"{folder}/{'test_' if folder.startswith('tests/') else ''}{name}.py"
        if path not in self._tree.files:
            by, _ = self._hand()
            self._tree.add(Piece(path, self._writer.head(), by))
        return path

    def _due_ms(self, days: float) -> float:
        return self._at_ms + self._choose.expovariate(1 / days) * DAY_MS
