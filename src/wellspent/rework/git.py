"""Git, asked by this room: always the same way, whatever the person's own configuration says, and never over a network."""

import os
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import IO, Final

from msgspec import Struct

from wellspent import limits
from wellspent.facts.errors import InvalidInput, NotFound, WellspentError

NO_INDEX: Final = "wellspent-reads-no-index"  # a file that is not there: attributes in the index of a checkout would decide what is binary


class Repository(Struct, frozen=True):
    """A repository on this machine.

    Attributes:
        name: As people named it.
        folder: Its git folder; a bare repository is one.
        borders: Commits at which a shallow clone breaks off; their parents exist and are not here.
    """

    name: str
    folder: str
    borders: frozenset[str] = frozenset()

    def run(self, *arguments: str | bytes, given: bytes | None = None, index: str = "") -> bytes:
        """What git printed. Raises WellspentError with git's own words.

        Args:
            index: An index to work with, in an empty folder that stands for the working tree.
        """
        done = subprocess.run(self._command(arguments), input=given, capture_output=True, check=False, cwd=self.folder, env=_environment(index))
        if done.returncode:
            raise self.failed(done.stderr)
        return done.stdout

    def stream(self, arguments: Sequence[str | bytes], given: IO[bytes], errors: IO[bytes]) -> "subprocess.Popen[bytes]":
        """A git that is read while it runs."""
        command, room = self._command(arguments), limits.REWORK_READ_BYTES
        return subprocess.Popen(
            command, stdin=given, stdout=subprocess.PIPE, stderr=errors, cwd=self.folder, env=_environment(), bufsize=0, pipesize=room
        )

    def failed(self, said: bytes) -> WellspentError:
        """What git complained about, for people."""
        words = "; ".join(line.strip() for line in said.decode(errors="replace").splitlines() if line.strip())[-500:]
        return WellspentError(
            f"git cannot read {self.name}: {words or 'it ended without a word'}", fix="look with: git fsck --full; or clone it again"
        )

    def _command(self, arguments: Iterable[str | bytes]) -> list[str | bytes]:
        big = f"core.bigFileThreshold={limits.REWORK_FILE_BYTES_MAX}"
        attributes = f"core.attributesFile={os.devnull}"  # and no working tree: what is text must not hang on what is checked out
        return ["git", "--git-dir", self.folder, "-c", big, "-c", attributes, "-c", "protocol.allow=never", *arguments]


def open_repository(path: Path) -> Repository:
    """A repository by any folder in it, or by its own folder where it is bare.

    Raises NotFound where there is nothing, InvalidInput where it is no repository or has no commits.
    """
    if not path.exists():
        raise NotFound(f"there is no {path}", fix="name a folder with a git repository")
    asked = ["git", "-C", str(path), "rev-parse", "--absolute-git-dir", "--git-path", "shallow"]
    try:
        done = subprocess.run(asked, capture_output=True, check=False, env=_environment())
    except FileNotFoundError:
        raise NotFound("git is not installed, or not on the PATH", fix="install git 2.31 or newer") from None
    except NotADirectoryError:
        raise InvalidInput(f"{path} is a file", fix="name the folder of a git repository") from None
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip()
        why = f"git says: {said}" if "not a git repository" not in said else "there is no git repository in it or above it"
        raise InvalidInput(f"{path} is not a git repository that can be read: {why}", fix="name the folder of a git repository")
    folder, shallow = os.fsdecode(done.stdout).splitlines()
    border = path / shallow
    borders = frozenset(border.read_text().split()) if border.is_file() else frozenset[str]()
    return Repository(str(path), folder, borders)


def tip_of(repository: Repository, ref: str) -> str:
    """The commit that a branch, tag or id names now. Raises InvalidInput where it names none."""
    if ref.startswith("-"):
        raise InvalidInput(f"{ref!r} is not a branch, tag or commit", fix="name one, like main")
    try:
        return repository.run("rev-parse", "--verify", "--quiet", f"{ref}^{{commit}}").decode().strip()
    except WellspentError:
        known = "it has no commits yet" if ref == "HEAD" else f"it has no commit called {ref!r}"
        raise InvalidInput(f"{repository.name} cannot be measured: {known}", fix="name a branch, tag or commit with --ref") from None


def absent(repository: Repository, blobs: Iterable[str]) -> set[str]:
    """Which of these are not here: a partial clone leaves them at its server."""
    asked = "".join(f"{blob}\n" for blob in blobs).encode()
    answers = repository.run("cat-file", "--batch-check", given=asked).decode().splitlines()
    return {line.split()[0] for line in answers if line.endswith(" missing")}


def sizes(repository: Repository, blobs: Sequence[str]) -> list[int | None]:
    """How many bytes each has; None for what is not here."""
    asked = "".join(f"{blob}\n" for blob in blobs).encode()
    answers = repository.run("cat-file", "--batch-check=%(objectsize)", given=asked).decode().splitlines()
    return [int(line) if line.isdigit() else None for line in answers]


def _environment(index: str = "") -> Mapping[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_") or name.startswith("GIT_CONFIG")}
    ours = {"LC_ALL": "C", "GIT_OPTIONAL_LOCKS": "0", "GIT_NO_LAZY_FETCH": "1", "GIT_TERMINAL_PROMPT": "0", "GIT_ALLOW_PROTOCOL": "none"}
    tree = {"GIT_INDEX_FILE": index, "GIT_WORK_TREE": os.path.dirname(index)} if index else {"GIT_INDEX_FILE": NO_INDEX}
    return kept | ours | tree
