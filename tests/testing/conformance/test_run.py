"""How a run begins and ends: what is refused before it, what is seen at its start, and what it leaves behind."""

import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from tests.testing.conformance.careless import Careless

from wellspent.facts.errors import WellspentError
from wellspent.surfaces.cli.app import main
from wellspent.testing.conformance import client
from wellspent.testing.conformance.__main__ import main as suite
from wellspent.testing.conformance.adapter import Adapter, Key, Providers
from wellspent.testing.conformance.profiles.litellm import LiteLLM
from wellspent.testing.conformance.profiles.process import Process
from wellspent.testing.conformance.profiles.tensorzero import TensorZero
from wellspent.testing.conformance.run import Plan, benches, run
from wellspent.testing.provider import FakeProvider

Command = Callable[[list[str]], int]


def cli(arguments: list[str]) -> int:
    return main(["conformance", *arguments])


def by_itself(arguments: list[str]) -> int:
    return suite(["run", *arguments])


class Trickles(BaseHTTPRequestHandler):
    """Never silent, and never done."""

    def do_POST(self) -> None:
        self.send_response(200)
        self.end_headers()
        while not self.server._BaseServer__shutdown_request:  # type: ignore[attr-defined]
            try:
                self.wfile.write(b": keep-alive\n\n")
            except OSError:
                return
            time.sleep(0.02)

    def log_message(self, *_: object) -> None: ...


@pytest.fixture
def trickling() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Trickles) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_a_call_ends_when_its_time_is_over_whatever_trickles_in(trickling: str) -> None:
    reply = client.send(trickling, "POST", {}, b"", timeout_s=0.3)
    assert reply.status == 200
    assert b"keep-alive" in reply.body
    assert not reply.ok
    assert reply.broken == "TimeoutError: no whole answer within 0.3 s"


class Started(Adapter):
    """A gateway that is the provider itself, or leads nowhere."""

    name, wires, deferred_s = "started", ("openai-chat",), 0.0
    stopped = 0
    leads = True

    def start(self, providers: Providers, folder: Path, program: str) -> None:
        self.url = providers.url if self.leads else "http://127.0.0.1:1"

    def stop(self) -> None:
        type(self).stopped += 1

    def key(self) -> Key:
        return Key("k")


class Astray(Started):
    leads = False


class StopsBadly(Started):
    def stop(self) -> None:
        raise RuntimeError("no")


class MakesNoKey(Started):
    def key(self) -> Key:
        raise ValueError("<html>")


def test_a_gateway_that_the_profile_starts_is_called_once_before_the_cases(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("wellspent.testing.conformance.run.FIRST_CALL_S_MAX", 0.0)
    with benches(Plan(Started, provider_port=0), lambda _: None) as bench:
        assert len(bench.provider.calls) == 1
    before = Astray.stopped
    with pytest.raises(WellspentError, match="did not come from"), benches(Plan(Astray, provider_port=0), lambda _: None):
        raise AssertionError
    assert Astray.stopped == before + 1
    with pytest.raises(WellspentError, match="made no key: ValueError"), benches(Plan(MakesNoKey, provider_port=0), lambda _: None):
        raise AssertionError


def test_marks_are_new_in_every_run() -> None:
    marks = []
    for _ in range(2):
        with benches(Plan(Started, provider_port=0), lambda _: None) as bench:
            marks.append(bench.call().mark)
    assert marks[0] != marks[1]


def test_a_stop_that_fails_is_told_and_hides_nothing() -> None:
    told: list[str] = []
    with benches(Plan(StopsBadly, provider_port=0), told.append):
        pass
    assert told == ["starting started", "started was not cleaned up: RuntimeError: no"]


def test_an_api_that_the_gateway_does_not_speak_is_not_offered() -> None:
    plan = Plan(Started, provider_port=0, wires=("gemini", "openai-chat"), only=(2,))
    with benches(plan, lambda _: None) as bench:
        verdicts = {each.wire: (each.verdict, each.finding.note) for each in run(bench, plan, lambda _: None)}
    assert verdicts["gemini"] == ("not offered", "started does not speak this API")
    assert "openai-chat" in verdicts


@pytest.mark.parametrize("port", [99_999, -1])
def test_a_port_that_is_none_is_an_error_of_the_provider(port: int) -> None:
    with pytest.raises(OSError, match="port"):
        FakeProvider(port).start()


@pytest.mark.parametrize("command", [cli, by_itself])
@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--provider-port", "99999"], "there is no port 99999"),
        (["--provider-port", "-1"], "there is no port -1"),
        (["--wire", "openai-embeddings", "--only", "4"], "none of the chosen cases is for openai-embeddings"),
        (["--profile", "litellm", "--program", "gone/venv"], "there is no gone/venv"),
        (["--profile", "tensorzero", "--program", "gone/venv"], "there is no gone/venv"),
        (["--profile", "portkey", "--program", "gone/venv"], "there is no gone/venv"),
        (["--gateway", "http://x", "--key", "a\nb"], "the key holds a line break"),
        (["--gateway", "localhost:4000", "--key", "a"], "is no address of a gateway"),
        (["--gateway", "http://x:port", "--key", "a"], "is no address of a gateway"),
        (["--profile", "leaves.py"], "leaves.py cannot be loaded: SystemExit: 3"),
        (["--profile", "mute.py"], "speaks no API of the suite"),
    ],
)
def test_what_cannot_be_run_is_refused_before_it(
    command: Command, arguments: list[str], said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("leaves.py").write_text("import sys\nsys.exit(3)\n")
    Path("mute.py").write_text(
        "from wellspent.testing.conformance.adapter import Adapter\nclass Mute(Adapter):\n    wires = ('soap',)\n    def start(self, *_): pass\n"
    )
    if "mute.py" in arguments:
        arguments = [*arguments, "--wire", "openai-chat"]
    assert command(arguments) == 2
    out, err = capsys.readouterr()
    assert said in err
    assert not out


def test_a_page_that_cannot_be_written_is_refused_before_the_run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").write_text("")
    for page, said in ((tmp_path, "is a folder"), (tmp_path / "file" / "page.html", "cannot be written")):
        assert cli(["--html", str(page)]) == 2
        assert said in capsys.readouterr().err


def test_a_program_that_is_not_used_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli(["--program", "gone", "--wire", "openai-embeddings", "--only", "4"]) == 2
    assert "--program is not used: the profile wellspent" in capsys.readouterr().err
    assert cli(["--program", "gone", "--gateway", "http://127.0.0.1:1", "--profile", "generic", "--provider-port", "0"]) == 2
    assert "--program is not used: the gateway runs already" in capsys.readouterr().err


@pytest.mark.parametrize("peer", [LiteLLM, TensorZero])
def test_a_program_that_holds_no_gateway_is_told(peer: type[Adapter], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://x")
    with pytest.raises(WellspentError, match=r"there is no .*--program"):
        peer().start(Providers("http://x"), tmp_path, str(tmp_path))


PROFILE = """
import pathlib, sys
from wellspent.testing.conformance.adapter import Adapter, Key
from wellspent.testing.conformance.profiles.process import Process

class Sleeps(Adapter):
    name, wires, deferred_s = "sleeps", ("openai-chat",), 0.0

    def start(self, providers, folder, program):
        self.url = providers.url
        self.process = Process([sys.executable, "-c", "import time; time.sleep(600)"], {}, folder / "log")
        told = pathlib.Path(__file__).with_name("told")
        told.with_suffix(".new").write_text(f"{self.process._running.pid} {folder}")
        told.with_suffix(".new").rename(told)

    def stop(self):
        self.process.stop()

    def key(self):
        return Key("k")

    def limited(self, limit_nanousd, window="month"):
        import time
        time.sleep(600)
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
@pytest.mark.parametrize("command", [["wellspent", "conformance"], ["wellspent.testing.conformance", "run"]])
def test_a_run_that_is_ended_from_outside_cleans_up(number: int, command: list[str], tmp_path: Path) -> None:
    (tmp_path / "sleeps.py").write_text(PROFILE)
    arguments = [sys.executable, "-m", *command, "--profile", str(tmp_path / "sleeps.py"), "--only", "1"]
    running = subprocess.Popen(arguments, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, start_new_session=True)
    try:
        wait_for(lambda: (tmp_path / "told").exists() or running.poll() is not None)
        pid, folder = (tmp_path / "told").read_text().split()
        assert Path(folder).is_dir()
        running.send_signal(number)
        _, err = running.communicate(timeout=60)
    finally:
        running.kill()
    assert running.returncode == 130, err
    assert not Path(folder).exists()
    assert not alive(int(pid))


def test_a_gateway_that_is_waited_for_ends_with_what_interrupts_the_wait(tmp_path: Path) -> None:
    process = Process([sys.executable, "-c", "import time; time.sleep(600)"], {}, tmp_path / "log")

    def interrupted() -> bool:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        process._wait(interrupted)
    assert process._running.poll() is not None


def wait_for(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_the_suite_by_itself_runs_and_tells(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    docs = (Path(__file__).parents[3] / "docs" / "conformance.md").read_text()
    found = re.search(r"```python\n(.*?)```", docs, re.DOTALL)
    assert found is not None
    (tmp_path / "careless.py").write_text(found[1])
    with FakeProvider() as free, Careless(0) as server:
        port = free.port
        free.stop()
        server.provider_port = port
        threading.Thread(target=server.serve_forever, daemon=True).start()
        where = ["--gateway", server.url, "--provider-port", str(port), "--profile", str(tmp_path / "careless.py"), "--only", "5"]
        assert by_itself([*where, "--json"]) == 1
        rows: list[dict[str, Any]] = json.loads(capsys.readouterr().out)
        assert by_itself(where) == 1
        out, err = capsys.readouterr()
        server.shutdown()
    assert len(out.splitlines()) == len(rows) == 5
    assert {"number", "case", "wire", "verdict", "true_nanousd", "counted_usd", "note", "sources"} <= set(rows[0])
    assert "careless 0.1: " in err


def test_the_suite_by_itself_tells_the_setup(capsys: pytest.CaptureFixture[str]) -> None:
    assert suite(["setup", "--provider-port", "9007"]) == 0
    assert "http://127.0.0.1:9007/v1" in capsys.readouterr().out
    assert suite(["setup", "--provider-port", "70000"]) == 2


@pytest.mark.parametrize("name", ["generic", "litellm", "portkey", "tensorzero"])
def test_the_suite_by_itself_is_without_the_rest_of_wellspent(name: str) -> None:
    program = f"""
import sys
import wellspent.testing.conformance.__main__
from wellspent.testing.conformance.profiles import profile
profile({name!r})
print(" ".join(sorted({{name.split(".")[1] for name in sys.modules if name.startswith("wellspent.")}})))
"""
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert set(ran.stdout.split()) <= {"facts", "limits", "testing"}
