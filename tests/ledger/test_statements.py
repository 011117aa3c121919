"""Statements are kept as issued: a chain that shows whatever was changed, left out or put in."""

import fcntl
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import msgspec
import pytest

from wellspent import limits
from wellspent.budgets.window import Calendar
from wellspent.facts.attribution import Attribution
from wellspent.facts.clock import ManualClock
from wellspent.facts.entry import Amounts, Released, Reserved
from wellspent.facts.errors import ConfigError, InvalidInput, JournalCorrupt, JournalLocked, NotFound
from wellspent.facts.outcome import OutcomeEvent
from wellspent.ledger import statements
from wellspent.ledger.ledger import Ledger
from wellspent.ledger.outcomes import OutcomeLog
from wellspent.ledger.reader import JournalReader
from wellspent.ledger.sqlite import SqliteJournal

EMPTY = {"journal_row": 0, "journal_hash": "0" * 64, "outcome_event": 0, "outcome_hash": "0" * 64}


def body(text: str = "", **facts: Any) -> bytes:
    return msgspec.json.encode({"facts": {**EMPTY, **facts}, "text": text})


def other(_: msgspec.Raw) -> bool:
    """No issued statement says the same."""
    return False


def issue(folder: Path, period: str, statement: bytes, at_ms: int, by: str) -> statements.Kept:
    done = statements.issue(folder, period, statement, ManualClock(at_ms), by, other)
    assert done.new
    return done.kept


def three(folder: Path) -> list[statements.Kept]:
    return [issue(folder, period, body(period), 1000 + number, "ada") for number, period in enumerate(("2026-09", "2026-10", "2026-09"))]


def test_each_names_the_one_before_and_what_it_supersedes(tmp_path: Path) -> None:
    kept = three(tmp_path)
    assert [(each.number, each.version, each.supersedes, each.file) for each in kept] == [
        (1, 1, 0, "0001-2026-09-v1.json"),
        (2, 1, 0, "0002-2026-10-v1.json"),
        (3, 2, 1, "0003-2026-09-v2.json"),
    ]
    assert [each.previous for each in kept] == [statements.FIRST_HASH, kept[0].digest, kept[1].digest]
    assert statements.verify(tmp_path) == kept
    assert [each.number for each in statements.newest(kept)] == [2, 3]
    assert statements.numbered(tmp_path, 2) == kept[1]
    assert bytes(statements.numbered(tmp_path, 1).statement) == body("2026-09")


def test_issuing_changes_nothing_that_is_there(tmp_path: Path) -> None:
    three(tmp_path)
    before = {path.name: path.read_bytes() for path in tmp_path.glob("*.json")}
    issue(tmp_path, "2026-10", body("again"), 5, "bob")
    assert {name: (tmp_path / name).read_bytes() for name in before} == before
    assert all(path.stat().st_mode & 0o222 == 0 for path in tmp_path.glob("*.json"))


def test_what_says_the_same_is_not_kept_again(tmp_path: Path) -> None:
    """The newest of the period decides; one of another period, or an older version, is no reason to keep nothing."""
    asked: list[bytes] = []

    def same(kept: msgspec.Raw) -> bool:
        asked.append(bytes(kept))
        return bytes(kept) == body("2026-09")

    kept = three(tmp_path)
    done = statements.issue(tmp_path, "2026-09", body("2026-09"), ManualClock(9000), "bob", same)
    assert (done.kept, done.new, statements.verify(tmp_path)) == (kept[2], False, kept)
    assert statements.issue(tmp_path, "2026-11", body("2026-09"), ManualClock(9000), "bob", same).new
    assert asked == [body("2026-09")]


class Ticking(ManualClock):
    """A clock that moves on whenever somebody looks."""

    def now_ms(self) -> int:
        self.advance_ms(1)
        return super().now_ms()


def test_a_later_number_is_never_of_an_earlier_time(tmp_path: Path) -> None:
    """The time is taken when the number is: nobody can come between."""
    clock = Ticking(1000)
    refused = 0

    def issuing(number: int) -> None:
        nonlocal refused
        try:
            statements.issue(tmp_path, "2026-10", body(str(number)), clock, "ada", other)
        except JournalLocked:
            refused += 1

    threads = [threading.Thread(target=issuing, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    kept = statements.verify(tmp_path)
    assert len(kept) + refused == 8 and kept
    times = [each.issued_at_ms for each in kept]
    assert times == sorted(set(times))


def test_a_crash_while_writing_leaves_no_statement(tmp_path: Path) -> None:
    three(tmp_path)
    (tmp_path / ".pending").write_bytes(b"half a stat")
    assert len(statements.verify(tmp_path)) == 3
    assert issue(tmp_path, "2026-11", body(), 5, "ada").number == 4


def changed(path: Path, old: bytes, new: bytes) -> None:
    path.chmod(0o600)
    content = path.read_bytes()
    assert old in content
    path.write_bytes(content.replace(old, new))


TAMPERED: list[tuple[Callable[[Path], object], str]] = [
    (lambda folder: changed(folder / "0003-2026-09-v2.json", b'"text":"2026-09"', b'"text":"2026-0X"'), "statement 3 .* was changed"),
    (lambda folder: changed(folder / "0001-2026-09-v1.json", b'"issued_by":"ada"', b'"issued_by":"bob"'), "statement 1 .* was changed"),
    (lambda folder: changed(folder / "0002-2026-10-v1.json", b"}\n", b"} \n"), "statement 2 .* was changed"),
    (lambda folder: changed(folder / "0002-2026-10-v1.json", b'{"number"', b'{number"'), "cannot be read"),
    (lambda folder: (folder / "0002-2026-10-v1.json").unlink(), "statement 2 is missing"),
    (lambda folder: (folder / "0002-2026-10-v1.json").rename(folder / "0002-2026-08-v1.json"), "statement 2 is missing"),
]


@pytest.mark.parametrize(("tamper", "told"), TAMPERED)
def test_whatever_is_changed_is_found(tmp_path: Path, tamper: Callable[[Path], object], told: str) -> None:
    three(tmp_path)
    tamper(tmp_path)
    with pytest.raises(JournalCorrupt, match=told) as error:
        statements.verify(tmp_path)
    assert "restore the folder statements" in error.value.fix
    with pytest.raises(JournalCorrupt):
        issue(tmp_path, "2026-11", body(), 5, "ada")


def test_one_that_was_written_anew_with_a_digest_of_its_own_breaks_the_next(tmp_path: Path) -> None:
    first, *_ = three(tmp_path)
    forged = msgspec.structs.replace(first, statement=msgspec.Raw(body("forged")), digest="")
    forged = msgspec.structs.replace(forged, digest=statements._digest(forged))
    path = tmp_path / first.file
    path.chmod(0o600)
    path.write_bytes(statements._bytes(forged))
    with pytest.raises(JournalCorrupt, match=r"statement 2 .* was changed"):
        statements.verify(tmp_path)


def test_what_cannot_be_kept_says_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(NotFound, match="there is no statement 1"):
        statements.numbered(tmp_path, 1)
    monkeypatch.setattr(limits, "STATEMENT_BYTES_MAX", 10)
    with pytest.raises(InvalidInput, match="at most 10 are kept"):
        issue(tmp_path, "2026-10", body(), 5, "ada")
    monkeypatch.undo()
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigError, match="cannot be written"):
        issue(tmp_path / "file", "2026-10", body(), 5, "ada")
    with (tmp_path / ".lock").open("wb") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        with pytest.raises(JournalLocked, match="another process is issuing"):
            issue(tmp_path, "2026-10", body(), 5, "ada")


def test_facts_have_to_be_those_of_the_journal_and_of_the_log(tmp_path: Path) -> None:
    journal, folder, clock = tmp_path / "journal.db", tmp_path / statements.FOLDER, ManualClock(1000)
    ledger = Ledger.open(SqliteJournal(journal), clock, Calendar())
    ledger.reserve(Reserved("ws_1", 1000, Attribution(), "openai-chat", "m", "m", Amounts(1, 1, 1)), ledger.standings(Attribution(), "m", 1000))
    ledger.release(Released("ws_1", 1000, "the provider could not be reached"))
    ledger.close()
    with closing(OutcomeLog(tmp_path / "outcomes.db", clock)) as log:
        log.add([OutcomeEvent("desk", "T1", "solved", "settled", 1)])
        row, digest = JournalReader(journal).head()
        event, hashed = log.chain_head()
    assert (row > 0, event) == (True, 1)
    facts: dict[str, Any] = {"journal_row": row, "journal_hash": digest, "outcome_event": event, "outcome_hash": hashed}
    issue(folder, "2026-09", body(), 5, "ada")
    issue(folder, "2026-10", body(**facts), 5, "ada")
    assert len(statements.check(folder, journal)) == 2
    issue(folder, "2026-11", body(**{**facts, "outcome_event": 2}), 5, "ada")
    with pytest.raises(JournalCorrupt, match="statement 3 was made from other outcomes"):
        statements.check(folder, journal)
    (folder / "0003-2026-11-v1.json").unlink()
    issue(folder, "2026-11", body(**{**facts, "journal_row": row + 1}), 5, "ada")
    with pytest.raises(JournalCorrupt, match="statement 3 was made from another journal"):
        statements.check(folder, journal)
