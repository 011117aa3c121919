from pathlib import Path
from typing import Any

import msgspec
import pytest

from wellspent import limits
from wellspent.budgets.budget import AT_LIMITS, MEASURES, PERIODS, Budget, Policy, checked, checked_policy
from wellspent.facts.attribution import Scope
from wellspent.facts.errors import InvalidInput
from wellspent.identity.settings import Settings

CORE = Scope("team", "core")
GOOD = Budget("core-month", CORE, 5_000_000_000)


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"limit": 0},
        {"scope": Scope("run", "*")},
        {"scope": Scope("tag", "customer=acme")},
        {"period": "fixed", "starts_on": "2026-02-28"},
        {"period": "fixed", "starts_on": "2024-02-29", "length_days": 366},
        {"at_limit": "degrade", "degrade_to": ("gpt-5-mini", "gpt-5-nano")},
        {"alert_at_percent": ()},
        {"alert_at_percent": (1, 1000)},
        {"models": ("gpt-*", "claude-opus-4-8")},
        *({"period": period} for period in PERIODS if period != "fixed"),
        *({"measure": measure} for measure in MEASURES),
        *({"at_limit": at_limit} for at_limit in AT_LIMITS if at_limit != "degrade"),
    ],
)
def test_budgets_that_work(changes: dict[str, Any]) -> None:
    budget = msgspec.structs.replace(GOOD, **changes)
    assert checked(budget) is budget
    assert budget.hard == (budget.at_limit != "alert")


NONSENSE: list[tuple[dict[str, Any], str]] = [
    ({"id": ""}, "cannot be called ''"),
    ({"id": "core month"}, "cannot be called 'core month'"),
    ({"id": "core@month"}, "cannot be called"),
    ({"limit": -1}, "a limit that is no whole number of zero or more"),
    ({"limit": 12.5}, "a limit that is no whole number"),
    ({"limit": True}, "a limit that is no whole number"),
    ({"limit": limits.BUDGET_LIMIT_MAX + 1}, "more than a budget can count"),
    ({"limit": 10**5000}, "more than a budget can count"),
    ({"scope": Scope("model", "gpt-5")}, "which no call is charged to; use KIND:NAME with KIND one of org"),
    ({"scope": Scope("team", "")}, "which no call is charged to"),
    ({"scope": Scope("tag", "customer=*")}, "name one value of the tag"),
    ({"scope": Scope("tag", "*")}, "name one value of the tag"),
    ({"scope": Scope("tag", "customer=")}, "name one value of the tag"),
    ({"measure": "euro"}, "unknown measure, period or at_limit; use measure usd, tokens, calls"),
    ({"period": "fortnight"}, "unknown measure, period or at_limit"),
    ({"at_limit": "explode"}, "unknown measure, period or at_limit"),
    ({"period": "fixed"}, "needs starts_on exactly when its period is fixed"),
    ({"starts_on": "2026-11-01"}, "needs starts_on exactly when its period is fixed"),
    ({"period": "fixed", "starts_on": "2026-02-29"}, "'2026-02-29', which is no day; give a day as YYYY-MM-DD"),
    ({"period": "fixed", "starts_on": "20261101"}, "which is no day"),
    ({"period": "fixed", "starts_on": "1 May"}, "which is no day"),
    ({"period": "fixed", "starts_on": "2026-11-01", "length_days": -1}, "has length_days -1"),
    ({"period": "fixed", "starts_on": "2026-11-01", "length_days": limits.FIXED_DAYS_MAX + 1}, "or 0 for ever"),
    ({"length_days": 30}, "has length_days 30"),
    ({"at_limit": "degrade"}, "needs degrade_to exactly when it degrades"),
    ({"degrade_to": ("gpt-5-mini",)}, "needs degrade_to exactly when it degrades"),
    ({"at_limit": "degrade", "degrade_to": ("gpt-5-*",)}, "a pattern or nothing in degrade_to"),
    ({"at_limit": "degrade", "degrade_to": ("",)}, "a pattern or nothing in degrade_to"),
    ({"models": ("",)}, "an empty pattern of models"),
    ({"alert_at_percent": (0, 80)}, "a percentage outside 1 to 1000"),
    ({"alert_at_percent": (1001,)}, "a percentage outside 1 to 1000"),
]


@pytest.mark.parametrize(("changes", "said"), NONSENSE)
def test_nonsense_is_refused_with_its_name_and_a_way_out(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        checked(msgspec.structs.replace(GOOD, **changes))
    assert said in str(caught.value)
    assert caught.value.fix
    if "id" not in changes:
        assert "core-month" in str(caught.value)


@pytest.mark.parametrize(
    ("policy", "said"),
    [
        (Policy(Scope("model", "gpt-5"), killed=True), "which no call is charged to"),
        (Policy(Scope("tag", "x"), killed=True), "name one value of the tag"),
        (Policy(CORE, models_allowed=("gpt-*", "")), "an empty pattern of models"),
        (Policy(CORE, requests_per_minute=-1), "a rate below zero"),
        (Policy(CORE, tokens_per_minute=-1), "a rate below zero"),
        (Policy(CORE, requests_per_minute=10**30), "a rate above 1,000,000,000,000 a minute"),
        (Policy(CORE, tokens_per_minute=10**5000), "a rate above 1,000,000,000,000 a minute"),
    ],
)
def test_policies_that_would_do_nothing_are_refused(policy: Policy, said: str) -> None:
    with pytest.raises(InvalidInput, match="the policy of") as caught:
        checked_policy(policy)
    assert said in str(caught.value)


def test_policies_that_work() -> None:
    for policy in (Policy(CORE, killed=True), Policy(Scope("person", "*"), ("gpt-*",), 10, 1000)):
        assert checked_policy(policy) is policy


def test_the_settings_take_no_nonsense(tmp_path: Path) -> None:
    settings = Settings.open(tmp_path / "settings.db")
    try:
        for changes, _ in NONSENSE:
            with pytest.raises(InvalidInput):
                settings.set_budget(msgspec.structs.replace(GOOD, **changes))
        with pytest.raises(InvalidInput):
            settings.set_policy(Policy(Scope("model", "gpt-5"), killed=True))
        assert (settings.budgets(), settings.policies()) == ([], [])
    finally:
        settings.close()
