"""Rework in dollars: every dollar in one part, and over all of them the product-limit estimate."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.rework.survival.history import lifetimes, lived

from wellspent.facts.errors import InvalidInput
from wellspent.facts.money import NANO_PER_USD
from wellspent.rework.survival.curve import of_lines
from wellspent.rework.survival.fixes import Fix, FixShare, LinkQuality
from wellspent.rework.survival.lifetime import AI, DAY_MS, HUMAN, UNKNOWN, Lifetime
from wellspent.rework.survival.reading import NOTHING_SEEN
from wellspent.rework.survival.spent import Fate, Measured, Spending, measured

MOST = LinkQuality("most lines", 0.5, 0.5, 0.5, "here")


def session(n: int, dead: int, kept: int, young: int = 0, dollars: int = 1) -> Spending:
    lines = [lived(3 + n % 4, dead, f"c{n}")] if dead else []
    lines += [lived(100, kept, f"c{n}", died=False)] if kept else []
    lines += [lived(5, young, f"y{n}", died=False)] if young else []
    return Spending(f"s{n}", dollars * NANO_PER_USD, tuple(lines))


def dollars(found: Measured) -> dict[str, float]:
    return {fate: amount / NANO_PER_USD for fate, amount in found.fates.items() if amount}


def test_a_dollar_follows_the_lines_it_paid_for() -> None:
    spending = [
        *(session(n, 2, 6) for n in range(20)),
        Spending("nothing came of it", 3 * NANO_PER_USD),
        Spending("a fix", 4 * NANO_PER_USD, (lived(1, 50, "f"),), Fix("most lines", {AI: 1})),
    ]
    found = measured(spending, 5 * NANO_PER_USD, 30, [MOST])
    assert dollars(found) == {"gone": 5, "kept": 15, "fix": 4, "no merged lines": 3, "unlinked": 5}
    assert found.fixes == (FixShare("most lines", AI, 2 * NANO_PER_USD), FixShare("most lines", UNKNOWN, 2 * NANO_PER_USD))
    assert (found.total_nanousd, found.gone_nanousd, found.qualities) == (32 * NANO_PER_USD, 5 * NANO_PER_USD, (MOST,))
    assert found.gone_low_nanousd is not None and found.gone_high_nanousd is not None
    assert found.gone_low_nanousd <= 5 * NANO_PER_USD <= found.gone_high_nanousd


def test_young_lines_have_the_chance_that_the_curve_gives_a_line_of_their_age() -> None:
    """Of lines that reach 5 days a third dies within 30: 8 at birth, 6 after 3 days, 4 after 10."""
    old = [Spending(f"s{n}", NANO_PER_USD, (lived(3, 2, f"c{n}"), lived(10, 2, f"c{n}"), lived(100, 4, f"c{n}", died=False))) for n in range(20)]
    young = Spending("young", 9, (lived(5, 1, "y", died=False),))
    found = measured([*old, young], 0, 30)
    assert (found.fates[Fate.GONE_EXPECTED], found.fates[Fate.KEPT_EXPECTED]) == (3, 6)


@st.composite
def spendings(draw: st.DrawFn) -> list[Spending]:
    found = []
    for number in range(draw(st.integers(1, 25))):
        own = tuple(
            Lifetime(f"{number}/{x.cluster}", x.stratum, x.group, x.lines, x.born_at_ms, x.died_at_ms, x.observed_until_ms)
            for x in draw(lifetimes(clusters=3))
        )
        fix = draw(st.sampled_from([None, None, None, Fix(), Fix("most lines", {AI: 2, HUMAN: 1}), Fix("issue", {AI: 1})]))
        found.append(Spending(f"s{number}", draw(st.integers(-50, 10**12)), own if draw(st.booleans()) else (), fix))
    return found


@given(spendings(), st.integers(-(10**9), 10**12), st.sampled_from([7, 30]))
@settings(deadline=None, max_examples=40)
def test_everything_sums_to_the_nano_dollar(spending: list[Spending], unlinked: int, days: int) -> None:
    found = measured(spending, unlinked, days, [MOST])
    assert sum(found.fates.values()) == found.total_nanousd == sum(each.nanousd for each in spending) + unlinked
    assert set(found.fates) == set(Fate)
    assert sum(each.nanousd for each in found.fixes) == found.fates[Fate.FIX]


@given(lifetimes(groups=(AI,), clusters=40), st.sampled_from([7, 30, 90]))
@settings(deadline=None, max_examples=60)
def test_over_all_spending_it_is_the_product_limit_estimate(history: list[Lifetime], days: int) -> None:
    """Efron (1967): redistributed to the right, censored lines give Kaplan and Meier's curve again."""
    names = sorted({each.cluster for each in history})
    own = {name: tuple(each for each in history if each.cluster == name) for name in names}
    spending = [Spending(name, sum(x.lines for x in own[name]) * 10**6, own[name]) for name in names]
    found = measured(spending, 0, days)
    alive = of_lines(history).alive(days * DAY_MS)
    if not found.fates[Fate.OPEN] and found.gone_nanousd is not None and alive is not None:
        assert found.gone_nanousd == pytest.approx((1 - alive) * found.total_nanousd, abs=10 * len(history))
    if found.gone_low_nanousd is not None and found.gone_high_nanousd is not None and found.gone_nanousd is not None:
        assert found.gone_low_nanousd - 10 * len(history) <= found.gone_nanousd <= found.gone_high_nanousd + 10 * len(history)


def test_while_too_few_are_old_enough_young_lines_are_open_and_what_is_gone_is_unknown() -> None:
    found = measured([session(n, 1, 0, 3) for n in range(5)], 0, 30)
    assert dollars(found) == {"gone": 1.25, "too young to tell": 3.75}
    assert found.gone_nanousd is None and found.gone_low_nanousd is None and found.note.startswith("not enough data")
    unseen = measured([Spending(f"s{n}", NANO_PER_USD, (lived(3, 1, f"c{n}"), lived(5, 1, f"y{n}", died=False))) for n in range(20)], 0, 30)
    assert unseen.gone_nanousd is None and unseen.note == NOTHING_SEEN


def test_the_number_of_commits_bounds_what_was_never_or_always_seen() -> None:
    never, always = measured([session(n, 0, 5) for n in range(20)], 0, 30), measured([session(n, 5, 0) for n in range(20)], 0, 30)
    assert never.gone_low_nanousd == 0 and never.gone_high_nanousd == pytest.approx(0.1684 * 20 * NANO_PER_USD, rel=1e-3)
    assert always.gone_low_nanousd == pytest.approx(0.8316 * 20 * NANO_PER_USD, rel=1e-3) and always.gone_high_nanousd == 20 * NANO_PER_USD


def test_a_correction_is_shared_like_the_money_it_corrects() -> None:
    found = measured([*(session(n, 2, 6) for n in range(20)), session(20, 2, 6, dollars=-1)], 0, 30)
    assert dollars(found) == {"gone": 4.75, "kept": 14.25}


def test_no_spending_at_all() -> None:
    found = measured([], 7, 30)
    assert dollars(found) == {"unlinked": 7 / NANO_PER_USD} and found.gone_nanousd == 0


def test_what_cannot_be_is_refused() -> None:
    with pytest.raises(InvalidInput, match="twice"):
        measured([Spending("s", 1), Spending("s", 2)], 0, 30)
    with pytest.raises(InvalidInput):
        measured([], 0, 0)
