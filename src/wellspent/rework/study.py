"""``study``: one repository read for what its lines became, who wrote them, and which sessions its commits name.

All that touches git is here; what is made of several repositories, with money, is in ``report.py`` and pure.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path

from msgspec import Struct

from wellspent.facts.errors import WellspentError
from wellspent.facts.review import Work
from wellspent.rework.authorship.claim import Author, Rung
from wellspent.rework.authorship.coverage import Coverage
from wellspent.rework.authorship.index import Authorship
from wellspent.rework.authorship.ladder import Evidence
from wellspent.rework.authorship.transcript import Edit
from wellspent.rework.delay.work import work_of
from wellspent.rework.fixes.grouped import fixes_by_commit
from wellspent.rework.fixes.links import Linking
from wellspent.rework.fixes.quality import link_qualities
from wellspent.rework.fixes.told import told_of
from wellspent.rework.forges import NOTHING_ELSEWHERE, Elsewhere
from wellspent.rework.gaps import Gaps, gaps_of
from wellspent.rework.git import Repository
from wellspent.rework.history import History
from wellspent.rework.kinds import Kind, kinds_of
from wellspent.rework.known import ALL_EVIDENCE, Known, people_of
from wellspent.rework.pieces import Calendar, Pieces, lifetimes_of, pieces_of
from wellspent.rework.survey import Ask, Followed, Tell, follow, left_out_of
from wellspent.rework.survival.fixes import Fix, LinkQuality
from wellspent.rework.survival.lifetime import Lifetime
from wellspent.rework.survival.sensitivity import Way

HISTORIES: Mapping[str, History] = {"merged": "first-parent", "all commits": "all"}
MOVES = {"alive": True, "dead": False}
UNKEPT = "what was read of history could not be kept in the data folder; the next run reads it again"
MAIN = Way("merged", "alive", ALL_EVIDENCE)


class StudyAsk(Struct, frozen=True):
    """What to read.

    Attributes:
        name: What people call the repository.
        path: A folder of it.
        ref: A branch, tag or commit.
        team: Whose it is, "" where nobody said.
        kept: The folder in which lifetimes are kept between runs.
        now_s: The time.
        since_s: Only lines born then or later.
        edits: What assistants on this machine wrote, wherever.
        elsewhere: What forges and trackers know of issues and changes, of whatever repositories.
        salt: People are told apart, within one run, by a hash with this.
        ways: Whether every way of measuring is read, or only the main one.
        fresh: Whether to read from the beginning.
    """

    name: str
    path: Path
    ref: str
    team: str
    kept: Path
    now_s: int
    since_s: int
    salt: bytes
    edits: tuple[Edit, ...] = ()
    elsewhere: Elsewhere = NOTHING_ELSEWHERE
    ways: bool = True
    fresh: bool = False


class Naming(Struct, frozen=True):
    """A commit that names a session: whose, and by which kind of evidence."""

    author: Author
    rung: Rung


class Study(Struct, frozen=True):
    """A repository read.

    Attributes:
        name, team: As asked.
        roots: The folders in which people work on it.
        tip: The newest commit.
        calendar: The merged history's commits and moments.
        since_s: Since when lines count here.
        pieces: The lines of merged code, by birth, end, place and author.
        ways: Lifetimes by way of measuring; the main one is always there.
        naming: For each commit of merged code, the sessions that it names, or that those name which it brought.
        brought: For each merge, the commits that it brought.
        branch: The branch that was measured, "" where it is none.
        branches: For each commit of merged code, the branches that its commits were made on, as far as merges tell.
        made_s: When each commit of merged code was made, and those that it brought: pairs of moment and commit, in order.
        fixes: Commits that mend something, with who wrote what they mend.
        qualities: How good each kind of link between a fix and its cause is.
        works: What each commit since was for, as far as its title tells; "" where it does not.
        coverage: How much is known of commits' authors.
        people: Who wrote commits since, agents apart, as hashes of this run.
        gaps: What its figures leave out.
        problems: What could not be used, and how often.
    """

    name: str
    team: str
    roots: tuple[str, ...]
    tip: str
    calendar: Calendar
    since_s: int
    pieces: Pieces
    ways: dict[Way, list[Lifetime]]
    naming: dict[int, tuple[Naming, ...]]
    brought: dict[int, tuple[str, ...]]
    branch: str
    branches: dict[int, tuple[str, ...]]
    made_s: list[tuple[int, int]]
    fixes: dict[int, Fix]
    qualities: tuple[LinkQuality, ...]
    works: tuple[Work, ...]
    coverage: Coverage
    people: frozenset[str]
    gaps: Gaps
    problems: dict[str, int]

    @property
    def commits(self) -> frozenset[str]:
        """All of them: those of merged code, and those that they brought."""
        return commits_of(self.calendar, self.brought)


class Unread(Struct, frozen=True):
    """A repository that could not be read.

    Attributes:
        name: What people call it.
        why: What happened.
        fix: What to do about it.
    """

    name: str
    why: str
    fix: str


def study(ask: StudyAsk, tell: Tell = lambda *_: None) -> Study:
    """Read one repository. Raises WellspentError where it cannot be."""
    followed = follow(_asked(ask, "first-parent"), tell)
    repository, tip, lifetimes = followed.repository, followed.tip, followed.lifetimes
    known = Known(repository, tip, ask.edits, ask.path.absolute().name.removesuffix(".git"), every_source=ask.ways)
    kinds, index = kinds_of(repository, tip, lifetimes.lines.paths), known.merged[ALL_EVIDENCE]
    wanted = _written(kinds)
    fates = lifetimes.fates()
    pieces = pieces_of(lifetimes, fates, wanted, index, ask.name, ask.since_s)
    told = told_of(repository, lifetimes)
    calendar = Calendar.of(lifetimes)
    number = {commit: place for place, commit in enumerate(calendar.ids)}
    brought = {number[merge]: tuple(commits) for merge, commits in known.brought.items() if merge in number}
    linking = Linking(lifetimes, fates, told, ask.elsewhere.tracker(ask.name, commits_of(calendar, brought)))
    return Study(
        name=ask.name,
        team=ask.team,
        roots=known.roots,
        tip=tip,
        calendar=calendar,
        since_s=ask.since_s,
        pieces=pieces,
        ways={MAIN: lifetimes_of(pieces, calendar)} | (dict(_other_ways(ask, known, followed, tell)) if ask.ways else {}),
        naming=dict(_naming(known.evidence, number, brought)),
        brought=brought,
        branch=branch_of(repository, ask.ref),
        branches=dict(_branches(known.evidence, number, brought)),
        made_s=sorted((each.committed_at_ms // 1000, place) for place, several in _within(known.evidence, number, brought) for each in several),
        fixes=dict(_fixes(linking, pieces, index, calendar, ask.since_s)),
        qualities=link_qualities(linking, ask.name),
        works=tuple(work_of(said[0].subject, ()) for said, at_s in zip(told.said, calendar.at_s, strict=True) if at_s >= ask.since_s),
        coverage=index.coverage,
        people=people_of(repository, tip, ask.since_s, ask.salt),
        gaps=gaps_of(lifetimes, fates, wanted, pieces, (each.why for each in left_out_of(repository, lifetimes, kinds)), ask.since_s),
        problems=dict(known.problems + Counter([UNKEPT] if followed.unkept else [])),
    )


def tried(ask: StudyAsk, tell: Tell) -> Study | Unread:
    """The same, with the reason where it cannot be read."""
    try:
        return study(ask, tell)
    except WellspentError as error:
        return Unread(ask.name, str(error.args[0]), error.fix)


def branch_of(repository: Repository, ref: str) -> str:
    """The branch that a name stands for, here or on a remote; "" for a tag, an id, or a head that is on none."""
    try:
        name = repository.run("rev-parse", "--symbolic-full-name", ref).decode(errors="replace").strip()
    except WellspentError:
        return ""
    if name.startswith("refs/remotes/"):
        return name.removeprefix("refs/remotes/").partition("/")[2]
    return name.removeprefix("refs/heads/") if name.startswith("refs/heads/") else ""


def _written(kinds: Mapping[bytes, Kind]) -> set[bytes]:
    """Paths that somebody wrote."""
    return {path for path, kind in kinds.items() if kind == "written"}


def _asked(ask: StudyAsk, history: History) -> Ask:
    return Ask(ask.path, ask.ref, history, ask.kept, ask.now_s, fresh=ask.fresh)


def _other_ways(ask: StudyAsk, known: Known, merged: Followed, tell: Tell) -> Iterator[tuple[Way, list[Lifetime]]]:
    histories = HISTORIES if known.brought else {MAIN.history: HISTORIES[MAIN.history]}  # without merges both are the same
    for history, kind in histories.items():
        followed = merged if kind == "first-parent" else follow(_asked(ask, kind), tell)
        lifetimes, calendar = followed.lifetimes, Calendar.of(followed.lifetimes)
        wanted = _written(kinds_of(followed.repository, followed.tip, lifetimes.lines.paths))
        for moves, alive in MOVES.items():
            fates = lifetimes.fates(alive)
            for label in known.labels:
                way = Way(history, moves, label)
                if way != MAIN:
                    index = (known.merged if kind == "first-parent" else known.plain)[label]
                    yield way, lifetimes_of(pieces_of(lifetimes, fates, wanted, index, ask.name, ask.since_s), calendar)


def _fixes(linking: Linking, pieces: Pieces, index: Authorship, calendar: Calendar, since_s: int) -> Iterator[tuple[int, Fix]]:
    """Fixes since, with the groups of what they mend: of the very lines that they killed, else of the commits that brought it."""
    killed: dict[int, dict[int, Counter[str]]] = defaultdict(lambda: defaultdict(Counter))
    for piece, lines in pieces.items():
        if piece.end in linking.signs:
            killed[piece.end][piece.birth][piece.author.state.value] += lines
    for link in linking.links():
        if calendar.at_s[link.commit] >= since_s:
            groups = {cause: killed[link.commit][cause] or {index.of_commit(calendar.ids[cause]).author.state.value: 1} for cause, _ in link.causes}
            yield from fixes_by_commit([link], groups).items()


def commits_of(calendar: Calendar, brought: "Brought") -> frozenset[str]:
    """Every commit of a history: those of merged code, and those that they brought."""
    return frozenset(calendar.ids).union(*brought.values())


Brought = Mapping[int, tuple[str, ...]]


def _within(evidence: Mapping[str, Evidence], number: Mapping[str, int], brought: Brought) -> Iterator[tuple[int, list[Evidence]]]:
    """For each commit of merged code its own evidence and that of the commits that it brought."""
    for commit, place in number.items():
        found = [evidence[each] for each in (commit, *brought.get(place, ())) if each in evidence]
        if found:
            yield place, found


def _naming(evidence: Mapping[str, Evidence], number: Mapping[str, int], brought: Brought) -> Iterator[tuple[int, tuple[Naming, ...]]]:
    for place, several in _within(evidence, number, brought):
        claims = [claim for each in several for claim in (*each.claims, *(line.claim for lines in each.lines.values() for line in lines))]
        found = dict.fromkeys(Naming(claim.author, claim.rung) for claim in claims if claim.author.session)
        if found:
            yield place, tuple(sorted(found, key=lambda each: (each.rung, each.author.session)))


def _branches(evidence: Mapping[str, Evidence], number: Mapping[str, int], brought: Brought) -> Iterator[tuple[int, tuple[str, ...]]]:
    for place, several in _within(evidence, number, brought):
        names = sorted({each.branch for each in several if each.branch})
        if names:
            yield place, tuple(names)
