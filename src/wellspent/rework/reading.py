"""One git that prints every diff of a history, and what is done where it gives up: contents that are not here, and packs that are broken."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress

from wellspent import limits
from wellspent.facts.errors import InvalidInput, WellspentError
from wellspent.rework.contents import absent
from wellspent.rework.git import GitFailed, Repository
from wellspent.rework.patch import ARGUMENTS, MISSING, RENAMES, Diff, Keeps, commits, diffs, may_move

Ask = tuple[str, ...]  # a commit and the parent it is compared with; alone where it has none


def read_diffs(repository: Repository, asks: Sequence[Ask], keeps: Keeps = may_move, *, lacking_max: int | None = None) -> Iterator[Diff]:
    """The diff of every ask, in their order; files whose contents are missing in a partial clone are told as such.

    Args:
        keeps: Whether the lines themselves are wanted, of a commit with these changes.
        lacking_max: In how many commits contents may be missing; REWORK_LACKING_MAX unless given.

    Raises WellspentError with git's own words where history cannot be read, InvalidInput where most of its contents are not here.
    """
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
