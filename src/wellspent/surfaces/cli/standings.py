"""Where each budget stands now: budgets and the journal's balances put side by side. Pure but for reading."""

from collections.abc import Iterable, Mapping, Sequence

from msgspec import Struct

from wellspent.budgets.budget import Budget
from wellspent.budgets.decide import in_measure
from wellspent.budgets.window import Calendar, window_of
from wellspent.config import Config
from wellspent.ledger.reader import JournalReader, WindowBalance
from wellspent.surfaces.cli.common import JOURNAL


class Place(Struct, frozen=True):
    """One window of one budget.

    Attributes:
        value: The scope's value, for a budget on each value; else "".
        window: Its key; "" where a fixed budget is not running.
        ends_ms: When it begins anew; None is never.
    """

    budget: Budget
    value: str
    window: str
    ends_ms: int | None
    spent: int
    held: int

    @property
    def left(self) -> int:
        """limit - spent - held."""
        return self.budget.limit - self.spent - self.held

    @property
    def used_percent(self) -> float | None:
        """Share of the limit that is spent or held; None for a limit of zero. For showing only."""
        return 100 * (self.spent + self.held) / self.budget.limit if self.budget.limit else None


def read_balances(config: Config) -> list[WindowBalance]:
    """The journal's balances; none where there is no journal yet."""
    path = config.data_dir / JOURNAL
    return JournalReader(path).balances() if path.is_file() else []


def places(budgets: Iterable[Budget], balances: Sequence[WindowBalance], now_ms: int, calendar: Calendar) -> list[Place]:
    """Where budgets stand. A budget on each value has one place for each value that called in this window."""
    by_key = {balance.key: balance for balance in balances}
    found: list[Place] = []
    for budget in budgets:
        if budget.scope.name == "*":
            found.extend(_each(budget, by_key, now_ms, calendar))
        else:
            found.append(_one(budget, "", by_key, now_ms, calendar))
    return found


def _each(budget: Budget, by_key: Mapping[str, WindowBalance], now_ms: int, calendar: Calendar) -> list[Place]:
    window = window_of(budget, "", now_ms, calendar)
    values = [key.removeprefix(window.key) for key in by_key if key.startswith(window.key)] if window else []
    return [_one(budget, value, by_key, now_ms, calendar) for value in values]


def _one(budget: Budget, value: str, by_key: Mapping[str, WindowBalance], now_ms: int, calendar: Calendar) -> Place:
    window = window_of(budget, value, now_ms, calendar)
    if window is None:
        return Place(budget, value, "", None, 0, 0)
    balance = by_key.get(window.key)
    if balance is None:
        return Place(budget, value, window.key, window.ends_ms, 0, 0)
    return Place(budget, value, window.key, window.ends_ms, in_measure(balance.spent, budget.measure), in_measure(balance.held, budget.measure))
