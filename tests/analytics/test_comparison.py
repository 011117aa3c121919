"""Before and after beside a control: whole weeks, grade B at best, and nothing where sides drifted apart before."""

from itertools import pairwise
from typing import Any

import pytest
from tests.analytics.trial import Charge, outcome

from wellspent.analytics.comparison import Comparison, compare, comparisons_of, look, weeks_of
from wellspent.analytics.contract import Contract
from wellspent.facts.attribution import Attribution
from wellspent.facts.clock import day_ms
from wellspent.facts.errors import ConfigError
from wellspent.facts.outcome import Outcome

ZONE = "Europe/Zurich"
NANO = 10**9
DAY_MS = 86_400_000
TREATED, CONTROL = tuple(f"on-{number}" for number in range(6)), tuple(f"off-{number}" for number in range(6))
CONTRACT = Contract("support", "solved")
LINE: dict[str, Any] = {
    "name": "assistant",
    "treated": list(TREATED),
    "control": list(CONTROL),
    "began": "2026-03-30",
    "from": "2026-02-25",
    "until": "2026-05-01",
    "contract": "support",
}
AS_OF_MS = day_ms("2026-06-01", ZONE)


def read(*lines: dict[str, Any], taken: tuple[str, ...] = ()) -> tuple[Comparison, ...]:
    return comparisons_of([{**LINE, **line} for line in lines], ZONE, ("support",), taken)


def facts(lift: int, drift: int = 0, cost_nanousd: int = NANO) -> tuple[list[Outcome], list[Charge]]:
    """Nine weeks of every team; treated teams settle ``lift`` more a week from the start, and ``drift`` more each week all along."""
    outcomes, charges = [], []
    for number, team in enumerate((*TREATED, *CONTROL)):
        for week in range(-4, 4):
            at_ms = day_ms("2026-03-30", ZONE, 7 * week) + 3 * DAY_MS
            treated = team in TREATED
            count = 20 + number + (number * 7 + week * 3) % 5 + treated * ((week >= 0) * lift + drift * (week + 5))
            outcomes += [outcome(f"{team} {week} {each}", team, kind="team", at_ms=at_ms) for each in range(count)]
            charges.append(Charge(at_ms, cost_nanousd * 24, priced=True, attribution=Attribution(team=team)))
    return outcomes, charges


def test_weeks_are_whole_counted_from_the_start_and_as_long_as_the_clocks_make_them() -> None:
    (found,) = read({})
    weeks = weeks_of(found, ZONE, AS_OF_MS)
    assert [week.number for week in weeks] == [-4, -3, -2, -1, 0, 1, 2, 3]
    assert all(one.end_ms == other.begin_ms for one, other in pairwise(weeks))
    assert weeks[4].begin_ms == day_ms("2026-03-30", ZONE)
    assert weeks[3].end_ms - weeks[3].begin_ms == 7 * DAY_MS - 3_600_000  # the clocks went on
    assert weeks[0].begin_ms >= day_ms("2026-02-25", ZONE) and weeks[-1].end_ms <= day_ms("2026-05-01", ZONE)
    (open_end,) = read({"until": ""})
    assert weeks_of(open_end, ZONE, day_ms("2026-04-13", ZONE))[-1].number == 1
    assert weeks_of(found, ZONE, day_ms("2026-04-12", ZONE))[-1].number == 0


def test_what_changed_where_it_began_is_seen_with_grade_b() -> None:
    (found,) = read({})
    seen = look(found, CONTRACT, *facts(lift=10), AS_OF_MS, ZONE)
    effect = compare(found, seen)
    assert effect.difference == pytest.approx(10, abs=1.5)
    assert (effect.evident, effect.grade, effect.treated_n, effect.control_n, effect.measure) == (True, "B", 6, 6, "outcomes a week")
    assert "Without the treatment both sides would have changed alike (parallel trends)." in effect.assumptions
    assert effect.difference == pytest.approx(
        (seen.mean(True, True) or 0) - (seen.mean(True, False) or 0) - (seen.mean(False, True) or 0) + (seen.mean(False, False) or 0)
    )


def test_where_nothing_changed_there_is_no_evidence() -> None:
    (found,) = read({})
    effect = compare(found, look(found, CONTRACT, *facts(lift=0), AS_OF_MS, ZONE))
    assert (effect.evident, effect.verdict.startswith("No evidence of a difference")) == (False, True)


def test_sides_that_drifted_apart_before_have_no_grade() -> None:
    (found,) = read({})
    effect = compare(found, look(found, CONTRACT, *facts(lift=0, drift=3), AS_OF_MS, ZONE))
    assert (effect.grade, effect.counts_for_roi) == ("none", False)
    assert "The sides drifted apart before the start" in effect.verdict


def test_dollars_for_an_outcome() -> None:
    (found,) = read({"measure": "cost_per_outcome"})
    seen = look(found, CONTRACT, *facts(lift=10), AS_OF_MS, ZONE)
    effect = compare(found, seen)
    assert (effect.unit, effect.measure, effect.evident) == ("USD per outcome", "AI dollars for an outcome", True)
    assert effect.difference is not None and effect.difference < 0
    outcomes, charges = facts(lift=10)
    charges.append(Charge(charges[0].at_ms, 0, priced=False, attribution=Attribution(team=TREATED[0])))
    charges.append(Charge(charges[0].at_ms, 0, priced=False, attribution=Attribution(team="elsewhere")))
    unknown = compare(found, look(found, CONTRACT, outcomes, charges, AS_OF_MS, ZONE))
    assert "No evidence: 1 movements of money have no known price" in unknown.verdict


def test_weeks_without_outcomes_have_no_cost_for_one() -> None:
    (found,) = read({"measure": "cost_per_outcome"})
    seen = look(found, CONTRACT, (), facts(lift=0)[1], AS_OF_MS, ZONE)
    assert (seen.readings, seen.mean(True, True)) == ((), None)
    assert "No evidence: no treated unit has a reading after the start" in compare(found, seen).verdict


def test_a_week_whose_outcomes_may_still_settle_is_not_looked_at() -> None:
    (found,) = read({"until": ""})
    slow = Contract("support", "solved", settle_after="7d")
    as_of_ms = day_ms("2026-04-13", ZONE)
    assert {each.period for each in look(found, slow, *facts(lift=0), as_of_ms, ZONE).readings} == {-4, -3, -2, -1, 0}
    assert {each.period for each in look(found, CONTRACT, *facts(lift=0), as_of_ms, ZONE).readings} == {-4, -3, -2, -1, 0, 1}


def test_outcomes_without_a_place_are_told() -> None:
    (found,) = read({})
    outcomes, charges = facts(lift=10)
    outcomes += [outcome("lost", "", kind="team", at_ms=outcomes[0].settled_at_ms or 0), outcome("late", "", kind="team", at_ms=AS_OF_MS)]
    effect = compare(found, look(found, CONTRACT, outcomes, charges, AS_OF_MS, ZONE))
    assert "1 outcomes of the contract do not say their team, and are on neither side." in effect.verdict
    assert effect.grade == "B"


def test_too_few_teams_say_nothing() -> None:
    (found,) = read({"treated": ["on-0", "on-1"]})
    effect = compare(found, look(found, CONTRACT, *facts(lift=10), AS_OF_MS, ZONE))
    assert "No evidence: treated has 2 of the 5 teams that a comparison needs." in effect.verdict


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ({"name": ""}, "has no name"),
        ({"treated": []}, "has no treated or no control"),
        ({"control": []}, "has no treated or no control"),
        ({"control": ["on-1"]}, "names one twice"),
        ({"control": [""]}, "without a name"),
        ({"contract": "deals"}, "'deals', which there is not; use one of support"),
        ({"from": "2026-03-20"}, "less than two weeks before it began"),
        ({"until": "2026-03-30"}, "is over on 2026-03-30, before it began"),
        ({"began": "spring"}, "'spring' is not a day"),
        ({"unit": "person"}, "Invalid enum value 'person'"),
        ({"measure": "hours"}, "Invalid enum value 'hours'"),
        ({"share": 1}, "unknown field `share`"),
    ],
)
def test_what_cannot_be_a_comparison_is_told(line: dict[str, Any], said: str) -> None:
    with pytest.raises(ConfigError) as caught:
        read(line)
    assert said in str(caught.value)
    assert caught.value.fix


def test_two_of_one_name_are_refused_and_experiments_have_names_too() -> None:
    with pytest.raises(ConfigError, match="two comparisons or experiments are named 'assistant'"):
        read({}, {})
    with pytest.raises(ConfigError, match="two comparisons or experiments are named 'assistant'"):
        read({}, taken=("assistant",))
