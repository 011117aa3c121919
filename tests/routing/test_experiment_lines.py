"""``[[experiment]]``: what can be one, and what is said of what cannot."""

from typing import Any

import pytest

from wellspent.facts.errors import ConfigError
from wellspent.routing.experiment_lines import experiments_of

LINE: dict[str, Any] = {
    "name": "models",
    "unit": "run",
    "arms": [{"name": "big"}, {"name": "small", "model": "gpt-5-mini"}],
    "control": "big",
    "contract": "support",
    "from": "2026-11-01",
}
TEAMS = ["one", "two", "three", "four"]


def read(*lines: dict[str, Any]) -> Any:
    return experiments_of([{**LINE, **line} for line in lines], "Europe/Zurich", ("support", "sales"))


def test_a_line_is_read_in_the_operators_time_zone() -> None:
    (found,) = read({"until": "2026-12-01", "where": {"workflow": "triage", "team": "care"}, "planned_n": 500, "models": ["gpt-5"]})
    assert (found.from_ms, found.until_ms) == (1_793_487_600_000, 1_796_079_600_000)
    assert (found.where, found.planned_n, found.models, found.seen_by) == ((("team", "care"), ("workflow", "triage")), 500, ("gpt-5",), "calls")
    assert [(arm.name, arm.share, arm.model) for arm in found.arms] == [("big", 1, ""), ("small", 1, "gpt-5-mini")]


def test_units_of_a_holdout_are_seen_by_outcomes() -> None:
    (found,) = read({"arms": [{"name": "big"}, {"name": "none", "holdout": True, "share": 2}]})
    assert found.seen_by == "outcomes"
    assert read({"seen_by": "outcomes"})[0].seen_by == "outcomes"


def test_teams_are_listed_and_cut() -> None:
    (found,) = read({"unit": "team", "units": TEAMS})
    assert sorted(found.listed) == sorted(TEAMS)
    assert sorted(found.listed.values()) == ["big", "big", "small", "small"]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ({"name": "No name"}, "cannot be a tag"),
        ({"name": ""}, "cannot be a tag"),
        ({"unit": "person"}, "nobody is to be compared with a colleague"),
        ({"unit": "branch"}, "use one of run, session"),
        ({"unit": "team"}, "assigns teams that it does not name"),
        ({"units": ["a", "a"]}, "lists a unit twice"),
        ({"units": ["a", ""]}, "without a name"),
        ({"units": ["a"]}, "lists 1 units"),
        ({"arms": [{"name": "big"}]}, "has 1 arms"),
        ({"arms": [{"name": "big"}, {"name": "big"}]}, "two arms of one name"),
        ({"arms": [{"name": "big"}, {"name": "a b"}]}, "cannot be a tag"),
        ({"arms": [{"name": "big"}, {"name": "b", "share": 0}]}, "an arm with share 0"),
        ({"arms": [{"name": "big"}, {"name": "b", "share": 0.5}]}, "Expected `int`, got `float`"),
        ({"arms": [{"name": "big"}, {"name": "b", "models": "x"}]}, "unknown field `models`"),
        ({"arms": [{"name": "big"}, {"name": "b", "model": "x", "holdout": True}]}, "a model that it never asks"),
        ({"arms": [{"name": "big"}, {"name": "b", "holdout": True}], "seen_by": "calls"}, "the units of a holdout make none"),
        ({"control": "large"}, "'large', which is none of its arms; use one of big, small"),
        ({"where": {"person": "ann"}}, "asks where person"),
        ({"contract": "deals"}, "'deals', which there is not; use one of support, sales"),
        ({"planned_n": 1}, "has planned_n 1"),
        ({"from": "soon"}, "'soon' is not a day"),
        ({"until": "2026-11-01"}, "is over on 2026-11-01, before it begins"),
        ({"seen_by": "luck"}, "Invalid enum value"),
    ],
)
def test_what_cannot_be_an_experiment_is_told(line: dict[str, Any], said: str) -> None:
    with pytest.raises(ConfigError) as caught:
        read(line)
    assert said in str(caught.value)
    assert caught.value.fix


def test_without_any_contract_one_is_asked_for() -> None:
    with pytest.raises(ConfigError, match=r"write a \[\[contract\]\]"):
        experiments_of([LINE], "UTC", ())


def test_a_first_day_is_needed() -> None:
    with pytest.raises(ConfigError, match="missing required field `from`"):
        experiments_of([{name: value for name, value in LINE.items() if name != "from"}], "UTC", ("support",))


def test_two_of_one_name_are_refused() -> None:
    with pytest.raises(ConfigError, match="two experiments are named 'models'"):
        read({}, {"where": {"team": "care"}})


@pytest.mark.parametrize(
    ("one", "other", "both"),
    [
        ({}, {}, True),
        ({"where": {"team": "care"}}, {"where": {"project": "apollo"}}, True),
        ({"where": {"team": "care"}}, {"where": {"team": "sales"}}, False),
        ({"until": "2026-12-01"}, {"from": "2026-12-01"}, False),
        ({"from": "2026-12-01"}, {"until": "2026-12-01"}, False),
        ({"until": "2026-12-01"}, {"from": "2026-11-30"}, True),
        ({}, {"arms": [{"name": "big"}, {"name": "small"}]}, False),
    ],
)
def test_two_that_could_change_one_call_are_refused_by_name(one: dict[str, Any], other: dict[str, Any], both: bool) -> None:
    if both:
        with pytest.raises(ConfigError, match="'models' and 'again' could both change one call"):
            read(one, {**other, "name": "again"})
    else:
        assert len(read(one, {**other, "name": "again"})) == 2
