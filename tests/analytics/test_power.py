"""Sizes before a test against published tables."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wellspent.analytics.power import design_effect, detectable_difference_of_means, detectable_share, n_for_means, n_for_shares
from wellspent.facts.errors import InvalidInput


@pytest.mark.parametrize(("size", "n"), [(0.2, 394), (0.5, 64), (0.8, 26)])
def test_cohen_1988(size: float, n: int) -> None:
    """Cohen, Statistical Power Analysis, 1988, Table 2.4.1 (two-sided 5 %, 80 %): 393, 64, 26 units in each arm; 394 where rounded up."""
    assert n_for_means(size * 7, 7) == n
    assert detectable_difference_of_means(7, n, n) == pytest.approx(size * 7, rel=0.015)


def test_r_power_prop_test() -> None:
    """R, ?power.prop.test (Fleiss's formula without correction): 0.5 and 0.75 at 90 % take 76.7; 50 at 90 % tell 0.5 from 0.8026."""
    assert n_for_shares(0.75, 0.5, power_percent=90) == 77
    assert n_for_shares(0.5, 0.75, power_percent=90) == 77
    assert detectable_share(0.5, 50, power_percent=90) == pytest.approx(0.8026, abs=5e-5)


@pytest.mark.parametrize(("size", "expected", "effective"), [(10, 1.153, 34), (20, 1.323, 60), (40, 1.663, 96), (80, 2.343, 136)])
def test_design_effect(size: int, expected: float, effective: int) -> None:
    """Annals of Family Medicine, table of practice-based trials with 4 physicians (correlation 0.017): design effects and effective sizes."""
    found = design_effect(size, 0.017)
    assert found == pytest.approx(expected, abs=5e-4) and int(4 * size / found) == effective
    assert design_effect(size, 0.017, size_variation=0.5) > found


def test_a_share_that_no_difference_reaches() -> None:
    assert detectable_share(0.9, 5) is None


@settings(deadline=None, max_examples=40)
@given(st.floats(0.05, 0.9), st.integers(100, 100_000))
def test_more_units_find_less(share: float, n: int) -> None:
    few, many = detectable_share(share, n), detectable_share(share, 2 * n)
    assert few is None or (many is not None and share < many < few <= 1)
    assert few is None or n_for_shares(few, share) in (n, n + 1)


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: detectable_difference_of_means(0, 10, 10),
        lambda: detectable_difference_of_means(1, 1, 10),
        lambda: detectable_share(1.0, 10),
        lambda: detectable_share(0.5, 1),
        lambda: n_for_means(0, 1),
        lambda: n_for_means(1, float("nan")),
        lambda: n_for_shares(0.5, 0.5),
        lambda: n_for_shares(1.5, 0.5),
        lambda: n_for_means(1, 1, power_percent=100),
        lambda: n_for_means(1, 1, level_percent=0.95),
        lambda: design_effect(0, 0.1),
        lambda: design_effect(10, 1.1),
        lambda: design_effect(10, 0.1, size_variation=-1),
    ],
)
def test_what_cannot_be_meant_is_refused(wrong: object) -> None:
    assert callable(wrong)
    with pytest.raises(InvalidInput):
        wrong()
