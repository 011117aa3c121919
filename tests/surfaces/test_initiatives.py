"""Where initiatives stand for every surface: figures of the ledger, what the engine says they bought, and effects where they are known."""

import json
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec
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
from wellspent.surfaces.asking.answering import answered
from wellspent.surfaces.asking.asked import Answered, Asked, Setup, Told
from wellspent.surfaces.asking.asking import Unanswered
from wellspent.surfaces.initiatives import Initiatives, Sources, row_of, target_words

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

    def ask(self, asked: Asked, wait_s: float | None = None, zone: str = "UTC") -> Answered:
        return answered(Setup(str(self.folder), (CONTRACT,), zone), asked, NOON)

    def sources(self, zone: str = "UTC") -> Sources:
        return Sources(self.settings, JournalReader(self.folder / "journal.db"), (CONTRACT,), ZoneInfo(zone), partial(self.ask, zone=zone))


@pytest.fixture
def book(tmp_path: Path) -> Iterator[Book]:
    made = Book(tmp_path)
    with closing(made.ledger), closing(made.settings), closing(made.log):
        yield made


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


def test_experiments_are_asked_once_and_only_where_one_is_named(book: Book) -> None:
    heard: list[Asked] = []

    def ask(asked: Asked, wait_s: float | None = None) -> Answered:
        heard.append(asked)
        return Answered(NOON, effects=(Told(planned_units=100),))

    sources = Sources(book.settings, None, (), ZoneInfo("UTC"), ask)
    book.settings.set_initiative(PILOT)
    for name in ("b", "c"):
        book.settings.set_initiative(Initiative(name, "zoe", "x", PILOT.scope, "leads", "2026-11-01", "2026-11-02", experiment="models"))
    found = Initiatives(sources).all(NOON)
    assert heard == [Asked(effects=("models",))]  # and what pilots of unknown contracts bought is not asked at all
    assert [each.bought for each in found] == [None, None, None]
    assert row_of(found[0])["settled"] is None


@pytest.mark.parametrize(("retry_s", "said"), [(3, "it is still being reckoned"), (0, "it could not be reckoned; see why with: wellspent effect m")])
def test_an_effect_without_an_answer_keeps_nothing_else_back(book: Book, retry_s: int, said: str) -> None:
    def ask(asked: Asked, wait_s: float | None = None) -> Answered:
        if asked.effects:
            assert wait_s is not None
            raise Unanswered("no answer", retry_s=retry_s)
        return book.ask(asked)

    book.call(NOON - 5, 2, "r1")
    book.log.add([OutcomeEvent("crm", "r1", "lead", "settled", NOON - 3, links=(("run", "r1"),))])
    pilot = msgspec.structs.replace(PILOT, experiment="m", target=Target(effect=0.1, unit="share"))
    book.settings.set_initiative(pilot)
    sources = msgspec.structs.replace(book.sources(), ask=ask)
    found = Initiatives(sources).one("leads", NOON)
    assert found.bought is not None
    assert (found.bought.linked, found.spending.nanousd) == (1, 2 * USD)
    assert found.suggestion.text.startswith(f"no evidence yet: {said}")
    assert said in found.evidence[-1].says


def test_words_of_a_target() -> None:
    assert target_words(None) == ""
    assert target_words(Target(cost_nanousd=40 * USD)) == "at most $40.00 each"
    assert target_words(Target(effect=0.05, unit="share")) == "at least +0.05 share"
    assert target_words(Target(effect=-0.1, unit="USD per run")) == "at most -0.1 USD per run"
