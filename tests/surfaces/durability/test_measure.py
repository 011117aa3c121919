"""Which repositories are measured, and how they are called."""

from contextlib import closing
from pathlib import Path

import pytest
from msgspec.structs import replace
from tests.rework.repos import NOW_S, Made
from tests.surfaces.durability.test_money import config

from wellspent.config import RepositoryConfig
from wellspent.facts.clock import ManualClock
from wellspent.facts.outcome import OutcomeEvent
from wellspent.identity.settings import Settings
from wellspent.ledger.outcomes import FILE as OUTCOMES
from wellspent.ledger.outcomes import OutcomeLog
from wellspent.rework.delay.timeline import Timeline
from wellspent.rework.report import Report
from wellspent.rework.study import MAIN
from wellspent.surfaces.durability.measure import Wanted, elsewhere_of, groups_of, measure, repositories_of


def named(found: tuple[RepositoryConfig, ...]) -> list[tuple[str, str]]:
    return [(each.name, each.path) for each in found]


def test_the_one_here_those_configured_or_those_asked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    here = tmp_path / "apollo"
    here.mkdir()
    monkeypatch.chdir(here)
    bare, app = config(tmp_path), RepositoryConfig("acme/app", str(tmp_path / "app"), "main", "core")
    configured = replace(bare, repositories=(app,))
    assert named(repositories_of(bare, [])) == [("apollo", ".")]
    assert repositories_of(configured, []) == (app,)
    assert repositories_of(configured, [Path("../app"), Path("../web.git"), Path(".git")]) == (
        app,
        RepositoryConfig("web", "../web.git"),
        RepositoryConfig("apollo", ".git"),
    )
    assert named(repositories_of(bare, [Path("..")])) == [(tmp_path.name, "..")]


def test_one_repository_is_measured_once_and_two_of_one_name_are_told_apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for folder in ("a/app", "b/app", "c/b/app"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "link").symlink_to(tmp_path / "a/app")
    asked = [Path(each) for each in ("a/app", "a/../a/app", str(tmp_path / "a/app"), "link", "b/app", "c/b/app")]
    found = repositories_of(config(tmp_path), asked)
    assert [each.name for each in found] == ["app", "b/app", str(tmp_path / "c/b/app")]
    assert [each.path for each in found] == ["link", "b/app", "c/b/app"], "as it was named last"


def test_two_repositories_side_by_side_and_one_that_is_none(tmp_path: Path) -> None:
    for name in ("app", "web"):
        Made(tmp_path / name).saved(a="one\ntwo\n", b=f"{name}\n")
    repositories = tuple(RepositoryConfig(name, str(tmp_path / name)) for name in ("web", "none", "app"))
    report = measure(Wanted(repositories, 0, days=45, ways=False), config(tmp_path), {}, ManualClock(NOW_S * 1000), lambda *_: None)
    assert [(each.name, each.commits) for each in report.repositories] == [("web", None), ("app", None)], "of few people each"
    assert [each.name for each in report.unread] == ["none"] and report.unread[0].fix
    assert report.asked.windows == (7, 14, 21, 30, 45, 90) and {row.way for row in report.ways.rows} == {MAIN}
    assert report.source == "no spending was given" and report.measured.total_nanousd == 0


def test_teams_of_few_people_are_known_by_the_settings(tmp_path: Path) -> None:
    assert groups_of(config(tmp_path)).told("core") == "core"
    settings = Settings.open(tmp_path / "settings.db", actor="test")
    for team, people in (("core", 6), ("web", 1)):
        settings.add_team(team, org="acme", contact="ada@example.com")
        for number in range(people):
            settings.add_person(f"{team}{number}", team=team)
    settings.close()
    groups = groups_of(config(tmp_path))
    assert groups.told("web") == groups.told("core") != "core", "one is told with the next larger"


def test_issues_that_were_bugs_and_merges_by_repository_are_known_by_outcomes_and_reviews(tmp_path: Path) -> None:
    clock, known = ManualClock(NOW_S * 1000), [Timeline("github", "acme/web#3", "acme/web", commit="c3", work="bug", merged=True)]
    assert elsewhere_of(config(tmp_path), clock, known).tracker("acme/web", ()).labelled == {"c3": True}
    with closing(OutcomeLog(tmp_path / OUTCOMES, clock)) as log:
        for outcome, kind, links in (
            ("acme/app#12", "incident_closed", (("issue", "acme/app#12"),)),
            ("acme/app#13", "issue_done", (("issue", "acme/app#13"),)),
            ("acme/app#14", "change_merged", (("change", "acme/app#14"), ("commit", "c14"))),
        ):
            log.add([OutcomeEvent("github", outcome, kind, "settled", 1000, project="acme/app", links=links)])
    found = elsewhere_of(config(tmp_path), clock, known)
    assert found.merges == {("github", "acme/web"): {"c3"}, ("github", "acme/app"): {"c14"}}
    assert found.tracker("apollo", {"c14"}).bugs == {"acme/app#12": True, "#12": True}
    assert found.tracker("acme/web", {"c3"}).bugs == {"acme/app#12": True}, "there #12 is another issue"


def measured(tmp_path: Path, *paths: str) -> Report:
    repositories = tuple(RepositoryConfig(f"r{number}", str(tmp_path / path)) for number, path in enumerate(paths))
    return measure(Wanted(repositories, 0, ways=False), config(tmp_path), {}, ManualClock(NOW_S * 1000), lambda *_: None)


def test_a_repository_that_is_named_in_several_ways_counts_once(tmp_path: Path) -> None:
    """One path twice, a folder in it, its git folder, another working tree, a link, a mirror: the figures are those of the first alone."""
    made, other = Made(tmp_path / "app"), Made(tmp_path / "web")
    for repository in (made, other):
        for number in range(12):
            repository.saved(f"change {number} of {repository.folder.name}", **{f"f{number % 3}": f"{number}\nsame\n{number + 1}\n"})
    made.write(**{"src/deep": "x"})
    made.git("worktree", "add", "-q", "-b", "fix", "../fix")
    made.git("clone", "-q", "--mirror", ".", "../mirror.git")
    (tmp_path / "link").symlink_to(tmp_path / "app")
    alone, several = measured(tmp_path, "app"), measured(tmp_path, "app", "app", "app/src", "app/.git", "fix", "link", "mirror.git", "web", "none")
    assert [(each.name, each.of) for each in several.twice] == [(f"r{number}", "r0") for number in (1, 2, 3, 4, 5, 6)]
    assert several.twice[0].why == "both are of one git repository, and the first is measured"
    assert several.twice[-1].why == "it shares 12 of its 12 commits since with r0"
    assert [each.name for each in several.repositories] == ["r0", "r7"] and [each.name for each in several.unread] == ["r8"]
    assert measured(tmp_path, "app", "fix", "mirror.git").curves == alone.curves
