"""The wheel holds everything: installed alone in an empty environment it serves, reports and shows the made-up company."""

import os
import signal
import subprocess
import sys
import venv
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.request import urlopen

import pytest

ROOT = Path(__file__).parents[2]
PARTS = (
    "py.typed",
    "pricing/data/",
    "surfaces/web/templates/overview.html",
    "surfaces/web/static/wellspent.css",
    "testing/provider/app.py",
    "surfaces/reports/statement.typ",
)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    subprocess.run([sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)], cwd=ROOT, check=True, capture_output=True)
    return next(folder.glob("*.whl"))


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The command in a virtual environment that holds nothing but the wheel and what it asks for."""
    folder = tmp_path_factory.mktemp("alone")
    venv.create(folder / "venv", with_pip=True)
    python = folder / "venv" / "bin" / "python"
    subprocess.run([python, "-m", "pip", "install", "-q", "--disable-pip-version-check", wheel], check=True, timeout=600)
    return python.with_name("wellspent")


def environment(home: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("WELLSPENT_", "PYTHON"))}
    return {**kept, "HOME": str(home), "WELLSPENT_DATA_DIR": str(home / "data")}


@contextmanager
def running(command: Path, home: Path, *words: str) -> Iterator[str]:
    """The address of ``serve`` or ``demo``, stopped at the end."""
    process = subprocess.Popen([command, *words, "--port", "0"], env=environment(home), cwd=home, stderr=subprocess.PIPE, text=True)
    assert process.stderr is not None
    with process.stderr:
        try:
            yield next(line.split()[1] for line in process.stderr if line.startswith("Overview:"))
        finally:
            process.send_signal(signal.SIGINT)
            assert process.wait(60) == 0


def test_the_wheel_holds_its_parts_and_no_more(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    for part in PARTS:
        assert any(name.startswith(f"wellspent/{part}") for name in names), part
    assert {name.split("/")[0] for name in names} == {"wellspent", next(name.split("/")[0] for name in names if ".dist-info/" in name)}
    assert any(name.endswith("licenses/LICENSE") for name in names)


def test_serve_alone(installed: Path, tmp_path: Path) -> None:
    with running(installed, tmp_path, "serve") as address:
        with urlopen(address) as page:
            assert b"Are we on plan" in page.read()
        env = environment(tmp_path)
        for words in (("spend", "--json"), ("budgets", "list"), ("keys", "list"), ("ledger", "verify"), ("--version",), ()):
            done = subprocess.run([installed, *words], env=env, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False)
            assert done.returncode == 0, (words, done.stderr)
            assert "Traceback" not in done.stderr


def test_the_demo_alone(installed: Path, tmp_path: Path) -> None:
    with running(installed, tmp_path, "demo") as address, urlopen(address) as page:
        assert b"made-up company" in page.read()
