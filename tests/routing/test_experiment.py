"""Assignment is a function of an experiment's name and a unit's id: stable, uniform, independent, and computable by anybody."""

import hashlib
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import chi2_contingency, chisquare

from wellspent.facts.attribution import Attribution
from wellspent.routing.experiment import Arm, Assignment, Experiment, assignment, balanced, unit_name

HALVES = (Arm("big"), Arm("small", model="gpt-5-mini"))
NAMES = st.text(min_size=1, max_size=20)


def experiment(name: str = "models", arms: tuple[Arm, ...] = HALVES, **more: object) -> Experiment:
    return Experiment(**{"name": name, "unit": "run", "arms": arms, "control": arms[0].name, "contract": "support", "from_ms": 0, **more})  # type: ignore[arg-type]


def arm_of(found: Experiment, unit: str) -> str:
    arm = found.arm_of(unit)
    assert arm is not None
    return arm.name


@given(NAMES, NAMES)
def test_it_is_what_the_documentation_says(name: str, unit: str) -> None:
    """The recipe of docs/experiments.md, written again."""
    arms = (Arm("a", 3), Arm("b", 1), Arm("c", 6))
    number = int(hashlib.sha256(f"{name}:{unit_name(unit)}".encode()).hexdigest()[:16], 16)
    part = number * 10 // 2**64
    assert arm_of(experiment(name, arms), unit) == ("a" if part < 3 else "b" if part == 3 else "c")


def test_known_units_stay_where_they_are() -> None:
    """A unit that moved would be in two arms: these are for ever."""
    found = experiment("support-model")
    assert [arm_of(found, f"ticket-{number}") for number in range(1, 9)] == PINNED


PINNED = ["big", "big", "small", "small", "big", "big", "big", "small"]


@pytest.mark.parametrize("shares", [(1, 1), (9, 1), (1, 1, 1), (50, 30, 20)])
def test_arms_are_as_large_as_their_shares(shares: tuple[int, ...]) -> None:
    arms = tuple(Arm(f"arm-{number}", share) for number, share in enumerate(shares))
    found = Counter(arm_of(experiment(arms=arms), f"run-{number}") for number in range(20_000))
    observed = [found[arm.name] for arm in arms]
    assert chisquare(observed, [20_000 * share / sum(shares) for share in shares]).pvalue > 0.001


def test_two_experiments_assign_independently_of_each_other() -> None:
    one, other = experiment("one"), experiment("other")
    found = Counter((arm_of(one, f"run-{number}"), arm_of(other, f"run-{number}")) for number in range(20_000))
    table = [[found[first.name, second.name] for second in HALVES] for first in HALVES]
    assert chi2_contingency(table).pvalue > 0.001


@given(st.text(max_size=300))
def test_an_id_is_cut_off_where_headers_cut_it_off(unit: str) -> None:
    found = experiment()
    assert found.arm_of(unit) == found.arm_of(unit_name(unit))
    assert unit_name(unit_name(unit)) == unit_name(unit)


@given(st.sets(NAMES, min_size=2, max_size=40).map(sorted), st.lists(st.integers(1, 9), min_size=2, max_size=5))
def test_listed_units_are_cut_into_arms_of_the_planned_size(units: list[str], shares: list[int]) -> None:
    arms = tuple(Arm(f"arm-{number}", share) for number, share in enumerate(shares))
    found = balanced("teams", arms, tuple(units))
    assert found == balanced("teams", arms, tuple(reversed(units)))
    sizes = Counter(found.values())
    assert sum(sizes.values()) == len(units)
    for arm in arms:
        assert abs(sizes[arm.name] - len(units) * arm.share / sum(shares)) < 1


def test_what_is_not_listed_is_in_no_arm() -> None:
    found = experiment(listed={"care": "big"})
    assert arm_of(found, "care") == "big"
    assert found.arm_of("sales") is None


@pytest.mark.parametrize(
    ("unit", "expected"), [("run", "r1"), ("session", "s1"), ("team", "care"), ("conversation", "c1"), ("issue", ""), ("customer", "")]
)
def test_a_call_belongs_to_the_unit_that_it_names(unit: str, expected: str) -> None:
    who = Attribution(team="care", run="r1", session="s1", tags=(("conversation", "c1"),))
    assert experiment(unit=unit).unit_of(who) == expected


def test_time_and_scope() -> None:
    found = experiment(from_ms=10, until_ms=20, where=(("team", "care"),))
    assert [found.runs_at(at_ms) for at_ms in (9, 10, 19, 20)] == [False, True, True, False]
    assert experiment().runs_at(2**50)
    assert found.covers(Attribution(team="care", project="x"))
    assert not found.covers(Attribution(team="sales"))
    assert (found.tag, found.changes_calls, experiment(arms=(Arm("a"), Arm("b"))).changes_calls) == ("experiment.models", True, False)


def test_an_application_is_told_all_it_needs_to_do_as_the_arm_says() -> None:
    found = experiment(listed={"a": "big", "b": "small"}, until_ms=9)
    assert assignment(found, "a", 8) == Assignment("models", "run", "a", "big", None, False, True, True)
    assert assignment(found, "b", 9) == Assignment("models", "run", "b", "small", "gpt-5-mini", False, False, False)
    assert assignment(found, "c", 8) == Assignment("models", "run", "c", None, None, False, False, True)
    held = experiment(arms=(Arm("none", holdout=True), Arm("ai")), listed={"a": "none"})
    assert assignment(held, "a", 8).holdout
