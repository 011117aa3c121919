"""Lifetimes of lines: what a walk through history found, and what it says of each line.

``read`` is the one way to get them; a second time it goes on where the first one ended.
"""

from array import array
from collections import Counter, defaultdict
from collections.abc import Container, Iterator

from msgspec import Struct

from wellspent.facts.errors import WellspentError
from wellspent.rework.contents import absent
from wellspent.rework.git import Repository
from wellspent.rework.history import Commit, History, commits_of, goes_on, settled
from wellspent.rework.ignored import ignored_commits
from wellspent.rework.lines import ALIVE, Files, Lines, lost
from wellspent.rework.moves import NOBODY, RULES, Rules
from wellspent.rework.walk import Tell, Unseen, Walk

Pairs = Counter[tuple[int, int]]


UNKNOWN, OWN, MOVED = 0, 1, 2


class Span(Struct, frozen=True, gc=False):
    """Lines born together: one run in one file of one commit.

    Attributes:
        commit: Where they were born, as a number in ``Lifetimes.commits``.
        path: The file, by the name that it had then.
        line: The first of them in the file of that commit, counted from 1.
        first: The first of them among all lines (the index into ``Fates``).
        count: How many.
        known: Whether this is where they were born. Not at the border of a shallow clone, nor where a file can be read again.
    """

    commit: int
    path: bytes
    line: int
    first: int
    count: int
    known: bool


class Fates(Struct, gc=False):
    """What became of each line.

    Attributes:
        ends: ``ALIVE`` (-1), the number of the commit it died in, or ``-2 - n`` where it was lost sight of in commit n.
        counts: ``OWN`` where the line is one to count, ``MOVED`` where it goes on with one that is counted already, ``UNKNOWN`` where nobody knows
            when it was born.
    """

    ends: "array[int]"
    counts: bytearray


class Lifetimes(Struct):
    """Lines of one repository's history.

    Attributes:
        history: ``first-parent``: born when merged. ``all``: every commit of every branch that was merged.
        ignored: Commits in which nothing was born or died, as the repository itself says.
        commits: All that were read, parents first; the last one is the tip.
        files: Which lines each file has at the tip; None where they cannot be told.
        unseen: Files whose lines could not be told at some time.
    """

    history: History
    ignored: frozenset[str]
    commits: list[Commit]
    lines: Lines
    files: Files
    unseen: dict[bytes, Unseen]

    @property
    def until_s(self) -> int:
        """Up to when anything is known: the newest commit."""
        return max(commit.at_s for commit in self.commits)

    def spans(self) -> Iterator[Span]:
        """Every run of lines born together, in the order of birth."""
        lines = self.lines
        for (first, after, path), commit, line, known in zip(self.runs(), lines.span_commit, lines.span_line, lines.span_known):
            yield Span(commit, lines.paths[path], line + 1, first, after - first, bool(known))

    def runs(self) -> Iterator[tuple[int, int, int]]:
        """The same with less: the first line, the one after the last, and the number of the path."""
        lines = self.lines
        after = lines.span_first[1:]
        after.append(len(lines.ends))
        return zip(lines.span_first, after, lines.span_path)

    def fates(self, moves: bool = True) -> Fates:
        """What became of each line.

        Args:
            moves: A line that moved lives on. Without, it is as ``git blame`` sees it: it dies, and another is born.
        """
        ends, counts = self.lines.ends[:], bytearray(b"\1") * len(self.lines.ends)
        for ids in self.files.values():
            for line in ids or ():
                ends[line] = ALIVE
        if UNKNOWN in self.lines.span_known:
            for (first, after, _), known in zip(self.runs(), self.lines.span_known):
                counts[first:after] = counts[first:after] if known else bytes(after - first)
        if moves:
            self._follow(ends, counts)
        return Fates(ends, counts)

    def _follow(self, ends: "array[int]", counts: bytearray) -> None:
        lines = self.lines
        for was, now, commit in zip(reversed(lines.moved_from), reversed(lines.moved_to), reversed(lines.moved_in)):
            if was == NOBODY:
                counts[now] = UNKNOWN
            elif ends[was] == commit:
                ends[was] = lost(commit) if now == NOBODY else ends[now]
                if now != NOBODY:
                    counts[now] = MOVED if counts[was] == OWN else counts[was]

    def pairs(self, fates: Fates, wanted: Container[bytes] | None = None) -> Pairs:
        """How many lines of each birth have each end: (commit of birth, end) → lines. Read the other way it tells whose lines a fix killed.

        Args:
            wanted: Paths (as lines were born in them) that count; all unless given.
        """
        lines, ends, counts = self.lines, fates.ends, fates.counts
        takes = [wanted is None or path in wanted for path in lines.paths]
        found: defaultdict[tuple[int, int], int] = defaultdict(int)
        for (first, after, path), commit in zip(self.runs(), lines.span_commit):
            if not takes[path] or first == after:
                continue
            if after - first == 1:  # half of them
                if counts[first] == OWN:
                    found[commit, ends[first]] += 1
                continue
            part, own = ends[first:after], counts.count(OWN, first, after)
            if own < after - first:
                part = array("i", [fate for fate, each in zip(part, counts[first:after]) if each == OWN])
            if not part:
                continue
            if part.tobytes() == part[:1].tobytes() * len(part):  # nearly all
                found[commit, part[0]] += len(part)
            else:
                for fate, count in Counter(part).items():
                    found[commit, fate] += count
        return Counter(found)


def read(repository: Repository, tip: str, history: History, now_s: int, earlier: Lifetimes | None, tell: Tell, rules: Rules = RULES) -> Lifetimes:
    """Lifetimes up to ``tip``.

    Args:
        now_s: The time of reading; commits dated after it have a date that cannot be true.
        earlier: What was read before; it is added to where history has only grown, and read again from the beginning where it was rewritten.
        tell: Called after each commit.
        rules: What is the same line elsewhere; the same as of ``earlier``.

    Raises WellspentError where git cannot read the history, InvalidInput where most of its contents are not here.
    """
    ignored = ignored_commits(repository, tip)
    new = _new(repository, tip, history, now_s, earlier, ignored)
    if earlier is None or new is None:
        earlier, new = Lifetimes(history, ignored, [], Lines(), {}, {}), settled(commits_of(repository, tip, history), now_s)
    if not new:
        return earlier
    walk = Walk(repository, earlier.lines, earlier.files, earlier.commits, ignored, history == "all", rules)
    try:
        files = walk.through(new, tell)
    except (ValueError, KeyError) as error:
        raise WellspentError(f"the history of {repository.name} does not fit together: {error}", fix="look with: git fsck --full") from error
    unseen = earlier.unseen | {path: each.after(earlier.unseen.get(path)) for path, each in walk.unseen.items()}
    return Lifetimes(history, ignored, [*earlier.commits, *new], earlier.lines, files, unseen)


def _new(repository: Repository, tip: str, history: History, now_s: int, earlier: Lifetimes | None, ignored: frozenset[str]) -> list[Commit] | None:
    """The commits since ``earlier``; None where it cannot be gone on from."""
    if earlier is None or earlier.history != history or earlier.ignored != ignored:
        return None
    borders = {commit.id for commit in earlier.commits if commit.border}
    missing = {blob for each in earlier.unseen.values() for blob in each.lacks}
    last = earlier.commits[-1].id
    if not borders <= repository.borders or absent(repository, missing | {last}) != missing:
        return None
    new = commits_of(repository, tip, history, earlier.commits)
    if not goes_on(new, last) or not (new or tip == last):
        return None
    count, commits = len(earlier.commits), settled([*earlier.commits, *new], now_s)
    return commits[count:] if commits[:count] == earlier.commits else None  # a new commit can show that an earlier one had a wrong clock
