"""The directory: orgs, teams, people and projects, by name."""

from msgspec import Struct

from wellspent import limits
from wellspent.facts.errors import InvalidInput


class Org(Struct, frozen=True, omit_defaults=True):
    """The root of the tree; most installations have one."""

    name: str


class Team(Struct, frozen=True, omit_defaults=True):
    """A group that money is charged to.

    Attributes:
        contact: Whom to ask for more, shown in refusals: a name, an address or a link.
    """

    name: str
    org: str = ""
    contact: str = ""


class Person(Struct, frozen=True, omit_defaults=True):
    """Somebody whose keys spend.

    Attributes:
        name: How calls name them; unique, so often a login or an address.
        email: Where to write to them, or "".
    """

    name: str
    team: str = ""
    org: str = ""
    email: str = ""


class Project(Struct, frozen=True, omit_defaults=True):
    """Something that money is spent for."""

    name: str
    team: str = ""
    org: str = ""


def check_name(kind: str, name: str) -> str:
    """The name, when calls and budgets can use it.

    Raises InvalidInput for an empty name, one with spaces at its ends, control characters, ``*``, or over ``limits.TAG_CHARS_MAX`` characters.
    """
    if not name or name == "*" or name != name.strip() or not name.isprintable():
        raise InvalidInput(f"{name!r} cannot name a {kind}", fix="use visible characters, no space at either end, and not *")
    if len(name) > limits.TAG_CHARS_MAX:
        raise InvalidInput(f"the name of a {kind} has {len(name)} characters", fix=f"use at most {limits.TAG_CHARS_MAX} (limits.TAG_CHARS_MAX)")
    return name
