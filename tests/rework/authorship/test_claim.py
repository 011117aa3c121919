from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from wellspent.rework.authorship.claim import FIELDS, HUMAN, UNKNOWN, Author, Rung, State, agree, ai, common, filled

NAMES = st.sampled_from(("", "a", "b"))
KNOWN = st.one_of(st.just(HUMAN), st.builds(ai, NAMES, NAMES, NAMES))
AUTHORS = st.one_of(st.just(UNKNOWN), KNOWN)


@given(st.lists(AUTHORS, min_size=1))
def test_what_all_say_is_what_each_says(authors: Sequence[Author]) -> None:
    shared = common(authors)
    assert shared.state in (State.UNKNOWN, *(each.state for each in authors))
    if shared.state is not State.UNKNOWN:
        for field in FIELDS:
            assert getattr(shared, field) in ("", *{getattr(each, field) for each in authors}) and (
                not getattr(shared, field) or all(getattr(each, field) == getattr(shared, field) for each in authors)
            )


@given(st.lists(AUTHORS))
def test_the_order_and_repetition_of_what_is_said_do_not_matter(authors: Sequence[Author]) -> None:
    assert common(authors) == common([*reversed(authors), *authors])


@given(AUTHORS, AUTHORS)
def test_agreeing_is_mutual(one: Author, other: Author) -> None:
    assert agree(one, one) and agree(one, other) == agree(other, one)


@given(st.lists(AUTHORS, min_size=1), st.lists(AUTHORS))
def test_filling_changes_nothing_that_is_said(said: Sequence[Author], others: Sequence[Author]) -> None:
    before = common(said)
    after = filled(before, said, others)
    assert after.state is before.state
    assert all(getattr(before, field) in ("", getattr(after, field)) for field in FIELDS)


def test_an_agent_and_a_person_together_are_unknown_and_two_tools_are_an_agent_without_a_name() -> None:
    assert common([ai("codex"), HUMAN]) == UNKNOWN
    assert common([ai("codex", "m"), ai("amp", "m")]) == ai("", "m")
    assert common([]) == UNKNOWN


def test_what_the_best_contradict_each_other_about_is_not_filled() -> None:
    two = [ai("codex"), ai("amp")]
    assert filled(common(two), two, [ai("codex", "gpt-5")]) == ai("")
    sessions = [ai("codex", session="1"), ai("codex", session="2")]
    assert filled(common(sessions), sessions, [ai("codex", "gpt-5", "3")]) == ai("codex", "gpt-5")


def test_rungs_are_named_and_only_the_first_three_tell_of_lines() -> None:
    assert len({rung.words for rung in Rung}) == len(Rung)
    assert [rung for rung in Rung if rung.tells_lines] == [Rung.NOTE, Rung.TRACE, Rung.TRANSCRIPT]
