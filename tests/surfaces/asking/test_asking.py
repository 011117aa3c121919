"""The answering process: started with the first question, alone, gone with the server however that ends, and never a riddle to who asks."""

import fcntl
import json
import os
import signal
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from tests.surfaces.web.shop import CALENDAR, CONTRACTS, NOON, USD, month_of_trade, shop

from wellspent import limits
from wellspent.analytics.engine.answers import Where
from wellspent.facts.attribution import Scope
from wellspent.facts.clock import ManualClock
from wellspent.facts.errors import InvalidInput, NotFound
from wellspent.facts.initiative import Initiative
from wellspent.identity.settings import Settings
from wellspent.surfaces.asking.answering import answered
from wellspent.surfaces.asking.asked import Asked, Setup, SpendingOf, ValueOf
from wellspent.surfaces.asking.asking import Asking, Unanswered

QUESTION = Asked(values=(ValueOf("2026-09-01", "2026-12-01", "whole"),))
SERVER = """
import sys, time
from pathlib import Path
from wellspent.facts.clock import SystemClock
from wellspent.surfaces.asking.asked import Asked, Setup, ValueOf
from wellspent.surfaces.asking.asking import Asking
asking = Asking(Setup(sys.argv[1], (), "UTC"), SystemClock())
asking.ask(Asked(values=(ValueOf("2026-09-01", "2026-12-01", "whole"),)))
print(asking.process_id, flush=True)
if sys.argv[2] == "asking":
    sys.stdin.readline()
    asking.ask(Asked(values=(ValueOf("2026-09-01", "2026-12-01", "week"),)))
time.sleep(600)
"""

SERVED = """
port = 0
sealing = "off"
[[contract]]
name = "support"
kind = "conversation_solved"
[[experiment]]
name = "models"
unit = "run"
arms = [{ name = "as-is" }, { name = "cheaper" }]
control = "as-is"
contract = "support"
from = "2026-01-01"
"""


@pytest.fixture(scope="module")
def setup(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Setup]:
    folder = tmp_path_factory.mktemp("shop")
    with shop(folder) as made:
        month_of_trade(made)
        made.sync()
        yield Setup(str(folder), CONTRACTS, CALENDAR.timezone)


@pytest.fixture
def asking(setup: Setup) -> Iterator[Asking]:
    with closing(Asking(setup, ManualClock(NOON))) as made:
        yield made


@contextmanager
def held_up(setup: Setup) -> Iterator[None]:
    """As if another process were allocating: questions take as long as this does."""
    folder = Path(setup.data_dir) / "value"
    folder.mkdir(exist_ok=True)
    with (folder / ".lock").open("wb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def alive(process_id: int) -> bool:
    try:
        os.kill(process_id, 0)
    except ProcessLookupError:
        return False
    return True


def soon(test: Callable[[], bool], seconds: float = 20.0) -> bool:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if test():
            return True
        time.sleep(0.02)
    return test()


def test_the_answer_is_what_the_engine_says(setup: Setup, asking: Asking) -> None:
    found = asking.ask(QUESTION)
    assert found == answered(setup, QUESTION, NOON)
    assert found.as_of_ms == NOON
    assert found.values[0].total_nanousd == round(59.75 * USD)


def test_nothing_is_started_before_somebody_asks_and_nothing_is_left_after(asking: Asking) -> None:
    assert asking.process_id is None
    asking.ask(QUESTION)
    process_id = asking.process_id
    assert process_id is not None
    asking.close()
    assert not alive(process_id)
    with pytest.raises(Unanswered, match="stopping"):
        asking.ask(SPENDING)


SPENDING = Asked(spending=(SpendingOf(Where("2026-09-01", "2026-12-01")),))


def test_the_same_question_soon_after_is_not_answered_twice(asking: Asking, monkeypatch: pytest.MonkeyPatch) -> None:
    assert asking.ask(QUESTION) is asking.ask(QUESTION)
    monkeypatch.setattr(limits, "ASKING_KEPT_S", 0.0)
    assert asking.ask(SPENDING) is not asking.ask(SPENDING)


def test_a_process_that_nobody_asks_ends_and_another_is_started(asking: Asking, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "ASKING_IDLE_S", 0.2)
    monkeypatch.setattr(limits, "ASKING_KEPT_S", 0.0)
    found = asking.ask(QUESTION)
    assert soon(lambda: asking.process_id is None)
    assert asking.ask(QUESTION) == found


def test_what_is_wrong_with_a_question_is_told_as_the_engine_tells_it(asking: Asking, tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="spending is not kept by 'mood'"):
        asking.ask(Asked(spending=(SpendingOf(Where("2026-09-01", "2026-12-01"), ("mood",)),)))
    assert asking.ask(QUESTION)
    with closing(Asking(Setup(str(tmp_path), (), "UTC"), ManualClock(NOON))) as empty, pytest.raises(NotFound, match="there is no ledger"):
        empty.ask(QUESTION)


def test_killed_between_questions_another_process_answers(asking: Asking, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "ASKING_KEPT_S", 0.0)
    asking.ask(QUESTION)
    first = asking.process_id
    assert first is not None
    os.kill(first, signal.SIGKILL)
    os.waitid(os.P_PID, first, os.WEXITED | os.WNOWAIT)  # all of its threads are gone
    assert asking.ask(QUESTION)
    assert asking.process_id != first


def test_killed_at_a_question_says_so_and_the_next_is_answered(setup: Setup, asking: Asking) -> None:
    asking.ask(QUESTION)
    first = asking.process_id
    assert first is not None
    with held_up(setup):
        threading.Timer(0.3, os.kill, (first, signal.SIGKILL)).start()
        with pytest.raises(Unanswered, match=r"the process that answers ended \(signal 9\)") as told:
            asking.ask(SPENDING)
    assert "load the page again" in told.value.fix
    assert told.value.retry_s == 0
    assert asking.ask(SPENDING)


def test_who_waits_too_long_is_told_and_the_work_goes_on(setup: Setup, asking: Asking, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "ASKING_S_MAX", 0.2)
    with held_up(setup), pytest.raises(Unanswered, match="brought up to date") as told:
        asking.ask(QUESTION)
    assert told.value.retry_s == limits.ASKING_RETRY_S
    monkeypatch.setattr(limits, "ASKING_S_MAX", 20.0)
    assert asking.ask(QUESTION)


def test_too_many_are_told_to_come_back(setup: Setup, asking: Asking, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "ASKING_WAITING_MAX", 1)
    with held_up(setup):
        thread = threading.Thread(target=asking.ask, args=(QUESTION,))
        thread.start()
        assert soon(lambda: asking.process_id is not None)
        for question in (SPENDING, QUESTION):
            with pytest.raises(Unanswered, match="1 others wait"):
                asking.ask(question)
    thread.join()
    assert asking.ask(SPENDING)


def test_a_question_that_never_ends_is_ended(setup: Setup, asking: Asking, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "ASKING_QUESTION_S_MAX", 0.3)
    with held_up(setup), pytest.raises(Unanswered, match="signal 9"):
        asking.ask(QUESTION)


@pytest.mark.parametrize("doing", ["idle", "asking"])
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_no_process_outlives_its_server(setup: Setup, doing: str, number: signal.Signals) -> None:
    command = [sys.executable, "-c", SERVER, setup.data_dir, doing]
    server = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    assert server.stdin is not None and server.stdout is not None
    with server.stdin, server.stdout:
        process_id = int(server.stdout.readline())
        assert alive(process_id)
        with held_up(setup):
            server.stdin.write("\n")
            server.stdin.flush()
            time.sleep(0.3)
            server.send_signal(number)
            server.wait(30)
            assert soon(lambda: not alive(process_id))


def children(process_id: int) -> list[int]:
    found = subprocess.run(["ps", "-o", "pid=", "--ppid", str(process_id)], capture_output=True, text=True, check=False).stdout
    return [int(each) for each in found.split()]


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_the_gateway_serves_pages_without_duckdb_and_scipy_and_leaves_nothing_behind(setup: Setup, tmp_path: Path, number: signal.Signals) -> None:
    """The real server: its own memory holds neither DuckDB nor pyarrow nor scipy, and what it started, one process, ends with it."""
    (tmp_path / "wellspent.toml").write_text(SERVED)
    with closing(Settings.open(tmp_path / "data" / "settings.db")) as settings:
        settings.set_initiative(Initiative("try", "zoe", "x", Scope("team", "core"), "support", "2026-01-01", "2999-12-31", experiment="models"))
    env = {**os.environ, "WELLSPENT_DATA_DIR": str(tmp_path / "data"), "HOME": str(tmp_path)}
    server = subprocess.Popen([sys.executable, "-m", "wellspent", "serve"], cwd=tmp_path, env=env, stderr=subprocess.PIPE, text=True)
    try:
        assert server.stderr is not None
        address = next(line.split()[-1] for line in server.stderr if line.startswith("wellspent is serving at"))
        with urllib.request.urlopen(f"{address}/api/v1/value") as answer:
            assert json.load(answer)["total_nanousd"] == 0
        with urllib.request.urlopen(f"{address}/api/v1/initiatives/try") as answer:
            found = json.load(answer)
        assert (found["settled"], [each["grade"] for each in found["evidence"]]) == (0, ["none"] * 3)
        (process_id,) = children(server.pid)
        maps = Path(f"/proc/{server.pid}/maps").read_text()
        assert not [name for name in ("duckdb", "arrow", "scipy", "numpy") if name in maps]
        server.send_signal(number)
        server.wait(60)
        assert soon(lambda: not alive(process_id))
    finally:
        server.kill()
        server.wait()
        assert server.stderr is not None
        server.stderr.close()
