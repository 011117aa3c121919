"""What can go wrong, by who can mend it.

WellspentError
├── InvalidInput      somebody gave us something unusable: a setting, a flag, a file, a body
├── ConfigError       the configuration cannot be run as it stands
├── NotFound          a named call, key, budget or file does not exist
├── JournalFull       the journal cannot be written (disk full, read-only): no call may be admitted
├── JournalLocked     another process owns this data folder
├── JournalCorrupt    the hash chain or a balance does not re-derive
└── UpstreamError     a provider could not be reached or broke off

Expected refusals (a budget used up, a rate reached) are values, not exceptions: see ``budgets.decide``.
"""

import contextlib
from collections.abc import Iterator
from pathlib import Path


class WellspentError(Exception):
    """Base of all of ours: says what happened, and what to do next.

    Attributes:
        fix: One sentence that tells the reader what to do.
    """

    def __init__(self, message: str, *, fix: str = "") -> None:
        super().__init__(message)
        self.fix = fix

    def __str__(self) -> str:
        message = super().__str__()
        return f"{message}; {self.fix}" if self.fix else message


class InvalidInput(WellspentError):
    """Somebody gave us something unusable."""


class ConfigError(WellspentError):
    """The configuration cannot be run as it stands."""


class NotFound(WellspentError):
    """A named thing does not exist."""


class JournalFull(WellspentError):
    """The journal cannot be written, so no call may be admitted."""


class JournalLocked(WellspentError):
    """Another process owns this data folder."""


class JournalCorrupt(WellspentError):
    """The hash chain or a balance does not re-derive."""


class UpstreamError(WellspentError):
    """A provider could not be reached or broke off."""


@contextlib.contextmanager
def told_of_file(path: Path, content: str, otherwise: str) -> Iterator[None]:
    """What SQLite or the disk says of a file, as a ConfigError that says what to do.

    Args:
        content: What is in it, in the plural: "settings".
        otherwise: What a file is that holds none: "is not a settings file".
    """
    import sqlite3  # what is imported here is imported by every command

    try:
        yield
    except WellspentError:
        raise
    except sqlite3.OperationalError as error:
        fix = "try again when the other program is done" if "locked" in str(error) else "check the disk's space and the file's permissions"
        raise ConfigError(f"the {content} in {path} cannot be used: {error}", fix=fix) from None
    except sqlite3.DatabaseError as error:
        raise ConfigError(f"{path} {otherwise}: {error}", fix="restore it from a backup, or move it away") from None
    except OSError as error:
        raise ConfigError(f"the {content} in {path} cannot be opened: {error.strerror}", fix="check the folder's permissions") from None
