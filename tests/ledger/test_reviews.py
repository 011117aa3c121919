"""The log of reviews: each thing is kept once, whoever tells it, and nothing is ever changed."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from wellspent.facts.clock import ManualClock
from wellspent.facts.errors import ConfigError, JournalCorrupt
from wellspent.facts.review import ReviewEvent
from wellspent.ledger.chain import Added
from wellspent.ledger.reviews import FILE, ReviewLog

OPENED = ReviewEvent("github", "acme/app#1", "opened", 5, "acme/app#1 opened", actor="aa", author=True)
COMMENT = ReviewEvent("github", "acme/app#1", "commented", 9, "acme/app#1 comment 7", actor="bb", labels=("bug",), added=3, deleted=0)


@pytest.fixture
def log(tmp_path: Path) -> Iterator[ReviewLog]:
    made = ReviewLog(tmp_path / FILE, ManualClock(1000))
    yield made
    made.close()


def test_each_thing_is_kept_once(log: ReviewLog) -> None:
    assert log.add([OPENED, COMMENT, OPENED]) == Added(2, 1)
    assert log.add([msgspec.structs.replace(COMMENT, at_ms=99)]) == Added(0, 1)
    elsewhere = msgspec.structs.replace(COMMENT, source="gitlab", change="acme/app!1")
    assert log.add([elsewhere]) == Added(1, 0)
    assert list(log.events()) == [msgspec.structs.replace(each, recorded_at_ms=1000) for each in (OPENED, COMMENT, elsewhere)]
    assert [event.what for event in log.events("acme/app#1")] == ["opened", "commented"]
    assert log.verify() == 3
    assert log.hash_at(3) == log.chain_head()[1]


def test_nothing_is_changed_and_a_change_is_found(log: ReviewLog, tmp_path: Path) -> None:
    log.add([OPENED, COMMENT])
    with sqlite3.connect(tmp_path / FILE) as db:
        for statement in ("update event set what = 'merged'", "delete from event"):
            with pytest.raises(sqlite3.IntegrityError, match="reviews are never"):
                db.execute(statement)
        db.execute("drop trigger events_are_never_changed")
        db.execute("update event set body = cast(replace(body, 'bb', 'cc') as blob) where seq = 2")
    db.close()
    with pytest.raises(JournalCorrupt, match="the log of reviews breaks at event 2") as found:
        log.verify()
    assert found.value.fix == "restore reviews.db from a copy"


def test_another_file_is_told(tmp_path: Path) -> None:
    (tmp_path / FILE).write_text("this is no database, and long enough to be looked at as one" * 20)
    with pytest.raises(ConfigError, match="no file of reviews"):
        ReviewLog(tmp_path / FILE, ManualClock(0))
