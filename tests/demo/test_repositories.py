"""The company's git repositories: the same each time, whole, told of by real evidence, and measured as its story has it, by the product itself."""

import os
import re
import shutil
import subprocess
from collections import Counter
from datetime import datetime
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec
import pytest
from tests.demo.measuring import authorship_of, history_of, lifetimes_of

from wellspent.demo.merges import Merged, events_of, repository_of
from wellspent.demo.plan import Plan, plan_of
from wellspent.demo.repositories import Made, folder_of, make
from wellspent.demo.repositories.places import PLACES
from wellspent.rework.authorship.claim import Rung, State
from wellspent.rework.authorship.reader import Reader
from wellspent.rework.authorship.sessions import KnownSessions
from wellspent.rework.git import open_repository
from wellspent.rework.lines import ALIVE
from wellspent.rework.survey import Ask, Failed, survey_all
from wellspent.rework.survival.compare import compare
from wellspent.rework.survival.lifetime import AI, HUMAN, UNKNOWN, Lifetime
from wellspent.rework.survival.sensitivity import Way, sensitivity

ENDS = {"UTC": "2026-11-24T15:00", "Europe/Zurich": "2026-04-01T00:30"}
SHOP, TESTS, SCRIPTS = PLACES
FIXES = re.compile(r"^Fixes: ([0-9a-f]{12}) ", re.MULTILINE)
REVERTS = re.compile(r"^This reverts commit ([0-9a-f]{40})\.$", re.MULTILINE)


class Company(msgspec.Struct, frozen=True):
    """A company's facts, and its repositories."""

    plan: Plan
    folder: Path
    made: Made

    def git(self, number: int, *arguments: str) -> str:
        done = subprocess.run(["git", "-C", str(self.of(number)), *arguments], capture_output=True, text=True, check=True)
        return done.stdout

    def of(self, number: int) -> Path:
        return self.folder / folder_of(PLACES[number])


@pytest.fixture(scope="module", params=list(ENDS))
def company(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Company:
    plan = plan_at(ENDS[request.param], request.param)
    folder = tmp_path_factory.mktemp("company") / "repositories"
    return Company(plan, folder, make(folder, plan.changes, plan.nights, plan.now_ms))


@cache
def plan_at(moment: str, zone: str) -> Plan:
    return plan_of(int(datetime.fromisoformat(moment).replace(tzinfo=ZoneInfo(zone)).timestamp() * 1000), ZoneInfo(zone))


@cache
def measured(folder: Path, now_ms: int, merged: bool = True, moves: bool = True) -> list[Lifetime]:
    return lifetimes_of(folder, now_ms, "first-parent" if merged else "all", moves=moves)


def test_the_same_moment_gives_the_same_commits(company: Company, tmp_path: Path) -> None:
    plan = company.plan
    again = make(tmp_path / "again", plan.changes, plan.nights, plan.now_ms)
    assert again == company.made
    for place in PLACES:
        asked = ["git", "for-each-ref", "--format=%(refname) %(objectname)"]
        one, two = (subprocess.check_output(asked, cwd=folder / folder_of(place)) for folder in (company.folder, tmp_path / "again"))
        assert one == two


def test_git_finds_them_whole(company: Company) -> None:
    for number in range(len(PLACES)):
        assert "error" not in company.git(number, "fsck", "--full", "--strict")
        names = company.git(number, "for-each-ref", "--format=%(refname)").split()
        assert set(names) <= {"refs/heads/main", "refs/notes/ai"}
        assert company.git(number, "symbolic-ref", "HEAD").strip() == "refs/heads/main"
        times = [int(each) for each in company.git(number, "log", "--first-parent", "--reverse", "--format=%ct").split()]
        assert times == sorted(times)
        assert times[-1] * 1000 <= company.plan.now_ms


def test_code_compiles_and_no_function_is_like_another(company: Company) -> None:
    bodies: Counter[str] = Counter()
    for number in range(len(PLACES)):
        for path in company.git(number, "ls-tree", "-r", "--name-only", "HEAD").split():
            text = company.git(number, "show", f"HEAD:{path}")
            if path.endswith(".py"):
                compile(text, path, "exec")
                bodies.update(each.partition("\n")[2] for each in text.split("\n\n\n")[1:])
    assert len(bodies) > 1000
    assert set(bodies.values()) == {1}


def test_every_merged_change_is_a_commit_of_its_repository(company: Company) -> None:
    plan, made = company.plan, company.made
    assert made.without == ""
    assert set(made.merged) == {change.number for change in plan.changes}
    subjects = [
        dict(line.split(" ", 1) for line in company.git(number, "log", "--first-parent", "--format=%H %s").splitlines()) for number in range(3)
    ]
    places = {place.name: number for number, place in enumerate(PLACES)}
    for change in plan.changes:
        assert f"#{change.number}" in subjects[places[repository_of(change)]][made.merged[change.number].commit]
        (event, *_) = events_of(change, made.merged[change.number])
        assert ("commit", made.merged[change.number].commit) in event.links


def test_lines_of_a_change_are_as_many_as_git_counts(company: Company) -> None:
    """Nearly always to the line: git may find a line of before in a function that was written anew, such as a blank one."""
    gaps = []
    for number, place in enumerate(PLACES):
        printed = company.git(number, "log", "--first-parent", "-m", "--no-renames", "--numstat", "--format=%x00%H")
        counted = {row[:40]: [line.split("\t")[:2] for line in row[40:].split("\n") if line] for row in printed.split("\0")}
        for change in company.plan.changes:
            if repository_of(change) == place.name:
                merged = company.made.merged[change.number]
                added, deleted = (sum(int(each[column]) for each in counted[merged.commit]) for column in (0, 1))
                gaps.append(abs((merged.added or 0) - added) + abs((merged.deleted or 0) - deleted))
    assert sum(gap == 0 for gap in gaps) > 0.9 * len(gaps)
    assert max(gaps) < 10


def test_what_says_that_it_takes_back_or_mends_ends_lines_of_what_it_names(company: Company) -> None:
    """A trailer of a fix names a commit whose lines it took out; a revert nearly always does, unless all of it was written anew before."""
    fixes, reverts = Counter[bool](), Counter[bool]()
    for number in range(len(PLACES)):
        found = history_of(company.of(number), company.plan.now_ms)
        fates = found.fates()
        ended = {(found.commits[born].id, found.commits[end].id) for born, end in found.pairs(fates) if end > ALIVE}
        for row in company.git(number, "log", "--first-parent", "--format=%H%n%B%x00").split("\0"):
            commit, _, text = row.strip().partition("\n")
            for named in FIXES.findall(text):
                fixes[any(born.startswith(named) and end == commit for born, end in ended)] += 1
            for named in REVERTS.findall(text):
                reverts[(named, commit) in ended] += 1
    assert fixes[True] > 40
    assert fixes[False] <= 0.1 * fixes[True]
    assert reverts[True] > 30
    assert reverts[False] <= 0.2 * reverts[True]


def test_wellspent_rework_reads_them(company: Company, tmp_path: Path) -> None:
    asks = [Ask(company.of(number), "HEAD", "first-parent", tmp_path, company.plan.now_ms // 1000) for number in range(len(PLACES))]
    surveys = list(survey_all(asks, lambda *_: None))
    assert not [each for each in surveys if isinstance(each, Failed)]
    shop = surveys[0]
    assert not isinstance(shop, Failed)
    assert {(each.path, each.why) for each in shop.left_out} == {("uv.lock", "lock"), ("clients/warehouse.py", "generated")}
    assert (shop.ignored, shop.misdated, shop.borders) == (1, 0, 0)
    assert shop.summary.born == shop.summary.dead + shop.summary.alive + shop.summary.lost
    assert shop.summary.moved > 200
    assert shop.until_s - shop.since_s > 140 * 86_400


def test_formatting_kills_nothing_and_a_file_gets_a_better_name(company: Company) -> None:
    found = history_of(company.of(0), company.plan.now_ms)
    (ignored,) = found.ignored
    number = [commit.id for commit in found.commits].index(ignored)
    assert number not in found.fates().ends
    assert company.git(0, "show", "--format=", "--shortstat", ignored).split()[0] != "0"
    assert "rename" in company.git(0, "log", "-M", "--diff-filter=R", "--summary", "--format=")


def test_there_is_every_kind_of_evidence_and_some_commits_have_none(company: Company) -> None:
    rungs, states = Counter[Rung | None](), Counter[State]()
    for place in (0, 1):
        reader = Reader(open_repository(company.of(place)))
        index = authorship_of(company.of(place))
        for evidence in reader.evidence():
            verdict = index.of_commit(evidence.commit)
            rungs[verdict.rung] += 1
            states[verdict.author.state] += 1
        assert not reader.problems
    assert {Rung.NOTE, Rung.SESSION, Rung.IDENTITY, Rung.TRAILER, Rung.GENERATED, None} <= set(rungs)
    assert min(states.values()) > 100


def test_the_ledgers_sessions_are_found_for_most_agents_commits_and_not_for_all(company: Company) -> None:
    known = KnownSessions({(call.habit.client, call.session) for calls in company.plan.calls.values() for call in calls if call.session})
    for place in (0, 1):
        index = authorship_of(company.of(place))
        commits = company.git(place, "rev-list", "HEAD").split()
        authors = [verdict.author for verdict in map(index.of_commit, commits) if verdict.author.state is State.AI]
        assert 0.7 < sum(known.of(author) is not None for author in authors) / len(authors) < 0.95
        assert any(author.session.startswith("s_") and known.of(author) for author in authors)  # by git-ai's hash alone


def test_a_sessions_code_outlives_peoples_in_the_shop(company: Company) -> None:
    found = compare(measured(company.of(0), company.plan.now_ms), (30,))[0]
    assert (found.grade, found.evident) == ("B", True)
    assert found.difference is not None
    assert found.difference < -0.05
    assert min(found.treated_n, found.control_n) >= 40


def test_a_nights_tests_are_written_again_before_peoples(company: Company) -> None:
    found = compare(measured(company.of(1), company.plan.now_ms), (30,))[0]
    assert (found.grade, found.evident) == ("B", True)
    assert found.difference is not None
    assert found.difference > 0.05
    assert min(found.treated_n, found.control_n) >= 40


def test_all_repositories_together_say_nothing_of_either(company: Company) -> None:
    found = compare([each for number in range(len(PLACES)) for each in measured(company.of(number), company.plan.now_ms)], (30,))[0]
    assert (found.grade, found.evident) == ("B", False)


def test_of_scripts_nobody_knows_enough(company: Company) -> None:
    lifetimes = measured(company.of(2), company.plan.now_ms)
    lines = Counter[str]()
    for each in lifetimes:
        lines[each.group] += each.lines
    assert lines[UNKNOWN] > lines[AI] + lines[HUMAN]
    assert "not enough data" in compare(lifetimes, (30,))[0].verdict


def test_what_is_written_anew_on_a_branch_counts_only_where_every_commit_does(company: Company) -> None:
    """In the shop, the advantage is smaller over all commits, and where moves are deaths; the direction of the tests' is the same in every way."""
    ways = {
        (place, merged, moves): measured(company.of(place), company.plan.now_ms, merged, moves)
        for place in (0, 1)
        for merged in (True, False)
        for moves in (True, False)
    }
    sides = {way: compare(lifetimes, (30,))[0].difference or 0.0 for way, lifetimes in ways.items()}
    assert sides[0, True, True] < sides[0, False, True]
    assert sides[0, True, True] < sides[0, True, False]
    named = {Way("merged" if way[1] else "all commits", "alive" if way[2] else "dead", "best"): each for way, each in ways.items() if way[0] == 1}
    assert sensitivity(named, (14, 30)).turns == ()


def test_without_git_it_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plan = plan_at(ENDS["UTC"], "UTC")
    monkeypatch.setenv("PATH", str(tmp_path))
    made = make(tmp_path / "repositories", plan.changes, plan.nights, plan.now_ms)
    assert made == Made({}, "git is not installed, or not on the PATH")
    assert "commit" not in dict(events_of(plan.changes[0], Merged())[0].links)


def test_where_git_fails_its_words_are_told_and_nothing_half_made_stays(tmp_path: Path) -> None:
    plan = plan_at(ENDS["UTC"], "UTC")
    (tmp_path / "repositories").mkdir()
    (tmp_path / "repositories" / folder_of(SHOP)).write_text("in the way")
    made = make(tmp_path / "repositories", plan.changes, plan.nights, plan.now_ms)
    assert made.merged == {}
    assert "git cannot write a repository: " in made.without
    assert not (tmp_path / "repositories").exists()


def test_where_git_ends_in_the_middle_its_words_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    git, plan = shutil.which("git"), plan_at(ENDS["UTC"], "UTC")
    script = tmp_path / "bin" / "git"
    script.parent.mkdir()
    script.write_text(
        f'#!/bin/sh\ncase "$*" in *fast-import*) head -c 50000 >/dev/null; echo "fatal: no space left" >&2; exit 128;; esac\nexec {git} "$@"\n'
    )
    script.chmod(0o755)
    monkeypatch.setenv("PATH", f"{script.parent}:{os.environ['PATH']}")
    made = make(tmp_path / "repositories", plan.changes, plan.nights, plan.now_ms)
    assert made.merged == {}
    assert made.without.startswith("git cannot write a repository: fatal: no space left; look at the disk")
    assert not (tmp_path / "repositories").exists()
