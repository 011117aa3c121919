"""Initiatives in the settings: one budget, one scope, decisions that never vanish."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import msgspec
import pytest

from wellspent.budgets.budget import Budget
from wellspent.facts.attribution import Scope
from wellspent.facts.clock import ManualClock
from wellspent.facts.errors import InvalidInput, NotFound
from wellspent.facts.initiative import Decision, Initiative, Target
from wellspent.identity.initiatives import history_of
from wellspent.identity.settings import Settings

USD = 10**9
SCOPE = Scope("workflow", "researcher")
PILOT = Initiative("leads", "zoe", "finds leads", SCOPE, "leads", "2026-09-01", "2026-12-01", target=Target(cost_nanousd=40 * USD))


def other(**changes: Any) -> Initiative:
    return msgspec.structs.replace(PILOT, **changes)


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(1_000)


@pytest.fixture
def settings(tmp_path: Path, clock: ManualClock) -> Iterator[Settings]:
    with closing(Settings.open(tmp_path / "settings.db", actor="test", clock=clock)) as opened:
        yield opened


def test_what_it_may_spend_is_a_budget_of_its_scope_and_only_that(settings: Settings) -> None:
    kept = settings.set_initiative(PILOT, limit_nanousd=500 * USD)
    assert kept.budget == "pilot-leads"
    (budget,) = settings.budgets()
    assert budget == Budget("pilot-leads", SCOPE, 500 * USD, "usd", "fixed", "alert", "2026-09-01", contact="zoe")
    settings.set_initiative(other(begins_on="2026-09-05"), at_limit="refuse")
    (budget,) = settings.budgets()
    assert (budget.limit, budget.at_limit, budget.starts_on, budget.hard) == (500 * USD, "refuse", "2026-09-05", True)
    settings.set_initiative(other(owner="ada"), limit_nanousd=700 * USD)
    assert (settings.budgets()[0].limit, settings.budgets()[0].at_limit) == (700 * USD, "refuse")
    assert settings.verify() == settings.version()


def test_what_people_said_of_its_budget_beside_stays(settings: Settings) -> None:
    settings.set_initiative(PILOT, limit_nanousd=500 * USD)
    cheaper = msgspec.structs.replace(settings.budgets()[0], at_limit="degrade", degrade_to=("gpt-5-mini",), alert_at_percent=(50,))
    settings.set_budget(cheaper)
    settings.set_initiative(other(owner="ada"))
    assert settings.budgets() == [cheaper]
    settings.set_initiative(other(owner="ada"), at_limit="alert")
    assert (settings.budgets()[0].degrade_to, settings.budgets()[0].alert_at_percent) == ((), (50,))


def test_it_may_have_no_budget_and_a_budget_that_is_removed_is_gone(settings: Settings) -> None:
    assert settings.set_initiative(PILOT).budget == ""
    assert settings.budgets() == []
    with pytest.raises(InvalidInput, match="no budget that could refuse"):
        settings.set_initiative(PILOT, at_limit="refuse")
    settings.set_initiative(PILOT, limit_nanousd=USD)
    settings.remove_budget("pilot-leads")
    assert settings.set_initiative(PILOT).budget == ""


def test_an_initiative_keeps_its_scope_even_after_it_was_removed(settings: Settings) -> None:
    settings.set_initiative(PILOT)
    settings.remove_initiative("leads")
    with pytest.raises(InvalidInput, match="is about workflow:researcher"):
        settings.set_initiative(other(scope=Scope("team", "growth")))
    settings.set_initiative(PILOT)
    assert settings.initiatives() == [PILOT]


def test_decisions_never_vanish(settings: Settings, clock: ManualClock) -> None:
    settings.set_initiative(PILOT)
    clock.advance_ms(5)
    first = settings.decide_initiative("leads", "change", by="ada", because="too few")
    assert first.decision == Decision("change", "ada", 1_005, "too few")
    assert settings.set_initiative(other(owner="bea")).decision == first.decision
    assert settings.set_initiative(other(owner="bea", decide_by="2027-01-01")).decision is None
    settings.decide_initiative("leads", "scale", by="ada", because="enough now")
    settings.decide_initiative("leads", "stop", by="bea", because="not after all")
    settings.remove_initiative("leads")
    steps = list(history_of("leads", settings.audit()))
    choices = [step.after.decision.choice if step.after and step.after.decision else None for step in steps]
    assert choices == [None, "change", "change", None, "scale", "stop", None]
    assert (steps[0].before, steps[-1].after) == (None, None)
    assert [step.seq for step in steps] == sorted({step.seq for step in steps})
    assert list(history_of("other", settings.audit())) == []
    assert settings.verify()


def test_a_new_initiative_is_not_born_decided(settings: Settings) -> None:
    settings.set_initiative(PILOT)
    settings.decide_initiative("leads", "stop", by="ada", because="enough")
    settings.remove_initiative("leads")
    assert settings.set_initiative(PILOT).decision is None


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"name": "Lead Pilot"}, "cannot be called"),
        ({"name": ""}, "cannot be called"),
        ({"owner": ""}, "owner"),
        ({"contract": " "}, "contract"),
        ({"hypothesis": " \n"}, "is empty"),
        ({"hypothesis": "x" * 2_001}, "2,001 characters"),
        ({"scope": Scope("person", "ada")}, "cannot be about person:ada"),
        ({"scope": Scope("run", "r1")}, "cannot be about run:r1"),
        ({"scope": Scope("team", "*")}, "cannot be about team:"),
        ({"scope": Scope("tag", "pilot")}, "is not a scope"),
        ({"begins_on": "soon"}, "which is no day"),
        ({"begins_on": "20260901"}, "begins '20260901'"),
        ({"decide_by": "2026-02-30"}, "which is no day"),
        ({"decide_by": "2026-08-31"}, "before it begins"),
        ({"target": Target()}, "needs a target"),
        ({"target": Target(cost_nanousd=1, effect=1.0, unit="share")}, "needs a target"),
        ({"target": Target(cost_nanousd=0)}, "cost of nothing"),
        ({"target": Target(effect=0.0, unit="share"), "experiment": "x"}, "is zero"),
        ({"target": Target(effect=float("nan"), unit="share"), "experiment": "x"}, "no number"),
        ({"target": Target(effect=1.0), "experiment": "x"}, "no unit"),
        ({"target": Target(effect=1.0, unit="share")}, "nothing that looks for it"),
    ],
)
def test_what_cannot_be_is_told_and_changes_nothing(settings: Settings, changes: dict[str, Any], says: str) -> None:
    with pytest.raises(InvalidInput, match=says) as caught:
        settings.set_initiative(other(**changes), limit_nanousd=USD)
    assert caught.value.fix
    assert settings.version() == 0


def test_what_can_be(settings: Settings) -> None:
    settings.set_initiative(other(target=None))
    settings.set_initiative(other(target=Target(effect=-0.1, unit="USD per run"), experiment="models"))
    settings.set_initiative(other(name="tagged", scope=Scope("tag", "pilot=leads"), decide_by="2026-09-01"))
    assert [each.name for each in settings.initiatives()] == ["leads", "tagged"]


def test_a_decision_says_who_and_why(settings: Settings) -> None:
    settings.set_initiative(PILOT)
    for choice, by, because in (("maybe", "ada", "x"), ("stop", "", "x"), ("stop", "ada", " ")):
        with pytest.raises(InvalidInput):
            settings.decide_initiative("leads", choice, by=by, because=because)  # type: ignore[arg-type]
    for attempt in (lambda: settings.decide_initiative("none", "stop", by="ada", because="x"), lambda: settings.remove_initiative("none")):
        with pytest.raises(NotFound, match="no initiative 'none'"):
            attempt()
    assert settings.initiative("leads") == PILOT


def test_one_persons_key_is_not_piloted_and_nobodys_is(settings: Settings) -> None:
    settings.add_team("core")
    settings.add_person("ada", team="core")
    settings.create_key("ada-laptop", person="ada")
    settings.create_key("ci", team="core")
    with pytest.raises(InvalidInput, match="cannot be about the key 'ada-laptop', which is one person's"):
        settings.set_initiative(other(scope=Scope("key", "ada-laptop")), limit_nanousd=USD)
    settings.revoke_key("ada-laptop")
    with pytest.raises(InvalidInput, match="one person's"):
        settings.set_initiative(other(scope=Scope("key", "ada-laptop")))
    with pytest.raises(InvalidInput, match="cannot be about person:ada"):
        settings.set_initiative(other(scope=Scope("person", "ada")))
    assert settings.initiatives() == [] and settings.budgets() == []
    assert settings.set_initiative(other(scope=Scope("key", "ci"))).scope == Scope("key", "ci")
