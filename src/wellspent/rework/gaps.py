"""What figures of a repository leave out, counted: a reader has to know it. Pure."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from typing import TYPE_CHECKING

from msgspec import Struct

from wellspent.rework.lifetimes import UNKNOWN, Fates, Lifetimes
from wellspent.rework.lines import ALIVE

if TYPE_CHECKING:
    from wellspent.rework.pieces import Pieces


class Gaps(Struct, frozen=True):
    """What is not in the figures, or in them with a grain of salt.

    Attributes:
        borders: Commits at which a shallow clone breaks off.
        unknown: Lines of which nobody knows when they were born.
        lost: Lines that were lost sight of.
        misdated: Commits whose own date cannot be true.
        ignored: Commits that the repository says only change how code looks.
        files: How many are left out, by why: ``lock``, ``generated``, ``vendored``, ``binary``, ``large``, ``missing``.
    """

    borders: int = 0
    unknown: int = 0
    lost: int = 0
    misdated: int = 0
    ignored: int = 0
    files: Mapping[str, int] = {}


def gaps_of(lifetimes: Lifetimes, fates: Fates, wanted: Collection[bytes], pieces: "Pieces", left_out: Iterable[str], since_s: int) -> Gaps:
    """Of a history since a moment; files, borders and lines whose birth nobody knows are of all of it.

    Args:
        fates: Of ``lifetimes``.
        wanted: Paths whose lines count.
        pieces: The lines that count since.
        left_out: Why each file is, that is left out.
    """
    paths, since = lifetimes.lines.paths, [commit for commit in lifetimes.commits if commit.at_s >= since_s]
    return Gaps(
        borders=sum(commit.border for commit in lifetimes.commits),
        unknown=sum(fates.counts.count(UNKNOWN, first, after) for first, after, path in lifetimes.runs() if paths[path] in wanted),
        lost=sum(lines for piece, lines in pieces.items() if piece.end < ALIVE),
        misdated=sum(commit.misdated for commit in since),
        ignored=sum(commit.id in lifetimes.ignored for commit in since),
        files=Counter(left_out),
    )
