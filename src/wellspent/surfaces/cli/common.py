"""What every command shares: its configuration, its data folder, and asking before something is destroyed."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

from cyclopts import Parameter

from wellspent.budgets.window import Calendar
from wellspent.config import Config, load_config
from wellspent.facts.errors import InvalidInput, NotFound

if TYPE_CHECKING:
    from wellspent.identity.settings import Settings

JOURNAL, SETTINGS = "journal.db", "settings.db"


@Parameter(name="*", group="Everywhere")
@dataclass(frozen=True)
class Common:
    """Flags of every command."""

    config: Annotated[Path | None, Parameter(help="Configuration file.")] = None
    data_dir: Annotated[Path | None, Parameter(help="Data folder.")] = None

    def load(self, **flags: object) -> Config:
        """The configuration under these flags."""
        return load_config(self.config, os.environ, {"data_dir": self.data_dir and str(self.data_dir.absolute()), **flags})


@Parameter(name="*", group="Everywhere")
@dataclass(frozen=True)
class Shape:
    """Flags of every report."""

    json: Annotated[bool, Parameter(negative="", show_default=False, help="Print JSON.")] = False
    csv: Annotated[bool, Parameter(negative="", show_default=False, help="Print CSV.")] = False


COMMON: Final = Common()
SHAPE: Final = Shape()
Yes = Annotated[bool, Parameter(negative="", show_default=False, help="Do not ask.")]


@contextmanager
def settings_of(config: Config) -> "Iterator[Settings]":
    """The settings of a data folder, for one command."""
    from wellspent.identity.settings import Settings  # reports do without, and are quicker

    settings = Settings.open(config.data_dir / SETTINGS, actor=f"cli:{user()}")
    try:
        yield settings
    finally:
        settings.close()


def journal_path(config: Config) -> Path:
    """The journal of a data folder. Raises NotFound where there is none yet."""
    path = config.data_dir / JOURNAL
    if not path.is_file():
        raise NotFound(
            f"there is no journal in {config.data_dir}",
            fix="start one with: wellspent serve; or name the right folder with --data-dir or WELLSPENT_DATA_DIR",
        )
    return path


def calendar_of(config: Config) -> Calendar:
    """The operator's calendar."""
    return Calendar(config.timezone, config.fiscal_year_start_month, config.week_starts_on)


def user() -> str:
    """Who runs the command, as the machine knows them."""
    import getpass

    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return f"uid-{os.getuid()}"


def talk(text: str) -> None:
    """Say something to the person, beside the data."""
    print(text, file=sys.stderr)


def confirm(question: str, yes: bool) -> None:
    """Ask before something is destroyed. Raises InvalidInput where nobody can answer, or the answer is no."""
    if yes:
        return
    if not sys.stdin.isatty():
        raise InvalidInput(f"nobody can answer here: {question}", fix="add --yes")
    print(f"{question} [y/N] ", end="", file=sys.stderr, flush=True)
    if sys.stdin.readline().strip().lower() not in ("y", "yes"):
        raise InvalidInput("nothing was changed", fix="answer y, or add --yes")
