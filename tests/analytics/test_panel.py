"""Difference-in-differences against published examples."""

import csv
from collections.abc import Callable
from math import sqrt
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.analytics.simulation import assert_covers
from tests.analytics.test_arms import interval

from wellspent.analytics.arms import compare_means
from wellspent.analytics.effect import Arm, Effect, Grade, Plan
from wellspent.analytics.panel import Reading, compare_changes, earlier_trends, fixed_effects
from wellspent.facts.errors import InvalidInput

DATA = Path(__file__).parent / "data"


def card_krueger() -> list[Reading]:
    """Full-time equivalents of 384 restaurants that answered both times, from the authors' public file (as in Mostly Harmless Econometrics)."""
    with (DATA / "card_krueger_1994.csv").open() as file:
        rows = [(number, row["new_jersey"] == "1", row) for number, row in enumerate(csv.DictReader(file))]
    return [Reading(f"{number}", period, nj, float(row[name])) for number, nj, row in rows for period, name in enumerate(("before", "after"))]


def organ_donors() -> list[Reading]:
    """Rates of organ donor registration in 27 states, quarters 4/2010 to 1/2012 (Kessler and Roth 2014; from causaldata, MIT)."""
    with (DATA / "kessler_roth_2014.csv").open() as file:
        return [Reading(row["state"], int(row["quarter"]), row["state"] == "California", float(row["rate"])) for row in csv.DictReader(file)]


def panel(random: np.random.Generator, treated: int, control: int, periods: int, *, effect: float = 0.0, drift: float = 0.0) -> list[Reading]:
    """Units with levels of their own, a common trend, errors that hang together over time, and the effect in the later half."""
    readings = []
    for number in range(treated + control):
        level, error, on = random.normal(0, 3), 0.0, number < treated
        for period in range(periods):
            error = 0.6 * error + random.normal()
            value = level + 0.3 * period + error + on * (effect * (period >= periods // 2) + drift * period)
            readings.append(Reading(f"unit {number}", period, on, float(value)))
    return readings


def test_card_and_krueger_1994() -> None:
    """American Economic Review 84, 772, Table 3, row 4 (balanced sample): +0.47 (0.48) - -2.28 (1.25) = 2.75 (1.34). (Row 3, all stores: 2.76.)"""
    effect = compare_changes(card_krueger(), 1, treated="New Jersey", control="Pennsylvania", unit="employees")
    assert (effect.treated_n, effect.control_n) == (309, 75)
    assert effect.difference == pytest.approx(2.75, abs=5e-3)
    assert effect.standard_error == pytest.approx(1.34, abs=5e-3)
    assert fixed_effects(card_krueger(), 1).usual_error == pytest.approx(1.34, abs=5e-3)
    assert effect.grade is Grade.B and effect.evident
    assert "only one earlier period" in effect.verdict


def test_two_periods_are_welch_on_changes() -> None:
    readings = card_krueger()
    changes: dict[bool, list[float]] = {True: [], False: []}
    for before, after in zip(readings[::2], readings[1::2]):
        changes[before.treated].append(after.value - before.value)
    plain = compare_means(Arm.of_values("treated", tuple(changes[True])), Arm.of_values("control", tuple(changes[False])))
    assert interval(compare_changes(readings, 1)) == pytest.approx(interval(plain))


def test_kessler_and_roth_2014() -> None:
    """Huntington-Klein, The Effect (2021), chapter 18, table of the organ donation example: -0.022 (0.006), clustered by state.

    The book's error stands on one treated state; here that is no evidence.
    """
    fit = fixed_effects(organ_donors(), 4)
    assert fit.estimate == pytest.approx(-0.022, abs=5e-4)
    assert fit.usual_error == pytest.approx(0.006, abs=5e-4)
    effect = compare_changes(organ_donors(), 4, Plan(units="states"), treated="California", control="26 others")
    assert effect.difference is None and "California has 1 of the 5 states" in effect.verdict
    assert "too few units" in effect.verdict


def test_earlier_trends_are_reported() -> None:
    random = np.random.default_rng(7)
    alike, apart = panel(random, 20, 20, 8, effect=3.0), panel(random, 20, 20, 8, effect=3.0, drift=1.0)
    good, bad = compare_changes(alike, 4), compare_changes(apart, 4)
    assert good.checks[0].passed and good.grade is Grade.B and good.evident
    assert bad.checks[0].passed is False and bad.grade is Grade.NONE and "drifted apart before the start" in bad.verdict
    assert compare_changes(apart, 4, Plan(randomised=True)).grade is Grade.B


def test_earlier_trends_that_cannot_be_told() -> None:
    readings = [Reading(f"{on}{unit}", period, on, float(unit * unit * period)) for on in (True, False) for unit in range(6) for period in range(4)]
    still = [Reading(f"{on}{unit}", period, on, 1.0) for on in (True, False) for unit in range(6) for period in range(4)]
    assert earlier_trends(readings, 2).passed
    assert earlier_trends(still, 2) == earlier_trends(still, 3)
    assert earlier_trends(still, 2).passed is None


def test_units_may_miss_periods_and_come_twice() -> None:
    random = np.random.default_rng(8)
    readings = panel(random, 15, 15, 6, effect=2.0)
    thinned = [reading for reading in readings if random.random() < 0.8]
    effect = compare_changes([*thinned, *thinned[::3]], 3)
    assert effect.difference == pytest.approx(2.0, abs=1.5) and effect.evident


def cells(*missing: tuple[bool, bool]) -> list[Reading]:
    """Readings of six units a side, before and after, without those of some cells."""
    return [
        Reading(f"{on}{unit}", int(after), on, float(unit * (1 + after)))
        for on in (True, False)
        for unit in range(6)
        for after in (True, False)
        if (on, after) not in missing
    ]


@pytest.mark.parametrize(
    ("readings", "said"),
    [
        (cells((False, True)), "no control unit has a reading after"),
        (cells((True, False)), "no treated unit has a reading before"),
        ([*cells(), Reading("True0", 1, False, 1.0)], "both sides"),
        ([*cells(), Reading("True0", 1, True, float("nan"))], "not a number"),
        ([Reading(reading.unit, reading.period, reading.treated, 1.0) for reading in cells()], "alike"),
        ([Reading(reading.unit, 2 * reading.period + reading.treated, reading.treated, reading.value) for reading in cells()], "told from"),
    ],
)
def test_what_cannot_be_compared_is_refused(readings: list[Reading], said: str) -> None:
    with pytest.raises(InvalidInput, match=said):
        compare_changes(readings, 1 if "told" not in said else 2)


@settings(deadline=None, max_examples=30)
@given(st.integers(0, 2**32), st.integers(5, 12), st.integers(5, 12), st.integers(2, 6), st.floats(-100, 100))
def test_sides_swapped_flip_the_sign_and_levels_do_not_matter(seed: int, treated: int, control: int, periods: int, level: float) -> None:
    readings = panel(np.random.default_rng(seed), treated, control, periods)
    effect = compare_changes(readings, periods // 2)
    swapped = compare_changes([Reading(r.unit, r.period, not r.treated, r.value) for r in readings], periods // 2)
    raised = compare_changes([Reading(r.unit, r.period, r.treated, r.value + level * r.treated) for r in readings], periods // 2)
    assert effect.difference is not None and swapped.difference == pytest.approx(-effect.difference, abs=1e-8)
    assert interval(swapped) == pytest.approx((-interval(effect)[1], -interval(effect)[0]), abs=1e-8)
    assert interval(raised) == pytest.approx(interval(effect), abs=1e-8)
    assert interval(effect)[0] <= effect.difference <= interval(effect)[1]


@pytest.mark.parametrize(("treated", "control", "periods"), [(5, 20, 6), (10, 10, 2)])
def test_coverage(treated: int, control: int, periods: int) -> None:
    make: Callable[[np.random.Generator], Effect] = lambda random: compare_changes(panel(random, treated, control, periods, effect=1.0), periods // 2)  # noqa: E731
    assert_covers(make, 1.0, seed=9, rounds=1_000)


def test_the_usual_error_is_too_small_where_a_side_has_few_units() -> None:
    """Why the usual error is not used: over many panels of 5 and 40 units its square is well below the estimates' variance, ours is not."""
    random, estimates, usual, ours = np.random.default_rng(10), [], [], []
    for _ in range(400):
        fit = fixed_effects(panel(random, 5, 40, 4), 2)
        estimates.append(fit.estimate)
        usual.append(fit.usual_error**2)
        ours.append((fit.difference(95).standard_error or 0.0) ** 2)
    assert sqrt(np.mean(usual) / np.var(estimates)) < 0.95 < sqrt(np.mean(ours) / np.var(estimates)) < 1.08
