"""A report as tables and as Markdown: every part for every report, unknown never zero, and names that stay text."""

import json
import re

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from msgspec.structs import replace
from tests.rework.cost.test_work import Books, books
from tests.rework.studies import sha, study_of
from tests.rework.test_report import ASKED, CLAUDE, grown, people, reported

from wellspent.facts.money import NANO_PER_USD
from wellspent.rework.cost.linking import Accuracy
from wellspent.rework.cost.session import Session
from wellspent.rework.delay.folding import JOINED, OTHERS
from wellspent.rework.gaps import Gaps
from wellspent.rework.report import History, Money, Report
from wellspent.rework.reporting import report_of
from wellspent.rework.study import MAIN, Unread
from wellspent.rework.survival.sensitivity import Way
from wellspent.rework.twice import Twice
from wellspent.surfaces.durability.markdown import markdown_of
from wellspent.surfaces.durability.tables import headline, notes, tables
from wellspent.surfaces.durability.words import FATES, percent

NASTY = "app|<img src=x>\n`[a](b)` *b* _c_ \\"
PARTS = ["gone", "compared", "money", "repositories", "teams", "links", "fixes", "delays", "ways", "losses"]


@settings(deadline=None, max_examples=20, suppress_health_check=[HealthCheck.too_slow])
@given(books())
def test_every_part_can_be_shown_of_every_report(found: Books) -> None:
    report = reported(found, unread=[Unread(NASTY, NASTY, "look")])
    made = tables(report)
    assert list(made) == PARTS
    for table in made.values():
        assert len({tuple(row) for row in table.rows}) <= 1, "all rows have the same keys"
        assert all(key in row for row in table.rows for key, _, _ in table.columns)
        assert table.title and table.empty
        json.dumps(table.rows)
        for row in table.rows:
            for key, _, _ in table.columns:
                assert row[key] is not None, "people read a word where something is unknown"
    assert headline(report) and all(headline(report)) and all(notes(report))
    sums = {name: sum(row[f"{name}_nanousd"] for row in made["teams"].rows) for name in FATES.values()}  # type: ignore[misc]
    assert sum(sums.values()) == report.measured.total_nanousd
    cells(markdown_of(report))


def cells(markdown: str) -> dict[str, list[list[str]]]:
    """Tables of Markdown by their headings; every row has as many cells as its head."""
    found: dict[str, list[list[str]]] = {}
    for part in re.split(r"^### ", markdown, flags=re.M)[1:]:
        title, *rest = part.split("\n")
        rows = [re.split(r"(?<!\\)\|", row)[1:-1] for row in rest if row.startswith("|")]
        assert len({len(row) for row in rows}) == 1
        found[title] = [[cell.strip() for cell in row] for row in rows]
    return found


def told(name: str = "app", spent: bool = True) -> Report:
    study = grown(name)
    sessions = tuple(Session("codex", f"s{n}", NANO_PER_USD, "core", (("commit", sha(name, n)),)) for n in range(40))
    lost = Session("codex", "lost", 2 * NANO_PER_USD, "web", unpriced_calls=3, list_price=True)
    return report_of(ASKED, [study], Money((*sessions, lost), NANO_PER_USD, "the ledger") if spent else Money(), History())


def test_the_answer_in_sentences() -> None:
    first, money = headline(told())
    assert first.startswith("AI lines live shorter: within 30 days 50.0 % of AI lines and 10.0 % of lines of unknown origin were gone")
    assert re.fullmatch(
        r"\$40\.00 of \$42\.00 is linked to commits; of each dollar that brought code, \$0\.50 \(\$0\.4\d to \$0\.5\d\) went into lines that are gone"
        r" within 30 days\.",
        money,
    )
    study = grown()
    ways = {MAIN: study.ways[MAIN], Way("merged", "dead", MAIN.labels): study.ways[MAIN]}
    _, held = headline(report_of(ASKED, [replace(study, ways=ways)], Money(), History()))
    assert held.startswith("However it is measured, against lines of unknown origin: ")


def test_a_report_without_spending_says_nothing_of_money() -> None:
    assert len(headline(told(spent=False))) == len(headline(told())) - 1
    assert "What became of the money" not in markdown_of(told(spent=False))
    repositories = tables(told(spent=False))["repositories"]
    assert "spent_text" not in [key for key, _, _ in repositories.columns]
    (row,) = repositories.rows
    assert (row["spent_usd"], row["gone_nanousd"], row["spent_text"]) == (None, None, "unknown"), "unknown is not zero"
    assert tuple(row) == tuple(tables(told())["repositories"].rows[0]), "spreadsheets have the same columns"


def test_what_a_reader_has_to_know() -> None:
    report = told()
    gaps = Gaps(2, 1234, 5, 3, 4, {"binary": 7, "lock": 6})
    shallow = replace(report, repositories=(replace(report.repositories[0], gaps=gaps, problems={"a trace that is no JSON": 3}),))
    unread = replace(
        shallow,
        unread=(Unread("gone", "there is no gone", "name a folder"), Unread("odd", "it is odd", "")),
        twice=(Twice("mirror", "app", "it shares all"),),
    )
    assert [*notes(unread)] == [
        "app: the author of 50 % of the lines is known; 42 commits, the newest of 2024-03-13",
        "app: a shallow clone that breaks off at 2 commits: what was there before is not counted (git fetch --unshallow)",
        "app: 1,234 lines were born nobody knows when and are not counted",
        "app: 5 lines were lost sight of: joined to others by a formatter or a merge, or in files that cannot be read any more",
        "app: 3 commits have a date that cannot be true beside those around them; their author's or their parents' is taken",
        "app: 4 commits are in .git-blame-ignore-revs",
        "app: left out: 6 lock files, 7 binary files (wellspent rework --left-out lists them)",
        "app: a trace that is no JSON (3 times)",
        "gone could not be read: there is no gone; to do: name a folder",
        "odd could not be read: it is odd",
        "mirror is the same repository as app, and left out: it shares all",
        "3 calls have no known price: what they cost is in no figure",
        "$2.00 are list prices that nobody was billed: a subscription pays, or nobody knows who",
        "$1.00 of other spending is not about code and in no figure",
    ]


def test_figures_of_a_history_that_is_known() -> None:
    made = tables(told())
    (ai, unknown) = made["gone"].rows
    assert (ai["group"], ai["lines"], ai["commits"], ai["gone_30d"]) == ("ai", 400, 40, pytest.approx(0.5))
    assert str(unknown["gone_30d_text"]).startswith("10.0 % (")
    (row,) = made["repositories"].rows
    assert (row["spent_usd"], row["gone_text"], row["per_dollar_text"], row["lines_human"], row["gone_human_text"]) == (
        "40.000000000",
        "$20.00 ($18.67 to $21.40)",
        "$0.50",
        0,
        "no lines",
    )
    assert "unlinked_usd" not in row
    core, web = made["teams"].rows
    assert (core["name"], core["gone_share"], web["name"], web["gone_share"], web["per_dollar_text"], web["unlinked_text"]) == (
        "core",
        0.5,
        "web",
        None,
        "unknown",
        "$2.00",
    )
    assert [(row["kind_text"], row["sessions"], row["amount_text"]) for row in made["links"].rows] == [
        ("recorded with the change", 40, "$40.00"),
        ("not linked", 1, "$2.00"),
    ]
    loss = made["losses"].rows[0]
    assert (loss["commit_text"], loss["gone"], loss["lines_text"]) == (str(loss["commit"])[:12], 7, "20")


def test_while_lines_are_too_young_it_is_unknown_and_not_zero() -> None:
    young = study_of("app", (0, 1), {(0, 1, CLAUDE): 1, (0, -1, CLAUDE): 3}, people=people(1))
    report = report_of(ASKED, [young], Money((Session("codex", "s", 8, "", (("commit", sha("app", 0)),)),)), History())
    assert "what became of it is not known yet" in headline(report)[-1]
    (row,) = tables(report)["teams"].rows
    assert (row["name"], row["gone_text"], row["per_dollar_text"]) == ("no team", "too young to tell", "unknown")
    (gone,) = tables(report)["gone"].rows
    assert (gone["gone_30d"], gone["gone_30d_text"]) == (None, "not enough data")
    assert percent(None) == "unknown" and percent(0.058, 0.039, 0.085) == "5.8 % (3.9 to 8.5)"


def test_names_stay_text_in_markdown() -> None:
    study = grown(NASTY)
    second = study_of("b" * 3, (0, 1), {(0, -1, CLAUDE): 1}, people=people(*range(9)))
    text = markdown_of(report_of(ASKED, [study, second], Money(), History()))
    assert "<img" not in text.replace("\\<", "") and "\n`" not in text
    rows = cells(text)["By repository"]
    assert rows[2][0] == "app\\|\\<img src=x\\>\ufffd\\`\\[a\\](b)\\` \\*b\\* \\_c\\_ \\\\"
    assert OTHERS not in text and JOINED not in text


def test_a_long_table_is_cut_and_says_so() -> None:
    text = markdown_of(told())
    assert len(cells(text)["Commits that lost most lines"]) == 12 and "\nand 30 more." in text


def test_markdown_of_nothing() -> None:
    text = markdown_of(report_of(ASKED, [], Money(), History()))
    assert text.startswith("## Durability of code\n\nNo evidence: ") and cells(text).keys() <= {"AI lines beside others"}
    assert msgspec.json.encode(text)


def test_a_repository_of_few_people_is_named_and_nothing_is_told_of_it() -> None:
    report = report_of(ASKED, [replace(grown(), people=people(1))], Money(), History())
    assert next(iter(notes(report))) == (
        "app: fewer people wrote it than are told apart by themselves, so it is in the totals; of its commits, the newest of 2024-03-13"
    )
    assert [row["name"] for row in tables(report)["repositories"].rows] == ["all"] and not tables(report)["losses"].rows


def test_how_right_place_and_time_is_is_told_by_commit() -> None:
    assert tables(told())["links"].note == "How right links by place and time are is not known: no session has a better one, too."
    found = replace(told(), place=Accuracy(sessions=2, commits=8, right=6))
    said = "Of 8 commits that place and time name for 2 sessions that are known better, the better link names 6 (75.0 %)."
    assert tables(found)["links"].note == said
