"""Money of sessions: what the ledger and the logs both know counts once, and nothing of the ledger is missing."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from tests.analytics.engine.company import BEGIN_MS, DAY_MS, Company, event, who
from tests.connectors.usage.writing import answer, write

from wellspent.config import Config, load_config
from wellspent.facts.usage import Quality
from wellspent.rework.cost.session import Merged, Session
from wellspent.rework.report import Money
from wellspent.surfaces.durability.money import LEDGER, LOGS, Logged, joined, merged_of, of_ledger, with_logs

HOUR_MS = 3_600_000
EACH = 100 * 5_000 + 1_000 * 500 + 50 * 6_250 + 10 * 25_000  # an answer of Opus 4.8 as written: $5, $0.50, $6.25 and $25 a million


def config(folder: Path, **more: object) -> Config:
    return replace(load_config(None, {"HOME": str(folder)}, {"data_dir": str(folder)}), **more)


def logged(home: Path, *calls: Mapping[str, Any]) -> dict[str, str]:
    """Logs of Claude Code, and the environment in which they are found."""
    write(home / ".claude/projects/p/a.jsonl", [answer(f"msg_{n}", f"req_{n}", **call) for n, call in enumerate(calls)])
    return {"HOME": str(home), "ANTHROPIC_API_KEY": ""}


@pytest.fixture
def company(tmp_path: Path) -> Company:
    return Company(tmp_path)


def test_a_session_that_both_know_counts_once_as_the_ledger_has_it(tmp_path: Path) -> None:
    env = logged(tmp_path, {"sessionId": "a", "at": "2026-11-20T10:00:00Z"}, {"sessionId": "b", "at": "2026-11-20T11:00:00Z"})
    ledger = Money((Session("claude-code", "a", 7, "core", (("run", "r1"),)), Session("claude-code", "", 5)), 3, LEDGER)
    found = with_logs(ledger, config(tmp_path), env, 0)
    (known, nameless, added) = found.sessions
    assert known == replace(ledger.sessions[0], folder="/srv/apollo", branch="main", started_ms=1_795_168_800_000, ended_ms=1_795_168_800_000)
    assert nameless == ledger.sessions[1], "money that names no session is of no log"
    assert (added.session, added.nanousd, added.team, added.list_price, added.folder) == ("b", EACH, "", True, "/srv/apollo")
    assert (found.other_nanousd, found.source) == (3, f"{LEDGER}, and {LOGS}")
    assert with_logs(Money(), config(tmp_path), env, 0).source == LOGS
    assert with_logs(ledger, config(tmp_path), env, 1_795_999_999_999) == ledger, "before it nothing is asked"


names = st.sampled_from(["a", "b", "c"])


@settings(deadline=None, max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(
    st.lists(st.tuples(names, st.sampled_from(["/srv/apollo", "/srv/zeus"]), st.sampled_from(["main", "fix"]), st.integers(0, 59)), max_size=8),
    st.lists(st.builds(Session, st.sampled_from(["claude-code", "codex"]), st.sampled_from(["", "a", "b"]), st.integers(0, 99)), max_size=4),
)
def test_all_money_is_there_and_none_twice(
    tmp_path_factory: pytest.TempPathFactory, calls: list[tuple[str, str, str, int]], ledger: list[Session]
) -> None:
    home = tmp_path_factory.mktemp("home")
    said = [{"sessionId": name, "cwd": cwd, "gitBranch": branch, "at": f"2026-11-20T10:{minute:02}:00Z"} for name, cwd, branch, minute in calls]
    found = with_logs(Money(tuple(ledger), 0, LEDGER), config(home), logged(home, *said), 0)
    known = {each.session for each in ledger if each.client == "claude-code"}
    assert [(each.client, each.session, each.nanousd) for each in found.sessions[: len(ledger)]] == [
        (each.client, each.session, each.nanousd) for each in ledger
    ]
    added = found.sessions[len(ledger) :]
    assert sum(each.nanousd for each in added) == EACH * sum(name not in known for name, *_ in calls)
    assert {(each.session, each.folder, each.branch) for each in added} == {call[:3] for call in calls if call[0] not in known}
    assert all(each.started_ms <= each.ended_ms for each in found.sessions)


def test_a_session_of_the_ledger_is_where_most_of_it_happened(tmp_path: Path) -> None:
    there = {"sessionId": "a", "cwd": "/srv/zeus", "gitBranch": "fix"}
    env = logged(
        tmp_path,
        {"sessionId": "a", "at": "2026-11-20T09:00:00Z"},
        {**there, "at": "2026-11-20T10:00:00Z"},
        {**there, "at": "2026-11-20T10:30:00Z"},
    )
    (found,) = with_logs(Money((Session("claude-code", "a", 1),)), config(tmp_path), env, 0).sessions
    assert (found.folder, found.branch, found.ended_ms - found.started_ms) == ("/srv/zeus", "fix", HOUR_MS // 2)


def test_what_an_api_key_pays_is_no_list_price_and_a_call_without_a_model_has_none(tmp_path: Path) -> None:
    env = logged(tmp_path, {"sessionId": "a"}, {"sessionId": "b", "model": "nobody-knows-1"})
    (paid, unpriced) = with_logs(Money(), config(tmp_path), {**env, "ANTHROPIC_API_KEY": "sk-ant-api03-x"}, 0).sessions
    assert not paid.list_price and (unpriced.nanousd, unpriced.unpriced_calls) == (0, 1)


def test_all_of_the_ledger_is_code_or_other(company: Company) -> None:
    company.spend(
        (0, 10, who("", "s1", team="core", client="codex")),
        (1, 20, who("", "s1", team="core", client="codex")),
        (2, 40, who("", "s2", client="zed", tags=(("branch", "fix"), ("mood", "good")))),
        (3, 80, who("r1", client="bot")),
        (4, 160, who("r2", client="bot")),
    )
    company.spend((5, 0, who("", "s1", team="core", client="codex")), quality=Quality.UNPRICED)
    found = of_ledger(config(company.path), company.clock, BEGIN_MS, [Merged("acme/app#1", "c" * 40, (("run", "r1"),))])
    assert set(found.sessions) == {
        Session("codex", "s1", 30, "core", (), 1),
        Session("zed", "s2", 40, "", (("branch", "fix"),)),
        Session("bot", "", 80, "", (("run", "r1"),)),
    }
    assert (found.other_nanousd, found.source) == (160, LEDGER)


def test_a_journal_without_a_call_is_no_money(company: Company) -> None:
    company.release(0)
    assert of_ledger(config(company.path), company.clock, BEGIN_MS, []) == Money((), 0, LEDGER)


def test_since_is_a_whole_day_of_the_operators_zone_and_today_is_in(company: Company) -> None:
    """The last hour of a day of 25: in Berlin, on 2026-10-25, a day later it is still the same date."""
    berlin = ZoneInfo("Europe/Berlin")
    midnight_ms = int(datetime(2026, 10, 25, tzinfo=berlin).timestamp() * 1000)
    before_ms = midnight_ms - BEGIN_MS
    company.zone = berlin
    company.spend((before_ms - 1000, 1, who(client="codex")), (before_ms, 2, who(client="codex")), (before_ms + 60_000, 4, who(client="codex")))
    found = of_ledger(config(company.path, timezone="Europe/Berlin"), company.clock, midnight_ms + HOUR_MS, [])
    assert sum(each.nanousd for each in found.sessions) == 6


def test_changes_that_were_merged_with_what_they_name(company: Company) -> None:
    company.turn(9 * DAY_MS)
    links = (("commit", "c" * 40), ("session", "s1"), ("branch", "acme/app:fix-418"), ("issue", "acme/app#1"))
    company.hear(
        event("acme/app#418", "settled", 5 * DAY_MS, *links, kind="change_merged", source="github"),
        event("acme/app#7", "settled", DAY_MS, ("commit", "d" * 40), kind="change_merged", source="github"),
        event("desk-1", "settled", 6 * DAY_MS, ("session", "s1")),
    )
    found = merged_of(config(company.path), company.clock, BEGIN_MS + 2 * DAY_MS)
    assert found == (Merged("acme/app#418", "c" * 40, tuple(sorted(links[1:])), "fix-418", "github"),)
    assert len(merged_of(config(company.path), company.clock, BEGIN_MS)) == 2


def test_without_outcomes_there_are_no_changes(tmp_path: Path, company: Company) -> None:
    assert merged_of(config(tmp_path), company.clock, 0) == ()


def test_whose_a_session_is_that_the_ledger_has_without_a_client_the_logs_say(tmp_path: Path) -> None:
    logged = {("codex", "s1", str(tmp_path), "main"): Logged(nanousd=5, started_ms=1, ended_ms=2)}
    found = joined(Money((Session("", "s1", 7, "core"),), 0, "the ledger"), logged)
    assert [(each.client, each.nanousd, each.folder) for each in found.sessions] == [("codex", 7, str(tmp_path))]
