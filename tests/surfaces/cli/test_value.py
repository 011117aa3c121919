"""Outcomes and value on the command line: from a file and a journal to a report that adds up, and says what it does not know."""

import json
from datetime import UTC, datetime
from typing import Any

from tests.surfaces.cli.seeded import NANO, Folder

NOW = datetime.now(UTC).isoformat(timespec="seconds")
CONTRACT = """
[[contract]]
name = "support"
kind = "conversation_solved"
worth_usd = "6.50"
baseline = { cost_usd = "8.20", source = "time study of 2025" }
vendor = { name = "Fin", price_usd = "0.99" }
"""
HEAD = "outcome,kind,state,occurred_at,run,quantity\n"


def taken(folder: Folder, *lines: str) -> str:
    (folder.path / "outcomes.csv").write_text(HEAD + "\n".join(lines) + "\n")
    told = folder.run("outcomes", "import", "outcomes.csv", "--source", "desk")
    assert told.code == 0, told.err
    return told.err


def lines_of(folder: Folder) -> dict[str, dict[str, Any]]:
    told = folder.run("value", "--json")
    assert told.code == 0, told.err
    return {line["contract"]: line for line in json.loads(told.out)}


def test_from_a_file_to_what_a_dollar_bought(own: Folder) -> None:
    (own.path / "wellspent.toml").write_text(CONTRACT)
    assert "2 taken, 0 known" in taken(own, f"T1,conversation_solved,settled,{NOW},r1,2", f"T2,deal,settled,{NOW},,1")
    assert "1 taken, 2 known" in taken(own, f"T1,conversation_solved,settled,{NOW},r1,2", f"T2,deal,settled,{NOW},,1", f"T9,deal,reversed,{NOW},,1")
    lines = lines_of(own)
    support = lines["support"]
    assert (support["settled"], support["spent_nanousd"], support["linked_nanousd"]) == (2, 5 * NANO, 5 * NANO)
    assert support["each_usd"] == "2.500000000"
    assert (support["worth_usd"], support["before_usd"], support["vendor_usd"]) == ("13.000000000", "16.400000000", "1.980000000")
    assert lines["unallocated"]["spent_nanousd"] == 0
    people = own.run("value")
    assert "$2.50" in people.out
    assert "1 calls have no known price" in people.err
    assert "2 are of no contract" in people.err
    assert "1 reversals wait" in people.err


def test_what_is_undone_later_shows(own: Folder) -> None:
    (own.path / "wellspent.toml").write_text(CONTRACT)
    taken(own, f"T1,conversation_solved,settled,{NOW},r1,1")
    taken(own, f"T1,conversation_solved,reversed,{NOW},,1")
    support = lines_of(own)["support"]
    assert (support["settled"], support["reversed"], support["each_usd"], support["rework_nanousd"]) == (0, 1, None, 5 * NANO)
    (shown,) = json.loads(own.run("outcomes", "list", "--json").out)
    assert (shown["state"], shown["reversals"], shown["links"]) == ("reversed", 1, ["run=r1"])
    events = json.loads(own.run("outcomes", "show", "desk", "T1", "--json").out)
    assert [event["state"] for event in events] == ["settled", "reversed"]


def test_filters(own: Folder) -> None:
    taken(own, f"one,conversation_solved,settled,{NOW},r1,1", f"two,deal,pending,{NOW},,1")
    listed = {words: own.run("outcomes", "list", *words.split(), "--csv").out for words in ("--kind deal", "--state settled", "--unlinked")}
    assert ["desk,one" in out for out in listed.values()] == [False, True, False]
    assert ["desk,two" in out for out in listed.values()] == [True, False, True]


def test_what_cannot_be_is_told(own: Folder) -> None:
    assert own.run("value").code == 1
    assert "there is no contract" in own.run("value").err
    (own.path / "wellspent.toml").write_text(CONTRACT + CONTRACT.replace("support", "again"))
    told = own.run("value")
    assert (told.code, "'support' and 'again' would both count one conversation_solved" in told.err) == (2, True)
    (own.path / "outcomes.csv").write_text(HEAD + f"T1,conversation_solved,settled,{NOW},r1,1\nT2,deal,done,{NOW},,1\n")
    told = own.run("outcomes", "import", "outcomes.csv", "--source", "desk")
    assert (told.code, "line 3 of outcomes.csv: state is 'done'" in told.err) == (2, True)
    assert json.loads(own.run("outcomes", "list", "--json").out) == []
    assert own.run("outcomes", "show", "desk", "T1").code == 1


def test_a_changed_definition_counts_history_again(own: Folder) -> None:
    (own.path / "wellspent.toml").write_text(CONTRACT)
    taken(
        own,
        f"one,conversation_solved,settled,{NOW},r1,1",
        "two,conversation_solved,settled,2026-01-05,,1",
        "six,conversation_solved,reversed,2026-01-05,,1",
    )
    rows = json.loads(own.run("contract", "check", "support", "--settle-after", "72h", "--json").out)
    assert [(row["definition"], row["settled"], row["pending"], row["reversed"]) for row in rows] == [
        ("as it stands: settles after 0h, any", 2, 0, 0),
        ("changed: settles after 72h, any", 1, 1, 0),
    ]
    told = own.run("contract", "check", "support", "--settle-after", "soon")
    assert (told.code, "settles after 'soon'" in told.err) == (2, True)
    assert "use one of support" in own.run("contract", "check", "sales").err


def test_a_vendors_bill_is_held_against_our_count(own: Folder) -> None:
    (own.path / "wellspent.toml").write_text(CONTRACT)
    taken(own, f"one,conversation_solved,settled,{NOW},r1,1", f"two,conversation_solved,reversed,{NOW},,1")
    (own.path / "bill.csv").write_text("outcome,amount_usd\none,\ntwo,1.50\nten,\n")
    told = own.run("contract", "bill", "support", "bill.csv")
    assert told.code == 3
    assert "3 billed ($3.48), 1 settled ($0.99), 0 confirmed ($0.00); 2 disputed ($2.49)" in told.err
    assert "it was undone" in told.out
    found = json.loads(own.run("contract", "bill", "support", "bill.csv", "--json").out)
    assert (found["billed_usd"], found["disputed"], found["disputed_lines"][1]["why"]) == ("3.480000000", 2, "none of our sources knows it")
    (own.path / "bill.csv").write_text("outcome\none\n")
    assert own.run("contract", "bill", "support", "bill.csv").code == 0
    (own.path / "bill.csv").write_text("ticket\none\n")
    assert "has no column outcome" in own.run("contract", "bill", "support", "bill.csv").err
    assert "'October' is no month" in own.run("contract", "bill", "support", "bill.csv", "--month", "October").err
