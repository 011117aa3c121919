"""Arrays say what the curve says."""

import numpy as np
import pytest
from hypothesis import given, settings
from tests.rework.survival.history import lifetimes

from wellspent.rework.survival.curve import Seen, kaplan_meier
from wellspent.rework.survival.lifetime import DAY_MS, Lifetime
from wellspent.rework.survival.packed import Row, alive, pack

WINDOWS = [1, 7, 30, 90]


def rows_of(history: list[Lifetime]) -> tuple[list[Row], int]:
    groups = sorted({each.group for each in history})
    return [Row(groups.index(each.group), each.cluster, each.age_ms, each.died, each.lines) for each in history], len(groups)


@given(lifetimes())
@settings(deadline=None)
def test_each_cell_is_a_kaplan_meier_curve(history: list[Lifetime]) -> None:
    rows, cells = rows_of(history)
    packed = pack(rows, cells, [days * DAY_MS for days in WINDOWS])
    shares, weights = alive(packed, np.ones((1, packed.clusters)))
    for cell in range(cells):
        own = [row for row in rows if row.cell == cell]
        curve = kaplan_meier(Seen(row.age_ms, row.weight, row.died) for row in own)
        assert weights[0, cell] == sum(row.weight for row in own)
        for position, days in enumerate(WINDOWS):
            expected = curve.alive(days * DAY_MS)
            if expected is not None:
                assert shares[0, cell, position] == pytest.approx(expected, abs=1e-9)


@given(lifetimes())
@settings(deadline=None)
def test_a_cluster_drawn_three_times_is_three_clusters(history: list[Lifetime]) -> None:
    rows, cells = rows_of(history)
    windows = [days * DAY_MS for days in WINDOWS]
    once = pack(rows, cells, windows)
    thrice = pack([row._replace(weight=row.weight * (3 if row.cluster == "c0" else 1)) for row in rows], cells, windows)
    draw = np.ones((1, once.clusters))
    draw[0, 0] = 3.0  # names are sorted
    for one, two in zip(alive(once, draw), alive(thrice, np.ones((1, once.clusters))), strict=True):
        assert one == pytest.approx(two, abs=1e-9)


def test_rows_that_differ_in_nothing_are_one_and_what_is_after_the_last_window_is_not_told_apart() -> None:
    rows = [Row(0, "a", 5, True, 2), Row(0, "a", 5, True, 3), Row(0, "a", 50, True, 1), Row(0, "a", 70, False, 1), Row(0, "b", 60, True, 1)]
    packed = pack(rows, 1, [10])
    assert list(packed.weight) == [5, 2, 1]
    assert list(packed.dead_weight) == [5, 0, 0]
