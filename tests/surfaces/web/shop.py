"""A data folder whose spending and outcomes are known to the cent, and the pages over it."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from starlette.testclient import TestClient

from wellspent.analytics.contract import Baseline, Contract, Vendor
from wellspent.budgets.window import Calendar
from wellspent.facts.attribution import Attribution
from wellspent.facts.clock import ManualClock
from wellspent.facts.entry import Amounts, Reserved, Settled
from wellspent.facts.outcome import OutcomeEvent
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

USD = 10**9
NOON = int(datetime(2026, 11, 20, 12, tzinfo=UTC).timestamp() * 1000)
DAY_MS = 86_400_000
CALENDAR = Calendar("Europe/Zurich")
CONTRACTS = (
    Contract(
        "support",
        "conversation_solved",
        settle_after="24h",
        worth_usd="6.50",
        baseline=Baseline("time study", "8.20", 14, 900),
        vendor=Vendor("Fin", "0.99"),
        match={"workflow": "bot"},
        rework=("conversation_mended",),
    ),
    Contract("leads", "lead", split={"team": "growth"}),
    Contract("a/b deals", "deal", source="crm", where={"team": "growth"}, attested="confirmed", split={"team": "growth"}),
)


class Shop:
    """Facts are told here; ``calls`` counts them."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.clock, self.calls = folder, ManualClock(NOON), 0
        self.settings = Settings.open(folder / "settings.db")
        self.ledger = Ledger.open(SqliteJournal(folder / "journal.db"), self.clock, CALENDAR)
        self.log = OutcomeLog(folder / FILE, self.clock)

    def spend(self, days_ago: float, usd: float, quality: Quality = Quality.EXACT, **who: Any) -> str:
        self.calls += 1
        at_ms, call_id = NOON - int(days_ago * DAY_MS), f"ws_{self.calls:026d}"
        whom = Attribution("acme", **{"team": "core", **who})
        held = Reserved(call_id, at_ms, whom, "openai-chat", "gpt-5", "gpt-5", Amounts(round(usd * USD), 10, 1))
        assert isinstance(self.ledger.reserve(held, self.ledger.standings(whom, "gpt-5", at_ms)), Ticket)
        charged = Amounts(0 if quality is Quality.UNPRICED else round(usd * USD), 10, 1)
        self.ledger.settle(Settled(call_id, at_ms, charged, quality, Usage(input_tokens=10), model="gpt-5"))
        return call_id

    def say(self, outcome: str, kind: str, *states: str, days_ago: float = 3, source: str = "desk", **said: Any) -> None:
        for number, state in enumerate(states):
            at_ms = NOON - int(days_ago * DAY_MS) + number * 3_600_000
            self.log.add([OutcomeEvent(source, outcome, kind, state, at_ms, **said)])  # type: ignore[arg-type]

    def sync(self) -> None:
        self.ledger._store._sync()  # type: ignore[attr-defined]

    @contextmanager
    def client(self, contracts: tuple[Contract, ...] = CONTRACTS) -> Iterator[TestClient]:
        self.sync()
        with closing(Asking(Setup(str(self.folder), contracts, CALENDAR.timezone), self.clock)) as asking:
            reader = JournalReader(self.folder / "journal.db")
            data = WebData(reader, self.settings, CALENDAR, self.clock, "acme", False, self.log, asking, self.folder, False)
            yield TestClient(build_web(data, Intake(self.log, {}, self.clock, "")))


@contextmanager
def shop(folder: Path) -> Iterator[Shop]:
    """An empty one."""
    made = Shop(folder)
    with closing(made.ledger), closing(made.settings), closing(made.log):
        yield made


def month_of_trade(made: Shop) -> None:
    """Support linked, matched and undone; growth's money split over leads and deals in November, over nothing in September; two small teams."""
    for team, people in (("core", 6), ("growth", 5), ("pair", 2), ("trio", 3)):
        made.settings.add_team(team, org="acme")
        for number in range(people):
            made.settings.add_person(f"{team}-{number}", team=team)
    for day in range(2, 16):
        made.spend(day, 2, run=f"r{day}", workflow="bot", person="core-1")
        made.say(f"T-{day}", "conversation_solved", "settled", days_ago=day, links=(("run", f"r{day}"),))
        made.spend(day, 0.5, workflow="bot")
    made.spend(4, 3, run="undone", workflow="bot")
    made.say("T-undone", "conversation_solved", "settled", "reversed", days_ago=4, links=(("run", "undone"), ("customer", "zoe@example.com")))
    made.say("T-mend", "conversation_mended", "settled", days_ago=3, links=(("run", "undone"),))
    made.spend(0.1, 1, run="fresh", workflow="bot")
    made.say(
        "T-fresh",
        "conversation_solved",
        "settled",
        days_ago=0.2,
        links=(("run", "fresh"),),
        evidence=(("url", "https://desk.example/T-fresh"), ("by", "Zoe Zeller"), ("note", "open to solved")),
    )
    made.say("T-loose", "conversation_solved", "settled", days_ago=5)
    made.spend(6, 9, team="growth")
    made.say("L-1", "lead", "settled", days_ago=6)
    made.say("L/2", "lead", "settled", days_ago=6, quantity=1)
    made.say("D-1", "deal", "settled", days_ago=6, source="crm", team="growth", attested="confirmed", value_nanousd=1200 * USD)
    made.spend(60, 4, team="growth")
    made.spend(5, 0.25, team="pair", person="pair-0")
    made.spend(5, 0.5, team="trio", person="trio-0")
    made.spend(5, 7, client="=cmd()")
    made.spend(5, 1, quality=Quality.UNPRICED)
