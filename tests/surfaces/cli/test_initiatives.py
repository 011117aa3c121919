"""Initiatives on the command line: begun, listed, shown, decided; from a file, a journal and settings."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from tests.surfaces.cli.seeded import NANO, Folder
from tests.surfaces.cli.test_value import CONTRACT, taken

from wellspent.facts.errors import InvalidInput
from wellspent.facts.initiative import Target
from wellspent.surfaces.cli.initiative_text import parse_target

MODELS = """
[[experiment]]
name = "models"
unit = "run"
arms = [{ name = "as-is" }, { name = "cheaper", model = "gpt-5-mini" }]
control = "as-is"
contract = "support"
from = "2026-01-01"
planned_n = 200
"""
TODAY = datetime.now(UTC).date()
NOW = datetime.now(UTC).isoformat(timespec="seconds")
NEXT = str(TODAY + timedelta(days=20))
PAST = str(TODAY - timedelta(days=3))
BEGAN = str(TODAY - timedelta(days=30))
NEW = ("--owner", "ada", "--scope", "team:core", "--contract", "support", "--hypothesis", "solves more", "--begins", BEGAN)


def swapped(one: str, other: str) -> tuple[str, ...]:
    return tuple(other if word == one else word for word in NEW)


def set_pilot(folder: Folder, *more: str, name: str = "care") -> str:
    (folder.path / "wellspent.toml").write_text(CONTRACT + MODELS)
    told = folder.run("initiatives", "set", name, *NEW, *more)
    assert told.code == 0, told.err
    return told.err


def listed(folder: Folder, code: int = 0) -> list[dict[str, Any]]:
    told = folder.run("initiatives", "--json")
    assert told.code == code, told.err
    rows: list[dict[str, Any]] = json.loads(told.out)
    return rows


def test_from_a_pilot_to_where_it_stands(own: Folder) -> None:
    assert "limited by the budget pilot-care" in set_pilot(own, "--decide-by", NEXT, "--budget", "20", "--target", "0.10")
    taken(own, *(f"T{number},conversation_solved,settled,{NOW},r1,1" for number in range(12)), f"T99,conversation_solved,settled,{NOW},,1")
    (row,) = listed(own)
    assert (row["spent_nanousd"], row["limit_nanousd"], row["used_percent"], row["calls"]) == (5 * NANO, 20 * NANO, 25.0, 2)
    assert (row["settled"], row["linked"], row["grade"], row["suggested"]) == (12, 12, "C", "stop or change")
    assert (row["each_usd"], row["before_usd"], row["days_left"]) == ("0.416666667", "8.200000000", 20)
    budgets = json.loads(own.run("budgets", "list", "--json").out)
    (pilot,) = [each for each in budgets if each["id"] == "pilot-care"]
    assert (pilot["scope"], pilot["limit"], pilot["at_limit"]) == ("team:core", 20 * NANO, "alert")
    people = own.run("initiatives", "list")
    assert people.code == 0
    assert "25 % of $20.00" in people.out
    assert "20 left" in people.out
    assert "name,owner,scope" in own.run("initiatives", "--csv").out


def test_one_pilot_with_its_evidence_and_its_history(own: Folder) -> None:
    set_pilot(own, "--decide-by", NEXT, "--target", "0.10")
    taken(own, f"T1,conversation_solved,settled,{NOW},r1,1")
    own.run("initiatives", "set", "care", "--target", "0.50", "--owner", "bea")
    told = own.run("initiatives", "decide", "care", "change", "--because", "the target was too low", "--by", "cfo")
    assert (told.code, "care: change, because the target was too low" in told.err) == (0, True)
    shown = own.run("initiatives", "show", "care")
    for said in ("$5.00, without a budget", "evidence C", "1 share an id with a call of team:core", "change, by cfo on", "owner ada → bea"):
        assert said in shown.out, said
    assert "target at most $0.10 each → at most $0.50 each" in shown.out
    found = json.loads(own.run("initiatives", "show", "care", "--json").out)
    assert [each["change"].split()[0] for each in found["history"]] == ["begun", "owner", "decided:"]
    assert (found["decision"], found["decided_by"], found["because"]) == ("change", "cfo", "the target was too low")
    assert "care" in own.run("initiatives", "show", "care", "--csv").out


def test_an_overdue_decision_crosses_a_threshold_until_it_is_made(own: Folder) -> None:
    set_pilot(own, "--decide-by", PAST)
    set_pilot(own, "--decide-by", NEXT, name="calm")
    assert [row["name"] for row in listed(own, code=3)] == ["care", "calm"]
    told = own.run("initiatives")
    assert (told.code, "3 overdue" in told.out, "overdue: care" in told.err) == (3, True, True)
    told = own.run("initiatives", "decide", "care", "stop", "--because", "nobody used it")
    assert "wellspent stop team:core" in told.err
    rows = listed(own)
    assert [(row["name"], row["decision"], row["days_left"]) for row in rows] == [("calm", "", 20), ("care", "stop", None)]
    assert "it is open again" in own.run("initiatives", "set", "care", "--decide-by", NEXT).err
    assert [row["decision"] for row in listed(own)] == ["", ""]


def test_what_was_removed_keeps_its_history_and_its_limit(own: Folder) -> None:
    set_pilot(own, "--decide-by", NEXT, "--budget", "5", "--at-limit", "refuse")
    assert own.run("initiatives", "remove", "care").code == 2
    told = own.run("initiatives", "remove", "care", "--yes")
    assert (told.code, "its budget still limits: wellspent budgets remove pilot-care" in told.err) == (0, True)
    assert listed(own) == []
    shown = own.run("initiatives", "show", "care")
    assert (shown.code, "which was removed" in shown.out, "begun" in shown.out) == (0, True, True)
    assert json.loads(own.run("initiatives", "show", "care", "--json").out)["removed"] is True
    assert own.run("initiatives", "show", "nobody").code == 1


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (("set", "new", "--owner", "ada"), 2, "needs --scope, --contract, --hypothesis, --decide-by"),
        (("set", "new", *NEW, "--decide-by", "soon"), 2, "which is no day"),
        (("set", "new", *swapped("support", "sales"), "--decide-by", NEXT), 1, "use one of support"),
        (("set", "new", *swapped("team:core", "core"), "--decide-by", NEXT), 2, "is not a scope"),
        (("set", "new", *NEW, "--decide-by", NEXT, "--target", "soon"), 2, "is no target"),
        (("set", "new", *NEW, "--decide-by", NEXT, "--target", "+5 points"), 2, "nothing that looks for it"),
        (("set", "new", *NEW, "--decide-by", NEXT, "--budget", "much"), 2, "is not an amount"),
        (("set", "new", *NEW, "--decide-by", NEXT, "--experiment", "other"), 1, "write one in wellspent.toml"),
        (("decide", "none", "stop", "--because", "x"), 1, "no initiative 'none'"),
        (("decide", "none", "stop"), 2, "because"),
        (("decide", "none", "maybe", "--because", "x"), 2, "maybe"),
    ],
)
def test_what_cannot_be_is_told(own: Folder, words: tuple[str, ...], code: int, says: str) -> None:
    (own.path / "wellspent.toml").write_text(CONTRACT)
    told = own.run("initiatives", *words)
    assert told.code == code
    assert says in told.err + told.out
    assert listed(own) == []


def test_without_a_journal_nothing_was_spent_and_the_list_is_there(empty: Folder) -> None:
    assert "there are no initiatives yet" in empty.run("initiatives").err
    set_pilot(empty, "--decide-by", NEXT, "--target", "-0.10 USD per run", "--experiment", "models")
    (row,) = listed(empty)
    assert (row["spent_nanousd"], row["target"], row["settled"]) == (0, "at most -0.1 USD per run", 0)
    assert "no evidence yet: there is no ledger" in row["suggestion"]
    assert empty.run("initiatives", "set", "care", "--target", "none", "--experiment", "none").code == 0
    assert listed(empty)[0]["target"] == ""
    assert empty.run("initiatives", "--help").code == 0


@pytest.mark.parametrize(
    ("text", "target"),
    [
        ("40", Target(cost_nanousd=40 * NANO)),
        ("$0.99", Target(cost_nanousd=990_000_000)),
        ("+5 points", Target(effect=0.05, unit="share")),
        ("-2.5 percentage points", Target(effect=-0.025, unit="share")),
        ("-0.10 USD per outcome", Target(effect=-0.1, unit="USD per outcome")),
        ("none", None),
    ],
)
def test_targets_as_people_write_them(text: str, target: Target | None) -> None:
    assert parse_target(text) == target


@pytest.mark.parametrize("text", ["", "soon", "5 points", "+ 5", "+5points"])
def test_targets_that_say_nothing(text: str) -> None:
    with pytest.raises(InvalidInput, match="is no target") as caught:
        parse_target(text)
    assert "+5 points" in caught.value.fix
