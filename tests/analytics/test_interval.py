"""The interval of a ratio over days."""

import math
import random

import pytest
from scipy import stats

from wellspent import limits
from wellspent.analytics.interval import ratio_interval, student_t


@pytest.mark.parametrize("freedom", [6, 7, 9, 13, 27, 30, 89])
@pytest.mark.parametrize("level", [80.0, 95.0, 99.0])
def test_students_t_is_that_of_the_tables(freedom: int, level: float) -> None:
    assert student_t(level, freedom) == pytest.approx(float(stats.t.ppf(0.5 + level / 200, freedom)), rel=2e-3)


def test_a_worked_example_of_the_ratio_of_two_totals() -> None:
    """Cochran, Sampling Techniques (1977), 6.3: var(R) = sum (y - R x)^2 / (n (n - 1) mean(x)^2), here by hand for seven days."""
    days = [(10.0, 5.0), (12.0, 6.0), (8.0, 5.0), (14.0, 7.0), (9.0, 4.0), (11.0, 6.0), (13.0, 7.0)]
    ratio = 77 / 40
    by_hand = math.sqrt(sum((y - ratio * x) ** 2 for y, x in days) / (7 * 6 * (40 / 7) ** 2))
    found = ratio_interval(days)
    assert found is not None
    assert (found[0] + found[1]) / 2 == pytest.approx(ratio)
    assert (found[1] - found[0]) / 2 == pytest.approx(2.4469 * by_hand, rel=2e-3)


def test_without_enough_days_or_outcomes_nothing_is_said() -> None:
    assert ratio_interval([(1.0, 1.0)] * (limits.INTERVAL_DAYS_MIN - 1)) is None
    assert ratio_interval([(1.0, 0.0)] * 30) is None
    assert ratio_interval([(1.0, 1.0)] * (limits.INTERVAL_DAYS_MIN - 1) + [(0.0, 0.0)] * 30) is None


def test_the_interval_holds_the_truth_about_as_often_as_it_says() -> None:
    choose, held = random.Random(7), 0
    for _ in range(600):
        days = []
        for _ in range(28):
            count = choose.randrange(3, 20)
            days.append((sum(choose.lognormvariate(0, 0.6) for _ in range(count)), float(count)))
        found = ratio_interval(days)
        assert found is not None
        held += found[0] <= math.exp(0.18) <= found[1]
    assert 0.91 <= held / 600 <= 0.98
