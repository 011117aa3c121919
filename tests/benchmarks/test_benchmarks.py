"""Each benchmark runs, with tiny numbers and wellspent alone, and finds every figure; how large they are is nobody's business here."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from tests.rework.repos import Made

from benchmarks import aider_shares, gateway, load, peers, report

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="CPU time and memory are read from /proc")


def run(*arguments: str) -> str:
    command = [sys.executable, "-m", "benchmarks", "--rounds", "1", "--seconds", "1", *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout


def test_a_gateway_answers_every_call_of_every_load(tmp_path: Path) -> None:
    file = tmp_path / "found.json"
    printed = run("gateway", "--peers", "", "--calls", "40", "--many", "8", "--pace", "5", "--json", str(file))
    found: dict[str, Any] = json.loads(file.read_text())["gateway"]
    assert {name: figures["errors"] for name, figures in found.items()} == {"direct": 0, "wellspent": 0}, found
    of = found["wellspent"]["found"]
    assert of["crowd whole"] == [8]
    assert {"json us", "stream us", "crowd us", "json p50 ms", "first byte p50 ms", "start s", "rest MB", "loaded MB"} <= of.keys()
    assert "| CPU µs a call |" in printed


def test_who_is_not_installed_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(peers, "BENCH", tmp_path)
    (tmp_path / "litellm.why").write_text("no network")
    upstream = peers.Upstream(9)
    for name, why in (("litellm", "no network"), ("portkey", "setup_bench"), ("tensorzero", "setup_bench"), ("envoy", "setup_bench")):
        with pytest.raises(peers.NotRun, match=why):
            peers.PEERS[name](tmp_path, upstream, 9)
    own, other = gateway.Figures({"json us": [30.0, 10.0, 20.0]}), gateway.Figures({"json us": [2.0]})
    printed = report.gateways({"direct": gateway.Figures(), "wellspent": own, "nginx": other, "litellm": "not installed: no network"})
    assert "- litellm: **not run**: not installed: no network" in printed
    assert "| CPU µs a call | – | 20 (10–30) | 2 |" in printed
    assert "| CPU a call: at most 8 × nginx | 10.00 × | **missed** |" in printed


def test_a_call_without_an_answer_is_an_error() -> None:
    found = load.run(load.Load(port=9, path=peers.PATH, headers={}, model="m", connections=2, calls=2, seconds=1.0), core=0)
    assert found.errors == 2


def test_a_ledger_is_written_asked_sealed_and_verified() -> None:
    printed = run("ledger", "--entries", "600")
    for name in (
        "entries/s",
        "journal MB",
        "sealed MB",
        "receipt s",
        "spend, 31 days by model s",
        "ledger seal, 31 days s",
        "ledger verify, sealed days too s",
    ):
        assert f"| {name} |" in printed


def test_a_history_is_read_beside_git(tmp_path: Path) -> None:
    made = Made(tmp_path / "app")
    made.saved(a="one\n")
    blob = made.git("rev-parse", "HEAD:a")
    made.saved(a="two\n")
    (made.folder / ".git" / "objects" / blob[:2] / blob[2:]).unlink()
    printed = run("rework", "--repository", str(made.folder), "--lines", "4000", "--peers", "")
    for name in ("git log -p -U0 --first-parent", "wellspent", "wellspent, nothing new", "wellspent, all commits"):
        assert f"| app: {name}, CPU s |" in printed
    assert "| 4,000 lines alive: wellspent, MB |" in printed


def test_fixes_are_held_against_what_their_commits_state(tmp_path: Path) -> None:
    made = Made(tmp_path / "app")
    cause = made.saved("Count", a="one\ntwo\nthree\n")
    assert "no commit of it states in a Fixes: line" in run("fixes", "--repository", str(made.folder))
    made.saved("Other", b="one\n")
    made.saved(f"Count right\n\nFixes: {cause[:12]}", a="one\nTwo\nthree\n")
    printed = run("fixes", "--repository", str(made.folder), "--all")
    assert "app, all: 3 commits, 1 fixes that state 1 causes; 0 of them (0%) delete nothing" in printed
    for name in ("every commit with a killed line", "the one with most lines", "wellspent", "of it: most lines"):
        assert f"| {name} | 1 | 100.0 % | 100.0 % | 100.0 % | – | 100.0 % |" in printed


def test_commands_and_durabilities_are_timed() -> None:
    printed = run("startup", "durability")
    for name in (
        "wellspent statusline ms",
        "wellspent --help ms",
        "one fsync of 4 KiB ms",
        "alone, power: wait p50 ms",
        "64 together, process: calls/s",
    ):
        assert f"| {name} |" in printed


LINES = [f"value_{number} = compute_{number}(first_argument, second_argument)" for number in range(8)]
BLAME = """- aider_percentage: 60.0
  aider_total: 3
  end_date: '2024-01-02'
  end_tag: v0.2.0
  file_counts:
    a.py:
      N (aider): 3
  grand_total:
    N: 2
    N (aider): 3
  start_tag: v0.1.0
  total_lines: 5
"""


def test_shares_of_a_release_are_those_of_new_lines(tmp_path: Path) -> None:
    """Lines that moved to another file are not new; what is no source file does not count."""
    made = Made(tmp_path / "repository")
    made.saved(**{"old.py": "\n".join(LINES) + "\n"})
    made.git("tag", "v0.1.0")
    made.saved(**{"old.py": "\n".join(LINES[:4]) + "\n", "new.py": "\n".join(LINES[4:]) + "\n"})
    made.saved("aider: more", **{"a.py": "one = 1\ntwo = 2\nthree = 3\n", "README.md": "text\n"})
    made.saved(**{"b.py": "four = 4\nfive = 5\n"})
    made.git("tag", "v0.2.0")
    made.saved(**{"aider/website/_data/blame.yml": BLAME})
    ((release, shares),) = aider_shares.measure(made.folder, lambda _: None).items()
    assert (release.start, release.end, release.aider, release.lines) == ("v0.1.0", "v0.2.0", 3, 5)
    assert shares["aider's rule of moves"] == shares["wellspent's rule of moves"] == aider_shares.Counted(3, 5)
    assert shares["no moves"] == aider_shares.Counted(3, 9)
    printed = run("aider-shares", "--repository", str(made.folder))
    assert "Target, median gap at most 0.5 points: 0.00, met." in printed
    assert "| v0.2.0 | 5 | 60.0 | 5 | 60.0 | 9 | 33.3 | 5 | 60.0 |" in printed


def test_which_files_aider_counts() -> None:
    counted = ["aider/main.py", "tests/fixtures/languages/go/test.go", ".github/workflows/ci.yml", "aider/resources/a.yml", "docker/Dockerfile"]
    others = ["aider/coders/base_prompts.py", "README.md", "aider/website/install.sh", "tests/fixtures/watch.py", "a.yml"]
    assert [path for path in [*counted, *others] if aider_shares.is_source(path)] == counted
