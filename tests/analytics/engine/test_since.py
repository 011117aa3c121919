"""What was added since a moment: outcomes that have stood for long enough, and corrections, of sealed days and of others."""

from contextlib import closing
from pathlib import Path

from tests.analytics.engine.company import BEGIN_MS, DAY_MS, Company, event, who

from wellspent.analytics.contract import Contract
from wellspent.analytics.engine.since import corrections_since, stood_since
from wellspent.analytics.statement.since import Correction, Stood
from wellspent.budgets.window import Calendar
from wellspent.facts.entry import Adjusted, Amounts
from wellspent.ledger.ledger import Ledger
from wellspent.ledger.reader import JournalReader
from wellspent.ledger.sealed import FOLDER, manifests
from wellspent.ledger.sqlite import SqliteJournal


def test_outcomes_stand_for_long_enough(tmp_path: Path) -> None:
    company = Company(tmp_path, [Contract("support", "solved", settle_after="72h")])
    company.spend((0, 5, who("r1")))
    company.hear(event("early", after_ms=0), event("late", after_ms=DAY_MS, quantity=3), event("open", "pending"), event("gone", kind="other"))
    with company.engine() as engine:
        assert stood_since(engine, BEGIN_MS, BEGIN_MS + 3 * DAY_MS) == (Stood("support", "2026-10-01", 1),)
        assert stood_since(engine, BEGIN_MS + 3 * DAY_MS, BEGIN_MS + 9 * DAY_MS) == (Stood("support", "2026-10-02", 3),)
        assert stood_since(engine, BEGIN_MS + 9 * DAY_MS, BEGIN_MS + 10 * DAY_MS) == ()


def adjust(company: Company, call_id: str, nanousd: int, reason: str, for_day: str = "") -> None:
    with closing(Ledger.open(SqliteJournal(company.path / "journal.db"), company.clock, Calendar())) as ledger:
        ledger.adjust(Adjusted(call_id, company.clock.now_ms(), Amounts(nanousd), reason, for_day))


def test_corrections_are_those_of_later_rows_by_the_day_of_their_call(tmp_path: Path) -> None:
    company = Company(tmp_path, [Contract("support", "solved")])
    first, second = company.spend((0, 50, who("r1")), (DAY_MS, 70, who("r2")))
    adjust(company, first, -1, "before")
    row, _ = JournalReader(tmp_path / "journal.db").head()
    company.turn(3 * DAY_MS)
    adjust(company, first, -5, "an invoice")
    adjust(company, second, -7, "an invoice", "2026-10-02")
    company.turn(4 * DAY_MS + DAY_MS // 2)
    assert company.seal() > 0
    adjust(company, first, 2, "a client's log", "2026-10-01")
    sealed = [each.day for each in manifests(tmp_path / FOLDER) if each.last_row > row]
    with company.engine() as engine:
        assert corrections_since(engine, sealed, row) == (
            Correction("2026-10-01", "a client's log", 2, 1),
            Correction("2026-10-01", "an invoice", -5, 1),
            Correction("2026-10-02", "an invoice", -7, 1),
        )
        assert len(corrections_since(engine, [each.day for each in manifests(tmp_path / FOLDER)], 0)) == 4
