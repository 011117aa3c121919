"""A walk through history, parents before children: each diff is applied to the files of its parent."""

from array import array
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from itertools import groupby

from msgspec import Struct
from msgspec.structs import replace

from wellspent.rework.git import Repository
from wellspent.rework.history import Commit
from wellspent.rework.lacking import Ask
from wellspent.rework.lines import OPEN, Files, Ids, Lines, lost, splice
from wellspent.rework.merges import merged
from wellspent.rework.moves import NOBODY, RULES, Piece, Rules, pairs_of
from wellspent.rework.patch import Change, Diff
from wellspent.rework.reading import read_diffs

Tell = Callable[[int, int], object]  # commits read, of how many


class Unseen(Struct, frozen=True, array_like=True):
    """A file whose lines could not be told at some commit.

    Attributes:
        path: Which.
        why: ``binary`` (or too large, which git does not tell apart) or ``missing``.
        blob: Its content, by git's name.
        lacks: Contents of it that were not here, at any time.
    """

    path: bytes
    why: str
    blob: str
    lacks: tuple[str, ...] = ()

    def after(self, earlier: "Unseen | None") -> "Unseen":
        """The same, with what was not here earlier."""
        return replace(self, lacks=tuple(sorted({*earlier.lacks, *self.lacks}))) if earlier is not None and earlier.lacks else self


class Walk:
    """Files and lines, commit after commit.

    Args:
        lines: The lines of earlier walks, added to.
        files: The files at the last of ``before``.
        before: The commits read earlier.
        ignored: Commits in which nothing dies and nothing is born.
        branches: Whether a line can be taken out on several branches.
        rules: What is the same line elsewhere.
    """

    def __init__(
        self,
        repository: Repository,
        lines: Lines,
        files: Files,
        before: Sequence[Commit],
        ignored: frozenset[str],
        branches: bool,
        rules: Rules = RULES,
    ) -> None:
        self.unseen: dict[bytes, Unseen] = {}
        self._lines, self._repository, self._ignored, self._branches, self._rules = lines, repository, ignored, branches, rules
        self._before = before
        self._keys = [(commit.at_s, commit.id) for commit in before]
        self._states = {before[-1].id: files} if before else {}
        self._now, self._known = len(before) - 1, True

    def through(self, commits: Sequence[Commit], tell: Tell) -> Files:
        """Read these commits; the files of the last one."""
        waiting = Counter(parent for commit in commits for parent in commit.parents)
        before = (ask for commit in self._before for ask in _asks(commit))
        coming = read_diffs(self._repository, [ask for commit in commits for ask in _asks(commit)], before=before)
        for number, commit in enumerate(commits, 1):
            self._now, self._known = self._now + 1, not commit.border
            self._keys.append((commit.at_s, commit.id))
            diffs = [next(coming) for _ in _asks(commit)]
            states = [self._state(parent, waiting) for parent in commit.parents]
            self._states[commit.id] = self._merge(states, diffs) if len(states) > 1 else self._step(states[0] if states else {}, diffs[0])
            tell(number, len(commits))
        return self._states[commits[-1].id]

    def _state(self, parent: str, waiting: Counter[str]) -> Files:
        """The files of a parent: its own where this is its last child, else a copy of the list of them (lines are shared, never changed)."""
        waiting[parent] -= 1
        return dict(self._states[parent]) if waiting[parent] else self._states.pop(parent)

    def _step(self, files: Files, diff: Diff) -> Files:
        pieces: list[Piece] = []
        for number, change in enumerate(diff.changes):
            old = array("I") if change.old is None else files.pop(change.old)
            if change.opaque:
                self._lose(change, old)
                ids = None
            elif change.hunks:
                ids = self._spliced(change, old, number, pieces)
            else:
                ids = old
            if change.new is not None:
                files[change.new] = ids
        self._lines.moved(pairs_of(pieces, diff.commit in self._ignored, self._rules), self._now)
        return files

    def _spliced(self, change: Change, old: Ids | None, number: int, pieces: list[Piece]) -> Ids:
        lines, path = self._lines, change.new if change.new is not None else change.old
        old = self._found_again(change) if old is None else old
        spliced = splice(old, change.hunks, len(lines.ends))
        shift, last = 0, len(old)
        for (start, taken, put, content), out in zip(change.hunks, spliced.out):
            first = len(lines.ends)
            if taken:
                self._end(out, self._now)
            if put and path is not None:
                above, below = old[start - 1] if start else NOBODY, old[start + taken] if start + taken < last else NOBODY
                lines.born(self._now, lines.path(path), start + shift, put, self._known, above, below)
            if content:
                pieces.append(Piece(number, out, first, put, content))
            shift += put - taken
        return spliced.ids

    def _found_again(self, change: Change) -> Ids:
        """The lines of a file that can be told again: born nobody knows when."""
        content = self._repository.run("cat-file", "blob", change.old_blob)
        count = content.count(b"\n") + (not content.endswith(b"\n") and content != b"")
        first = len(self._lines.ends)
        self._lines.born(self._now, self._lines.path(change.old or b""), 0, count, False)
        return array("I", range(first, first + count))

    def _lose(self, change: Change, old: Ids | None) -> None:
        self._end(old or (), lost(self._now))
        path = change.new if change.new is not None else change.old or b""
        found = Unseen(path, change.opaque, change.blob if change.blob.strip("0") else change.old_blob, change.lacks)
        self.unseen[path] = found.after(self.unseen.get(path))

    def _end(self, ids: Iterable[int], end: int) -> None:
        if self._branches:
            self._lines.end_first(ids, end, self._keys)
        else:
            self._lines.end(ids, end)

    def _merge(self, before: Sequence[Files], diffs: Sequence[Diff]) -> Files:
        merge = merged(before, diffs)
        for change in diffs[0].changes:
            if change.opaque:
                self._lose(change, None)
        for path in merge.changed:
            ids = merge.files.get(path)
            if ids is not None and OPEN in ids:
                self._fill(ids, path)
        stays = {line for path in merge.touched for line in merge.files.get(path) or ()}
        for gone, end in ((merge.before, lost(self._now)), (merge.out, self._now)):
            for ids in gone:
                self._end((line for line in ids if line not in stays), end)
        return merge.files

    def _fill(self, ids: Ids, path: bytes) -> None:
        """Lines that no parent has are born here."""
        at = 0
        for new, run in groupby(ids[:], OPEN.__eq__):
            count = sum(1 for _ in run)
            if new:
                first = len(self._lines.ends)
                above, below = ids[at - 1] if at else NOBODY, ids[at + count] if at + count < len(ids) else NOBODY
                self._lines.born(self._now, self._lines.path(path), at, count, self._known, above, below)
                ids[at : at + count] = array("I", range(first, first + count))
            at += count


def _asks(commit: Commit) -> list[Ask]:
    return [(commit.id, parent) for parent in commit.parents] or [(commit.id,)]
