import sqlite3
import stat
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import msgspec
import pytest

from wellspent.budgets.budget import Budget, Policy
from wellspent.facts.attribution import Attribution, Scope
from wellspent.facts.clock import ManualClock
from wellspent.facts.errors import ConfigError, InvalidInput, NotFound
from wellspent.identity.keys import KeyRing
from wellspent.identity.settings import Settings


@pytest.fixture
def settings(tmp_path: Path) -> Iterator[Settings]:
    with closing(Settings.open(tmp_path / "settings.db", actor="test", clock=ManualClock(1_000))) as opened:
        yield opened


def test_a_key_is_charged_to_the_team_and_org_of_its_person(settings: Settings) -> None:
    settings.add_team("core", org="acme")
    settings.add_person("ada", team="core", email="ada@example.com")
    secret, key = settings.create_key("Laptop", person="ada", workflow="review", tags={"b": "2", "a": "1"})
    assert key.attribution == Attribution(org="acme", team="core", person="ada", key="laptop", workflow="review", tags=(("a", "1"), ("b", "2")))
    assert secret.startswith("ws-")
    assert len(secret) == 35
    assert settings.keys() == [key]


def test_a_key_of_a_project_is_charged_to_the_projects_team(settings: Settings) -> None:
    settings.add_team("core", org="acme")
    settings.add_project("apollo", team="core")
    _, key = settings.create_key("ci", project="apollo")
    assert (key.attribution.org, key.attribution.team, key.attribution.project) == ("acme", "core", "apollo")


def test_the_secret_is_found_and_kept_nowhere(settings: Settings, tmp_path: Path) -> None:
    secret, key = settings.create_key("laptop", org="acme")
    ring = KeyRing.load(settings)
    assert ring.find(secret.encode()) == key
    assert ring.find(b"ws-" + b"x" * 32) is None
    settings.close()
    assert not [path for path in tmp_path.iterdir() if secret.encode() in path.read_bytes()]


def test_ids_of_keys_are_never_used_twice(settings: Settings) -> None:
    ids = []
    for _ in range(3):
        _, key = settings.create_key("laptop")
        ids.append(key.id)
        settings.revoke_key(key.id)
    assert ids == ["laptop", "laptop-2", "laptop-3"]


def test_a_revoked_key_is_still_known(settings: Settings) -> None:
    secret, _ = settings.create_key("laptop")
    assert settings.revoke_key("laptop") == settings.revoke_key("laptop")
    found = KeyRing.load(settings).find(secret.encode())
    assert found is not None
    assert found.revoked
    assert found.revoked_ms == 1_000


@pytest.mark.parametrize("what", [{"team": "x"}, {"person": "x"}, {"project": "x"}])
def test_a_key_names_only_what_was_added(settings: Settings, what: dict[str, str]) -> None:
    with pytest.raises(NotFound) as caught:
        settings.create_key("laptop", **what)  # type: ignore[arg-type]
    assert caught.value.fix.startswith("add it with: wellspent ")
    assert settings.keys() == []
    assert settings.version() == 0


@pytest.mark.parametrize("name", ["", " core", "*", "a\nb", "x" * 129])
def test_names_that_nobody_could_use_are_refused(settings: Settings, name: str) -> None:
    with pytest.raises(InvalidInput):
        settings.add_team(name)


def test_a_key_that_has_expired_already_is_refused(settings: Settings) -> None:
    with pytest.raises(InvalidInput):
        settings.create_key("laptop", expires_ms=1_000)


def test_what_is_in_use_is_not_removed(settings: Settings) -> None:
    settings.add_team("core")
    settings.add_person("ada", team="core")
    settings.create_key("laptop", person="ada")
    with pytest.raises(InvalidInput, match="key laptop, person ada"):
        settings.remove_team("core")
    with pytest.raises(InvalidInput, match="key laptop"):
        settings.remove_person("ada")
    settings.revoke_key("laptop")
    settings.remove_person("ada")
    settings.remove_team("core")
    assert settings.teams() == []
    assert settings.people() == []
    with pytest.raises(NotFound):
        settings.remove_team("core")


def test_budgets_and_policies_come_back_as_they_were_set(settings: Settings) -> None:
    budget = Budget("core-month", Scope("team", "core"), 5_000_000_000, models=("gpt-*",))
    settings.set_budget(budget)
    settings.set_budget(budget)
    policy = Policy(Scope("tag", "customer=x"), models_allowed=("claude-*",), requests_per_minute=5)
    settings.set_policy(policy)
    assert settings.budgets() == [budget]
    assert settings.policies() == [policy]
    assert settings.version() == 2
    settings.remove_budget("core-month")
    settings.remove_policy(policy.scope)
    assert (settings.budgets(), settings.policies()) == ([], [])
    with pytest.raises(NotFound):
        settings.remove_budget("core-month")
    with pytest.raises(InvalidInput):
        settings.set_budget(Budget("bad", Scope("team", "core"), -1))


@pytest.mark.parametrize(
    "other",
    [
        {"scope": Scope("team", "web")},
        {"measure": "tokens"},
        {"period": "week"},
        {"models": ("gpt-5*",)},
    ],
)
def test_a_budgets_id_keeps_what_it_counts(settings: Settings, other: dict[str, Any]) -> None:
    budget = Budget("core-month", Scope("team", "core"), 5_000_000_000, models=("gpt-*",))
    settings.set_budget(budget)
    settings.set_budget(msgspec.structs.replace(budget, limit=1, at_limit="alert", contact="ada", alert_at_percent=(50,)))
    with pytest.raises(InvalidInput, match="usd of team:core by month, gpt-\\* only"):
        settings.set_budget(msgspec.structs.replace(budget, **other))
    settings.remove_budget("core-month")
    with pytest.raises(InvalidInput):
        settings.set_budget(msgspec.structs.replace(budget, **other))
    settings.set_budget(budget)


def test_a_change_by_another_process_moves_the_version(settings: Settings, tmp_path: Path) -> None:
    before = settings.version()
    with closing(Settings.open(tmp_path / "settings.db", actor="other")) as other:
        other.add_org("acme")
    assert settings.version() > before
    assert [org.name for org in settings.orgs()] == ["acme"]


def test_the_file_is_for_its_owner_alone(settings: Settings, tmp_path: Path) -> None:
    assert stat.S_IMODE((tmp_path / "settings.db").stat().st_mode) == 0o600


def test_a_file_that_is_no_settings_file_says_so(tmp_path: Path) -> None:
    path = tmp_path / "settings.db"
    path.write_bytes(b"not a database, just some text that is long enough to be looked at" * 20)
    with pytest.raises(ConfigError, match="is not a settings file"):
        Settings.open(path)


def test_settings_locked_by_another_program_say_so(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("wellspent.identity.store.BUSY_MS", 10)
    with closing(Settings.open(tmp_path / "settings.db")) as hasty, closing(sqlite3.connect(tmp_path / "settings.db")) as holder:
        holder.execute("BEGIN IMMEDIATE")
        with pytest.raises(ConfigError, match="try again"):
            hasty.add_org("acme")
