"""Lifetimes in the data folder, so that the next run reads only new commits. A projection: delete it, and it is read from git again.

One folder for each repository and kind of history, replaced whole, with a Parquet file for each table. Nothing that cannot be read is trusted:
then there is nothing.
"""

import hashlib
import os
import shutil
from array import array
from contextlib import suppress
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import msgspec

from wellspent.rework.history import Commit, History
from wellspent.rework.lifetimes import Lifetimes
from wellspent.rework.lines import Files, Lines
from wellspent.rework.walk import Unseen

if TYPE_CHECKING:
    import pyarrow as pa

VERSION: Final = 1  # of what the tables mean and how they are derived; another one is read again from git
SPANS: Final = {"first": "span_first", "commit": "span_commit", "path": "span_path", "line": "span_line"}
MOVES: Final = {"was": "moved_from", "now": "moved_to", "commit": "moved_in"}


class Manifest(msgspec.Struct, frozen=True):
    """What a kept folder is of.

    Attributes:
        repository: Its git folder.
        ignored: As in ``Lifetimes``.
        commits: How many.
        lines: How many.
    """

    version: int
    repository: str
    history: History
    ignored: list[str]
    commits: int
    lines: int


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
        for name, table in _tables(lifetimes).items():
            _write(table, new / f"{name}.parquet")
        commits, lines = len(lifetimes.commits), len(lifetimes.lines.ends)
        manifest = Manifest(VERSION, repository, lifetimes.history, sorted(lifetimes.ignored), commits, lines)
        (new / "manifest.json").write_bytes(msgspec.json.encode(manifest))
        with suppress(FileNotFoundError):
            place.rename(old)
        with suppress(OSError):  # somebody else has just kept theirs
            new.rename(place)
    finally:
        shutil.rmtree(new, ignore_errors=True)
        shutil.rmtree(old, ignore_errors=True)


def load(folder: Path, repository: str, history: History) -> Lifetimes | None:
    """What was kept; None where nothing is, or nothing of use."""
    import pyarrow as pa

    place = place_of(folder, repository, history)
    try:
        manifest = msgspec.json.decode((place / "manifest.json").read_bytes(), type=Manifest)
        if (manifest.version, manifest.repository, manifest.history) != (VERSION, repository, history):
            return None
        found = _lifetimes(place, manifest)
    except (OSError, KeyError, ValueError, msgspec.MsgspecError, pa.ArrowException):
        return None
    whole = (len(found.commits), len(found.lines.ends)) == (manifest.commits, manifest.lines)
    return found if whole else None


def _tables(lifetimes: Lifetimes) -> "dict[str, pa.Table]":
    import pyarrow as pa

    lines, commits = lifetimes.lines, lifetimes.commits
    spans = {name: _column(getattr(lines, field)) for name, field in SPANS.items()}
    moves = {name: _column(getattr(lines, field)) for name, field in MOVES.items()}
    columns = {name: [getattr(commit, name) for commit in commits] for name in Commit.__struct_fields__}
    unseen = {name: [getattr(each, name) for each in lifetimes.unseen.values()] for name in Unseen.__struct_fields__}
    return {
        "commits": pa.table(columns, schema=_schema()[0]),
        "unseen": pa.table(unseen, schema=_schema()[1]),
        "paths": pa.table({"path": pa.array(lines.paths, pa.binary())}),
        "spans": pa.table({**spans, "known": pa.array(map(bool, lines.span_known), pa.bool_())}),
        "ends": pa.table({"end": _column(lines.ends)}),
        "moves": pa.table(moves),
        "files": _files(lifetimes.files),
        "lines": pa.table({"line": _column(array("I", chain.from_iterable(ids or () for ids in lifetimes.files.values())))}),
    }


def _schema() -> "tuple[pa.Schema, pa.Schema]":
    import pyarrow as pa

    names, times = pa.string(), pa.int64()
    commits = {"id": names, "parents": pa.list_(names), "authored_at_s": times, "committed_at_s": times, "at_s": times, "border": pa.bool_()}
    return pa.schema(commits), pa.schema({"path": pa.binary(), "why": names, "blob": names})


def _files(files: Files) -> "pa.Table":
    import pyarrow as pa

    told = [None if ids is None else len(ids) for ids in files.values()]
    return pa.table({"path": pa.array(files, pa.binary()), "count": pa.array(told, pa.uint32())})


def _column(values: "array[int]") -> "pa.Array":
    import pyarrow as pa

    kind = {"I": pa.uint32(), "i": pa.int32(), "q": pa.int64()}[values.typecode]
    return pa.Array.from_buffers(kind, len(values), [None, pa.py_buffer(values)])


def _array(kind: str, column: Any) -> "array[int]":
    values = array(kind)
    for chunk in column.chunks:
        if len(chunk):
            at, size = chunk.offset * values.itemsize, len(chunk) * values.itemsize
            values.frombytes(memoryview(chunk.buffers()[1])[at : at + size])
    return values


def _write(table: "pa.Table", path: Path) -> None:
    import pyarrow.parquet as pq

    pq.write_table(table, path, compression="zstd", use_dictionary=False)


def _lifetimes(place: Path, manifest: Manifest) -> Lifetimes:
    import pyarrow.parquet as pq

    tables = {path.stem: pq.read_table(path) for path in place.glob("*.parquet")}
    lines = Lines()
    lines.restore_paths(tables["paths"]["path"].to_pylist())
    for table, fields in (("spans", SPANS), ("moves", MOVES)):
        for name, field in fields.items():
            setattr(lines, field, _array("I", tables[table][name]))
    lines.span_known = bytearray(tables["spans"]["known"].to_pylist())
    lines.ends = _array("i", tables["ends"]["end"])
    commits = [Commit(**{**row, "parents": tuple(row["parents"])}) for row in tables["commits"].to_pylist()]
    unseen = {row["path"]: Unseen(**row) for row in tables["unseen"].to_pylist()}
    ids, files, at = _array("I", tables["lines"]["line"]), Files(), 0
    for path, count in zip(tables["files"]["path"].to_pylist(), tables["files"]["count"].to_pylist()):
        files[path] = None if count is None else ids[at : at + count]
        at += count or 0
    return Lifetimes(manifest.history, frozenset(manifest.ignored), commits, lines, files, unseen)
