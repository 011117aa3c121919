"""A difference is told with its interval and its unit, or not at all."""

import msgspec
import pytest

from wellspent.analytics.effect import Difference, Effect, Plan, Question, conclude
from wellspent.surfaces.reports.evidence import figure_of

QUESTION = Question("small", "as-is", 100, 100, 95.0, "USD per outcome", "a method", (), Plan())


def effect(found: Difference | str, unit: str = "USD per outcome") -> Effect:
    return conclude(msgspec.structs.replace(QUESTION, unit=unit), found)


@pytest.mark.parametrize(
    ("unit", "told"),
    [
        ("USD per outcome", "−0.25 (−0.375 to −0.125) USD per outcome"),
        ("share", "−25 (−37.5 to −12.5) percentage points"),
    ],
)
def test_with_its_interval(unit: str, told: str) -> None:
    assert figure_of(effect(Difference(-0.25, -0.375, -0.125, 0.001, 0.06), unit)) == told


def test_or_not_at_all() -> None:
    assert figure_of(effect("there are too few")) == ""
