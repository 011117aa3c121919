"""Clusters, cost per outcome and switchbacks."""

from math import sqrt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.analytics.simulation import assert_covers
from tests.analytics.test_arms import interval, mirrored

from wellspent.analytics.arms import compare_means
from wellspent.analytics.clusters import (
    Block,
    Cluster,
    ClusteredArm,
    compare_clusters,
    compare_cost_per_outcome,
    compare_switchback,
    ratio_of,
)
from wellspent.analytics.effect import Arm, Effect, Grade, Plan
from wellspent.facts.errors import InvalidInput

SMALL = settings(deadline=None, max_examples=60)
RANDOMISED = Plan(randomised=True, units="runs")


def arm(label: str, *pairs: tuple[float, float]) -> ClusteredArm:
    return ClusteredArm(label, tuple(Cluster(total, count) for total, count in pairs))


def test_ratio_of_stata_fuel() -> None:
    """Stata Base Reference Manual, [R] ratio, example 1 (fuel): mpg1/mpg2 = 0.9230769, linearized standard error 0.032493."""
    with_treatment = (20, 23, 21, 25, 18, 17, 18, 24, 20, 24, 23, 19)
    without = (24, 25, 21, 22, 23, 18, 17, 28, 24, 27, 21, 23)
    ratio, variance, n = ratio_of(arm("fuel", *zip(with_treatment, without)))
    assert ratio == pytest.approx(0.9230769, abs=5e-8)
    assert sqrt(variance) == pytest.approx(0.032493, abs=5e-7)
    assert n == 12


def test_clusters_of_one_value_are_welchs_means() -> None:
    first, second = tuple(map(float, range(20))), tuple(float(value**1.5) for value in range(25))
    plain = compare_means(Arm.of_values("one", first), Arm.of_values("two", second))
    clustered = compare_clusters(ClusteredArm.of_values("one", enumerate(first)), ClusteredArm.of_values("two", enumerate(second)))
    assert (clustered.difference, clustered.low, clustered.high) == pytest.approx((plain.difference, plain.low, plain.high))


def test_values_of_a_cluster_repeated_tell_nothing_new() -> None:
    def repeated(times: int) -> Effect:
        one, two = ([pair for pair in enumerate(values) for _ in range(times)] for values in (range(30), range(5, 40)))
        return compare_clusters(ClusteredArm.of_values("one", one), ClusteredArm.of_values("two", two))

    assert interval(repeated(1)) == pytest.approx(interval(repeated(50)))


def test_few_clusters_are_said_and_fewer_are_refused() -> None:
    four, five, many = (arm(f"of {n}", *((float(number), 10.0) for number in range(n))) for n in (4, 5, 40))
    refused, rough, good = (compare_clusters(one, many, RANDOMISED) for one in (four, five, arm("other", *((float(n), 9.0) for n in range(40)))))
    assert refused.difference is None and "of 4 has 4 of the 5 runs" in refused.verdict
    assert rough.difference is not None and "only 5 runs" in rough.verdict
    assert [check.name for check in good.checks] == ["sample ratio"] and good.grade is Grade.A


def test_cost_per_outcome() -> None:
    cheap = arm("cheap", *((1.0 + 0.01 * number, 1.0) for number in range(30)), (2.0, 0.0))
    dear = arm("dear", *((3.0 + 0.01 * number, 1.0) for number in range(30)))
    effect = compare_cost_per_outcome(cheap, dear, RANDOMISED)
    assert effect.difference == pytest.approx((30 + 4.35 + 2) / 30 - (90 + 4.35) / 30)
    assert effect.unit == "USD per outcome" and effect.evident and "lower than dear" in effect.verdict
    percent = compare_cost_per_outcome(cheap, dear, RANDOMISED, relative=True)
    assert percent.difference == pytest.approx(100 * (36.35 / 94.35 - 1)) and percent.unit == "%" and percent.evident
    back = compare_cost_per_outcome(dear, cheap, RANDOMISED, relative=True)
    assert back.difference is not None and percent.difference is not None
    assert (1 + back.difference / 100) * (1 + percent.difference / 100) == pytest.approx(1)
    assert (1 + interval(back)[0] / 100) * (1 + interval(percent)[1] / 100) == pytest.approx(1)


def test_cost_without_outcomes_says_nothing() -> None:
    some, none = arm("some", *[(1.0, 1.0)] * 5, *[(2.0, 1.0)] * 5), arm("none", *((float(number), 0.0) for number in range(10)))
    for effect in (compare_cost_per_outcome(some, none), compare_cost_per_outcome(none, some)):
        assert effect.difference is None and "none has 0 of the 10 outcomes" in effect.verdict
    assert "none has 0 of the 1 values" in compare_clusters(some, none).verdict


def test_no_percentage_of_nothing() -> None:
    with pytest.raises(InvalidInput, match="percentage"):
        compare_cost_per_outcome(arm("one", *[(0.0, 1.0)] * 10), arm("two", *((float(number), 1.0) for number in range(10))), relative=True)


@pytest.mark.parametrize(
    "wrong", [lambda: arm("none"), lambda: arm("one", (1.0, -1.0)), lambda: arm("one", (float("nan"), 1.0)), lambda: arm("one", (1.0, float("inf")))]
)
def test_what_cannot_be_meant_is_refused(wrong: object) -> None:
    assert callable(wrong)
    with pytest.raises(InvalidInput):
        wrong()


def test_clusters_that_do_not_vary_have_no_interval() -> None:
    with pytest.raises(InvalidInput, match="are equal"):
        compare_clusters(arm("one", *[(1.0, 1.0)] * 20), arm("two", *[(2.0, 1.0)] * 20))


def switchback(washout_ms: int, random: np.random.Generator) -> Effect:
    """Thirty blocks of an hour, on or off by chance; what the block before was carries over for ten minutes."""
    order = random.permutation([True, False] * 15)
    blocks = []
    for number, on in enumerate(order):
        level, carried = random.normal(10, 1), 5.0 * float(order[number - 1])
        values = [(minute * 60_000, level + 2.0 * float(on) + carried * (minute < 10) + random.normal()) for minute in range(0, 60, 5)]
        blocks.append(Block(bool(on), tuple(values)))
    return compare_switchback(blocks, washout_ms, Plan(randomised=True, units="blocks"))


def test_a_switchback_leaves_out_what_carries_over() -> None:
    effect = switchback(600_000, np.random.default_rng(3))
    assert effect.treated_n == effect.control_n == 15 and effect.grade is Grade.A
    assert "longer than 600,000 ms" in effect.assumptions[1] and "blocks as clusters" in effect.method


@pytest.mark.parametrize("washout_ms", [-1, 3_600_000])
def test_a_washout_leaves_something(washout_ms: int) -> None:
    with pytest.raises(InvalidInput):
        compare_switchback([Block(on, ((0, 1.0),)) for on in (True, False)] * 10, washout_ms)


CLUSTERS = st.lists(
    st.tuples(st.floats(0.01, 1e4), st.integers(1, 50).map(float)), min_size=10, max_size=30, unique_by=lambda pair: pair[0] / pair[1]
)


@SMALL
@given(CLUSTERS, CLUSTERS)
def test_arms_swapped_flip_the_sign(first: list[tuple[float, float]], second: list[tuple[float, float]]) -> None:
    one, two = arm("one", *first), arm("two", *second)
    mirrored(compare_cost_per_outcome(one, two), compare_cost_per_outcome(two, one))
    mirrored(compare_clusters(one, two), compare_clusters(two, one))


def test_coverage_of_clusters() -> None:
    def values(random: np.random.Generator, clusters: int, mean: float) -> list[tuple[int, float]]:
        return [
            (cluster, float(value)) for cluster in range(clusters) for value in random.normal(random.normal(mean, 1), 2, int(random.integers(15, 25)))
        ]

    def make(random: np.random.Generator) -> Effect:
        return compare_clusters(ClusteredArm.of_values("one", values(random, 8, 3)), ClusteredArm.of_values("two", values(random, 12, 1)))

    assert_covers(make, 2.0, seed=4, rounds=1_000)


def test_coverage_of_cost_per_outcome() -> None:
    """Runs of a few attempts, each at a skewed cost, some of which succeed; the delta method is approximate, so 0.94 will do."""

    def runs(random: np.random.Generator, cost: float, success: float) -> ClusteredArm:
        attempts = random.integers(3, 12, 40)
        return arm("one" if cost > 1 else "two", *((float(random.gamma(2 * n, cost / 2)), float(random.binomial(n, success))) for n in attempts))

    def make(random: np.random.Generator) -> Effect:
        return compare_cost_per_outcome(runs(random, 2.0, 0.5), runs(random, 1.0, 0.4))

    assert_covers(make, 4.0 - 2.5, seed=5, rounds=2_000, at_least=0.94)


def test_coverage_of_a_switchback() -> None:
    assert_covers(lambda random: switchback(600_000, random), 2.0, seed=6, rounds=1_000)
