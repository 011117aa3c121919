"""Which ids a scope's calls name, followed as the journal grows, and one row for every surface."""

import json
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from wellspent.analytics.contract import Contract
from wellspent.budgets.window import Calendar
from wellspent.facts.attribution import Attribution, Scope
from wellspent.facts.clock import ManualClock
from wellspent.facts.entry import Amounts, Reserved, Settled
from wellspent.facts.errors import NotFound
from wellspent.facts.initiative import Initiative, Target
from wellspent.facts.outcome import OutcomeEvent
from wellspent.facts.usage import Quality, Usage
from wellspent.identity.settings import Settings
from wellspent.ledger.ledger import Ledger
from wellspent.ledger.outcomes import FILE, OutcomeLog
from wellspent.ledger.reader import JournalReader
from wellspent.ledger.sqlite import SqliteJournal
from wellspent.surfaces.effects import Told
from wellspent.surfaces.initiatives import Initiatives, LinkFollower, Sources, contract_named, row_of, target_words

USD = 10**9
DAY_MS = 86_400_000
NOON = int(datetime(2026, 11, 20, 12, tzinfo=UTC).timestamp() * 1000)
CONTRACT = Contract("leads", "lead")
PILOT = Initiative("leads", "zoe", "finds leads", Scope("workflow", "researcher"), "leads", "2026-11-01", "2026-11-30")


class Book:
    """A data folder that calls and outcomes are written to."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.clock, self.count = folder, ManualClock(NOON), 0
        self.settings = Settings.open(folder / "settings.db", clock=self.clock)
        self.ledger = Ledger.open(SqliteJournal(folder / "journal.db"), self.clock, Calendar())
        self.log = OutcomeLog(folder / FILE, self.clock)

    def call(self, at_ms: int, usd: float, run: str, workflow: str = "researcher", quality: Quality = Quality.EXACT) -> str:
        who = Attribution("acme", "growth", workflow=workflow, run=run, tags=(("pilot", "x"),))
        self.count += 1
        held = Reserved(f"ws_{self.count:026d}", at_ms, who, "openai-chat", "gpt-5", "gpt-5", Amounts(int(usd * USD), 10, 1))
        self.ledger.reserve(held, self.ledger.standings(who, "gpt-5", at_ms))
        charged = Amounts(0 if quality is Quality.UNPRICED else int(usd * USD), 10, 1)
        self.ledger.settle(Settled(held.call_id, at_ms, charged, quality, Usage(input_tokens=10), model="gpt-5"))
        self.ledger._store._sync()  # type: ignore[attr-defined]
        return held.call_id

    def sources(self, zone: str = "UTC") -> Sources:
        return Sources(self.settings, JournalReader(self.folder / "journal.db"), self.log, (CONTRACT,), ZoneInfo(zone))


@pytest.fixture
def book(tmp_path: Path) -> Iterator[Book]:
    made = Book(tmp_path)
    with closing(made.ledger), closing(made.settings), closing(made.log):
        yield made


def test_a_follower_knows_at_every_look_what_one_that_looks_anew_knows(book: Book) -> None:
    kept = LinkFollower(book.sources().reader)  # type: ignore[arg-type]
    wanted = [(Scope("workflow", "researcher"), NOON - 5 * DAY_MS), (Scope("tag", "pilot=x"), NOON), (Scope("team", "nobody"), 0)]
    for number in range(12):
        at_ms = NOON + (number - 8) * DAY_MS
        book.call(at_ms, 1, f"r{number}", "researcher" if number % 2 else "other")
        if number % 3 == 0:
            fresh = LinkFollower(book.sources().reader).of(wanted, at_ms + 1)  # type: ignore[arg-type]
            assert kept.of(wanted, at_ms + 1) == fresh
    found = kept.of(wanted, NOON + 9 * DAY_MS)
    assert found[wanted[0]] == {("run", f"r{number}") for number in (3, 5, 7, 9, 11)}
    assert found[wanted[1]] == {("run", f"r{number}") for number in (8, 9, 10, 11)}
    assert found[wanted[2]] == frozenset()
    assert kept.of(wanted[:1], NOON + 9 * DAY_MS) == {wanted[0]: found[wanted[0]]}


def test_figures_of_a_pilot_are_those_of_the_ledger_since_it_began(book: Book) -> None:
    book.settings.set_initiative(PILOT, limit_nanousd=10 * USD)
    begins_ms = PILOT.begins_ms("UTC")
    book.call(begins_ms - 1, 5, "before")
    book.call(begins_ms, 2, "r1")
    book.call(NOON - 5, 1, "r2", workflow="other")
    book.call(NOON - 4, 0.5, "r3", quality=Quality.UNPRICED)
    events = [OutcomeEvent("crm", run, "lead", "settled", NOON - 3, links=(("run", run),)) for run in ("before", "r1", "r2", "r3")]
    book.log.add(events)
    found = Initiatives(book.sources()).one("leads", NOON)
    assert (found.spending.nanousd, found.spending.calls, found.spending.unpriced_calls) == (2 * USD, 2, 1)
    assert found.bought is not None
    assert (found.bought.settled, found.bought.linked, found.limit_nanousd) == (2, 2, 10 * USD)
    row = json.loads(json.dumps(row_of(found)))
    assert (row["each_usd"], row["unpriced_calls"], row["decision"]) == ("1.000000000", 1, "")
    with pytest.raises(NotFound):
        Initiatives(book.sources()).one("none", NOON)


def test_days_begin_where_the_company_is(book: Book) -> None:
    book.settings.set_initiative(PILOT)
    book.call(PILOT.begins_ms("Europe/Zurich"), 2, "r1")
    assert Initiatives(book.sources("UTC")).one("leads", NOON).spending.calls == 0
    assert Initiatives(book.sources("Europe/Zurich")).one("leads", NOON).spending.calls == 1
    before = Initiatives(book.sources()).one("leads", PILOT.begins_ms("UTC") - DAY_MS)
    assert (before.spending.calls, before.suggestion.text) == (0, "it begins on 2026-11-01")


def test_what_is_due_first_comes_first_and_the_decided_come_last(book: Book) -> None:
    for name, decide_by in (("later", "2026-12-31"), ("soon", "2026-11-21"), ("late", "2026-11-02"), ("old", "2026-11-01"), ("new", "2026-11-01")):
        book.settings.set_initiative(Initiative(name, "zoe", "x", Scope("workflow", name), "leads", "2026-11-01", decide_by))
    for name in ("old", "new"):
        book.clock.advance_ms(1)
        book.settings.decide_initiative(name, "stop", by="ada", because="enough")
    assert [each.initiative.name for each in Initiatives(book.sources()).all(NOON)] == ["late", "soon", "later", "new", "old"]
    assert Initiatives(book.sources()).all(NOON)[0].overdue


def test_experiments_are_asked_only_where_one_is_named(book: Book) -> None:
    asked: list[str] = []

    def ask(name: str) -> Told:
        asked.append(name)
        return Told(planned_units=100)

    sources = Sources(book.settings, None, book.log, (), ZoneInfo("UTC"), ask)
    book.settings.set_initiative(PILOT)
    book.settings.set_initiative(Initiative("b", "zoe", "x", PILOT.scope, "leads", "2026-11-01", "2026-11-02", experiment="models"))
    found = Initiatives(sources).all(NOON)
    assert asked == ["models"]
    assert [each.bought for each in found] == [None, None]
    assert row_of(found[0])["settled"] is None


def test_words_of_a_target() -> None:
    assert target_words(None) == ""
    assert target_words(Target(cost_nanousd=40 * USD)) == "at most $40.00 each"
    assert target_words(Target(effect=0.05, unit="share")) == "at least +0.05 share"
    assert target_words(Target(effect=-0.1, unit="USD per run")) == "at most -0.1 USD per run"


def test_a_contract_that_is_not_there_names_those_that_are() -> None:
    assert contract_named((CONTRACT,), "leads") is CONTRACT
    with pytest.raises(NotFound, match="use one of leads"):
        contract_named((CONTRACT,), "sales")
    with pytest.raises(NotFound, match=r"wellspent\.toml"):
        contract_named((), "sales")
