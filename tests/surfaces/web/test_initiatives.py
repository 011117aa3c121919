"""The pages of initiatives: figures of the same ledger, unknown said, every figure opens, and nothing people wrote is run."""

import csv
import io
from collections.abc import Iterator
from contextlib import closing
from datetime import date
from pathlib import Path

import pytest
from starlette.testclient import TestClient
from tests.surfaces.test_initiatives import NOON, PILOT, USD, Book

from wellspent.analytics.contract import Contract
from wellspent.budgets.window import Calendar
from wellspent.facts.attribution import Scope
from wellspent.facts.initiative import Initiative, Target
from wellspent.facts.outcome import OutcomeEvent
from wellspent.facts.usage import Quality
from wellspent.ledger.reader import JournalReader
from wellspent.surfaces.api.outcomes import Intake
from wellspent.surfaces.asking.asked import Setup
from wellspent.surfaces.asking.asking import Asking
from wellspent.surfaces.initiatives import Initiatives
from wellspent.surfaces.web.app import WebData, build_web
from wellspent.surfaces.web.initiative_views import days_view

CONTRACTS = (Contract("leads", "lead", match={"workflow": "researcher"}),)


@pytest.fixture
def book(tmp_path: Path) -> Iterator[Book]:
    made = Book(tmp_path)
    with closing(made.ledger), closing(made.settings), closing(made.log):
        yield made


@pytest.fixture
def web(book: Book) -> Iterator[TestClient]:
    reader = JournalReader(book.folder / "journal.db")
    with closing(Asking(Setup(str(book.folder), CONTRACTS, "UTC"), book.clock)) as asking:
        data = WebData(reader, book.settings, Calendar(), book.clock, "acme", False, book.log, asking, book.folder, False)
        yield TestClient(build_web(data, Intake(book.log, {}, book.clock, "")))


def told(book: Book) -> None:
    """A pilot that is due, one that is overdue and was dear, one that is decided."""
    book.settings.set_initiative(PILOT, limit_nanousd=10 * USD)
    target = Target(cost_nanousd=USD)
    late = Initiative("dear", "ada", 'writes <b>bold</b> "copy"', Scope("workflow", "copy"), "leads", "2026-11-01", "2026-11-18", target=target)
    book.settings.set_initiative(late, limit_nanousd=10 * USD)
    book.settings.set_initiative(Initiative("done", "ada", "was tried", Scope("team", "other"), "gone", "2026-11-01", "2026-11-02"))
    book.settings.decide_initiative("done", "stop", by="cfo", because="=nobody used it")
    book.call(NOON - 9, 4, "r1")
    book.call(NOON - 8, 30, "r2", workflow="copy")
    book.call(NOON - 7, 1, "r2", workflow="copy", quality=Quality.UNPRICED)
    book.log.add([OutcomeEvent("crm", "L1", "lead", "settled", NOON - 5, links=(("run", "r1"),))])


def test_the_list_shows_what_each_cost_and_brought(book: Book, web: TestClient) -> None:
    told(book)
    page = web.get("/initiatives")
    assert page.status_code == 200
    assert "<script" not in page.text
    assert "<b>" not in page.text
    for said in ("2 of 3 initiatives to decide; the decision on dear is 2 days overdue.", "66.7 % of their calls priced", "+ unknown", "40 % used"):
        assert said in page.text, said
    for link in ("/initiatives/leads#calls", "/initiatives/leads#evidence", "/initiatives/done#decision", "/initiatives?owner=ada", "/value"):
        assert f'href="{link}"' in page.text, link
    assert page.text.index(">dear<") < page.text.index(">leads<") < page.text.index(">done<")


def test_filters_live_in_the_address(book: Book, web: TestClient) -> None:
    told(book)
    asked = {
        "": {"leads", "dear", "done"}, "state=open": {"leads", "dear"}, "state=overdue": {"dear"}, "state=decided": {"done"},
        "owner=ada": {"dear", "done"}, "owner=ada&state=open": {"dear"}, "owner=nobody": set[str](),
    }  # fmt: skip
    for query, names in asked.items():
        rows = web.get(f"/api/v1/initiatives?{query}").json()
        assert {row["name"] for row in rows} == names, query
        assert web.get(f"/initiatives?{query}").status_code == 200
    assert "0 of 1 initiative to decide." in web.get("/initiatives?state=decided").text
    assert "No initiative is to be shown." in web.get("/initiatives?owner=nobody").text
    assert "state=decided&amp;owner=ada" in web.get("/initiatives?owner=ada").text
    for path in ("/initiatives", "/initiatives.csv", "/api/v1/initiatives"):
        answer = web.get(path + "?state=odd")
        assert (answer.status_code, "is no state of an initiative" in answer.text) == (400, True)


def test_page_csv_and_json_say_the_same(book: Book, web: TestClient) -> None:
    told(book)
    rows = web.get("/api/v1/initiatives").json()
    lines = list(csv.DictReader(io.StringIO(web.get("/initiatives.csv").text)))
    for row, line in zip(rows, lines, strict=True):
        assert (line["name"], line["spent_nanousd"], line["grade"]) == (row["name"], str(row["spent_nanousd"]), row["grade"])
    by_name = {line["name"]: line for line in lines}
    assert (by_name["done"]["settled"], by_name["done"]["because"]) == ("", "'=nobody used it")
    assert by_name["leads"]["each_nanousd"] == str(4 * USD)


def test_every_figure_of_one_opens(book: Book, web: TestClient) -> None:
    told(book)
    page = web.get("/initiatives/leads").text
    for said in (
        "Is leads worth going on with?",
        "100.0 % of 1 calls priced",
        "decide by 2026-11-30, in 10 days",
        "1 share an id with a call",
        "by chance alone",
    ):
        assert said in page, said
    call = next(part.split('"')[0] for part in page.split('href="')[1:] if part.startswith("/calls/"))
    assert "$4.000000000" in web.get(call).text
    change = next(step for step in book.settings.audit() if (step.kind, step.name) == ("initiative", "leads"))
    assert f'<td class="n">{change.seq}</td>' in page
    assert web.get("/api/v1/initiatives/leads").json()["history"][0]["seq"] == change.seq
    dear = web.get("/initiatives/dear").text
    assert "writes &lt;b&gt;bold&lt;/b&gt;" in dear
    assert "<strong>unknown</strong> for 1 calls without a price" in dear
    assert "stop or change" in dear
    done = web.get("/initiatives/done").text
    assert "Decided: stop, by cfo. =nobody used it" in done
    assert "the configuration has no contract gone" in done


def test_older_calls_are_on_further_pages(book: Book, web: TestClient) -> None:
    book.settings.set_initiative(PILOT)
    ids = [book.call(NOON - 1_000 + number, 0.01, "r1") for number in range(60)]
    first = web.get("/initiatives/leads").text
    assert ids[-1] in first
    assert ids[0] not in first
    older = next(part.split("#")[0] for part in first.split('href="')[1:] if "before=" in part)
    second = web.get(older).text
    assert ids[0] in second
    assert ids[-1] not in second
    assert "before=" not in second
    assert web.get("/initiatives/leads?before=odd").status_code == 200


def test_what_is_not_there_is_told(book: Book, web: TestClient) -> None:
    assert "wellspent initiatives set NAME" in web.get("/initiatives").text
    for path in ("/initiatives/none", "/api/v1/initiatives/none"):
        answer = web.get(path)
        assert (answer.status_code, "there is no initiative" in answer.text) == (404, True)


def test_days_of_a_pilot_add_up_to_its_cost(book: Book) -> None:
    book.settings.set_initiative(PILOT)
    book.call(NOON - 5 * 86_400_000, 4, "r1")
    book.call(NOON - 1, 2, "r2")
    found = Initiatives(book.sources()).one("leads", NOON)
    days, chart = days_view(found, {"2026-11-15": 4 * USD, "2026-11-20": 2 * USD}, date(2026, 11, 20))
    assert (len(days), days[-1]) == (20, ("2026-11-20", 2 * USD, found.spending.nanousd))
    assert "30 Nov" not in chart  # a month is told by its days
    assert ">30<" in chart
    assert days_view(found, {}, date(2026, 10, 31)) == ([], "")


def test_a_pilot_to_come_has_no_chart(book: Book, web: TestClient) -> None:
    book.settings.set_initiative(Initiative("next", "zoe", "x", Scope("workflow", "next"), "leads", "2026-12-01", "2030-12-31"))
    page = web.get("/initiatives/next").text
    assert "it begins on 2026-12-01" in page
    assert "<svg" not in page
