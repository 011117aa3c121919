"""A program in a terminal of its own: type, and wait for what the person would see."""

import contextlib
import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import termios
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Self

ESCAPES = re.compile(r"\x1b(?:\[[0-9;?>]*[a-zA-Z]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[()][A-Z0-9]|[=>78])")
ROWS, COLUMNS = 50, 200
SHOWN_S_MAX = 60.0


class Screen:
    """All the text a program has written so far, without colours and cursor moves, spaces run together."""

    def __init__(self, program: Path, arguments: Sequence[str], work: Path, env: Mapping[str, str]) -> None:
        self._main, side = pty.openpty()
        fcntl.ioctl(side, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
        self._process = subprocess.Popen(
            [str(program), *arguments], cwd=work, env=dict(env), stdin=side, stdout=side, stderr=side, start_new_session=True
        )
        os.close(side)
        self._raw = b""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        os.close(self._main)

    @property
    def text(self) -> str:
        return " ".join(ESCAPES.sub(" ", self._raw.decode("utf-8", "replace")).split())

    def type(self, keys: str) -> None:
        os.write(self._main, keys.encode())

    def wait_for(self, pattern: str) -> str:
        """The text once the pattern is in it."""
        deadline = time.monotonic() + SHOWN_S_MAX
        while not re.search(pattern, self.text):
            if time.monotonic() > deadline:
                raise AssertionError(f"{pattern!r} did not come up within {SHOWN_S_MAX:g} s:\n{self.text}")
            if select.select([self._main], [], [], 0.1)[0]:
                with contextlib.suppress(OSError):
                    self._raw += os.read(self._main, 65_536)
        return self.text
