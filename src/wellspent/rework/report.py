"""The report about what the code we paid for is worth after a while, as records: ``reporting.py`` makes it, every surface shows it.

It is kept as JSON, so that the command line and the page say the same.
"""

from collections.abc import Mapping

from msgspec import Struct

from wellspent.rework.cost.linking import Accuracy
from wellspent.rework.cost.session import Merged, Session
from wellspent.rework.delay.delays import Delay, Rates
from wellspent.rework.delay.timeline import Timeline
from wellspent.rework.delay.worktime import Worktime
from wellspent.rework.gaps import Gaps
from wellspent.rework.study import Unread
from wellspent.rework.survival.columns import Columns
from wellspent.rework.survival.compare import Durability
from wellspent.rework.survival.fixes import LinkQuality
from wellspent.rework.survival.reading import Reading, Survival
from wellspent.rework.survival.sensitivity import Sensitivity
from wellspent.rework.survival.spent import Fate, Measured
from wellspent.rework.survival.terms import WINDOWS_DAYS
from wellspent.rework.twice import Twice


class Asked(Struct, frozen=True):
    """What a report is about.

    Attributes:
        now_ms: When it is made.
        since_ms: Lines born and money spent since.
        days: The window of the headline and of dollars.
        windows: All windows; that of the headline is one of them, whether it is said or not.
        alone: Whether somebody asks for themselves: one repository that nobody configured for others is told, of however few people it is.
    """

    now_ms: int
    since_ms: int
    days: int = 30
    windows: tuple[int, ...] = WINDOWS_DAYS
    alone: bool = False


class Money(Struct, frozen=True):
    """All money that the report is about.

    Attributes:
        sessions: Of coding agents, with what calls say that name a change, a commit or a branch.
        other_nanousd: All other spending of the same time: it is in no figure.
        source: Where the amounts are from, for people.
        problems: What of it could not be used, and how often.
    """

    sessions: tuple[Session, ...] = ()
    other_nanousd: int = 0
    source: str = "no spending was given"
    problems: Mapping[str, int] = {}


class History(Struct, frozen=True):
    """What is known of changes from elsewhere.

    Attributes:
        merged: Changes, with what they name.
        timelines: What happened to changes until they were merged: all that are known.
        worktime: Working hours, where these are known.
        rates: What an hour costs.
    """

    merged: tuple[Merged, ...] = ()
    timelines: tuple[Timeline, ...] = ()
    worktime: Worktime | None = None
    rates: Rates = Rates()


class Row(Struct, frozen=True):
    """A repository, or a team.

    Attributes:
        lines: By group; empty for a team.
        readings: What was gone at the window, by group; empty for a team.
        compared: AI lines beside the others of this repository, at the window; None for a team.
        fates: Nano-dollars by fate. What is expected of young lines is told by the row's own lines, so that a repository in which nothing dies is not
            told to lose what others lose; where it has too few older ones, they are too young to tell.
        gone_low_nanousd, gone_high_nanousd: The interval of what is gone, expected or not; None where the data are too few.
    """

    name: str
    lines: Mapping[str, int]
    readings: Mapping[str, Reading]
    compared: Durability | None
    fates: Mapping[Fate, int]
    gone_low_nanousd: int | None
    gone_high_nanousd: int | None

    @property
    def spent_nanousd(self) -> int:
        """All of it."""
        return sum(self.fates.values())

    @property
    def gone_nanousd(self) -> int | None:
        """Rewritten or thrown away within the window, young lines as expected; None, unknown, while some of it is too young to tell."""
        return None if self.fates[Fate.OPEN] else self.fates[Fate.GONE] + self.fates[Fate.GONE_EXPECTED]

    @property
    def gone_share(self) -> float | None:
        """Of each dollar that lines were bought for."""
        code = sum(self.fates[fate] for fate in (Fate.GONE, Fate.GONE_EXPECTED, Fate.KEPT, Fate.KEPT_EXPECTED))
        return None if self.gone_nanousd is None or code <= 0 else self.gone_nanousd / code


class LinkRow(Struct, frozen=True):
    """How sessions found their commits.

    Attributes:
        kind, evidence: As in ``cost.linking``; "" for those that nothing links. Kinds of few sessions are told as one, without evidence.
        sessions: How many.
        nanousd: Their money.
    """

    kind: str
    evidence: str
    sessions: int
    nanousd: int


class FixRow(Struct, frozen=True):
    """Fixes by how they are linked to what they mend.

    Attributes:
        kind: Of the link; "" where nothing links them.
        fixes: How many, paid for or not.
        quality: How good such links are; None where nobody measured that.
        nanousd: Money of these fixes, and ``ai_nanousd`` of it for mending AI code, as far as the links are right.
    """

    kind: str
    fixes: int
    quality: LinkQuality | None
    nanousd: int
    ai_nanousd: int


class Loss(Struct, frozen=True):
    """A commit of which many lines were gone within the window.

    Attributes:
        repository, commit, born_at_ms: It.
        source, change: The merged change it is, as another system knows it; "" where none does.
        lines: By group.
        gone: Lines that died within the window.
        killers: Commits that killed most of them, with how many lines.
    """

    repository: str
    commit: str
    born_at_ms: int
    source: str
    change: str
    lines: Mapping[str, int]
    gone: int
    killers: tuple[tuple[str, int], ...]


class RepositoryNote(Struct, frozen=True):
    """What to know of one repository that was read.

    Attributes:
        apart: Whether it is told apart; where too few people wrote it, it is not, and ``commits`` and ``known`` are None.
        commits: Of merged code, since.
        until_ms: Its newest commit: nothing is known after it.
        known: Share of lines whose author is known, 0 to 1; None without lines, too.
        gaps: What its figures leave out.
        problems: What could not be used, and how often.
    """

    name: str
    team: str
    tip: str
    apart: bool
    commits: int | None
    until_ms: int
    known: float | None
    gaps: Gaps
    problems: Mapping[str, int]


class Report(Struct, frozen=True):
    """What the code we paid for is worth after a while.

    Attributes:
        asked: What it is about.
        repositories: Those that were read, ``unread`` those that could not be, and ``twice`` those that are another again.
        curves: For each group, what is gone at every day up to the longest window.
        people, unknown: AI lines compared like with like with those attested to people, and with those of unknown origin, by window.
        control: Which of the two the sensitivity is about.
        ways: The same question in every way of measuring.
        money: Where amounts are from; ``other_nanousd`` is in no figure.
        measured, columns: What became of the money.
        rows, teams: The same by repository and by team; those of too few people are told as one.
        links: How sessions found their commits.
        place: How right links by place and time were.
        problems: What of logs could not be used, and how often.
        unpriced_calls: Calls without a price: in no figure.
        list_price_nanousd: The part of the money that is a list price that nobody was billed.
        fixes: Fixes, by kind of link.
        delays: What changes waited for and what their review took: all of them, and by who wrote them; empty where no change is known.
        losses: Commits that lost most lines, of repositories that are told apart.
    """

    asked: Asked
    repositories: tuple[RepositoryNote, ...]
    unread: tuple[Unread, ...]
    twice: tuple[Twice, ...]
    curves: tuple[Survival, ...]
    people: tuple[Durability, ...]
    unknown: tuple[Durability, ...]
    control: str
    ways: Sensitivity
    source: str
    other_nanousd: int
    measured: Measured
    columns: Columns
    rows: tuple[Row, ...]
    teams: tuple[Row, ...]
    links: tuple[LinkRow, ...]
    place: Accuracy
    unpriced_calls: int
    problems: Mapping[str, int]
    list_price_nanousd: int
    fixes: tuple[FixRow, ...]
    delays: tuple[Delay, ...]
    losses: tuple[Loss, ...]
