"""A gateway as a tree of processes: started on a core of its own, its CPU time and memory read from /proc, and stopped."""

import contextlib
import http.client
import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")
STOP_S = 10.0
QUIET_S_MAX = 15.0


def python_path() -> dict[str, str]:
    """For a Python of its own that needs ``benchmarks``, wherever it is started."""
    return {"PYTHONPATH": os.pathsep.join([str(Path(__file__).parents[1]), *filter(None, [os.environ.get("PYTHONPATH")])])}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def cores() -> tuple[int, int]:
    """The core of upstream and load, and that of the gateway."""
    allowed = sorted(os.sched_getaffinity(0))
    return allowed[0], allowed[-1]


class Tree:
    """A process and all that came from it."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self.process = process

    def pids(self) -> list[int]:
        parents = {}
        for name in filter(str.isdecimal, os.listdir("/proc")):
            with contextlib.suppress(OSError):
                parents[int(name)] = int(_stat(int(name))[1])
        found = [self.process.pid]
        for pid in found:
            found += [child for child, parent in parents.items() if parent == pid]
        return found

    def cpu_s(self) -> float:
        """User and system time, of children that ended too. In steps of 10 ms."""
        ticks = 0
        for pid in self.pids():
            with contextlib.suppress(OSError):
                ticks += sum(map(int, _stat(pid)[11:15]))
        return ticks / TICKS

    def rss_mb(self, field: str = "VmRSS") -> float:
        """Resident memory; pages shared by several processes count in each. ``VmHWM`` is the peak since ``forget_peak``."""
        kb = 0
        for pid in self.pids():
            with contextlib.suppress(OSError, StopIteration):
                lines = Path(f"/proc/{pid}/status").read_text().splitlines()
                kb += int(next(line for line in lines if line.startswith(field)).split()[1])
        return kb / 1024

    def forget_peak(self) -> None:
        for pid in self.pids():
            with contextlib.suppress(OSError):
                Path(f"/proc/{pid}/clear_refs").write_text("5")

    def wait_until_quiet(self) -> None:
        """Until a quarter of a second passes with less than 5 % of a core used, for what a program still does after its start."""
        deadline = time.monotonic() + QUIET_S_MAX
        before = self.cpu_s()
        while time.monotonic() < deadline:
            time.sleep(0.25)
            now = self.cpu_s()
            if now - before <= 0.0125:
                return
            before = now


def _stat(pid: int) -> list[str]:
    """The fields of /proc/PID/stat after the name: 1 is the parent, 11 to 14 the CPU times."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()


@contextlib.contextmanager
def running(command: list[str], env: dict[str, str], core: int, log: Path) -> Iterator[Tree]:
    """A program on one core, in a session of its own; ended with all its children."""
    with log.open("ab") as out:
        process = subprocess.Popen(
            ["taskset", "-c", str(core), *command],
            env={**os.environ, **env},
            cwd=log.parent,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            start_new_session=True,
        )
    tree = Tree(process)
    try:
        yield tree
    finally:
        process.send_signal(signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(STOP_S)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def answers(port: int, request: bytes) -> bool:
    """Whether a whole request is answered with a 200 now."""
    try:
        with socket.create_connection(("127.0.0.1", port), 1) as connection:
            connection.settimeout(30)
            connection.sendall(request)
            answer = http.client.HTTPResponse(connection)
            answer.begin()
            return answer.status == 200
    except (OSError, http.client.HTTPException):
        return False
