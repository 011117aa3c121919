"""What an experiment found: graded A where chance assigned, "no evidence" where there is none, no figure where something is not known."""

from math import isclose
from typing import Any

import numpy as np
import pytest
from scipy.stats import binom
from tests.analytics.trial import AS_OF_MS, CONTRACT, NANO, Charge, charge, experiment, outcome, units_in

from wellspent.analytics.effect import Effect
from wellspent.analytics.experiment import compare, evaluate
from wellspent.analytics.gather import Gathered, Unit
from wellspent.facts.errors import InvalidInput
from wellspent.facts.outcome import Outcome
from wellspent.routing.experiment import Arm, Experiment

SUCCESSES, DOLLARS, EACH = "share of runs with an outcome", "AI dollars of a run", "AI dollars for an outcome"


def facts(found: Experiment, sides: dict[str, tuple[int, int, int]], **who: Any) -> tuple[list[Outcome], list[Charge]]:
    """Arms of so many units, so many of them with an outcome, at so many nano-dollars each, every third unit a tenth more."""
    outcomes, charges = [], []
    for arm, (count, successes, nanousd) in sides.items():
        for number, unit in enumerate(units_in(found, arm, count)):
            charges.append(charge(found, unit, nanousd + nanousd // 10 * (number % 3 == 0), **who))
            outcomes += [outcome(f"{arm}-{number}", unit, kind=found.unit)] if number < successes else []
    return outcomes, charges


def by_measure(effects: tuple[Effect, ...]) -> dict[str, Effect]:
    return {effect.measure: effect for effect in effects}


def test_a_cheaper_model_that_is_as_good_is_seen_as_one() -> None:
    found = experiment(planned_n=150)
    effects = by_measure(evaluate(found, CONTRACT, *facts(found, {"big": (80, 48, NANO), "small": (70, 56, NANO // 4)}), AS_OF_MS))
    shares = effects[SUCCESSES]
    assert shares.difference is not None and shares.low is not None and shares.high is not None
    # Newcombe 1998, table II (a), method 10: 56/70 - 48/80.
    assert [round(value, 4) for value in (shares.difference, shares.low, shares.high)] == [0.2, 0.0524, 0.3339]
    assert (shares.treated, shares.control, shares.treated_n, shares.control_n, shares.grade) == ("small", "big", 70, 80, "A")
    dollars, each = effects[DOLLARS], effects[EACH]
    mean = {"big": (80 + 2.7) / 80, "small": (70 + 2.4) / 70 / 4}
    assert dollars.difference is not None and isclose(dollars.difference, mean["small"] - mean["big"])
    assert each.difference is not None and isclose(each.difference, mean["small"] * 70 / 56 - mean["big"] * 80 / 48)
    assert all(effect.evident and effect.counts_for_roi and effect.grade == "A" for effect in effects.values())
    assert "The planned 150 runs were reached." in each.verdict
    assert "A unit counts in the arm that it was assigned to, wherever its calls went." in each.assumptions


def test_swapping_the_control_flips_the_sign() -> None:
    found, swapped = experiment(), experiment(control="small")
    known = facts(found, {"big": (40, 20, NANO), "small": (45, 30, NANO // 2)})
    for one, other in zip(evaluate(found, CONTRACT, *known, AS_OF_MS), evaluate(swapped, CONTRACT, *known, AS_OF_MS)):
        assert one.difference is not None and other.difference is not None
        assert isclose(one.difference, -other.difference)


def test_every_arm_is_compared_with_the_control_and_has_its_part_of_the_plan() -> None:
    found = experiment(arms=(Arm("a", 2), Arm("b", 1), Arm("c", 1)), control="a", planned_n=400)
    effects = evaluate(found, CONTRACT, *facts(found, {"a": (40, 20, NANO), "b": (20, 10, NANO), "c": (20, 10, NANO)}), AS_OF_MS)
    assert [(effect.treated, effect.control) for effect in effects] == [("b", "a")] * 3 + [("c", "a")] * 3
    assert all("60 of 300 planned runs so far" in effect.verdict for effect in effects)
    assert all(effect.grade == "A" for effect in effects)


def test_arms_that_chance_hardly_makes_have_no_grade() -> None:
    found = experiment()
    (first, *_) = evaluate(found, CONTRACT, *facts(found, {"big": (150, 60, NANO), "small": (50, 20, NANO)}), AS_OF_MS)
    assert (first.grade, "assignment or logging is broken" in first.verdict) == ("none", True)


def test_before_anything_happened_there_is_no_evidence() -> None:
    for effect in evaluate(experiment(), CONTRACT, (), (), AS_OF_MS):
        assert (effect.difference, effect.grade) == (None, "none")
        assert "No evidence: small has 0 of the 10 runs that a comparison needs." in effect.verdict
        assert "Neither arm has any units yet." in effect.verdict


def test_an_empty_arm_is_no_error() -> None:
    found = experiment()
    for effect in evaluate(found, CONTRACT, *facts(found, {"big": (20, 10, NANO)}), AS_OF_MS):
        assert "small has 0 of the 10 runs" in effect.verdict
        assert effect.grade == "none"


def test_what_does_not_vary_has_no_interval() -> None:
    found = experiment()
    charges = [charge(found, f"unit-{number}") for number in range(60)]
    dollars = by_measure(evaluate(found, CONTRACT, (), charges, AS_OF_MS))[DOLLARS]
    assert "No evidence: all values of each arm are equal" in dollars.verdict


def test_money_without_a_price_is_not_compared() -> None:
    found = experiment()
    outcomes, charges = facts(found, {"big": (40, 20, NANO), "small": (40, 30, NANO)})
    charges.append(charge(found, units_in(found, "small", 1)[0], 0, priced=False))
    effects = by_measure(evaluate(found, CONTRACT, outcomes, charges, AS_OF_MS))
    for measure in (DOLLARS, EACH):
        assert "No evidence: 1 movements of money have no known price, and unknown is not zero." in effects[measure].verdict
    assert effects[SUCCESSES].difference is not None


def test_teams_are_compared_by_their_outcomes_and_the_floor_of_clusters() -> None:
    teams = {f"team-{number}": ("tool", "as-is")[number % 2] for number in range(12)}
    found = experiment(unit="team", arms=(Arm("as-is"), Arm("tool")), control="as-is", listed=teams)
    outcomes = [
        outcome(f"{team}-{each}", team, kind="team")
        for number, (team, arm) in enumerate(teams.items())
        for each in range(20 + number + 30 * (arm == "tool"))
    ]
    charges = [charge(found, team, NANO * (1 + number)) for number, team in enumerate(teams)]
    effects = evaluate(found, CONTRACT, outcomes, charges, AS_OF_MS)
    assert [effect.measure for effect in effects] == ["outcomes of a team", "AI dollars of a team", "AI dollars for an outcome"]
    assert (effects[0].difference, effects[0].evident, effects[0].grade) == (29.0, True, "A")
    assert (effects[1].difference, effects[1].evident) == (-1.0, False)
    assert "tool is 29 outcomes higher than as-is" in effects[0].verdict
    assert "An arm has only 6 teams" in effects[0].verdict


def holdout(**more: Any) -> Experiment:
    said = {"unit": "conversation", "arms": (Arm("on"), Arm("off", holdout=True)), "control": "off", "seen_by": "outcomes"}
    return experiment(**{**said, **more})


def test_a_holdout_whose_sources_tell_of_every_beginning() -> None:
    found = holdout()
    outcomes, charges = [], []
    for arm, successes in (("on", 40), ("off", 25)):
        for number, unit in enumerate(units_in(found, arm, 60)):
            state = "settled" if number < successes else "pending"
            outcomes.append(outcome(f"{arm}-{number}", unit, kind="conversation", state=state))  # type: ignore[arg-type]
            charges += [charge(found, unit, NANO + number)] if arm == "on" or number == 0 else []
    effects = evaluate(found, CONTRACT, outcomes, charges, AS_OF_MS)
    first = effects[0]
    assert first.difference is not None and isclose(first.difference, 15 / 60)
    assert (first.evident, first.grade) == (True, "A")
    assert "1 conversations of the holdout spent money on AI all the same." in first.verdict
    assert any(sentence.startswith("Sources say of every unit that it began") for sentence in first.assumptions)


def test_sources_that_tell_of_successes_alone_say_nothing_about_a_rate() -> None:
    found = holdout()
    outcomes = [outcome(f"T{number}", f"unit-{number}", kind="conversation") for number in range(100)]
    (first, *_) = evaluate(found, CONTRACT, outcomes, (), AS_OF_MS)
    assert "No evidence: every conversation that sources tell of succeeded" in first.verdict
    listed = holdout(listed={f"unit-{number}": ("on", "off")[number % 2] for number in range(100)})
    assert evaluate(listed, CONTRACT, outcomes, (), AS_OF_MS)[0].difference == 0


def test_what_was_seen_on_the_way_is_told() -> None:
    found = experiment()
    outcomes, charges = facts(found, {"big": (30, 20, NANO), "small": (30, 20, NANO)})
    charges.append(charge(found, units_in(found, "big", 1)[0], tags=((found.tag, "small"),)))
    outcomes.append(outcome("both", units_in(found, "big", 1)[0], units_in(found, "small", 1)[0]))
    for effect in evaluate(found, CONTRACT, outcomes, charges, AS_OF_MS):
        assert "Calls of 1 runs show another arm than theirs" in effect.verdict
        assert "1 outcomes name runs of several arms, and are shared." in effect.verdict
        assert effect.grade == "A"


def test_the_level_can_be_asked_for() -> None:
    found = experiment()
    known = facts(found, {"big": (40, 20, NANO), "small": (40, 20, NANO)})
    narrow, wide = (evaluate(found, CONTRACT, *known, AS_OF_MS, level_percent=level)[0] for level in (80, 99))
    assert narrow.low is not None and wide.low is not None and wide.low < narrow.low
    with pytest.raises(InvalidInput, match="level_percent is 100"):
        evaluate(found, CONTRACT, *known, AS_OF_MS, level_percent=100)


def test_where_both_arms_are_the_same_nothing_is_found_as_often_as_the_level_says() -> None:
    """An A/A test, again and again: 95 of 100 say "no evidence", by binomial chance (one failure in 10,000 on each side).

    Newcombe's interval is a little wide over small arms, so it may say so more often.
    """
    random, rounds = np.random.default_rng(418), 600
    quiet = dict.fromkeys((SUCCESSES, DOLLARS, EACH), 0)
    for number in range(rounds):
        found = experiment(name=f"aa-{number}")
        units = []
        for each in range(200):
            arm = found.arm_of(f"run-{each}")
            assert arm is not None
            units.append(Unit(f"run-{each}", arm.name, int(NANO * random.lognormal(0, 0.8)), outcomes=float(random.random() < 0.4)))
        for effect in compare(found, Gathered(tuple(units), 0, 0)):
            assert effect.evident or effect.verdict.startswith("No evidence")
            quiet[effect.measure] += not effect.evident
    lowest, highest = binom.ppf(0.0001, rounds, 0.95), binom.ppf(0.9999, rounds, 0.97)
    assert all(lowest <= count <= highest for count in quiet.values()), quiet
