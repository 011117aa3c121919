"""How long reading a history takes: ``wellspent rework`` beside git alone, git-of-theseus and PyDriller, in turns, on the same repository.

A repository that lacks contents (a partial clone) is measured through a throw-away one that borrows its objects and has nothing in their place,
since git alone would give up in the middle.
"""

import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from benchmarks.peers import BENCH
from benchmarks.processes import python_path

PEERS = ("pydriller", "theseus")
PEER_S_MAX = 1_800.0
MANY_LINES, FILE_LINES, EDITS = 5_000_000, 2_000, 200
DRILL = """import sys
from pydriller import Repository
lines = 0
for commit in Repository(sys.argv[1]).traverse_commits():
    for file in commit.modified_files:
        lines += file.added_lines + file.deleted_lines
print(lines)
"""


def measure(repositories: Sequence[Path], rounds: int, many: int, peers: str, tell: Callable[[str], object]) -> dict[str, list[float]]:
    """Figures by name, as lists over the rounds; each peer that is installed, once."""
    found: dict[str, list[float]] = {}
    for source in repositories:
        with tempfile.TemporaryDirectory() as place:
            name, borrowed = source.parent.name if source.name in ("repo", ".git") else source.name, _borrowed(source, Path(place))
            for round_number in range(rounds):
                for what, command in _commands(borrowed, Path(place), "" if round_number else peers):
                    tell(f"rework: {name}: {what}")
                    _note(found, f"{name}: {what}", command)
    tell(f"rework: {many:,} lines alive")
    with tempfile.TemporaryDirectory() as place:
        made = _made(Path(place) / "many.git", many)
        _note(found, f"{many:,} lines alive: wellspent", _wellspent(made, Path(place) / "data"))
    return found


def _commands(repository: Path, place: Path, peers: str) -> Iterator[tuple[str, list[str]]]:
    git = ["git", "--git-dir", str(repository)]
    yield "git log -p -U0 --first-parent", [*git, "log", "-p", "-U0", "--first-parent", "main"]
    yield "wellspent", [*_wellspent(repository, place / "data"), "--fresh"]
    yield "wellspent, nothing new", _wellspent(repository, place / "data")
    yield "wellspent, all commits", [*_wellspent(repository, place / "data"), "--all", "--fresh"]
    if "pydriller" in peers and (BENCH / "pydriller").exists():
        yield "PyDriller", [str(BENCH / "pydriller" / "bin" / "python"), "-c", DRILL, str(repository)]
    if "theseus" in peers and (BENCH / "theseus").exists():
        out = ["--outdir", str(place / "theseus"), "--branch", "main", "--procs", "1", "--quiet"]
        yield "git-of-theseus", [str(BENCH / "theseus" / "bin" / "git-of-theseus-analyze"), *out, str(repository)]


def _wellspent(repository: Path, data: Path) -> list[str]:
    return [sys.executable, "-m", "wellspent", "rework", str(repository), "--json", "--data-dir", str(data)]


def _note(found: dict[str, list[float]], name: str, command: list[str]) -> None:
    """CPU and wall seconds of a process and all that it waited for, and the largest memory of one of them."""
    began = time.perf_counter()
    with tempfile.TemporaryFile() as errors:
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=errors, env={**os.environ, **python_path()})
        while (ended := os.wait4(process.pid, os.WNOHANG))[0] == 0 and time.perf_counter() - began < PEER_S_MAX:
            time.sleep(0.01)
        if ended[0] == 0:
            process.kill()
            ended = os.wait4(process.pid, 0)
            name += f" (stopped after {PEER_S_MAX:.0f} s)"
        process.returncode = os.waitstatus_to_exitcode(ended[1])
        if process.returncode > 0:
            errors.seek(0)
            raise RuntimeError(f"{' '.join(command)}: {errors.read().decode(errors='replace')[-2000:]}")
    used = ended[2]
    found.setdefault(f"{name}, CPU s", []).append(used.ru_utime + used.ru_stime)
    found.setdefault(f"{name}, s", []).append(time.perf_counter() - began)
    found.setdefault(f"{name}, MB", []).append(used.ru_maxrss / 1024)


def _git(folder: Path, *arguments: str, given: bytes | None = None) -> str:
    return subprocess.run(["git", "--git-dir", str(folder), *arguments], input=given, capture_output=True, check=True).stdout.decode().strip()


def _borrowed(source: Path, place: Path) -> Path:
    folder = place / "borrowed.git"
    subprocess.run(["git", "init", "-q", "--bare", "-b", "main", str(folder)], check=True)
    objects = Path(
        subprocess.run(["git", "-C", str(source), "rev-parse", "--git-path", "objects"], capture_output=True, check=True, text=True).stdout.strip()
    )
    (folder / "objects" / "info" / "alternates").write_text(f"{(source / objects).resolve()}\n")
    tip = subprocess.run(["git", "-C", str(source), "rev-parse", "HEAD"], capture_output=True, check=True, text=True).stdout.strip()
    _git(folder, "update-ref", "refs/heads/main", tip)
    missing = [line[1:] for line in _git(folder, "rev-list", "--objects", "--missing=print", "main").splitlines() if line.startswith("?")]
    nothing = _git(folder, "hash-object", "-w", "--stdin", given=b"")
    for blob in missing:
        _git(folder, "replace", "-f", blob, nothing)
    return folder


def _made(folder: Path, many: int) -> Path:
    """A repository with so many lines alive, and edits all over them."""
    subprocess.run(["git", "init", "-q", "--bare", "-b", "main", str(folder)], check=True)
    chance = random.Random(5)
    writing = subprocess.Popen(["git", "--git-dir", str(folder), "fast-import", "--quiet", "--depth=10"], stdin=subprocess.PIPE)
    assert writing.stdin is not None
    files = [[f"    value_{number}_{line} = {chance.randrange(10**6)}" for line in range(FILE_LINES)] for number in range(max(1, many // FILE_LINES))]
    for number in range(EDITS):
        changed = range(len(files)) if not number else sorted({chance.randrange(len(files)) for _ in range(3)})
        head = f"commit refs/heads/main\ncommitter n <n@example.org> {1_700_000_000 + 86_400 * number} +0000\ndata 0\n"
        writing.stdin.write(head.encode())
        for each in changed:
            if number:
                at = chance.randrange(FILE_LINES - 20)
                files[each][at : at + 10] = [f"    other_{number}_{line}" for line in range(10)]
            content = ("\n".join(files[each]) + "\n").encode()
            writing.stdin.write(f"M 100644 inline d{each % 50}/f{each}.py\ndata {len(content)}\n".encode() + content + b"\n")
    writing.stdin.close()
    if writing.wait():
        raise RuntimeError("git fast-import failed")
    return folder
