"""What keeps a repository in order and is nobody's code: a lock file, a file that a program writes, a formatter, a better name for a file."""

import random
from collections.abc import Iterator
from typing import Protocol

from wellspent.demo.repositories.code import Writer
from wellspent.demo.repositories.maker import Landed, Maker, somebody
from wellspent.demo.repositories.places import Place
from wellspent.demo.story import SEED


class Do(Protocol):
    """Does a chore."""

    def __call__(self, maker: Maker, at_ms: int) -> Landed:
        """Do it now."""
        ...


Chore = tuple[float, Do]  # how many days ago
FIRST_DAYS, LOCK_DAYS, CLIENT_DAYS, FORMAT_DAYS, RENAME_DAYS = 145, 9, (70.5, 40.5, 12.5), 52, 44
LOCKED, BUMPED, CLIENT_LINES = 90, 5, 120
LOCK, CLIENT, IGNORED = "uv.lock", "clients/warehouse.py", ".git-blame-ignore-revs"
ATTRIBUTES = b"clients/** linguist-generated\n"


def chores_of(place: Place) -> Iterator[Chore]:
    """All of them; those after the first need it done."""
    chores = _Chores(place)
    yield FIRST_DAYS, chores.begin
    yield from ((days_ago, chores.bump) for days_ago in range(FIRST_DAYS - LOCK_DAYS, 0, -LOCK_DAYS))
    yield from ((days_ago, chores.generate) for days_ago in CLIENT_DAYS)
    yield FORMAT_DAYS, chores.restyle
    yield RENAME_DAYS, chores.rename


class _Chores:
    def __init__(self, place: Place) -> None:
        self._choose = random.Random(f"chores {SEED} {place.name}")
        self._writer = Writer(self._choose)
        self._locked = self._writer.data(LOCKED)
        self._folders = place.folders

    def begin(self, maker: Maker, at_ms: int) -> Landed:
        files = {".gitattributes": ATTRIBUTES, LOCK: _text(self._locked), CLIENT: self._client()}
        return maker.direct(at_ms, somebody(self._choose), "chore: lock dependencies, generate the client of the warehouse", files)

    def bump(self, maker: Maker, at_ms: int) -> Landed:
        for number in self._choose.sample(range(LOCKED), BUMPED):
            self._locked[number] = self._writer.data(1)[0]
        return maker.direct(at_ms, somebody(self._choose), "chore(deps): bump dependencies", {LOCK: _text(self._locked)})

    def generate(self, maker: Maker, at_ms: int) -> Landed:
        return maker.direct(at_ms, somebody(self._choose), "chore: generate the client of the warehouse again", {CLIENT: self._client()})

    def restyle(self, maker: Maker, at_ms: int) -> Landed:
        """A formatter goes over everything, and the next commit tells git blame to look past it."""
        for folder in self._folders:
            maker.tree.restyle(folder, "'", '"')
        maker.writer.quote = '"'
        by = somebody(self._choose)
        done = maker.direct(at_ms, by, "style: format all code", {})
        return maker.direct(at_ms + 60_000, by, "chore: leave formatting out of blame", {IGNORED: f"# Format all code\n{done.written.id}\n".encode()})

    def rename(self, maker: Maker, at_ms: int) -> Landed:
        path = max(sorted(maker.tree.files), key=lambda path: len(maker.tree.files[path]))
        maker.tree.rename(path, f"{path.rpartition('/')[0]}/desk_of_{path.rpartition('/')[2]}")
        return maker.direct(at_ms, somebody(self._choose), "refactor: give a file the name of what it does", {})

    def _client(self) -> bytes:
        return _text([f"{line.replace(': ', ' = 0x').upper().replace('0X', '0x')}" for line in self._writer.data(CLIENT_LINES)])


def _text(lines: list[str]) -> bytes:
    return "".join(f"{line}\n" for line in lines).encode()
