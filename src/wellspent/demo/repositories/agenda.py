"""What happens in a repository, in order of time: its founding, merged changes, an agent's nights, what is taken back, chores."""

import random
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial

from msgspec import Struct

from wellspent.demo.merges import Change, repository_of
from wellspent.demo.repositories.chores import chores_of
from wellspent.demo.repositories.maker import Landed, Maker, person, somebody
from wellspent.demo.repositories.places import PLACES, Place
from wellspent.demo.story import DAY_MS, DAYS, SEED, Planned

AGENTS = frozenset(place.night for place in PLACES if place.night)  # that commit
FOUNDED_DAYS = 60  # before the story
NIGHTS_SHARE = 0.62  # of an agent's runs that end in a commit
REVERTED_SHARE, REVERTED_DAYS = 0.08, 6  # of these; by a person, at most so many days after


class Night(Struct, frozen=True):
    """A run of an agent that commits by itself.

    Attributes:
        agent: Its name.
        run: Which run, which is its session too.
        at_ms: When it commits.
    """

    agent: str
    run: str
    at_ms: int


class Step(Struct, frozen=True):
    """Something that happens.

    Attributes:
        number: Of the merged change that it is, 0 where it is none.
    """

    at_ms: int
    do: Callable[[Maker], Landed]
    number: int = 0


def nights_of(day_ms: int, calls: Sequence[Planned]) -> list[Night]:
    """The runs of agents that end in a commit, a while after their last call."""
    last = {call.run: call for call in calls if call.run and call.key in AGENTS}
    ends = ((run, call, random.Random(f"night-{SEED}-{run}")) for run, call in sorted(last.items()))
    return [Night(call.key, run, day_ms + call.at_ms + 300_000) for run, call, choose in ends if choose.random() < NIGHTS_SHARE]


def agenda(place: Place, changes: Iterable[Change], nights: Iterable[Night], now_ms: int) -> list[Step]:
    """All that happens in a repository before a moment."""
    steps = [*_founding(place, now_ms), *_changes(place, changes), *_nights(place, nights)]
    if place.chores:
        steps += _chores(place, now_ms)
    return sorted((step for step in steps if step.at_ms < now_ms), key=lambda step: step.at_ms)


def _founding(place: Place, now_ms: int) -> Iterator[Step]:
    first_ms = now_ms - (DAYS + 1 + FOUNDED_DAYS) * DAY_MS
    for number in range(place.founded):
        at_ms = first_ms + number * FOUNDED_DAYS * DAY_MS // place.founded
        yield Step(at_ms, partial(Maker.found, number=number, at_ms=at_ms))


def _chores(place: Place, now_ms: int) -> Iterator[Step]:
    for days_ago, do in chores_of(place):
        at_ms = now_ms - int(days_ago * DAY_MS)
        yield Step(at_ms, partial(do, at_ms=at_ms))


def _changes(place: Place, changes: Iterable[Change]) -> Iterator[Step]:
    for change in changes:
        if repository_of(change) == place.name:
            yield Step(change.at_ms, partial(_change, change=change), change.number)


def _change(maker: Maker, change: Change) -> Landed:
    if not change.reverts:
        return maker.change(change)
    by = person(change.session.partition("-")[0]) if change.session else somebody(random.Random(f"button {change.number}"))
    return maker.revert(str(change.reverts), change.at_ms, by, change.number)


def _nights(place: Place, nights: Iterable[Night]) -> Iterator[Step]:
    for night in nights:
        if night.agent == place.night:
            yield Step(night.at_ms, partial(Maker.night, run=night.run, at_ms=night.at_ms))
            choose = random.Random(f"taken back {SEED} {night.run}")
            if choose.random() < REVERTED_SHARE:
                at_ms, by = night.at_ms + choose.randrange(DAY_MS // 2, REVERTED_DAYS * DAY_MS), somebody(choose)
                yield Step(at_ms, partial(Maker.revert, key=night.run, at_ms=at_ms, by=by))
