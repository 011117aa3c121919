"""Who did it: an account -> a pseudonym, and whether that is a machine. Names and addresses are looked at and forgotten. Pure."""

import re
from collections.abc import Callable, Iterable
from fnmatch import fnmatchcase
from typing import Any

from msgspec import Struct

from wellspent.connectors.outcomes.payload import at, text_at
from wellspent.rework.authorship.agents import agent_of, reviewer_of

GITLAB_MACHINE = re.compile(r"(?:project|group)_\d+_bot(?:_\w+)?|service_account_\w+|(?:\w+-)?bot|gitlabduo|duo-\w+", re.IGNORECASE)


class Who(Struct, frozen=True):
    """Somebody, or something, that acts.

    Attributes:
        actor: The pseudonym; "" where nobody is named.
        machine: Whether it is a bot or an agent.
    """

    actor: str = ""
    machine: bool = False


NOBODY = Who()


class People:
    """Accounts of forges.

    Args:
        pseudonym: A name -> its pseudonym.
        machines: Patterns of further accounts that are machines (``renovate*``), in small letters.
    """

    def __init__(self, pseudonym: Callable[[str], str], machines: Iterable[str] = ()) -> None:
        self._pseudonym, self._machines = pseudonym, tuple(each.lower() for each in machines)

    def github(self, user: Any) -> Who:
        """From a webhook's ``user``, or an ``Actor`` of the API.

        A bot says so, or ends in ``[bot]``; agents and bots that review are known by number.
        """
        number, login = text_at(user, "databaseId") or text_at(user, "id"), text_at(user, "login")
        address = f"{number}+{login}@users.noreply.github.com"
        says = "Bot" in (at(user, "type"), at(user, "__typename")) or login.endswith("[bot]")
        return self._who("github", number or login, says or bool(agent_of("", address)) or reviewer_of(address) or self._listed(login))

    def gitlab(self, user: Any) -> Who:
        """From a webhook's ``user``, or a ``User`` of the API, which says whether it is a bot; else the form of its name does."""
        number, name = text_at(user, "id").rpartition("/")[2], text_at(user, "username")
        says = at(user, "bot") is True or bool(GITLAB_MACHINE.fullmatch(name))
        return self._who("gitlab", number or name, says or self._listed(name))

    def _listed(self, name: str) -> bool:
        return any(fnmatchcase(name.lower(), pattern) for pattern in self._machines)

    def _who(self, source: str, account: str, machine: bool) -> Who:
        return Who(self._pseudonym(f"{source}:{account}"), machine) if account else NOBODY
