"""Sealed days: what is in them is what is in the journal, whatever happened at midnight."""

from pathlib import Path

import pyarrow.parquet as pq
import pytest

from wellspent import limits
from wellspent.budgets.budget import Budget
from wellspent.budgets.window import Calendar
from wellspent.facts.attribution import Attribution, Scope
from wellspent.facts.clock import ManualClock
from wellspent.facts.entry import Adjusted, Amounts, ChargeLine, Released, Reserved, Settled
from wellspent.facts.errors import JournalCorrupt
from wellspent.facts.usage import Quality, Usage
from wellspent.ledger.close import DAY_MS, seal
from wellspent.ledger.ledger import Ledger, Ticket
from wellspent.ledger.sealed import manifests
from wellspent.ledger.sqlite import SqliteJournal
from wellspent.ledger.verify import verify

MIDNIGHT_MS = 1_795_478_400_000  # 2026-11-24 00:00 UTC
WHO = Attribution("acme", "core", "ann", tags=(("customer", "zoo"),))


def story(path: Path, first_nanousd: int = 100) -> None:
    """Three days: a call over midnight, a release, a correction the day after, a budget that is new in mid-month."""
    clock = ManualClock(MIDNIGHT_MS - 10_000)
    ledger = Ledger.open(SqliteJournal(path), clock, Calendar())

    def reserve(name: str) -> None:
        cells = ledger.standings(WHO, "m", clock.now_ms())
        held = Reserved(name, clock.now_ms(), WHO, "openai-chat", "m-asked", "m", Amounts(900, 90, 1), price_book="book-1")
        assert isinstance(ledger.reserve(held, cells), Ticket)

    def settle(name: str, nanousd: int) -> None:
        lines = (ChargeLine("input_tokens", 7, "3", 1_000_000, nanousd),)
        usage = Usage(input_tokens=7, service_tier="priority")
        ledger.settle(
            Settled(name, clock.now_ms(), Amounts(nanousd, 7, 1), Quality.EXACT, usage, lines, "book-1", upstream="openai", model="m-2026", ref="r")
        )

    reserve("a")
    reserve("b")
    settle("a", first_nanousd)
    clock.advance_ms(20_000)
    settle("b", 200)
    reserve("c")
    ledger.release(Released("c", clock.now_ms(), "never sent", 502, "openai"))
    ledger.set_budgets([Budget("all", Scope("org", "acme"), 10_000)])
    clock.advance_ms(DAY_MS)
    reserve("d")
    ledger.adjust(Adjusted("a", clock.now_ms(), Amounts(-30), "the invoice", "2026-11-23"))
    settle("d", 400)
    ledger.close()


def test_days_are_sealed_once_they_are_closed(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    story(path)
    assert [each.day for each in seal(path, MIDNIGHT_MS + limits.SEAL_AFTER_MS)] == ["2026-11-23"]
    assert seal(path, MIDNIGHT_MS + DAY_MS + limits.SEAL_AFTER_MS - 1) == []
    assert [each.day for each in seal(path, MIDNIGHT_MS + 3 * DAY_MS)] == ["2026-11-24", "2026-11-25"]
    sealed = manifests(tmp_path / "sealed")
    assert [(each.rows, each.nanousd) for each in sealed] == [(1, 100), (2, 200), (3, 370)]
    found = verify(path, sealed=True)
    assert (found.sealed_days, found.settled_nanousd) == (3, sum(each.nanousd for each in sealed))
    (first,) = pq.read_table(tmp_path / "sealed" / "2026-11-23.parquet").to_pylist()
    assert first["kind"] == "settled"
    assert (first["call_id"], first["team"], first["model_asked"], first["model"], first["held_nanousd"]) == ("a", "core", "m-asked", "m-2026", 900)
    assert first["tags"] == [("customer", "zoo")]
    assert (first["input_tokens"], first["service_tier"], first["lines"][0]["amount_nanousd"]) == (7, "priority", 100)
    released = pq.read_table(tmp_path / "sealed" / "2026-11-24.parquet").to_pylist()[1]
    assert (released["kind"], released["reason"], released["status"], released["amount_nanousd"]) == ("released", "never sent", 502, 0)
    kinds = [(each["kind"], each["for_day"], each["model"]) for each in pq.read_table(tmp_path / "sealed" / "2026-11-25.parquet").to_pylist()]
    assert kinds == [("opened", "", ""), ("adjusted", "2026-11-23", "m-2026"), ("settled", "", "m-2026")]


def test_nothing_to_seal(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    SqliteJournal(path)._db.close()
    assert seal(path, MIDNIGHT_MS) == []
    assert verify(path, sealed=True).sealed_days == 0


@pytest.mark.parametrize(
    ("name", "message"),
    [("2026-11-24.parquet", "2026-11-24 has a file that was changed"), ("2026-11-23.json", "2026-11-23 does not derive|2026-11-24 does not follow")],
)
def test_a_changed_file_is_found(tmp_path: Path, name: str, message: str) -> None:
    path = tmp_path / "journal.db"
    story(path)
    seal(path, MIDNIGHT_MS + 3 * DAY_MS)
    file = tmp_path / "sealed" / name
    file.write_bytes(file.read_bytes().replace(b"100", b"101") if name.endswith("json") else file.read_bytes() + b"!")
    with pytest.raises(JournalCorrupt, match=message):
        verify(path, sealed=True)


def test_a_missing_day_is_found(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    story(path)
    seal(path, MIDNIGHT_MS + 3 * DAY_MS)
    (tmp_path / "sealed" / "2026-11-24.parquet").unlink()
    with pytest.raises(JournalCorrupt, match="2026-11-24 has no file"):
        verify(path, sealed=True)
    (tmp_path / "sealed" / "2026-11-24.json").unlink()
    with pytest.raises(JournalCorrupt, match="2026-11-25 does not follow the day before it"):
        verify(path, sealed=True)


def test_a_day_cut_off_while_sealing_is_sealed_the_next_time(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    story(path)
    seal(path, MIDNIGHT_MS + 3 * DAY_MS)
    (tmp_path / "sealed" / "2026-11-25.json").unlink()
    assert [each.day for each in seal(path, MIDNIGHT_MS + 3 * DAY_MS)] == ["2026-11-25"]
    assert verify(path, sealed=True).sealed_days == len(manifests(tmp_path / "sealed")) == 3


def test_another_journal_is_noticed(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    story(path)
    seal(path, MIDNIGHT_MS + 3 * DAY_MS)
    path.unlink()
    (tmp_path / "journal.db-wal").unlink(missing_ok=True)
    story(path, 101)
    with pytest.raises(JournalCorrupt, match="2026-11-23"):
        verify(path, sealed=True)
