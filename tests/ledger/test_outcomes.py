"""The log of outcomes: idempotent, chained, shared by processes, never changed."""

import sqlite3
import threading
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wellspent.facts.clock import ManualClock
from wellspent.facts.errors import ConfigError, JournalCorrupt
from wellspent.facts.outcome import STATES, OutcomeEvent, outcome_of
from wellspent.ledger.outcomes import FILE, Added, OutcomeLog


class FixedClock:
    def __init__(self) -> None:
        self.ms = 1000

    def now_ms(self) -> int:
        return self.ms


def event(outcome: str = "T1", state: str = "settled", occurred: int = 5, message: str = "", source: str = "zendesk") -> OutcomeEvent:
    return OutcomeEvent(source, outcome, "conversation_solved", state, occurred, event=message)  # type: ignore[arg-type]


@pytest.fixture
def log(tmp_path: Path) -> OutcomeLog:
    return OutcomeLog(tmp_path / "data" / FILE, FixedClock())


def test_what_was_said_before_is_counted_and_ignored(log: OutcomeLog) -> None:
    assert log.add([event(message="m1"), event(message="m1"), event(), event(occurred=6), event(source="intercom", message="m1")]) == Added(3, 2)
    assert log.add([event(message="m1", occurred=99)]) == Added(0, 1)
    assert [each.occurred_at_ms for each in log.events()] == [5, 6, 5]
    assert [each.source for each in log.events(source="intercom")] == ["intercom"]
    assert len(list(log.events("zendesk", "T1"))) == 2
    assert log.verify() == 3


def test_the_time_of_recording_is_ours(log: OutcomeLog) -> None:
    log.add([event()])
    assert next(log.events()).recorded_at_ms == 1000


def test_an_import_that_breaks_leaves_nothing(log: OutcomeLog) -> None:
    def breaking() -> object:
        yield event("A")
        raise ValueError("row 2")

    with pytest.raises(ValueError, match="row 2"):
        log.add(breaking())  # type: ignore[arg-type]
    assert list(log.events()) == []
    assert log.add([event("A")]) == Added(1, 0)


def test_events_cannot_be_changed_and_a_change_is_found(log: OutcomeLog, tmp_path: Path) -> None:
    log.add([event("A"), event("B"), event("C")])
    with sqlite3.connect(tmp_path / "data" / FILE) as db:
        for statement in ("update event set state = 'reversed'", "delete from event"):
            with pytest.raises(sqlite3.IntegrityError, match="never"):
                db.execute(statement)
        db.execute("drop trigger events_are_never_changed")
        db.execute("update event set body = cast(replace(body, 'solved', 'closed') as blob) where seq = 2")
    db.close()
    with pytest.raises(JournalCorrupt, match="at event 2"):
        log.verify()


def test_a_file_that_is_none_is_told(tmp_path: Path) -> None:
    (tmp_path / FILE).write_text("this is no database, and long enough to be looked at as one" * 20)
    with pytest.raises(ConfigError, match="no file of outcomes"):
        OutcomeLog(tmp_path / FILE, FixedClock())


def test_two_writers_share_one_chain(tmp_path: Path) -> None:
    def write(name: str) -> None:
        log = OutcomeLog(tmp_path / FILE, FixedClock())
        for number in range(40):
            log.add([event(f"{name}{number}"), event(f"shared{number}")])
        log.close()

    writers = [threading.Thread(target=write, args=(name,)) for name in "ab"]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    log = OutcomeLog(tmp_path / FILE, FixedClock())
    assert log.verify() == 40 + 40 + 40
    assert sum(1 for _ in log.outcomes()) == 120
    log.close()


events = st.builds(
    event, st.sampled_from("ABC"), st.sampled_from(STATES), st.integers(0, 4), st.sampled_from(["", "", "m1", "m2"]), st.sampled_from(["x", "y"])
)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(events, max_size=6), max_size=4))
def test_importing_again_changes_nothing(tmp_path_factory: pytest.TempPathFactory, batches: list[list[OutcomeEvent]]) -> None:
    log = OutcomeLog(tmp_path_factory.mktemp("log") / FILE, FixedClock())
    added = [log.add(batch) for batch in batches]
    assert [each.new + each.duplicates for each in added] == [len(batch) for batch in batches]
    before = list(log.outcomes())
    assert all(log.add(batch).new == 0 for batch in batches)
    assert list(log.outcomes()) == before
    kept = list(log.events())
    assert sum(each.new for each in added) == len(kept) == log.verify()
    for found in before:
        assert found == outcome_of(log.events(found.last.source, found.last.outcome))
    log.close()


def test_what_was_said_since_is_told_as_it_was_and_as_it_is(tmp_path: Path) -> None:
    with closing(OutcomeLog(tmp_path / "outcomes.db", ManualClock(5))) as log:
        assert log.chain_head() == (0, "0" * 64)
        log.add([OutcomeEvent("desk", "T1", "solved", "settled", 1), OutcomeEvent("desk", "T2", "solved", "settled", 1)])
        then, digest = log.chain_head()
        assert log.hash_at(then) == digest != log.hash_at(0)
        assert log.hash_at(9) == ""
        log.add([OutcomeEvent("desk", "T1", "solved", "reversed", 2), OutcomeEvent("desk", "T3", "solved", "settled", 1)])
        found = {now.last.outcome: (was.state if was else None, now.state) for was, now in log.changes(then)}
        assert found == {"T1": ("settled", "reversed"), "T3": (None, "settled")}
        assert log.hash_at(then) == digest


def test_outcomes_of_a_kind(tmp_path: Path) -> None:
    with closing(OutcomeLog(tmp_path / "outcomes.db", ManualClock(5))) as log:
        log.add([OutcomeEvent("desk", "T1", "solved", "settled", 1), OutcomeEvent("desk", "T2", 'so"ld', "settled", 1)])
        assert [each.last.outcome for each in log.outcomes(kind="solved")] == ["T1"]
        assert [each.last.outcome for each in log.outcomes(kind='so"ld', after=1)] == ["T2"]
        assert list(log.outcomes(kind="sol")) == list(log.outcomes(kind="solved", after=1)) == []
