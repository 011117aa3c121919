"""What an experiment found is the same at once and in the answering process; what takes long or cannot be known says so."""

import sys
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec
import pytest
from tests.surfaces.asking.test_asking import held_up
from tests.surfaces.cli.seeded import Folder
from tests.surfaces.cli.test_effect import BEGAN, TEAMS, folder

from wellspent import limits
from wellspent.analytics.effect import Grade
from wellspent.config import Config, load_config
from wellspent.facts.attribution import Scope
from wellspent.facts.clock import ManualClock
from wellspent.facts.initiative import Initiative, Target
from wellspent.ledger.reader import JournalReader
from wellspent.surfaces.asking.answering import answered
from wellspent.surfaces.asking.asked import Asked, Setup, Told, ValueOf
from wellspent.surfaces.asking.asking import Asking, Unanswered
from wellspent.surfaces.effects import tell
from wellspent.surfaces.initiatives import Initiatives, Sources

__all__ = ["folder"]  # the fixture
WHOLE = Asked(values=(ValueOf("2026-01-01", "2027-01-01", "whole"),))
NOW_MS = int(datetime.now(UTC).timestamp() * 1000)


def config_of(where: Folder) -> Config:
    return load_config(where.path / "wellspent.toml", {"HOME": str(where.path), "WELLSPENT_DATA_DIR": str(where.path)})


@pytest.fixture
def setup(folder: Folder) -> Setup:
    return Setup.of(config_of(folder))


@pytest.fixture
def asking(setup: Setup) -> Iterator[Asking]:
    with closing(Asking(setup, ManualClock(NOW_MS))) as made:
        yield made


@pytest.mark.parametrize("name", ["assistant", "tool"])
def test_the_answering_process_tells_what_is_told_at_once(setup: Setup, asking: Asking, name: str) -> None:
    at_once = tell(setup, name, NOW_MS)
    assert asking.ask(Asked(effects=(name,))).effects == (at_once,)
    assert at_once.problem == ""
    assert at_once.effects


def test_effects_are_kept_for_longer_than_figures(setup: Setup, asking: Asking, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "ASKING_KEPT_S", 0.0)
    effect = Asked(effects=("tool",))
    assert asking.ask(effect) is asking.ask(effect)
    assert asking.ask(WHOLE) is not asking.ask(WHOLE)
    monkeypatch.setattr(limits, "EFFECT_KEPT_S", 0.0)
    assert asking.ask(Asked(effects=("assistant",))) is not asking.ask(Asked(effects=("assistant",)))


def test_effects_need_neither_the_engine_nor_its_lock(setup: Setup) -> None:
    with held_up(setup):
        assert answered(setup, Asked(effects=("tool",)), NOW_MS).effects == (tell(setup, "tool", NOW_MS),)


def test_a_page_says_that_an_effect_takes_long_and_shows_it_later(
    folder: Folder, setup: Setup, asking: Asking, monkeypatch: pytest.MonkeyPatch
) -> None:
    with folder.settings() as settings:
        settings.set_initiative(Initiative("slow", "ada", "x", Scope("team", TEAMS[0]), "none", str(BEGAN), "2999-12-31", experiment="tool"))
        initiatives = Initiatives(Sources(settings, None, (), ZoneInfo("UTC"), asking.ask))
        monkeypatch.setattr(limits, "ASKING_S_MAX", 0.0)
        assert "still being reckoned" in initiatives.one("slow", NOW_MS).evidence[0].says
        monkeypatch.setattr(limits, "ASKING_S_MAX", 60.0)
        assert initiatives.one("slow", NOW_MS).evidence[0].rule.startswith("tool (6)")
        settings.remove_initiative("slow")


def test_a_process_that_fails_at_an_effect_is_told_and_not_tried_at_every_look(asking: Asking, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "ASKING_QUESTION_S_MAX", 0.05)
    with pytest.raises(Unanswered, match="signal 9") as first:
        asking.ask(Asked(effects=("tool",)))
    assert first.value.retry_s == 0
    monkeypatch.setattr(limits, "ASKING_QUESTION_S_MAX", 60.0)
    with pytest.raises(Unanswered) as second:
        asking.ask(Asked(effects=("tool",)))
    assert second.value is first.value
    assert asking.ask(WHOLE).values


def test_a_pilot_is_judged_by_its_comparison(folder: Folder, setup: Setup, asking: Asking) -> None:
    with folder.settings() as settings:
        target = Target(effect=5.0, unit="outcomes a week")
        pilot = Initiative(
            "care", "ada", "solves more", Scope("team", TEAMS[0]), "support", str(BEGAN), "2999-12-31", target=target, experiment="assistant"
        )
        settings.set_initiative(pilot)
        reader = JournalReader(folder.path / "journal.db")
        found = Initiatives(Sources(settings, reader, setup.contracts, ZoneInfo("UTC"), asking.ask)).one("care", NOW_MS)
    assert found.grade is Grade.B
    assert found.evidence[0].says.startswith("outcomes a week: treated is ")
    assert found.suggestion.choice == "scale"
    assert found.bought is not None
    assert found.bought.named == found.bought.settled > 0


def test_what_cannot_be_known_says_why(setup: Setup, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert tell(setup, "none", NOW_MS) == Told(problem="there is no experiment 'none' in the configuration")
    assert "there is no ledger" in tell(msgspec.structs.replace(setup, data_dir=str(tmp_path)), "tool", NOW_MS).problem
    monkeypatch.setitem(sys.modules, "scipy.stats", None)
    assert "pip install 'wellspent[analytics]'" in tell(setup, "tool", NOW_MS).problem


def test_what_is_asked_about_is_the_same_on_the_other_side_of_the_pipe(setup: Setup) -> None:
    assert setup.experiments and setup.comparisons
    assert msgspec.json.decode(msgspec.json.encode(setup), type=Setup) == setup
