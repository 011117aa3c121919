"""Groups of people on pages: a team of fewer than ``limits.PEOPLE_MIN`` is a person, or nearly one, and is never shown apart."""

from collections.abc import Collection, Iterable

from wellspent import limits
from wellspent.analytics.engine.answers import Cut
from wellspent.facts.errors import InvalidInput
from wellspent.identity.settings import Settings

SMALL = f"teams of fewer than {limits.PEOPLE_MIN}"


def small_teams(settings: Settings) -> frozenset[str]:
    """Teams with people, but too few of them."""
    sizes: dict[str, int] = {}
    for person in settings.people():
        sizes[person.team] = sizes.get(person.team, 0) + 1
    return frozenset(team for team, size in sizes.items() if 0 < size < limits.PEOPLE_MIN)


def told(team: str, small: Collection[str]) -> str:
    """A team's name on a page."""
    return SMALL if team in small else team


def folded(cuts: Iterable[Cut], small: Collection[str]) -> list[Cut]:
    """Spending by team, the small ones as one, dearest first; the sum stays."""
    sums: dict[str, tuple[int, int]] = {}
    for cut in cuts:
        name = told(cut.group[0], small)
        nanousd, calls = sums.get(name, (0, 0))
        sums[name] = nanousd + cut.nanousd, calls + cut.calls
    return sorted((Cut((name,), *both) for name, both in sums.items()), key=lambda cut: (-cut.nanousd, cut.group))


def check_team(team: str, small: Collection[str]) -> None:
    """Raises InvalidInput for a team that is not shown apart."""
    if team in small:
        told = f"the team {team!r} has fewer than {limits.PEOPLE_MIN} people, and is not shown apart"
        raise InvalidInput(told, fix="leave the team out of the address")
