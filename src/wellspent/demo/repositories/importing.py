"""A repository written by one ``git fast-import``, commit by commit; git says what each commit's id is, so that later ones can name it."""

import os
import subprocess
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, NamedTuple

from msgspec import Struct

from wellspent.facts.errors import WellspentError

MAIN, NOTES, BRANCH = "refs/heads/main", "refs/notes/ai", "refs/heads/work"
UNREAD_MAX = 400  # ids that wait in the pipe; more would fill it, and git would wait for us as we for git


class Signature(NamedTuple):
    """Who signs a commit."""

    name: str
    address: str


class Written:
    """A commit that is in the repository.

    Attributes:
        mark: Its number in the stream, from 1.
    """

    def __init__(self, mark: int, ids: Callable[[int], str]) -> None:
        self.mark, self._ids = mark, ids

    @property
    def id(self) -> str:
        """Its name in git; waits until git has said it."""
        return self._ids(self.mark)


class Draft(Struct, frozen=True):
    """A commit to write.

    Attributes:
        files: Contents by path; None where a file goes.
        parents: The first one's files are the ones it begins with.
    """

    author: Signature
    committer: Signature
    at_s: int
    message: str
    files: Mapping[str, bytes | None]
    parents: tuple[Written, ...] = ()


class Import:
    """A running ``git fast-import``."""

    def __init__(self, told: IO[bytes], answers: IO[bytes]) -> None:
        self._told, self._answers = told, answers
        self._marks = 0
        self._ids: list[str] = []

    def commit(self, draft: Draft, ref: str = MAIN) -> Written:
        """Write a commit as the newest of a branch."""
        self._marks += 1
        signed = (f"{role} {who.name} <{who.address}> {draft.at_s} +0000" for role, who in (("author", draft.author), ("committer", draft.committer)))
        self._say(f"commit {ref}\nmark :{self._marks}\n" + "\n".join(signed))
        self._data(draft.message.encode())
        for word, parent in zip(("from", *("merge",) * len(draft.parents)), draft.parents):
            self._say(f"{word} :{parent.mark}")
        self._files(draft.files)
        self._say(f"get-mark :{self._marks}")
        if self._marks - len(self._ids) >= UNREAD_MAX:
            self._id_of(self._marks)
        return Written(self._marks, self._id_of)

    def notes(self, by: Signature, at_s: int, notes: Iterable[tuple[Written, bytes]]) -> None:
        """Write git-ai's notes on commits."""
        self._say(f"commit {NOTES}\ncommitter {by.name} <{by.address}> {at_s} +0000")
        self._data(b"notes of git-ai")
        for commit, body in notes:
            self._say(f"N inline :{commit.mark}")
            self._data(body)

    def drop(self, ref: str) -> None:
        """Forget a branch."""
        self._say(f"reset {ref}\nfrom {'0' * 40}\n")

    def _id_of(self, mark: int) -> str:
        if len(self._ids) < mark:
            self._told.flush()
        while len(self._ids) < mark:
            answer = self._answers.readline().decode().strip()
            if not answer:
                raise BrokenPipeError("git fast-import ended")
            self._ids.append(answer)
        return self._ids[mark - 1]

    def _files(self, files: Mapping[str, bytes | None]) -> None:
        for path, content in sorted(files.items()):
            if content is None:
                self._say(f"D {path}")
            else:
                self._say(f"M 100644 inline {path}")
                self._data(content)

    def _say(self, text: str) -> None:
        self._told.write(f"{text}\n".encode())

    def _data(self, content: bytes) -> None:
        self._told.write(b"data %d\n%s\n" % (len(content), content))


@contextmanager
def importing(folder: Path) -> Iterator[Import]:
    """A new bare repository to write to; it is whole when the context ends. Raises FileNotFoundError without git, WellspentError where git fails."""
    begun = subprocess.run(["git", "init", "--quiet", "--bare", "--template=", str(folder)], capture_output=True, check=False, env=_environment())
    if begun.returncode:
        raise _failed(begun.stderr)
    (folder / "HEAD").write_text(f"ref: {MAIN}\n", encoding="ascii")  # whatever this git's name of a first branch is
    command = ["git", "--git-dir", str(folder), "fast-import", "--quiet"]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, env=_environment()) as running:
        assert running.stdin is not None
        assert running.stdout is not None
        assert running.stderr is not None
        try:
            yield Import(running.stdin, running.stdout)
            running.stdin.close()
        except BrokenPipeError:  # git is gone, and says why
            with suppress(BrokenPipeError):
                running.stdin.close()
            raise _failed(running.stderr.read()) from None
        said = running.stderr.read()
        if running.wait():
            raise _failed(said)


def _failed(said: bytes) -> WellspentError:
    words = "; ".join(line.strip() for line in said.decode(errors="replace").splitlines() if line.strip())[:500]
    return WellspentError(f"git cannot write a repository: {words or 'it ended without a word'}", fix="look at the disk, and at: git --version")


def _environment() -> Mapping[str, str]:
    """Nothing of the person's own git: no hooks, no templates, no names."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    return kept | {"LC_ALL": "C", "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
