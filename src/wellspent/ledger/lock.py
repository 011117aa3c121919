"""A folder that one process at a time may write in."""

import fcntl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from wellspent.facts.errors import JournalLocked

LOOK_S = 0.05  # how often a waiting process looks again


@contextmanager
def alone(folder: Path, doing: str, fix: str = "try again when it is done", wait_s: float = 0.0) -> Iterator[None]:
    """Hold the folder's lock. Raises JournalLocked where another process does, for longer than it is waited.

    Args:
        doing: What the other one is at, e.g. ``sealing /data``.
    """
    until = time.monotonic() + wait_s
    with (folder / ".lock").open("wb") as file:
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except OSError as error:
                if not isinstance(error, BlockingIOError) or time.monotonic() >= until:
                    raise JournalLocked(f"another process is {doing}", fix=fix) from None
                time.sleep(LOOK_S)
        yield
