"""The plug point: where entries go. Shipped: ``SqliteJournal`` and, for tests and as specification, ``memory``."""

from collections.abc import Callable, Iterable
from typing import Protocol

from wellspent.budgets.budget import Budget
from wellspent.facts.entry import Amounts, Entry, Reserved


class JournalStore(Protocol):
    """Appends entries in order, durably, in groups.

    ``append`` returns at once; ``on_committed`` is called (from any thread) with the number of entries committed so far, or with an error.
    """

    def start(self, on_committed: Callable[[int], None], on_error: Callable[[Exception | None], None]) -> None:
        """Begin to write."""
        ...

    def append(self, entry: Entry) -> int:
        """Queue an entry; its sequence number since the start, from 1."""
        ...

    def open_holds(self) -> Iterable[Reserved]:
        """Holds without an end, as of the start."""
        ...

    def spent(self, window_key: str) -> Amounts | None:
        """What was settled in a window up to the start; None where it was never counted."""
        ...

    def spent_since(self, budget: Budget, value: str, starts_ms: int, ends_ms: int | None) -> int:
        """What was settled for a scope in a stretch of time (whole hours), for a budget that is newer than its window."""
        ...

    def held_by(self, call_id: str) -> Reserved | None:
        """The hold of a call, ended or not."""
        ...

    def close(self) -> None:
        """Write what is queued, and stop."""
        ...
