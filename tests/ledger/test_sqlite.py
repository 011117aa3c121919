"""The SQLite journal when things go wrong: a full disk, a second process, a changed row."""

import asyncio
import sqlite3
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from wellspent import limits
from wellspent.budgets.budget import Budget
from wellspent.budgets.window import Calendar
from wellspent.facts.attribution import Attribution, Scope
from wellspent.facts.clock import ManualClock
from wellspent.facts.entry import Amounts, Released, Reserved, Settled
from wellspent.facts.errors import JournalCorrupt, JournalFull, JournalLocked, NotFound
from wellspent.facts.usage import Quality, Usage
from wellspent.ledger import ledger as ledger_module
from wellspent.ledger import sqlite
from wellspent.ledger.ledger import Ledger, Ticket
from wellspent.ledger.reader import JournalReader
from wellspent.ledger.sqlite import SqliteJournal
from wellspent.ledger.verify import verify

START_MS = 1_795_478_000_000
WHO = Attribution("acme", "core", person="p" * 500)


def opened(path: Path, **options: int) -> Ledger:
    return Ledger.open(SqliteJournal(path, **options), ManualClock(START_MS), Calendar())  # type: ignore[arg-type]


def call(ledger: Ledger, name: str, who: Attribution = WHO, nanousd: int = 10) -> Ticket:
    held = Reserved(name, START_MS, who, "w", "m", "m", Amounts(nanousd, 0, 1))
    ticket = ledger.reserve(held, ledger.standings(who, "m", START_MS))
    assert isinstance(ticket, Ticket)
    return ticket


def settle(ledger: Ledger, name: str, nanousd: int = 10) -> None:
    assert ledger.settle(Settled(name, START_MS, Amounts(nanousd, 0, 1), Quality.EXACT, Usage(), model="m"))


def filled(path: Path, calls: int = 20) -> None:
    """Two runs of a process, so at least two rows."""
    for run in range(2):
        ledger = opened(path)
        ledger.set_budgets([Budget("all", Scope("org", "acme"), 10**9)])
        for number in range(calls // 2):
            call(ledger, f"c{run}.{number}")
            settle(ledger, f"c{run}.{number}")
        ledger.close()


def test_a_full_disk_stops_admission_and_loses_nothing(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"

    async def story() -> int:
        ledger = opened(path, max_pages=40)
        number = 0

        async def until_full() -> None:
            nonlocal number
            while True:
                ticket = call(ledger, f"c{number}")
                number += 1
                future = ledger.durable(ticket.seq)
                if future is not None:
                    await asyncio.wait_for(future, 10)

        with pytest.raises(JournalFull, match="free space on its disk"):
            await until_full()
        assert not ledger.admit_ok
        with sqlite3.connect(path, isolation_level=None) as other:
            other.execute("pragma max_page_count=100000")
        ledger._store._db.execute("pragma max_page_count=100000")  # type: ignore[attr-defined]  # somebody frees space
        for _ in range(500):
            if ledger.admit_ok:
                break
            await asyncio.sleep(0.01)
        assert ledger.admit_ok
        for done in range(number):
            settle(ledger, f"c{done}")
        ledger.close()
        return number

    number = asyncio.run(story())
    found = verify(path)
    assert (found.calls, found.open_holds, found.settled_nanousd) == (number, 0, 10 * number)


def filled_up(path: Path) -> tuple[Ledger, int]:
    """A ledger whose disk is full, and how many entries were appended."""

    async def story() -> tuple[Ledger, int]:
        ledger, number = opened(path, max_pages=40), 0
        while ledger.admit_ok:
            ticket = call(ledger, f"c{number}")
            number += 1
            future = ledger.durable(ticket.seq)
            if future is not None:
                await asyncio.wait([future], timeout=10)
                future.exception()
        return ledger, number

    return asyncio.run(story())


def test_closing_on_a_full_disk_ends_and_says_what_is_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sqlite, "RETRY_S", 0.05)
    monkeypatch.setattr(limits, "JOURNAL_CLOSE_S_MAX", 0.3)
    path = tmp_path / "journal.db"
    ledger, number = filled_up(path)
    for done in range(3):
        settle(ledger, f"c{done}")
    with pytest.raises(JournalFull, match=r"could not be written to the journal within 0\.3 s") as error:
        ledger.close()
    lost = int(str(error.value).split()[0])
    assert verify(path).entries == number + 3 - lost < number + 3
    assert "the journal cannot be written" in capfd.readouterr().err
    opened(path).close()  # and its lock is free


def test_closing_writes_all_where_space_comes_in_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite, "RETRY_S", 0.05)
    path = tmp_path / "journal.db"
    ledger, number = filled_up(path)
    db = ledger._store._db  # type: ignore[attr-defined]
    threading.Timer(0.3, lambda: db.execute("pragma max_page_count=100000")).start()
    ledger.close()
    assert verify(path).entries == number


def test_closing_does_not_wait_for_what_can_be_derived_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "journal.db"
    ledger = opened(path)

    def full() -> None:
        raise sqlite3.OperationalError("database or disk is full")

    monkeypatch.setattr(ledger._store._projector, "project", full)  # type: ignore[attr-defined]
    call(ledger, "c1")
    settle(ledger, "c1")
    ledger.close()
    opened(path).close()
    assert verify(path).calls == 1


def test_closing_after_the_writer_failed_says_what_is_lost(tmp_path: Path) -> None:
    ledger = opened(tmp_path / "journal.db")
    ledger._store.append(Released("ws_1", 2**70, "a time that no journal can hold"))
    with pytest.raises(JournalFull, match="1 entry could not be written"):
        ledger.close()


def test_a_second_process_is_kept_out(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    first = opened(path)
    with pytest.raises(JournalLocked, match="is serving from"):
        SqliteJournal(path)
    first.close()
    opened(path).close()


def test_something_else_is_not_a_journal(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    path.write_bytes(b"these are my notes " * 1000)
    with pytest.raises(JournalCorrupt, match="is not a journal"):
        SqliteJournal(path)


def test_no_journal(tmp_path: Path) -> None:
    for question in (verify, JournalReader):
        with pytest.raises(NotFound):
            question(tmp_path / "journal.db")


def flip(db: sqlite3.Connection) -> None:
    body = bytearray(db.execute("select body from batch where seq = 1").fetchone()[0])
    body[len(body) // 2] ^= 1
    db.execute("update batch set body = ? where seq = 1", (bytes(body),))


TAMPERED: dict[str, tuple[Callable[[sqlite3.Connection], object], str]] = {
    "changed": (flip, "row 1 of the journal was changed"),
    "removed": (lambda db: db.execute("delete from batch where seq = 1"), "row 1 of the journal is missing"),
    "emptied": (lambda db: db.execute("delete from batch"), "the journal ends at row 0, but had"),
    "count": (lambda db: db.execute("update batch set entries = entries + 1 where seq = 1"), "row 1 says"),
    "balance": (lambda db: db.execute("update balance set nanousd = nanousd - 1"), "the balance of all@"),
}


@pytest.mark.parametrize("how", TAMPERED)
def test_what_was_tampered_with_is_found(tmp_path: Path, how: str) -> None:
    path = tmp_path / "journal.db"
    filled(path)
    tamper, message = TAMPERED[how]
    with sqlite3.connect(path, isolation_level=None) as db:
        tamper(db)
    with pytest.raises(JournalCorrupt, match=message):
        verify(path)


def test_projections_can_be_derived_again(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    filled(path, 3000)
    before = (JournalReader(path).balances(), JournalReader(path).spend(0, 2**52, ("team", "model")))
    with sqlite3.connect(path, isolation_level=None) as db:
        for table in ("call_row", "open_hold", "balance", "spend"):
            db.execute(f"delete from {table}")
        db.execute("update mark set projected = 0")
    opened(path).close()
    assert (JournalReader(path).balances(), JournalReader(path).spend(0, 2**52, ("team", "model"))) == before
    verify(path)


def test_idle_windows_leave_memory_and_come_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ledger_module, "CELLS_MAX", 10)
    clock = ManualClock(START_MS)
    ledger = Ledger.open(SqliteJournal(tmp_path / "journal.db"), clock, Calendar())
    ledger.set_budgets([Budget("runs", Scope("run", "*"), 100, period="total")])
    for number in range(40):
        clock.advance_ms(10_000)
        who = Attribution("acme", run=f"r{number}")
        held = Reserved(f"c{number}", clock.now_ms(), who, "w", "m", "m", Amounts(60, 0, 1))
        assert isinstance(ledger.reserve(held, ledger.standings(who, "m", clock.now_ms())), Ticket)
        settle(ledger, f"c{number}", 60)
        ledger._store._sync()  # type: ignore[attr-defined]  # stands for the minute that passes before a window is let go
    assert len(ledger._cells) < 20
    for number in range(40):
        (cell,) = ledger.standings(Attribution("acme", run=f"r{number}"), "m", clock.now_ms())
        assert (cell.spent, cell.left) == (60, 40)
    ledger.close()


def test_a_writer_that_fails_stops_admission_aloud(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    store = SqliteJournal(tmp_path / "journal.db")
    failed = threading.Event()
    store.start(lambda seq: None, lambda error: failed.set() if isinstance(error, JournalFull) else None)
    store.append(Released("ws_1", 2**70, "a time that no journal can hold"))
    assert failed.wait(10)
    store.close()
    assert "OverflowError" in capfd.readouterr().err


def test_projections_of_another_version_are_derived_again(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    asyncio.run(spend_a_little(path))
    before = JournalReader(path).spend(0, 2**50, ("team",))
    with closing(sqlite3.connect(path)) as db:
        db.execute("drop table spend")
        db.execute("create table spend (hour integer, team text, something_else integer)")
        db.execute("delete from balance")
        db.execute("pragma user_version = 0")
        db.commit()
    opened(path).close()
    assert JournalReader(path).spend(0, 2**50, ("team",)) == before != []
    assert verify(path).calls == 1


async def spend_a_little(path: Path) -> None:
    ledger = opened(path)
    ledger.set_budgets([Budget("b", Scope("team", "core"), 10**9)])
    standings = ledger.standings(WHO, "m", START_MS)
    ledger.reserve(Reserved("ws_1", START_MS, WHO, "openai-chat", "m", "m", Amounts(100, 10, 1)), standings)
    ledger.settle(Settled("ws_1", START_MS, Amounts(70, 7, 1), Quality.EXACT, Usage(input_tokens=7), upstream="u", model="m"))
    ledger.close()


def test_a_window_that_was_just_settled_is_not_forgotten(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ledger_module, "STANDINGS_CACHED_MAX", 1)
    ledger = opened(tmp_path / "journal.db")
    ledger.set_budgets([Budget("b", Scope("team", "core"), 100)])
    later = START_MS + 61_000
    standings = ledger.standings(WHO, "m", START_MS)
    ledger.reserve(Reserved("ws_1", START_MS, WHO, "openai-chat", "m", "m", Amounts(90, 10, 1)), standings)
    ledger.settle(Settled("ws_1", later, Amounts(90, 7, 1), Quality.EXACT, Usage(input_tokens=7), upstream="u", model="m"))
    for number in range(4):
        ledger.standings(Attribution("acme"), f"made-up-{number}", later)
    assert ledger.standings(WHO, "m", later)[0].spent == 90
    ledger.close()
    assert [each.spent.nanousd for each in JournalReader(tmp_path / "journal.db").balances()] == [90]
