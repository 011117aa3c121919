"""The list of a scope's calls: the newest first, each once, whatever the pages, also those that are not projected yet."""

from contextlib import closing
from pathlib import Path

import pytest

from wellspent import limits
from wellspent.budgets.window import Calendar
from wellspent.facts.attribution import Attribution, Scope
from wellspent.facts.clock import ManualClock
from wellspent.facts.entry import Amounts, Released, Reserved, Settled
from wellspent.facts.usage import Quality, Usage
from wellspent.ledger.ledger import Ledger
from wellspent.ledger.reader import CallRow, JournalReader
from wellspent.ledger.sqlite import SqliteJournal

DAY_MS = 86_400_000
START_MS = 1_000 * DAY_MS


@pytest.fixture
def reader(tmp_path: Path) -> JournalReader:
    """Ten days of four calls: two of workflow a (one of them tagged), one of b, one of a that is released; the last is in flight."""
    clock = ManualClock(START_MS)
    with closing(Ledger.open(SqliteJournal(tmp_path / "journal.db"), clock, Calendar())) as ledger:
        for number in range(40):
            at_ms = START_MS + number * DAY_MS // 4
            clock.advance_ms(at_ms - clock.now_ms())
            tags = (("pilot", "x"),) if number % 4 == 1 else ()
            who = Attribution("acme", workflow="b" if number % 4 == 2 else "a", tags=tags)
            held = Reserved(f"ws_{number:02d}", at_ms, who, "openai-chat", "gpt-5", "gpt-5", Amounts(10, 1, 1))
            ledger.reserve(held, ledger.standings(who, "gpt-5", at_ms))
            if number % 4 == 3 and number < 39:
                ledger.release(Released(held.call_id, at_ms, "nothing came"))
            elif number < 39:
                ledger.settle(Settled(held.call_id, at_ms, Amounts(7, 1, 1), Quality.EXACT, Usage(input_tokens=1), model="gpt-5"))
            ledger._store._sync()  # type: ignore[attr-defined]
        ledger._store._sync()  # type: ignore[attr-defined]
        return JournalReader(tmp_path / "journal.db")


def paged(reader: JournalReader, scope: Scope, since_ms: int, count: int) -> list[CallRow]:
    found, more = reader.calls(scope, since_ms, count)
    while more is not None:
        older, more = reader.calls(scope, since_ms, count, more)
        found += older
    return found


@pytest.mark.parametrize("count", [1, 3, 7, 100])
def test_pages_hold_every_call_once_and_the_newest_first(reader: JournalReader, count: int) -> None:
    ids = [row.reserved.call_id for row in paged(reader, Scope("workflow", "a"), 0, count)]
    assert ids == [f"ws_{number:02d}" for number in reversed(range(40)) if number % 4 != 2]
    tagged = paged(reader, Scope("tag", "pilot=x"), 0, count)
    assert [int(row.reserved.call_id[3:]) % 4 for row in tagged] == [1] * 10


def test_each_call_says_how_it_ended(reader: JournalReader) -> None:
    (first, second), more = reader.calls(Scope("org", "acme"), 0, 2)
    assert more is not None
    assert first.ended is None
    assert isinstance(second.ended, Settled)
    (released,) = [row for row in paged(reader, Scope("org", "acme"), 0, 50) if row.reserved.call_id == "ws_35"]
    assert isinstance(released.ended, Released)


def test_only_since_a_moment(reader: JournalReader) -> None:
    found = paged(reader, Scope("workflow", "b"), START_MS + 5 * DAY_MS, 2)
    assert [row.reserved.call_id for row in found] == ["ws_38", "ws_34", "ws_30", "ws_26", "ws_22"]
    assert paged(reader, Scope("workflow", "nobody"), 0, 2) == []


def test_a_page_looks_through_a_bounded_number_of_rows(reader: JournalReader, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "CALL_LIST_ROWS_MAX", 2)
    found, more = reader.calls(Scope("workflow", "b"), 0, 5)
    assert len(found) < 5
    assert more is not None
    assert len(paged(reader, Scope("workflow", "b"), 0, 5)) == 10
