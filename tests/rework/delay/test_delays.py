"""Groups of changes: what they waited for, what review took, what that cost, and what the article method takes."""

from pathlib import Path

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.rework.delay.stories import HOUR_MS, NOW_MS, START_MS, any_story, story

from wellspent.config import Config, ReworkConfig
from wellspent.facts.review import ReviewEvent
from wellspent.rework.delay.delays import Delay, Rates, article_changes, by_author, delays, hours, review_minutes
from wellspent.rework.delay.effort import Effort, efforts
from wellspent.rework.delay.folding import ALL, OTHERS
from wellspent.rework.delay.settings import rates_of, workweek_of
from wellspent.rework.delay.timeline import Timeline, timelines
from wellspent.rework.delay.worktime import Worktime, Workweek
from wellspent.rework.survival.article import Change
from wellspent.rework.survival.people import Span

NANO = 10**9
PEOPLE = ("ben", "cat", "dan", "eve", "fay", "gus")


def made(
    repository: str, count: int, people: int = 6, text: str = "0 opened; {n} described 100 bug; {n} approved {who}; {twice} merged"
) -> list[ReviewEvent]:
    """Changes of which the first is picked up after an hour, the second after two …"""
    found = []
    for number in range(1, count + 1):
        told = text.format(n=number, twice=2 * number, who=PEOPLE[number % (people - 1)] if people > 1 else "ann")
        found += story(told, f"{repository}#{number}")
    return found


def of(*events: list[ReviewEvent]) -> list[Timeline]:
    return timelines([event for each in events for event in each], NOW_MS)[0]


def by_repository(timeline: Timeline) -> tuple[str, ...]:
    return (timeline.repository,)


def told(found: list[Timeline], **more: object) -> list[Delay]:
    return delays(found, efforts(found), by_repository, **more)  # type: ignore[arg-type]


def test_a_line_for_each_group_and_one_for_those_of_few_people() -> None:
    web = story("0 opened ida; 1 approved joe; 2 merged", "acme/web#1", author="ida")
    docs = story("0 opened ken; 1 approved lea; 1 approved ben; 2 merged", "acme/docs#1", author="ken")
    found = told(of(made("acme/app", 21), web, docs, made("acme/zoo", 11)))
    assert [(each.group, each.changes, each.people) for each in found] == [(("acme/app",), 21, 6), (("acme/zoo",), 11, 6), ((OTHERS,), 2, 5)]
    app = found[0]
    assert (app.every_hour.pickup.median_ms, app.every_hour.review.median_ms, app.every_hour.to_merge.median_ms) == (
        11 * HOUR_MS,
        11 * HOUR_MS,
        22 * HOUR_MS,
    )
    assert app.every_hour.pickup.low_ms is not None and app.every_hour.pickup.high_ms is not None
    assert app.every_hour.pickup.low_ms < 11 * HOUR_MS < app.every_hour.pickup.high_ms
    assert (app.rounds, app.reviewed, app.unreviewed, app.people, app.open, app.closed) == (21, 21, 0, 6, 0, 0)
    assert app.every_hour.waited_ms == sum(2 * number for number in range(1, 22)) * HOUR_MS


def test_few_people_in_all_are_one_line() -> None:
    (only,) = told(of(made("acme/app", 3, people=2), made("acme/web", 2, people=1)))
    assert (only.group, only.changes) == ((ALL,), 5)
    assert told([]) == []


def test_costs_are_told_where_somebody_gave_a_rate() -> None:
    timelines_ = of(made("acme/app", 10))
    (plain,) = told(timelines_)
    assert (plain.review_nanousd, plain.delay_nanousd) == (None, None)
    (priced,) = told(timelines_, rates=Rates(Span(60 * NANO, 120 * NANO), Span(2 * NANO, 3 * NANO)))
    minutes = priced.effort.minutes
    assert priced.review_nanousd == Span(minutes.low * NANO, minutes.high * 2 * NANO)
    assert priced.delay_nanousd == Span(110 * 2 * NANO, 110 * 3 * NANO), "110 hours of waiting"


def test_working_hours_are_told_beside_all_hours() -> None:
    worktime = Worktime(Workweek("UTC", frozenset(range(5)), 9 * 60, 17 * 60), START_MS, NOW_MS)
    (found,) = told(of(made("acme/app", 10)), worktime=worktime, rates=Rates(delay=Span(NANO, NANO)))
    assert found.work_hours is not None
    assert found.work_hours.waited_ms < found.every_hour.waited_ms
    assert found.delay_nanousd is not None and found.delay_nanousd.low == -(-found.work_hours.waited_ms // 60_000) * NANO // 60
    assert found.every_hour.pickup.median_ms == 5 * HOUR_MS, "all hours stay"


def test_review_that_changed_nothing() -> None:
    """Of ended changes alone: what is open may yet be changed."""
    changed = "0 opened; 1 described 200; {n} changes {who}; {n}.5 pushed; {twice} merged"
    found = of(made("acme/app", 10, text=changed), made("acme/app2", 10), story("0 opened; 1 approved ben", "acme/app3#1"))
    (line,) = delays(found, efforts(found), lambda timeline: ("all of it",))
    assert line.idle == review(found, "acme/app2") and line.known_effort == line.idle + review(found, "acme/app")
    assert line.effort == line.known_effort + review(found, "acme/app3")


def review(found: list[Timeline], repository: str) -> Effort:
    effort = efforts(found)
    return sum((each for key, each in effort.items() if key[1].startswith(f"{repository}#")), Effort())


def test_by_who_wrote_it() -> None:
    found = of(made("acme/app", 12))
    groups = {f"merge of acme/app#{number}": "ai" if number % 2 else "human" for number in range(1, 11)}
    by = by_author(groups)
    written = {timeline.change: by(timeline)[0] for timeline in found + of(story("0 opened; 1 approved ben", "acme/app#99"))}
    assert (written["acme/app#1"], written["acme/app#2"]) == ("ai", "human")
    assert (written["acme/app#12"], written["acme/app#99"]) == ("unknown", "unknown"), "what nobody tells is unknown"
    lines = delays(found, efforts(found), by)
    assert sum(each.changes for each in lines) == 12


def test_what_the_article_takes() -> None:
    found = of(
        story("0 opened; 1 described 200 bug; 5 approved ben; 6 merged", "a/b#1"),
        story("0 opened; 1 described 0 upkeep; 5 changes cat; 6 pushed; 7 merged", "a/b#2"),
        story("0 opened; 1 described 0 feature; 7 merged", "a/b#3"),
        story("0 opened; 1 approved ben", "a/b#4"),
        story("0 opened; 1 approved ben; 2 closed", "a/b#5"),
    )
    effort = efforts(found)
    # ben was at a/b#5 and a/b#4 at 1 h, so that a/b#1 four hours later took a minute to an hour
    assert article_changes(found, effort) == [Change("bug", 31, False), Change("upkeep", 1, True), Change("feature", None, None)]
    assert review_minutes(found[:1], effort) == Span(1, 60)
    assert hours(90 * 60_000) == 1.5


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(0, 2), min_size=1, max_size=6), st.data())
def test_groups_are_a_part_of_the_whole(repositories: list[int], data: st.DataObject) -> None:
    events = [event for number, repository in enumerate(repositories) for event in data.draw(any_story(f"acme/{repository}#{number}"))]
    found = of([msgspec.structs.replace(event, repository=event.change.split("#")[0]) for event in events])
    lines = told(found)
    ready = [timeline for timeline in found if timeline.ready_at_ms is not None]
    assert sum(each.changes for each in lines) == len(ready)
    assert all(each.changes == each.merged + each.closed + each.open for each in lines)
    assert sum((each.effort for each in lines), Effort()) == sum(
        (efforts(found).get((each.source, each.change), Effort()) for each in ready), Effort()
    )
    for each in lines:
        assert each.idle.low_ms <= each.known_effort.low_ms <= each.effort.low_ms
        assert each.idle.high_ms <= each.known_effort.high_ms <= each.effort.high_ms
        assert each.unreviewed + each.reviewed == each.merged


def test_what_the_configuration_says() -> None:
    config = Config(Path("data"), timezone="Europe/Zurich")
    assert (rates_of(config), workweek_of(config)) == (Rates(), None)
    said = ReworkConfig((80, 140.5), (1, 2), ("mon", "fri"), ("09:00", "17:30"))
    config = msgspec.structs.replace(config, rework=said)
    assert rates_of(config) == Rates(Span(80 * NANO, 140 * NANO + NANO // 2), Span(NANO, 2 * NANO))
    assert workweek_of(config) == Workweek("Europe/Zurich", frozenset({0, 4}), 540, 1050)
