"""What happens on a real terminal (a pty): the live table, questions."""

import contextlib
import os
import pty
import subprocess
import sys
import time

from tests.surfaces.cli.seeded import Folder

WAIT_S = 30.0


def on_terminal(folder: Folder, *arguments: str, answer: str = "") -> tuple[int, str]:
    """Run a command on a pty; its exit code and everything it wrote."""
    leader, follower = pty.openpty()
    env = {**os.environ, "WELLSPENT_DATA_DIR": str(folder.path), "TERM": "xterm-256color", "COLUMNS": "160"}
    process = subprocess.Popen([sys.executable, "-m", "wellspent", *arguments], stdin=follower, stdout=follower, stderr=follower, env=env)
    os.close(follower)
    if answer:
        os.write(leader, answer.encode())
    written, deadline = b"", time.monotonic() + WAIT_S
    with contextlib.suppress(OSError):  # Linux says so when the other end is closed
        while time.monotonic() < deadline and (chunk := os.read(leader, 65_536)):
            written += chunk
    code = process.wait(timeout=WAIT_S)
    os.close(leader)
    return code, written.decode()


def test_watch_is_a_live_table(shared: Folder) -> None:
    code, written = on_terminal(shared, "watch", "--count", "4")
    assert code == 0
    assert "ws_call1" in written
    assert "took" in written
    assert "\x1b[" in written


def test_a_question_is_asked_before_something_is_destroyed(own: Folder) -> None:
    code, written = on_terminal(own, "keys", "revoke", "laptop", answer="n\n")
    assert code == 2
    assert "Revoke the key laptop for ever? [y/N]" in written
    code, _ = on_terminal(own, "keys", "revoke", "laptop", answer="y\n")
    assert code == 0
    with own.settings() as settings:
        assert settings.keys()[0].revoked


def test_names_from_callers_cannot_steer_a_terminal(own: Folder) -> None:
    from wellspent.surfaces.cli.output import visible

    assert visible("gpt\x1b[2J\x07") == "gpt\ufffd[2J\ufffd"
