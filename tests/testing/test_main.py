import json
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from wellspent.testing.provider import FakeProvider


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "wellspent.testing.provider", *arguments]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_serves_until_it_is_interrupted(tmp_path: Path, number: int) -> None:
    process = subprocess.Popen(command("--port", "0", "--log", str(tmp_path / "log")), stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    with process.stdout:
        url = process.stdout.readline().strip()
        with urllib.request.urlopen(f"{url}/v1/models", timeout=10) as answer:
            assert json.load(answer)["object"] == "list"
        process.send_signal(number)
        assert process.wait(15) == 0
    assert json.loads((tmp_path / "log").read_text())["path"] == "/v1/models"


def test_a_taken_port_is_told() -> None:
    with FakeProvider() as provider:
        found = subprocess.run(command("--port", str(provider.port)), capture_output=True, text=True, timeout=30, check=False)
        with pytest.raises(OSError, match="in use"):
            FakeProvider(provider.port).start()
    assert found.returncode == 1
    assert "choose another with --port" in found.stderr
