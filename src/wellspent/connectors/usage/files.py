"""Finding and reading log files: as a stream, whatever is in them."""

import io
import os
import stat
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO, cast

import orjson
from msgspec import Struct

from wellspent import limits
from wellspent.connectors.usage.base import Problems

COMPRESSED = ".zst"
UNFINISHED = "a last line is not finished (its session is running, or was cut off); it is not counted"
NOT_JSON = "a line is not JSON; it is not counted"
END_OF_TIME_S = 253_370_764_800  # the year 9999: a day later may have no date in another time zone
TOO_LONG = f"a line is longer than {limits.LOG_LINE_BYTES_MAX:,} bytes; it is not counted"


class LogFile(Struct, frozen=True):
    """A log, and when it was last written."""

    path: Path
    written_ms: int
    size_bytes: int


def log_files(folder: Path, endings: tuple[str, ...], problems: Problems) -> Iterator[LogFile]:
    """The files under a folder that have one of these endings.

    Links are followed, each folder is entered once.
    """
    entered: set[tuple[int, int]] = set()
    waiting = [folder]
    while waiting:
        here = waiting.pop()
        try:
            about = here.stat()
            if (about.st_dev, about.st_ino) in entered:
                continue
            entered.add((about.st_dev, about.st_ino))
            names = sorted(os.listdir(here))
        except FileNotFoundError:
            continue
        except OSError as error:
            problems.add(f"a folder cannot be read ({error.strerror}); what it holds is not counted", here)
            continue
        for name in names:
            path = here / name
            found = _about(path, problems)
            if found is None:
                continue
            if stat.S_ISDIR(found.st_mode):
                waiting.append(path)
            elif name.endswith(endings) and stat.S_ISREG(found.st_mode):
                yield LogFile(path, found.st_mtime_ns // 1_000_000, found.st_size)
            elif name.endswith(endings):
                problems.add("a log is no regular file; it is not counted", path)


def _about(path: Path, problems: Problems) -> os.stat_result | None:
    try:
        return path.stat()
    except FileNotFoundError:  # a link to nowhere, or deleted while we look
        return None
    except OSError as error:
        problems.add(f"a file cannot be read ({error.strerror}); it is not counted", path)
        return None


def records(path: Path, marks: tuple[bytes, ...], problems: Problems) -> Iterator[tuple[int, dict[str, Any]]]:
    """The JSON objects of a file whose line has one of the marks (others may come too), with their line numbers from 1."""
    try:
        with _opened(path) as file:
            for number, line in _lines(file, path, problems):
                if any(mark in line for mark in marks) or not _whole(line):
                    record = _record(line, path, number, problems)
                    if record is not None:
                        yield number, record
    except OSError as error:
        problems.add(f"a file cannot be read to its end ({error.strerror or error}); the rest of it is not counted", path)


def _opened(path: Path) -> BinaryIO:
    if path.name.endswith(COMPRESSED):
        import pyarrow

        return cast(BinaryIO, io.BufferedReader(pyarrow.input_stream(str(path), compression="zstd"), limits.LOG_READ_BYTES))
    return open(path, "rb", buffering=limits.LOG_READ_BYTES)


def _lines(file: BinaryIO, path: Path, problems: Problems) -> Iterator[tuple[int, bytes]]:
    number = 0
    while line := file.readline(limits.LOG_LINE_BYTES_MAX):
        number += 1
        if len(line) == limits.LOG_LINE_BYTES_MAX and not line.endswith(b"\n"):
            problems.add(TOO_LONG, path, number)
            while line and not line.endswith(b"\n"):
                line = file.readline(limits.LOG_READ_BYTES)
            continue
        yield number, line


def _whole(line: bytes) -> bool:
    """Whether a line looks like an object from end to end, so that it need not be parsed to know that nothing is lost."""
    return line.startswith(b"{") and line.endswith((b"}\n", b"}\r\n", b"}"))


def _record(line: bytes, path: Path, number: int, problems: Problems) -> dict[str, Any] | None:
    written = line.strip(b"\0 \t\r\n\xef\xbb\xbf")  # a crash of the machine can leave NUL bytes where a line was to be
    if not written and b"\0" not in line:
        return None
    try:
        record = orjson.loads(written)
    except orjson.JSONDecodeError:
        problems.add(NOT_JSON if line.endswith(b"\n") else UNFINISHED, path, number)
        return None
    if isinstance(record, dict):
        return record
    problems.add("a line is no JSON object; it is not counted", path, number)
    return None


def moment_ms(value: object) -> int | None:
    """A logged time (ISO 8601, UTC where it names no zone) in milliseconds; None where it is none, or none that a log can have."""
    if not isinstance(value, str):
        return None
    try:
        moment = datetime.fromisoformat(value)
        at_s = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        return None
    return round(at_s * 1000) if 0 <= at_s < END_OF_TIME_S else None


def named(part: str) -> str:
    """A part of a path as text that can be printed, whatever bytes the file system has."""
    return part.encode(errors="replace").decode()


def folders_named(env: Mapping[str, str], variable: str, default: tuple[Path, ...]) -> tuple[Path, ...]:
    """The folders that a variable names, a comma between them; the usual ones where it is not set."""
    written = env.get(variable, "")
    if not written.strip():
        return default
    if Path(written).is_dir():  # a comma may be part of its name
        return (Path(written),)
    return tuple(dict.fromkeys(Path(each.strip()).expanduser() for each in written.split(",") if each.strip()))


def home_of(env: Mapping[str, str]) -> Path:
    """The person's home folder."""
    written = env.get("HOME") or env.get("USERPROFILE")
    return Path(written) if written else Path(os.path.expanduser("~"))
