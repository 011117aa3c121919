"""The Overview's figures: are we on plan this month?"""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from msgspec import Struct

from wellspent.budgets.budget import Budget
from wellspent.budgets.decide import in_measure
from wellspent.budgets.window import Calendar, Window, window_of
from wellspent.facts.attribution import Scope
from wellspent.identity.settings import Settings
from wellspent.ledger.reader import CallRow, JournalReader, SpendRow

MONTH = Budget("month", Scope("org", "month"), 0)


class Day(Struct, frozen=True):
    """One day of the month."""

    day: str
    nanousd: int
    cumulative_nanousd: int


class BudgetLine(Struct, frozen=True):
    """A budget with where it stands and when it runs out at this pace.

    Attributes:
        runs_out: Day of exhaustion at the pace so far, or "" where the window ends first.
    """

    id: str
    scope: str
    measure: str
    at_limit: str
    limit: int
    spent: int
    held: int
    percent: float
    runs_out: str
    resets: str


class View(Struct, frozen=True):
    """All figures of the page."""

    month: str
    spent_nanousd: int
    calls: int
    priced_percent: float | None
    unpriced_calls: int
    estimated_calls: int
    month_end_nanousd: int
    days: list[Day]
    budgets: list[BudgetLine]
    teams: list[SpendRow]
    models: list[SpendRow]
    recent: list[CallRow]


def overview(reader: JournalReader, settings: Settings, calendar: Calendar, now_ms: int) -> View:
    """Compute the page."""
    zone = ZoneInfo(calendar.timezone)
    month = window_of(MONTH, "", now_ms, calendar)
    assert month is not None
    until = month.ends_ms or now_ms
    by_day = {row.group[0]: row.nanousd for row in reader.spend(month.starts_ms, until, ("day",), zone=zone)}
    total = reader.spend(month.starts_ms, until)
    spent = sum(row.nanousd for row in total)
    calls = sum(row.calls for row in total)
    unpriced = sum(row.by_quality.get("unpriced", 0) for row in total)
    share = (now_ms - month.starts_ms) / (until - month.starts_ms)
    return View(
        month=f"{datetime.fromtimestamp(month.starts_ms / 1000, UTC).astimezone(zone):%B %Y}",
        spent_nanousd=spent,
        calls=calls,
        priced_percent=100 * (calls - unpriced) / calls if calls else None,
        unpriced_calls=unpriced,
        estimated_calls=sum(row.by_quality.get("estimated", 0) for row in total),
        month_end_nanousd=int(spent / share) if share else spent,
        days=_days(by_day, month, now_ms, zone),
        budgets=_budgets(reader, settings, calendar, now_ms, zone),
        teams=reader.spend(month.starts_ms, until, ("team",))[:10],
        models=reader.spend(month.starts_ms, until, ("model",))[:10],
        recent=reader.recent(15),
    )


def _days(by_day: dict[str, int], month: Window, now_ms: int, zone: ZoneInfo) -> list[Day]:
    at = datetime.fromtimestamp(month.starts_ms / 1000, UTC).astimezone(zone).date()
    today = datetime.fromtimestamp(now_ms / 1000, UTC).astimezone(zone).date()
    found, cumulative = [], 0
    while at <= today:
        nanousd = by_day.get(at.isoformat(), 0)
        cumulative += nanousd
        found.append(Day(at.isoformat(), nanousd, cumulative))
        at += timedelta(days=1)
    return found


def _budgets(reader: JournalReader, settings: Settings, calendar: Calendar, now_ms: int, zone: ZoneInfo) -> list[BudgetLine]:
    balances = {balance.key: balance for balance in reader.balances()}
    lines = []
    for budget in settings.budgets():
        if budget.scope.name == "*":
            continue
        window = window_of(budget, budget.scope.name, now_ms, calendar)
        if window is None:
            continue
        balance = balances.get(window.key)
        spent = in_measure(balance.spent, budget.measure) if balance else 0
        held = in_measure(balance.held, budget.measure) if balance else 0
        percent = 100 * (spent + held) / budget.limit if budget.limit else 100.0
        runs_out = _runs_out(budget, window, spent, now_ms)
        lines.append(
            BudgetLine(
                budget.id,
                str(budget.scope),
                budget.measure,
                budget.at_limit,
                budget.limit,
                spent,
                held,
                percent,
                _date(runs_out, zone) if runs_out is not None else "",
                _date(window.ends_ms, zone) if window.ends_ms is not None else "never",
            )
        )
    return sorted(lines, key=lambda line: (line.runs_out or "9999", -line.percent))


def _runs_out(budget: Budget, window: Window, spent: int, now_ms: int) -> int | None:
    """When the limit is reached at the pace so far; None where the window ends first."""
    if spent >= budget.limit:
        return now_ms
    if not spent or not window.starts_ms:
        return None
    at_ms = window.starts_ms + (now_ms - window.starts_ms) * budget.limit // spent
    return None if window.ends_ms is not None and at_ms >= window.ends_ms else at_ms


def _date(at_ms: int, zone: ZoneInfo) -> str:
    return f"{datetime.fromtimestamp(at_ms / 1000, UTC).astimezone(zone):%Y-%m-%d}"
