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
    assert (support["settled"], support["reversed"], support["each_usd"], support["spent_nanousd"]) == (0, 1, None, 0)
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
