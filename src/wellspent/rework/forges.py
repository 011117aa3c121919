"""Which repository of a forge a history is, and which changes and issues are therefore its own. Pure.

Forges and trackers tell of every repository that somebody connected. A history is one of them where most of its merged changes are in the history,
or where both are called alike.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence

from msgspec import Struct

from wellspent.rework.delay.timeline import Timeline
from wellspent.rework.fixes.links import Tracker

Forge = tuple[str, str]  # a source, and a repository as it calls it: ("github", "acme/app")
Merges = Mapping[Forge, Collection[str]]  # of each repository the commits that its changes became


def merges_of(changes: Iterable[tuple[str, str, str]]) -> Merges:
    """By (source, repository) the commits of (source, repository, commit); a repository without a merged change is there, too.

    >>> merges_of([("github", "acme/app", "a1"), ("github", "acme/app", ""), ("github", "acme/web", "")])
    {('github', 'acme/app'): {'a1'}, ('github', 'acme/web'): set()}
    """
    found: dict[Forge, set[str]] = defaultdict(set)
    for source, repository, commit in changes:
        if repository:
            found[source, repository].update({commit} - {""})
    return dict(found)


def forges_of(name: str, commits: Collection[str], merges: Merges) -> frozenset[Forge]:
    """Which of these repositories a history is.

    Args:
        name: What people call it.
        commits: All of it.
    """
    return frozenset(forge for forge, merged in merges.items() if forge[1].casefold() == name.casefold() or _mostly(merged, commits))


def _mostly(merged: Collection[str], commits: Collection[str]) -> bool:
    return 2 * sum(commit in commits for commit in merged) > len(merged)


def changes_by_history(histories: Sequence[tuple[str, Collection[str]]], changes: Sequence[Timeline]) -> list[list[Timeline]]:
    """For each history, a name with its commits, the changes that are its own, each once: merged ones by their commit, others by their repository."""
    merges = merges_of((each.source, each.repository, each.commit) for each in changes)
    forges = [forges_of(name, commits, merges) for name, commits in histories]
    found: list[list[Timeline]] = [[] for _ in histories]
    for each in changes:
        for (_, commits), own, of in zip(histories, found, forges, strict=True):
            if each.commit in commits if each.commit else (each.source, each.repository) in of:
                own.append(each)
                break
    return found


class Elsewhere(Struct, frozen=True):
    """What forges and trackers know, of whatever repositories.

    Attributes:
        bugs: Issues that were bugs: who says so, and the issue's whole name, ``acme/app#12`` or ``APP-12``.
        labelled: By the commit of a merged change whether it is labelled as a fix; see ``Tracker``.
        merges: Merged changes by repository.
    """

    bugs: frozenset[tuple[str, str]] = frozenset()
    labelled: Mapping[str, bool] = {}
    merges: Merges = {}

    def tracker(self, name: str, commits: Collection[str]) -> Tracker:
        """The same as one history's messages write it: there ``#12`` is the issue of that number in its own repository, and nobody else's."""
        issues = [(source, *issue.partition("#")) for source, issue in self.bugs]
        merges = {**{(source, repository): () for source, repository, *_ in issues if repository}, **self.merges}
        own = forges_of(name, commits, merges)
        short = {f"#{number}": True for source, repository, mark, number in issues if mark and (source, repository) in own}
        return Tracker({issue: True for _, issue in self.bugs} | short, labelled=self.labelled)


NOTHING_ELSEWHERE = Elsewhere()
