"""Budgets as lines of a page: where each stands, and when it runs out at this pace; the next to run out comes first."""

from collections.abc import Iterable
from zoneinfo import ZoneInfo

from msgspec import Struct

from wellspent.budgets.budget import Budget
from wellspent.budgets.decide import in_measure
from wellspent.budgets.window import Calendar, Window, window_of
from wellspent.facts.clock import day_of
from wellspent.ledger.reader import JournalReader
from wellspent.surfaces.web.groups import Groups


class BudgetLine(Struct, frozen=True):
    """A budget with where it stands.

    Attributes:
        limit, spent, held: In its measure; nano-dollars where that is ``usd``.
        used, waiting, elapsed: Shares from 0 to 1 for drawing: spent, held, and how much of the window is over.
        runs_out: Day of exhaustion at the pace so far, "now" once used up, or "" where the window ends first.
    """

    id: str
    scope: str
    measure: str
    at_limit: str
    limit: int
    spent: int
    held: int
    percent: float
    used: float
    waiting: float
    elapsed: float
    runs_out: str
    resets: str


def budget_lines(reader: JournalReader, budgets: Iterable[Budget], groups: Groups, calendar: Calendar, now_ms: int) -> tuple[list[BudgetLine], int]:
    """Every running budget on one scope, and how many are not told because they are of too few people.

    Ceilings for each value (each run) are left to ``wellspent budgets show``.
    """
    zone = ZoneInfo(calendar.timezone)
    known = [each for each in budgets if each.scope.name != "*"]
    running = [(each, window_of(each, each.scope.name, now_ms, calendar)) for each in known if not groups.hides(each.scope)]
    balances = {balance.key: balance for balance in reader.balances([window.key for _, window in running if window])}
    lines = []
    for budget, window in running:
        if window is None:
            continue
        balance = balances.get(window.key)
        spent = in_measure(balance.spent, budget.measure) if balance else 0
        held = in_measure(balance.held, budget.measure) if balance else 0
        lines.append(_line(budget, window, spent, held, now_ms, zone))
    told = sorted(lines, key=lambda line: (line.runs_out != "now", line.runs_out or "9999", -line.percent))
    return told, len(known) - len(running)


def _line(budget: Budget, window: Window, spent: int, held: int, now_ms: int, zone: ZoneInfo) -> BudgetLine:
    limit = max(budget.limit, 1)
    ends = window.ends_ms
    used = min(1.0, spent / limit)
    return BudgetLine(
        id=budget.id,
        scope=str(budget.scope),
        measure=budget.measure,
        at_limit=budget.at_limit,
        limit=budget.limit,
        spent=spent,
        held=held,
        percent=100 * (spent + held) / limit,
        used=used,
        waiting=min(1.0 - used, held / limit),
        elapsed=min(1.0, (now_ms - window.starts_ms) / (ends - window.starts_ms)) if ends is not None and window.starts_ms else 0.0,
        runs_out=_runs_out(budget, window, spent, now_ms, zone),
        resets=day_of(ends, zone.key) if ends is not None else "never",
    )


def _runs_out(budget: Budget, window: Window, spent: int, now_ms: int, zone: ZoneInfo) -> str:
    if spent >= budget.limit:
        return "now"
    if not spent or not window.starts_ms:
        return ""
    at_ms = window.starts_ms + (now_ms - window.starts_ms) * budget.limit // spent
    return "" if window.ends_ms is not None and at_ms >= window.ends_ms else day_of(at_ms, zone.key)
