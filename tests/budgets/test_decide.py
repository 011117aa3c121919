from fractions import Fraction

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wellspent.budgets.budget import AT_LIMITS, MEASURES, AtLimit, Budget, Measure, Policy
from wellspent.budgets.decide import (
    ALLOW,
    Allow,
    Degrade,
    Headroom,
    Refuse,
    Snapshot,
    alerts_crossed,
    check_policy,
    counts,
    decide,
    headroom,
    next_alert,
)
from wellspent.budgets.decide import in_measure as measured
from wellspent.budgets.window import Window
from wellspent.facts.attribution import Scope
from wellspent.facts.entry import Amounts

CORE = Scope("team", "core")
MONTH = Window("b@2026-11", 0, None)


def standing(name: str, left: int, at_limit: AtLimit = "refuse", measure: Measure = "usd", degrade_to: tuple[str, ...] = ()) -> Snapshot:
    return Snapshot(Budget(name, CORE, 1_000, measure, at_limit=at_limit, degrade_to=degrade_to), MONTH, 700 - left, 300)


def told(outcome: Allow | Degrade | Refuse) -> str:
    return "allow" if isinstance(outcome, Allow) else f"{type(outcome).__name__.lower()} {outcome.standing.budget.id}"


@pytest.mark.parametrize(
    ("standings", "expected"),
    [
        ([], "allow"),
        ([standing("a", 100)], "allow"),
        ([standing("a", 99)], "refuse a"),
        ([standing("a", 99, "alert"), standing("b", -5, "alert")], "allow"),
        ([standing("a", 99, "degrade")], "degrade a"),
        ([standing("a", 50), standing("b", 20), standing("c", 70)], "refuse b"),
        ([standing("a", 50, "degrade"), standing("b", 20, "degrade"), standing("c", 70, "degrade")], "degrade b"),
        ([standing("a", -500, "degrade"), standing("b", 99)], "refuse b"),
        ([standing("a", 20, measure="tokens"), standing("b", 0, measure="calls"), standing("c", 90)], "refuse b"),
        # 90 of 100 nano-dollars are left, 20 of 50 tokens: the tokens are the tighter ones.
        ([standing("a", 90), standing("b", 20, measure="tokens")], "refuse b"),
        ([standing("b", 20, measure="tokens"), standing("a", 90)], "refuse b"),
    ],
)
def test_the_tightest_budget_decides_and_a_refusal_wins_over_a_degradation(standings: list[Snapshot], expected: str) -> None:
    assert told(decide(standings, Amounts(100, 50, 1))) == expected


def test_a_refusal_says_what_was_needed_in_the_budget_s_own_measure() -> None:
    for measure, needed in zip(MEASURES, (100, 50, 1), strict=True):
        outcome = decide([standing("a", 0, measure=measure)], Amounts(100, 50, 1))
        assert outcome == Refuse(standing("a", 0, measure=measure), needed)
        assert measured(Amounts(100, 50, 1), measure) == needed


def test_a_degradation_names_the_cheaper_models_and_their_call_is_exempt_from_it_alone() -> None:
    degrading = standing("a", 0, "degrade", degrade_to=("small", "tiny"))
    outcome = decide([degrading], Amounts(100, 50, 1))
    assert isinstance(outcome, Degrade)
    assert (outcome.models, outcome.needed) == (("small", "tiny"), 100)
    assert decide([degrading], Amounts(100, 50, 1), {"a"}) is ALLOW
    assert told(decide([degrading, standing("b", 0)], Amounts(100, 50, 1), {"a"})) == "refuse b"


def test_what_costs_nothing_fits_even_after_an_overrun() -> None:
    used_up = [standing("a", 0), standing("b", -5), standing("c", -5, "degrade")]
    assert decide(used_up, Amounts(0, 50, 1)) is ALLOW
    assert told(decide([*used_up, standing("d", 0, measure="calls")], Amounts(0, 50, 1))) == "refuse d"


STANDINGS = st.lists(
    st.builds(standing, st.sampled_from("abcdef"), st.integers(-50, 150), st.sampled_from(AT_LIMITS), st.sampled_from(MEASURES)), max_size=6
)
AMOUNTS = st.builds(Amounts, st.integers(0, 120), st.integers(0, 120), st.integers(0, 1))


@given(STANDINGS, AMOUNTS)
def test_only_what_fits_every_hard_budget_is_allowed(standings: list[Snapshot], needed: Amounts) -> None:
    outcome = decide(standings, needed)
    short = [each for each in standings if each.budget.hard and measured(needed, each.budget.measure) > max(0, each.left)]
    assert isinstance(outcome, Allow) == (not short)
    if isinstance(outcome, Allow):
        for each in standings:
            if each.budget.hard and measured(needed, each.budget.measure):
                assert each.spent + each.held + measured(needed, each.budget.measure) <= each.budget.limit
        return
    kind = "refuse" if any(each.budget.at_limit == "refuse" for each in short) else "degrade"
    assert told(outcome).startswith(kind)
    shares = [Fraction(each.left, measured(needed, each.budget.measure)) for each in short if each.budget.at_limit == kind]
    assert Fraction(outcome.standing.left, outcome.needed) == min(shares)


@given(STANDINGS)
def test_headroom_is_the_least_that_is_left_and_just_fits(standings: list[Snapshot]) -> None:
    room = headroom(standings)
    for measure, left in zip(MEASURES, (room.nanousd, room.tokens, room.calls), strict=True):
        lefts = [each.left for each in standings if each.budget.hard and each.budget.measure == measure]
        assert left == (max(0, min(lefts)) if lefts else None)
    assert decide(standings, Amounts(room.nanousd or 0, room.tokens or 0, room.calls or 0)) is ALLOW


def test_headroom_without_hard_budgets_is_unlimited() -> None:
    assert headroom([standing("a", 5, "alert")]) == Headroom(None, None, None)
    assert headroom([standing("a", 5), standing("b", 3, "degrade"), standing("c", -9, measure="calls")]) == Headroom(3, None, 0)


@pytest.mark.parametrize(
    ("before", "after", "crossed"),
    [
        (0, 799, ()),
        (0, 800, (80,)),
        (800, 800, ()),
        (799, 1_000, (80, 100)),
        (800, 999, ()),
        (999, 5_000, (100,)),
        (1_000, 5_000, ()),
        (900, 700, ()),
    ],
)
def test_alerts_are_told_when_they_are_reached(before: int, after: int, crossed: tuple[int, ...]) -> None:
    assert alerts_crossed(Budget("b", CORE, 1_000), before, after) == crossed


@given(st.integers(1, 10**12), st.sets(st.integers(1, 1000), max_size=6), st.lists(st.integers(0, 10**12), max_size=12))
def test_each_alert_is_told_exactly_once_however_spending_arrives(limit: int, percents: set[int], charges: list[int]) -> None:
    budget = Budget("b", CORE, limit, alert_at_percent=tuple(sorted(percents)))
    spent = 0
    seen: list[int] = []
    for charge in charges:
        seen += alerts_crossed(budget, spent, spent + charge)
        spent += charge
    assert seen == [percent for percent in sorted(percents) if spent * 100 >= percent * limit]


def test_a_limit_of_zero_tells_nothing_since_no_share_of_it_can_be_reached() -> None:
    assert alerts_crossed(Budget("b", CORE, 0), 0, 5) == ()


@pytest.mark.parametrize(
    ("patterns", "model", "allowed"),
    [
        ((), "anything", True),
        (("gpt-5",), "gpt-5", True),
        (("gpt-5",), "gpt-5-mini", False),
        (("gpt-5*",), "gpt-5-mini", True),
        (("gpt-*", "claude-haiku-*"), "claude-haiku-4-5", True),
        (("gpt-*", "claude-haiku-*"), "claude-opus-4-8", False),
        (("gpt-?",), "GPT-5", True),
        (("GPT-5",), "gpt-5", True),
        (("gpt-[45]",), "gpt-4", True),
        (("gpt-*",), "azure/gpt-5", False),
        (("azure/*",), "azure/gpt-5", True),
    ],
)
def test_allow_lists(patterns: tuple[str, ...], model: str, allowed: bool) -> None:
    blocked = check_policy([Policy(CORE, models_allowed=patterns)], model)
    assert (blocked is None) is allowed
    if blocked is not None:
        assert blocked.code == "model_not_allowed"
        assert blocked.message == f"team:core may not use {model!r}; it may use {', '.join(patterns)}"


def test_every_policy_in_scope_has_to_agree() -> None:
    wide, narrow = Policy(Scope("org", "acme"), ("gpt-*", "claude-*")), Policy(CORE, ("claude-*",))
    assert check_policy([wide, narrow], "claude-opus-4-8") is None
    blocked = check_policy([wide, narrow], "gpt-5")
    assert blocked is not None
    assert "team:core" in blocked.message


def test_a_stopped_scope_lets_nothing_through_and_says_why() -> None:
    stopped = Policy(Scope("key", "laptop"), ("*",), killed=True)
    for policy, message in (
        (stopped, "Spending of key:laptop was stopped by an operator"),
        (msgspec.structs.replace(stopped, reason="leaked"), "Spending of key:laptop was stopped by an operator: leaked"),
    ):
        blocked = check_policy([Policy(CORE), policy], "gpt-5")
        assert blocked is not None
        assert (blocked.code, blocked.message) == ("scope_stopped", message)


@pytest.mark.parametrize(
    ("patterns", "model", "counted"),
    [
        ((), "gpt-5", True),
        (("gpt-*",), "gpt-5", True),
        (("gpt-*",), "claude-opus-4-8", False),
        (("gpt-*",), "azure/gpt-5", True),
        (("GPT-*",), "openai/gpt-5", True),
        (("openai/*",), "openai/gpt-5", True),
        (("openai/*",), "gpt-5", False),
    ],
)
def test_what_a_budget_of_some_models_counts(patterns: tuple[str, ...], model: str, counted: bool) -> None:
    """A name behind an upstream's counts too, so that asking one upstream by name is no way around a budget."""
    assert counts(Budget("b", CORE, 100, models=patterns), model) is counted


@given(st.integers(0, 10_000), st.integers(0, 3_000), st.integers(0, 3_000), st.lists(st.integers(1, 300), max_size=4))
def test_nothing_is_crossed_below_the_next_alert_and_something_is_at_it(limit: int, spent: int, charge: int, percents: list[int]) -> None:
    budget = Budget("b", CORE, limit, alert_at_percent=tuple(percents))
    assert bool(alerts_crossed(budget, spent, spent + charge)) == (spent < next_alert(budget, spent) <= spent + charge)
