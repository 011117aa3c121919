"""Git, asked by this room: always the same way, whatever the person's own configuration says, and never over a network."""

import os
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Final

from msgspec import Struct

from wellspent import limits
from wellspent.facts.errors import InvalidInput, NotFound, WellspentError

NO_INDEX: Final = "wellspent-reads-no-index"  # a file that is not there: attributes in the index of a checkout would decide what is binary
PAUSE_S_MIN: Final = 0.002
PAUSE_S_MAX: Final = 0.032
PIPE_BYTES: Final = 64 * 1024  # what a pipe holds where it cannot be made larger

Read = Callable[[int], bytes]  # up to so many bytes; none at the end


class GitFailed(WellspentError):
    """Git ended before it had said everything."""


class Repository(Struct, frozen=True):
    """A repository on this machine.

    Attributes:
        name: As people named it.
        folder: Its git folder; a bare repository is one.
        borders: Commits at which a shallow clone breaks off; their parents exist and are not here.
        objects: The folder of its contents, where that is another repository's.
    """

    name: str
    folder: str
    borders: frozenset[str] = frozenset()
    objects: str = ""

    def run(self, *arguments: str | bytes, given: bytes | None = None, index: str = "") -> bytes:
        """What git printed. Raises GitFailed with git's own words.

        Args:
            index: An index to work with, in an empty folder that stands for the working tree.
        """
        done = subprocess.run(self._command(arguments), input=given, capture_output=True, check=False, cwd=self.folder, env=self._environment(index))
        if done.returncode:
            raise self._failed(done.stderr)
        return done.stdout

    def ask(self, *arguments: str) -> bytes:
        """What git printed; nothing where it says no, as it does of a name that is not there."""
        try:
            return self.run(*arguments)
        except GitFailed:
            return b""

    @contextmanager
    def stream(self, *arguments: str | bytes, given: bytes = b"") -> Iterator[Read]:
        """What git prints, read while it runs; who reads may leave early. At the end, reading raises GitFailed where git failed."""
        with tempfile.TemporaryFile() as asked, tempfile.TemporaryFile() as said:
            asked.write(given)
            asked.seek(0)
            with self._running(arguments, asked, said, buffer_bytes=0, pipe_bytes=limits.REWORK_READ_BYTES) as git:
                yield self._reader(git, said)

    @contextmanager
    def dialogue(self, *arguments: str) -> Iterator[tuple[IO[bytes], IO[bytes]]]:
        """A git that answers as it is asked: where to ask, and where it answers."""
        with self._running(arguments, subprocess.PIPE, subprocess.DEVNULL) as git:
            assert git.stdin is not None
            assert git.stdout is not None
            yield git.stdin, git.stdout

    @contextmanager
    def _running(
        self, arguments: Iterable[str | bytes], given: IO[bytes] | int, errors: IO[bytes] | int, *, buffer_bytes: int = -1, pipe_bytes: int = -1
    ) -> Iterator["subprocess.Popen[bytes]"]:
        """A git that is ended when nobody needs it any more."""
        with subprocess.Popen(
            self._command(arguments),
            stdin=given,
            stdout=subprocess.PIPE,
            stderr=errors,
            cwd=self.folder,
            env=self._environment(),
            bufsize=buffer_bytes,
            pipesize=pipe_bytes,
        ) as git:
            try:
                yield git
            finally:
                git.kill()

    def _reader(self, git: "subprocess.Popen[bytes]", said: IO[bytes]) -> Read:
        """Git writes four kilobytes at a time; taken one by one they cost as much as reading what is in them, so it is given time to write more: more
        and more of it while it fills little of what the pipe is seen to hold, less where it may have had to wait."""
        pause_s, holds = 0.0, PIPE_BYTES

        def read(size: int) -> bytes:
            nonlocal pause_s, holds
            assert git.stdout is not None
            if pause_s:
                time.sleep(pause_s)
            chunk: bytes = git.stdout.read(size) or b""
            holds = max(holds, len(chunk))
            if len(chunk) < holds // 4:
                pause_s = min(PAUSE_S_MAX, max(PAUSE_S_MIN, 2 * pause_s))
            elif len(chunk) >= holds // 2:
                pause_s = pause_s / 2 if pause_s > PAUSE_S_MIN else 0.0
            if not chunk and git.wait():
                said.seek(0)
                raise self._failed(said.read())
            return chunk

        return read

    def _failed(self, said: bytes) -> GitFailed:
        words = "; ".join(line.strip() for line in said.decode(errors="replace").splitlines() if line.strip())[-500:]
        return GitFailed(f"git cannot read {self.name}: {words or 'it ended without a word'}", fix="look with: git fsck --full; or clone it again")

    def _environment(self, index: str = "") -> Mapping[str, str]:
        return {**_environment(index), "GIT_OBJECT_DIRECTORY": self.objects} if self.objects else _environment(index)

    def _command(self, arguments: Iterable[str | bytes]) -> list[str | bytes]:
        big = f"core.bigFileThreshold={limits.REWORK_FILE_BYTES_MAX}"
        attributes = f"core.attributesFile={os.devnull}"  # and no working tree: what is text must not hang on what is checked out
        mailmap = "mailmap.blob="  # a bare repository's log would read its .mailmap, which a partial clone may not have
        return ["git", "--git-dir", self.folder, "-c", big, "-c", attributes, "-c", mailmap, "-c", "protocol.allow=never", *arguments]


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


def common_of(path: Path) -> str:
    """The git folder that all working trees and folders of a repository share, without links; "" where there is none."""
    asked = ["git", "-C", str(path), "rev-parse", "--path-format=absolute", "--git-common-dir"]
    try:
        done = subprocess.run(asked, capture_output=True, check=False, env=_environment())
    except OSError:
        return ""
    return "" if done.returncode else os.path.realpath(os.fsdecode(done.stdout).rstrip("\n"))


def tip_of(repository: Repository, ref: str) -> str:
    """The commit that a branch, tag or id names now. Raises InvalidInput where it names none."""
    if ref.startswith("-"):
        raise InvalidInput(f"{ref!r} is not a branch, tag or commit", fix="name one, like main")
    found = repository.ask("rev-parse", "--verify", "--quiet", f"{ref}^{{commit}}").decode().strip()
    if not found:
        if ref == "HEAD":
            unborn = "it has no commits yet on the branch that its HEAD names"
            raise InvalidInput(
                f"{repository.name} cannot be measured: {unborn}", fix="commit something there, or check out a branch that has commits"
            )
        raise InvalidInput(f"{repository.name} cannot be measured: it has no commit called {ref!r}", fix="name a branch, tag or commit that it has")
    return found


def roots_of(repository: Repository) -> list[str]:
    """The folders in which its files are checked out, which logs of assistants name; none of a bare one."""
    listed = os.fsdecode(repository.ask("worktree", "list", "--porcelain")).split("\n\n")
    roots = [each.splitlines()[0].removeprefix("worktree ") for each in listed if each.strip() and "\nbare" not in each]
    elsewhere = os.fsdecode(repository.ask("config", "core.worktree")).strip()  # of a submodule
    return [*roots, os.path.normpath(os.path.join(repository.folder, elsewhere))] if elsewhere else roots


@contextmanager
def contents_alone(repository: Repository) -> Iterator[Repository]:
    """The same contents, in a repository that knows of no server: what is not here is then *missing*, whereas git would try to fetch it, and end.

    Git 2.45 and newer can be told not to fetch; this works with older ones, too. Names of branches are not known in it.
    """
    objects, form = os.fsdecode(repository.run("rev-parse", "--git-path", "objects", "--show-object-format")).splitlines()
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "refs").mkdir()
        Path(folder, "HEAD").write_text("ref: refs/heads/none\n")
        Path(folder, "config").write_text(f"[core]\n\trepositoryFormatVersion = 1\n\tbare = true\n[extensions]\n\tobjectFormat = {form}\n")
        yield Repository(repository.name, folder, objects=os.path.join(repository.folder, objects))


def _environment(index: str = "") -> Mapping[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_") or name.startswith("GIT_CONFIG")}
    ours = {"LC_ALL": "C", "GIT_OPTIONAL_LOCKS": "0", "GIT_NO_LAZY_FETCH": "1", "GIT_TERMINAL_PROMPT": "0", "GIT_ALLOW_PROTOCOL": "none"}
    tree = {"GIT_INDEX_FILE": index, "GIT_WORK_TREE": os.path.dirname(index)} if index else {"GIT_INDEX_FILE": NO_INDEX}
    return kept | ours | tree
