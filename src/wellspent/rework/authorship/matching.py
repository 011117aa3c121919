"""Lines that are compared word for word: their hashes, and which of them were written before.

Text is compared by an 8-byte hash and not kept. Indentation and the ends of lines do not count, so that a formatter in between changes nothing. A
line of three characters or less is everywhere, and follows its neighbours.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TypeVar

HASH_BYTES = 8
TRIVIAL = bytes(HASH_BYTES)
TRIVIAL_CHARS_MAX = 3
Writer = TypeVar("Writer")


def hashed(path: str, lines: Iterable[str]) -> bytes:
    """Lines as they are compared; lines of a notebook's cells as they stand in its JSON."""
    return b"".join(_hash(_cell_line(line) if path.endswith(".ipynb") else line) for line in lines)


def split(lines: bytes) -> list[bytes]:
    """Hashes, one by one."""
    return [lines[start : start + HASH_BYTES] for start in range(0, len(lines), HASH_BYTES)]


def matched(added: bytes, written: Mapping[bytes, list[Writer]]) -> Iterator[tuple[int, int, Writer]]:
    """Runs of lines with one writer: ``(first, last, writer)``, from 0. Who wrote a line is taken out of ``written``, the first one first."""
    lines = split(added)
    writers: list[Writer | None] = []
    for line in lines:
        left = written.get(line) if line != TRIVIAL else None
        writers.append(left.pop(0) if left else None)
    yield from _runs(_with_trivial(lines, writers))


def _with_trivial(lines: Sequence[bytes], writers: Sequence[Writer | None]) -> list[Writer | None]:
    """A short line belongs to the line above it and the line below it where both are of one writer; at an edge the one neighbour is enough."""
    count = len(lines)
    above, below = list(writers), list(writers)
    for number in range(1, count):
        if lines[number] == TRIVIAL:
            above[number] = above[number - 1]
    for number in range(count - 2, -1, -1):
        if lines[number] == TRIVIAL:
            below[number] = below[number + 1]
    begins = next((number for number in range(count) if lines[number] != TRIVIAL), count)
    ends = next((number for number in range(count - 1, -1, -1) if lines[number] != TRIVIAL), -1)
    return [
        below[number] if number < begins else above[number] if number > ends or above[number] == below[number] else None for number in range(count)
    ]


def _runs(writers: Sequence[Writer | None]) -> Iterator[tuple[int, int, Writer]]:
    first = 0
    for number in range(1, len(writers) + 1):
        if number == len(writers) or writers[number] != writers[first]:
            writer = writers[first]
            if writer is not None:
                yield first, number - 1, writer
            first = number


def _hash(line: str) -> bytes:
    bare = line.strip()
    return TRIVIAL if len(bare) <= TRIVIAL_CHARS_MAX else hashlib.blake2b(bare.encode(errors="replace"), digest_size=HASH_BYTES).digest()


def _cell_line(line: str) -> str:
    """What a line of a notebook's JSON says: ``"x = 1\\n",`` → ``x = 1``; any other line is itself."""
    bare = line.strip().removesuffix(",")
    if len(bare) < 2 or bare[0] != '"' or bare[-1] != '"':
        return line
    try:
        return str(json.loads(bare))
    except ValueError:
        return line
