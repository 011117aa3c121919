import json
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.surfaces.cli.seeded import Folder

from wellspent.budgets.budget import Budget, Period
from wellspent.budgets.window import Calendar, window_of
from wellspent.config import load_config
from wellspent.facts.attribution import Scope
from wellspent.surfaces.cli.statusline import SETTINGS_READ, read_settings, window_label

PERIODS: list[Period] = ["hour", "day", "week", "month", "quarter", "year", "total"]


def test_it_tells_today_and_the_budget_used_most(shared: Folder) -> None:
    assert shared.run("statusline").out == "$5.00 + 1 unpriced today · core-month 50% of $10\n"


def test_with_a_key_it_tells_about_that_key(shared: Folder) -> None:
    assert shared.run("statusline", env={"WELLSPENT_KEY": shared.secret}).out == "$5.00 today · core-month 50% of $10\n"
    assert shared.run("statusline", env={"ANTHROPIC_AUTH_TOKEN": "ws-unknown"}).out.startswith("$5.00 + 1 unpriced today")


def test_what_an_agent_pipes_in_does_no_harm(shared: Folder) -> None:
    told = shared.run("statusline", stdin=json.dumps({"session_id": "x" * 200_000}))
    assert (told.code, told.err) == (0, "")


def test_without_a_journal_it_still_is_one_line(empty: Folder) -> None:
    told = empty.run("statusline")
    assert (told.code, told.out) == (0, "wellspent: no calls yet\n")


def test_a_broken_journal_says_what_to_do(empty: Folder) -> None:
    (empty.path / "journal.db").write_bytes(b"no database at all, only text that is long enough" * 50)
    told = empty.run("statusline")
    assert told.code == 1
    assert "wellspent doctor" in told.err


def test_nothing_heavy_is_imported(shared: Folder) -> None:
    call = "import sys; from wellspent.surfaces.cli.app import main; main(['statusline'])"
    code = f"{call}; print(sorted({{'msgspec', 'cyclopts', 'rich', 'orjson'}} & set(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", code], env={**os.environ, "WELLSPENT_DATA_DIR": str(shared.path)}, capture_output=True, text=True, check=True, input=""
    )
    assert done.stdout.splitlines()[-1] == "[]"


@given(
    st.sampled_from(PERIODS),
    st.integers(0, 4_000_000_000_000),
    st.sampled_from(["UTC", "Europe/Zurich", "Pacific/Auckland", "America/St_Johns"]),
    st.integers(1, 12),
    st.integers(0, 6),
)
def test_windows_are_named_as_the_ledger_names_them(period: Period, at_ms: int, zone: str, fiscal: int, week: int) -> None:
    budget = Budget("b", Scope("team", "core"), 1, period=period)
    window = window_of(budget, "", at_ms, Calendar(zone, fiscal, week))
    now = datetime.fromtimestamp(at_ms / 1000, UTC).astimezone(ZoneInfo(zone))
    assert window is not None
    assert window.key == "b@" + window_label({"period": period}, now, fiscal, week)


@pytest.mark.parametrize(
    "env",
    [
        {},
        {"XDG_DATA_HOME": "/data"},
        {"WELLSPENT_DATA_DIR": "/one"},
        {"WELLSPENT_CONFIG": "FILE"},
        {"WELLSPENT_CONFIG": "FILE", "WELLSPENT_DATA_DIR": "/two", "WELLSPENT_TIMEZONE": "Asia/Tokyo"},
    ],
)
def test_settings_are_those_of_the_whole_product(tmp_path: Path, env: dict[str, str]) -> None:
    file = tmp_path / "wellspent.toml"
    file.write_text('data_dir = "facts"\ntimezone = "Europe/Zurich"\nfiscal_year_start_month = 4\n')
    env = {"HOME": "/home/ada", **{name: str(file) if value == "FILE" else value for name, value in env.items()}}
    config = load_config(None, env)
    light = read_settings(env)
    assert {name: str(light[name]) for name in SETTINGS_READ} == {name: str(getattr(config, name)) for name in SETTINGS_READ}
