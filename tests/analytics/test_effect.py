"""Grades, checks and verdicts: what is said of a difference, and what is not said."""

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wellspent.analytics.effect import Arm, Check, Difference, Effect, Grade, Plan, Question, conclude, sample_ratio, with_check
from wellspent.facts.errors import InvalidInput

RANDOMISED = Plan(randomised=True, units="runs")
FOUND = Difference(2.0, 1.0, 3.0, 0.001, 0.5)


def question(plan: Plan = RANDOMISED, treated_n: int = 100, control_n: int = 100, unit: str = "USD") -> Question:
    return Question("new", "old", treated_n, control_n, 95.0, unit, "a method", ("An assumption.",), plan)


def test_chance_gives_grade_a() -> None:
    effect = conclude(question(), FOUND)
    assert effect.grade is Grade.A and effect.evident and effect.counts_for_roi
    assert effect.verdict.startswith("new is 2 USD higher than old (95 % interval of new minus old: 1 USD to 3 USD).")
    assert effect.assumptions == ("An assumption.", "Chance assigned the runs, and nothing but the arm differs between them.")
    assert Grade.A.meaning == "randomised" and Grade.NONE.meaning == "no comparison that can be trusted"


def test_without_chance_it_is_a_controlled_comparison() -> None:
    effect = conclude(question(Plan()), Difference(-2.0, -3.0, -1.0, 0.001))
    assert effect.grade is Grade.B and "is 2 USD lower than" in effect.verdict
    assert effect.checks == () and "whatever else differs" in effect.assumptions[-1]


def test_zero_in_the_interval_is_no_evidence() -> None:
    effect = conclude(question(), Difference(1.0, -1.0, 3.0, 0.3))
    assert not effect.evident and not effect.counts_for_roi
    assert effect.verdict.startswith("No evidence of a difference (95 % interval of new minus old: -1 USD to 3 USD).")


def test_too_few_data_have_no_difference_and_no_grade() -> None:
    effect = conclude(question(), "the arms are small")
    assert (effect.difference, effect.low, effect.high, effect.p_value) == (None, None, None, None)
    assert effect.grade is Grade.NONE and not effect.evident and effect.verdict.startswith("No evidence: the arms are small.")


def test_a_difference_never_stands_without_its_interval() -> None:
    with pytest.raises(InvalidInput, match="interval"):
        Effect("new", "old", 10, 10, 1.0, None, None, 95.0, None, None, "", "", (), (), Grade.A, "")


@pytest.mark.parametrize(("randomised", "grade"), [(True, Grade.B), (False, Grade.NONE)])
def test_a_failed_check_lowers_the_grade_and_is_said(randomised: bool, grade: Grade) -> None:
    effect = conclude(question(Plan(randomised=randomised)), FOUND, (Check("earlier trends", False, "They drifted."),))
    assert effect.grade is grade and "They drifted." in effect.verdict


def test_a_check_that_could_not_be_made_is_said_but_lowers_nothing() -> None:
    effect = conclude(question(), FOUND, (Check("earlier trends", None, "Nothing tells."),))
    assert effect.grade is Grade.A and "Nothing tells." in effect.verdict


def test_sample_ratio_mismatch_600_to_400() -> None:
    """Wikipedia, "Sample ratio mismatch": 600 and 400 of 1,000 split evenly have p = 2.54e-10; srm.osc.garden: 44,000 and 45,000 p = 0.0008."""
    assert sample_ratio(600, 400, RANDOMISED).p_value == pytest.approx(2.54e-10, rel=1e-3)
    assert sample_ratio(44_000, 45_000, RANDOMISED).p_value == pytest.approx(0.0008, abs=5e-5)
    effect = conclude(question(treated_n=600, control_n=400), FOUND)
    assert effect.grade is Grade.NONE and "assignment or logging is broken" in effect.verdict
    assert not effect.counts_for_roi


@given(st.lists(st.builds(Check, st.just("look"), st.sampled_from([True, None, False]), st.just("Seen."), decisive=st.booleans()), max_size=4))
def test_checks_only_ever_lower_a_grade_and_a_decisive_one_leaves_none(checks: list[Check]) -> None:
    effect = conclude(question(), FOUND, tuple(checks))
    failed = [check for check in checks if check.passed is False]
    lowest = any(check.decisive for check in failed) or len(failed) > 1
    assert effect.grade is (Grade.NONE if lowest else Grade.B if failed else Grade.A)


def test_sample_ratio_goes_by_the_planned_share() -> None:
    assert sample_ratio(100, 900, Plan(randomised=True, treated_share=0.1)).passed
    assert sample_ratio(500, 500, Plan(randomised=True, treated_share=0.1)).passed is False


def test_peeking_is_said() -> None:
    assert "200 of 1,000 planned runs so far: do not stop on this" in conclude(question(Plan(planned_n=1_000, units="runs")), FOUND).verdict
    assert "The planned 200 units were reached." in conclude(question(Plan(planned_n=200)), FOUND).verdict
    assert "No size was planned" in conclude(question(), FOUND).verdict


def test_self_reports_are_shown_and_never_counted() -> None:
    effect = conclude(question(Plan(randomised=True, self_reported=True)), FOUND)
    assert effect.verdict.startswith("Self-reported, so not part of any return.")
    assert effect.evident and effect.grade is Grade.NONE and effect.self_reported and not effect.counts_for_roi


def test_numbers_are_said_as_people_say_them() -> None:
    assert "12,345 USD" in conclude(question(), Difference(12_345.0, 11_111.0, 13_579.0, 0.001)).verdict
    assert "20 percentage points" in conclude(question(unit="share"), Difference(0.2, 0.1, 0.3, 0.001)).verdict
    assert "new is 2 higher" in conclude(question(unit=""), FOUND).verdict


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: Arm("new", 0, successes=0),
        lambda: Arm("new", 10),
        lambda: Arm("new", 1, successes=1, values=(1.0,)),
        lambda: Arm("new", 10, successes=11),
        lambda: Arm("new", 2, values=(1.0,)),
        lambda: Arm.of_values("new", ()),
        lambda: Arm.of_values("new", (1.0, float("nan"))),
        lambda: Arm.of_values("new", (1.0, float("inf"))),
        lambda: Plan(treated_share=1.0),
        lambda: Plan(planned_n=1),
        lambda: Question("new", "new", 10, 10, 95.0, "", "", (), Plan()),
        lambda: Question("new", "old", 10, 10, 100.0, "", "", (), Plan()),
    ],
)
def test_what_cannot_be_meant_is_refused(wrong: object) -> None:
    assert callable(wrong)
    with pytest.raises(InvalidInput):
        wrong()


def test_nothing_heavy_is_imported_with_the_room() -> None:
    program = (
        "import sys; from wellspent.analytics import arms, clusters, effect, panel, power; "
        "sys.exit(', '.join({'numpy', 'scipy', 'statsmodels', 'pandas'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False, capture_output=True, text=True).stderr.strip() == ""


def test_one_more_look_is_told_where_it_did_not_pass_and_lowers_the_grade_where_it_failed() -> None:
    effect = conclude(question(), FOUND)
    fine, told, failed = (with_check(effect, Check("look", passed, "Something was seen.")) for passed in (True, None, False))
    assert (fine.verdict, fine.grade) == (effect.verdict, "A")
    assert (told.verdict, told.grade) == (f"{effect.verdict} Something was seen.", "A")
    assert failed.grade == "B"
    assert [each.checks[-1].passed for each in (fine, told, failed)] == [True, None, False]


def test_where_no_unit_was_seen_sizes_tell_nothing() -> None:
    assert sample_ratio(0, 0, Plan(randomised=True)).passed is None
