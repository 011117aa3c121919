"""A large journal, written by ``benchmarks.writer``, then what people ask of it, each as a command of its own.

Nothing of wellspent is imported here: a child's peak memory counts from that of its parent.
"""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from benchmarks.processes import python_path

DAYS = 31
REPEATS = 5


class Ran(NamedTuple):
    """One command: what it printed, its seconds with its start, and the most memory it held."""

    printed: str
    seconds: float
    peak_mb: float


def module(name: str, *words: str, folder: Path) -> Ran:
    """``python -m NAME`` beside a data folder, with compiled modules kept, as where it is installed. Raises RuntimeError with what it said."""
    env = {**os.environ, **python_path(), "WELLSPENT_DATA_DIR": str(folder)}
    env.pop("PYTHONDONTWRITEBYTECODE", None)
    line = [sys.executable, "-m", name, *words]
    began = time.perf_counter()
    process = subprocess.Popen(line, env=env, cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stderr is not None
    with process.stdout, process.stderr:
        printed, said = process.stdout.read().decode(), process.stderr.read().decode()
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    took_s = time.perf_counter() - began
    if process.returncode:
        raise RuntimeError(f"{line} failed: {said[-500:]}")
    return Ran(printed, took_s, used.ru_maxrss / 1024)


def size_mb(folder: Path) -> float:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 1e6


def measure(entries: int, tell: Callable[[str], object]) -> dict[str, list[float]]:
    """Figures by name; commands as a list over repeats."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        tell(f"ledger: writing {entries:,} entries")
        written = module("benchmarks.writer", str(folder), str(entries), folder=folder)
        found = {"write s": [written.seconds], "entries/s": [entries / written.seconds], "writer peak MB": [written.peak_mb]}
        found["journal MB"] = [size_mb(folder)]
        asked = {
            "receipt": ("receipt", written.printed.strip()),
            "spend, 31 days by model": ("spend", "--since", f"{DAYS}d"),
            "spend, 31 days by day and team": ("spend", "--since", f"{DAYS}d", "--by", "day,team"),
            "ledger seal, 31 days": ("ledger", "seal"),
            "ledger verify, sealed days too": ("ledger", "verify"),
        }
        for name, words in asked.items():
            tell(f"ledger: {name}")
            if words == ("ledger", "verify"):
                found["sealed MB"] = [size_mb(folder / "sealed")]
            runs = [module("wellspent", *words, folder=folder) for _ in range(1 if words[0] == "ledger" else REPEATS)]
            found[f"{name} s"], found[f"{name} peak MB"] = [run.seconds for run in runs], [run.peak_mb for run in runs]
    return found
