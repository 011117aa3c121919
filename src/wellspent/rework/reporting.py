"""``report_of``: repositories, sessions and what is known of changes → one report. Pure."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence

import msgspec

from wellspent import limits
from wellspent.rework.authorship.claim import State
from wellspent.rework.cost.linking import PLACE, Linked, Links, Node, link
from wellspent.rework.cost.session import Merged, Session
from wellspent.rework.cost.work import Work, unlinked, work_of
from wellspent.rework.delay.delays import Delay, article_changes, by_author, delay, delays, review_minutes
from wellspent.rework.delay.effort import Effort, Key, efforts
from wellspent.rework.delay.folding import folded
from wellspent.rework.delay.timeline import Timeline
from wellspent.rework.fixes.quality import AT_ITS_WORD, ELSEWHERE
from wellspent.rework.forges import changes_by_history
from wellspent.rework.lines import ALIVE
from wellspent.rework.report import Asked, FixRow, History, LinkRow, Loss, Money, Report, RepositoryNote, Row
from wellspent.rework.study import MAIN, Study, Unread
from wellspent.rework.survival.article import Change, article
from wellspent.rework.survival.columns import side_by_side
from wellspent.rework.survival.compare import Durability, compare
from wellspent.rework.survival.fixes import Fix, LinkQuality
from wellspent.rework.survival.lifetime import AI, DAY_MS, HUMAN, UNKNOWN, Lifetime
from wellspent.rework.survival.people import cost_of_hours
from wellspent.rework.survival.reading import survival
from wellspent.rework.survival.sensitivity import Way, sensitivity
from wellspent.rework.survival.spent import Measured, Spending, measured
from wellspent.rework.twice import Twice, once

FEW_SESSIONS = f"others (kinds of fewer than {limits.PEOPLE_MIN} sessions, and the next larger until they are as many)"


def report_of(
    asked: Asked, found: Sequence[Study | Unread | Twice], money: Money, history: History, team_told: Callable[[str], str] = lambda team: team
) -> Report:
    """Put together what is known.

    Args:
        team_told: How a team is called: those of too few people have one name together.
    """
    asked = msgspec.structs.replace(asked, windows=tuple(sorted({*asked.windows, asked.days})))
    studies, twice = once([each for each in found if isinstance(each, Study)])
    lifetimes = [each for study in studies for each in study.ways[MAIN]]
    links = link(money.sessions, studies, history.merged)
    repository_told = _told(studies, len(studies) + sum(isinstance(each, Unread) for each in found), is_own=asked.alone)
    fixes, qualities = _fixes(studies, repository_told)
    work = work_of(money.sessions, studies, links, fixes)
    left = unlinked(money.sessions, links)
    became = measured([each.spending for each in work], left.total(), asked.days, qualities)
    effort, by_study = efforts(history.timelines), _seen(studies, history, asked.since_ms)
    seen = [each for of_study in by_study for each in of_study]
    against = {control: compare(lifetimes, asked.windows, control=control) for control in (HUMAN, UNKNOWN)}
    control = HUMAN if any(each.difference is not None for each in against[HUMAN]) else UNKNOWN
    return Report(
        asked=asked,
        repositories=tuple(_note(each, apart=each.name not in repository_told) for each in studies),
        unread=tuple(each for each in found if isinstance(each, Unread)),
        twice=(*(each for each in found if isinstance(each, Twice)), *twice),
        curves=survival(lifetimes, sorted({*range(1, max(asked.windows) + 1), *asked.windows})),
        people=against[HUMAN],
        unknown=against[UNKNOWN],
        control=control,
        ways=sensitivity(_ways(studies), asked.windows, control=control),
        source=money.source,
        other_nanousd=money.other_nanousd,
        measured=became,
        columns=side_by_side(
            article(became.total_nanousd, _changes(studies, by_study, effort), lifetimes),
            became,
            cost_of_hours(review_minutes(seen, effort), history.rates.review) if seen else None,
        ),
        rows=_repositories(studies, work, asked.days, repository_told, control),
        teams=_teams(work, left, asked.days, team_told),
        links=_links(money.sessions, links, is_own=asked.alone),
        place=links.place,
        unpriced_calls=sum(each.unpriced_calls for each in money.sessions),
        problems=money.problems,
        list_price_nanousd=sum(each.nanousd for each in money.sessions if each.list_price),
        fixes=_fix_rows(fixes, became),
        delays=_delays(seen, effort, studies, history),
        losses=_losses([each for each in studies if each.name not in repository_told], history.merged, asked.days),
    )


def _fixes(studies: Sequence[Study], told: Mapping[str, str]) -> tuple[dict[Node, Fix], list[LinkQuality]]:
    """Fixes of all repositories, and how good their links are. A kind that was measured in one of several has that one's name with it; where that
    is not told apart, what was found elsewhere stands in, as it does for one that states too little."""
    elsewhere = {each.kind: each for each in ELSEWHERE}
    found: dict[Node, Fix] = {}
    known: dict[str, LinkQuality] = {}
    for number, study in enumerate(studies):
        names = {}
        is_folded = len(studies) > 1 and study.name in told
        for quality in (elsewhere.get(each.kind, each) if is_folded else each for each in study.qualities):
            name = f"{quality.kind}, {study.name}" if len(studies) > 1 and quality not in (*AT_ITS_WORD, *ELSEWHERE) else quality.kind
            names[quality.kind], known[name] = name, msgspec.structs.replace(quality, kind=name)
        for place, fix in study.fixes.items():
            found[number, place] = msgspec.structs.replace(fix, kind=names.get(fix.kind, fix.kind))
    return found, [*known.values()]


def _fix_rows(fixes: Mapping[Node, Fix], became: Measured) -> tuple[FixRow, ...]:
    count = Counter(fix.kind for fix in fixes.values())
    qualities = {quality.kind: quality for quality in became.qualities}
    nanousd: Counter[str] = Counter()
    of_ai: Counter[str] = Counter()
    for share in became.fixes:
        nanousd[share.kind] += share.nanousd
        of_ai[share.kind] += share.nanousd if share.cause == AI else 0
    order = sorted(count, key=lambda kind: (kind == "", -count[kind], kind))
    return tuple(FixRow(kind, count[kind], qualities.get(kind), nanousd[kind], of_ai[kind]) for kind in order)


def _seen(studies: Sequence[Study], history: History, since_ms: int) -> list[list[Timeline]]:
    """For each repository its own changes that were ready since; whatever else a forge tells of is of none."""
    found = changes_by_history([(study.name, study.commits) for study in studies], history.timelines)
    return [[each for each in own if each.ready_at_ms is not None and each.ready_at_ms >= since_ms] for own in found]


def _changes(studies: Sequence[Study], by_study: Sequence[Sequence[Timeline]], effort: Mapping[Key, Effort]) -> list[Change]:
    """Merged changes as the article sees them; where no forge tells of a repository's, its commits of merged code by their titles alone."""
    found: list[Change] = []
    for study, seen in zip(studies, by_study, strict=True):
        found += article_changes(seen, effort) if seen else [Change(work) for work in study.works]
    return found


def _delays(seen: Sequence[Timeline], effort: Mapping[Key, Effort], studies: Sequence[Study], history: History) -> tuple[Delay, ...]:
    """All changes in one line, which is told though they be of few people, and a line for each group that is of enough."""
    if not seen:
        return ()
    by_group = delays(seen, effort, by_author(_groups(studies)), history.worktime, history.rates)
    return (delay(("all",), seen, effort, history.worktime, history.rates), *by_group)


def _groups(studies: Sequence[Study]) -> dict[str, str]:
    """Who wrote each commit of merged code: agents where any line of it is theirs; people where all lines of which anything is known are attested."""
    states: dict[str, set[State]] = defaultdict(set)
    for study in studies:
        for piece in study.pieces:
            states[study.calendar.ids[piece.birth]].add(piece.author.state)
    return {commit: AI if State.AI in found else HUMAN if found == {State.HUMAN} else UNKNOWN for commit, found in states.items()}


def _note(study: Study, *, apart: bool) -> RepositoryNote:
    lines: Counter[State] = Counter()
    for piece, count in study.pieces.items():
        lines[piece.author.state] += count
    calendar = study.calendar
    return RepositoryNote(
        name=study.name,
        team=study.team,
        tip=study.tip,
        apart=apart,
        commits=sum(at_s >= study.since_s for at_s in calendar.at_s) if apart else None,
        until_ms=calendar.until_s * 1000,
        known=1 - lines[State.UNKNOWN] / lines.total() if lines and apart else None,
        gaps=study.gaps,
        problems=study.problems,
    )


def _told(studies: Sequence[Study], asked: int, *, is_own: bool) -> Mapping[str, str]:
    """How each repository is called in a table; those of few people as one, with the next larger until they are enough.

    Args:
        asked: How many there are, with those that could not be read: next time these may be there, and this one is the same.
        is_own: Whether somebody asks for themselves: then one alone is told.
    """
    if asked < 2 and is_own:
        return {}
    few, name = folded({study.name: study.people for study in studies})
    return dict.fromkeys(few, name)


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


def _repositories(studies: Sequence[Study], work: Sequence[Work], days: int, told: Mapping[str, str], control: str) -> tuple[Row, ...]:
    lifetimes: dict[str, list[Lifetime]] = defaultdict(list)
    for study in studies:
        lifetimes[told.get(study.name, study.name)] += study.ways[MAIN]
    spent = _spent(work, lambda each: told.get(each.repository, each.repository))
    compared = {name: compare(each, [days], control=control)[0] for name, each in lifetimes.items()}
    order = sorted(lifetimes, key=lambda name: (name in told.values(), name))  # those told as one come last
    return tuple(_row(name, lifetimes[name], measured(spent.get(name, ()), 0, days), compared[name]) for name in order)


def _teams(work: Sequence[Work], left: Mapping[str, int], days: int, told: Callable[[str], str]) -> tuple[Row, ...]:
    spent = _spent(work, lambda each: told(each.team))
    unlinked: Counter[str] = Counter()
    for team, nanousd in left.items():
        unlinked[told(team)] += nanousd
    return tuple(_row(name, [], measured(spent.get(name, ()), unlinked[name], days)) for name in sorted(spent.keys() | unlinked.keys()))


def _spent(work: Sequence[Work], name_of: Callable[[Work], str]) -> dict[str, list[Spending]]:
    found: dict[str, list[Spending]] = defaultdict(list)
    for each in work:
        found[name_of(each)].append(each.spending)
    return found


def _row(name: str, lifetimes: Sequence[Lifetime], became: Measured, compared: Durability | None = None) -> Row:
    readings = {each.group: each.readings[0] for each in survival(lifetimes, [became.days])}
    lines: Counter[str] = Counter()
    for each in lifetimes:
        lines[each.group] += each.lines
    return Row(name, lines, readings, compared, became.fates, became.gone_low_nanousd, became.gone_high_nanousd)


def _links(sessions: Sequence[Session], links: Links, *, is_own: bool) -> tuple[LinkRow, ...]:
    """Sessions by kind and evidence; of several, those of few sessions as one, with the next larger until they are enough."""
    nothing = Linked("", "", ())
    keys = [(each.kind, each.evidence) for each in (links.of.get(place, nothing) for place in range(len(sessions)))]
    linked = {key: frozenset(str(place) for place, each in enumerate(keys) if each == key) for key in set(keys) if key[0]}
    few = folded(linked)[0] if len(linked) > 1 and not is_own else ()
    count: Counter[tuple[str, str]] = Counter()
    nanousd: Counter[tuple[str, str]] = Counter()
    for key, session in zip(keys, sessions, strict=True):
        told = (FEW_SESSIONS, "") if key in few else key
        count[told] += 1
        nanousd[told] += session.nanousd
    order = sorted(count, key=lambda key: (key[0] == "", key[0] == FEW_SESSIONS, key[0] == PLACE, -nanousd[key], key))
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
