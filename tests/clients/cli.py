"""Runs a real coding agent without a terminal, in a home of its own, cut off from every network but loopback."""

import contextlib
import json
import os
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.clients.screen import Screen
from tests.clients.tap import Tap

INSTALLED = Path(__file__).parents[2] / ".clients" / "node_modules" / ".bin"
RUN_S_MAX = 120.0


@dataclass
class Ran:
    """What a person saw, and what the program tried to reach past loopback."""

    code: int
    out: str
    err: str
    seconds: float
    reached_for: list[str]

    @property
    def screen(self) -> str:
        return self.out + self.err


def installed(name: str) -> Path:
    """The program; where it is missing the test fails, so that nobody takes a machine without it for a pass."""
    path = INSTALLED / name
    if not path.exists():
        pytest.fail(f"{name} is not installed for these tests; run scripts/setup_clients.sh (it needs npm, and the network once)")
    return path


def run(name: str, arguments: Sequence[str], home: Path, env: Mapping[str, str]) -> Ran:
    """Run it to its end. Its proxy settings lead to a dead end that notes the hosts, so only loopback works."""
    program, work = installed(name), folders(home)
    with Tap(None) as dead_end:
        began = time.monotonic()
        process = subprocess.Popen(
            [str(program), *arguments],
            cwd=work,
            env={**clean_environment(home, dead_end), **env},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            errors="replace",
            start_new_session=True,
        )
        try:
            out, err = process.communicate(timeout=RUN_S_MAX)
        except subprocess.TimeoutExpired:
            _end(process)
            out, err = process.communicate()
            raise AssertionError(f"{name} did not end within {RUN_S_MAX:g} s\n{out}\n{err}") from None
        finally:
            _end(process)
        reached = sorted({f"{each.method} {each.path}" for each in dead_end.requests})
    return Ran(process.returncode, out, err, time.monotonic() - began, reached)


def folders(home: Path) -> Path:
    """Make a home; its working folder."""
    for folder in (home / "work", home / "tmp"):
        folder.mkdir(parents=True, exist_ok=True)
    return home / "work"


def clean_environment(home: Path, dead_end: Tap) -> dict[str, str]:
    """Nothing of this machine's but the system's programs."""
    proxies = {each: dead_end.url for name in ("http_proxy", "https_proxy", "all_proxy") for each in (name, name.upper())}
    own = {"PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": str(home), "TMPDIR": str(home / "tmp"), "TERM": "dumb", "LANG": "C.UTF-8"}
    return {**own, **proxies, "NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1"}


def claude_env(url: str, key: str) -> dict[str, str]:
    """What docs/clients.md says to set for Claude Code."""
    return {"ANTHROPIC_BASE_URL": url, "ANTHROPIC_AUTH_TOKEN": key, "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1"}


def claude(home: Path, url: str, key: str, *arguments: str, **env: str) -> Ran:
    """Claude Code in print mode. An empty value in ``env`` takes a variable away."""
    return run("claude", ["-p", *arguments], home, {name: value for name, value in {**claude_env(url, key), **env}.items() if value})


@contextlib.contextmanager
def claude_on_screen(home: Path, url: str, key: str) -> Iterator[Screen]:
    """Claude Code in a terminal, past its questions at the first start."""
    work = folders(home)
    trusted = {"hasTrustDialogAccepted": True, "hasCompletedProjectOnboarding": True}
    settings = {"hasCompletedOnboarding": True, "theme": "dark", "projects": {str(work): trusted}}
    (home / ".claude.json").write_text(json.dumps(settings))
    with Tap(None) as dead_end:
        env = {**clean_environment(home, dead_end), **claude_env(url, key), "TERM": "xterm-256color"}
        with Screen(installed("claude"), [], work, env) as screen:
            yield screen


def codex(home: Path, url: str, key: str, *arguments: str, provider: str = "", settings: str = "", **env: str) -> Ran:
    """``codex exec`` with an own provider in its configuration.

    Args:
        provider: More lines of the provider's table.
        settings: More tables.
    """
    lines = ['model = "gpt-5"', 'model_provider = "wellspent"', "[model_providers.wellspent]", 'name = "wellspent"', f'base_url = "{url}/v1"']
    lines += ['env_key = "WELLSPENT_KEY"', 'wire_api = "responses"', provider, settings]
    (home / ".codex").mkdir(parents=True, exist_ok=True)
    (home / ".codex" / "config.toml").write_text("\n".join(lines))
    return run("codex", ["exec", "--skip-git-repo-check", *arguments], home, {"WELLSPENT_KEY": key, **env})


def codex_builtin(home: Path, url: str, key: str, *arguments: str) -> Ran:
    """``codex exec`` with its built-in provider, which tries a WebSocket first."""
    base = ["exec", "--skip-git-repo-check", "-c", f"openai_base_url={json.dumps(url + '/v1')}", "-m", "gpt-5"]
    return run("codex", [*base, *arguments], home, {"CODEX_API_KEY": key})


def _end(process: "subprocess.Popen[str]") -> None:
    """The program and what it started: all are in a process group of their own."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
