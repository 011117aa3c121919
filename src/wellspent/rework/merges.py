"""A merge's files, as ``git blame`` sees them. A file that one parent has as it is, by the same name or else by another, comes from there; else
each line comes from the first parent that has it at that place, and what no parent has is born in the merge. Pure.
"""

from array import array
from collections.abc import Sequence
from itertools import compress
from operator import is_not

from msgspec import Struct

from wellspent.rework.lines import OPEN, Files, Ids, splice
from wellspent.rework.patch import Diff


class Merge(Struct, gc=False):
    """What a merge makes of its parents.

    Attributes:
        files: All files; lines that no parent has are ``OPEN``.
        changed: The paths that differ from the first parent.
        touched: The paths that differ from any parent.
        out: What was taken out of any parent.
        before: All lines of the files, of any parent, that are others in the merge: one that neither stays nor was taken out is the same as another
            branch's, which stays in its place; or its file cannot be read any more.
    """

    files: Files
    changed: list[bytes]
    touched: set[bytes]
    out: list[Ids]
    before: list[Ids]


def merged(parents: Sequence[Files], diffs: Sequence[Diff]) -> Merge:
    """The files of a merge, from those of its parents and what it changed of each."""
    merge = Merge(dict(parents[0]), [], set(), [], [])
    for change in diffs[0].changes:
        if change.old is not None and change.old != change.new:
            merge.files.pop(change.old, None)
    merge.changed = _apply(parents[0], diffs[0], merge.files, merge)
    others = [_side(parent, diff, merge) for parent, diff in zip(parents[1:], diffs[1:])]
    renamed = _unchanged(diffs[0])
    for path in merge.changed:
        whole = [files for files, same, _ in others if path in same]
        if not whole and path not in renamed:
            whole = [files for files, _, exact in others if path in exact]
        for files in whole[:1]:
            merge.files[path] = files[path]
        for files, _, _ in others if not whole else ():
            merge.files[path] = _filled(merge.files[path], files[path])
    for parent in parents[1:]:
        _displace(parent, merge)
    return merge


def _displace(parent: Files, merge: Merge) -> None:
    """Files that another parent has as they are, of lines of its own: a branch changed them and changed them back. The first parent's lines stay."""
    for path in [*compress(parent, map(is_not, parent.values(), map(merge.files.get, parent)))]:
        merge.touched.add(path)
        merge.before += [ids] if (ids := parent[path]) else []


def _side(parent: Files, diff: Diff, merge: Merge) -> tuple[Files, set[bytes], set[bytes]]:
    """The merge's files as another parent has their lines; those that it has as they are, and those that it has under another name."""
    files: Files = {path: parent.get(path) for path in merge.changed}
    differs, exact = {*_apply(parent, diff, files, merge)}, _unchanged(diff)
    same = {path for path in merge.changed if path in parent and (path not in differs or path in exact)}
    return files, same, exact - same


def _unchanged(diff: Diff) -> set[bytes]:
    """Files whose names or modes alone changed."""
    return {change.new for change in diff.changes if change.new is not None and change.old is not None and change.old_blob == change.blob}


def _apply(before: Files, diff: Diff, files: Files, merge: Merge) -> list[bytes]:
    """Put the diff's files into ``files``, and what it takes out into ``merge``; the paths that it puts."""
    changed = []
    for change in diff.changes:
        old = array("I") if change.old is None else before.get(change.old)
        if change.new is not None:
            changed.append(change.new)
        merge.before += [old] if old else []
        if old is None or change.opaque:
            spliced = None
        else:
            spliced = splice(old, change.hunks, None)
            merge.out += spliced.out
        if change.new is not None:
            files[change.new] = None if spliced is None else spliced.ids
    merge.touched.update(changed)
    return changed


def _filled(ids: Ids | None, theirs: Ids | None) -> Ids | None:
    """Open places, filled with what the other parent has there."""
    if theirs is None or (ids is not None and OPEN not in ids):
        return ids
    if ids is None:
        return theirs
    return array("I", [other if own == OPEN else own for own, other in zip(ids, theirs, strict=True)])
