"""Tidewater's git repositories: what its sessions and its night agent wrote, and what became of it. One ``git fast-import`` for each.

The same changes at the same moment give the same commits, to the last digit of their ids.
"""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from wellspent.demo.merges import Change
from wellspent.demo.repositories.agenda import Night, agenda
from wellspent.demo.repositories.evidence import FORGE
from wellspent.demo.repositories.importing import BRANCH, importing
from wellspent.demo.repositories.maker import Maker
from wellspent.demo.repositories.places import PLACES, Place

FOLDER = "repositories"


def folder_of(place: Place) -> str:
    """Its folder's name: ``tidewater-shop.git``."""
    return f"{place.name.replace('/', '-')}.git"


def make(folder: Path, changes: Sequence[Change], nights: Sequence[Night], now_ms: int) -> Mapping[int, str]:
    """Write all repositories into a folder, as they are at a moment; the commit of each merged change, by its number.

    Raises FileNotFoundError without git, WellspentError where git fails.
    """
    commits: dict[int, str] = {}
    for place in PLACES:
        commits |= _made(folder / folder_of(place), place, changes, nights, now_ms)
    return commits


def _made(folder: Path, place: Place, changes: Iterable[Change], nights: Iterable[Night], now_ms: int) -> dict[int, str]:
    with importing(folder) as to:
        maker = Maker(place, to)
        written = [(step.number, step.do(maker)) for step in agenda(place, changes, nights, now_ms)]
        if place.branches:
            to.drop(BRANCH)
        if maker.notes:
            to.notes(FORGE, maker.at_s, maker.notes)
        return {number: commit.id for number, commit in written if number}
