"""One git that prints every diff of a history, and what is done where it gives up: contents that are not here, and packs that are broken."""

import subprocess
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from typing import Final

from wellspent import limits
from wellspent.facts.errors import InvalidInput, WellspentError
from wellspent.rework.git import Repository, absent
from wellspent.rework.patch import ARGUMENTS, RENAMES, Diff, commits, diffs

PAUSE_S: Final = 0.002
PIPE_BYTES: Final = 64 * 1024  # what a pipe holds where it cannot be made larger

Ask = tuple[str, ...]  # a commit and the parent it is compared with; alone where it has none


class GaveUp(Exception):
    """Git ended before it had printed everything."""


def read_diffs(repository: Repository, asks: Sequence[Ask]) -> Iterator[Diff]:
    """The diff of every ask, in their order; files whose contents are missing in a partial clone are told as such.

    Raises WellspentError with git's own words where history cannot be read, InvalidInput where most of its contents are not here.
    """
    at, lacking = 0, 0
    while at < len(asks):
        with suppress(GaveUp):
            for diff in _printed(repository, asks[at:]):
                yield diff
                at += 1
        if at < len(asks):
            lacking += 1
            if lacking > limits.REWORK_LACKING_MAX:
                raise InvalidInput(
                    f"{repository.name} is a partial clone: over {limits.REWORK_LACKING_MAX:,} of its commits have contents that are not here",
                    fix="bring them with: git fetch --refetch --no-filter (or git backfill)",
                )
            yield _alone(repository, asks[at])
            at += 1


def _printed(repository: Repository, asks: Iterable[Ask], *more: bytes) -> Iterator[Diff]:
    with tempfile.TemporaryFile() as given, tempfile.TemporaryFile() as errors:
        given.write("".join(f"{' '.join(ask)}\n" for ask in asks).encode())
        given.seek(0)
        process = repository.stream([*ARGUMENTS, *RENAMES, *more], given, errors)
        try:
            yield from diffs(_reader(process))
        except GaveUp:
            errors.seek(0)
            raise GaveUp(errors.read()) from None
        finally:
            process.kill()
            process.wait()
            if process.stdout:
                process.stdout.close()


def _reader(process: "subprocess.Popen[bytes]") -> Callable[[int], bytes]:
    """Git writes four kilobytes at a time; taken one by one they cost as much as reading what is in them, so it is given time to write more."""
    waits = False

    def read(size: int) -> bytes:
        nonlocal waits
        assert process.stdout is not None
        if waits:
            time.sleep(PAUSE_S)
        chunk: bytes = process.stdout.read(size) or b""
        waits = 0 < len(chunk) < PIPE_BYTES
        if not chunk and process.wait():
            raise GaveUp
        return chunk

    return read


def _alone(repository: Repository, ask: Ask) -> Diff:
    """The diff of a commit that git could not print with the others: without the files whose contents are not here."""
    try:
        (diff,) = _printed(repository, [ask])
        return diff
    except GaveUp as gave_up:
        said: bytes = gave_up.args[0]
    try:
        raw = repository.run(*ARGUMENTS[:5], "-z", "--no-abbrev", "--always", given=f"{' '.join(ask)}\n".encode())
    except WellspentError:
        raise _broken(repository, ask, said) from None
    ((_, entries),) = commits(raw)
    changes = [change for change in entries if change.old is not None or change.new is not None]
    lacking = absent(repository, {blob for change in changes for blob in (change.old_blob, change.blob) if blob.strip("0")})
    without = [change for change in changes if {change.old_blob, change.blob} & lacking]
    for change in without:
        change.opaque = "missing"
    if not without:
        raise _broken(repository, ask, said)
    spared = [b":(top,exclude,literal)" + (change.new or change.old or b"") for change in without]
    try:
        (diff,) = _printed(repository, [ask], b"--", b":(top)", *spared)
    except GaveUp as gave_up:
        raise _broken(repository, ask, gave_up.args[0]) from None
    diff.changes += without
    return diff


def _broken(repository: Repository, ask: Ask, said: bytes) -> WellspentError:
    error = repository.failed(said)
    return WellspentError(f"{error.args[0]} (at commit {ask[0][:12]})", fix=error.fix)
