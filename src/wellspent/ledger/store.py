"""The plug point: where entries go. Shipped: ``SqliteJournal`` and, for tests and as specification, ``memory``."""

from collections.abc import Callable, Iterable
from typing import Protocol

from wellspent.budgets.budget import Budget
from wellspent.facts.entry import Amounts, Entry, Reserved

NOT_KEPT = ("run", "session")  # kinds of scope that past spending is not kept by: their budgets count from when they are made


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
        """What was settled in a window, entries of the last seconds perhaps missing; None where it was never counted."""
        ...

    def spent_since(self, budget: Budget, value: str, starts_ms: int, ends_ms: int | None) -> Amounts:
        """All that was settled for a scope in a stretch of time (whole hours, by models of the budget), for a budget that is newer than its
        window. Blocks until what was appended before is included. Raises JournalFull where it cannot be."""
        ...

    def settled_hold(self, call_id: str) -> Reserved | None:
        """The hold of a call that was settled. May block until what was appended before is included."""
        ...

    def close(self) -> int:
        """Write what is queued, and stop; how many entries could not be written within ``limits.JOURNAL_CLOSE_S_MAX``."""
        ...
