"""Hours of review: a range that holds, in which nobody reviews two things at once."""

import msgspec
import pytest
from hypothesis import given
from tests.rework.delay.stories import HOUR_MS, NOW_MS, START_MS, any_story, story

from wellspent.facts.review import ReviewEvent
from wellspent.rework.delay.effort import Effort, efforts, key_of
from wellspent.rework.delay.timeline import timelines

MINUTE_MS = 60_000
APP, WEB = ("github", "acme/app#1"), ("github", "acme/web#2")


def minutes(*stories: list[ReviewEvent]) -> dict[tuple[str, str], tuple[float, float]]:
    found, _ = timelines([event for events in stories for event in events], NOW_MS)
    return {key: (effort.low_ms / MINUTE_MS, effort.high_ms / MINUTE_MS) for key, effort in efforts(found).items()}


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("0 opened; 10 approved ben", 1, 90),  # how many lines there are is not known
        ("0 opened; 1 described 50; 10 approved ben", 1, 15),  # 50 lines at 200 an hour
        ("0 opened; 1 described 5000; 10 approved ben", 1, 90),
        ("0 opened; 1 described 0; 10 approved ben", 1, 1),
        ("0 opened; 1 described 50; 10 commented ben; 10.25 approved ben", 16, 30),  # a quarter of an hour between two acts
        ("0 opened; 1 described 50; 10 commented ben; 11 approved ben", 2, 75),  # an hour between: maybe
        ("0 opened; 1 described 50; 10 commented ben; 20 approved ben", 2, 30),  # came anew
        ("0 opened; 1 described 50; 10 commented ben; 10 commented ben", 1, 15),  # a review with two comments
        ("0 opened; 1 described 50; 10 commented ben; 10 approved cat", 2, 30),  # two people
        ("0 opened; 0.1 described 5000; 0.5 approved ben", 1, 30),  # nobody read it before it was there
        ("0 opened; 0 approved ben", 0, 0),
        ("0 opened; 1 commented ann; 2 commented bot; 3 merged", None, None),
    ],
)
def test_examples(text: str, low: float | None, high: float | None) -> None:
    assert minutes(story(text)) == ({} if low is None else {APP: (low, high)})


def test_who_was_elsewhere_before_was_not_here() -> None:
    app, web = "0 opened; 1 described 5000; 10 commented ben", "0 opened; 1 described 5000; 10.25 approved ben"
    found = minutes(story(app), story(web, "acme/web#2"))
    assert found[WEB] == (15, 15), "the quarter of an hour since the other, not 90 minutes"
    assert minutes(story(web, "acme/web#2"))[WEB] == (1, 90)


def test_an_act_in_a_draft_is_work_too() -> None:
    assert minutes(story("0 opened; 0 drafted; 1 described 50; 2 commented ben"))[APP] == (1, 15)


@given(any_story("acme/app#1"), any_story("acme/web#2"))
def test_the_range_holds_and_nobody_reviews_two_things_at_once(one: list[ReviewEvent], other: list[ReviewEvent]) -> None:
    found, _ = timelines(one + other, NOW_MS)
    effort = efforts(found)
    assert set(effort) == {key_of(timeline) for timeline in found if timeline.reviewed}
    assert all(0 <= each.low_ms <= each.high_ms and each.minutes.low <= each.minutes.high for each in effort.values())
    for person in ("ben", "cat"):
        alone = [msgspec.structs.replace(each, acts=tuple(act for act in each.acts if act.actor == person)) for each in found]
        last_ms = max((act.at_ms for each in alone for act in each.acts), default=START_MS)
        assert sum(each.high_ms for each in efforts(alone).values()) <= last_ms - START_MS


def test_sums() -> None:
    assert Effort(1, 2) + Effort(10, 20) == Effort(11, 22)
    assert (Effort(1, HOUR_MS).minutes.low, Effort(1, HOUR_MS).minutes.high) == (1, 60)
