"""``report_of``: repositories and sessions → one report about what the code we paid for is worth after a while. Pure.

It is kept as JSON and shown by the command line and by the page, so that every surface says the same.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence

from msgspec import Struct
from msgspec.structs import replace

from wellspent import limits
from wellspent.rework.authorship.claim import State
from wellspent.rework.cost.linking import PLACE, Accuracy, Linked, Links, Node, link
from wellspent.rework.cost.session import Merged, Session
from wellspent.rework.cost.work import Work, unlinked, work_of
from wellspent.rework.lines import ALIVE
from wellspent.rework.study import MAIN, Study, Unread
from wellspent.rework.survival.article import Change, article
from wellspent.rework.survival.columns import Columns, side_by_side
from wellspent.rework.survival.compare import Durability, compare
from wellspent.rework.survival.fixes import Fix, LinkQuality
from wellspent.rework.survival.lifetime import AI, DAY_MS, HUMAN, UNKNOWN, Lifetime
from wellspent.rework.survival.people import Span
from wellspent.rework.survival.reading import Reading, Survival, survival
from wellspent.rework.survival.sensitivity import Sensitivity, Way, sensitivity
from wellspent.rework.survival.spent import Fate, Measured, fates_of, measured
from wellspent.rework.survival.terms import WINDOWS_DAYS

SMALL = f"repositories of fewer than {limits.PEOPLE_MIN} people"
GROUPS = (AI, HUMAN, UNKNOWN)


class Asked(Struct, frozen=True):
    """What a report is about.

    Attributes:
        now_ms: When it is made.
        since_ms: Lines born and money spent since.
        days: The window of the headline and of dollars.
        windows: All windows; that of the headline is one of them, whether it is said or not.
    """

    now_ms: int
    since_ms: int
    days: int = 30
    windows: tuple[int, ...] = WINDOWS_DAYS


class Money(Struct, frozen=True):
    """All money that the report is about.

    Attributes:
        sessions: Of coding agents, with what calls say that name a change, a commit or a branch.
        other_nanousd: All other spending of the same time: it is in no figure.
        source: Where the amounts are from, for people.
    """

    sessions: tuple[Session, ...] = ()
    other_nanousd: int = 0
    source: str = "no spending was given"


class History(Struct, frozen=True):
    """What is known of changes from elsewhere.

    Attributes:
        merged: Changes, with what they name.
        changes: The same, as the article method sees them.
        fixes: By repository and commit id: commits that mend something.
        qualities: How good each kind of link between a fix and its cause was found to be.
        review: What reviews cost, as a range; None where it is not known.
    """

    merged: tuple[Merged, ...] = ()
    changes: tuple[Change, ...] = ()
    fixes: Mapping[tuple[str, str], Fix] = {}
    qualities: tuple[LinkQuality, ...] = ()
    review: Span | None = None


class Row(Struct, frozen=True):
    """A repository, or a team.

    Attributes:
        lines: By group; empty for a team.
        readings: What was gone at the window, by group; empty for a team.
        fates: Nano-dollars by fate.
    """

    name: str
    lines: Mapping[str, int]
    readings: Mapping[str, Reading]
    fates: Mapping[Fate, int]

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
        kind, evidence: As in ``cost.linking``; "" for those that nothing links.
        sessions: How many.
        nanousd: Their money.
    """

    kind: str
    evidence: str
    sessions: int
    nanousd: int


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
        commits: Of merged code, since.
        until_ms: Its newest commit: nothing is known after it.
        known: Share of lines whose author is known, 0 to 1; None without lines.
        borders: Commits at which a shallow clone breaks off.
        problems: What could not be used, and how often.
    """

    name: str
    team: str
    tip: str
    commits: int
    until_ms: int
    known: float | None
    borders: int
    problems: Mapping[str, int]


class Report(Struct, frozen=True):
    """What the code we paid for is worth after a while.

    Attributes:
        asked: What it is about.
        repositories: Those that were read, and ``unread`` those that could not be.
        curves: For each group, what is gone at every day up to the longest window.
        people, unknown: AI lines compared like with like with those attested to people, and with those of unknown origin, by window.
        control: Which of the two the sensitivity is about.
        ways: The same question in every way of measuring.
        money: Where amounts are from; ``other_nanousd`` is in no figure.
        measured, columns: What became of the money.
        rows, teams: The same by repository and by team; those of too few people are told as one.
        links: How sessions found their commits.
        place: How right links by place and time were.
        unpriced_calls: Calls without a price: in no figure.
        list_price_nanousd: The part of the money that is a list price that nobody was billed.
        losses: Commits that lost most lines.
    """

    asked: Asked
    repositories: tuple[RepositoryNote, ...]
    unread: tuple[Unread, ...]
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
    list_price_nanousd: int
    losses: tuple[Loss, ...]


def report_of(
    asked: Asked, found: Sequence[Study | Unread], money: Money, history: History, team_told: Callable[[str], str] = lambda team: team
) -> Report:
    """Put together what is known.

    Args:
        team_told: How a team is called: those of too few people have one name together.
    """
    asked = replace(asked, windows=tuple(sorted({*asked.windows, asked.days})))
    studies = [each for each in found if isinstance(each, Study)]
    lifetimes = [each for study in studies for each in study.ways[MAIN]]
    links = link(money.sessions, studies, history.merged)
    work = work_of(money.sessions, studies, links, _fixes(studies, history))
    left = unlinked(money.sessions, links)
    became = measured([each.spending for each in work], left.total(), asked.days, history.qualities)
    against = {control: compare(lifetimes, asked.windows, control=control) for control in (HUMAN, UNKNOWN)}
    control = HUMAN if any(each.difference is not None for each in against[HUMAN]) else UNKNOWN
    repository_told = _told(studies)
    return Report(
        asked=asked,
        repositories=tuple(_note(each) for each in studies),
        unread=tuple(each for each in found if isinstance(each, Unread)),
        curves=survival(lifetimes, sorted({*range(1, max(asked.windows) + 1), *asked.windows})),
        people=against[HUMAN],
        unknown=against[UNKNOWN],
        control=control,
        ways=sensitivity(_ways(studies), asked.windows, control=control),
        source=money.source,
        other_nanousd=money.other_nanousd,
        measured=became,
        columns=side_by_side(article(became.total_nanousd, history.changes, lifetimes), became, history.review),
        rows=_repositories(studies, work, asked.days, repository_told),
        teams=_teams(work, left, asked.days, team_told),
        links=_links(money.sessions, links),
        place=links.place,
        unpriced_calls=sum(each.unpriced_calls for each in money.sessions),
        list_price_nanousd=sum(each.nanousd for each in money.sessions if each.list_price),
        losses=_losses(studies, history.merged, asked.days),
    )


def _fixes(studies: Sequence[Study], history: History) -> dict[Node, Fix]:
    found = {}
    for number, study in enumerate(studies):
        for place, commit in enumerate(study.calendar.ids):
            fix = history.fixes.get((study.name, commit))
            if fix is not None:
                found[number, place] = fix
    return found


def _note(study: Study) -> RepositoryNote:
    lines: Counter[State] = Counter()
    for piece, count in study.pieces.items():
        lines[piece.author.state] += count
    calendar = study.calendar
    return RepositoryNote(
        name=study.name,
        team=study.team,
        tip=study.tip,
        commits=sum(at_s >= study.since_s for at_s in calendar.at_s),
        until_ms=calendar.until_s * 1000,
        known=1 - lines[State.UNKNOWN] / lines.total() if lines else None,
        borders=study.borders,
        problems=study.problems,
    )


def _told(studies: Sequence[Study]) -> Mapping[str, str]:
    """How each repository is called in a table; those of few people as one, with the next larger until they are enough. One alone is no table."""
    if len(studies) < 2:
        return {}
    folded: list[str] = []
    people: frozenset[bytes] = frozenset()
    for study in sorted(studies, key=lambda each: (len(each.people), each.name)):
        if len(study.people) >= limits.PEOPLE_MIN and (not folded or len(people) >= limits.PEOPLE_MIN):
            break
        folded.append(study.name)
        people |= study.people
    return dict.fromkeys(folded, SMALL)


def _ways(studies: Sequence[Study]) -> dict[Way, list[Lifetime]]:
    """Lifetimes of all repositories by way of measuring. A repository in which a choice makes no difference has the same lines in both."""
    wanted = sorted({way for study in studies for way in study.ways}) or [MAIN]
    return {way: [each for study in studies for each in _in_way(study, way)] for way in wanted}


def _in_way(study: Study, way: Way) -> Sequence[Lifetime]:
    for history in (way.history, MAIN.history):
        for labels in (way.labels, MAIN.labels):
            found = study.ways.get(Way(history, way.moves, labels))
            if found is not None:
                return found
    return study.ways[MAIN]


def _repositories(studies: Sequence[Study], work: Sequence[Work], days: int, told: Mapping[str, str]) -> tuple[Row, ...]:
    lifetimes: dict[str, list[Lifetime]] = defaultdict(list)
    for study in studies:
        lifetimes[told.get(study.name, study.name)] += study.ways[MAIN]
    fates = _fates(work, days, lambda each: told.get(each.repository, each.repository))
    return tuple(_row(name, lifetimes[name], fates.get(name, {}), days) for name in sorted(lifetimes))


def _teams(work: Sequence[Work], left: Mapping[str, int], days: int, told: Callable[[str], str]) -> tuple[Row, ...]:
    fates = _fates(work, days, lambda each: told(each.team))
    for team, nanousd in left.items():
        fates.setdefault(told(team), Counter())[Fate.UNLINKED] += nanousd
    return tuple(_row(name, [], fates[name], days) for name in sorted(fates))


def _fates(work: Sequence[Work], days: int, name_of: Callable[[Work], str]) -> dict[str, Counter[Fate]]:
    found: dict[str, Counter[Fate]] = {}
    for each, fates in zip(work, fates_of([each.spending for each in work], days), strict=True):
        found.setdefault(name_of(each), Counter()).update(fates)
    return found


def _row(name: str, lifetimes: Sequence[Lifetime], fates: Mapping[Fate, int], days: int) -> Row:
    readings = {each.group: each.readings[0] for each in survival(lifetimes, [days])}
    lines: Counter[str] = Counter()
    for each in lifetimes:
        lines[each.group] += each.lines
    return Row(name, lines, readings, {fate: fates.get(fate, 0) for fate in Fate})


def _links(sessions: Sequence[Session], links: Links) -> tuple[LinkRow, ...]:
    nothing = Linked("", "", ())
    count: Counter[tuple[str, str]] = Counter()
    nanousd: Counter[tuple[str, str]] = Counter()
    for place, session in enumerate(sessions):
        found = links.of.get(place, nothing)
        count[found.kind, found.evidence] += 1
        nanousd[found.kind, found.evidence] += session.nanousd
    order = sorted(count, key=lambda key: (key[0] == "", key[0] == PLACE, -nanousd[key], key))
    return tuple(LinkRow(*key, count[key], nanousd[key]) for key in order)


def _losses(studies: Sequence[Study], merged: Iterable[Merged], days: int) -> tuple[Loss, ...]:
    changes = {each.commit: (each.source, each.change) for each in merged}
    found = [loss for study in studies for loss in _losses_of(study, changes, days)]
    return tuple(sorted(found, key=lambda loss: (-loss.gone, loss.repository, loss.commit))[: limits.REWORK_LOSSES_MAX])


def _losses_of(study: Study, changes: Mapping[str, tuple[str, str]], days: int) -> list[Loss]:
    calendar = study.calendar
    lines: dict[int, Counter[str]] = defaultdict(Counter)
    killed: dict[int, Counter[int]] = defaultdict(Counter)
    for piece, count in study.pieces.items():
        lines[piece.birth][piece.author.state.value] += count
        if piece.end > ALIVE and (calendar.at_s[piece.end] - calendar.at_s[piece.birth]) * 1000 <= days * DAY_MS:
            killed[piece.birth][piece.end] += count
    return [
        Loss(
            study.name,
            calendar.ids[birth],
            calendar.at_s[birth] * 1000,
            *changes.get(calendar.ids[birth], ("", "")),
            lines=lines[birth],
            gone=killers.total(),
            killers=tuple((calendar.ids[commit], count) for commit, count in killers.most_common(limits.REWORK_KILLERS_MAX)),
        )
        for birth, killers in killed.items()
    ]
