"""Shares and means against published examples, and what must hold for all."""

from math import sqrt

import numpy as np
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from tests.analytics.simulation import assert_covers

from wellspent.analytics.arms import compare_means, compare_shares
from wellspent.analytics.effect import Arm, Effect, Grade, Plan
from wellspent.facts.errors import InvalidInput

SMALL = settings(deadline=None, max_examples=60)


def share(label: str, successes: int, n: int) -> Arm:
    return Arm(label, n, successes=successes)


def interval(effect: Effect) -> tuple[float, float]:
    assert effect.low is not None and effect.high is not None
    return effect.low, effect.high


def with_moments(mean: float, deviation: float, n: int) -> tuple[float, ...]:
    """Values with exactly this mean and standard deviation."""
    shape = np.linspace(-1, 1, n)
    return tuple(float(value) for value in mean + deviation * (shape - shape.mean()) / shape.std(ddof=1))


def mirrored(one: Effect, other: Effect) -> None:
    assert one.difference is not None and other.difference is not None
    assert one.difference == pytest.approx(-other.difference, abs=1e-9)
    assert interval(one) == pytest.approx((-interval(other)[1], -interval(other)[0]), abs=1e-9)
    assert one.p_value == pytest.approx(other.p_value)
    assert interval(one)[0] - 1e-12 <= one.difference <= interval(one)[1] + 1e-12


@pytest.mark.parametrize(
    ("one", "two", "difference", "low", "high"),
    [
        ((56, 70), (48, 80), 0.2, 0.0524, 0.3339),
        ((9, 10), (3, 10), 0.6, 0.1705, 0.8090),
        ((10, 10), (0, 10), 1.0, 0.6075, 1.0),
    ],
)
def test_newcombe_1998_table_ii_method_10(one: tuple[int, int], two: tuple[int, int], difference: float, low: float, high: float) -> None:
    """Newcombe, Statistics in Medicine 17 (1998) 873, Table II, (a), (b) and (h), method 10."""
    effect = compare_shares(share("one", *one), share("two", *two))
    assert effect.difference == pytest.approx(difference)
    assert interval(effect) == pytest.approx((low, high), abs=5e-5)
    assert effect.evident


def test_welch_student_sleep() -> None:
    """Student (1908), sleep data, as in R's t.test: t = -1.8608, df = 17.776, p = 0.07939, -3.3654832 to 0.2054832."""
    first = Arm.of_values("drug 1", (0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0))
    second = Arm.of_values("drug 2", (1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4))
    effect = compare_means(first, second, unit="h")
    assert interval(effect) == pytest.approx((-3.3654832, 0.2054832), abs=1e-7)
    assert effect.p_value == pytest.approx(0.07939, abs=5e-6)
    assert effect.difference is not None and effect.standard_error is not None
    assert effect.difference / effect.standard_error == pytest.approx(-1.8608, abs=5e-5)
    assert not effect.evident and effect.verdict.startswith("No evidence of a difference")


def test_welch_nist_auto83b() -> None:
    """NIST/SEMATECH e-Handbook data AUTO83B (miles per gallon), unequal variances: T = -12.94627, p = 1.571e-25 (Boost.Math documentation)."""
    effect = compare_means(Arm.of_values("US", with_moments(20.14458, 6.41470, 249)), Arm.of_values("Japan", with_moments(30.48101, 6.10771, 79)))
    assert effect.difference is not None and effect.standard_error is not None
    assert effect.difference / effect.standard_error == pytest.approx(-12.94627, abs=5e-5)
    assert effect.p_value == pytest.approx(1.571e-25, rel=1e-3)


def test_simpsons_paradox_kidney_stones() -> None:
    """Charig et al., BMJ 292 (1986) 879, as told by Julious and Mullee (1994): 78 % against 83 %, better for small and for large stones."""
    surgery, needle = share("surgery", 273, 350), share("needle", 289, 350)
    strata = [(share("s", 81, 87), share("n", 234, 270)), (share("s", 192, 263), share("n", 55, 80))]
    effect = compare_shares(surgery, needle, strata=strata)
    assert effect.checks[0].passed is False and effect.grade is Grade.NONE
    assert "Like compared with like, the difference is +0.054 in place of -0.046" in effect.verdict
    even = compare_shares(surgery, needle, strata=[(surgery, needle)])
    assert even.checks[0].passed and even.grade is Grade.B


def test_strata_add_up() -> None:
    with pytest.raises(InvalidInput, match="add up"):
        compare_shares(share("one", 10, 20), share("two", 10, 20), strata=[(share("one", 9, 20), share("two", 10, 20))])


def test_small_arms_say_nothing() -> None:
    for effect in (
        compare_shares(share("one", 9, 9), share("two", 0, 100)),
        compare_means(Arm.of_values("two", (1.0,) * 100), Arm.of_values("one", (2.0,) * 9)),
    ):
        assert effect.difference is None and effect.grade is Grade.NONE
        assert "one has 9 of the 10 units" in effect.verdict


@pytest.mark.parametrize("successes", [0, 30])
def test_shares_without_any_difference(successes: int) -> None:
    effect = compare_shares(share("one", successes, 30), share("two", successes, 30), Plan(randomised=True))
    assert effect.difference == 0 and effect.p_value == 1.0 and not effect.evident and effect.grade is Grade.A


def test_kinds_of_arms_are_not_mixed() -> None:
    values, successes = Arm.of_values("values", tuple(map(float, range(20)))), share("successes", 5, 20)
    for one, two in ((values, successes), (successes, values)):
        with pytest.raises(InvalidInput, match="successes"):
            compare_shares(one, two)
        with pytest.raises(InvalidInput, match="values"):
            compare_means(one, two)


def test_values_that_do_not_vary_have_no_interval() -> None:
    with pytest.raises(InvalidInput, match="are equal"):
        compare_means(Arm.of_values("one", (1.0,) * 20), Arm.of_values("two", (2.0,) * 20))
    assert compare_means(Arm.of_values("one", (1.0,) * 20), Arm.of_values("two", tuple(map(float, range(20))))).evident


@SMALL
@example(10, 12, 1.0, 0.0)  # Newcombe's upper end is 1 and a rounding error
@given(st.integers(10, 400), st.integers(10, 400), st.floats(0, 1), st.floats(0, 1))
def test_shares_swapped_flip_the_sign(n: int, m: int, first: float, second: float) -> None:
    one, two = share("one", round(first * n), n), share("two", round(second * m), m)
    effect = compare_shares(one, two)
    mirrored(effect, compare_shares(two, one))
    assert interval(effect)[0] >= -1 and interval(effect)[1] <= 1


@SMALL
@given(st.lists(st.floats(-1e6, 1e6), min_size=10, max_size=40), st.lists(st.floats(-1e6, 1e6), min_size=10, max_size=40))
def test_means_swapped_flip_the_sign(first: list[float], second: list[float]) -> None:
    assume(np.ptp(first) + np.ptp(second) > 1)
    one, two = Arm.of_values("one", tuple(first)), Arm.of_values("two", tuple(second))
    effect = compare_means(one, two)
    mirrored(effect, compare_means(two, one))
    wider = compare_means(one, two, level_percent=99)
    assert interval(wider)[0] <= interval(effect)[0] and interval(effect)[1] <= interval(wider)[1]


def test_coverage_of_shares() -> None:
    def make(random: np.random.Generator) -> Effect:
        return compare_shares(share("one", int(random.binomial(60, 0.7)), 60), share("two", int(random.binomial(90, 0.5)), 90))

    assert_covers(make, 0.2, seed=1, rounds=2_000)


def test_coverage_of_means_with_unequal_variances() -> None:
    def make(random: np.random.Generator) -> Effect:
        one, two = (tuple(random.normal(mean, scale, size).tolist()) for mean, scale, size in ((5, 1, 40), (3, sqrt(20), 12)))
        return compare_means(Arm.of_values("one", one), Arm.of_values("two", two))

    assert_covers(make, 2.0, seed=2, rounds=2_000)
