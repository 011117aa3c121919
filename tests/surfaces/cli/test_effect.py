"""Experiments and comparisons on the command line: what is asked, what is told, and what is said of what cannot be.

From real calls to an effect: tests/gateway/test_experiments.py.
"""

import csv
import io
import json
from datetime import date, timedelta
from pathlib import Path

import pytest
from tests.surfaces.cli.seeded import Folder, seed

from wellspent.facts.clock import SystemClock, day_ms
from wellspent.facts.outcome import OutcomeEvent
from wellspent.ledger.outcomes import FILE, OutcomeLog

BEGAN = date.today() - timedelta(days=30)
TEAMS = [f"{side}-{number}" for side in ("on", "off") for number in range(6)]
TOML = f"""
[[contract]]
name = "support"
kind = "conversation_solved"

[[experiment]]
name = "tool"
unit = "team"
units = {json.dumps(TEAMS)}
arms = [{{ name = "as-is" }}, {{ name = "tool" }}]
control = "as-is"
contract = "support"
from = "{BEGAN}"

[[comparison]]
name = "assistant"
treated = {json.dumps(TEAMS[:6])}
control = {json.dumps(TEAMS[6:])}
began = "{BEGAN}"
from = "{BEGAN - timedelta(days=29)}"
contract = "support"
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Folder:
    """Eight weeks of twelve teams, half of which began in the middle and settle ten more a week since."""
    made = seed(tmp_path_factory.mktemp("effect"))
    (made.path / "wellspent.toml").write_text(TOML)
    log = OutcomeLog(made.path / FILE, SystemClock())
    for number, team in enumerate(TEAMS):
        for week in range(-4, 4):
            count = 10 + number % 6 + (number * number + 3 * week * week) % 7 + 10 * (week >= 0 and number < 6)
            at_ms = day_ms(str(BEGAN), "UTC", 7 * week + 2)
            log.add(OutcomeEvent("desk", f"{team} {week} {each}", "conversation_solved", "settled", at_ms, team=team) for each in range(count))
    log.close()
    return made


def test_before_and_after_is_told_with_grade_b(folder: Folder) -> None:
    told = folder.run("effect", "assistant")
    assert told.code == 0, told.err
    assert "outcomes a week: treated is " in told.out
    assert "Grade B, controlled comparison, not randomised." in told.out
    assert "Without the treatment both sides would have changed alike (parallel trends)." in told.out
    assert f"of each team in 8 whole weeks around {BEGAN}" in told.err
    found = json.loads(folder.run("effect", "assistant", "--json").out)
    assert (found["design"], found["weeks"], found["unplaced"]) == ("before and after", 8, 0)
    (effect,) = found["effects"]
    sides = {side["side"]: side["after"] - side["before"] for side in found["arms"]}
    assert effect["difference"] == pytest.approx(sides["treated"] - sides["control"])
    assert "treated_text" not in found["arms"][0]


def test_listed_teams_have_arms_of_one_size(folder: Folder) -> None:
    told = folder.run("effect", "tool")
    assert told.code == 0, told.err
    assert "outcomes of a team" in told.out
    assert "12 teams, as of" in told.err
    found = json.loads(folder.run("effect", "tool", "--json").out)
    assert [row["units"] for row in found["arms"]] == [6, 6]
    assert {each["grade"] for each in found["effects"]} <= {"A", "none"}
    rows = json.loads(folder.run("experiments", "assign", "tool", *TEAMS, "elsewhere", "--json").out)
    arms = [row["arm"] for row in rows]
    assert (arms.count("as-is"), arms.count("tool"), arms[-1]) == (6, 6, None)


def test_effects_are_rows_of_csv(folder: Folder) -> None:
    rows = list(csv.DictReader(io.StringIO(folder.run("effect", "tool", "--level", "90", "--csv").out)))
    assert [row["measure"] for row in rows] == ["outcomes of a team", "AI dollars of a team", "AI dollars for an outcome"]
    assert {row["level_percent"] for row in rows} == {"90.0"}
    assert folder.run("effect", "tool", "--csv", "--json").code == 2


def test_what_there_is_is_listed(folder: Folder) -> None:
    rows = json.loads(folder.run("experiments", "list", "--json").out)
    assert [(row["name"], row["design"], row["running"]) for row in rows] == [
        ("tool", "randomised", True),
        ("assistant", f"before and after {BEGAN}", True),
    ]
    assert "as-is: as asked, share 1, tool: as asked, share 1" in folder.run("experiments", "list").out


def test_what_cannot_be_is_told(folder: Folder, empty: Folder, tmp_path: Path) -> None:
    told = folder.run("effect", "models")
    assert (told.code, "there is no experiment 'models'" in told.err, "use one of tool, assistant" in told.err) == (1, True, True)
    assert "see docs/experiments.md" in empty.run("effect", "models").err
    assert "use one of tool" in folder.run("experiments", "assign", "assistant", "x").err
    assert "no team is named" in folder.run("experiments", "assign", "tool").err
    assert "see docs/experiments.md" in empty.run("experiments", "list").err
    assert folder.run("effect", "tool", "--level", "100").code == 2
    (empty.path / "wellspent.toml").write_text(TOML.replace('"assistant"', '"tool"'))
    for command in (("experiments", "list"), ("effect", "tool"), ("doctor",)):
        said = empty.run(*command)
        assert said.code != 0
        assert "two comparisons or experiments are named 'tool'" in said.err + said.out
