"""A difference is told with its interval and its unit, or not at all."""

import msgspec
import pytest

from wellspent.analytics.bought import Spending
from wellspent.analytics.effect import Difference, Effect, Grade, Plan, Question, conclude
from wellspent.analytics.initiative import Finding, Standing
from wellspent.analytics.statement.record import InitiativeLine
from wellspent.analytics.suggest import Suggestion
from wellspent.facts.attribution import Scope
from wellspent.facts.initiative import Decision, Initiative
from wellspent.surfaces.reports.evidence import figure_of, initiative_line

QUESTION = Question("small", "as-is", 100, 100, 95.0, "USD per outcome", "a method", (), Plan())


def effect(found: Difference | str, unit: str = "USD per outcome") -> Effect:
    return conclude(msgspec.structs.replace(QUESTION, unit=unit), found)


@pytest.mark.parametrize(
    ("unit", "told"),
    [
        ("USD per outcome", "−0.25 (−0.375 to −0.125) USD per outcome"),
        ("share", "−25 (−37.5 to −12.5) percentage points"),
    ],
)
def test_with_its_interval(unit: str, told: str) -> None:
    assert figure_of(effect(Difference(-0.25, -0.375, -0.125, 0.001, 0.06), unit)) == told


def test_or_not_at_all() -> None:
    assert figure_of(effect("there are too few")) == ""


def test_a_pilot_with_and_without_a_decision() -> None:
    initiative = Initiative("bot", "ada", "it helps", Scope("team", "care"), "support", "2026-10-01", "2026-12-01")
    found = Standing(initiative, Spending(5, 1), 9, None, None, None, (), Suggestion("", "nothing"), 5)
    open_, line = "wellspent initiatives show bot", initiative_line(found)
    assert line == InitiativeLine("bot", "ada", 5, 9, "nothing is known yet", "none", "", "2026-12-01", open_)
    decided = msgspec.structs.replace(initiative, decision=Decision("stop", "bob", 1, "too dear"))
    evidence = (Finding(Grade.C, "$2 for each of 50", "a rule"),)
    line = initiative_line(msgspec.structs.replace(found, initiative=decided, evidence=evidence))
    assert (line.evidence, line.grade, line.decision) == ("$2 for each of 50", "C", "stop: too dear")
