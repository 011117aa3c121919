"""Intervals by chance over clusters."""

import numpy as np
import pytest

from wellspent import limits
from wellspent.rework.survival.chance import effective_size, farthest, interval, observed, resampled
from wellspent.rework.survival.packed import Packed, Row, pack


def packed(clusters: int, lines: int = 10) -> Packed:
    return pack([Row(0, f"c{n:03}", 1 + n % 40, n % 3 == 0, lines) for n in range(clusters)], 1, [30])


def draws(of: Packed, seed: int = 1) -> "np.ndarray[tuple[int], np.dtype[np.float64]]":
    return resampled(of, lambda alive, weights: alive[:, 0, 0], seed)


def test_the_same_seed_gives_the_same_draws_and_another_gives_others() -> None:
    assert np.array_equal(draws(packed(50)), draws(packed(50)))
    assert not np.array_equal(draws(packed(50)), draws(packed(50), 2))
    assert len(draws(packed(50))) == limits.SURVIVAL_RESAMPLES


def test_draws_scatter_about_the_figure() -> None:
    of = packed(200)
    assert draws(of).mean() == pytest.approx(float(observed(of, lambda alive, weights: alive[:, 0, 0])), abs=0.01)


def test_a_draw_may_leave_commits_out_but_never_all_of_a_curve() -> None:
    assert np.isfinite(draws(packed(1))).all()


def test_more_clusters_narrow_an_interval_and_more_lines_in_each_do_not() -> None:
    widths = [np.subtract(*interval(draws(of), n, 95.0)[::-1]) for of, n in ((packed(40), 40), (packed(40, 1000), 40), (packed(640), 640))]
    assert widths[0] == pytest.approx(widths[1])
    assert widths[2] < widths[0] / 2


def test_few_clusters_and_a_higher_level_widen_an_interval() -> None:
    spread = draws(packed(40))
    wide, usual, surer = (np.subtract(*interval(spread, *asked)[::-1]) for asked in ((6, 95.0), (1000, 95.0), (1000, 99.0)))
    assert wide > usual and surer > usual


def test_the_exact_bound_where_nothing_was_seen() -> None:
    """Clopper and Pearson (1934): 0 of 10 at 95 % has the upper bound 0.3085."""
    assert farthest(10, 95) == pytest.approx(0.3085, abs=5e-5)
    assert farthest(100, 95) < farthest(10, 95)


def test_a_huge_commit_beside_small_ones_counts_as_about_one() -> None:
    assert effective_size([7] * 12) == pytest.approx(12)
    assert effective_size([10_000] + [1] * 50) < 1.1
    assert effective_size([]) == 0


def test_drawing_in_pieces_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = draws(packed(50))
    monkeypatch.setattr("wellspent.rework.survival.chance.DRAWN_AT_ONCE", 1_000)
    assert np.array_equal(draws(packed(50)), whole)
