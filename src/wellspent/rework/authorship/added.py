"""The lines that commits added, read from one ``git diff-tree`` for all of them."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import IO

from msgspec import Struct

from wellspent.rework.authorship.git import MissingBlobs, Repository

DIFF = (
    "diff-tree",
    "--stdin",
    "--always",
    "-r",
    "--root",
    "-p",
    "-U0",
    "--inter-hunk-context=0",
    "-M",
    "--no-ext-diff",
    "--no-textconv",
    "--no-color",
)
PREFIXES = ("--src-prefix=a/", "--dst-prefix=b/")
HUNK = re.compile(rb"@@ -\d+(?:,(\d+))? \+(\d+)(?:,(\d+))? @@")
COMMIT = re.compile(rb"[0-9a-f]{40}(?:[0-9a-f]{24})?\n")
ESCAPED = re.compile(rb'\\([abtnvfr"\\]|[0-7]{3})')
ESCAPES = {b"a": b"\a", b"b": b"\b", b"t": b"\t", b"n": b"\n", b"v": b"\v", b"f": b"\f", b"r": b"\r", b'"': b'"', b"\\": b"\\"}
NO_LINES: tuple[str, ...] = ()


class Hunk(Struct, frozen=True):
    """``count`` lines from ``first`` (from 1, in the new file) that a commit added; their text where it was asked for, else empty."""

    path: str
    first: int
    count: int
    lines: Sequence[str] = NO_LINES


def added_by(
    repository: Repository, commits: Iterable[str], *, with_text: bool = False, absent: Callable[[str], None]
) -> Iterator[tuple[str, list[Hunk]]]:
    """For each commit what it added to its parent; merges add nothing.

    Args:
        commits: Ids; ``"ID PARENT"`` compares a merge with one of its parents.
        absent: Told each commit whose text is not here, which a partial clone can have; the next ones are read.
    """
    waiting = list(commits)
    named = {each.partition(" ")[0]: each for each in waiting}
    while waiting:
        read = 0
        try:
            for commit, hunks in _whole(repository, waiting, with_text):
                read = waiting.index(named[commit], read) + 1
                yield commit, hunks
            return
        except MissingBlobs:
            if len(waiting) == 1:
                absent(waiting[0])
                return
        yield from added_by(repository, waiting[read : read + 1], with_text=with_text, absent=absent)
        waiting = waiting[read + 1 :]


def _whole(repository: Repository, commits: Sequence[str], with_text: bool) -> Iterator[tuple[str, list[Hunk]]]:
    """Each commit when it is known to be read to its end: the last one only when git says that nothing went wrong."""
    held: list[tuple[str, list[Hunk]]] = []
    with repository.stream(*DIFF, *PREFIXES, given="".join(f"{commit}\n" for commit in commits).encode()) as patch:
        for each in _commits(patch, with_text):
            yield from held
            held = [each]
    yield from held


def _commits(patch: IO[bytes], with_text: bool) -> Iterator[tuple[str, list[Hunk]]]:
    """Each commit when the next one begins."""
    commit, path, hunks = "", "", list[Hunk]()
    for line in patch:
        if line.startswith(b"@@ "):
            hunk = _hunk(patch, line, path, with_text)
            if hunk.count and path:
                hunks.append(hunk)
        elif line.startswith(b"+++ "):
            path = _path(line[4:-1])
        elif COMMIT.fullmatch(line):
            if commit:
                yield commit, hunks
            commit, path, hunks = line.decode().strip(), "", []
    if commit:
        yield commit, hunks


def _hunk(patch: IO[bytes], head: bytes, path: str, with_text: bool) -> Hunk:
    """Read a hunk by its counts, never by how its lines look."""
    found = HUNK.match(head)
    assert found is not None
    removed, count = int(found[1] or 1), int(found[3] or 1)
    for _ in range(removed):
        _content(patch)
    lines = [_content(patch) for _ in range(count)]
    return Hunk(path, int(found[2]), count, [line[1:].decode(errors="replace").rstrip("\r\n") for line in lines] if with_text else NO_LINES)


def _content(patch: IO[bytes]) -> bytes:
    line = patch.readline()
    return patch.readline() if line.startswith(b"\\ ") else line  # "no newline at end of file" is about the line before


def _path(written: bytes) -> str:
    if written.startswith(b'"'):
        written = ESCAPED.sub(lambda found: ESCAPES.get(found[1]) or bytes([int(found[1], 8) & 255]), written[1:-1])
    else:
        written = written.removesuffix(b"\t")
    return written.removeprefix(b"b/").decode(errors="replace") if written != b"/dev/null" else ""
