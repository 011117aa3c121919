"""Made-up lifetimes, by chance and by hypothesis."""

import numpy as np
from hypothesis import strategies as st

from wellspent.rework.survival.lifetime import AI, DAY_MS, HUMAN, UNKNOWN, Lifetime

NOW_MS = 400 * DAY_MS


def lived(
    days: float, lines: int = 1, cluster: str = "c", *, died: bool = True, group: str = AI, stratum: tuple[str, ...] = ("acme",), watched: float = 400
) -> Lifetime:
    """Lines that died at an age, or were last seen at it."""
    age_ms = round(days * DAY_MS)
    born_ms = NOW_MS - (round(watched * DAY_MS) if died else age_ms)
    return Lifetime(cluster, stratum, group, lines, born_ms, born_ms + age_ms if died else None, NOW_MS)


@st.composite
def lifetimes(draw: st.DrawFn, groups: tuple[str, ...] = (AI, HUMAN, UNKNOWN), clusters: int = 30) -> list[Lifetime]:
    """Random histories: whole days, so that ends coincide; some lines still live."""
    found = []
    for number in range(draw(st.integers(1, clusters))):
        watched = draw(st.integers(0, 120))
        for _ in range(draw(st.integers(1, 3))):
            died = draw(st.booleans())
            days = draw(st.integers(0, watched)) if died else watched
            stratum = ("acme", draw(st.sampled_from(("2026-05", "2026-06"))))
            lines = draw(st.integers(1, 50))
            found.append(lived(days, lines, f"c{number}", died=died, group=draw(st.sampled_from(groups)), stratum=stratum, watched=watched))
    return found


def world(random: np.random.Generator, clusters: int, strata: int, effect: float, spread: float = 1.0, hang: float = 3.0) -> list[Lifetime]:
    """A history whose truth is known: within 30 days a line dies with a chance of 0.1 to 0.4, by stratum, and ``effect`` more for AI.

    Args:
        random: Of the chance.
        clusters: Commits.
        strata: As many; one has a base of 0.2.
        effect: What is added for AI.
        spread: Of the logarithm of lines in a commit.
        hang: How little lines of one commit hang together.
    """
    found, now_ms = [], 120 * DAY_MS
    for number in range(clusters):
        group = AI if random.random() < 0.4 else HUMAN
        place = int(random.integers(strata))
        chance = (0.1 + 0.3 * place / (strata - 1) if strata > 1 else 0.2) + (effect if group == AI else 0)
        lines = 1 + int(random.lognormal(3, spread))
        dead = int(random.binomial(lines, random.beta(chance * hang, (1 - chance) * hang)))
        born_ms = int(random.integers(0, now_ms))
        for part in (len(piece) for piece in np.array_split(np.arange(dead), 3) if len(piece)):
            death_ms = born_ms + int(random.integers(0, 30 * DAY_MS))
            end = death_ms if death_ms <= now_ms else None
            found.append(Lifetime(f"c{number}", (f"s{place}",), group, part, born_ms, end, now_ms))
        if lines > dead:
            found.append(Lifetime(f"c{number}", (f"s{place}",), group, lines - dead, born_ms, None, now_ms))
    return found


def within_chance(hits: int, rounds: int, at_least: float = 0.95) -> bool:
    """Whether 95 % intervals held the truth as often as binomial chance allows (one failure in 10,000 a side) of ``at_least`` to 0.98."""
    from scipy.stats import binom

    return bool(binom.ppf(0.0001, rounds, at_least) <= hits <= binom.ppf(0.9999, rounds, 0.98))
