"""Whether an answer holds however it is measured."""

import pytest
from tests.rework.survival.test_compare import half

from wellspent.facts.errors import InvalidInput
from wellspent.rework.survival.lifetime import AI, HUMAN, Lifetime
from wellspent.rework.survival.sensitivity import Way, sensitivity

SHORTER = [*half(30, 6, AI), *half(30, 3, HUMAN)]
LONGER = [*half(30, 3, AI), *half(30, 6, HUMAN)]
NOTHING: list[Lifetime] = half(3, 3, AI)
EQUAL = [*half(30, 4, AI), *half(30, 4, HUMAN)]


def ways(**found: list[Lifetime]) -> dict[Way, list[Lifetime]]:
    return {Way(*name.split("_")): lifetimes for name, lifetimes in found.items()}


def test_a_sign_that_labels_turn_is_the_headline() -> None:
    """As seen on a public repository: by trailers AI code lives shorter, by line notes longer."""
    found = sensitivity(ways(merged_alive_notes=LONGER, merged_alive_trailers=SHORTER), [7, 30])
    assert found.turns == ("labels",) and found.contradicted
    assert found.verdict.startswith(
        "The sign turns with labels: of 2 ways to measure that differ, AI lines evidently live longer in 1 and shorter in 1. Do not rely on"
    )
    assert [(row.way.labels, row.found.days) for row in found.rows] == [("notes", 7), ("notes", 30), ("trailers", 7), ("trailers", 30)]


def test_every_choice_that_turns_it_is_named() -> None:
    found = sensitivity(ways(merged_alive_notes=LONGER, merged_dead_notes=SHORTER, all_alive_notes=SHORTER), [30])
    assert found.turns == ("history", "moves") and "with history and with moves" in found.verdict


def test_a_sign_that_turns_only_when_several_choices_change_at_once() -> None:
    found = sensitivity(ways(merged_alive_notes=LONGER, all_dead_notes=SHORTER), [30])
    assert found.turns == () and found.contradicted
    assert found.verdict.startswith("The sign turns when several choices change at once")


def test_an_answer_that_holds() -> None:
    found = sensitivity(ways(merged_alive_notes=SHORTER, all_alive_notes=SHORTER, merged_alive_trailers=NOTHING), [30])
    assert not found.turns and not found.contradicted
    assert found.verdict == "AI lines live shorter in 1 way to measure. In 1 more there are not enough data, or not enough that is alike."
    assert sensitivity(ways(merged_alive_notes=LONGER), [30]).verdict == "AI lines live longer in 1 way to measure."
    twice = [*SHORTER, *half(30, 8, AI, "t"), *half(30, 3, HUMAN, "t")]
    assert sensitivity(ways(merged_alive_notes=SHORTER, all_alive_notes=twice), [30]).verdict.startswith("AI lines live shorter in all 2 ways")
    barely = [*half(12, 5, AI), *half(12, 4, HUMAN), *half(12, 9, AI, "b"), *half(12, 1, HUMAN, "b"), *half(12, 3, AI, "c"), *half(12, 9, HUMAN, "c")]
    seems = sensitivity(ways(merged_alive_notes=barely), [30])
    assert seems.verdict == "No evidence of a difference in 1 way to measure."
    assert sensitivity(ways(merged_alive_notes=EQUAL), [30]).verdict == seems.verdict
    mixed = sensitivity(ways(merged_alive_notes=SHORTER, all_alive_notes=barely, merged_dead_notes=EQUAL), [30])
    assert mixed.verdict == "AI lines live shorter in 1 of 3 ways to measure that differ; in the others there is no evidence of either."
    assert not mixed.turns, "a way without evidence turns nothing"


def test_what_has_no_grade_is_no_evidence() -> None:
    """Few of the AI lines have their like in the other group: the difference is told, and no verdict built on it."""
    apart = [*SHORTER, *half(200, 2, AI, "alone")]
    found = sensitivity(ways(merged_alive_notes=apart), [30])
    (row,) = found.rows
    assert row.found.grade == "none" and row.found.difference is not None and not row.found.evident
    assert row.found.verdict.startswith("No evidence that would hold: ")
    assert found.verdict == "Not enough data in any of 1 ways to measure."


def test_other_groups_can_be_asked_about() -> None:
    found = sensitivity(ways(merged_alive_notes=[*half(30, 6, "claude"), *half(30, 3, "codex")]), [30], treated="claude", control="codex")
    assert found.verdict.startswith("Claude lines live shorter")


def test_without_data_nothing_is_said() -> None:
    assert sensitivity(ways(merged_alive_notes=NOTHING), [7, 30]).verdict == "Not enough data in any of 2 ways to measure."
    with pytest.raises(InvalidInput, match="no way of measuring"):
        sensitivity({})
