"""A gateway as a process of the suite's own: started, waited for, killed."""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

from wellspent.facts.errors import WellspentError

READY_S_MAX = 180.0
STOP_S_MAX = 15.0


def free_port() -> int:
    """A port that nothing listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Process:
    """One program and its children, in a session of their own; what it says goes to a file."""

    def __init__(self, command: list[str], env: dict[str, str], log: Path, port: int = 0) -> None:
        self._log, self._port = log, port
        with log.open("ab") as file:
            inherited = {name: value for name, value in os.environ.items() if not name.startswith("WELLSPENT_")}  # those of another one
            self._running = subprocess.Popen(
                command, env={**inherited, **env}, stdout=file, stderr=file, stdin=subprocess.DEVNULL, start_new_session=True
            )

    def wait_until_it_listens(self) -> None:
        """Raises WellspentError where it ends before, or takes too long."""

        def listens() -> bool:
            with contextlib.suppress(OSError):
                socket.create_connection(("127.0.0.1", self._port), 1).close()
                return True
            return False

        self._wait(listens)

    def wait_until_it_tells(self, file: Path) -> int:
        """The port that it chose by itself and wrote into a file. Raises as ``wait_until_it_listens``."""
        self._wait(file.exists)
        self._port = int(file.read_text())
        return self._port

    def _wait(self, ready: Callable[[], bool]) -> None:
        deadline = time.monotonic() + READY_S_MAX
        try:
            while time.monotonic() < deadline and self._running.poll() is None:
                if ready():
                    return
                time.sleep(0.02)
        except BaseException:  # interrupted: nobody holds it yet who could end it
            self.kill()
            raise
        self.kill()
        last = self._log.read_text(errors="replace")[-800:].strip()
        raise WellspentError(f"the gateway did not start; it said last:\n{last}", fix="check --program, and what the profile's page says it needs")

    def kill(self) -> None:
        """End it and its children without a warning."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._running.pid, signal.SIGKILL)
        self._running.wait()

    def stop(self) -> None:
        """Ask it to end, and see that it does."""
        if self._running.poll() is None:
            self._running.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._running.wait(STOP_S_MAX)
        self.kill()


def redis_server(folder: Path) -> tuple[Process | None, int | None]:
    """A Redis server of the suite's own, for gateways that keep their counters in one; None where ``redis-server`` is not installed."""
    program = shutil.which("redis-server")
    if program is None:
        return None, None
    port = free_port()
    command = [program, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", str(folder)]
    process = Process(command, {}, folder / "redis.log", port)
    process.wait_until_it_listens()
    return process, port
