"""How long a person waits for a command that does little: each in a process of its own, interleaved. ``serve`` is measured with the gateways."""

import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks.ledger import module

ASKED = {"wellspent statusline": ("statusline",), "wellspent --help": ("--help",), "wellspent spend --help": ("spend", "--help")}


def measure(repeats: int, tell: Callable[[str], object]) -> dict[str, list[float]]:
    """Milliseconds by command, a list over repeats; beside them the Python interpreter's own start."""
    tell("startup")
    found: dict[str, list[float]] = {}
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        module("benchmarks.writer", str(folder), "2000", folder=folder)
        for _ in range(repeats):
            began = time.perf_counter()
            subprocess.run([sys.executable, "-c", "pass"], check=True)
            found.setdefault("python -c pass ms", []).append(1000 * (time.perf_counter() - began))
            for name, words in ASKED.items():
                found.setdefault(f"{name} ms", []).append(1000 * module("wellspent", *words, folder=folder).seconds)
    return found
