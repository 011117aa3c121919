"""Groups of people on pages: fewer than ``limits.PEOPLE_MIN`` are never told apart, nor is one person, their key or their session."""

from collections.abc import Collection, Iterable, Mapping

from msgspec import Struct

from wellspent import limits
from wellspent.analytics.engine.answers import Cut
from wellspent.facts.attribution import Scope
from wellspent.facts.errors import InvalidInput
from wellspent.identity.settings import Settings

SMALL = f"teams of fewer than {limits.PEOPLE_MIN}"
JOINED = f"{SMALL}, with the next larger"
ALL = "all teams"
NARROW = ("project", "workflow", "client")  # what may be a small team's alone
PERSONAL = ("person", "key", "session", "customer", "user", "email")  # tags and links that may name somebody: told by their kind only


class Groups(Struct, frozen=True):
    """Which teams are told as one, so that whoever is told is at least ``limits.PEOPLE_MIN`` people.

    Attributes:
        together: The teams that are told as one.
        name: What they are called; ``ALL`` where all there are are too few: nothing is told then but the total.
        machines: Keys that belong to nobody.
    """

    together: frozenset[str] = frozenset()
    name: str = SMALL
    machines: frozenset[str] = frozenset()

    @classmethod
    def of(cls, settings: Settings) -> "Groups":
        """By who there is now. A team of which nobody is registered is no group of people."""
        sizes: dict[str, int] = {}
        for person in settings.people():
            sizes[person.team] = sizes.get(person.team, 0) + 1
        keys = settings.keys()
        return cls(*together(sizes), frozenset([key.id for key in keys if not key.attribution.person]))

    def told(self, team: str) -> str:
        """A team's name on a page."""
        return self.name if self.folds(team) else team

    def folds(self, team: str) -> bool:
        """Whether a team is not told apart."""
        return self.name == ALL or team in self.together

    def apart(self, teams: Collection[str]) -> bool:
        """Whether what these teams spent may be told apart from all else: not if all of them are told as one."""
        return self.name != ALL and not (teams and self.together.issuperset(teams))

    def hides(self, scope: Scope) -> bool:
        """Whether spending of a scope may be that of too few."""
        if scope.kind == "team":
            return scope.name != "*" and self.folds(scope.name)
        return scope.kind in ("person", "session") or (scope.kind == "key" and scope.name not in self.machines)

    def check(self, cuts: Mapping[str, str], teams: Iterable[str]) -> None:
        """Raises InvalidInput where a choice is of too few people.

        Args:
            cuts: What was chosen, by name.
            teams: Who spent in it.
        """
        team = cuts.get("team")
        if team is not None and self.folds(team):
            raise InvalidInput(
                f"the team {team!r} has fewer than {limits.PEOPLE_MIN} people, or is told together with such a team",
                fix="leave it out of the address",
            )
        narrow = [name for name in NARROW if name in cuts]
        if narrow and not self.apart(frozenset(teams)):
            told = f"the {narrow[0]} {cuts[narrow[0]]!r} is of {self.name} alone, and is not shown apart"
            raise InvalidInput(told, fix=f"leave the {narrow[0]} out of the address")


def together(sizes: Mapping[str, int]) -> tuple[frozenset[str], str]:
    """The teams to tell as one, and what to call them: the small ones, and the next larger until they are enough people.

    Args:
        sizes: People by team, of teams that have any.
    """
    found: list[str] = []
    people, name = 0, SMALL
    for team, size in sorted(sizes.items(), key=lambda each: (each[1], each[0])):
        small = size < limits.PEOPLE_MIN
        if not small and (people >= limits.PEOPLE_MIN or not found):
            break
        name = name if small else JOINED
        found.append(team)
        people += size
    return frozenset(found), ALL if found and people < limits.PEOPLE_MIN else name


def folded(cuts: Iterable[Cut], groups: Groups) -> list[Cut]:
    """Spending by one thing, what is of the teams told as one alone as one line, dearest first; the sum stays.

    Args:
        cuts: Groups of which the first is a value and the last is a team.
    """
    found = list(cuts)
    teams: dict[str, set[str]] = {}
    for cut in found:
        teams.setdefault(cut.group[0], set()).add(cut.group[-1])
    sums: dict[str, tuple[int, int]] = {}
    for cut in found:
        name = cut.group[0] if groups.apart(teams[cut.group[0]]) else groups.name
        nanousd, calls = sums.get(name, (0, 0))
        sums[name] = nanousd + cut.nanousd, calls + cut.calls
    return sorted((Cut((name,), *both) for name, both in sums.items()), key=lambda cut: (-cut.nanousd, cut.group))
