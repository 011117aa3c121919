"""Readings of a curve: intervals over commits, numbers at risk, and nothing said of too few."""

import numpy as np
import pytest
from hypothesis import given, settings
from tests.rework.survival.history import lifetimes, lived, within_chance, world

from wellspent import limits
from wellspent.facts.errors import InvalidInput
from wellspent.rework.survival.curve import of_lines
from wellspent.rework.survival.lifetime import AI, DAY_MS, HUMAN, Lifetime
from wellspent.rework.survival.reading import NOTHING_SEEN, Reading, survival


def many(clusters: int, gone: int = 4, lines: int = 10) -> list[Lifetime]:
    """Commits of ten lines; of each some died after 3 to 12 days."""
    parts = [(lived(3 + n % 10, gone + n % 3, f"c{n}"), lived(100, lines - gone - n % 3, f"c{n}", died=False)) for n in range(clusters)]
    return [each for pair in parts for each in pair]


def reading(history: list[Lifetime], days: int = 30) -> Reading:
    (group,) = survival(history, [days])
    return group.readings[0]


def test_a_reading_says_what_is_gone_how_surely_and_what_stood_at_risk() -> None:
    (group,) = survival(many(40), [7, 30])
    week, month = group.readings
    assert (group.group, group.lines, group.clusters, group.level_percent) == (AI, 400, 40, 95.0)
    assert month.gone == pytest.approx(sum(4 + n % 3 for n in range(40)) / 400)
    assert week.gone is not None and month.gone is not None and week.gone < month.gone
    assert month.low is not None and month.high is not None and month.low < month.gone < month.high
    assert (month.lines_at_risk, month.clusters_at_risk, month.clusters_old_enough) == (400 - sum(4 + n % 3 for n in range(40)), 40, 40)
    assert month.clusters_effective == pytest.approx(40) and month.note == ""


def test_groups_are_read_apart() -> None:
    history = [*many(20), *(lived(1, 5, f"h{n}", group=HUMAN) for n in range(20))]
    assert [(group.group, group.clusters) for group in survival(history, [7])] == [(AI, 20), (HUMAN, 20)]


@given(lifetimes())
@settings(deadline=None, max_examples=25)
def test_intervals_hold_the_figure_and_figures_never_fall_with_the_window(history: list[Lifetime]) -> None:
    for group in survival(history):
        told = [each for each in group.readings if each.gone is not None]
        shares = [each.gone or 0.0 for each in told]
        assert shares == sorted(shares)
        for each in group.readings:
            if each.gone is None:
                assert each.low is each.high is None and each.note
            else:
                assert each.low is not None and each.high is not None and 0 <= each.low <= each.gone <= each.high <= 1 + 1e-9
                assert each.gone == pytest.approx(1 - (of_lines(x for x in history if x.group == group.group).alive(each.days * DAY_MS) or 0))


@given(lifetimes())
@settings(deadline=None, max_examples=15)
def test_neither_the_order_nor_how_a_commits_lines_are_split_changes_anything(history: list[Lifetime]) -> None:
    singles = [Lifetime(x.cluster, x.stratum, x.group, 1, x.born_at_ms, x.died_at_ms, x.observed_until_ms) for x in history for _ in range(x.lines)]
    assert survival(history) == survival(history[::-1]) == survival(singles)


def test_below_the_floors_nothing_is_said() -> None:
    few = reading(many(limits.SURVIVAL_CLUSTERS_MIN - 1))
    assert few.gone is None and few.note.startswith("not enough data: 9 of the 10")
    assert reading(many(limits.SURVIVAL_CLUSTERS_MIN)).gone is not None
    young = reading([lived(5, 10, f"c{n}", died=False) for n in range(50)])
    assert young.gone is None and young.clusters_old_enough == 0
    huge = reading([*many(30), lived(2, 100_000, "huge")])
    assert huge.gone is None and "no more than 1.0 of equal size" in huge.note


def test_few_commits_are_said_to_be_rough() -> None:
    assert reading(many(limits.SURVIVAL_CLUSTERS_FEW - 1)).note.startswith("rough")
    assert reading(many(limits.SURVIVAL_CLUSTERS_FEW)).note == ""


def test_where_nobody_was_seen_at_an_age_nothing_is_said_of_it() -> None:
    old = [lived(3, 1, f"c{n}") for n in range(20)]
    young = [lived(10, 1, f"y{n}", died=False) for n in range(20)]
    found = reading([*old, *young])
    assert found.gone is None and found.note == NOTHING_SEEN and found.clusters_old_enough == 20


def test_where_nothing_is_gone_or_everything_the_number_of_commits_bounds_it() -> None:
    """Clopper and Pearson: none of 20, the upper bound is 0.1684."""
    none, everything = reading([lived(100, 5, f"c{n}", died=False) for n in range(20)]), reading([lived(2, 5, f"c{n}") for n in range(20)])
    assert (none.gone, none.low, none.high) == pytest.approx((0, 0, 0.1684), abs=5e-5)
    assert (everything.gone, everything.low, everything.high) == pytest.approx((1, 0.8316, 1), abs=5e-5)


def test_intervals_hold_a_known_truth_as_often_as_they_say() -> None:
    random, hits, rounds = np.random.default_rng(3), 0, 200
    for _ in range(rounds):
        human = next(group for group in survival(world(random, 90, 1, 0.1), [30]) if group.group == HUMAN).readings[0]
        assert human.low is not None and human.high is not None
        hits += human.low <= 0.2 <= human.high
    assert within_chance(hits, rounds, 0.93), hits / rounds


def test_lines_as_if_they_were_independent_would_not() -> None:
    """Why the unit is the commit: the same intervals over lines hold the truth far too rarely."""
    random, hits, rounds = np.random.default_rng(3), 0, 25
    for _ in range(rounds):
        history = [x for x in world(random, 90, 1, 0.1) if x.group == HUMAN]
        lines = [
            Lifetime(f"{n}/{i}", x.stratum, x.group, 1, x.born_at_ms, x.died_at_ms, x.observed_until_ms)
            for n, x in enumerate(history)
            for i in range(x.lines)
        ]
        naive = reading(lines)
        assert naive.low is not None and naive.high is not None
        hits += naive.low <= 0.2 <= naive.high
    assert hits / rounds < 0.75


def test_a_window_that_cannot_be_is_refused() -> None:
    with pytest.raises(InvalidInput):
        survival(many(10), [0])
