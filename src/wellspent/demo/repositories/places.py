"""Tidewater's repositories: what is in them, who writes there, how long it stays as it is, and what tells afterwards who it was. Pure."""

from collections.abc import Mapping
from enum import StrEnum

from msgspec import Struct


class Told(StrEnum):
    """What a change tells of who wrote it."""

    NOTE = "git-ai's note"
    HASHED = "git-ai's note, whose sessions are only named by their hash"
    SESSION = "a session trailer"
    COAUTHOR = "a co-author trailer"
    GENERATED = "a generated-with line"
    NOTHING = "nothing"


class Lasting(Struct, frozen=True):
    """After how many days, on average, a function is written anew, by who wrote it.

    Attributes:
        agent: An agent, in a session of somebody who reads what it writes.
        person: A person.
        night: An agent by itself, at night.
    """

    agent: float
    person: float
    night: float


class Place(Struct, frozen=True):
    """A repository.

    Attributes:
        name: As GitHub has it.
        folders: In which code lies, two levels deep.
        agents: Of the functions of a session, the share that its agent writes.
        lasting: How long they stay.
        branches: The share of changes merged with their commits; the others are squashed.
        told: How often a change tells what.
        founded: Commits of before the story, when nobody recorded who wrote what.
        night: The agent that commits there by itself, "" for none.
        chores: Whether it has a lock file, a file that a program writes, a formatter, and a file that gets a better name.
    """

    name: str
    folders: tuple[str, ...]
    agents: float
    lasting: Lasting
    branches: float
    told: Mapping[Told, float]
    founded: int
    night: str = ""
    chores: bool = False


MOSTLY = {Told.NOTE: 0.58, Told.HASHED: 0.12, Told.SESSION: 0.1, Told.COAUTHOR: 0.07, Told.GENERATED: 0.02, Told.NOTHING: 0.11}
PLACES = (
    # What sessions write for the shop is read by two people before it is merged, and stays.
    Place(
        name="tidewater/shop",
        folders=("services/checkout", "services/stock", "services/customers", "web/pages"),
        agents=0.55,
        lasting=Lasting(agent=300, person=60, night=300),
        branches=0.3,
        told=MOSTLY,
        founded=36,
        chores=True,
    ),
    # The night's tests say what the code did that day: they are written again with it.
    Place(
        name="tidewater/shop-tests",
        folders=("tests/checkout", "tests/stock", "tests/customers"),
        agents=0.15,
        lasting=Lasting(agent=200, person=200, night=30),
        branches=0.0,
        told=MOSTLY,
        founded=15,
        night="test-writer",
    ),
    # Nobody installed anything here, so nobody knows.
    Place(
        name="tidewater/scripts",
        folders=("tools/release", "tools/data"),
        agents=0.5,
        lasting=Lasting(agent=120, person=120, night=120),
        branches=0.0,
        told={Told.NOTHING: 0.8, Told.COAUTHOR: 0.2},
        founded=8,
    ),
)
