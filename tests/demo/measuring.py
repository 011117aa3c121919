"""A repository's lines, who wrote them and how long they lived, as lifetimes: by the same records that everything else is built on."""

from collections import Counter
from pathlib import Path
from typing import Literal

from wellspent.rework.authorship.index import Authorship
from wellspent.rework.authorship.merges import learn_merges
from wellspent.rework.authorship.reader import Reader
from wellspent.rework.git import open_repository, tip_of
from wellspent.rework.kinds import kinds_of
from wellspent.rework.lifetimes import OWN, Lifetimes, read
from wellspent.rework.lines import ALIVE
from wellspent.rework.survival.lifetime import Lifetime, stratum_of

History = Literal["first-parent", "all"]


def authorship_of(folder: Path, *, merges: bool = True) -> Authorship:
    """Who wrote what."""
    repository = open_repository(folder)
    index = Authorship(Reader(repository).evidence())
    if merges:
        learn_merges(repository, index, absent=print)
    return index


def history_of(folder: Path, now_ms: int, history: History = "first-parent") -> Lifetimes:
    """All lines."""
    repository = open_repository(folder)
    return read(repository, tip_of(repository, "HEAD"), history, now_ms // 1000, None, lambda *_: None)


def lifetimes_of(folder: Path, now_ms: int, history: History = "first-parent", *, moves: bool = True) -> list[Lifetime]:
    """Lines of one commit with the same author, place and end."""
    found, index = history_of(folder, now_ms, history), authorship_of(folder, merges=history == "first-parent")
    repository = open_repository(folder)
    kinds, fates = kinds_of(repository, "HEAD", found.lines.paths), found.fates(moves)
    counted: Counter[tuple[int, str, bytes, int]] = Counter()
    for span in found.spans():
        if kinds[span.path] != "written":
            continue
        for stretch in index.of_lines(found.commits[span.commit].id, span.path.decode(), span.line, span.count):
            first = span.first + stretch.first - span.line
            group = str(stretch.verdict.author.state)
            counted.update(
                (span.commit, group, span.path, fates.ends[line]) for line in range(first, first + stretch.count) if fates.counts[line] == OWN
            )
    return [_lifetime(found, folder.stem, *each, lines) for each, lines in counted.items()]


def _lifetime(found: Lifetimes, name: str, born: int, group: str, path: bytes, end: int, lines: int) -> Lifetime:
    begun_ms = found.commits[born].at_s * 1000
    stratum = stratum_of(name, begun_ms, path.decode())
    ended_ms = found.commits[end].at_s * 1000 if end >= 0 else None
    until_ms = found.commits[-2 - end].at_s * 1000 if end < ALIVE else found.until_s * 1000
    return Lifetime(f"{name} {found.commits[born].id}", stratum, group, lines, begun_ms, ended_ms, until_ms)
