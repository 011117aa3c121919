"""Time that people say they saved: shown apart, and only where enough people said something."""

from hypothesis import given
from hypothesis import strategies as st

from wellspent import limits
from wellspent.analytics.selfreport import SelfReported, self_reported
from wellspent.facts.outcome import Outcome, OutcomeEvent, State, outcome_of


def report(number: int, minutes: int, by: str = "", *, at_ms: int = 1_000, state: State = "settled", kind: str = "time_saved") -> Outcome:
    evidence = (("by", by),) if by else ()
    found = outcome_of([OutcomeEvent("survey", f"r{number}", kind, state, at_ms, quantity=minutes, evidence=evidence)])
    assert found is not None
    return found


def week(at_ms: int) -> str:
    return f"week {at_ms // 1_000}"


def test_minutes_are_added_up_by_period() -> None:
    reports = [report(number, 30, f"person-{number}") for number in range(5)]
    reports += [report(number, 90, f"person-{number}", at_ms=2_000) for number in range(5, 11)]
    first, second = self_reported(reports, week)
    assert (first.period, first.reports, first.minutes, first.hours) == ("week 1", 5, 150, 2.5)
    assert (second.period, second.reports, second.hours) == ("week 2", 6, 9.0)


@given(st.lists(st.tuples(st.integers(1, 500), st.sampled_from(["", "ann", "ben", "cem", "dia", "eva"])), max_size=30))
def test_fewer_people_than_the_smallest_group_are_never_shown(said: list[tuple[int, str]]) -> None:
    found = self_reported([report(number, minutes, by) for number, (minutes, by) in enumerate(said)], week)
    people = len({by for _, by in said})
    if not said:
        assert found == ()
    elif people < limits.PEOPLE_MIN:
        assert found == (SelfReported("week 1", None, None),)
        assert found[0].hours is None
    else:
        assert found == (SelfReported("week 1", len(said), sum(minutes for minutes, _ in said)),)


def test_what_was_taken_back_or_is_something_else_is_left_out() -> None:
    reports = [report(number, 10, f"person-{number}") for number in range(5)]
    others = [report(6, 60, "x", state="reversed"), report(7, 60, "y", state="pending"), report(8, 60, "z", kind="solved")]
    assert self_reported([*reports, *others], week) == (SelfReported("week 1", 5, 50),)
