"""A merge's files, as ``git blame`` sees them. A file that one parent has as it is comes from there; else each line comes from the first
parent that has it at that place, and what no parent has is born in the merge. Pure.
"""

from array import array
from collections.abc import Sequence

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
        before: All lines of the files, of any parent, that the merge changed: one that neither stays nor was taken out is the same as another
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
    whole = set[bytes]()
    for parent, diff in zip(parents[1:], diffs[1:]):
        theirs: Files = {path: parent.get(path) for path in merge.changed}
        differs = {*_apply(parent, diff, theirs, merge)}
        for path in merge.changed:
            if path not in whole:
                own, other = merge.files[path], theirs[path]
                same = path not in differs and path in parent
                merge.files[path] = other if same else _filled(own, other)
                whole.update([path] if same else [])
    return merge


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
