"""What the evidence suggests: nothing from too little, nothing against the interval, and always with its figures."""

import re

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.analytics.pilots import USD, effect, spent

from wellspent.analytics.arms import compare_shares
from wellspent.analytics.bought import Bought, each_of
from wellspent.analytics.effect import Arm, Effect, Grade, Plan
from wellspent.analytics.suggest import Suggestion, by_cost, by_effect


def cost(usd: float, settled: int, *, pending: int = 0, target: float = 40, unpriced: int = 0, quantity: int = 1) -> Suggestion:
    bought = Bought(settled=settled * quantity, pending=pending, counted=settled, waiting=pending, linked=settled * quantity)
    spending = spent(usd, unpriced)
    return by_cost(int(target * USD), "lead", spending, bought, each_of(spending.nanousd, bought))


@pytest.mark.parametrize(
    ("usd", "settled", "pending", "choice", "says"),
    [
        (7_320, 120, 0, "stop or change", "one lead costs $61.00, with 120 so far, against a target of $40.00: stop or change"),
        (2_400, 120, 0, "scale", "the evidence says scale: one lead costs $20.00, with 120 so far, against a target of $40.00"),
        (4_500, 120, 0, "", "too close to say: one lead costs $37.50"),
        (5_200, 120, 0, "", "too close to say: one lead costs $43.33"),
        (7_320, 120, 80, "", "and 80 are pending"),
        (50, 3, 0, "", "no evidence yet: 7 more outcomes (lead) are needed"),
        (0, 0, 0, "", "no evidence yet: 10 more outcomes"),
        (500, 0, 0, "stop or change", "$500.00 is spent and nothing counts yet (lead), against a target of $40.00"),
        (140, 0, 0, "", "no evidence yet"),
        (1_000, 3, 0, "stop or change", "one lead costs $333.33, with 3 so far"),
    ],
)
def test_a_cost_against_its_target(usd: float, settled: int, pending: int, choice: str, says: str) -> None:
    found = cost(usd, settled, pending=pending)
    assert found.choice == choice
    assert says in found.text


def test_as_many_more_as_it_says_would_tell_and_half_of_them_would_not() -> None:
    found = re.search(r"about (\d+) more would tell", cost(38 * 120, 120, target=45).text)
    assert found is not None
    more = int(found[1])
    assert cost(38 * (120 + more), 120 + more, target=45).choice == "scale"
    assert cost(38 * (120 + more // 2), 120 + more // 2, target=45).choice == ""
    assert "more would tell" not in cost(4_800, 120).text  # as dear as the target: no number of them would tell
    assert "more would tell" not in cost(7_320, 120, pending=80).text  # what waits decides, not more of them


def test_unknown_prices_may_say_stop_and_never_scale() -> None:
    assert cost(2_400, 120, unpriced=4).choice == ""
    assert "not known" in cost(2_400, 120, unpriced=4).text
    assert cost(7_320, 120, unpriced=4).choice == "stop or change"
    assert "costs at least $61.00" in cost(7_320, 120, unpriced=4).text


def test_an_outcome_of_many_is_one_throw_of_chance() -> None:
    assert cost(400, 10, quantity=10).choice == "scale"
    assert cost(4_400, 10, quantity=10).choice == ""
    assert cost(2_600, 10, quantity=10).choice == ""  # $26 each, but ten throws are few
    assert cost(2_600, 100).choice == "scale"


@given(st.integers(0, 10**5), st.integers(0, 300), st.integers(0, 300), st.integers(1, 200))
def test_dearer_never_turns_a_stop_into_a_scale(usd: int, settled: int, pending: int, target: int) -> None:
    order = {"scale": 0, "": 1, "stop or change": 2}
    now = cost(usd, settled, pending=pending, target=target)
    assert order[now.choice] <= order[cost(2 * usd, settled, pending=pending, target=target).choice]
    assert order[now.choice] >= order[cost(usd, settled, pending=pending, target=2 * target).choice]
    assert now.text


@pytest.mark.parametrize(
    ("target", "low", "high", "choice", "says"),
    [
        (0.05, 0.06, 0.12, "scale", "the evidence says scale"),
        (0.05, 0.01, 0.12, "", "not clear yet"),
        (0.05, -0.02, 0.04, "stop or change", "out of reach"),
        (-0.10, -0.30, -0.15, "scale", "the evidence says scale"),
        (-0.10, -0.30, -0.05, "", "not clear yet"),
        (-0.10, -0.05, 0.20, "stop or change", "out of reach"),
    ],
)
def test_an_effect_against_its_target(target: float, low: float, high: float, choice: str, says: str) -> None:
    found = by_effect(target, "share", "models", [effect(low, high)], None)
    assert found.choice == choice
    assert says in found.text
    assert "As the verdict says." in found.text


@pytest.mark.parametrize(
    ("effects", "planned", "says"),
    [
        ([], None, "no evidence yet: models has no figure in share"),
        ([effect(1, 2, "USD per run")], None, "models has no figure in share, only in USD per run"),
        ([effect(0.06, 0.1), effect(0.06, 0.1)], None, "compares 2 arms"),
        ([effect(0.06, 0.1)], 260, "no evidence yet: 60 more units are needed"),
        ([effect(None, None, grade=Grade.NONE)], None, "no evidence: As the verdict says."),
        ([effect(0.06, 0.1, grade=Grade.NONE)], None, "no evidence: As the verdict says."),
        ([effect(0.06, 0.1, self_reported=True)], None, "no evidence: As the verdict says."),
    ],
)
def test_no_evidence_suggests_nothing(effects: list[Effect], planned: int | None, says: str) -> None:
    found = by_effect(0.05, "share", "models", effects, planned)
    assert found.choice == ""
    assert says in found.text


def test_arms_that_chance_did_not_make_suggest_nothing() -> None:
    """500 and 300 where 400 and 400 were planned."""
    plan = Plan(randomised=True, planned_n=800, units="runs")
    found = compare_shares(Arm("agent", 500, successes=450), Arm("people", 300, successes=150), plan)
    assert found.low is not None and found.low > 0.05 and found.grade is Grade.NONE and not found.counts_for_roi
    suggested = by_effect(0.05, "share", "models", [found], 800)
    assert suggested.choice == ""
    assert suggested.text.startswith("no evidence: ") and "assignment or logging is broken" in suggested.text
    assert by_effect(-0.05, "share", "models", [found], 800).choice == ""


def test_no_evidence_is_said_once() -> None:
    few = msgspec.structs.replace(effect(None, None, grade=Grade.NONE), verdict="No evidence: small has 0 of 10 runs.")
    assert by_effect(0.05, "share", "models", [few], None).text == "No evidence: small has 0 of 10 runs."


def test_what_cannot_be_known_is_told() -> None:
    assert by_effect(0.05, "share", "models", [], None, "there is no experiment 'models'").text == "no evidence yet: there is no experiment 'models'"


def test_a_planned_size_that_is_reached_speaks() -> None:
    assert by_effect(0.05, "share", "models", [effect(0.06, 0.1, grade=Grade.B)], 200).choice == "scale"
