"""Aider's own shares of its releases, reckoned again from lifetimes of lines.

For each release aider publishes how much of the code that is new in it was written by aider itself (``aider/website/_data/blame.yml``, by its
``scripts/blame.py``: ``git blame -M100 -C100 -C -C`` between two tags, on source files). Here the same question is put to ``rework``: of the lines
at a tag that were born after the tag before, how many are of commits that ``rework.authorship`` gives to aider. Needs a clone of Aider-AI/aider.
"""

import re
import statistics
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

from msgspec import Struct

from wellspent.rework.authorship.index import Authorship
from wellspent.rework.authorship.reader import Reader
from wellspent.rework.git import Repository, open_repository, tip_of
from wellspent.rework.lifetimes import Lifetimes, read
from wellspent.rework.moves import NOBODY, RULES, Rules

PUBLISHED: Final = "HEAD:aider/website/_data/blame.yml"
LIKE_BLAME: Final = Rules(
    here=101, file=101, elsewhere=101, anchor_here=1, anchor=1, spaces=True, wraps=False
)  # more than 100 letters, as they stand
WAYS: Final[Mapping[str, Rules | None]] = {"aider's rule of moves": LIKE_BLAME, "no moves": None, "wellspent's rule of moves": RULES}
POINTS: Final = (0.5, 1, 3, 10)
TARGET: Final = 0.5

SOURCE: Final = (".js", ".py", ".scm", ".sh", "Dockerfile", "Gemfile")
ALSO: Final = frozenset(
    f"aider/website/{name}"
    for name in ("index.html", "share/index.md", "_includes/head_custom.html", "_includes/home.css", "docs/leaderboards/index.md")
)
NOT: Final = frozenset(("aider/website/install.ps1", "aider/website/install.sh"))


class Release(Struct, frozen=True):
    """What aider published of a release: its tag, the one before, aider's lines and all of them."""

    start: str
    end: str
    aider: int
    lines: int

    @property
    def percent(self) -> float:
        return 100 * self.aider / self.lines


class Counted(Struct, frozen=True):
    """The same, counted here."""

    aider: int
    lines: int

    @property
    def percent(self) -> float:
        return 100 * self.aider / self.lines if self.lines else 0.0


Shares = Mapping[str, Counted]  # by way


def measure(folder: Path, tell: Callable[[str], object]) -> dict[Release, Shares]:
    """Every release that aider published, in its order."""
    repository = open_repository(folder)
    releases = published(repository.run("cat-file", "blob", PUBLISHED).decode())
    index = Authorship(Reader(repository).evidence())
    found = {}
    for release in releases:
        tell(f"aider-shares: {release.end}")
        found[release] = _shares(repository, release, index)
    return found


def published(text: str) -> list[Release]:
    """The releases of ``blame.yml``."""
    records = re.split(r"(?m)^- ", text)[1:]
    fields = [dict(re.findall(r"(?m)^ {0,2}([a-z_]+): '?([^'\n]+)", record)) for record in records]
    return [Release(each["start_tag"], each["end_tag"], int(each["aider_total"]), int(each["total_lines"])) for each in fields]


def is_source(path: str) -> bool:
    """Whether aider counts a file (its ``scripts/blame.py``).

    >>> is_source("aider/main.py"), is_source("aider/prompts.py"), is_source("tests/fixtures/languages/go/test.go"), is_source("README.md")
    (True, False, True, False)
    """
    taken = path.endswith(SOURCE) or path in ALSO or (path.startswith("tests/fixtures/languages/") and "/test." in path)
    taken = taken or (path.startswith((".github/workflows/", "aider/resources/")) and path.endswith(".yml"))
    return taken and not path.endswith("prompts.py") and not path.startswith("tests/fixtures/watch") and path not in NOT


def births(lifetimes: Lifetimes, moves: bool) -> list[int]:
    """The commit in which each line was born, through all its moves; -1 where nobody knows."""
    found: list[int] = []
    for span in lifetimes.spans():
        found += [span.commit if span.known else -1] * span.count
    lines = lifetimes.lines
    for was, now, commit in zip(lines.moved_from, lines.moved_to, lines.moved_in) if moves else ():
        if now != NOBODY and (was == NOBODY or lines.ends[was] == commit):
            found[now] = -1 if was == NOBODY else found[was]
    return found


def _shares(repository: Repository, release: Release, index: Authorship) -> Shares:
    new = frozenset(repository.run("rev-list", f"{release.start}..{release.end}").decode().split())
    tip, found = tip_of(repository, release.end), {}
    for rules in (LIKE_BLAME, RULES):
        lifetimes = read(repository, tip, "all", 2**40, None, lambda *_: None, rules)
        for way, of in WAYS.items():
            if of == rules or (of is None and rules is RULES):
                found[way] = _counted(lifetimes, births(lifetimes, of is not None), new, index)
    return found


def _counted(lifetimes: Lifetimes, born: Sequence[int], new: frozenset[str], index: Authorship) -> Counted:
    names = [commit.id for commit in lifetimes.commits]
    by_aider = {number: index.of_commit(name).author.tool == "aider" for number, name in enumerate(names) if name in new}
    ids = [line for path, lines in lifetimes.files.items() if is_source(path.decode(errors="replace")) for line in lines or ()]
    mine = [by_aider[born[line]] for line in ids if born[line] in by_aider]
    return Counted(sum(mine), len(mine))


def table(found: Mapping[Release, Shares]) -> str:
    """How near each way comes, and every release, the farthest first."""
    lines = [
        f"| {len(found)} releases | median gap, points | mean | {' | '.join(f'within {each}' for each in POINTS)} | aider's share of all lines |"
    ]
    lines += ["|---|" + "---:|" * (len(POINTS) + 3), *(_row(found, way) for way in WAYS)]
    first = next(iter(WAYS))
    median = statistics.median(_gaps(found, first))
    lines += ["", f"Target, median gap at most {TARGET} points: {median:.2f}, {'met' if median <= TARGET else '**missed**'}.", ""]
    lines += [f"| release | published, lines | % | {' | '.join(f'{way}, lines | %' for way in WAYS)} |", "|---|" + "---:|" * (2 + 2 * len(WAYS))]
    order = sorted(found, key=lambda release: -abs(found[release][first].percent - release.percent))
    return "\n".join([*lines, *(f"| {release.end} | {' | '.join(_cells(release, found[release]))} |" for release in order)])


def _row(found: Mapping[Release, Shares], way: str) -> str:
    gaps = _gaps(found, way)
    within = " | ".join(str(sum(gap <= each for gap in gaps)) for each in POINTS)
    ours = 100 * sum(each[way].aider for each in found.values()) / max(1, sum(each[way].lines for each in found.values()))
    theirs = 100 * sum(each.aider for each in found) / sum(each.lines for each in found)
    return f"| {way} | {statistics.median(gaps):.2f} | {statistics.mean(gaps):.2f} | {within} | {ours:.1f} % (published {theirs:.1f} %) |"


def _gaps(found: Mapping[Release, Shares], way: str) -> list[float]:
    return [abs(shares[way].percent - release.percent) for release, shares in found.items()]


def _cells(release: Release, shares: Shares) -> Iterator[str]:
    yield from (f"{release.lines:,}", f"{release.percent:.1f}")
    for way in WAYS:
        yield from (f"{shares[way].lines:,}", f"{shares[way].percent:.1f}")


def values(found: Mapping[Release, Shares]) -> dict[str, list[float]]:
    """Every gap, for those who read JSON."""
    return {way: _gaps(found, way) for way in WAYS}
