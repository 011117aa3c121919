"""Timelines: the stages of a change, by the field's definitions, whatever the order in which events come."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.rework.delay.stories import HOUR_MS, NOW_MS, START_MS, any_story, story

from wellspent.facts.review import ReviewEvent
from wellspent.rework.delay.timeline import Timeline, timelines
from wellspent.rework.delay.worktime import Worktime

ALL_HOURS = Worktime(None, 0, 0)


def of(events: list[ReviewEvent], now_ms: int = NOW_MS) -> Timeline:
    ((found,), headless) = timelines(events, now_ms)
    assert headless == 0
    return found


@pytest.mark.parametrize(
    ("text", "pickup", "review", "to_merge"),
    [
        ("0 opened; 3 commented ben; 10 merged", "3", "7", "10"),
        ("0 opened; 1 commented ann; 2 commented bot; 3 approved ben; 4 merged ann", "3", "1", "4"),  # the author and bots are no pickup
        ("0 opened; 0 drafted; 5 ready; 6 reviewed ben; 8 merged", "1", "2", "3"),  # draft is coding
        ("0 opened; 0 drafted; 2 commented ben; 5 ready; 8 merged", "3", "0", "3"),  # a look into a draft ends no wait
        ("0 opened; 9 merged ben", "9", "0", "9"),  # nobody commented: the merge ends the pickup
        ("0 opened; 2 drafted; 6 ready; 8 changes ben; 9 merged", "4", "1", "5"),  # back in draft from 2 to 6
        ("0 opened; 1 closed; 4 reopened; 5 commented ben; 7 merged", "2", "2", "4"),  # closed from 1 to 4
        ("0 opened", "1000+", "-", "1000+"),
        ("0 opened; 4 commented ben", "4", "996+", "1000+"),
        ("0 opened; 4 closed", "4+", "-", "4+"),
        ("0 opened; 1 approved ben; 4 closed", "1", "3+", "4+"),
        ("0 opened; 0 drafted", "-", "-", "-"),
        ("0 opened; 3 closed; 3 merged; 4 reopened; 5 commented ben", "3", "0", "3"),  # after a merge nothing counts
    ],
)
def test_stages(text: str, pickup: str, review: str, to_merge: str) -> None:
    found = of(story(text))

    def told(spell: object) -> str:
        return "-" if spell is None else f"{spell.ms / HOUR_MS:g}" + ("" if spell.seen else "+")  # type: ignore[attr-defined]

    assert (told(found.pickup(ALL_HOURS)), told(found.review(ALL_HOURS)), told(found.to_merge(ALL_HOURS))) == (pickup, review, to_merge)


@pytest.mark.parametrize(
    ("text", "rounds", "changed"),
    [
        ("0 opened; 9 merged ben", 0, None),
        ("0 opened; 1 pushed; 2 approved ben; 3 merged", 1, False),
        ("0 opened; 1 changes ben; 2 pushed; 3 approved ben; 4 merged", 2, True),
        ("0 opened; 1 commented ben; 1.5 changes cat; 2 pushed; 2.5 pushed; 3 approved ben; 4 merged", 2, True),
        ("0 opened; 1 approved ben; 2 merged; 3 pushed; 4 commented cat", 1, False),
        ("0 opened; 1 commented ben", 1, None),  # it may yet change
        ("0 opened; 1 commented ben; 2 pushed", 1, True),
        ("0 opened; 1 commented ben; 2 closed", 1, False),
        ("0 opened; 1 pushed ann; 1 approved ben; 2 merged", 1, False),  # in the same moment: first pushed, then approved
    ],
)
def test_rounds_and_whether_the_review_changed_anything(text: str, rounds: int, changed: bool | None) -> None:
    found = of(story(text))
    assert (found.rounds, found.changed_after_review) == (rounds, changed)


def test_what_it_is() -> None:
    found = of(story("0 opened; 1 described 30 bug; 2 approved ben; 3 described 300 feature; 4 merged ben"))
    assert (found.repository, found.work, found.lines, found.author, found.by_machine) == ("acme/app", "feature", 300, "ann", False)
    assert found.people == {"ann", "ben"} and found.reviewed and found.commit == "merge of acme/app#1"
    of_bot = of(story("0 opened bot; 1 approved ben; 2 merged", author="bot"))
    assert (of_bot.author, of_bot.by_machine, of_bot.lines, of_bot.work) == ("", True, None, "")
    assert of_bot.people == {"ben"}


def test_what_nobody_told_the_opening_of_is_left_out_and_counted() -> None:
    found, headless = timelines([*story("1 approved ben; 2 merged"), *story("0 opened", "acme/app#2")], NOW_MS)
    assert ([each.change for each in found], headless) == (["acme/app#2"], 1)


def test_what_is_later_has_not_happened() -> None:
    events = story("0 opened; 2 approved ben; 4 merged")
    assert of(events, START_MS + 3 * HOUR_MS).ended_at_ms is None
    assert timelines(events, START_MS - 1) == ([], 0)


@given(any_story(), any_story("acme/web#2"), st.randoms(use_true_random=False))
def test_the_order_and_repetition_of_events_changes_nothing(one: list[ReviewEvent], other: list[ReviewEvent], shuffle: random.Random) -> None:
    events = one + other + one[:3]
    ordered = timelines(one + other, NOW_MS)
    shuffle.shuffle(events)
    again, _ = timelines(events, NOW_MS)
    assert [each.change for each in again] == [each.change for each in ordered[0]]
    for left, right in zip(again, ordered[0], strict=True):
        assert (left.waits, left.picked_up_at_ms, left.ended_at_ms, left.rounds, left.changed_after_review) == (
            right.waits,
            right.picked_up_at_ms,
            right.ended_at_ms,
            right.rounds,
            right.changed_after_review,
        )


@given(any_story())
def test_pickup_and_review_are_the_way_to_the_merge(events: list[ReviewEvent]) -> None:
    found = of(events)
    pickup, review, whole = found.pickup(ALL_HOURS), found.review(ALL_HOURS), found.to_merge(ALL_HOURS)
    assert (pickup is None) == (whole is None) == (found.ready_at_ms is None)
    if pickup and whole:
        assert pickup.ms + (review.ms if review else 0) == whole.ms <= NOW_MS - START_MS
        assert (review is None) == (not pickup.seen)
        assert whole.seen == found.merged
    assert found.changed_after_review is None or found.reviewed
    assert found.rounds <= len(found.acts)
    assert all(begin < end for begin, end in found.waits)
    assert all(earlier[1] < later[0] for earlier, later in zip(found.waits, found.waits[1:], strict=False))
    assert "bot" not in found.people
