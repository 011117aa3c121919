"""Where a pilot stands: figures that follow from facts, unknown said as unknown, and no number that adds up cost and worth."""

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
from tests.analytics.pilots import CONTRACT, DAY_MS, NOW_MS, PILOT, RUN, USD, effect, linked, outcome, spent

from wellspent.analytics.bought import Spending, bought_by
from wellspent.analytics.effect import Effect, Grade
from wellspent.analytics.initiative import Known, Standing, standing
from wellspent.facts.initiative import Decision, Initiative, Target
from wellspent.facts.outcome import Outcome


def stands(outcomes: list[Outcome], spending: Spending, *, pilot: Initiative = PILOT, known: Known | None = None, now_ms: int = NOW_MS) -> Standing:
    known = known or Known(CONTRACT, 500 * USD)
    bought = bought_by(pilot, known.contract, outcomes, frozenset({RUN}), now_ms, "UTC") if known.contract else None
    return standing(pilot, spending, bought, known, now_ms, "UTC")


def pilot(**changes: Any) -> Initiative:
    return msgspec.structs.replace(PILOT, **changes)


def test_cost_outcomes_and_what_one_costs() -> None:
    found = stands([*linked(20), outcome("deal", kind="deal")], spent(300))
    assert found.bought is not None
    assert found.each is not None
    assert (found.bought.settled, found.each.nanousd, found.before_nanousd) == (20, 15 * USD, 55 * USD)
    assert (found.used_percent, found.overdue, found.days_left) == (60.0, False, 10)
    assert found.suggestion.choice == "scale"


def test_the_grade_is_that_of_the_least_sure_outcome() -> None:
    sure = stands(linked(20), spent(300))
    assert (sure.grade, len(sure.evidence)) == (Grade.C, 1)
    assert "20 share an id with a call of workflow:researcher" in sure.evidence[0].rule
    mixed = stands([*linked(20), outcome("ruled"), outcome("named", workflow="researcher", links=(("run", "x"),))], spent(300))
    assert mixed.grade is Grade.D
    assert "1 are said by their source to be of workflow:researcher; 1 by the rule of contract leads" in mixed.evidence[0].rule
    assert "20 of them are linked by id" in mixed.evidence[0].says


def test_effects_stand_before_allocation_the_best_first() -> None:
    effects = (effect(None, None, grade=Grade.NONE), effect(0.1, 0.2, grade=Grade.B), effect(0.1, 0.2))
    found = stands(linked(20), spent(300), known=Known(CONTRACT, None, effects))
    assert [each.grade for each in found.evidence] == [Grade.A, Grade.B, Grade.C, Grade.NONE]
    assert found.grade is Grade.A
    assert found.evidence[0].rule == "agent (100) against people (100), in share: Newcombe"


def test_an_effect_that_is_not_known_is_said_to_be_looked_for() -> None:
    found = stands(linked(20), spent(300), pilot=pilot(experiment="models"), known=Known(CONTRACT, problem="it is still being reckoned"))
    assert [each.grade for each in found.evidence] == [Grade.C, Grade.NONE]
    assert (found.evidence[1].says, found.evidence[1].rule) == ("no evidence yet: it is still being reckoned", "the effect that models is to find")
    assert stands([], spent(0), known=Known(None, problem="x")).grade is Grade.NONE


def test_unknown_is_not_zero() -> None:
    found = stands(linked(20), spent(300), known=Known(None))
    assert (found.bought, found.each, found.before_nanousd, found.limit_nanousd, found.used_percent) == (None, None, None, None, None)
    assert (found.evidence, found.grade) == ((), Grade.NONE)
    assert "what it brought is unknown: there is no contract 'leads'" in found.suggestion.text
    bare = msgspec.structs.replace(CONTRACT, baseline=None)
    assert stands([], spent(0), known=Known(bare)).before_nanousd is None
    assert stands(linked(20), spent(300, unpriced=2)).evidence[0].says.startswith("at least $15.00")


def test_an_effect_is_held_against_a_target_that_is_one() -> None:
    aimed = pilot(target=Target(effect=0.05, unit="share"), experiment="models")
    found = stands(linked(20), spent(300), pilot=aimed, known=Known(CONTRACT, None, (effect(0.1, 0.2),), 200))
    assert found.suggestion.choice == "scale"
    assert found.evidence[0].says == "As the verdict says."
    told = stands([], spent(1), known=Known(CONTRACT, None, (effect(0.1, 0.2, measure="share of runs"),)))
    assert told.evidence[0].says == "share of runs: As the verdict says."
    early: tuple[Effect, ...] = (effect(0.1, 0.2, treated_n=10, control_n=10),)
    assert "180 more units" in stands([], spent(1), pilot=aimed, known=Known(CONTRACT, None, early, 200)).suggestion.text


def test_without_a_target_nothing_is_suggested_and_before_it_begins_neither() -> None:
    assert "no target" in stands(linked(20), spent(300), pilot=pilot(target=None)).suggestion.text
    found = stands([], Spending(0, 0), now_ms=NOW_MS - 90 * DAY_MS)
    assert (found.suggestion.choice, found.suggestion.text) == ("", "it begins on 2026-09-01")


@pytest.mark.parametrize(("days", "left"), [(-10, 10), (0, 0), (0.999, 0), (1, -1), (2.5, -2)])
def test_the_day_to_decide_is_in_time_until_its_end(days: float, left: int) -> None:
    at = datetime(2026, 11, 10, tzinfo=UTC) + timedelta(days=days)
    found = stands([], spent(0), now_ms=int(at.timestamp() * 1000))
    assert (found.days_left, found.overdue) == (left, left < 0)


def test_what_is_decided_is_never_overdue() -> None:
    decided = pilot(decision=Decision("stop", "ada", NOW_MS, "enough"))
    found = stands([], spent(0), pilot=decided, now_ms=NOW_MS + 99 * DAY_MS)
    assert (found.days_left, found.overdue) == (None, False)
