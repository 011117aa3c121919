"""Whether a file is somebody's work. Lines of files that are not are read, and left out of what is counted.

By the repository's own word first (``linguist-generated``, ``linguist-vendored`` in ``.gitattributes``), then by name.
"""

import os
import re
import tempfile
from collections.abc import Iterable, Mapping
from typing import Final, Literal

from wellspent.rework.contents import absent
from wellspent.rework.git import GitFailed, Repository

Kind = Literal["written", "lock", "generated", "vendored"]

_LOCK: Final = re.compile(
    rb"(?:^|/)(?:package-lock\.json|npm-shrinkwrap\.json|yarn\.lock|pnpm-lock\.yaml|bun\.lockb?|deno\.lock|poetry\.lock|uv\.lock|pdm\.lock|pixi\.lock"
    rb"|Pipfile\.lock|requirements\.lock|Cargo\.lock|go\.sum|go\.work\.sum|Gemfile\.lock|composer\.lock|mix\.lock|pubspec\.lock|Podfile\.lock"
    rb"|Package\.resolved|gradle\.lockfile|packages\.lock\.json|paket\.lock|flake\.lock|\.terraform\.lock\.hcl|MODULE\.bazel\.lock|conan\.lock)$"
)
_VENDORED: Final = re.compile(
    rb"(?:^|/)(?:vendor|vendored|_vendor|third[_-]party|node_modules|bower_components|Godeps|site-packages|\.yarn/releases)/"
)
_GENERATED: Final = re.compile(
    rb"(?:\.min\.(?:js|css)|\.bundle\.js|[-.]generated\.\w+|_generated\.\w+|\.g\.dart|\.freezed\.dart|\.pb\.(?:go|cc|h|swift)|_pb2(?:_grpc)?\.pyi?|_pb\.(?:js|d\.ts)"
    rb"|\.designer\.cs|\.(?:js|css)\.map|\.snap|\.ipynb)$|(?:^|/)(?:__snapshots__|__generated__|generated|\.generated)/",
    re.IGNORECASE,
)


def kind_by_name(path: bytes) -> Kind:
    """What a path's name says of the file.

    >>> kind_by_name(b"web/package-lock.json"), kind_by_name(b"src/app.py")
    ('lock', 'written')
    """
    if _LOCK.search(path):
        return "lock"
    if _VENDORED.search(path):
        return "vendored"
    return "generated" if _GENERATED.search(path) else "written"


def kinds_of(repository: Repository, tip: str, paths: Iterable[bytes]) -> Mapping[bytes, Kind]:
    """What each path is: as ``.gitattributes`` of the tip say, else by its name."""
    kinds = {path: kind_by_name(path) for path in paths}
    for path, name, value in _attributes(repository, tip, kinds):
        if value in (b"set", b"true"):
            kinds[path] = "vendored" if name == b"linguist-vendored" else "generated"
        elif value in (b"unset", b"false") and kinds[path] == name.removeprefix(b"linguist-").decode():
            kinds[path] = "written"
    return kinds


def _attributes(repository: Repository, tip: str, paths: Iterable[bytes]) -> list[tuple[bytes, bytes, bytes]]:
    """(path, attribute, value) by git's own rules, which read attributes out of an index: one of the tip's attribute files alone is made."""
    listed = repository.run("ls-tree", "-r", "-z", tip).split(b"\0")
    entries = [entry for entry in listed if entry.endswith((b"\t.gitattributes", b"/.gitattributes"))]
    gone = absent(repository, [_content(entry) for entry in entries]) if entries else set()
    entries = [entry for entry in entries if _content(entry) not in gone]
    if not entries:
        return []
    with tempfile.TemporaryDirectory() as place:
        index = os.path.join(place, "index")
        try:
            repository.run("update-index", "-z", "--index-info", given=b"".join(entry + b"\0" for entry in entries), index=index)
            asked = b"".join(path + b"\0" for path in paths)
            answers = repository.run("check-attr", "-z", "--stdin", "--cached", "linguist-generated", "linguist-vendored", given=asked, index=index)
        except GitFailed:  # what git cannot read has no say
            return []
    words = answers.split(b"\0")
    return list(zip(words[0::3], words[1::3], words[2::3]))


def _content(entry: bytes) -> str:
    """The content of a line of ``git ls-tree``, by git's name."""
    return entry.split(b"\t")[0].split(b" ")[2].decode()
