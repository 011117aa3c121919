import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wellspent.facts.clock import ManualClock
from wellspent.facts.errors import JournalCorrupt
from wellspent.identity.audit import FIRST_HASH, Change, hash_of, replay
from wellspent.identity.settings import Settings


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "settings.db"
    with closing(Settings.open(path, actor="cli:ada", clock=ManualClock(7))) as settings:
        settings.add_team("core", org="acme")
        settings.add_team("core", org="acme", contact="ada")
        settings.remove_team("core")
    return path


def test_every_change_says_who_when_what_before_and_after(path: Path) -> None:
    with closing(Settings.open(path)) as settings:
        changes = settings.audit()
        assert settings.verify() == len(changes)
    assert [(change.action, change.kind, change.name) for change in changes] == [
        ("add", "org", "acme"),
        ("add", "team", "core"),
        ("change", "team", "core"),
        ("remove", "team", "core"),
    ]
    assert {(change.actor, change.at_ms) for change in changes} == {("cli:ada", 7)}
    assert json.loads(changes[2].before or "") == {"name": "core", "org": "acme"}
    assert json.loads(changes[2].after or "") == {"name": "core", "org": "acme", "contact": "ada"}
    assert changes[3].after is None


@pytest.mark.parametrize("statement", ["DELETE FROM audit", "UPDATE audit SET actor = 'nobody'"])
def test_the_file_itself_refuses_to_change_the_log(path: Path, statement: str) -> None:
    with closing(sqlite3.connect(path)) as db, pytest.raises(sqlite3.IntegrityError):
        db.execute(statement)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit SET actor = 'nobody' WHERE seq = 2",
        "UPDATE audit SET after = '{}' WHERE seq = 4",
        "DELETE FROM audit WHERE seq = 4",
        "DELETE FROM audit WHERE seq = 1",
        "DELETE FROM settings",
        "INSERT INTO settings VALUES ('budget', 'mine', '{}')",
    ],
)
def test_tampering_is_found(path: Path, statement: str) -> None:
    with closing(sqlite3.connect(path)) as db:
        db.execute("DROP TRIGGER audit_is_never_changed")
        db.execute("DROP TRIGGER audit_is_never_cut")
        db.execute(statement)
        db.commit()
    with closing(Settings.open(path)) as settings, pytest.raises(JournalCorrupt):
        settings.verify()


STEPS = st.lists(st.tuples(st.sampled_from("abc"), st.none() | st.text(max_size=5)), max_size=20)


def chained(steps: list[tuple[str, str | None]]) -> list[Change]:
    changes: list[Change] = []
    state: dict[str, str] = {}
    previous = FIRST_HASH
    for seq, (name, after) in enumerate(steps, 1):
        change = Change(seq, seq, "x", "change", "team", name, state.get(name), after)
        previous = hash_of(change, previous)
        changes.append(Change(seq, seq, "x", "change", "team", name, state.pop(name, None), after, previous))
        if after is not None:
            state[name] = after
    return changes


@given(STEPS)
def test_the_settings_follow_from_the_log(steps: list[tuple[str, str | None]]) -> None:
    expected = {("team", name): after for name, after in dict(steps).items() if after is not None}
    assert replay(chained(steps)) == expected


@given(STEPS.filter(lambda steps: len(steps) > 1), st.data())
def test_no_change_can_be_left_out_but_the_newest(steps: list[tuple[str, str | None]], data: st.DataObject) -> None:
    changes = chained(steps)
    del changes[data.draw(st.integers(0, len(changes) - 2))]
    with pytest.raises(JournalCorrupt):
        replay(changes)
