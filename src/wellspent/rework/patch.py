"""What ``git diff-tree --stdin --raw -z -p -U0`` prints, as changes. Content is skipped by one expression and sliced where it is needed.

Of a patch without context every line of content begins with ``+``, ``-`` or a backslash; so what begins with ``@@``, ``diff --git`` or a
commit's name is a mark, and content is what lies between two marks. Paths are taken from the raw part, where git does not quote them.
"""

import re
from collections.abc import Callable, Iterator
from typing import Final

from msgspec import Struct

from wellspent import limits

ARGUMENTS: Final = (
    *("diff-tree", "--stdin", "-r", "--root", "--raw", "-z", "--no-abbrev", "--full-index", "-p", "-U0", "--always", "--diff-algorithm=myers"),
    *("--no-color", "--no-textconv", "--no-ext-diff", "--submodule=short", "--ita-invisible-in-index"),
)
RENAMES: Final = ("-M50%", f"-l{limits.REWORK_RENAMES_MAX}")

_ENTRY = rb":\d{6} \d{6} [0-9a-f]+ [0-9a-f]+ (?:[RC]\d*\0[^\0]+|[A-Z]\d*)\0[^\0]+\0"
_ID = rb"[0-9a-f]{40}(?:[0-9a-f]{24})?\0"
_COMMITS = rb"((?:" + _ID + rb"(?:" + _ENTRY + rb")*(?:\0(?=" + _ID + rb"))?)+)"  # those before the last one have no patches
_MARK: Final = re.compile(rb"\n(?:@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@|diff --git |" + _COMMITS + rb"\0diff --git )")
_END: Final = b"0" * 40 + b"\0\0diff --git \n"
FILE: Final = b"100"  # what the mode of a file begins with; links and submodules have others

MISSING: Final = "missing"

Hunk = tuple[int, int, int, bytes]  # the first line taken out (from 0), how many are, how many come in, and both as git prints them, or b""


class Change(Struct, gc=False):
    """What happened to one file.

    Attributes:
        old: Its path before; None where there was no file.
        new: Its path after; None where there is no file.
        old_blob: Its content before, by git's name.
        blob: Its content after.
        hunks: What was taken out and put in, from the top.
        opaque: Why its lines cannot be told: ``binary`` (which git also says of files above the bound), ``MISSING``, or nothing.
        lacks: Those of its contents that are not here.
    """

    old: bytes | None
    new: bytes | None
    old_blob: str
    blob: str
    hunks: list[Hunk]
    opaque: str = ""
    lacks: tuple[str, ...] = ()


class Diff(Struct, gc=False):
    """What a commit changed of one parent.

    Attributes:
        commit: Its id.
        changes: By file, as git orders them.
    """

    commit: str
    changes: list[Change]


Keeps = Callable[[list[Change]], bool]  # whether a commit with these changes keeps the text of its hunks


def may_move(changes: list[Change]) -> bool:
    """Whether lines may have moved: something can have been taken out and something put in."""
    return any(each.old is not None for each in changes) and any(each.new is not None for each in changes)


def diffs(read: Callable[[int], bytes], keeps: Keeps = may_move) -> Iterator[Diff]:
    """Every commit that git printed, as it is read; the last one, too, where git ended well.

    Args:
        read: Up to so many bytes; none at the end. Where git failed it raises, and the commit that was being printed is not given.
    """
    diff, kept = Diff("", []), False
    entries: Iterator[Change] = iter(())
    change: Change | None = None
    for buffer, mark, end in _marks(read):
        if mark.lastindex is None or mark.lastindex == 5:
            if mark.lastindex == 5:
                *before, (commit, listed) = commits(mark[5])
                if diff.commit:
                    yield diff
                yield from (Diff(each, _files(unpatched)) for each, unpatched in before)
                diff = Diff(commit, _files(listed))
                kept, entries = keeps(diff.changes), iter(listed)
            change = _patched(buffer[mark.end() : end], entries)
        elif change is not None:
            first, out, _, put = mark.group(1, 2, 3, 4)
            taken = 1 if out is None else int(out)
            at = int(first) - 1 if taken else int(first)
            content = buffer[buffer.index(b"\n", mark.end()) + 1 : end] if kept else b""
            change.hunks.append((at, taken, 1 if put is None else int(put), content))


def _patched(head: bytes, entries: Iterator[Change]) -> Change | None:
    """Which entry of the raw part a patch is of: they are in one order, but contents that are replaced (``git replace``) may differ in name alone."""
    at = head.find(b"\nindex ")
    blobs = head[at + 7 :].split(b"\n", 1)[0].split(b" ")[0].decode() if at >= 0 else ""
    for change in entries:
        if blobs == f"{change.old_blob}..{change.blob}" or (not blobs and change.old_blob == change.blob):
            change.opaque = "binary" if b"\nBinary files " in head else ""
            return change
    return None


def _marks(read: Callable[[int], bytes]) -> Iterator[tuple[bytes, re.Match[bytes], int]]:
    """Each mark with the buffer it lies in and where its content ends."""
    rest, more = b"\n", read(limits.REWORK_READ_BYTES)
    while more or rest:
        buffer = rest + more if more else rest + _END
        found: re.Match[bytes] | None = None
        for mark in _MARK.finditer(buffer):
            if found is not None:
                yield buffer, found, mark.start()
            found = mark
        if not more:
            if found is not None:
                yield buffer, found, len(buffer)
            return
        rest = buffer[found.start() :] if found is not None else buffer
        more = read(max(limits.REWORK_READ_BYTES, len(rest)))


def commits(raw: bytes) -> list[tuple[str, list[Change]]]:
    """The commits of a raw part, each with what may be patched; a link or a submodule is a change of no file to no file."""
    found: list[tuple[str, list[Change]]] = []
    words = iter(raw.split(b"\0")[:-1])
    for word in words:
        if not word:
            continue
        if word[:1] != b":":
            found.append((word.decode(), []))
            continue
        old_mode, mode, old_blob, blob, status = word[1:].split(b" ")
        path = next(words)
        new = next(words) if status[:1] in (b"R", b"C") else path
        old = path if old_mode.startswith(FILE) else None
        change = Change(old, new if mode.startswith(FILE) else None, old_blob.decode(), blob.decode(), [])
        found[-1][1].extend(_halves(change) if status == b"T" else [change])
    return found


def _files(listed: list[Change]) -> list[Change]:
    return [each for each in listed if each.old is not None or each.new is not None]


def _halves(change: Change) -> list[Change]:
    """A file that becomes a link or a submodule, or the other way, is printed as two patches."""
    nothing = "0" * len(change.blob)
    return [Change(change.old, None, change.old_blob, nothing, []), Change(None, change.new, nothing, change.blob, [])]
