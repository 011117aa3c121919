"""Lifetimes in the data folder, so that the next run reads only new commits. A projection: delete it, and it is read from git again.

One folder for each repository and kind of history, replaced whole: the columns of ``Lines`` as they are in memory, and the rest in ``manifest``.
Nothing that cannot be read is trusted: then there is nothing.
"""

import hashlib
import os
import shutil
import sys
import zlib
from array import array
from collections.abc import Iterable
from contextlib import suppress
from itertools import chain
from pathlib import Path
from typing import Final

import msgspec

from wellspent.rework.history import Commit, History
from wellspent.rework.lifetimes import Lifetimes
from wellspent.rework.lines import Files, Ids, Lines
from wellspent.rework.walk import Unseen

VERSION: Final = 3  # of what is kept and how it is derived; another one is read again from git
COLUMNS: Final = (
    *("ends", "span_first", "span_commit", "span_path", "span_line", "span_above", "span_below"),
    *("moved_from", "moved_to", "moved_in"),
)


class Manifest(msgspec.Struct, frozen=True):
    """All that is no column.

    Attributes:
        repository: Its git folder.
        byteorder: Of the columns.
        columns: How many values each column has, and their CRC-32.
        files: How many of the lines at the tip are in each file; None where they cannot be told.
        history, ignored, commits, unseen: As in ``Lifetimes``.
        paths, known: As in ``Lines``.
    """

    version: int
    repository: str
    byteorder: str
    history: History
    columns: dict[str, tuple[int, int]]
    ignored: frozenset[str]
    commits: list[Commit]
    unseen: list[Unseen]
    paths: list[bytes]
    known: bytes
    files: list[tuple[bytes, int | None]]


def place_of(folder: Path, repository: str, history: History) -> Path:
    """Where lifetimes of a repository are kept."""
    return folder / f"{hashlib.sha256(os.fsencode(repository)).hexdigest()[:16]}-{history}"


def save(folder: Path, repository: str, lifetimes: Lifetimes) -> None:
    """Keep them, whole or not at all."""
    place = place_of(folder, repository, lifetimes.history)
    new, old = (place.with_name(f".{place.name}-{os.getpid()}-{which}") for which in ("new", "old"))
    shutil.rmtree(new, ignore_errors=True)
    new.mkdir(parents=True, mode=0o700)
    try:
        _write(new, repository, lifetimes)
        with suppress(FileNotFoundError):
            place.rename(old)
        with suppress(OSError):  # somebody else has just kept theirs
            new.rename(place)
    finally:
        shutil.rmtree(new, ignore_errors=True)
        shutil.rmtree(old, ignore_errors=True)


def load(folder: Path, repository: str, history: History) -> Lifetimes | None:
    """What was kept; None where nothing is, or nothing of use."""
    place = place_of(folder, repository, history)
    try:
        manifest = msgspec.msgpack.decode((place / "manifest").read_bytes(), type=Manifest)
        if (manifest.version, manifest.repository, manifest.history, manifest.byteorder) != (VERSION, repository, history, sys.byteorder):
            return None
        return _lifetimes(place, manifest)
    except (OSError, EOFError, KeyError, ValueError, msgspec.MsgspecError):
        return None


def _write(place: Path, repository: str, lifetimes: Lifetimes) -> None:
    lines, files = lifetimes.lines, lifetimes.files
    columns: dict[str, Ids] = {name: getattr(lines, name) for name in COLUMNS}
    columns["at_tip"] = array("I", chain.from_iterable(ids or () for ids in files.values()))
    for name, column in columns.items():
        with (place / name).open("wb") as file:
            column.tofile(file)
    manifest = Manifest(
        VERSION,
        repository,
        sys.byteorder,
        lifetimes.history,
        {name: (len(column), zlib.crc32(column)) for name, column in columns.items()},
        lifetimes.ignored,
        lifetimes.commits,
        list(lifetimes.unseen.values()),
        lines.paths,
        bytes(lines.span_known),
        [(path, None if ids is None else len(ids)) for path, ids in files.items()],
    )
    (place / "manifest").write_bytes(msgspec.msgpack.encode(manifest))


def _lifetimes(place: Path, manifest: Manifest) -> Lifetimes:
    lines = Lines()
    lines.restore_paths(manifest.paths)
    lines.span_known = bytearray(manifest.known)
    for name in COLUMNS:
        setattr(lines, name, _column(place / name, "i" if name == "ends" else "I", *manifest.columns[name]))
    at_tip = _column(place / "at_tip", "I", *manifest.columns["at_tip"])
    files = Files(_files(manifest.files, at_tip))
    unseen = {each.path: each for each in manifest.unseen}
    return Lifetimes(manifest.history, manifest.ignored, manifest.commits, lines, files, unseen)


def _column(path: Path, kind: str, size: int, crc: int) -> Ids:
    column = array(kind)
    with path.open("rb") as file:
        column.fromfile(file, size)
    if zlib.crc32(column) != crc:
        raise ValueError(f"{path} is not what was written")
    return column


def _files(counts: Iterable[tuple[bytes, int | None]], at_tip: Ids) -> Iterable[tuple[bytes, Ids | None]]:
    at = 0
    for path, count in counts:
        yield path, None if count is None else at_tip[at : at + count]
        at += count or 0
