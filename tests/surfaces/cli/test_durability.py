"""Durability on the command line: from git, logs and a ledger to a report in every shape, and nobody's name in any of them."""

import csv
import io
import json
import struct
import time
from contextlib import closing
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import msgspec
import pytest
from tests.connectors.usage.writing import answer, write
from tests.rework.authorship.making import Making, agent, metadata
from tests.surfaces.cli.seeded import NANO, Folder, seed, settle

from wellspent.budgets.window import Calendar
from wellspent.facts.attribution import Attribution
from wellspent.facts.clock import SystemClock
from wellspent.facts.usage import Quality
from wellspent.ledger.ledger import Ledger
from wellspent.ledger.sqlite import SqliteJournal
from wellspent.rework.authorship.sessions import session_key
from wellspent.rework.report import Report
from wellspent.surfaces.durability.kept import FILE

DAY_S = 86_400
NOW_S = int(time.time())
SESSION = "11111111-2222-4333-8444-555555555555"
KEY = session_key("claude-code", SESSION)
AGENTS = "\n\nCo-Authored-By: Claude Opus 4.6 <noreply@anthropic.com>\n"
PEOPLE = [(f"Person{n}y", f"person{n}@somewhere.example") for n in range(6)]
PARTS = ("gone", "compared", "money", "repositories", "teams", "links", "fixes", "delays", "ways", "losses")


def project(folder: Path, people: int = 1, first_days_ago: int = 120, commits: int = 24, session: str = "") -> Making:
    """Every other commit is an agent's: of its four lines one or two are gone two days later. The newest commit is forty days younger."""
    made = Making(folder)
    for number in range(commits):
        made.at_s = NOW_S - (first_days_ago - number) * DAY_S
        made.write(f"src/f{number}.py", *(f"value_{number}_{line} = {line}" for line in range(4)))
        if number >= 2:
            dead = 1 + number % 4 // 2
            made.write(f"src/f{number - 2}.py", *(f"value_{number - 2}_{line} = {'again' if line < dead else line}" for line in range(4)))
        said = f"change {number}"
        if number % 2:
            said += AGENTS if not session else f"\n\nClaude-Session: {session}\n"
        made.commit(said, author=PEOPLE[number % people])
    made.at_s = NOW_S - (first_days_ago - commits - 40) * DAY_S
    made.write("README.md", "a project")
    made.commit("the newest", author=PEOPLE[0])
    return made


@pytest.fixture(scope="module")
def work(tmp_path_factory: pytest.TempPathFactory) -> Folder:
    """A folder with two repositories that tests only look at."""
    folder = Folder(tmp_path_factory.mktemp("work"))
    project(folder.path / "app", people=6)
    project(folder.path / "web", people=2, commits=6)
    return folder


def rows(told: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(told)))


def report_in(told: str) -> Report:
    return msgspec.convert(json.loads(told), Report)


def test_the_answer_for_the_repository_here(work: Folder) -> None:
    told = work.run("durability", cwd=work.path / "app")
    assert told.code == 0, told.err
    first = told.out.splitlines()[0]
    assert first.startswith(("AI lines live", "No evidence"))
    for title in ("Gone after so many days", "AI lines beside others", "By repository"):
        assert f"\n{title}\n" in told.out
    assert "What became of the money" not in told.out, "no spending is known"
    assert "app: the author of" in told.err and "25 commits" in told.err and "rework is what dies within 30 days" in told.err
    assert work.run("durability", cwd=work.path / "app").out == told.out, "the same history gives the same figures"
    assert "Traceback" not in told.err and not (work.path / FILE).exists(), "only the configured repositories' report is kept"


@pytest.mark.parametrize("part", PARTS)
def test_every_part_for_people_and_for_spreadsheets(work: Folder, part: str) -> None:
    flags = ("--show", part, *(() if part == "ways" else ("--quick",)))
    people, machines = work.run("durability", "app", *flags), work.run("durability", "app", "web", *flags, "--csv")
    assert (people.code, machines.code) == (0, 0), people.err + machines.err
    assert people.out.strip() and "Traceback" not in people.err
    for row in rows(machines.out):
        assert not any(name.endswith("_text") for name in row) and None not in row.values() and None not in row
    if part == "repositories":
        assert [row["name"] for row in rows(machines.out)] == ["others (fewer than 5 people, and the next larger)"]
    if part == "ways":
        assert {row["moves"] for row in rows(machines.out)} == {"alive", "dead"}


def test_the_whole_report_for_machines(work: Folder) -> None:
    told = work.run("durability", "app", "web", "--json", "--days", "7", "--window", "21", "--since", "100d")
    assert told.code == 0, told.err
    report = report_in(told.out)
    assert [each.name for each in report.repositories] == ["app", "web"]
    assert (report.asked.days, report.asked.windows) == (21, (7, 21))
    assert {each.group: each.lines for each in report.curves}.keys() <= {"ai", "unknown"}
    whole = report_in(work.run("durability", "app", "--json", "--quick").out)
    assert {each.group: each.clusters for each in whole.curves} == {"ai": 12, "unknown": 13}
    fresh = report_in(work.run("durability", "app", "--json", "--fresh", "--quick").out)
    assert (fresh.curves, fresh.losses) == (whole.curves, whole.losses)


def test_markdown(work: Folder) -> None:
    told = work.run("durability", "app", "--markdown", "--quick")
    assert told.code == 0 and told.out.startswith("## Durability of code\n\n"), told.err
    assert "| lines of | lines | commits |" in told.out and "\n- app: the author of" in told.out


def test_curves_as_a_picture(work: Folder, tmp_path: Path) -> None:
    svg, png = tmp_path / "curves.svg", tmp_path / "curves.PNG"
    assert work.run("durability", "app", "--quick", "--chart", str(svg)).code == 0
    assert work.run("durability", "app", "--quick", "--chart", str(png)).code == 0
    figure = ElementTree.fromstring(svg.read_bytes())
    assert figure.attrib["aria-label"] and [each for each in figure.iter() if each.tag.endswith("path")]
    head = png.read_bytes()[:24]
    assert head[:8] == b"\x89PNG\r\n\x1a\n" and struct.unpack(">I", head[16:20])[0] == 1920
    (tmp_path / "taken.svg").mkdir()
    for name, said in (
        ("curves.gif", "is neither an SVG nor a PNG"),
        ("nowhere/curves.svg", "there is no such folder"),
        ("taken.svg", "Is a directory"),
    ):
        told = work.run("durability", "app", "--quick", "--chart", str(tmp_path / name))
        assert told.code == 2 and said in told.err and "to do: " in told.err and "Traceback" not in told.err


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        (("--window", "0"), "'0' are no windows"),
        (("--window", "99999"), "a window of 99999 days cannot be measured"),
        (("--days", "soon"), "'soon' are no windows"),
        (("--since", "whenever"), "whenever"),
        (("--show", "everything"), "everything"),
        (("--json", "--csv"), "a report is either JSON, CSV or Markdown"),
        (("--markdown", "--json"), "a report is either JSON, CSV or Markdown"),
    ],
)
def test_what_cannot_be_asked_is_told(work: Folder, flags: tuple[str, ...], said: str) -> None:
    told = work.run("durability", "web", "--quick", *flags)
    assert told.code == 2 and said in told.err and told.out == "" and "Traceback" not in told.err


def test_what_cannot_be_read_is_told_and_the_rest_is_measured(work: Folder, empty: Folder) -> None:
    told = empty.run("durability")
    assert told.code == 1 and "is not a git repository that can be read" in told.err and "Traceback" not in told.err
    (empty.path / "none").mkdir()
    Making(empty.path / "fresh")
    told = empty.run("durability", str(work.path / "web"), "none", "fresh", "nowhere", "--quick", "--json")
    assert told.code == 1 and "none could not be read: none is not a git repository" in told.err
    report = report_in(told.out)
    assert [each.name for each in report.repositories] == ["web"]
    assert [(each.name, bool(each.why), bool(each.fix)) for each in report.unread] == [(name, True, True) for name in ("none", "fresh", "nowhere")]
    told = empty.run("durability", str(work.path / "web"), "fresh", "--quick")
    assert "fresh could not be read: fresh cannot be measured: it has no commits yet" in told.err
    assert "By repository" in told.out


def test_a_shallow_clone_says_so(work: Folder, empty: Folder) -> None:
    Making(empty.path / "other").git("clone", "-q", "--depth", "3", f"file://{work.path / 'app'}", str(empty.path / "shallow"))
    told = empty.run("durability", "shallow", "--quick")
    assert told.code == 0 and "a shallow clone that breaks off at 1 commits" in told.err and "git fetch --unshallow" in told.err


def test_a_repository_named_twice_counts_once_and_two_of_one_name_are_two(work: Folder, empty: Folder) -> None:
    project(empty.path / "other/app", commits=4)
    there = str(work.path / "app")
    told = empty.run("durability", there, f"{there}/", "other/app", "--quick", "--json")
    assert told.code == 0, told.err
    assert [each.name for each in report_in(told.out).repositories] == ["app", "other/app"]


def test_money_from_logs_finds_the_commits_that_name_its_session(empty: Folder) -> None:
    """Two agent sessions: one that commits name, one that is only there; an answer of Opus 4.8 as written costs 0.0015625 dollars."""
    made = project(empty.path / "app", session=SESSION)
    at = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(NOW_S - 100 * DAY_S))
    lines: list[Any] = [
        answer("m1", "r1", at=at, sessionId=SESSION, cwd=str(made.folder)),
        answer("m2", "r2", at=at, sessionId="elsewhere", cwd="/tmp"),
    ]
    write(empty.path / ".claude/projects/p/a.jsonl", lines)
    told = empty.run("durability", "app", "--json", "--quick")
    assert told.code == 0, told.err
    report = report_in(told.out)
    found = {each.kind: (each.evidence, each.sessions, each.nanousd) for each in report.links}
    assert found == {"named by the commit": ("session trailer", 1, found[""][2]), "": ("", 1, found[""][2])}
    assert report.measured.total_nanousd == 2 * found[""][2] == report.list_price_nanousd > 0
    assert report.source == "logs of coding agents on this machine, at list prices"
    people = empty.run("durability", "app", "--quick")
    for title in ("What became of the money", "By team", "How money found commits"):
        assert f"\n{title}\n" in people.out
    assert report_in(empty.run("durability", "app", "--json", "--quick", "--no-logs").out).measured.total_nanousd == 0


@pytest.fixture
def books(tmp_path: Path) -> Folder:
    """A ledger in which one session of a coding agent is known, with a repository whose commits name it, and logs of it."""
    folder = seed(tmp_path)
    with closing(Ledger.open(SqliteJournal(tmp_path / "journal.db"), SystemClock(), Calendar())) as ledger:
        who = Attribution(org="acme", team="core", person="ada", client="claude-code", session=SESSION)
        settle(ledger, SystemClock().now_ms(), who, "ws_call9", "claude-opus-4-6", 7 * NANO, Quality.EXACT)
    project(tmp_path / "app", session=SESSION)
    write(tmp_path / ".claude/projects/p/a.jsonl", [answer(sessionId=SESSION, at=time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(NOW_S - 3600)))])
    return folder


def test_money_of_the_ledger_counts_once_and_small_teams_are_not_told(books: Folder) -> None:
    told = books.run("durability", "app", "--json", "--quick")
    assert told.code == 0, told.err
    report = report_in(told.out)
    assert (report.measured.total_nanousd, report.other_nanousd, report.unpriced_calls) == (7 * NANO, 5 * NANO, 0)
    assert [(each.kind, each.nanousd) for each in report.links] == [("named by the commit", 7 * NANO)]
    assert [(each.name, each.spent_nanousd) for each in report.teams] == [("all teams", 7 * NANO)]
    both = report_in(books.run("durability", "app", "--json", "--quick", "--logs").out)
    assert (both.measured.total_nanousd, both.source) == (7 * NANO, "the ledger")


def test_the_configured_repositories_report_is_kept_and_names_nobody(work: Folder, empty: Folder) -> None:
    made = project(empty.path / "code/app", people=6)
    noted = made.git("rev-parse", "HEAD~2")
    session = {**agent(session=SESSION), "messages": [{"type": "user", "text": "pour the secret sauce"}]}
    made.note(noted, f"src/f22.py\n  {KEY}::t_1 1-2\n" + metadata(sessions={KEY: session}))
    (empty.path / "etc").mkdir()
    config = f'[[repository]]\nname = "acme/app"\npath = "../code/app"\n[[repository]]\nname = "web"\npath = "{work.path / "web"}"\nteam = "blue"\n'
    (empty.path / "etc/wellspent.toml").write_text(config)
    told = empty.run("durability", "--config", "etc/wellspent.toml", "--json")
    assert told.code == 0, told.err
    kept = (empty.path / FILE).read_bytes()
    assert json.loads(told.out) == json.loads(kept)["report"]
    assert [(each["name"], each["team"]) for each in json.loads(kept)["report"]["repositories"]] == [("acme/app", ""), ("web", "blue")]
    assert json.loads(kept)["report"]["ways"]["rows"]
    everything = (kept + told.out.encode() + told.err.encode()).lower()
    for word in (*(each for person in PEOPLE for each in person), "maxine", "muster", "secret", "sauce", str(empty.path)):
        assert word.lower().encode() not in everything, word
    (empty.path / FILE).unlink()
    assert empty.run("durability", "code/app", "--quick", "--json", "--config", "etc/wellspent.toml").code == 0
    assert not (empty.path / FILE).exists()


def test_the_recipe_for_ci_does_what_it_says(work: Folder) -> None:
    """The commands of docs/durability.md, in a checkout."""
    text = (Path(__file__).parents[3] / "docs" / "durability.md").read_text()
    commands = [line.split() for line in text.partition("# In CI")[2].splitlines() if line.strip().startswith("wellspent ")]
    asked = [command[1 : command.index(">>") if ">>" in command else command.index(">")] for command in commands]
    summary, report = (work.run(*arguments, cwd=work.path / "app") for arguments in asked)
    assert summary.code == report.code == 0
    assert summary.out.startswith("## Durability of code\n") and (work.path / "app" / "survival.svg").read_text().startswith("<svg")
    assert report_in(report.out).repositories[0].name == "app"


@pytest.mark.parametrize(
    ("flags", "is_kept"),
    [
        (("--quick",), False),
        (("--since", "100d"), False),
        (("--window", "21"), False),
        (("--days", "7"), False),
        (("--no-logs",), False),
        (("--logs",), False),
        (("--show", "gone", "--csv", "--fresh", "--window", "30"), True),
    ],
)
def test_only_the_answer_to_the_usual_question_is_kept(work: Folder, empty: Folder, flags: tuple[str, ...], is_kept: bool) -> None:
    """The page answers one question: whoever asks another on the command line does not change it."""
    (empty.path / "etc").mkdir()
    (empty.path / "etc/wellspent.toml").write_text(f'[[repository]]\nname = "web"\npath = "{work.path / "web"}"\n')
    assert empty.run("durability", "--config", "etc/wellspent.toml", *flags).code == 0
    assert (empty.path / FILE).exists() is is_kept


def test_of_one_configured_repository_of_few_people_only_totals_are_kept(work: Folder, empty: Folder) -> None:
    (empty.path / "etc").mkdir()
    (empty.path / "etc/wellspent.toml").write_text(f'[[repository]]\nname = "acme/web"\npath = "{work.path / "web"}"\n')
    assert empty.run("durability", "--config", "etc/wellspent.toml").code == 0
    kept = msgspec.convert(json.loads((empty.path / FILE).read_bytes())["report"], Report)
    assert [row.name for row in kept.rows] == ["all"] and kept.losses == () and kept.repositories[0].commits is None
    own = report_in(empty.run("durability", str(work.path / "web"), "--quick", "--json", "--config", "etc/wellspent.toml").out)
    assert [row.name for row in own.rows] == ["acme/web"] and own.losses and own.repositories[0].commits == 7
    several = report_in(empty.run("durability", str(work.path / "web"), "none", "--quick", "--json").out)
    assert [row.name for row in several.rows] == ["all"] and not several.losses
