"""The log of outcomes: idempotent, chained, shared by processes, never changed."""

import sqlite3
import threading
from contextlib import closing
from pathlib import Path

import msgspec
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


def test_the_same_moment_told_otherwise_is_a_correction(log: OutcomeLog) -> None:
    """A file exported again with the link that was missing repairs it; told as before, under whatever name of the message, it is known."""
    first = event("L", message="m1")
    linked = msgspec.structs.replace(first, event="", links=(("run", "r1"),))
    dearer = msgspec.structs.replace(linked, event="m2", value_nanousd=1_300, attested="confirmed")
    assert log.add([first]) == Added(1, 0)
    assert log.add([linked, dearer]) == Added(2, 0)
    assert log.add([first, msgspec.structs.replace(first, event="m3"), linked, msgspec.structs.replace(dearer, event="")]) == Added(0, 4)
    assert log.add([msgspec.structs.replace(dearer, value_nanousd=1_400)]) == Added(0, 1)  # its message is known
    (found,) = log.outcomes()
    assert (found.last.links, found.last.value_nanousd, found.last.attested) == ((("run", "r1"),), 1_300, "confirmed")
    assert (found.settled_at_ms, found.reversals, log.verify()) == (5, 0, 3)


def test_a_file_of_before_takes_corrections_and_keeps_its_chain(tmp_path: Path) -> None:
    """Earlier versions took one event for each state and moment."""
    with closing(OutcomeLog(tmp_path / FILE, FixedClock())) as log:
        log.add([event("A"), event("B", message="m1"), event("A", "reversed", 9)])
        before, head = list(log.events()), log.chain_head()
    with closing(sqlite3.connect(tmp_path / FILE)) as db:
        db.execute("drop index same_words_once")
        db.execute("create unique index said_once on event (source, outcome, state, occurred_ms)")
    logs = [OutcomeLog(tmp_path / FILE, FixedClock()) for _ in range(2)]
    assert list(logs[0].events()) == before
    assert logs[0].chain_head() == head
    assert logs[0].add([event("A"), msgspec.structs.replace(event("A"), quantity=2)]) == Added(1, 1)
    assert logs[1].add([msgspec.structs.replace(event("A"), quantity=2), event("B", message="m1")]) == Added(0, 2)
    assert logs[1].verify() == 4
    for each in logs:
        each.close()


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


said = st.fixed_dictionaries(
    {},
    optional={
        "value_nanousd": st.integers(0, 2),
        "attested": st.sampled_from(["assumed", "confirmed"]),
        "team": st.sampled_from(["core", 'c"ore', "recorded_at_ms"]),
        "links": st.sampled_from([(("run", "r1"),), (("run", "r1"), ("session", "é"))]),
        "evidence": st.just((("event", "m1"),)),
    },
)
events = st.builds(
    lambda more, *names: msgspec.structs.replace(event(*names), **more),
    said,
    st.sampled_from("ABC"),
    st.sampled_from(STATES),
    st.integers(0, 4),
    st.sampled_from(["", "", "m1", "m2", "m3"]),
    st.sampled_from(["x", "y"]),
)


def words(said: OutcomeEvent) -> OutcomeEvent:
    return msgspec.structs.replace(said, event="", recorded_at_ms=0)


@settings(max_examples=60, deadline=None)
@given(st.lists(events, max_size=12))
def test_an_event_is_known_where_its_message_or_its_words_are(tmp_path_factory: pytest.TempPathFactory, batch: list[OutcomeEvent]) -> None:
    kept: list[OutcomeEvent] = []
    with closing(OutcomeLog(tmp_path_factory.mktemp("log") / FILE, FixedClock())) as log:
        for each in batch:
            known = any(words(each) == words(other) or (each.event and each.event == other.event and each.source == other.source) for other in kept)
            assert log.add([each]) == (Added(0, 1) if known else Added(1, 0))
            kept += [] if known else [each]
        assert [words(each) for each in log.events()] == [words(each) for each in kept]


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
