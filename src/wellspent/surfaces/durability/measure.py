"""``measure``: from a configuration, or folders, to a report."""

import secrets
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from wellspent.config import Config, RepositoryConfig
from wellspent.connectors.edits import edits_here
from wellspent.connectors.usage.base import Problems
from wellspent.facts.clock import Clock
from wellspent.ledger.outcomes import FILE as OUTCOMES
from wellspent.ledger.outcomes import OutcomeLog
from wellspent.ledger.reviews import FILE as REVIEWS
from wellspent.ledger.reviews import ReviewLog
from wellspent.rework.delay.settings import rates_of, workweek_of
from wellspent.rework.delay.timeline import Timeline, timelines
from wellspent.rework.delay.worktime import Worktime
from wellspent.rework.forges import Elsewhere, merges_of
from wellspent.rework.git import common_of
from wellspent.rework.report import Asked, History, Money, Report
from wellspent.rework.reporting import report_of
from wellspent.rework.study import StudyAsk, tried
from wellspent.rework.survey import Tell, side_by_side
from wellspent.rework.survival.terms import WINDOWS_DAYS
from wellspent.rework.twice import Twice
from wellspent.surfaces.cli.common import JOURNAL, SETTINGS, settings_of
from wellspent.surfaces.durability.money import merged_of, of_ledger, with_logs
from wellspent.surfaces.web.groups import Groups

FOLDER = "rework"
INCIDENT = "incident_closed"  # what outcomes call an issue that was a bug, and is closed
MERGED = "change_merged"


class Wanted(Struct, frozen=True):
    """What to measure.

    Attributes:
        repositories: Which ones.
        since_ms: Lines born and money spent since.
        days: The window of the headline and of dollars.
        windows: All windows.
        logs: Whether the logs of coding agents on this machine are asked: what they cost, where they worked, what they wrote.
        ways: Whether to measure in every way.
        fresh: Whether to read history from the beginning.
        alone: Whether somebody asks for themselves: see ``Asked``.
    """

    repositories: tuple[RepositoryConfig, ...]
    since_ms: int
    days: int = 30
    windows: tuple[int, ...] = WINDOWS_DAYS
    logs: bool = False
    ways: bool = True
    fresh: bool = False
    alone: bool = False


def repositories_of(config: Config, paths: Sequence[Path]) -> tuple[RepositoryConfig, ...]:
    """The repositories at some paths, by their configured names where they have one; without paths those of the configuration, else the one here."""
    if not paths:
        return config.repositories or (_unnamed(Path()),)
    known = {Path(each.path).resolve(): each for each in config.repositories}
    found = {path.resolve(): known.get(path.resolve()) or _unnamed(path) for path in paths}
    called: dict[str, RepositoryConfig] = {}
    for path, each in found.items():
        names = (each.name, f"{path.parent.name}/{each.name}", str(path))
        name = next(name for name in names if name not in called)
        called[name] = replace(each, name=name)
    return tuple(called.values())


def _unnamed(path: Path) -> RepositoryConfig:
    """A repository by its folder's name."""
    place = path.resolve()
    name = place.parent.name if place.name == ".git" else place.name.removesuffix(".git")
    return RepositoryConfig(name or str(place), str(path))


def measure(wanted: Wanted, config: Config, env: Mapping[str, str], clock: Clock, tell: Tell) -> Report:
    """Read repositories and books, and put the report together. Raises what the ledger's reader and the engine do."""
    now_ms = clock.now_ms()
    edits = tuple(edits_here(env, Problems(), wanted.since_ms)) if wanted.logs else ()
    repositories, twice = of_one_folder(wanted.repositories)
    salt, known = secrets.token_bytes(32), timelines_of(config, clock)
    elsewhere = elsewhere_of(config, clock, known)
    asks = [
        StudyAsk(
            name=each.name,
            path=Path(each.path),
            ref=each.ref,
            team=each.team,
            kept=config.data_dir / FOLDER,
            now_s=now_ms // 1000,
            since_s=wanted.since_ms // 1000,
            salt=salt,
            edits=edits,
            elsewhere=elsewhere,
            ways=wanted.ways,
            fresh=wanted.fresh,
        )
        for each in repositories
    ]
    found = [*side_by_side(tried, asks, tell), *twice]
    merged = merged_of(config, clock, wanted.since_ms)
    money = of_ledger(config, clock, wanted.since_ms, merged) if (config.data_dir / JOURNAL).is_file() else Money()
    money = with_logs(money, config, env, wanted.since_ms) if wanted.logs else money
    asked = Asked(now_ms, wanted.since_ms, wanted.days, wanted.windows, wanted.alone)
    week = workweek_of(config)
    worktime = Worktime(week, wanted.since_ms, now_ms) if week else None
    history = History(merged, tuple(known), worktime, rates_of(config))
    return report_of(asked, found, money, history, groups_of(config).told)


def of_one_folder(repositories: Sequence[RepositoryConfig]) -> tuple[list[RepositoryConfig], list[Twice]]:
    """Each repository once, the first of several: two names of one folder, a folder and one within it, two working trees."""
    kept: dict[str, RepositoryConfig] = {}
    twice: list[Twice] = []
    for number, each in enumerate(repositories):
        first = kept.setdefault(common_of(Path(each.path)) or f"{number}", each)
        if first is not each:
            twice.append(Twice(each.name, first.name, "both are of one git repository, and the first is measured"))
    return [*kept.values()], twice


def timelines_of(config: Config, clock: Clock) -> list[Timeline]:
    """What is known of changes until they were merged; those that nobody told the opening of are left out."""
    path = config.data_dir / REVIEWS
    if not path.is_file():
        return []
    with closing(ReviewLog(path, clock)) as log:
        return timelines(log.events(), clock.now_ms())[0]


def elsewhere_of(config: Config, clock: Clock, known: Sequence[Timeline]) -> Elsewhere:
    """Which issues were bugs, as outcomes tell; which merged changes are labelled as fixes or as something else; of which repository they are."""
    labelled = {each.commit: each.work == "bug" for each in known if each.commit and each.work}
    merges = [(each.source, each.repository, each.commit) for each in known]
    path = config.data_dir / OUTCOMES
    if not path.is_file():
        return Elsewhere(labelled=labelled, merges=merges_of(merges))
    with closing(OutcomeLog(path, clock)) as log:
        told = [each.last for each in log.outcomes()]
    bugs = frozenset((each.source, each.outcome) for each in told if each.kind == INCIDENT)
    of_changes = [(each.source, each.project, name) for each in told if each.kind == MERGED for kind, name in each.links if kind == "commit"]
    return Elsewhere(bugs, labelled, merges_of([*merges, *of_changes]))


def groups_of(config: Config) -> Groups:
    """Which teams are told as one."""
    if not (config.data_dir / SETTINGS).is_file():
        return Groups()
    with settings_of(config) as settings:
        return Groups.of(settings)
