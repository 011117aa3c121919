"""What edits of every agent have in common."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path, PurePosixPath

from wellspent.connectors.usage.base import Problems
from wellspent.connectors.usage.files import log_files
from wellspent.rework.authorship.claim import Author
from wellspent.rework.authorship.matching import hashed
from wellspent.rework.authorship.transcript import Edit


def logs_since(folders: Iterable[Path], endings: tuple[str, ...], problems: Problems, since_ms: int) -> Iterator[Path]:
    """The logs that were written at or after a moment, in the order of their names, so that of copies the same one counts each time."""
    for folder in folders:
        found = [log.path for log in log_files(folder, endings, problems) if log.written_ms >= since_ms and log.size_bytes]
        yield from sorted(found)


def edit_from(author: Author, at_ms: int, path: str, folder: str, written: Sequence[str]) -> Iterator[Edit]:
    """An edit, where something was written into a file that is known. A path that begins nowhere begins in ``folder``."""
    if path and written:
        whole = str(PurePosixPath(folder.replace("\\", "/"), path.replace("\\", "/")))
        yield Edit(author, at_ms, whole, hashed(whole, written))
