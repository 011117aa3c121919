"""Two groups like with like."""

import numpy as np
import pytest
from hypothesis import given, settings
from tests.rework.survival.history import lifetimes, lived, within_chance, world

from wellspent.facts.errors import InvalidInput
from wellspent.rework.survival.compare import Durability, compare
from wellspent.rework.survival.curve import of_lines
from wellspent.rework.survival.lifetime import AI, DAY_MS, HUMAN, UNKNOWN, Lifetime


def half(clusters: int, gone: int, group: str, stratum: str = "s", lines: int = 10) -> list[Lifetime]:
    """Commits of ten lines, of which some died after three days; one line more or less, so that they vary."""
    found = []
    for n in range(clusters):
        dead = min(lines, max(0, gone + n % 3 - 1))
        name = f"{group}{stratum}{n}"
        found += [lived(3, dead, name, group=group, stratum=(stratum,))] if dead else []
        found += [lived(100, lines - dead, name, group=group, stratum=(stratum,), died=False)] if dead < lines else []
    return found


def month(history: list[Lifetime], **asked: str) -> Durability:
    (found,) = compare(history, [30], **asked)  # type: ignore[arg-type]
    return found


def test_the_difference_its_interval_its_grade_and_its_words() -> None:
    found = month([*half(30, 6, AI), *half(30, 3, HUMAN)])
    assert (found.treated_gone, found.control_gone, found.difference) == pytest.approx((0.6, 0.3, 0.3))
    assert found.low is not None and found.high is not None and found.low < 0.3 < found.high
    assert (found.treated_n, found.control_n, found.strata, found.grade, found.evident) == (30, 30, 1, "B", True)
    assert found.verdict.startswith("AI lines live shorter: within 30 days 60.0 % of AI lines and 30.0 % of lines attested to people were gone (95 %")
    assert found.assumptions and found.method


def test_either_sign_is_reported() -> None:
    found = month([*half(30, 2, AI), *half(30, 5, HUMAN)])
    assert found.verdict.startswith("AI lines live longer")
    assert month([*half(30, 4, AI), *half(30, 4, HUMAN)]).verdict.startswith("No evidence of a difference: within 30 days")


@given(lifetimes(clusters=60))
@settings(deadline=None, max_examples=20)
def test_swapping_the_groups_flips_the_sign(history: list[Lifetime]) -> None:
    for one, two in zip(compare(history), compare(history, treated=HUMAN, control=AI), strict=True):
        assert (one.difference is None) == (two.difference is None)
        if one.difference is not None and two.difference is not None and one.low is not None and two.high is not None:
            assert one.low <= one.difference
            assert (one.difference, one.low) == pytest.approx((-two.difference, -two.high), abs=1e-9)


def test_within_one_stratum_it_is_the_difference_of_two_curves() -> None:
    history = [*half(15, 6, AI), *half(20, 3, HUMAN), *(lived(9, 4, f"y{n}", group=AI, stratum=("s",), died=False) for n in range(7))]
    one, two = (of_lines(each for each in history if each.group == group).alive(30 * DAY_MS) for group in (AI, HUMAN))
    assert one is not None and two is not None
    assert month(history).difference == pytest.approx(two - one) == pytest.approx(month(history).crude)


def test_a_busy_folder_does_not_decide() -> None:
    """Simpson's reversal: in each folder AI lines live longer, but most of them lie where much is changed."""
    busy = [*half(60, 7, AI, "busy"), *half(12, 8, HUMAN, "busy")]
    calm = [*half(12, 1, AI, "calm"), *half(60, 2, HUMAN, "calm")]
    found = month([*busy, *calm])
    assert found.crude is not None and found.crude > 0.2
    assert found.difference == pytest.approx(-0.1, abs=0.02)
    assert "not like with like, the difference would be +" in found.verdict
    assert [check.passed for check in found.checks if check.name == "mix of strata"] == [None]


def test_strata_with_one_group_alone_are_left_out_and_told() -> None:
    alike = [*half(30, 6, AI), *half(30, 3, HUMAN)]
    found = month([*alike, *half(20, 9, AI, "ai alone"), *half(20, 0, HUMAN, "people alone")])
    assert found.difference == pytest.approx(0.3)
    assert (found.strata, found.treated_n) == (1, 30)
    assert next(check for check in found.checks if check.name == "like with like").passed
    mostly = month([*alike, *half(400, 9, AI, "ai alone")])
    assert mostly.grade == "none" and "7% of the AI lines have their like" in mostly.verdict


def test_few_commits_are_rough_and_fewer_say_nothing() -> None:
    rough = month([*half(12, 6, AI), *half(30, 3, HUMAN)])
    assert rough.difference is not None and "12 commits of equal size" in rough.verdict
    for short in ([*half(9, 6, AI), *half(30, 3, HUMAN)], [*half(30, 6, AI), *half(9, 3, HUMAN)]):
        found = month(short)
        assert found.difference is None and found.grade == "none" and found.checks == ()
        assert found.verdict.startswith("No evidence: not enough data: 9 of the 10 commits")


def test_without_the_other_group_nothing_is_said() -> None:
    for history in (half(30, 6, AI), [*half(30, 6, AI), *half(30, 6, HUMAN, "elsewhere")], []):
        found = month(history)
        assert (found.difference is None and "no repository, month and directory" in found.verdict) or "unknown" in found.verdict


def test_while_most_authors_are_unknown_nothing_is_compared_but_what_is_asked_of_them() -> None:
    history = [*half(30, 6, AI), *half(30, 3, HUMAN), *half(100, 3, UNKNOWN)]
    assert month(history).verdict.startswith("No evidence: not enough data: the author of 62% of the lines is unknown")
    asked = month(history, control=UNKNOWN)
    assert asked.difference == pytest.approx(0.3, abs=0.01)
    assert "The author of 38% of the lines is known." in asked.verdict


def test_where_nothing_varies_there_is_no_interval_and_so_no_difference() -> None:
    history = [lived(100, 5, f"{group}{n}", group=group, died=False) for group in (AI, HUMAN) for n in range(20)]
    found = month(history)
    assert found.difference is None and "nothing says how far chance moves it" in found.verdict
    assert not found.evident


def test_a_stratum_too_young_says_nothing_of_a_long_window() -> None:
    young = [lived(20, 10, f"{group}y{n}", group=group, stratum=("young",), died=False) for group in (AI, HUMAN) for n in range(30)]
    old = [*half(30, 6, AI), *half(30, 3, HUMAN)]
    week, month = compare([*old, *young], [7, 30])
    assert (week.strata, month.strata) == (2, 1)
    unseen = [lived(50, 1, f"{group}u", group=group, stratum=("unseen",)) for group in (AI, HUMAN) for _ in range(1)]
    assert compare([*old, *unseen], [30])[0].strata == 2


def test_other_groups_have_plain_words() -> None:
    found = month([*half(30, 6, "claude"), *half(30, 3, "codex")], treated="claude", control="codex")
    assert found.verdict.startswith("Claude lines live shorter")
    few = month([*half(30, 6, "claude"), *half(3, 3, "codex")], treated="claude", control="codex")
    assert "codex" in few.verdict


def test_what_cannot_be_asked_is_refused() -> None:
    with pytest.raises(InvalidInput, match="compared to itself"):
        compare([], treated=AI, control=AI)
    with pytest.raises(InvalidInput, match="level_percent"):
        compare([], level_percent=100)
    with pytest.raises(InvalidInput):
        compare([], [])


@pytest.mark.parametrize(("clusters", "strata"), [(100, 1), (150, 15), (150, 60)])
def test_intervals_hold_a_known_truth_as_often_as_they_say(clusters: int, strata: int) -> None:
    random, hits, rounds, said = np.random.default_rng(11), 0, 120, 0
    for _ in range(rounds):
        found = month(world(random, clusters, strata, 0.1))
        if found.low is not None and found.high is not None:
            said += 1
            hits += found.low <= 0.1 <= found.high
    assert said > rounds * 0.9
    assert within_chance(hits, said, 0.93), hits / said
