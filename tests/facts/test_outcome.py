"""What events of an outcome come to: whatever their order, and as it was known at any time."""

import random

from hypothesis import given
from hypothesis import strategies as st

from wellspent.facts.outcome import STATES, OutcomeEvent, State, outcome_of


def event(state: State, occurred: int, recorded: int = 0, **said: object) -> OutcomeEvent:
    return OutcomeEvent("zendesk", "T1", "conversation_solved", state, occurred, recorded, **said)  # type: ignore[arg-type]


def test_nothing_said_is_no_outcome() -> None:
    assert outcome_of([]) is None
    assert outcome_of([event("settled", 5, recorded=9)], recorded_until_ms=8) is None


def test_an_outcome_settles_is_reopened_settles_again_and_is_reversed() -> None:
    events = [event("pending", 1), event("settled", 2), event("pending", 3), event("settled", 4), event("reversed", 5)]
    stands = [outcome_of(events[:count]) for count in range(1, 6)]
    assert [found.state for found in stands if found] == ["pending", "settled", "pending", "settled", "reversed"]
    assert [found.counts for found in stands if found] == [False, True, False, True, False]
    assert [found.reversals for found in stands if found] == [0, 0, 1, 1, 2]
    assert [found.settled_at_ms for found in stands if found] == [None, 2, 2, 4, 4]
    assert all(found is not None and found.began_at_ms == 1 for found in stands)


def test_what_is_said_to_be_settled_again_stands_since_the_first_time() -> None:
    found = outcome_of([event("settled", 2), event("settled", 9)])
    assert found is not None
    assert (found.settled_at_ms, found.reversals) == (2, 0)


def test_a_reversal_waits_for_what_it_reverses() -> None:
    waiting = outcome_of([event("reversed", 9)])
    assert waiting is not None
    assert (waiting.waits, waiting.counts) == (True, False)
    known = outcome_of([event("reversed", 9), event("settled", 3)])
    assert known is not None
    assert (known.waits, known.state, known.settled_at_ms, known.reversals) == (False, "reversed", 3, 1)


def test_what_was_known_can_be_told_again() -> None:
    events = [event("settled", 2, recorded=10), event("reversed", 3, recorded=20)]
    before, after = outcome_of(events, 19), outcome_of(events, 20)
    assert before is not None
    assert after is not None
    assert (before.state, after.state) == ("settled", "reversed")


def test_later_events_say_more_and_take_nothing_back() -> None:
    events = [
        event("pending", 1, team="core", value_nanousd=7, links=(("run", "r1"),), evidence=(("url", "a"),)),
        event("settled", 2, attested="confirmed", links=(("session", "s1"),), evidence=(("url", "b"), ("by", "ann"))),
    ]
    found = outcome_of(events)
    assert found is not None
    last = found.last
    assert (last.team, last.value_nanousd, last.attested) == ("core", 7, "confirmed")
    assert last.links == (("run", "r1"), ("session", "s1"))
    assert last.evidence == (("by", "ann"), ("url", "b"))


moments = st.integers(0, 5)
said = st.builds(event, st.sampled_from(STATES), moments, moments)


@given(st.lists(said, max_size=8), st.integers(0, 6), st.randoms())
def test_order_of_arrival_changes_nothing(events: list[OutcomeEvent], known_ms: int, shuffler: random.Random) -> None:
    other = list(events)
    shuffler.shuffle(other)
    one, two = outcome_of(events, known_ms), outcome_of(other, known_ms)
    assert one == two
    if one is not None:
        assert one.counts == (one.state == "settled")
        assert one.reversals <= len(events)
        assert not one.counts or one.settled_at_ms is not None
