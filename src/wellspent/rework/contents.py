"""What is in a repository, by git's names: which contents are here, how large they are, and what they say."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import IO

from wellspent import limits
from wellspent.rework.git import Repository, contents_alone


def absent(repository: Repository, blobs: Iterable[str]) -> set[str]:
    """Which of these are not here: a partial clone leaves them at its server."""
    asked = "".join(f"{blob}\n" for blob in blobs).encode()
    with contents_alone(repository) as alone:
        answers = alone.run("cat-file", "--batch-check", given=asked).decode().splitlines()
    return {line.split()[0] for line in answers if line.endswith(" missing")}


def sizes(repository: Repository, blobs: Sequence[str]) -> list[int | None]:
    """How many bytes each has; None for what is not here."""
    asked = "".join(f"{blob}\n" for blob in blobs).encode()
    with contents_alone(repository) as alone:
        answers = alone.run("cat-file", "--batch-check=%(objectsize)", given=asked).decode().splitlines()
    return [int(line) if line.isdigit() else None for line in answers]


def files_of(repository: Repository, ref: str) -> Iterator[tuple[str, str]]:
    """Every file below a ref: ``(path, blob)``. Nothing where the ref does not exist."""
    for row in repository.ask("ls-tree", "-r", "-z", "--full-tree", ref).split(b"\0"):
        about, _, path = row.partition(b"\t")
        if path:
            yield path.decode(errors="replace"), about.split()[2].decode()


def content_at(repository: Repository, commit: str, path: str) -> str:
    """The content of a file, by git's name; "" where there is no such file."""
    return repository.ask("rev-parse", "--verify", "--quiet", f"{commit}:{path}").decode().strip()


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


@contextmanager
def blobs_of(repository: Repository) -> Iterator[Blobs]:
    """Contents, asked for one by one."""
    with contents_alone(repository) as alone, alone.dialogue("cat-file", "--batch") as (asked, answered):
        yield Blobs(asked, answered)
