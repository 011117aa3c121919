"""Which units an experiment has, what they cost and what they brought: each in the arm it was assigned to, whatever happened to it."""

import random

from hypothesis import given
from hypothesis import strategies as st
from tests.analytics.trial import AS_OF_MS, CONTRACT, FROM_MS, NANO, charge, experiment, outcome, units_in

from wellspent.analytics.contract import Contract
from wellspent.analytics.gather import Gathered, gather
from wellspent.facts.outcome import Outcome, OutcomeEvent, outcome_of
from wellspent.routing.experiment import Arm

UNDONE = Contract("support", "solved", rework=("undoing",))
HOLDOUT = (Arm("on"), Arm("off", holdout=True))


def undoing(name: str, unit: str) -> Outcome:
    """An outcome that undoes others, whose money is the contract's."""
    found = outcome_of([OutcomeEvent("desk", name, "undoing", "settled", FROM_MS, links=(("conversation", unit),))])
    assert found is not None
    return found


def one(gathered: Gathered) -> tuple[str, str, int, float]:
    (unit,) = gathered.units
    return unit.name, unit.arm, unit.nanousd, unit.outcomes


@given(st.lists(st.tuples(st.integers(1, 30), st.integers(0, 10**12)), max_size=60), st.randoms())
def test_money_is_conserved_and_the_order_of_facts_does_not_matter(calls: list[tuple[int, int]], shuffled: random.Random) -> None:
    found = experiment()
    charges = [charge(found, f"unit-{number}", nanousd) for number, nanousd in calls]
    outcomes = [outcome(f"T{number}", f"unit-{number}") for number, _ in calls]
    first = gather(found, CONTRACT, outcomes, charges, AS_OF_MS)
    assert sum(unit.nanousd for unit in first.units) == sum(nanousd for _, nanousd in calls)
    assert len(first.units) == len({number for number, _ in calls})
    shuffled.shuffle(charges)
    shuffled.shuffle(outcomes)
    assert gather(found, CONTRACT, outcomes, charges, AS_OF_MS) == first


@given(st.lists(st.sets(st.integers(1, 5), min_size=1), max_size=20))
def test_an_outcome_counts_once_however_many_units_it_names(named: list[set[int]]) -> None:
    found = experiment()
    outcomes = [outcome(f"T{number}", *(f"unit-{each}" for each in units)) for number, units in enumerate(named)]
    gathered = gather(found, CONTRACT, outcomes, [charge(found, f"unit-{number}") for number in range(1, 6)], AS_OF_MS)
    assert abs(sum(unit.outcomes for unit in gathered.units) - len(named)) < 1e-9
    arms = [len({found.arm_of(f"unit-{each}") for each in units}) for units in named]
    assert gathered.shared == sum(count > 1 for count in arms)


def test_a_unit_counts_where_it_was_assigned_even_where_its_calls_went_elsewhere() -> None:
    found = experiment()
    (unit,) = units_in(found, "big", 1)
    (gathered,) = gather(found, CONTRACT, (), [charge(found, unit, tags=((found.tag, "small"),)), charge(found, unit)], AS_OF_MS).units
    assert (gathered.arm, gathered.nanousd, gathered.strayed) == ("big", 2 * NANO, True)


def test_money_of_the_scope_and_time_counts_with_later_corrections() -> None:
    found = experiment(where=(("team", "care"),), until_ms=2_000)
    charges = [
        charge(found, "u", 1, team="care"),
        charge(found, "u", 20, team="care", at_ms=1_999, tags=()),
        charge(found, "u", 300, team="care", at_ms=2_000),
        charge(found, "u", 4_000, team="care", at_ms=2_000, tags=()),
        charge(found, "u", 50_000, team="sales"),
        charge(found, "u", 600_000, team="care", at_ms=999),
        charge(found, "", 7_000_000, team="care"),
    ]
    assert one(gather(found, CONTRACT, (), charges, AS_OF_MS))[2] == 321


def test_what_has_no_price_is_counted_apart() -> None:
    found = experiment()
    (unit,) = gather(found, CONTRACT, (), [charge(found, "u", 5), charge(found, "u", 0, priced=False)], AS_OF_MS).units
    assert (unit.nanousd, unit.unpriced) == (5, 1)


def test_units_are_seen_by_calls_that_were_put_into_the_experiment() -> None:
    found = experiment()
    charges = [charge(found, "in"), charge(found, "before-it-was-on", tags=())]
    gathered = gather(found, CONTRACT, [outcome("T1", "in"), outcome("T2", "by-hand")], charges, AS_OF_MS)
    assert [unit.name for unit in gathered.units] == ["in"]
    assert gathered.unseen == 2


def test_units_of_a_holdout_are_seen_by_outcomes_that_began_in_its_time() -> None:
    found = experiment(arms=HOLDOUT, control="off", seen_by="outcomes", unit="conversation", until_ms=2_000)
    outcomes = [
        outcome("T1", "solved", kind="conversation"),
        outcome("T2", "open", kind="conversation", state="pending"),
        outcome("T3", "undone-only", kind="conversation", state="reversed"),
        outcome("T4", "earlier", kind="conversation", at_ms=999),
        outcome("T5", "later", kind="conversation", at_ms=2_000),
        undoing("T6", "undoing-another"),
    ]
    gathered = gather(found, UNDONE, outcomes, [charge(found, "no-outcome-yet"), charge(found, "open", 7)], AS_OF_MS)
    assert {unit.name: (unit.nanousd, unit.outcomes) for unit in gathered.units} == {"solved": (0, 1), "open": (7, 0)}


def test_listed_units_are_all_there() -> None:
    found = experiment(unit="team", listed={"care": "big", "sales": "small"})
    outcomes = [outcome("T1", "care", kind="team"), outcome("T2", "other", kind="team"), outcome("T3", "", kind="team")]
    gathered = gather(found, CONTRACT, outcomes, [charge(found, "sales", 3)], AS_OF_MS)
    assert [(unit.name, unit.arm, unit.nanousd, unit.outcomes) for unit in gathered.units] == [("care", "big", 0, 1), ("sales", "small", 3, 0)]


def test_what_outlives_the_experiment_has_outcomes_of_its_time_alone() -> None:
    teams = experiment(unit="team", listed={"care": "big", "sales": "small"}, until_ms=2_000)
    assert [unit.outcomes for unit in gather(teams, CONTRACT, [outcome("T1", "care", kind="team", at_ms=2_000)], (), AS_OF_MS).units] == [0, 0]
    runs = experiment(until_ms=2_000)
    late = [outcome("T1", "u", at_ms=5_000), outcome("T2", "u", at_ms=999)]
    assert one(gather(runs, CONTRACT, late, [charge(runs, "u")], AS_OF_MS))[3] == 1


def test_outcomes_that_do_not_count_are_no_successes() -> None:
    found = experiment(where=(("team", "care"),))
    outcomes = [
        outcome("T1", "u", state="pending"),
        outcome("T2", "u", "u2"),
        outcome("T3", "u", team="sales"),
        outcome("T4", "u", team="care", quantity=3),
    ]
    undone = outcome_of(
        [
            OutcomeEvent("desk", "T5", "solved", "settled", FROM_MS, links=(("run", "u"),)),
            OutcomeEvent("desk", "T5", "solved", "reversed", FROM_MS + 1),
        ]
    )
    assert undone is not None
    gathered = gather(found, CONTRACT, [*outcomes, undone], [charge(found, "u", team="care")], AS_OF_MS)
    assert one(gathered)[3] == 3.5


def test_a_listed_experiment_takes_no_others() -> None:
    found = experiment(listed={"u": "big"})
    gathered = gather(found, CONTRACT, [outcome("T1", "u"), outcome("T2", "v", "u")], [charge(found, "u"), charge(found, "v")], AS_OF_MS)
    assert (len(gathered.units), gathered.of("big")[0].outcomes, gathered.of("small"), gathered.shared) == (1, 1.5, (), 0)


def test_figures_of_an_arm_are_its_sums_and_unknown_where_something_is() -> None:
    found = experiment(listed={"u": "big", "v": "big", "w": "small"})
    outcomes = [outcome("T1", "u"), outcome("T2", "u", "v"), outcome("T3", "v", "w")]
    gathered = gather(found, CONTRACT, outcomes, [charge(found, "u", 10), charge(found, "v", 1), charge(found, "w", 0, priced=False)], AS_OF_MS)
    big, small = gathered.figures("big"), gathered.figures("small")
    assert (big.units, big.succeeded, big.outcomes, big.nanousd) == (2, 2, 2.5, 11)
    assert (big.each_nanousd(2), big.each_nanousd(2.5), big.each_nanousd(0)) == (6, 4, None)
    assert (small.nanousd, small.each_nanousd(1)) == (None, None)
