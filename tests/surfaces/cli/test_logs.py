import csv
import io
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.connectors.usage.writing import CLAUDE_LOGS, CODEX_LOGS, answer, meta, rollout, token_count, turn, write
from tests.surfaces.cli.seeded import Folder, Told

REAL = {"CLAUDE_CONFIG_DIR": str(CLAUDE_LOGS), "CODEX_HOME": str(CODEX_LOGS), "TZ": "UTC"}
REAL_DAYS = ("--since", "2026-11-23", "--until", "2026-11-23")


class Machine(Folder):
    """A home with nothing in it but logs."""

    def claude(self, *lines: Any, name: str = "a") -> None:
        write(self.path / ".claude" / "projects" / "-srv-apollo" / f"{name}.jsonl", lines)

    def codex(self, *lines: Any) -> None:
        write(rollout(self.path / ".codex"), lines)

    def logs(self, *arguments: str, env: dict[str, str] | None = None) -> Told:
        return self.run("logs", *arguments, env={"TZ": "UTC", "XDG_CONFIG_HOME": "", **(env or {})})

    def rows(self, *arguments: str, env: dict[str, str] | None = None) -> list[dict[str, Any]]:
        days = {"--since": "2026-11-01", "--until": "2026-11-30"}
        given = [word for name, day in days.items() if name not in arguments for word in (name, day)]
        told = self.logs(*given, *arguments, "--json", env=env)
        assert told.code == 0, told.err
        found: list[dict[str, Any]] = json.loads(told.out)
        return found


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def test_known_sums(machine: Machine) -> None:
    """Opus 4.8: $5 in, $0.50 cached, $6.25 written, $25 out a million. 24 × 5 + 80 × 0.5 + 16 × 6.25 + 7 × 25 = 435 µ$, five times.

    Haiku 4.5, $1, $0.10, $1.25, $5: 87 µ$. GPT-5, $1.25, $0.125, $10: 40 × 1.25 + 80 × 0.125 + 7 × 10 = 130 µ$, three times.
    """
    found = machine.rows("--by", "model", env=REAL)
    assert [(row["model"], row["calls"], row["amount_nanousd"]) for row in found] == [
        ("claude-opus-4-8", 5, 2_175_000),
        ("gpt-5", 3, 390_000),
        ("claude-haiku-4-5-20251001", 1, 87_000),
    ]


def test_the_shape_for_machines(machine: Machine) -> None:
    found = machine.rows("--by", "client", env=REAL)
    assert found[0] == {
        "client": "claude-code",
        "amount_nanousd": 2_262_000,
        "amount_usd": "0.002262000",
        "amount_basis": "list-price equivalent",
        "billed_to": "unknown",
        "calls": 6,
        "context_tokens": 720,
        "cached_tokens": 480,
        "cache_write_tokens": 96,
        "answer_tokens": 42,
        "estimated_calls": 0,
        "unpriced_calls": 0,
        "unpriced_tokens": 0,
    }
    told = machine.logs("--by", "client", *REAL_DAYS, "--csv", env=REAL)
    rows = list(csv.DictReader(io.StringIO(told.out)))
    assert list(rows[0]) == list(found[0])
    assert rows[0]["amount_basis"] == "list-price equivalent"
    assert told.err == ""


def test_the_table_for_people(machine: Machine) -> None:
    told = machine.logs(*REAL_DAYS, env=REAL)
    above, below, *lines, total = told.out.splitlines()
    assert above.split() == ["list-price", "tokens", "from", "into", "tokens"]
    assert below.split() == ["day", "model", "equivalent", "calls", "in", "cache", "cache", "out"]
    assert [line.split()[:2] for line in lines] == [
        ["2026-11-23", "claude-opus-4-8"],
        ["2026-11-23", "gpt-5"],
        ["2026-11-23", "claude-haiku-4-5-20251001"],
    ]
    assert total.split() == ["total", "$0.0027", "9", "1,080", "720", "96", "63"]
    first, meaning, hint = told.err.splitlines()
    assert first.startswith("2026-11-23 00:00 to 2026-11-24 00:00 (UTC), as of ")
    assert meaning.endswith("an estimate, not a bill; list-price equivalent unless these were billed to an API key.")
    assert hint.startswith("Next: ")


def test_the_table_says_what_differs_and_shortens_millions(machine: Machine) -> None:
    machine.claude(answer(usage={"cache_read_input_tokens": 2_345_678}), answer("msg_2", "req_2", model="mystery"))
    machine.codex(meta(), turn(), token_count("2026-11-20T10:00:01.000Z", (999_999, 0, 10, 0), plan_type="plus"))
    _, below, *lines, total = machine.logs("--since", "2026-11-01", "--until", "2026-11-30", "--by", "client").out.splitlines()
    assert below.split()[-2:] == ["billed", "to"] and "unpriced" in below
    assert [line.split()[0] for line in lines] == ["codex", "claude-code"]
    assert lines[0].split()[-7:] == ["1", "999,999", "0", "0", "10", "0", "subscription"]
    assert lines[1].split()[-7:] == ["2", "2.3M", "2.3M", "100", "20", "1", "unknown"]
    assert total.split()[-1] == "mixed"


def test_no_command_is_the_same(machine: Machine) -> None:
    now = datetime.now(UTC)
    machine.claude(answer(at=f"{now - timedelta(hours=1):%Y-%m-%dT%H:%M:%S}.000Z"))
    env = {"TZ": "UTC"}
    assert machine.run(env=env).out == machine.logs().out != ""
    assert machine.run("--by", "client", "--json", env=env).out == machine.logs("--by", "client", "--json").out


def test_nothing_found_says_where_it_looked_and_what_to_do(machine: Machine) -> None:
    told = machine.run(env={"XDG_CONFIG_HOME": ""})
    assert told.code == 0
    assert told.out == ""
    for folder in (".claude/projects", ".config/claude/projects", ".codex/sessions", ".codex/archived_sessions"):
        assert f"{machine.path / folder} (not there)" in told.err
    assert "CLAUDE_CONFIG_DIR and CODEX_HOME" in told.err
    assert machine.rows() == []
    assert list(machine.path.iterdir()) == []  # nothing is created


def test_a_folder_that_is_there_is_not_said_to_be_missing(machine: Machine) -> None:
    machine.claude(answer(at="2020-01-01T00:00:00Z"))
    told = machine.logs()
    assert told.out == ""
    assert f"{machine.path / '.claude/projects'}\n" in told.err


def test_days_are_those_of_the_time_zone(machine: Machine) -> None:
    """In New York, clocks went back on 1 November 2026 at 06:00 UTC: that day had 25 hours."""
    moments = ["2026-11-01T03:59:59.999Z", "2026-11-01T04:00:00.000Z", "2026-11-02T04:59:59.999Z", "2026-11-02T05:00:00.000Z"]
    machine.claude(*(answer(f"msg_{number}", f"req_{number}", at=at) for number, at in enumerate(moments)))
    days = [(row["day"], row["calls"]) for row in machine.rows("--since", "2026-10-31", "--by", "day", "--tz", "America/New_York")]
    assert days == [("2026-10-31", 1), ("2026-11-01", 2), ("2026-11-02", 1)]
    assert [row["calls"] for row in machine.rows("--since", "2026-11-01", "--by", "", "--tz", "America/New_York")] == [3]
    assert [row["calls"] for row in machine.rows("--until", "2026-11-01", "--by", "", "--tz", "America/New_York")] == [2]


def test_whose_time_zone(machine: Machine) -> None:
    """Asked for, else configured, else the machine's."""
    machine.claude(answer(at="2026-11-20T23:30:00Z"))
    zurich, configured = {"TZ": ":Europe/Zurich"}, {"TZ": "Europe/Zurich", "WELLSPENT_TIMEZONE": "UTC"}
    assert machine.rows("--by", "day", env=zurich)[0]["day"] == "2026-11-21"
    assert machine.rows("--by", "day", env=configured)[0]["day"] == "2026-11-20"
    assert machine.rows("--by", "day", "--tz", "Asia/Tokyo", env=configured)[0]["day"] == "2026-11-21"
    assert machine.rows("--by", "day", env={"TZ": "not a zone"})[0]["day"] == "2026-11-20"


def test_weeks_and_months(machine: Machine) -> None:
    machine.claude(*(answer(f"msg_{day}", f"req_{day}", at=f"2026-11-{day}T12:00:00Z") for day in ("15", "16", "22")))
    assert [(row["week"], row["calls"]) for row in machine.rows("--by", "week")] == [("2026-11-09", 1), ("2026-11-16", 2)]
    sundays = machine.rows("--by", "week", env={"WELLSPENT_WEEK_STARTS_ON": "6"})
    assert [(row["week"], row["calls"]) for row in sundays] == [("2026-11-15", 2), ("2026-11-22", 1)]
    assert [(row["month"], row["calls"]) for row in machine.rows("--by", "month,client")] == [("2026-11", 3)]


def test_by_whatever_is_asked(machine: Machine) -> None:
    machine.claude(answer())
    machine.codex(meta(), turn(), token_count("2026-11-20T10:00:01.000Z", (100, 0, 10, 0)))
    found = machine.rows("--by", "project,session,client,branch,billing")
    assert [(row["project"], row["client"], row["branch"], row["billing"]) for row in found] == [
        ("/srv/apollo", "claude-code", "main", "unknown"),
        ("/srv/apollo", "codex", "main", "unknown"),
    ]
    assert found[0]["session"] == "session-a"
    told = machine.logs("--by", "nonsense")
    assert (told.code, told.out) == (2, "")
    assert "use day, week, month" in told.err
    assert machine.logs("--since", "today", "--until", "yesterday").code == 2


def test_unknown_models_are_loud_and_never_zero(machine: Machine) -> None:
    machine.claude(answer(), answer("msg_2", "req_2", model="mystery\x1b[31m"))
    machine.codex(meta(), token_count("2026-11-20T10:00:01.000Z", (100, 0, 10, 0)))
    found = {row["model"]: (row["amount_nanousd"], row["unpriced_calls"], row["unpriced_tokens"]) for row in machine.rows("--by", "model")}
    assert found[""] == (None, 1, 110)
    assert found["mystery\x1b[31m"] == (None, 1, 1160)
    assert found["claude-opus-4-8"][0] == 100 * 5_000 + 1000 * 500 + 50 * 6_250 + 10 * 25_000
    told = machine.logs("--since", "2026-11-01", "--until", "2026-11-30", "--by", "model")
    assert "2 of 3 calls have no known price" in told.err
    assert "UNPRICED: mystery\ufffd[31m: 1 call, 1,160 tokens." in told.err
    assert "UNPRICED: no model is logged: 1 call, 110 tokens." in told.err
    assert "+ unknown" in told.out.splitlines()[-1]
    assert "$0.00 " not in told.out
    priced = machine.logs("--since", "2026-11-01", "--until", "2026-11-30", "--json")
    assert "UNPRICED: no model is logged" in priced.err


def test_the_tier_that_was_served_is_the_one_that_is_priced(machine: Machine) -> None:
    """Opus 4.8 in fast mode: $10 in, $1 cached, $12.50 written, $50 out a million. A tier without prices is an estimate."""
    machine.claude(answer(usage={"speed": "fast"}), answer("msg_2", "req_2", model="claude-haiku-4-5", usage={"service_tier": "priority"}))
    fast, priority = machine.rows("--by", "model")
    assert fast["amount_nanousd"] == 100 * 10_000 + 1000 * 1_000 + 50 * 12_500 + 10 * 50_000
    assert (fast["estimated_calls"], priority["estimated_calls"]) == (0, 1)


def test_own_prices_count(machine: Machine) -> None:
    machine.claude(
        answer("msg_2", "req_2", model="mystery", usage={"cache_creation_input_tokens": 0, "cache_read_input_tokens": 0, "cache_creation": {}})
    )
    (machine.path / "wellspent.toml").write_text('[[terms]]\nmodel = "mystery"\nprices = { input_mtok = "10", output_mtok = "20" }\n')
    (row,) = machine.rows("--by", "model")
    assert row["amount_nanousd"] == 100 * 10_000 + 10 * 20_000
    assert row["amount_basis"] == "configured-price equivalent"


@pytest.mark.parametrize(
    ("codex_plan", "key", "basis", "billed_to", "meaning"),
    [
        ("pro", "", "list-price equivalent", "mixed", "list-price equivalent unless these were billed to an API key."),
        ("pro", "sk-x", "list-price equivalent", "mixed", "list-price equivalent where a subscription pays."),
    ],
)
def test_who_is_billed(machine: Machine, codex_plan: str, key: str, basis: str, billed_to: str, meaning: str) -> None:
    machine.claude(answer())
    machine.codex(meta(), turn(), token_count("2026-11-20T10:00:01.000Z", (100, 0, 10, 0), plan_type=codex_plan))
    env = {"ANTHROPIC_API_KEY": key}
    (row,) = machine.rows("--by", "", env=env)
    assert (row["amount_basis"], row["billed_to"]) == (basis, billed_to)
    each = {row["client"]: (row["billed_to"], row["amount_basis"]) for row in machine.rows("--by", "client", env=env)}
    assert each["codex"] == ("subscription", "list-price equivalent")
    assert each["claude-code"] == (("API key", "list price") if key else ("unknown", "list-price equivalent"))
    assert machine.logs("--since", "2026-11-01", "--until", "2026-11-30", env=env).err.splitlines()[-2].endswith(meaning)


def test_a_subscription_alone_and_a_key_alone(machine: Machine) -> None:
    machine.codex(meta(), turn(), token_count("2026-11-20T10:00:01.000Z", (100, 0, 10, 0), plan_type="plus"))
    days = ("--since", "2026-11-01", "--until", "2026-11-30")
    told = machine.logs(*days)
    assert "a subscription pays them." in told.err
    assert "list-price" in told.out.splitlines()[0] and "equivalent" in told.out.splitlines()[1]
    machine.codex(meta(), turn(), token_count("2026-11-20T10:00:01.000Z", (100, 0, 10, 0)))
    write(machine.path / ".codex" / "auth.json", [{"auth_mode": "apikey"}])
    told = machine.logs(*days)
    assert "equivalent" not in told.out + told.err


def test_problems_are_said_at_the_end_and_are_not_fatal(machine: Machine) -> None:
    machine.claude(answer(), answer("msg_2", "req_2", usage={"output_tokens": -1}), b'{"type":"assistant","mess')
    told = machine.logs("--since", "2026-11-01", "--until", "2026-11-30", "--json")
    assert told.code == 0
    assert json.loads(told.out)[0]["calls"] == 1
    path = machine.path / ".claude/projects/-srv-apollo/a.jsonl"
    assert told.err.splitlines() == [
        f"once: a last line is not finished (its session is running, or was cut off); it is not counted (first: {path}:3)",
        f"once: output_tokens is no number that can be true; the line is not counted (first: {path}:2)",
    ]
