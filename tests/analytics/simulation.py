"""Coverage: how often intervals hold a truth that is known because it was made up."""

from collections.abc import Callable

import numpy as np
from scipy.stats import binom

from wellspent.analytics.effect import Effect


def assert_covers(make: Callable[[np.random.Generator], Effect], truth: float, *, seed: int, rounds: int, at_least: float = 0.95) -> None:
    """95 % intervals hold the truth as often as binomial chance allows (one failure in 10,000 on each side) of ``at_least`` to 0.95."""
    random = np.random.default_rng(seed)
    hits = 0
    for _ in range(rounds):
        effect = make(random)
        assert effect.low is not None and effect.high is not None
        hits += effect.low <= truth <= effect.high
    assert binom.ppf(0.0001, rounds, at_least) <= hits <= binom.ppf(0.9999, rounds, 0.95), hits / rounds
