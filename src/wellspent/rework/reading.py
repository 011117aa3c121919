"""One git that prints every diff of a history, and what is done where it gives up: contents that are not here, and packs that are broken.

Git keeps old contents as differences from newer ones, so it is asked newest first, some hundreds of commits at a time, and each such batch is turned
round here.
"""

import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from itertools import cycle, islice
from typing import IO, Final

import msgspec

from wellspent import limits
from wellspent.facts.errors import InvalidInput, WellspentError
from wellspent.rework.contents import absent
from wellspent.rework.git import GitFailed, Repository
from wellspent.rework.patch import ARGUMENTS, MISSING, RENAMES, Diff, Keeps, commits, diffs, may_move

HUNK_BYTES: Final = 200  # that a hunk takes in memory beside its lines
Ask = tuple[str, ...]  # a commit and the parent it is compared with; alone where it has none


def read_diffs(repository: Repository, asks: Sequence[Ask], keeps: Keeps = may_move, *, lacking_max: int | None = None) -> Iterator[Diff]:
    """The diff of every ask, in their order; files whose contents are missing in a partial clone are told as such.

    Args:
        keeps: Whether the lines themselves are wanted, of a commit with these changes.
        lacking_max: In how many commits contents may be missing; REWORK_LACKING_MAX unless given.

    Raises WellspentError with git's own words where history cannot be read, InvalidInput where most of its contents are not here.
    """
    size = limits.REWORK_BATCH_COMMITS
    batches = [asks[at : at + size] for at in range(0, len(asks), size)]
    coming = _in_turn(repository, [ask for batch in batches for ask in reversed(batch)], keeps, lacking_max)
    with tempfile.TemporaryFile() as one, tempfile.TemporaryFile() as other:
        before = Turned(one)
        for batch, aside in zip(batches, cycle((other, one))):
            turned = Turned(aside)
            for diff in islice(coming, len(batch)):  # one of this batch is read for each one of the last that is given, so that git need not wait
                turned.put(diff)
                yield from before.take(1)
            yield from before.take(size)
            before = turned
        yield from before.take(size)


class Turned:
    """Diffs, to be taken in the other order than they are put in. What is too much to hold waits in a file, which is emptied first."""

    def __init__(self, aside: IO[bytes]) -> None:
        aside.truncate(0)
        self._aside, self._held, self._held_bytes = aside, list[Diff | tuple[int, int]](), 0

    def put(self, diff: Diff) -> None:
        """One more."""
        size = sum(HUNK_BYTES + len(content) for change in diff.changes for _, _, _, content in change.hunks)
        if self._held_bytes + size <= limits.REWORK_BATCH_BYTES:
            self._held_bytes += size
            self._held.append(diff)
        else:
            written = msgspec.msgpack.encode(diff)
            self._held.append((self._aside.seek(0, 2), self._aside.write(written)))

    def take(self, count: int) -> Iterator[Diff]:
        """Up to so many of them, the last one first."""
        for _ in range(min(count, len(self._held))):
            held = self._held.pop()
            yield held if isinstance(held, Diff) else self._read(*held)

    def _read(self, at: int, size: int) -> Diff:
        self._aside.seek(at)
        return msgspec.msgpack.decode(self._aside.read(size), type=Diff)


def _in_turn(repository: Repository, asks: Sequence[Ask], keeps: Keeps, lacking_max: int | None) -> Iterator[Diff]:
    at, lacking = 0, 0
    most = limits.REWORK_LACKING_MAX if lacking_max is None else lacking_max
    while at < len(asks):
        with suppress(GitFailed):
            for diff in _printed(repository, asks[at:], keeps):
                yield diff
                at += 1
        if at < len(asks):
            lacking += 1
            if lacking > most:
                raise InvalidInput(
                    f"{repository.name} is a partial clone: over {most:,} of its commits have contents that are not here",
                    fix="bring them with: git fetch --refetch --no-filter (or git backfill)",
                )
            yield _alone(repository, asks[at], keeps)
            at += 1


def _printed(repository: Repository, asks: Iterable[Ask], keeps: Keeps, *more: bytes) -> Iterator[Diff]:
    given = "".join(f"{' '.join(ask)}\n" for ask in asks).encode()
    with repository.stream(*ARGUMENTS, *RENAMES, *more, given=given) as read:
        yield from diffs(read, keeps)


def _alone(repository: Repository, ask: Ask, keeps: Keeps) -> Diff:
    """The diff of a commit that git could not print with the others: without the files whose contents are not here."""
    try:
        (diff,) = _printed(repository, [ask], keeps)
        return diff
    except GitFailed as failed:
        why = failed
    try:
        raw = repository.run(*ARGUMENTS[:5], "-z", "--no-abbrev", "--always", given=f"{' '.join(ask)}\n".encode())
    except GitFailed:
        raise _broken(ask, why) from None
    ((_, entries),) = commits(raw)
    changes = [change for change in entries if change.old is not None or change.new is not None]
    lacking = absent(repository, {blob for change in changes for blob in (change.old_blob, change.blob) if blob.strip("0")})
    without = [change for change in changes if {change.old_blob, change.blob} & lacking]
    for change in without:
        change.opaque = MISSING
    if not without:
        raise _broken(ask, why)
    spared = [b":(top,exclude,literal)" + (change.new or change.old or b"") for change in without]
    try:
        (diff,) = _printed(repository, [ask], keeps, b"--", b":(top)", *spared)
    except GitFailed as failed:
        raise _broken(ask, failed) from None
    diff.changes += without
    return diff


def _broken(ask: Ask, failed: GitFailed) -> WellspentError:
    return WellspentError(f"{failed.args[0]} (at commit {ask[0][:12]})", fix=failed.fix)
