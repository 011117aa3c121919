"""The Overview's figures against a ledger whose sums are known, and the pages around them."""

import csv
import io
import json
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from wellspent.budgets.budget import Budget
from wellspent.budgets.window import Calendar
from wellspent.facts.attribution import Attribution, Scope
from wellspent.facts.clock import ManualClock
from wellspent.facts.entry import Amounts, Reserved, Settled
from wellspent.facts.usage import Quality, Usage
from wellspent.identity.settings import Settings
from wellspent.ledger.ledger import Ledger, Ticket
from wellspent.ledger.outcomes import FILE, OutcomeLog
from wellspent.ledger.reader import JournalReader
from wellspent.ledger.sqlite import SqliteJournal
from wellspent.surfaces.api.outcomes import Intake
from wellspent.surfaces.asking.asked import Setup
from wellspent.surfaces.asking.asking import Asking
from wellspent.surfaces.web.app import WebData, build_web
from wellspent.surfaces.web.overview import Question, View, overview

USD = 10**9
NOON = int(datetime(2026, 11, 20, 12, tzinfo=UTC).timestamp() * 1000)
DAY_MS = 86_400_000
CALENDAR = Calendar("Europe/Zurich")


class Book:
    """A data folder that calls are written to."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.clock, self.count = folder, ManualClock(NOON), 0
        self.settings = Settings.open(folder / "settings.db")
        self.ledger = Ledger.open(SqliteJournal(folder / "journal.db"), self.clock, CALENDAR)

    def spend(self, days_ago: float, usd: float, team: str = "core", model: str = "gpt-5", quality: Quality = Quality.EXACT) -> None:
        at_ms = NOON - int(days_ago * DAY_MS)
        who = Attribution("acme", team, project="shop")
        self.count += 1
        held = Reserved(f"ws_{self.count:026d}", at_ms, who, "openai-chat", model, model, Amounts(int(usd * USD), 10, 1))
        assert isinstance(self.ledger.reserve(held, self.ledger.standings(who, model, at_ms)), Ticket)
        charged = Amounts(0 if quality is Quality.UNPRICED else int(usd * USD), 10, 1)
        self.ledger.settle(Settled(held.call_id, at_ms, charged, quality, Usage(input_tokens=10), model=model))

    def view(self, **query: str) -> View:
        self.ledger._store._sync()  # type: ignore[attr-defined]
        return overview(JournalReader(self.folder / "journal.db"), self.settings, CALENDAR, NOON, Question.parse(query))

    def client(self) -> TestClient:
        outcomes = OutcomeLog(self.folder / FILE, self.clock)
        asking = Asking(Setup(str(self.folder), (), CALENDAR.timezone), self.clock)
        data = WebData(
            JournalReader(self.folder / "journal.db"), self.settings, CALENDAR, self.clock, "acme", False, outcomes, asking, self.folder, False
        )
        intake = Intake(outcomes, {}, self.clock, "")
        return TestClient(build_web(data, intake))


@pytest.fixture
def book(tmp_path: Path) -> Iterator[Book]:
    made = Book(tmp_path)
    with closing(made.ledger), closing(made.settings):
        yield made


def test_sums_of_the_month_by_day_team_and_model(book: Book) -> None:
    book.spend(25, 100)  # October
    book.spend(19.53, 1.5)  # 1 November 00:16 in Zurich, still October in UTC
    book.spend(2, 2, "blue", "claude-sonnet-5")
    book.spend(2, 3)
    book.spend(0, 0.25)
    view = book.view()
    assert (view.month, view.previous_month, view.next_month) == ("2026-11", "2026-10", "")
    assert (view.spent_nanousd, view.calls) == (int(6.75 * USD), 4)
    assert view.days[-1].cumulative_nanousd == view.spent_nanousd == sum(day.nanousd for day in view.days)
    assert [day.day for day in view.days] == [f"2026-11-{number:02d}" for number in range(1, 21)]
    assert view.days[17].nanousd == 5 * USD
    assert [(row.name, row.nanousd) for row in view.teams] == [("core", int(4.75 * USD)), ("blue", 2 * USD)]
    assert sum(row.share for row in view.models) == pytest.approx(1)
    october = book.view(month="2026-10")
    assert (october.spent_nanousd, october.next_month, len(october.days)) == (100 * USD, "2026-11", 31)
    assert october.month_end_low_nanousd == october.month_end_high_nanousd == 100 * USD
    assert book.view(team="blue").spent_nanousd == 2 * USD
    assert book.view(team="blue", model="gpt-5").calls == 0


def test_unknown_is_said_and_not_zero(book: Book) -> None:
    book.spend(1, 1)
    book.spend(1, 5, model="mystery", quality=Quality.UNPRICED)
    view = book.view()
    assert (view.spent_nanousd, view.unpriced_calls, view.priced_percent) == (USD, 1, 50.0)
    page = book.client().get("/").text
    assert "1 calls have no known price" in page
    assert "<strong>unknown</strong>" in page


def test_a_steady_month_ends_where_it_heads(book: Book) -> None:
    for days_ago in range(1, 29):
        book.spend(days_ago, 10)
    view = book.view()
    assert view.spent_nanousd == 190 * USD
    assert view.month_end_low_nanousd == view.month_end_nanousd == view.month_end_high_nanousd == 300 * USD
    book.spend(3, 200)
    wider = book.view()
    assert wider.month_end_low_nanousd < wider.month_end_nanousd < wider.month_end_high_nanousd
    assert wider.month_end_low_nanousd >= wider.spent_nanousd


@pytest.mark.parametrize(
    ("limit", "period", "name", "plan", "begins", "on_plan"),
    [
        (400, "month", "year", 400, "On plan", True),
        (250, "month", "year", 250, "Heading over plan", False),
        (100, "month", "year", 100, "Over plan", False),
        (4800, "year", "1/12 of year", 400, "On plan", True),
        (1200, "quarter", "1/3 of year", 400, "On plan", True),
        (3650, "fixed", "30/365 of year", 300, "On plan", True),
    ],
)
def test_the_plan_follows_from_the_organisations_budget(
    book: Book, limit: int, period: str, name: str, plan: int, begins: str, on_plan: bool
) -> None:
    for days_ago in range(1, 29):
        book.spend(days_ago, 10)
    fixed = {"starts_on": "2026-10-01", "length_days": 365} if period == "fixed" else {}
    book.settings.set_budget(Budget("year", Scope("org", "acme"), limit * USD, "usd", period, "alert", **fixed))  # type: ignore[arg-type]
    view = book.view()
    assert view.plan is not None
    assert (view.plan.name, view.plan.nanousd) == (name, plan * USD)
    assert view.answer.startswith(begins)
    assert view.on_plan is on_plan
    assert book.view(team="core").plan is None


def test_teams_too_small_to_be_shown_are_one_line(book: Book) -> None:
    for team, people in (("pair", 2), ("trio", 3), ("crowd", 6), ("machines", 0)):
        book.settings.add_team(team, org="acme")
        for number in range(people):
            book.settings.add_person(f"{team}{number}", team=team)
        book.spend(1, 1, team)
    rows = {row.name: row.nanousd for row in book.view().teams}
    assert rows == {"teams of fewer than 5": 2 * USD, "crowd": USD, "machines": USD}


def test_budgets_come_in_the_order_they_run_out(book: Book) -> None:
    for name, limit, measure in (("plenty", 10**6 * USD, "usd"), ("soon", 200 * USD, "usd"), ("gone", 3, "calls")):
        book.settings.set_budget(Budget(name, Scope("team", "core"), limit, measure))  # type: ignore[arg-type]
    book.ledger.set_budgets(book.settings.budgets())
    for days_ago in (3, 2, 1):
        book.spend(days_ago, 50)
    lines = book.view().budgets
    assert (lines[0].id, lines[0].runs_out) == ("gone", "now")
    assert [line.id for line in lines] == ["gone", "soon", "plenty"]
    assert "2026-11-2" in lines[1].runs_out
    assert lines[2].runs_out == ""


def test_the_pages(book: Book) -> None:
    book.spend(1, 1.5)
    client = book.client()
    for path in ("/", "/?month=2026-10", "/?team=core&model=gpt-5", "/?team=%22%3Cscript%3E"):
        answer = client.get(path)
        assert answer.status_code == 200
        assert "default-src 'none'" in answer.headers["content-security-policy"]
        assert "<script" not in answer.text
    rows = list(csv.DictReader(io.StringIO(client.get("/overview.csv?month=2026-11").text)))
    assert int(rows[-1]["cumulative_nanousd"]) == json.loads(client.get("/api/v1/overview").text)["spent_nanousd"] == int(1.5 * USD)
    for path in ("/?month=november", "/overview.csv?month=13", "/api/v1/overview?month=2026-13"):
        answer = client.get(path)
        assert answer.status_code == 400
        assert "is no month" in answer.text
    assert client.get("/nothing").status_code == 404
    assert client.get("/healthz").text == "ok"
    assert client.get("/static/wellspent.css").status_code == 200


def test_the_receipt_adds_up_and_says_where_it_is_chained_in(book: Book) -> None:
    book.spend(1, 1.5)
    book.ledger._store._sync()  # type: ignore[attr-defined]
    client = book.client()
    found = client.get("/calls/ws_00000000000000000000000001")
    assert found.status_code == 200
    view = client.get("/api/v1/calls/ws_00000000000000000000000001").json()
    assert (view["total_usd"], view["state"], view["quality"]) == ("1.500000000", "settled", "exact")
    assert view["row_hash"] in found.text
    assert client.get("/calls/ws_nobody").status_code == 404
    assert client.get("/api/v1/calls/ws_nobody").status_code == 404
