"""Manifests of sealed days: what each day's file was made from, chained to the day before. Nothing here needs Parquet."""

import hashlib
import os
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec
from msgspec import Struct

from wellspent.facts.errors import JournalCorrupt

FOLDER = "sealed"  # beside the journal
FIX = "restore it from a copy, or remove it with all later days and seal again"
UNCHAINED = "does not follow the day before it"


class Sealed(Struct, frozen=True):
    """A day's manifest.

    Attributes:
        day: YYYY-MM-DD, UTC.
        rows: Lines of the file.
        nanousd: Settled and corrected, together.
        first_row: The first and ``last_row`` the last journal row it was made from.
        row_hash: The journal's hash at ``last_row``.
        sha256: Of the Parquet file.
        previous: SHA-256 of the manifest of the day before, "" for the first.
    """

    day: str
    rows: int
    nanousd: int
    first_row: int
    last_row: int
    row_hash: str
    sha256: str
    previous: str

    @property
    def file_name(self) -> str:
        """Its Parquet file, in the folder."""
        return f"{self.day}.parquet"


def manifests(folder: Path) -> list[Sealed]:
    """Every manifest, oldest first."""
    return [msgspec.json.decode(path.read_bytes(), type=Sealed) for path in sorted(folder.glob("*.json"))]


def followed(folder: Path, found: Sequence[Sealed]) -> Iterator[bool]:
    """For each day whether it follows the one before: names its manifest's digest, and goes on at the row after its last."""
    previous, row = "", 0
    for sealed in found:
        yield sealed.previous == previous and row + 1 == sealed.first_row <= sealed.last_row
        previous, row = digest(manifest(folder, sealed)), sealed.last_row


def chained(folder: Path) -> list[Sealed]:
    """Every manifest, oldest first. Raises JournalCorrupt where one does not follow the day before it: a day in between is missing."""
    found = manifests(folder)
    for sealed, follows in zip(found, followed(folder, found), strict=True):
        if not follows:
            raise JournalCorrupt(f"the sealed day {sealed.day} {UNCHAINED}", fix=FIX)
    return found


def manifest(folder: Path, sealed: Sealed) -> Path:
    """Where a day's manifest is."""
    return folder / f"{sealed.day}.json"


def write_manifest(folder: Path, sealed: Sealed) -> str:
    """Write it whole or not at all: a day without a manifest is not sealed. Returns its digest."""
    pending = folder / f".{sealed.day}.json"
    pending.write_bytes(msgspec.json.format(msgspec.json.encode(sealed), indent=2))
    with pending.open("rb") as file:
        os.fsync(file.fileno())
    path = manifest(folder, sealed)
    pending.replace(path)
    return digest(path)


def digest(path: Path) -> str:
    """A file's SHA-256."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
