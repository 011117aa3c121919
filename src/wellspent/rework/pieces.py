"""Pieces: lines born in one commit and directory that share their author and their end. Lifetimes meet authorship here."""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from itertools import groupby
from typing import NamedTuple

from wellspent.rework.authorship.claim import UNKNOWN, Author
from wellspent.rework.authorship.index import Authorship
from wellspent.rework.lifetimes import OWN, Fates, Lifetimes, Span
from wellspent.rework.lines import ALIVE
from wellspent.rework.survival.lifetime import Lifetime, stratum_of


class Piece(NamedTuple):
    """What some lines have in common.

    Attributes:
        birth: The commit they were born in, as a number in ``Lifetimes.commits``.
        end: ``ALIVE``, the commit they died in, or ``-2 - n`` where they were lost sight of in commit n.
        stratum: What they are compared with like by: repository, month of birth, directory.
        author: Who wrote them, as far as is known.
    """

    birth: int
    end: int
    stratum: tuple[str, str, str]
    author: Author


Pieces = Counter[Piece]  # with how many lines each has


def pieces_of(lifetimes: Lifetimes, fates: Fates, wanted: Collection[bytes], index: Authorship | None, repository: str, since_s: int = 0) -> Pieces:
    """All lines that count, with their authors.

    Args:
        fates: Of ``lifetimes``.
        wanted: Paths whose lines count.
        index: Who wrote them; None where nobody is asked.
        repository: Its name in strata.
        since_s: Only lines born then or later.
    """
    commits, found = lifetimes.commits, Pieces()
    for span in lifetimes.spans():
        born = commits[span.commit]
        if span.path in wanted and born.at_s >= since_s:
            path = span.path.decode(errors="replace")
            stratum = stratum_of(repository, born.at_s * 1000, path)
            for author, first, count in _authors(span, path, born.id, index):
                for end, lines in _ends(fates, first, count):
                    found[Piece(span.commit, end, stratum, author)] += lines
    return found


def _authors(span: Span, path: str, commit: str, index: Authorship | None) -> Iterator[tuple[Author, int, int]]:
    """Whose lines of a span are, as stretches: the author, the first line among all lines, how many."""
    if index is None:
        yield UNKNOWN, span.first, span.count
        return
    for stretch in index.of_lines(commit, path, span.line, span.count):
        yield stretch.verdict.author, span.first + stretch.first - span.line, stretch.count


def _ends(fates: Fates, first: int, count: int) -> Iterator[tuple[int, int]]:
    """The ends of lines that count, with how many lines each has."""
    ends, after = fates.ends[first : first + count], first + count
    if fates.counts.count(OWN, first, after) < count:
        own = fates.counts[first:after]
        yield from Counter(end for end, each in zip(ends, own, strict=True) if each == OWN).items()
    else:
        yield from ((end, len(list(run))) for end, run in groupby(ends))


class Calendar(NamedTuple):
    """What turns numbers of commits into moments.

    Attributes:
        ids: Of the commits.
        at_s: When each counts.
        until_s: Up to when anything is known.
    """

    ids: tuple[str, ...]
    at_s: tuple[int, ...]
    until_s: int

    @classmethod
    def of(cls, lifetimes: Lifetimes) -> "Calendar":
        """Of a history."""
        commits = lifetimes.commits
        return cls(tuple(each.id for each in commits), tuple(each.at_s for each in commits), lifetimes.until_s)


def lifetimes_of(pieces: Mapping[Piece, int], calendar: Calendar) -> list[Lifetime]:
    """Pieces as records of survival, by the state of their authors; the commit is the unit of chance."""
    alike: Counter[tuple[int, int, tuple[str, str, str], str]] = Counter()
    for piece, lines in pieces.items():
        alike[piece.birth, piece.end, piece.stratum, piece.author.state.value] += lines
    return [lifetime_of(birth, end, stratum, group, lines, calendar) for (birth, end, stratum, group), lines in alike.items()]


def lifetime_of(birth: int, end: int, stratum: tuple[str, ...], group: str, lines: int, calendar: Calendar) -> Lifetime:
    """Some lines as a record of survival. Those that were lost sight of were watched until then; where a clock ran backwards, the age is zero."""
    born_s, died = calendar.at_s[birth], end > ALIVE
    end_s = calendar.until_s if end == ALIVE else calendar.at_s[end if died else -2 - end]
    end_s = max(born_s, end_s)
    return Lifetime(
        cluster=f"{stratum[0]}@{calendar.ids[birth]}",
        stratum=stratum,
        group=group,
        lines=lines,
        born_at_ms=born_s * 1000,
        died_at_ms=end_s * 1000 if died else None,
        observed_until_ms=max(end_s, calendar.until_s if died else end_s) * 1000,
    )
