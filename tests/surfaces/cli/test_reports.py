import csv
import io
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from tests.surfaces.cli.seeded import NANO, Folder

TODAY = f"{datetime.now(UTC):%Y-%m-%d}"


def rows(folder: Folder, *arguments: str) -> list[dict[str, Any]]:
    told = folder.run(*arguments, "--json")
    assert told.code == 0, told.err
    found: list[dict[str, Any]] = json.loads(told.out)
    return found


def test_spend_by_model_is_dearest_first(shared: Folder) -> None:
    found = rows(shared, "spend")
    assert [(row["model"], row["amount_nanousd"]) for row in found] == [("gpt-5", 4 * NANO), ("claude-sonnet-4", NANO), ("mystery", None)]
    assert [row["estimated_calls"] for row in found] == [0, 1, 0]
    assert found[0]["amount_usd"] == "4.000000000"


def test_unknown_money_is_never_written_as_zero(shared: Folder) -> None:
    table = shared.run("spend").out
    assert [line.split()[1] for line in table.splitlines() if line.startswith("mystery")] == ["unknown"]
    assert "$5.00 + unknown" in table
    assert "settled     unknown, unpriced" in shared.run("receipt", "ws_call3").out


def test_spend_by_several_groups(shared: Folder) -> None:
    found = rows(shared, "spend", "--by", "day,team", "--since", "7d")
    assert [(row["team"], row["calls"]) for row in found] == [("core", 2), ("other", 1)]
    assert rows(shared, "spend", "--by", "", "--where", "team=core")[0]["calls"] == 2
    assert rows(shared, "spend", "--until", "2020-01-31", "--since", "2020-01") == []


def test_csv_has_the_same_names_as_json(shared: Folder) -> None:
    told = shared.run("spend", "--by", "team", "--csv")
    found = list(csv.DictReader(io.StringIO(told.out)))
    assert list(found[0]) == list(rows(shared, "spend", "--by", "team")[0])
    assert found[0]["amount_usd"] == "5.000000000"
    assert found[1]["amount_usd"] == ""
    assert told.err == ""


@pytest.mark.parametrize(
    "line",
    ["--by nonsense", "--since soon", "--tz Mars/Olympus", "--where team", "--where day=x", "--since today --until yesterday", "--json --csv"],
)
def test_spend_says_what_it_cannot_do(shared: Folder, line: str) -> None:
    told = shared.run("spend", *line.split())
    assert told.code == 2
    assert "to do: " in told.err
    assert told.out == ""


def test_without_a_journal_a_report_says_how_to_begin(empty: Folder) -> None:
    for words in ("spend", "receipt x", "watch --once", "ledger verify"):
        told = empty.run(*words.split())
        assert told.code == 1
        assert "wellspent serve" in told.err


def test_a_receipt_adds_up(shared: Folder) -> None:
    receipt = json.loads(shared.run("receipt", "ws_call1", "--json").out)
    assert sum(line["amount_nanousd"] for line in receipt["ended"]["lines"]) == receipt["amount_nanousd"] == 4 * NANO
    assert receipt["reserved"]["attribution"]["person"] == "ada"
    text = shared.run("receipt", "ws_call1").out
    assert "charged to  org acme, team core, person ada, key laptop, run r1" in text
    assert receipt["row_hash"] in text
    lines = list(csv.DictReader(io.StringIO(shared.run("receipt", "ws_call1", "--csv").out)))
    assert [(line["unit"], line["rate"], line["per"]) for line in lines] == [("input_tokens", "3", "1000000"), ("output_tokens", "15", "1000000")]


def test_receipts_of_other_endings(shared: Folder) -> None:
    assert "settled     $1.00, estimated: the client left" in shared.run("receipt", "ws_call2").out
    assert "released    the provider could not be reached; nothing was bought" in shared.run("receipt", "ws_call4").out
    told = shared.run("receipt", "ws_none")
    assert told.code == 1
    assert "there is no call 'ws_none'" in told.err


def test_watch_prints_a_line_for_each_call(shared: Folder) -> None:
    lines = shared.run("watch", "--once").out.splitlines()
    assert len(lines) == 4
    assert lines[0].endswith("ws_call1  core/ada/laptop  gpt-5  200  0.0 s  $4.00")
    machine = [json.loads(line) for line in shared.run("watch", "--count", "2", "--json").out.splitlines()]
    assert [call["call"] for call in machine] == ["ws_call1", "ws_call2"]


def test_the_ledger_is_verified(own: Folder) -> None:
    found = rows(own, "ledger", "verify")
    assert (found[0]["entries"], found[0]["calls"], found[0]["settled_nanousd"]) == (8, 4, 5 * NANO)
    import sqlite3
    from contextlib import closing

    with closing(sqlite3.connect(own.path / "journal.db")) as db:
        db.execute("UPDATE batch SET body = zeroblob(length(body))")
        db.commit()
    told = own.run("ledger", "verify")
    assert told.code == 1
    assert "hash does not re-derive" in told.err
    assert own.run("doctor").code == 1


def test_the_configuration_says_where_values_come_from(empty: Folder) -> None:
    (empty.path / "wellspent.toml").write_text("port = 9999\n")
    found = {row["setting"]: row for row in rows(empty, "config", "show", "--origin")}
    assert (found["port"]["value"], found["port"]["origin"]) == (9999, "wellspent.toml")
    assert found["data_dir"]["origin"] == "WELLSPENT_DATA_DIR"
    assert found["host"]["origin"] == "default"
    assert "origin" not in rows(empty, "config", "show")[0]


def test_spending_kept_by_whole_hours_says_so_where_days_begin_within_one(shared: Folder) -> None:
    assert "kept by whole hours" not in shared.run("spend", "--since", "today").err
    assert "kept by whole hours" in shared.run("spend", "--since", "today", "--tz", "Asia/Kathmandu").err
