"""Timelines -> what a group of changes waited for, what its review took, and what that cost. Pure.

Delay is hours. It is a cost only where somebody says what an hour of it costs; review is hours of people, and costs what an hour of them costs.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence

from msgspec import Struct

from wellspent.rework.delay.effort import HOUR_MS, MINUTE_MS, Effort, Key, key_of
from wellspent.rework.delay.folding import folded
from wellspent.rework.delay.reading import Reading, reading
from wellspent.rework.delay.timeline import Spell, Timeline
from wellspent.rework.delay.worktime import Worktime
from wellspent.rework.survival.article import Change
from wellspent.rework.survival.lifetime import UNKNOWN
from wellspent.rework.survival.people import Span, cost_of_hours

Group = tuple[str, ...]


class Rates(Struct, frozen=True):
    """What an hour costs, in nano-dollars; None where nobody said.

    Attributes:
        review: Of a person who reviews.
        delay: Of a change that waits.
    """

    review: Span | None = None
    delay: Span | None = None


UNKNOWN_RATES = Rates()


class Stages(Struct, frozen=True):
    """How long the stages last, in one way of counting hours.

    Attributes:
        pickup: From ready to the first look of somebody else, else to the merge.
        review: From there to the merge.
        to_merge: Both.
        waited_ms: All hours that these changes waited, also those that are open or were closed.
    """

    pickup: Reading
    review: Reading
    to_merge: Reading
    waited_ms: int


class Delay(Struct, frozen=True):
    """One group of changes.

    Attributes:
        group: Its names; what is told as one has a name in the first place alone.
        changes, merged, closed, open: All; those that were merged, closed without a merge, neither. Drafts that were never ready are not counted.
        people: How many wrote or reviewed them.
        unreviewed: Merged, and no person but the author looked at them.
        rounds: Rounds of review of those that were merged and reviewed, all together.
        reviewed: Those.
        every_hour, work_hours: The stages in all hours, and in working hours where these are known.
        effort: What people spent on review.
        idle: The part of it on ended changes that the review changed nothing of; of ``known_effort``.
        known_effort: What people spent on the review of changes that have ended.
        review_nanousd: What the effort costs; None where nobody gave a rate.
        delay_nanousd: What the waiting costs, in working hours where these are known; None where nobody gave a cost.
    """

    group: Group
    changes: int
    merged: int
    closed: int
    open: int
    people: int
    unreviewed: int
    rounds: int
    reviewed: int
    every_hour: Stages
    work_hours: Stages | None
    effort: Effort
    idle: Effort
    known_effort: Effort
    review_nanousd: Span | None
    delay_nanousd: Span | None


def delays(
    timelines: Iterable[Timeline],
    efforts: Mapping[Key, Effort],
    group_of: Callable[[Timeline], Group],
    worktime: Worktime | None = None,
    rates: Rates = UNKNOWN_RATES,
) -> list[Delay]:
    """A line for each group that is of enough people, by name, and one for the others.

    Args:
        timelines: Of the changes that the question is about.
        efforts: Of all changes, see ``effort.efforts``.
        group_of: What a change is put under, such as its repository and team: one name or more, of all of them as many.
        worktime: Working hours, where these are known.
        rates: What an hour costs.
    """
    ready = [timeline for timeline in timelines if timeline.ready_at_ms is not None]
    groups = _grouped(ready, group_of)
    few, name = folded({group: _people(members) for group, members in groups.items()})
    told: dict[Group, list[Timeline]] = defaultdict(list)
    for group, members in groups.items():
        told[(name, *("" for _ in group[1:])) if group in few else group] += members
    return [delay(group, told[group], efforts, worktime, rates) for group in sorted(told, key=lambda each: (each[0] == name, each))]


def delay(group: Group, timelines: Sequence[Timeline], efforts: Mapping[Key, Effort], worktime: Worktime | None, rates: Rates) -> Delay:
    """One line, of however few people: hand in what may be told."""
    merged = [timeline for timeline in timelines if timeline.merged]
    reviewed = [timeline for timeline in merged if timeline.reviewed]
    ended = [timeline for timeline in timelines if timeline.changed_after_review is not None and timeline.ended_at_ms is not None]
    idle = [timeline for timeline in ended if not timeline.changed_after_review]
    every, work = _stages(timelines, Worktime(None, 0, 0)), None if worktime is None else _stages(timelines, worktime)
    effort = _effort(timelines, efforts)
    waited = -(-(every if work is None else work).waited_ms // MINUTE_MS)
    return Delay(
        group,
        len(timelines),
        len(merged),
        sum(timeline.ended_at_ms is not None for timeline in timelines) - len(merged),
        sum(timeline.ended_at_ms is None for timeline in timelines),
        len(_people(timelines)),
        len(merged) - len(reviewed),
        sum(timeline.rounds for timeline in reviewed),
        len(reviewed),
        every,
        work,
        effort,
        _effort(idle, efforts),
        _effort(ended, efforts),
        cost_of_hours(effort.minutes, rates.review),
        cost_of_hours(Span(waited, waited), rates.delay),
    )


def by_author(groups: Mapping[str, str]) -> Callable[[Timeline], Group]:
    """Puts a change under who wrote it: ``ai``, ``human`` (attested) or ``unknown``, by its merge commit; what nobody tells is unknown.

    Args:
        groups: Merge commits -> groups, as ``rework.authorship`` knows them.
    """
    return lambda timeline: (groups.get(timeline.commit, UNKNOWN) if timeline.commit else UNKNOWN,)


def article_changes(timelines: Iterable[Timeline], efforts: Mapping[Key, Effort]) -> list[Change]:
    """Merged changes as ``survival.article`` takes them: the kind of work, the middle of the range of review, whether the review changed anything."""
    found = []
    for timeline in timelines:
        if timeline.merged:
            minutes = efforts.get(key_of(timeline), Effort()).minutes
            middle = (minutes.low + minutes.high + 1) // 2 if timeline.reviewed else None
            found.append(Change(timeline.work, middle, timeline.changed_after_review))
    return found


def review_minutes(timelines: Iterable[Timeline], efforts: Mapping[Key, Effort]) -> Span:
    """How long people reviewed, for ``survival.people``."""
    return _effort(timelines, efforts).minutes


def hours(ms: int) -> float:
    """In hours, for people to read."""
    return ms / HOUR_MS


def _grouped(timelines: Iterable[Timeline], group_of: Callable[[Timeline], Group]) -> dict[Group, list[Timeline]]:
    groups: dict[Group, list[Timeline]] = defaultdict(list)
    for timeline in timelines:
        groups[group_of(timeline)].append(timeline)
    return groups


def _people(timelines: Iterable[Timeline]) -> frozenset[str]:
    return frozenset(name for timeline in timelines for name in timeline.people)


def _stages(timelines: Sequence[Timeline], worktime: Worktime) -> Stages:
    to_merge = _spells(timeline.to_merge(worktime) for timeline in timelines)
    return Stages(
        reading(_spells(timeline.pickup(worktime) for timeline in timelines)),
        reading(_spells(timeline.review(worktime) for timeline in timelines)),
        reading(to_merge),
        sum(spell.ms for spell in to_merge),
    )


def _spells(found: Iterable[Spell | None]) -> list[Spell]:
    return [spell for spell in found if spell is not None]


def _effort(timelines: Iterable[Timeline], efforts: Mapping[Key, Effort]) -> Effort:
    total = Effort()
    for timeline in timelines:
        total += efforts.get(key_of(timeline), Effort())
    return total
