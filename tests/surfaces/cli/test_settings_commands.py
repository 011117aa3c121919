import json
from typing import Any

import pytest
from tests.surfaces.cli.seeded import EACH_RUN, NANO, Folder, settle

from wellspent.budgets.window import Calendar
from wellspent.facts.attribution import Attribution
from wellspent.facts.clock import SystemClock
from wellspent.facts.usage import Quality
from wellspent.identity.keys import KeyRing
from wellspent.ledger.ledger import Ledger
from wellspent.ledger.sqlite import SqliteJournal


def rows(folder: Folder, *arguments: str) -> list[dict[str, Any]]:
    told = folder.run(*arguments, "--json")
    assert told.code == 0, told.err
    found: list[dict[str, Any]] = json.loads(told.out)
    return found


def test_a_key_is_made_used_and_revoked(own: Folder) -> None:
    told = own.run("keys", "create", "CI runner", "--team", "core", "--tag", "customer=x", "--expires", "90d")
    secret = told.out.strip()
    assert told.code == 0
    assert "key ci-runner" in told.err
    with own.settings() as settings:
        key = KeyRing.load(settings).find(secret.encode())
        assert key is not None
        assert (key.id, key.attribution.team, key.attribution.tags) == ("ci-runner", "core", (("customer", "x"),))
        assert key.expires_ms is not None
    assert own.run("keys", "revoke", "ci-runner").code == 2
    assert own.run("keys", "revoke", "ci-runner", "--yes").code == 0
    assert {row["id"]: row["state"] for row in rows(own, "keys", "list")} == {"ci-runner": "revoked", "laptop": "live"}
    assert secret not in own.run("keys", "list", "--json").out
    assert own.run("keys", "revoke", "nobody", "--yes").code == 1


def test_a_key_with_no_team_belongs_to_the_configured_org(empty: Folder) -> None:
    made = json.loads(empty.run("keys", "create", "first", "--json", env={"WELLSPENT_ORG": "acme"}).out)
    assert made["org"] == "acme"
    assert made["secret"].startswith("ws-")


@pytest.mark.parametrize("line", ["--team nowhere", "--tag x", "--expires yesterday"])
def test_a_key_that_cannot_be_is_refused(own: Folder, line: str) -> None:
    told = own.run("keys", "create", "x", *line.split())
    assert told.code in (1, 2)
    assert "to do: " in told.err
    assert told.out == ""


def test_the_directory(own: Folder) -> None:
    assert own.run("teams", "add", "web", "--contact", "bob").code == 0
    assert own.run("people", "add", "bob", "--team", "web", "--email", "bob@example.com").code == 0
    assert own.run("projects", "add", "apollo", "--team", "web").code == 0
    assert [(row["name"], row["people"]) for row in rows(own, "teams", "list")] == [("core", 1), ("web", 1)]
    assert [row["name"] for row in rows(own, "people", "list", "--team", "web")] == ["bob"]
    assert rows(own, "projects", "list") == [{"name": "apollo", "team": "web", "org": "default"}]
    refused = own.run("teams", "remove", "web", "--yes")
    assert refused.code == 2
    assert "person bob, project apollo" in refused.err
    for words in ("people remove bob", "projects remove apollo", "teams remove web"):
        assert own.run(*words.split(), "--yes").code == 0
    assert [row["name"] for row in rows(own, "teams", "list")] == ["core"]


def test_budgets_show_where_they_stand(shared: Folder) -> None:
    found = rows(shared, "budgets", "list")
    assert [(row["id"], row["scope"], row["spent"], row["left"]) for row in found] == [
        ("core-month", "team:core", 5 * NANO, 5 * NANO),
        ("each-run", "run:r1", 5 * NANO, -3 * NANO),
    ]
    windows = json.loads(shared.run("budgets", "show", "core-month", "--json").out)["windows"]
    assert [window["spent"]["nanousd"] for window in windows] == [5 * NANO]
    assert shared.run("budgets", "show", "none").code == 1


def test_of_a_budget_on_each_value_people_see_the_fullest(own: Folder) -> None:
    ledger = Ledger.open(SqliteJournal(own.path / "journal.db"), SystemClock(), Calendar())
    ledger.set_budgets([EACH_RUN])
    for number in range(9):
        settle(ledger, SystemClock().now_ms(), Attribution(run=f"night-{number}"), f"ws_n{number}", "gpt-5", (number + 6) * NANO, Quality.EXACT)
    ledger.close()
    told = own.run("budgets", "list")
    assert [f"run:night-{number}" in told.out for number in range(9)] == [False] * 4 + [True] * 5
    assert "run:r1" not in told.out
    assert "each-run: the 5 fullest of 10 windows; all of them: wellspent budgets list --json" in told.err
    assert len(rows(own, "budgets", "list")) == 11


def test_a_budget_is_set_changed_and_removed(own: Folder) -> None:
    assert own.run("budgets", "set", "team:web", "2M tokens", "--period", "week", "--models", "gpt-*").code == 0
    changed = own.run("budgets", "set", "team:web", "3M tokens", "--id", "web-week", "--at-limit", "degrade", "--degrade-to", "gpt-5-mini")
    assert changed.err.strip() == "budget web-week: 3,000,000 tokens a week for team:web; goes on with gpt-5-mini at the limit; counts gpt-*"
    found = {row["id"]: row for row in rows(own, "budgets", "list")}["web-week"]
    assert (found["measure"], found["limit"], found["spent"]) == ("tokens", 3_000_000, 0)
    assert own.run("budgets", "set", "team:core", "5", "--id", "web-week").code == 2
    assert own.run("budgets", "remove", "web-week", "--yes").code == 0
    assert own.run("budgets", "remove", "web-week", "--yes").code == 1


@pytest.mark.parametrize(
    "line",
    [
        "nowhere 5",
        "team:core lots",
        "team:core 5 --at-limit degrade",
        "team:core 5 --period fixed",
        "team:core 5 --alert-at x",
        *(f"team:core {limit}" for limit in ("-5", "1e400", "nan", "inf", "1e-30", "1e30", "1e999999", "9e9")),
    ],
)
def test_a_budget_that_cannot_be_is_refused(own: Folder, line: str) -> None:
    told = own.run("budgets", "set", *line.split(), "--id", "new")
    assert told.code == 2
    assert "to do: " in told.err


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("--budget team:core --max 90%", 0),
        ("--budget team:core --max 50%", 0),
        ("--budget team:core --max 49%", 3),
        ("--budget core-month --max $4", 3),
        ("--budget core-month --max $5", 0),
        ("", 3),
        ("--budget team:nowhere", 1),
        ("--budget team:core --max much%", 2),
        ("--budget team:core --max 1e400%", 2),
        ("--budget team:core --max=-5", 2),
        ("--budget team:core --max 1e400", 2),
        ("--budget team:core --max nan", 2),
    ],
)
def test_check_is_a_gate(shared: Folder, line: str, code: int) -> None:
    assert shared.run("check", *line.split()).code == code


@pytest.mark.parametrize("rate", ["-1", "nan", "1e400", "1" + "0" * 30])
@pytest.mark.parametrize("flag", ["--requests-per-minute", "--tokens-per-minute"])
def test_a_rate_that_cannot_be_is_refused(own: Folder, flag: str, rate: str) -> None:
    assert own.run("policies", "set", "team:core", f"{flag}={rate}").code == 2


def test_an_allow_list_that_would_break_a_coding_agent_says_so(own: Folder) -> None:
    told = own.run("policies", "set", "team:core", "--models", "claude-opus-*")
    assert told.code == 0
    assert "note: Claude Code also calls claude-haiku-5-5" in told.err
    assert "note:" not in own.run("policies", "set", "team:core", "--models", "claude-opus-*,claude-haiku-*").err


def test_policies_are_kept_across_a_stop(own: Folder) -> None:
    assert own.run("policies", "set", "team:core", "--models", "gpt-*, claude-*", "--requests-per-minute", "60").code == 0
    assert own.run("stop", "team:core", "--reason", "a leaked key").code == 2
    assert own.run("stop", "team:core", "--reason", "a leaked key", "--yes").code == 0
    found = rows(own, "policies", "list")[0]
    assert (found["state"], found["reason"], found["models_allowed"], found["requests_per_minute"]) == (
        "stopped",
        "a leaked key",
        ["gpt-*", "claude-*"],
        60,
    )
    assert own.run("resume", "team:core").code == 0
    assert own.run("resume", "team:core").code == 1
    assert own.run("policies", "set", "team:core", "--models", "*").code == 0
    found = rows(own, "policies", "list")[0]
    assert (found["state"], found["models_allowed"], found["requests_per_minute"]) == ("open", [], 60)
    assert own.run("policies", "set", "team:core").code == 2
    assert own.run("policies", "remove", "team:core", "--yes").code == 0


def test_a_stop_alone_leaves_nothing_behind(own: Folder) -> None:
    assert own.run("stop", "key:laptop", "--yes").code == 0
    assert own.run("resume", "key:laptop").code == 0
    assert rows(own, "policies", "list") == []


def test_every_change_is_in_the_audit_log(own: Folder) -> None:
    own.run("budgets", "set", "team:core", "20", "--id", "core-month")
    last = rows(own, "audit")[-1]
    assert (last["action"], last["kind"], last["name"]) == ("change", "budget", "core-month")
    assert (last["before"]["limit"], last["after"]["limit"]) == (10 * NANO, 20 * NANO)
    assert last["actor"].startswith("cli:")
    assert "sha256" not in own.run("audit", "--json").out
    assert f"limit {10 * NANO} → {20 * NANO}" in own.run("audit").out


def test_lists_of_nothing_say_how_to_begin(empty: Folder) -> None:
    for family in ("keys", "people", "teams", "projects", "budgets", "policies"):
        told = empty.run(family, "list")
        assert (told.code, told.out) == (0, "")
        assert f"wellspent {family} " in told.err
        assert json.loads(empty.run(family, "list", "--json").out) == []
