"""The ledger: reserve, settle, release, adjust. One object, called from one thread; the journal is written by another.

Balances live in memory while the process owns the journal, so a decision is one look at a few integers with nothing in between: no
call can slip past another. The hold is queued for the journal in the same step, and ``durable`` tells when it is there.
"""

import asyncio
from collections.abc import Callable, Collection, Iterable, Sequence

import msgspec
from msgspec import Struct

from wellspent import limits
from wellspent.budgets.budget import Budget
from wellspent.budgets.decide import Allow, Degrade, Refuse, alerts_crossed, counts, decide, in_measure, next_alert
from wellspent.budgets.window import Calendar, Window, window_of
from wellspent.facts.attribution import Attribution
from wellspent.facts.clock import Clock
from wellspent.facts.entry import Adjusted, Amounts, Opened, Released, Reserved, Settled
from wellspent.facts.errors import JournalFull, NotFound
from wellspent.facts.usage import Quality, Usage
from wellspent.ledger.store import NOT_KEPT, JournalStore

STANDINGS_CACHED_MAX = 50_000  # attributions whose budgets are remembered
CELLS_MAX = 50_000  # windows in memory before idle ones are let go
IDLE_MS = 60_000  # a window unused for so long is in the journal's projections
SWEPT = "the process ended during the call"


class Cell:
    """A window's balance: a ``budgets.decide.Standing`` that moves."""

    __slots__ = ("alert_at", "budget", "held", "spent", "used_ms", "window")

    def __init__(self, budget: Budget, window: Window, spent: int) -> None:
        self.budget, self.window, self.spent, self.held, self.used_ms = budget, window, spent, 0, 0
        self.alert_at = 0

    @property
    def left(self) -> int:
        """limit - spent - held."""
        return self.budget.limit - self.spent - self.held


class Standings(tuple[Cell, ...]):
    """Every budget in scope with its window now, and what follows from the budgets alone: worked out once, for all calls of a caller.

    Attributes:
        hard: Measures in which a budget refuses or degrades.
        refusing: Those that refuse.
        degrading: Those that go on with a cheaper model.
        windows: The keys of all.
    """

    hard: frozenset[str]
    refusing: tuple[Cell, ...]
    degrading: tuple[Cell, ...]
    windows: tuple[str, ...]

    def __new__(cls, cells: Iterable[Cell]) -> "Standings":
        """Of these cells."""
        found = super().__new__(cls, cells)
        found.hard = frozenset(cell.budget.measure for cell in found if cell.budget.at_limit != "alert")
        found.refusing = tuple(cell for cell in found if cell.budget.at_limit == "refuse")
        found.degrading = tuple(cell for cell in found if cell.budget.at_limit == "degrade")
        found.windows = tuple(cell.window.key for cell in found)
        return found

    def exempt(self, model: str) -> frozenset[str]:
        """Ids of the degrading budgets whose cheaper model this is."""
        return frozenset([cell.budget.id for cell in self.degrading if model in cell.budget.degrade_to]) if self.degrading else NONE


NONE: frozenset[str] = frozenset()


class Ticket(Struct, frozen=True):
    """A hold that was made.

    Attributes:
        seq: Its entry's number, for ``durable``.
        windows: The windows it is held in.
    """

    seq: int
    windows: tuple[str, ...]


class Alert(Struct, frozen=True):
    """A threshold that a budget's settled spending crossed, once in its window."""

    budget: Budget
    window: Window
    percent: int
    at_ms: int


class Ledger:
    """The only writer of facts."""

    def __init__(self, store: JournalStore, clock: Clock, calendar: Calendar) -> None:
        self._store, self._clock, self._calendar = store, clock, calendar
        self._cells: dict[str, Cell] = {}
        self._open: dict[str, tuple[Reserved, Sequence[Cell]]] = {}
        self._budgets: tuple[Budget, ...] = ()
        self._cached: dict[tuple[Attribution, str], tuple[int, Standings]] = {}
        self._committed = 0
        self._error: Exception | None = None
        self._waiting: list[tuple[int, float, asyncio.Future[None]]] = []  # entry, until when (loop's time), who waits
        self._impatient: asyncio.TimerHandle | None = None
        self._swept = False
        self._moved: dict[str, Amounts] = {}  # settled amounts of windows that moved while not in memory as cells
        self._known_since: dict[Budget, int] = {}
        self.on_alert: Callable[[Alert], None] = lambda alert: None

    @classmethod
    def open(cls, store: JournalStore, clock: Clock, calendar: Calendar) -> "Ledger":
        """Take over a journal; ``sweep`` comes next. Raises JournalLocked, JournalCorrupt."""
        ledger = cls(store, clock, calendar)
        store.start(ledger._on_committed, ledger._on_error)
        return ledger

    @property
    def admit_ok(self) -> bool:
        """False while entries cannot be written: then no call may be let in."""
        return self._error is None

    def set_budgets(self, budgets: Iterable[Budget]) -> None:
        """Take the budgets as they are now. Windows keep what was spent; calls in flight keep their holds."""
        self._budgets = tuple(budgets)
        self._cached.clear()
        now_ms = self._clock.now_ms()
        self._known_since = {budget: self._known_since.get(budget, now_ms) for budget in self._budgets}

    def standings(self, attribution: Attribution, model: str, now_ms: int) -> Standings:
        """Every budget in scope with its window now."""
        cached = self._cached.get((attribution, model))
        if cached is not None and now_ms < cached[0]:
            return cached[1]
        cells = Standings(self._look_up(attribution, model, now_ms))
        until_ms = min((cell.window.ends_ms for cell in cells if cell.window.ends_ms is not None), default=now_ms + 60_000)
        if len(self._cached) >= STANDINGS_CACHED_MAX or len(self._cells) >= CELLS_MAX:
            self._forget(now_ms)
        self._cached[attribution, model] = (min(until_ms, now_ms + 60_000), cells)
        return cells

    def _look_up(self, attribution: Attribution, model: str, now_ms: int) -> Iterable[Cell]:
        scopes = set(attribution.scopes())
        by_kind = {scope.kind: scope.name for scope in scopes if scope.kind != "tag"}
        for budget in self._budgets:
            if not counts(budget, model):
                continue
            if budget.scope.name == "*":
                value = by_kind.get(budget.scope.kind, "")
                matches = bool(value)
            else:
                value, matches = budget.scope.name, budget.scope in scopes
            window = window_of(budget, value, now_ms, self._calendar) if matches else None
            if window is not None:
                yield self._cell(budget, value, window, now_ms)

    def _cell(self, budget: Budget, value: str, window: Window, now_ms: int) -> Cell:
        cell = self._cells.get(window.key)
        if cell is None:
            known = self._moved.pop(window.key, None) or self._store.spent(window.key)
            spent = self._opening(budget, value, window, now_ms) if known is None else known
            cell = self._cells[window.key] = Cell(budget, window, in_measure(spent, budget.measure))
        cell.budget, cell.used_ms, cell.alert_at = budget, now_ms, next_alert(budget, cell.spent)
        return cell

    def _opening(self, budget: Budget, value: str, window: Window, now_ms: int) -> Amounts:
        """What a window that was never counted begins with: what its scope spent in it before the budget existed, as an entry."""
        if budget.scope.kind in NOT_KEPT or window.starts_ms >= self._known_since.get(budget, now_ms):
            return Amounts()
        spent = self._store.spent_since(budget, value, window.starts_ms, window.ends_ms)
        if spent != Amounts():
            self._store.append(Opened(window.key, now_ms, spent))
        return spent

    def _forget(self, now_ms: int) -> None:
        """Let windows go that nobody used for a while: the journal has them."""
        self._cached.clear()
        if self.admit_ok:
            idle = [key for key, cell in self._cells.items() if not cell.held and cell.used_ms < now_ms - IDLE_MS]
            for key in idle:
                del self._cells[key]

    def reserve(self, reserved: Reserved, standings: Standings, exempt: Collection[str] = ()) -> Ticket | Degrade | Refuse:
        """Hold the amount in every window at once, or in none.

        Args:
            reserved: The hold; its ``windows`` are filled in here where they are not those of the standings.
            standings: From ``standings``, with no await in between.
            exempt: Ids of degrading budgets whose cheaper model this is.
        """
        decision = decide(standings, reserved.held, exempt)
        if not isinstance(decision, Allow):
            return decision
        held = reserved.held
        for cell in standings:
            cell.held += in_measure(held, cell.budget.measure)
        if reserved.windows is not standings.windows:
            reserved = msgspec.structs.replace(reserved, windows=standings.windows)
        self._open[reserved.call_id] = (reserved, standings)
        return Ticket(self._store.append(reserved), standings.windows)

    def settle(self, settled: Settled) -> bool:
        """End a hold with the truth, whatever it is. False where the call has no open hold (settled before: counted once)."""
        opened = self._open.pop(settled.call_id, None)
        if opened is None:
            return False
        reserved, cells = opened
        for cell in cells:
            measure = cell.budget.measure
            before, cell.used_ms = cell.spent, settled.at_ms
            cell.held -= in_measure(reserved.held, measure)
            cell.spent += in_measure(settled.charged, measure)
            if cell.spent >= cell.alert_at:
                for percent in alerts_crossed(cell.budget, before, cell.spent):
                    self.on_alert(Alert(cell.budget, cell.window, percent, settled.at_ms))
                cell.alert_at = next_alert(cell.budget, cell.spent)
        self._store.append(settled)
        return True

    def release(self, released: Released) -> bool:
        """Give a hold back whole. False where the call has no open hold."""
        opened = self._open.pop(released.call_id, None)
        if opened is None:
            return False
        reserved, cells = opened
        for cell in cells:
            cell.held -= in_measure(reserved.held, cell.budget.measure)
            cell.used_ms = released.at_ms
        self._store.append(released)
        return True

    def adjust(self, adjusted: Adjusted) -> None:
        """Correct a settled call; its windows move by the delta. Raises NotFound for a call that was not settled."""
        reserved = None if adjusted.call_id in self._open else self._store.settled_hold(adjusted.call_id)
        if reserved is None:
            raise NotFound(f"there is no settled call {adjusted.call_id!r}", fix="only a settled call can be adjusted")
        for key in reserved.windows:
            self._move(key, adjusted.delta)
        self._store.append(adjusted)

    def _move(self, key: str, amounts: Amounts) -> None:
        """Add to a window's spending, before its entry is appended, whether or not the window is in memory."""
        cell = self._cells.get(key)
        if cell is None:
            self._moved[key] = (self._moved.get(key) or self._store.spent(key) or Amounts()).plus(amounts)
        else:
            cell.spent += in_measure(amounts, cell.budget.measure)

    def durable(self, seq: int) -> "asyncio.Future[None] | None":
        """None when the entry is in the journal; else a future that is done when it is, or raises JournalFull (also where that takes longer
        than ``limits.HOLD_DURABLE_S_MAX``)."""
        if seq <= self._committed:
            return None
        loop = asyncio.get_running_loop()
        future: asyncio.Future[None] = loop.create_future()
        self._waiting.append((seq, loop.time() + limits.HOLD_DURABLE_S_MAX, future))
        if self._impatient is None:
            self._impatient = loop.call_later(1.0, self._give_up_late, loop)
        if seq <= self._committed or self._error is not None:
            self._wake()
        return future

    def _on_committed(self, seq: int) -> None:
        """From the writer's thread. The order (set, then look for waiters) pairs with ``durable`` (add a waiter, then look)."""
        self._committed, self._error = seq, None
        self._notify()

    def _on_error(self, error: Exception | None) -> None:
        self._error = error
        if error is not None:
            self._notify()

    def _notify(self) -> None:
        waiting = self._waiting
        if waiting:
            try:
                waiting[0][2].get_loop().call_soon_threadsafe(self._wake)
            except (RuntimeError, IndexError):  # the loop closed, or all were woken meanwhile
                return

    def _wake(self) -> None:
        """On the loop: finish the waiters whose entries are in, fail all while the journal cannot be written."""
        waiting, self._waiting = self._waiting, []
        for seq, until_s, future in waiting:
            if future.done():
                continue
            if seq <= self._committed:
                future.set_result(None)
            elif self._error is not None:
                future.set_exception(JournalFull(f"the journal cannot be written: {self._error}", fix="free space on its disk"))
            else:
                self._waiting.append((seq, until_s, future))

    def _give_up_late(self, loop: asyncio.AbstractEventLoop) -> None:
        """End the waits that have lasted too long: one timer for all of them, as one for each call would cost more than its hold."""
        now_s = loop.time()
        for _, until_s, future in self._waiting:
            if until_s < now_s and not future.done():
                future.set_exception(JournalFull("the journal is not being written", fix="look at its disk"))
        self._impatient = loop.call_later(1.0, self._give_up_late, loop) if self._waiting else None

    def open_holds(self) -> tuple[Reserved, ...]:
        """Holds of calls in flight."""
        return tuple(reserved for reserved, _ in self._open.values())

    def sweep(self, now_ms: int) -> int:
        """After a restart: holds of the process that died settle at the hold, marked estimated. How many there were; once for a start."""
        if self._swept:
            return 0
        self._swept, swept = True, 0
        for reserved in self._store.open_holds():
            self._open[reserved.call_id] = (reserved, ())
            usage = Usage(input_tokens=reserved.held.tokens)
            charged = Amounts(reserved.held.nanousd, reserved.held.tokens, reserved.held.calls)
            quality = Quality.UNPRICED if reserved.quality is Quality.UNPRICED else Quality.ESTIMATED
            for key in reserved.windows:
                self._move(key, charged)
            self.settle(
                Settled(
                    reserved.call_id, now_ms, charged, quality, usage, price_book=reserved.price_book, model=reserved.model, status=0, reason=SWEPT
                )
            )
            swept += 1
        return swept

    def close(self) -> None:
        """Write what is queued, and let the journal go. Raises JournalFull where entries could not be written in time: they are lost."""
        lost = self._store.close()
        if lost:
            entries = "1 entry" if lost == 1 else f"{lost:,} entries"
            raise JournalFull(
                f"{entries} could not be written to the journal within {limits.JOURNAL_CLOSE_S_MAX:g} s, and went with the process",
                fix="free space on its disk and start again: calls whose hold was written settle at the hold; a provider's report has the others",
            )
