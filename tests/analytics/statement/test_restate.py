"""A figure that is another now is listed with a reason; one that is not is not listed."""

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.analytics.statement.made import CHANGES, SUPPORT, USD, bought, spent, stated

from wellspent.analytics.statement.record import Restated, Statement
from wellspent.analytics.statement.restate import Issued, restated
from wellspent.analytics.statement.why import Correction, Moved, Since, Stood, moved_of
from wellspent.facts.outcome import Outcome, OutcomeEvent, outcome_of

CONTRACTS = (SUPPORT, CHANGES)
MONIES = (spent("support", "2026-10-05", 10 * USD), spent("support", "2026-09-05", 10 * USD), spent("", "2026-10-05", USD))
OUTCOMES = (bought("support", "2026-10-05", 10), bought("support", "2026-09-05", 10))
NOTHING = Since()
THEN = stated(CONTRACTS, MONIES, OUTCOMES)


def now(settled: int = 10, before: int = 10, monies: Any = MONIES, contracts: Any = CONTRACTS, **said: Any) -> Statement:
    outcomes = (bought("support", "2026-10-05", settled), bought("support", "2026-09-05", before))
    return stated(contracts, monies, outcomes, **said)


def lines(after: Statement, since: Since = NOTHING, told: Any = ()) -> dict[str, Restated]:
    found = restated(Issued(1, 1, THEN), after, since, told)
    return {": ".join(filter(None, (each.section, each.item, each.name))): each for each in found}


@given(st.integers(0, 20), st.integers(0, 20), st.integers(0, 20))
def test_exactly_what_differs_is_listed_and_has_a_reason(settled: int, before: int, dollars: int) -> None:
    after = now(settled, before, (*MONIES[1:], spent("support", "2026-10-05", dollars * USD)))
    found = restated(Issued(1, 1, THEN), after, Since())
    assert all(each.was != each.now and each.why for each in found)
    listed = {(each.section, each.item, each.name) for each in found}
    for was in THEN.figures:
        is_now = after.figure(was.section, was.item, was.name)
        assert is_now is not None
        if was.unit != "percent":
            assert ((was.section, was.item, was.name) in listed) == (was.value != is_now.value)
            assert ((was.section, was.item, f"{was.name}, period before") in listed) == (was.before != is_now.before)


def test_the_same_facts_say_the_same() -> None:
    moved = Moved("support", "desk T1", ("2026-10-05",), "were undone since")
    assert lines(now(), Since((moved,), (Stood("support", "2026-10-05", 1),))) == {}


def test_outcomes_undone_since_are_the_reason_and_are_named() -> None:
    moved = tuple(Moved("support", f"desk T{number}", ("2026-10-05",), "were undone since") for number in range(4))
    found = lines(now(6), Since(moved))
    why = ("4 outcomes of support were undone since (desk T0, desk T1, desk T2 …)",)
    settled = found["output: support: settled"]
    assert (settled.was, settled.now, settled.why, settled.number, settled.period, settled.told) == (10, 6, why, 1, "2026-10", 0)
    assert found["cost per outcome: support: cost per outcome"].why == why
    assert "output: changes: settled" not in found


def test_outcomes_of_another_day_or_contract_are_no_reason_of_a_count() -> None:
    elsewhere = Moved("support", "desk T1", ("2026-08-05",), "were undone since")
    other = Moved("changes", "git 1", ("2026-10-05",), "were undone since")
    stood = Stood("support", "2026-10-05", 2)
    found = lines(now(6), Since((elsewhere, other), (stood, Stood("changes", "2026-10-05", 7), Stood("support", "2026-09-05", 9))))
    assert found["output: support: settled"].why == ("2 outcomes of support have stood for long enough since",)


def test_figures_of_the_period_before_have_their_own_reasons() -> None:
    since = Since((Moved("support", "desk T1", ("2026-09-05",), "were heard of only since"),))
    found = lines(now(10, 11), since)
    assert found["output: support: settled, period before"].why == ("1 outcomes of support were heard of only since (desk T1)",)
    assert "output: support: settled" not in found


def test_an_outcome_of_any_day_may_carry_money_of_the_period() -> None:
    """An outcome of November that names a run of October takes its money out of the unallocated."""
    monies = (spent("support", "2026-10-05", 11 * USD), *MONIES[1:2])
    since = Since((Moved("support", "desk T9", ("2026-11-02",), "were heard of only since"),))
    found = lines(now(monies=monies), since)
    why = ("1 outcomes of support were heard of only since (desk T9)",)
    assert found["carried by outcomes: unallocated"].why == why
    assert found["spending by contract: support: spent"].why == why
    assert found["cost per outcome: support: cost per outcome"].why == why


def test_a_changed_definition_is_a_reason() -> None:
    stricter = msgspec.structs.replace(SUPPORT, settle_after="7d")
    assert lines(now(6, contracts=(stricter, CHANGES)))["output: support: settled"].why == ("the contract support says something else",)
    gone = lines(now(contracts=(SUPPORT,)))["output: changes: settled"]
    assert (gone.was, gone.now, gone.why) == (0, None, ("the contract changes is gone",))
    more = msgspec.structs.replace(CHANGES, name="more", kind="lead")
    new = lines(now(contracts=(*CONTRACTS, more)))["output: more: settled"]
    assert (new.was, new.now, new.why) == (None, 0, ("the contract more is new",))


def test_another_calendar_is_a_reason() -> None:
    found = lines(now(6, timezone="Europe/Zurich"))["output: support: settled"]
    assert found.why == ("the calendar is another: 2026-10-01 to 2026-10-31 (UTC), now 2026-10-01 to 2026-10-31 (Europe/Zurich)",)
    found = lines(now(6, before_text="August"))["output: support: settled"]
    assert found.why == ("the period before is another: September 2026, now August",)


def test_corrections_posted_since_are_told_though_no_figure_moves() -> None:
    """They count in the period in which they were posted: what was issued stands."""
    since = Since(corrections=(Correction("2026-10-20", "an invoice", -2 * USD, 3), Correction("2026-11-20", "an invoice", USD, 1)))
    found = lines(now(), since)
    assert list(found) == ["corrections: posted since, counted when posted"]
    (line,) = found.values()
    assert (line.was, line.now, line.why) == (0, -2 * USD, ("-$2.00 of 2026-10-20 in 3 entries: an invoice",))


def test_what_nothing_explains_says_so() -> None:
    assert lines(now(6))["output: support: settled"].why == ("neither outcomes, corrections nor definitions explain it",)
    newer = lines(now(6, made_with="2.0"))["output: support: settled"]
    assert newer.why == ("neither outcomes, corrections nor definitions explain it: it was made with wellspent 1.0, now with 2.0",)


def test_what_a_later_statement_told_already_is_marked() -> None:
    first = tuple(restated(Issued(1, 1, THEN), now(6), Since()))
    later = Issued(2, 1, msgspec.structs.replace(now(6), restated=first))
    assert {each.told for each in lines(now(6), told=[later]).values()} == {2}
    assert lines(now(5), told=[later])["output: support: settled"].told == 0
    other = Issued(3, 1, msgspec.structs.replace(now(6), restated=tuple(msgspec.structs.replace(each, number=9) for each in first)))
    assert {each.told for each in lines(now(6), told=[other]).values()} == {0}


def test_a_statement_is_the_same_after_it_was_kept() -> None:
    assert msgspec.json.decode(msgspec.json.encode(THEN), type=Statement) == THEN
    huge = stated(CONTRACTS, [spent("", "2026-10-05", 9_007_199_254_740_993)], [])
    again = msgspec.json.decode(msgspec.json.encode(huge), type=Statement).figure("spending", "", "total")
    assert again is not None and again.value == 9_007_199_254_740_993


def event(state: str, at: int = 1, **said: Any) -> OutcomeEvent:
    return OutcomeEvent("desk", "T1", said.pop("kind", "solved"), state, at, **said)  # type: ignore[arg-type]


def of(*events: OutcomeEvent) -> Outcome:
    found = outcome_of(events)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("then", "after", "how"),
    [
        ((), (event("settled"),), "were heard of only since"),
        ((event("settled"),), (event("reversed", 2),), "were undone since"),
        ((event("pending"),), (event("settled", 2),), "were settled since"),
        ((event("settled"),), (event("pending", 2),), "were reopened since"),
        ((event("settled"),), (event("settled", 2, value_nanousd=5, links=(("run", "r"),)),), "were told otherwise since (value, links)"),
        ((event("settled", 5),), (event("settled", 2),), "were told otherwise since (time)"),
        ((event("settled"),), (event("settled", 2),), ""),
        ((event("settled", kind="other"),), (event("reversed", 2, kind="other"),), ""),
    ],
)
def test_what_became_of_an_outcome(then: tuple[OutcomeEvent, ...], after: tuple[OutcomeEvent, ...], how: str) -> None:
    found = moved_of(CONTRACTS, of(*then) if then else None, of(*then, *after), ("2026-10-05",))
    assert (found.how if found else "") == how
    if found:
        assert (found.contract, found.name, found.days) == ("support", "desk T1", ("2026-10-05",))
