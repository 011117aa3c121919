"""A statement on the command line: made, issued, held against later facts, and found out where somebody changed it."""

import csv
import io
import json
import shlex
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.surfaces.cli.seeded import NANO, Folder, settle

from wellspent.budgets.window import Calendar
from wellspent.facts.attribution import Attribution
from wellspent.facts.clock import ManualClock
from wellspent.facts.entry import Adjusted, Amounts
from wellspent.facts.usage import Quality
from wellspent.ledger.ledger import Ledger
from wellspent.ledger.sqlite import SqliteJournal

TODAY = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
LAST = (TODAY.replace(day=1) - timedelta(days=1)).replace(day=10)
BEFORE = (LAST.replace(day=1) - timedelta(days=1)).replace(day=1)
PERIOD = f"{LAST:%Y-%m}"
CONTRACT = """
[[contract]]
name = "support"
kind = "conversation_solved"
baseline = { cost_usd = "8.20", source = "time study of 2025" }
vendor = { name = "Fin", price_usd = "0.99" }
"""
HEAD = "outcome,kind,state,occurred_at,run,quantity\n"


@pytest.fixture
def past(tmp_path: Path) -> Folder:
    """Two months of spending, and one outcome in each: what is linked to it and what is not."""
    folder = Folder(tmp_path)
    clock = ManualClock(int(BEFORE.timestamp() * 1000))
    ledger = Ledger.open(SqliteJournal(tmp_path / "journal.db"), clock, Calendar())
    for number, day in enumerate((BEFORE, LAST)):
        clock.advance_ms(int(day.timestamp() * 1000) - clock.now_ms())
        settle(ledger, clock.now_ms(), Attribution(org="acme", run=f"r{number}"), f"ws_{number}a", "gpt-5", 4 * NANO, Quality.EXACT)
        settle(ledger, clock.now_ms(), Attribution(org="acme"), f"ws_{number}b", "gpt-5", NANO, Quality.ESTIMATED)
    ledger.close()
    (tmp_path / "wellspent.toml").write_text(CONTRACT)
    taken(folder, f"T0,conversation_solved,settled,{BEFORE.isoformat()},r0,2", f"T1,conversation_solved,settled,{LAST.isoformat()},r1,4")
    return folder


def taken(folder: Folder, *lines: str) -> None:
    (folder.path / "outcomes.csv").write_text(HEAD + "\n".join(lines) + "\n")
    told = folder.run("outcomes", "import", "outcomes.csv", "--source", "desk")
    assert told.code == 0, told.err


def made(folder: Folder, *flags: str, period: str = PERIOD) -> dict[str, Any]:
    told = folder.run("statement", "--period", period, "--json", *flags)
    assert told.code == 0, told.err
    found: dict[str, Any] = json.loads(told.out)
    return found


def value(found: dict[str, Any], section: str, name: str, item: str = "") -> Any:
    return next(each["value"] for each in found["figures"] if (each["section"], each["item"], each["name"]) == (section, item, name))


def test_a_month_as_json_csv_and_for_people(past: Folder) -> None:
    found = made(past)
    assert (value(found, "spending", "total"), value(found, "spending", "estimated")) == (5 * NANO, NANO)
    assert value(found, "carried by outcomes", "unallocated, share") == 20
    assert value(found, "cost per outcome", "cost per outcome", "support") == NANO
    assert (found["number"], found["provisional"], found["restated"]) == (None, False, [])
    rows = list(csv.DictReader(io.StringIO(past.run("statement", "make", "--period", PERIOD, "--csv").out)))
    assert list(rows[0])[:5] == ["section", "item", "figure", "unit", "value"]
    spent = next(row for row in rows if row["figure"] == "cost per outcome")
    assert (spent["item"], spent["value_usd"], spent["grade"]) == ("support", "1.000000000", "C")
    assert all(row["grade"] and row["open"] for row in rows)
    people = past.run("statement", "--period", PERIOD)
    assert "unallocated, share  20.0 %" in people.out.replace("             ", "  ")
    assert "no statement was issued before" in people.out
    assert "not issued" in people.err


def test_an_issued_statement_stays_and_a_later_one_says_what_differs(past: Folder) -> None:
    issued = made(past, "--issue")
    assert (issued["number"], issued["version"]) == (1, 1)
    taken(past, f"T1,conversation_solved,reversed,{TODAY.isoformat()},,4", f"T2,conversation_solved,settled,{LAST.isoformat()},,1")
    ledger = Ledger.open(SqliteJournal(past.path / "journal.db"), ManualClock(int(TODAY.timestamp() * 1000)), Calendar())
    ledger.adjust(Adjusted("ws_1a", int(TODAY.timestamp() * 1000), Amounts(-NANO), "an invoice", f"{LAST:%Y-%m-%d}"))
    ledger.close()
    (past.path / "wellspent.toml").write_text(CONTRACT.replace("8.20", "9.20"))
    again = made(past, "--issue")
    assert (again["number"], again["version"], again["compared"]) == (2, 2, [1])
    lines = {(each["section"], each["name"]): each for each in again["restated"]}
    settled = lines["output", "settled"]
    assert (settled["was"], settled["now"]) == (4, 1)
    assert settled["why"] == [
        "the contract support says something else",
        "1 outcomes of support were undone since (desk T1)",
        "1 outcomes of support were heard of only since (desk T2)",
    ]
    assert lines["corrections", "posted since, counted when posted"]["why"] == [f"-$1.00 of {LAST:%Y-%m-%d} in 1 entries: an invoice"]
    assert ("before AI", "one outcome before AI") in lines
    assert value(again, "spending", "total") == value(issued, "spending", "total")
    assert made(past)["restated"] == []
    shown = json.loads(past.run("statement", "show", "1", "--json").out)
    assert shown == issued
    listed = json.loads(past.run("statement", "list", "--json").out)
    assert [(each["number"], each["version"], each["superseded_by"], each["total_nanousd"]) for each in listed] == [
        (1, 1, 2, 5 * NANO),
        (2, 2, None, 5 * NANO),
    ]
    assert "figures of statements 1 differ now" in past.run("statement", "show", "2").out


def test_what_the_newest_statement_told_is_not_news(past: Folder) -> None:
    made(past, "--issue")
    taken(past, f"T1,conversation_solved,reversed,{TODAY.isoformat()},,4")
    told = {each["told"] for each in made(past, "--issue", period=f"{BEFORE:%Y-%m}")["restated"] if each["number"] == 1}
    assert told == {0}
    assert {each["told"] for each in made(past)["restated"] if each["number"] == 1} == {2}


def test_issuing_the_same_again_makes_no_new_version(past: Folder) -> None:
    first = made(past, "--issue")
    told = past.run("statement", "--period", PERIOD, "--json", "--issue")
    assert (told.code, json.loads(told.out)) == (0, first)
    assert "issued already: statement 1, version 1" in told.err
    taken(past, f"T1,conversation_solved,reversed,{TODAY.isoformat()},,4")
    second = made(past, "--issue")
    assert (second["number"], made(past, "--issue")) == (2, second)
    assert len(json.loads(past.run("statement", "list", "--json").out)) == 2


def test_figures_of_outcomes_open_to_what_they_count(past: Folder) -> None:
    """The command beside a figure lists outcomes whose quantities, or lines, are that figure."""
    (past.path / "wellspent.toml").write_text(CONTRACT + 'settle_after = "20d"\nrework = ["reopened"]\n')
    day, late = LAST.isoformat(), (TODAY - timedelta(days=1)).isoformat()
    taken(
        past,
        f"T2,conversation_solved,settled,{day},,3",
        f"T2,conversation_solved,reversed,{late},,3",
        f"T3,conversation_solved,pending,{day},,5",
        f"T4,conversation_solved,reversed,{day},,7",
        f"T5,deal,settled,{day},,1",
        f"T6,reopened,settled,{day},,1",
        f"T7,time_saved,settled,{day},,1",
        f"T8,conversation_solved,settled,{day},,1",
        f"T9,conversation_solved,settled,{(LAST.replace(day=28)).isoformat()},,9",
    )
    found = made(past)
    listed = [each for each in found["figures"] if each["open"].startswith("wellspent outcomes list") and each["unit"] == "outcomes"]
    counts = {each["name"]: each["value"] for each in listed}
    assert counts["reversed"] == 3 and counts["of no contract"] == 1 and counts["without a link"] >= 1
    for each in listed:
        _, *words = shlex.split(each["open"])
        rows = json.loads(past.run(*words, "--json").out)
        by_lines = each["section"] == "outcomes"
        assert sum(1 if by_lines else row["quantity"] for row in rows) == each["value"], each
    assert past.run("outcomes", "list", "--state", "counted").code == 2
    assert "there is no contract 'x'" in past.run("outcomes", "list", "--contract", "x").err


def test_verify_finds_what_was_changed(past: Folder) -> None:
    assert json.loads(past.run("ledger", "verify", "--json").out)[0]["statements"] == 0
    made(past, "--issue")
    assert json.loads(past.run("ledger", "verify", "--json").out)[0]["statements"] == 1
    (file,) = (past.path / "statements").glob("*.json")
    file.chmod(0o600)
    file.write_text(file.read_text().replace('"value":5000000000', '"value":4000000000'))
    told = past.run("ledger", "verify")
    assert (told.code, "statement 1" in told.err, "was changed since it was issued" in told.err) == (1, True, True)
    assert past.run("statement", "list").code == 1
    assert past.run("statement", "--period", PERIOD).code == 1


def test_a_pdf_is_the_same_for_the_same_facts(past: Folder) -> None:
    made(past, "--issue")
    for name in ("a.pdf", "b.pdf"):
        told = past.run("statement", "show", "1", "--pdf", name)
        assert (told.code, told.out) == (0, ""), told.err
    assert (past.path / "a.pdf").read_bytes() == (past.path / "b.pdf").read_bytes()
    told = past.run("statement", "--period", PERIOD, "--pdf", "draft.pdf", "--csv")
    assert told.out.startswith("section,")
    assert (past.path / "draft.pdf").read_bytes()[:4] == b"%PDF"
    told = past.run("statement", "--period", PERIOD, "--issue", "--pdf", "nowhere/a.pdf")
    assert (told.code, "there is no folder" in told.err) == (2, True)
    assert len(json.loads(past.run("statement", "list", "--json").out)) == 1


def test_a_period_that_is_not_over_cannot_be_issued(own: Folder) -> None:
    found = made(own, period=f"{TODAY:%Y-%m}")
    assert found["provisional"] and "provisional" in found["notes"][0]
    assert found["last"] == f"{TODAY:%Y-%m-%d}"
    told = own.run("statement", "--period", f"{TODAY:%Y-%m}", "--issue")
    assert (told.code, "is not over" in told.err) == (2, True)
    assert not list(own.path.glob("statements/*.json"))
    assert "provisional" in own.run("statement", "--period", f"{TODAY:%Y-%m}").err


def test_without_a_contract_all_of_it_is_unallocated(own: Folder) -> None:
    found = made(own, period=f"{TODAY:%Y-%m}")
    assert value(found, "carried by outcomes", "unallocated") == 5 * NANO
    assert found["contracts"] == []


@pytest.mark.parametrize(
    ("period", "code", "told"),
    [
        ("soon", 2, "no period of a statement"),
        ("2026-Q5", 2, "no period of a statement"),
        ("2190-01", 2, "has not begun"),
        ("2001-Q1", 1, "nothing is known of Quarter 1 of 2001: the ledger begins on"),
    ],
)
def test_bad_periods_say_what_to_do(shared: Folder, period: str, code: int, told: str) -> None:
    ran = shared.run("statement", "--period", period)
    assert (ran.code, told in ran.err, "to do: " in ran.err) == (code, True, True), ran.err


def test_what_is_not_there_is_told(empty: Folder) -> None:
    assert "there is no ledger" in empty.run("statement", "--period", PERIOD).err
    assert "there is no statement 3" in empty.run("statement", "show", "3").err
    assert "no statement was issued yet" in empty.run("statement", "list").err
    assert "statement show" in empty.run("--help").out
    assert "list" in empty.run("statement", "--help").out


def test_effects_and_self_reported_time_stand_apart(past: Folder) -> None:
    teams = [f"team{number}" for number in range(8)]
    experiment = f'''
[[comparison]]
name = "assistant"
treated = {json.dumps(teams[:4])}
control = {json.dumps(teams[4:])}
began = "{LAST:%Y-%m-%d}"
from = "{BEFORE:%Y-%m-%d}"
contract = "support"

[[experiment]]
name = "model"
unit = "run"
arms = [{{ name = "as-is" }}, {{ name = "small", model = "gpt-5-mini" }}]
control = "as-is"
contract = "support"
from = "{LAST:%Y-%m-%d}"
'''
    (past.path / "wellspent.toml").write_text(CONTRACT + experiment)
    plain = made(past)
    assert [each["name"].split(":")[0] for each in plain["effects"]][-1] == "assistant"
    assert all(each["grade"] == "none" and each["figure"] == "" and "No evidence" in each["verdict"] for each in plain["effects"])
    assert all(each["open"] == f"wellspent effect {each['name'].split(':')[0]}" for each in plain["effects"])
    before = made(past, period=f"{BEFORE:%Y-%m}")
    assert before["effects"] == []
    (past.path / "said.csv").write_text(
        "outcome,kind,state,occurred_at,quantity,by\n"
        + "".join(f"S{number},time_saved,settled,{LAST.isoformat()},30,person{number}\n" for number in range(5))
        + f"S9,time_saved,settled,{BEFORE.isoformat()},30,person9\n"
    )
    assert past.run("outcomes", "import", "said.csv", "--source", "survey").code == 0
    found = made(past)
    assert found["self_reported"] == [{"period": PERIOD, "reports": 5, "minutes": 150}]
    assert made(past, period=f"{BEFORE:%Y-%m}")["self_reported"] == [{"period": f"{BEFORE:%Y-%m}", "reports": None, "minutes": None}]
    apart = [[each for each in one["figures"] if each["section"] != "outcomes"] for one in (found, plain)]
    assert apart[0] == apart[1]
    pilot = ["--owner", "ada", "--scope", "team:care", "--contract", "support", "--hypothesis", "helps", "--decide-by", "2190-01-01"]
    told = past.run("initiatives", "set", "bot", "--begins", f"{LAST:%Y-%m-%d}", *pilot)
    assert told.code == 0, told.err
    assert [each["name"] for each in made(past)["initiatives"]] == ["bot"]
    assert made(past, period=f"{BEFORE:%Y-%m}")["initiatives"] == []
    people = past.run("statement", "--period", PERIOD).out
    assert "bot (ada)" in people
    assert "2.5 hours in 5 reports; in no sum" in people
    assert "assistant" in people
