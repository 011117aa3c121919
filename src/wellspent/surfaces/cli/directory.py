"""``wellspent people``, ``teams`` and ``projects``."""

from msgspec import structs

from wellspent.identity.directory import Person, Project, Team
from wellspent.surfaces.cli.common import COMMON, SHAPE, Common, Shape, Yes, confirm, settings_of, talk
from wellspent.surfaces.cli.output import Column, emit

NAME, TEAM, ORG = Column("name", "name"), Column("team", "team"), Column("org", "org")


def list_people(*, team: str = "", common: Common = COMMON, shape: Shape = SHAPE) -> None:
    """List people.

    Args:
        team: Only this team's.
    """
    with settings_of(common.load()) as settings:
        rows = [_row(person) for person in settings.people() if team in ("", person.team)]
    emit(
        rows, (NAME, TEAM, ORG, Column("email", "email")), shape, empty="there are no people yet; add one with: wellspent people add NAME --team TEAM"
    )


def add_person(name: str, *, team: str = "", email: str = "", common: Common = COMMON) -> None:
    """Add a person, or change them.

    Args:
        name: How calls name them; unique, so often a login or an address.
        team: Their team.
        email: Where to write to them.
    """
    config = common.load()
    with settings_of(config) as settings:
        settings.add_person(name, team=team, org="" if team else config.org, email=email)
    talk(f"person {name} is in {f'team {team}' if team else f'org {config.org}'}")


def remove_person(name: str, *, yes: Yes = False, common: Common = COMMON) -> None:
    """Remove a person. What they spent stays in the ledger."""
    confirm(f"Remove the person {name}?", yes)
    with settings_of(common.load()) as settings:
        settings.remove_person(name)
    talk(f"person {name} is removed")


def list_teams(*, common: Common = COMMON, shape: Shape = SHAPE) -> None:
    """List teams, with how many people each has."""
    with settings_of(common.load()) as settings:
        people = [person.team for person in settings.people()]
        rows = [{**_row(team), "people": people.count(team.name)} for team in settings.teams()]
    columns = (NAME, ORG, Column("people", "people", right=True), Column("contact", "contact"))
    emit(rows, columns, shape, empty="there are no teams yet; add one with: wellspent teams add NAME")


def add_team(name: str, *, org: str = "", contact: str = "", common: Common = COMMON) -> None:
    """Add a team, or change it.

    Args:
        name: What to call it.
        org: Its organisation; the configured one unless given.
        contact: Whom to ask for more: a name, an address or a link.
    """
    config = common.load()
    with settings_of(config) as settings:
        settings.add_team(name, org=org or config.org, contact=contact)
    talk(f"team {name} is in org {org or config.org}")


def remove_team(name: str, *, yes: Yes = False, common: Common = COMMON) -> None:
    """Remove a team. What it spent stays in the ledger."""
    confirm(f"Remove the team {name}?", yes)
    with settings_of(common.load()) as settings:
        settings.remove_team(name)
    talk(f"team {name} is removed")


def list_projects(*, common: Common = COMMON, shape: Shape = SHAPE) -> None:
    """List projects."""
    with settings_of(common.load()) as settings:
        rows = [_row(project) for project in settings.projects()]
    emit(rows, (NAME, TEAM, ORG), shape, empty="there are no projects yet; add one with: wellspent projects add NAME")


def add_project(name: str, *, team: str = "", common: Common = COMMON) -> None:
    """Add a project, or change it.

    Args:
        name: What to call it.
        team: The team that pays for it.
    """
    config = common.load()
    with settings_of(config) as settings:
        settings.add_project(name, team=team, org="" if team else config.org)
    talk(f"project {name} is in {f'team {team}' if team else f'org {config.org}'}")


def remove_project(name: str, *, yes: Yes = False, common: Common = COMMON) -> None:
    """Remove a project. What was spent on it stays in the ledger."""
    confirm(f"Remove the project {name}?", yes)
    with settings_of(common.load()) as settings:
        settings.remove_project(name)
    talk(f"project {name} is removed")


def _row(thing: Team | Person | Project) -> dict[str, object]:
    return structs.asdict(thing)
