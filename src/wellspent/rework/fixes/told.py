"""Messages of a repository's commits, read from git once; the only file here that asks git."""

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property

from wellspent.rework.authorship.merges import brought_by
from wellspent.rework.fixes.message import Said, said_in
from wellspent.rework.git import Repository
from wellspent.rework.lifetimes import Lifetimes

LOG = ("log", "-z", "--encoding=UTF-8", "--no-decorate", "--no-color", "--no-notes", "--no-show-signature", "--format=%H%x00%P%x00%B")


class Told:
    """What the commits of a history say.

    Args:
        texts: The messages of each commit of ``Lifetimes.commits``, in their order: its own, then those of the commits that it brought, where
            code is born when it is merged.
        landed: The number in ``Lifetimes.commits`` at which each commit came in, by its full name; its own number, or that of its merge.

    Messages are read in memory and not kept.
    """

    def __init__(self, texts: Sequence[Sequence[str]], landed: Mapping[str, int]) -> None:
        self.texts, self.landed = texts, landed

    @cached_property
    def said(self) -> list[list[Said]]:
        """What each message says, by commit."""
        return [[said_in(text) for text in texts] for texts in self.texts]


def told_of(repository: Repository, lifetimes: Lifetimes) -> Told:
    """The messages of the commits that lifetimes were read from. Raises WellspentError where git cannot read them."""
    tip = lifetimes.commits[-1].id
    texts, parents = dict[str, str](), dict[str, list[str]]()
    for commit, above, text in _logged(repository.run(*LOG, tip, "--")):
        texts[commit], parents[commit] = text, above.split()
    brought = brought_by(parents, tip) if lifetimes.history == "first-parent" else {}
    landed = {commit.id: number for number, commit in enumerate(lifetimes.commits)}
    listed = [[commit.id, *brought.get(commit.id, ())] for commit in lifetimes.commits]
    for number, names in enumerate(listed):
        landed.update(dict.fromkeys(names, number))
    return Told([[texts[name] for name in names if name in texts] for names in listed], landed)


def _logged(printed: bytes) -> Iterator[tuple[str, str, str]]:
    fields = printed.decode(errors="replace").split("\0")
    yield from zip(fields[0::3], fields[1::3], fields[2::3])
