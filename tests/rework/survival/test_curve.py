"""The product-limit curve: published digits, another implementation, and its laws."""

from itertools import pairwise
from math import inf

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.duration.survfunc import SurvfuncRight
from tests.rework.survival.history import lifetimes

from wellspent.facts.errors import InvalidInput
from wellspent.rework.survival.curve import Curve, Seen, kaplan_meier, of_lines
from wellspent.rework.survival.lifetime import DAY_MS, Lifetime

SEEN = st.lists(st.builds(Seen, st.integers(0, 40), st.integers(1, 9), st.booleans()), min_size=1, max_size=60)


def curve_of(text: str) -> Curve:
    """Ages as they are printed: ``9+`` was last seen alive at 9. In tenths, so that decimals are whole."""
    return kaplan_meier(Seen(round(10 * float(age.rstrip("+"))), 1, not age.endswith("+")) for age in text.split())


def printed(curve: Curve) -> dict[float, float]:
    return {step.age_ms / 10: step.alive for step in curve.steps}


def test_the_example_of_kaplan_and_meier_1958() -> None:
    """Kaplan and Meier, J. Am. Stat. Assoc. 53 (1958): deaths at 0.8, 3.1, 5.4, 9.2 months, losses at 1.0, 2.7, 7.0, 12.1."""
    curve = curve_of("0.8 1.0+ 2.7+ 3.1 5.4 7.0+ 9.2 12.1+")
    assert printed(curve) == pytest.approx({0.8: 0.875, 3.1: 0.70, 5.4: 0.525, 9.2: 0.2625})
    assert [step.at_risk for step in curve.steps] == [8, 5, 4, 2]


def test_remission_of_leukaemia_under_6_mp() -> None:
    """Freireich et al., Blood 21 (1963), 6-MP arm; digits as printed in Kleinbaum and Klein, Survival Analysis, chapter 2."""
    curve = curve_of("6 6 6 6+ 7 9+ 10 10+ 11+ 13 16 17+ 19+ 20+ 22 23 25+ 32+ 32+ 34+ 35+")
    digits = {6: 0.8571, 7: 0.8067, 10: 0.7529, 13: 0.6902, 16: 0.6275, 22: 0.5378, 23: 0.4482}
    assert {age: round(alive, 4) for age, alive in printed(curve).items()} == digits
    assert [step.at_risk for step in curve.steps] == [21, 17, 15, 12, 11, 7, 6]
    assert curve.known_until_ms == 350


def test_remission_of_leukaemia_under_placebo() -> None:
    """The other arm of the same: nothing is censored, so the curve is the share that is left."""
    curve = curve_of("1 1 2 2 3 4 4 5 5 8 8 8 8 11 11 12 12 15 17 22 23")
    left = {1: 19, 2: 17, 3: 16, 4: 14, 5: 12, 8: 8, 11: 6, 12: 4, 15: 3, 17: 2, 22: 1, 23: 0}
    assert printed(curve) == pytest.approx({age: count / 21 for age, count in left.items()})
    assert curve.known_until_ms == inf and curve.alive(10**9) == 0


def test_maintained_remission_of_aml() -> None:
    """Miller, Survival Analysis (1981), maintained group; digits as R's survival package prints them for ``aml``."""
    curve = curve_of("9 13 13+ 18 23 28+ 31 34 45+ 48 161+")
    digits = {9: 0.909, 13: 0.818, 18: 0.716, 23: 0.614, 31: 0.491, 34: 0.368, 48: 0.184}
    assert {age: round(alive, 3) for age, alive in printed(curve).items()} == digits


@given(SEEN)
def test_statsmodels_says_the_same(seen: list[Seen]) -> None:
    if not any(each.died for each in seen):
        return
    theirs = SurvfuncRight(
        np.array([each.age_ms for each in seen], dtype=float),
        np.array([each.died for each in seen], dtype=int),
        freq_weights=np.array([each.weight for each in seen], dtype=float),
    )
    ours = kaplan_meier(seen)
    assert [step.age_ms for step in ours.steps] == list(theirs.surv_times)
    assert [step.alive for step in ours.steps] == pytest.approx(list(theirs.surv_prob), abs=1e-12)
    assert [step.at_risk for step in ours.steps] == pytest.approx(list(theirs.n_risk))


@given(SEEN)
def test_a_curve_never_rises_and_stays_between_one_and_zero(seen: list[Seen]) -> None:
    curve = kaplan_meier(seen)
    told = [alive for age in range(-1, 45) if (alive := curve.alive(age)) is not None]
    assert told[0] == 1 and all(0 <= later <= earlier for earlier, later in pairwise(told))
    at_risk = [curve.weight_at(age) for age in range(45)]
    assert at_risk[0] == sum(each.weight for each in seen) and at_risk == sorted(at_risk, reverse=True)


@given(SEEN)
def test_when_everything_is_censored_nothing_is_known_but_that_it_lived(seen: list[Seen]) -> None:
    curve = kaplan_meier(each._replace(died=False) for each in seen)
    oldest = max(each.age_ms for each in seen)
    assert curve.steps == ()
    assert curve.alive(oldest) == 1 and curve.alive(oldest + 1) is None


@given(SEEN)
def test_without_censoring_it_is_the_share_that_is_left(seen: list[Seen]) -> None:
    curve = kaplan_meier(each._replace(died=True) for each in seen)
    total = sum(each.weight for each in seen)
    for age in range(41):
        assert curve.alive(age) == pytest.approx(sum(each.weight for each in seen if each.age_ms > age) / total)


@given(lifetimes())
def test_how_the_lines_of_a_commit_are_split_changes_nothing(history: list[Lifetime]) -> None:
    singles = [Lifetime(x.cluster, x.stratum, x.group, 1, x.born_at_ms, x.died_at_ms, x.observed_until_ms) for x in history for _ in range(x.lines)]
    assert of_lines(singles) == of_lines(history)
    assert of_lines(reversed(history)) == of_lines(history)


def test_nothing_seen_is_nothing_known() -> None:
    curve = kaplan_meier([])
    assert curve.alive(0) is None and curve.weight_at(0) == 0


@pytest.mark.parametrize("seen", [Seen(1, 0, True), Seen(1, -1, True), Seen(-1, 1, True)])
def test_observations_that_cannot_be_are_refused(seen: Seen) -> None:
    with pytest.raises(InvalidInput, match="weights are above zero"):
        kaplan_meier([seen])


def test_a_line_that_dies_at_the_end_of_a_window_is_gone_and_one_seen_until_then_is_not() -> None:
    assert kaplan_meier([Seen(7 * DAY_MS, 1, True), Seen(7 * DAY_MS, 1, False)]).alive(7 * DAY_MS) == 0.5
