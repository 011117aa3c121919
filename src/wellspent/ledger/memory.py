"""The specification: a ledger that is plain, slow and obviously right. ``Ledger`` over any store has to behave the same.

It keeps every entry in a list and derives each answer from the whole list, so there is no balance that could drift.
"""

from collections.abc import Callable, Collection, Iterable, Sequence

import msgspec

from wellspent.budgets.budget import Budget
from wellspent.budgets.decide import Allow, Degrade, Refuse, Snapshot, counts, decide, in_measure
from wellspent.budgets.window import Calendar, Window, window_of
from wellspent.facts.attribution import Attribution, Scope
from wellspent.facts.entry import Adjusted, Amounts, Entry, Opened, Released, Reserved, Settled
from wellspent.facts.usage import Quality, Usage
from wellspent.ledger.store import NOT_KEPT


class MemoryJournal:
    """A ``JournalStore`` in a list: written the moment it is appended, gone with the process. For tests and simulations."""

    def __init__(self, entries: list[Entry] | None = None) -> None:
        self.entries: list[Entry] = [] if entries is None else entries
        self._before = len(self.entries)
        self._on_committed: Callable[[int], None] = lambda seq: None

    def start(self, on_committed: Callable[[int], None], on_error: Callable[[Exception | None], None]) -> None:
        """See JournalStore."""
        self._on_committed = on_committed

    def append(self, entry: Entry) -> int:
        """See JournalStore."""
        self.entries.append(entry)
        seq = len(self.entries) - self._before
        self._on_committed(seq)
        return seq

    def open_holds(self) -> Iterable[Reserved]:
        """See JournalStore."""
        return open_holds(self.entries[: self._before])

    def spent(self, window_key: str) -> Amounts | None:
        """See JournalStore."""
        found = [amounts for key, amounts in charges(self.entries) if key == window_key]
        return _sum(found) if found else None

    def spent_since(self, budget: Budget, value: str, starts_ms: int, ends_ms: int | None) -> Amounts:
        """See JournalStore."""
        return spent_between(self.entries, budget, value, starts_ms, ends_ms)

    def settled_hold(self, call_id: str) -> Reserved | None:
        """See JournalStore."""
        if not any(isinstance(each, Settled) and each.call_id == call_id for each in self.entries):
            return None
        return next(each for each in self.entries if isinstance(each, Reserved) and each.call_id == call_id)

    def close(self) -> int:
        """See JournalStore."""
        return 0


class MemoryLedger:
    """Budgets and a list of entries; every question is answered from the list."""

    def __init__(self, calendar: Calendar) -> None:
        self.entries: list[Entry] = []
        self._since: dict[Budget, int] = {}
        self._seen: set[str] = set()
        self._calendar = calendar

    def set_budgets(self, budgets: Iterable[Budget], now_ms: int) -> None:
        """As ``Ledger.set_budgets``."""
        self._since = {budget: self._since.get(budget, now_ms) for budget in budgets}

    def standings(self, attribution: Attribution, model: str, now_ms: int) -> Sequence[Snapshot]:
        """Every budget in scope, with its window's sums taken over the whole list."""
        found = []
        for budget in self._since:
            value = scope_value(budget, attribution)
            window = window_of(budget, value, now_ms, self._calendar) if value and counts(budget, model) else None
            if window is not None:
                self._open(budget, value, window, now_ms)
                found.append(Snapshot(budget, window, self._spent(budget, window), self._held(budget, window)))
        return found

    def _open(self, budget: Budget, value: str, window: Window, now_ms: int) -> None:
        """A window that nobody asked for before and nothing was charged to begins with what its scope spent before the budget existed."""
        fresh = window.key not in self._seen and all(key != window.key for key, _ in charges(self.entries))
        self._seen.add(window.key)
        if fresh and window.starts_ms < self._since[budget] and budget.scope.kind not in NOT_KEPT:
            spent = spent_between(self.entries, budget, value, window.starts_ms, window.ends_ms)
            if spent != Amounts():
                self.entries.append(Opened(window.key, now_ms, spent))

    def reserve(self, reserved: Reserved, standings: Sequence[Snapshot], exempt: Collection[str] = ()) -> Allow | Degrade | Refuse:
        """As ``Ledger.reserve``."""
        decision = decide(standings, reserved.held, exempt)
        if isinstance(decision, Allow):
            windows = tuple(each.window.key for each in standings)
            self.entries.append(msgspec.structs.replace(reserved, windows=windows))
        return decision

    def end(self, entry: Settled | Released) -> bool:
        """As ``Ledger.settle`` and ``Ledger.release``."""
        if not any(each.call_id == entry.call_id for each in open_holds(self.entries)):
            return False
        self.entries.append(entry)
        return True

    def adjust(self, entry: Adjusted) -> None:
        """As ``Ledger.adjust``."""
        self.entries.append(entry)

    def restart(self, now_ms: int) -> None:
        """As a process that dies, and one that opens its journal and sweeps: open holds are settled at the hold."""
        self._since = dict.fromkeys(self._since, now_ms)
        self._seen.clear()
        for hold in open_holds(self.entries):
            self.end(Settled(hold.call_id, now_ms, hold.held, Quality.ESTIMATED, Usage(input_tokens=hold.held.tokens), model=hold.model))

    def _spent(self, budget: Budget, window: Window) -> int:
        return sum(in_measure(amounts, budget.measure) for key, amounts in charges(self.entries) if key == window.key)

    def _held(self, budget: Budget, window: Window) -> int:
        return sum(in_measure(hold.held, budget.measure) for hold in open_holds(self.entries) if window.key in hold.windows)


def scope_value(budget: Budget, attribution: Attribution) -> str:
    """The value for which a budget limits a caller, or "" where it does not."""
    if budget.scope.name == "*":
        return next((scope.name for scope in attribution.scopes() if scope.kind == budget.scope.kind and scope.kind != "tag"), "")
    return budget.scope.name if budget.scope in set(attribution.scopes()) else ""


def open_holds(entries: Iterable[Entry]) -> list[Reserved]:
    """Holds without an end."""
    held: dict[str, Reserved] = {}
    for entry in entries:
        if isinstance(entry, Reserved):
            held[entry.call_id] = entry
        elif isinstance(entry, Settled | Released):
            held.pop(entry.call_id, None)
    return list(held.values())


def charges(entries: Iterable[Entry]) -> list[tuple[str, Amounts]]:
    """Window and amounts of each charge and correction."""
    windows: dict[str, tuple[str, ...]] = {}
    found = []
    for entry in entries:
        if isinstance(entry, Reserved):
            windows[entry.call_id] = entry.windows
        elif isinstance(entry, Opened):
            found.append((entry.window, entry.spent))
        elif isinstance(entry, Settled | Adjusted):
            amounts = entry.charged if isinstance(entry, Settled) else entry.delta
            found += [(key, amounts) for key in windows[entry.call_id]]
    return found


def spent_between(entries: Iterable[Entry], budget: Budget, value: str, starts_ms: int, ends_ms: int | None) -> Amounts:
    """What was settled for a scope in a stretch of time."""
    holds = {each.call_id: each for each in entries if isinstance(each, Reserved)}
    scope = Scope(budget.scope.kind, value)
    models: dict[str, str] = {}
    total = Amounts()
    for entry in entries:
        if not isinstance(entry, Settled | Adjusted):
            continue
        hold = holds[entry.call_id]
        if isinstance(entry, Settled):
            models[entry.call_id] = entry.model or hold.model
        within = starts_ms <= entry.at_ms and (ends_ms is None or entry.at_ms < ends_ms)
        if within and scope in set(hold.attribution.scopes()) and counts(budget, models[entry.call_id]):
            total = total.plus(entry.charged if isinstance(entry, Settled) else entry.delta)
    return total


def _sum(amounts: Sequence[Amounts]) -> Amounts:
    return Amounts(sum(each.nanousd for each in amounts), sum(each.tokens for each in amounts), sum(each.calls for each in amounts))
