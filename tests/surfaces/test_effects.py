"""What an experiment found is the same at once and in a process of its own; what cannot be known says why."""

import sys
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from tests.surfaces.cli.seeded import Folder
from tests.surfaces.cli.test_effect import BEGAN, TEAMS, folder

from wellspent import limits
from wellspent.analytics.contract import contracts_of
from wellspent.analytics.effect import Grade
from wellspent.config import Config, load_config
from wellspent.facts.attribution import Scope
from wellspent.facts.clock import ManualClock, SystemClock
from wellspent.facts.initiative import Initiative, Target
from wellspent.ledger.outcomes import FILE, OutcomeLog
from wellspent.ledger.reader import JournalReader
from wellspent.surfaces.effects import Aside, Asked, Told, none_told, tell
from wellspent.surfaces.initiatives import Initiatives, Sources

__all__ = ["folder"]  # the fixture
NOW_MS = int(datetime.now(UTC).timestamp() * 1000)


def config_of(where: Folder) -> Config:
    return load_config(where.path / "wellspent.toml", {"HOME": str(where.path), "WELLSPENT_DATA_DIR": str(where.path)})


@pytest.mark.parametrize("name", ["assistant", "tool"])
def test_aside_tells_what_is_told_at_once(folder: Folder, name: str) -> None:
    config = config_of(folder)
    at_once = tell(Asked.of(config, name, NOW_MS))
    assert Aside(config, ManualClock(NOW_MS))(name) == at_once
    assert at_once.problem == ""
    assert at_once.effects


def test_the_answer_is_kept_for_a_while(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Asked] = []

    def ask(question: Asked) -> Told:
        asked.append(question)
        return Told(planned_units=len(asked))

    monkeypatch.setattr("wellspent.surfaces.effects._ask", ask)
    clock = ManualClock(NOW_MS)
    aside = Aside(config_of(folder), clock)
    assert [aside("tool").planned_units, aside("tool").planned_units, aside("assistant").planned_units] == [1, 1, 2]
    clock.advance_ms(int(limits.EFFECT_KEPT_S * 1000) - 1)
    assert aside("tool").planned_units == 1
    clock.advance_ms(1)
    assert aside("tool").planned_units == 3


def test_a_pilot_is_judged_by_its_comparison(folder: Folder) -> None:
    config = config_of(folder)
    with folder.settings() as settings:
        target = Target(effect=5.0, unit="outcomes a week")
        pilot = Initiative(
            "care", "ada", "solves more", Scope("team", TEAMS[0]), "support", str(BEGAN), "2999-12-31", target=target, experiment="assistant"
        )
        settings.set_initiative(pilot)
        log = OutcomeLog(folder.path / FILE, SystemClock())
        reader = JournalReader(folder.path / "journal.db")
        sources = Sources(settings, reader, log, contracts_of(config.contracts), ZoneInfo("UTC"), Aside(config, ManualClock(NOW_MS)))
        found = Initiatives(sources).one("care", NOW_MS)
        log.close()
    assert found.grade is Grade.B
    assert found.evidence[0].says.startswith("outcomes a week: treated is ")
    assert found.suggestion.choice == "scale"
    assert found.bought is not None
    assert found.bought.named == found.bought.settled > 0


def test_what_cannot_be_known_says_why(folder: Folder, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    config = config_of(folder)
    assert tell(Asked.of(config, "none", NOW_MS)) == none_told("none")
    moved = Asked("tool", NOW_MS, str(tmp_path), "UTC", config.contracts, config.experiments, config.comparisons)
    assert "there is no ledger" in tell(moved).problem
    with monkeypatch.context() as without:
        without.setitem(sys.modules, "scipy.stats", None)
        assert "pip install 'wellspent[analytics]'" in tell(Asked.of(config, "tool", NOW_MS)).problem
    monkeypatch.setattr(limits, "EFFECT_ASK_S_MAX", 0.001)
    assert "took longer than 0.001 s" in Aside(config, ManualClock(NOW_MS))("tool").problem


def test_a_process_that_fails_is_told(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("wellspent.surfaces.effects.sys.executable", "false")
    assert "could not be reckoned" in Aside(config_of(folder), ManualClock(NOW_MS))("tool").problem
    monkeypatch.setattr("wellspent.surfaces.effects.sys.executable", "true")
    assert "could not be reckoned" in Aside(config_of(folder), ManualClock(NOW_MS))("tool").problem
