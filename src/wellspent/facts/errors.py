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
