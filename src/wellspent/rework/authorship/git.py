"""Git, asked for what the ladder needs: as a stream, whatever the person's configuration says, and never over a network."""

import contextlib
import os
import re
import subprocess
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO

from wellspent import limits
from wellspent.facts.errors import InvalidInput, NotFound, WellspentError

PLAIN = ("-c", "core.quotePath=false", "-c", "protocol.allow=never", "-c", "log.showSignature=false")
ABSENT = re.compile(rb"unable to read|could not fetch|lazy fetch|missing blob|bad object|not enabled|not allowed", re.IGNORECASE)


class Repository:
    """A repository on this machine; bare ones too."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def ask(self, *arguments: str) -> bytes | None:
        """What git answers, None where it says no. Raises NotFound without git or the folder."""
        with self._told():
            done = subprocess.run(self._command(arguments), capture_output=True, check=False, env=_environment())
        return None if done.returncode else done.stdout

    def commit_of(self, tip: str) -> str:
        """The commit that a name stands for. Raises InvalidInput."""
        found = None if tip.startswith("-") else self.ask("rev-parse", "--verify", "--quiet", f"{tip}^{{commit}}")
        if found is None:
            fix = "name the folder of a git repository, and a branch, tag or commit of it"
            raise InvalidInput(f"{self.folder} has no commit {tip!r}, or is no git repository", fix=fix)
        return found.decode().strip()

    def tree(self, ref: str) -> Iterator[tuple[str, str]]:
        """Every file below a ref: ``(path, blob)``. Nothing where the ref does not exist."""
        listed = self.ask("ls-tree", "-r", "-z", "--full-tree", ref) or b""
        for row in listed.split(b"\0"):
            about, _, path = row.partition(b"\t")
            if path:
                yield path.decode(errors="replace"), about.split()[2].decode()

    @contextlib.contextmanager
    def stream(self, *arguments: str, given: bytes = b"") -> Iterator[IO[bytes]]:
        """What git prints, while it prints. Raises WellspentError with its words where it fails; a reader may leave early."""
        with tempfile.TemporaryFile() as told, tempfile.TemporaryFile() as said, self._told():
            told.write(given)
            told.seek(0)
            command = self._command(arguments)
            with subprocess.Popen(command, stdin=told, stdout=subprocess.PIPE, stderr=said, env=_environment()) as running:
                assert running.stdout is not None
                try:
                    yield running.stdout
                except BaseException:
                    running.kill()
                    raise
                if running.stdout.read(1):
                    running.kill()
                elif running.wait():
                    said.seek(0)
                    raise self._failed(said.read())

    @contextlib.contextmanager
    def blobs(self) -> Iterator["Blobs"]:
        """Contents, asked for one by one."""
        with (
            self._told(),
            subprocess.Popen(
                self._command(("cat-file", "--batch")), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=_environment()
            ) as running,
        ):
            assert running.stdin is not None
            assert running.stdout is not None
            try:
                yield Blobs(running.stdin, running.stdout)
            finally:
                running.kill()

    def _command(self, arguments: Sequence[str]) -> list[str]:
        return ["git", "-C", str(self.folder), *PLAIN, *arguments]

    def _failed(self, said: bytes) -> WellspentError:
        words = "; ".join(line.strip() for line in said.decode(errors="replace").splitlines() if line.strip())[-500:]
        error = WellspentError(
            f"git cannot read {self.folder}: {words or 'it ended without a word'}", fix="look with: git fsck --full; or clone it again"
        )
        return MissingBlobs(str(error)) if ABSENT.search(said) else error

    @contextlib.contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except FileNotFoundError:
            raise NotFound("git is not installed, or not on the PATH", fix="install git 2.31 or newer") from None


class MissingBlobs(WellspentError):
    """A partial clone does not have what was asked for."""


class Blobs:
    """A running ``git cat-file --batch``."""

    def __init__(self, asked: IO[bytes], answered: IO[bytes]) -> None:
        self._asked, self._answered = asked, answered

    def read(self, blob: str) -> bytes | None:
        """A content; None where it is not here or larger than a note can be."""
        self._asked.write(f"{blob}\n".encode())
        self._asked.flush()
        head = self._answered.readline().split()
        if len(head) != 3 or head[1] != b"blob":
            self._skip(int(head[2]) + 1 if len(head) == 3 else 0)
            return None
        size = int(head[2])
        if size > limits.NOTE_BYTES_MAX:
            self._skip(size + 1)
            return None
        return self._answered.read(size + 1)[:-1]

    def read_all(self, blobs: Iterable[str]) -> list[bytes]:
        """Those contents that are here."""
        return [content for content in map(self.read, blobs) if content is not None]

    def _skip(self, size: int) -> None:
        while size > 0:
            size -= len(self._answered.read(min(size, limits.LOG_READ_BYTES)))


def _environment() -> Mapping[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_") or name.startswith("GIT_CONFIG")}
    return kept | {"LC_ALL": "C", "GIT_OPTIONAL_LOCKS": "0", "GIT_NO_LAZY_FETCH": "1", "GIT_TERMINAL_PROMPT": "0", "GIT_ALLOW_PROTOCOL": "none"}
