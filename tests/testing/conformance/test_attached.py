"""wellspent's profile at a wellspent that runs already: what it makes there, it takes back."""

import contextlib
from pathlib import Path

import pytest

from wellspent.facts.errors import InvalidInput
from wellspent.identity.settings import Settings
from wellspent.testing.conformance.profiles.wellspent import Wellspent


def test_what_was_made_is_taken_back(tmp_path: Path) -> None:
    path = tmp_path / "settings.db"
    with contextlib.closing(Settings.open(path)) as settings:
        settings.add_team("ours")
        _, own = settings.create_key("ours", team="ours")
    profile = Wellspent("http://127.0.0.1:1", "", tmp_path)
    profile.key()
    revoked, lowered = profile.limited(1), profile.limited(1)
    profile.revoke(revoked)
    profile.lower(lowered, 2)
    together, again = profile.limited_together(1, 2), profile.limited_together(1, 2)
    profile.limited_run(1)
    assert len({key.name for key in (*together, *again)}) == 4
    removed = profile.limited(1)
    with contextlib.closing(Settings.open(path)) as settings:
        settings.remove_budget(f"key-{removed.name}")  # by somebody else, meanwhile
    with contextlib.closing(Settings.open(path)) as settings:
        assert len(settings.budgets()) == 5
    profile.stop()
    with contextlib.closing(Settings.open(path)) as settings:
        assert [each.key.id for each in settings.key_records() if not each.key.revoked] == [own.id]
        assert settings.budgets() == []
        assert [team.name for team in settings.teams()] == ["ours"]


def test_a_profile_that_made_nothing_changes_nothing(tmp_path: Path) -> None:
    Wellspent("http://127.0.0.1:1", "", tmp_path).stop()
    assert list(tmp_path.iterdir()) == []


def test_a_folder_without_settings_is_told_and_gets_none(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match=r"there is no settings\.db in"):
        Wellspent("http://127.0.0.1:1", "", tmp_path).key()
    assert list(tmp_path.iterdir()) == []
