import importlib
import inspect
import re

import pytest
from tests.surfaces.cli.seeded import Folder

from wellspent import __version__
from wellspent.surfaces.cli.app import ALONE, COMMANDS, FAMILIES, HERE


def test_help_names_every_command_on_one_page(empty: Folder) -> None:
    told = empty.run("--help")
    assert told.code == 0
    assert [words for _, words, _, _ in COMMANDS if not re.search(rf"^  {words} ", told.out, re.MULTILINE)] == []
    assert empty.run("-h").out == told.out
    assert empty.run("--version").out.strip() == __version__


@pytest.mark.parametrize(("words", "target"), [(words, target) for _, words, target, _ in COMMANDS])
def test_every_command_exists_and_says_what_it_does(words: str, target: str) -> None:
    module, _, name = target.partition(":")
    assert inspect.getdoc(getattr(importlib.import_module(f"{HERE}.{module}"), name))


@pytest.mark.parametrize("words", ["spend", "budgets set", "config show"])
def test_help_of_a_command(empty: Folder, words: str) -> None:
    told = empty.run(*words.split(), "--help")
    assert told.code == 0
    assert "--data-dir" in told.out


@pytest.mark.parametrize("family", FAMILIES)
def test_a_family_alone_lists_its_commands_or_does_what_is_asked_most(empty: Folder, family: str) -> None:
    told = empty.run(family)
    assert told.code == 0
    if family in ALONE:
        assert told == empty.run(family, ALONE[family])
    assert "Commands" in (empty.run(family, "--help") if family in ALONE else told).out


@pytest.mark.parametrize("line", ["spend --nope", "nonsense", "receipt", "budgets set team:core", "keys create"])
def test_wrong_use_exits_with_2_and_no_traceback(empty: Folder, line: str) -> None:
    told = empty.run(*line.split())
    assert told.code == 2
    assert told.out == ""
    assert told.err
    assert "Traceback" not in told.err


def test_a_reader_that_goes_away_is_no_error(own: Folder) -> None:
    with own.settings() as settings:
        for number in range(3000):
            settings.set_policy(_policy(number))
    import subprocess
    import sys

    command = f"{sys.executable} -m wellspent policies list --json --data-dir {own.path} | head -1"
    done = subprocess.run(["bash", "-o", "pipefail", "-c", command], capture_output=True, text=True, check=False, cwd=own.path)
    assert (done.returncode, done.stderr) == (0, "")


def _policy(number: int):  # type: ignore[no-untyped-def]
    from wellspent.budgets.budget import Policy
    from wellspent.facts.attribution import Scope

    return Policy(Scope("run", f"{number:05}-{'x' * 50}"), killed=True)


def test_a_configuration_that_cannot_be_read_says_where(empty: Folder) -> None:
    (empty.path / "wellspent.toml").write_text("port = [")
    told = empty.run("spend")
    assert told.code == 2
    assert "wellspent.toml is not valid TOML" in told.err
    assert "to do: " in told.err


def test_a_file_that_is_no_database_says_so(empty: Folder) -> None:
    (empty.path / "journal.db").write_bytes(b"no database at all, only text that is long enough" * 50)
    for words in ("spend", "ledger verify", "receipt x"):
        told = empty.run(*words.split())
        assert told.code == 1, words
        assert "Traceback" not in told.err


def test_no_color_and_pipes_are_plain(shared: Folder) -> None:
    for env in ({}, {"NO_COLOR": "1"}, {"TERM": "xterm-256color"}):
        assert "\x1b" not in shared.run("spend", env=env).out
