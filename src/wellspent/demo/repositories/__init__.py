"""Tidewater's git repositories: what its sessions and its night agent wrote, and what became of it. One ``git fast-import`` for each.

The same changes at the same moment give the same commits, to the last digit of their ids.
"""

import shutil
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from msgspec import Struct

from wellspent.demo.merges import Change, Merged
from wellspent.demo.repositories.agenda import Night, agenda
from wellspent.demo.repositories.evidence import FORGE
from wellspent.demo.repositories.importing import BRANCH, importing
from wellspent.demo.repositories.maker import Maker
from wellspent.demo.repositories.places import PLACES, Place
from wellspent.facts.errors import WellspentError

FOLDER = "repositories"


class Made(Struct, frozen=True):
    """What came of writing.

    Attributes:
        merged: What each merged change became, by its number.
        without: Why there are no repositories, "" where there are.
    """

    merged: Mapping[int, Merged]
    without: str = ""


def folder_of(place: Place) -> str:
    """Its folder's name: ``tidewater-shop.git``."""
    return f"{place.name.replace('/', '-')}.git"


def make(folder: Path, changes: Sequence[Change], nights: Sequence[Night], now_ms: int) -> Made:
    """Write all repositories into a new folder, as they are at a moment. Where git is missing or fails there is none, and it is said why."""
    merged: dict[int, Merged] = {}
    try:
        for place in PLACES:
            merged |= _written(folder / folder_of(place), place, changes, nights, now_ms)
    except (OSError, WellspentError) as error:
        shutil.rmtree(folder, ignore_errors=True)
        return Made({}, "git is not installed, or not on the PATH" if isinstance(error, FileNotFoundError) else str(error))
    return Made(merged)


def _written(folder: Path, place: Place, changes: Iterable[Change], nights: Iterable[Night], now_ms: int) -> dict[int, Merged]:
    with importing(folder) as to:
        maker = Maker(place, to)
        landed = [(step.number, step.do(maker)) for step in agenda(place, changes, nights, now_ms)]
        if place.branches:
            to.drop(BRANCH)
        if maker.notes:
            to.notes(FORGE, maker.at_s, maker.notes)
        return {number: Merged(each.written.id, each.subject, each.added, each.deleted) for number, each in landed if number}
