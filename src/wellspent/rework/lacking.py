"""Which diffs need contents that are not here, told before they are read: trees name them, and a partial clone has its trees."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Final

from msgspec import Struct

from wellspent import limits
from wellspent.facts.errors import InvalidInput, WellspentError
from wellspent.rework.contents import absent
from wellspent.rework.git import GitFailed, Repository
from wellspent.rework.patch import ARGUMENTS, MISSING, Change, commits

Ask = tuple[str, ...]  # a commit and the parent it is compared with; alone where it has none
Lacks = dict[Ask, list[Change]]  # the files of each diff whose contents are not here

RAW: Final = (*ARGUMENTS[:5], "-z", "--no-abbrev", "--always")
BATCH: Final = 5_000  # diffs asked for at once


class Tally(Struct):
    """What a history needs: versions of files that its commits brought, how many are not here, and the commits that need such ones."""

    brought: int = 0
    gone: int = 0
    commits: int = 0


def lacks_of(repository: Repository, asks: Iterable[Ask], *, refuses: bool) -> Lacks:
    """The diffs among these that need contents which are not here.

    Args:
        refuses: Whether a history is refused of which too much is not here.

    Raises InvalidInput where it is, or where a partial clone has not even its trees.
    """
    found, tally, waiting = Lacks(), Tally(), iter(asks)
    try:
        while batch := list(islice(waiting, BATCH)):
            found.update(_lacks(repository, batch, tally))
            if refuses and tally.commits > limits.REWORK_LACKING_MAX:
                raise _refused(repository, f"over {limits.REWORK_LACKING_MAX:,} of its commits need contents that are not here")
    except GitFailed:
        if is_partial(repository):
            raise _refused(repository, "lists of files (trees) are not here") from None
        return {}  # the commit at which git ends is told when it is read
    if refuses and tally.gone * 100 > tally.brought * limits.REWORK_LACKING_PERCENT_MAX:
        raise _refused(repository, f"{tally.gone:,} of the {tally.brought:,} versions of files in its history are not here")
    return found


def is_partial(repository: Repository) -> bool:
    """Whether a server has promised what is not here."""
    return bool(repository.ask("config", "--get-regexp", r"^(remote\..*\.promisor|extensions\.partialclone)$"))


def _lacks(repository: Repository, asks: list[Ask], tally: Tally) -> Iterator[tuple[Ask, list[Change]]]:
    given = "".join(f"{' '.join(ask)}\n" for ask in asks).encode()
    listed = [[each for each in changes if each.old is not None or each.new is not None] for _, changes in commits(repository.run(*RAW, given=given))]
    gone = absent(repository, {blob for changes in listed for each in changes for blob in (each.old_blob, each.blob) if blob.strip("0")})
    seen = ""
    for ask, changes in zip(asks, listed, strict=True):
        tally.brought += sum(each.new is not None for each in changes)
        tally.gone += sum(each.blob in gone for each in changes)
        for each in changes:
            each.lacks = tuple(sorted({each.old_blob, each.blob} & gone))
            each.opaque = MISSING if each.lacks else ""
        without = [each for each in changes if each.lacks]
        if without:
            tally.commits += ask[0] != seen
            seen = ask[0]
            yield ask, without


def _refused(repository: Repository, what: str) -> WellspentError:
    if is_partial(repository):
        fix = "bring them with: git fetch --refetch --no-filter (git 2.36 or newer), or clone it again without --filter"
        return InvalidInput(f"{repository.name} is a partial clone: {what}", fix=fix)
    return InvalidInput(f"{repository.name} is not whole: {what}", fix="look with: git fsck --full; or clone it again")
