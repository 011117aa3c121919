"""One git process for all diffs, and what is done where it gives up: contents that are not here, and packs that are broken."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from itertools import chain

from wellspent.facts.errors import WellspentError
from wellspent.rework.git import GitFailed, Repository
from wellspent.rework.lacking import Ask, Lacks, lacks_of
from wellspent.rework.patch import ARGUMENTS, RENAMES, Change, Diff, Keeps, diffs, may_move
from wellspent.rework.turned import turned_round


def read_diffs(
    repository: Repository, asks: Sequence[Ask], keeps: Keeps = may_move, *, before: Iterable[Ask] = (), partly: bool = True
) -> Iterator[Diff]:
    """The diff of every ask, in their order; files whose contents are not here, as in a partial clone, are told as such.

    Args:
        keeps: Whether the lines themselves are wanted, of a commit with these changes.
        before: What was read of the same history earlier: whether it is measured depends on what is not here of all of it.
        partly: Whether a commit's other files are wanted where some are not here. Else it is told with these alone, and nothing is refused.

    Raises WellspentError with git's own words where history cannot be read, InvalidInput where most of its contents are not here.
    """
    yield from turned_round(asks, lambda turned: _in_turn(repository, turned, keeps, before, partly))


def _in_turn(repository: Repository, asks: Sequence[Ask], keeps: Keeps, before: Iterable[Ask], partly: bool) -> Iterator[Diff]:
    at, lacks, is_known = 0, Lacks(), False
    while at < len(asks):
        start, until = at, _until(asks, at, lacks)
        with suppress(GitFailed):
            for diff in _printed(repository, asks[at:until], keeps):
                yield diff
                at += 1
        if at == len(asks):
            return
        if not is_known:
            lacks, is_known = lacks_of(repository, chain(before, asks), refuses=partly), True
        elif at in (start, until):
            yield _alone(repository, asks[at], keeps, lacks.get(asks[at], []), partly)
            at += 1


def _until(asks: Sequence[Ask], at: int, lacks: Lacks) -> int:
    """Up to where git can print without a stop."""
    return next((number for number in range(at, len(asks)) if asks[number] in lacks), len(asks)) if lacks else len(asks)


def _printed(repository: Repository, asks: Sequence[Ask], keeps: Keeps, *more: bytes) -> Iterator[Diff]:
    if not asks:
        return
    given = "".join(f"{' '.join(ask)}\n" for ask in asks).encode()
    with repository.stream(*ARGUMENTS, *RENAMES, *more, given=given) as read:
        yield from diffs(read, keeps)


def _alone(repository: Repository, ask: Ask, keeps: Keeps, without: list[Change], partly: bool) -> Diff:
    """The diff of one commit, without the files whose contents are not here; where it ends for another reason, its words."""
    if without and not partly:
        return Diff(ask[0], without)
    spared = [b":(top,exclude,literal)" + (change.new or change.old or b"") for change in without]
    try:
        (diff,) = _printed(repository, [ask], keeps, *([b"--", b":(top)", *spared] if spared else []))
    except GitFailed as failed:
        raise WellspentError(f"{failed.args[0]} (at commit {ask[0][:12]})", fix=failed.fix) from None
    diff.changes += without
    return diff
