"""Every command of the README, run as its reader would: the two first ones in a fresh copy of the tree, the others beside a running gateway."""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.request import urlopen

import pytest

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()
BLOCKS = re.findall(r"^```sh\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)
COMMANDS = [line for block in BLOCKS for line in block.splitlines()]
BESIDE = COMMANDS[4:]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def environment(home: Path) -> dict[str, str]:
    """The machine's, with an empty home and no settings of ours."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("WELLSPENT_")}
    keys = dict.fromkeys(("OPENAI_API_KEY", "ANTHROPIC_API_KEY", "GEMINI_API_KEY"), "sk-x")
    return {**kept, **keys, "HOME": str(home), "XDG_DATA_HOME": str(home / "data"), "WELLSPENT_PORT": str(free_port())}


def test_the_readme_begins_with_two_commands_and_the_others_are_known() -> None:
    assert COMMANDS[:4] == ["make install", "make run", ".venv/bin/wellspent", ".venv/bin/wellspent serve"]
    assert all(command.startswith(".venv/bin/wellspent ") for command in BESIDE)
    for linked in re.findall(r"\]\(((?!https?:)[^)#]+)", README):
        assert (ROOT / linked).exists(), linked


def test_the_two_commands_in_a_fresh_copy(tmp_path: Path) -> None:
    files = subprocess.run(["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split("\n")
    copy = tmp_path / "wellspent"
    for name in filter(None, files):
        if (ROOT / name).is_file():
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, copy / name)
    env = {**environment(tmp_path), "HOME": os.environ["HOME"]}  # pip's own cache and settings are the machine's
    subprocess.run(COMMANDS[0].split(), cwd=copy, env=env, check=True, timeout=600)
    demo = subprocess.Popen(COMMANDS[1].split(), cwd=copy, env=env, stderr=subprocess.PIPE, text=True, start_new_session=True)
    assert demo.stderr is not None
    with demo.stderr:
        try:
            address = next(line.split()[1] for line in demo.stderr if line.startswith("Overview:"))
            with urlopen(address) as page:
                assert b"Are we on plan" in page.read()
        finally:
            os.killpg(demo.pid, signal.SIGINT)
            demo.wait(60)


def test_the_logs_of_this_machine_without_any_set_up(tmp_path: Path) -> None:
    found = subprocess.run([sys.executable, "-m", "wellspent"], env=environment(tmp_path), cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert found.returncode == 0
    assert "Traceback" not in found.stderr


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """The environment beside a running ``wellspent serve``."""
    home = tmp_path_factory.mktemp("home")
    env = environment(home)
    gateway = subprocess.Popen([sys.executable, "-m", "wellspent", "serve"], env=env, cwd=home, stderr=subprocess.PIPE, text=True)
    assert gateway.stderr is not None
    with gateway.stderr:
        said = [next(gateway.stderr) for _ in range(22)]
        assert any("ANTHROPIC_BASE_URL" in line for line in said)
        yield env
        gateway.send_signal(signal.SIGINT)
        gateway.wait(60)


@pytest.mark.parametrize("command", BESIDE)
def test_a_command_beside_the_gateway(served: dict[str, str], command: str) -> None:
    words = [sys.executable, "-m", "wellspent", *command.split()[1:]]
    if command.endswith(" watch"):
        watching = subprocess.Popen(words, env=served, cwd=served["HOME"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        time.sleep(3)
        assert watching.poll() is None
        watching.send_signal(signal.SIGINT)
        _, said = watching.communicate(timeout=30)
        assert watching.returncode == 130
    else:
        found = subprocess.run(words, env=served, cwd=served["HOME"], capture_output=True, text=True, timeout=60)
        said = found.stderr
        assert found.returncode == 0, said
    assert "Traceback" not in said
