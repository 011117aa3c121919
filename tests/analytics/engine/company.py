"""A small company whose calls and outcomes a test writes by hand: a journal, a log of outcomes, sealed days."""

from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from wellspent.analytics.contract import Contract
from wellspent.analytics.engine.engine import Engine
from wellspent.budgets.window import Calendar
from wellspent.facts.attribution import Attribution
from wellspent.facts.clock import ManualClock
from wellspent.facts.entry import Adjusted, Amounts, ChargeLine, Released, Reserved, Settled
from wellspent.facts.outcome import OutcomeEvent
from wellspent.facts.usage import Quality, Usage
from wellspent.ledger.close import seal
from wellspent.ledger.ledger import Ledger
from wellspent.ledger.outcomes import FILE, OutcomeLog
from wellspent.ledger.sqlite import SqliteJournal

DAY_MS = 86_400_000
BEGIN_MS = 1_790_812_800_000  # 2026-10-01T00:00:00Z
UTC_ZONE = ZoneInfo("UTC")


class Company:
    """A data folder under test, with a clock that a test turns."""

    def __init__(self, path: Path, contracts: Sequence[Contract] = (), zone: ZoneInfo = UTC_ZONE) -> None:
        self.path, self.contracts, self.zone, self.clock = path, tuple(contracts), zone, ManualClock(BEGIN_MS)
        self.calls = 0

    def spend(self, *calls: tuple[int, int, Attribution], lines: tuple[ChargeLine, ...] = (), quality: Quality = Quality.EXACT) -> list[str]:
        """Calls in order of time, each in a row of its own; their ids."""
        ids = []
        for after_ms, nanousd, who in sorted(calls, key=lambda call: call[0]):
            ledger = Ledger.open(SqliteJournal(self.path / "journal.db"), self.clock, Calendar())
            at_ms = self.turn(after_ms)
            self.calls += 1
            call_id = f"ws_{self.calls:06}"
            standings = ledger.standings(who, "m", at_ms)
            ledger.reserve(Reserved(call_id, at_ms, who, "openai-chat", "m", "m", Amounts(abs(nanousd), 1, 1)), standings)
            ledger.settle(Settled(call_id, at_ms, Amounts(max(nanousd, 0), 1, 1), quality, Usage(), lines, upstream="openai", model="m"))
            if nanousd < 0:
                ledger.adjust(Adjusted(call_id, at_ms, Amounts(nanousd), "an invoice"))
            ledger.close()
            ids.append(call_id)
        return ids

    def correct(self, call_id: str, nanousd: int, for_day: str) -> None:
        """A later correction of a call, posted now."""
        ledger = Ledger.open(SqliteJournal(self.path / "journal.db"), self.clock, Calendar())
        ledger.adjust(Adjusted(call_id, self.clock.now_ms(), Amounts(nanousd), "a credit note", for_day))
        ledger.close()

    def release(self, after_ms: int) -> None:
        """A call that bought nothing."""
        ledger = Ledger.open(SqliteJournal(self.path / "journal.db"), self.clock, Calendar())
        at_ms = self.turn(after_ms)
        ledger.reserve(
            Reserved("ws_none", at_ms, Attribution(), "openai-chat", "m", "m", Amounts(5, 1, 1)), ledger.standings(Attribution(), "m", at_ms)
        )
        ledger.release(Released("ws_none", at_ms, "the provider could not be reached"))
        ledger.close()

    def turn(self, after_ms: int) -> int:
        """Turn the clock on to so long after the beginning, never back; what it shows."""
        self.clock.advance_ms(max(0, BEGIN_MS + after_ms - self.clock.now_ms()))
        return self.clock.now_ms()

    def hear(self, *events: OutcomeEvent) -> None:
        with closing(OutcomeLog(self.path / FILE, self.clock)) as log:
            log.add(events)

    def seal(self) -> int:
        return len(seal(self.path / "journal.db", self.clock.now_ms()))

    @contextmanager
    def engine(self) -> Iterator[Engine]:
        with Engine.open(self.path, self.contracts, self.zone, self.clock) as engine:
            yield engine


def who(run: str = "", session: str = "", **more: Any) -> Attribution:
    return Attribution(org="acme", run=run, session=session, **more)


def event(outcome: str, state: str = "settled", after_ms: int = 0, *links: tuple[str, str], **more: Any) -> OutcomeEvent:
    said = {"source": "desk", "kind": "solved", **more}
    return OutcomeEvent(outcome=outcome, state=state, occurred_at_ms=BEGIN_MS + after_ms, links=links, **said)  # type: ignore[arg-type]


def day(at_ms: int) -> str:
    return datetime.fromtimestamp(at_ms / 1000, UTC).date().isoformat()


def month(of_day: str) -> str:
    return of_day[:7]
