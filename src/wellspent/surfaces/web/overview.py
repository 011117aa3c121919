"""The Overview's figures: are we on plan this month? All totals are computed here, from the ledger, for the filters in the address."""

from calendar import monthrange
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from math import sqrt
from statistics import fmean, pstdev
from zoneinfo import ZoneInfo

from msgspec import Struct

from wellspent.budgets.budget import Budget
from wellspent.budgets.window import Calendar, Window, window_of
from wellspent.facts.attribution import Scope
from wellspent.facts.errors import InvalidInput
from wellspent.facts.money import format_usd
from wellspent.identity.settings import Settings
from wellspent.ledger.reader import CallRow, JournalReader, SpendRow
from wellspent.surfaces.charts.cumulative import Cumulative, draw
from wellspent.surfaces.web.budget_lines import BudgetLine, budget_lines
from wellspent.surfaces.web.calls import Recent
from wellspent.surfaces.web.groups import Groups
from wellspent.surfaces.web.value_question import check_names

MONTH = Budget("month", Scope("org", "month"), 0)
FILTERS = ("team", "project", "workflow", "model", "client")
SPREAD_DAYS = 28  # whole days that the month-end range is drawn from
Z_80 = 1.2816  # four times out of five, for days that vary alike and independently


class Day(Struct, frozen=True):
    """One day of the month."""

    day: str
    nanousd: int
    cumulative_nanousd: int


class Group(Struct, frozen=True):
    """One line of a table of spending."""

    name: str
    nanousd: int
    calls: int
    tokens: int
    unpriced_calls: int
    share: float


class Plan(Struct, frozen=True):
    """What this month may cost.

    Attributes:
        name: The budget it follows from.
        nanousd: For this month: a month's budget itself, a twelfth of a year's, a third of a quarter's.
    """

    name: str
    nanousd: int


class View(Struct, frozen=True):
    """All figures of the page.

    Attributes:
        answer: The page's question, answered in a sentence.
        month_end_low_nanousd: With ``month_end_high_nanousd``, the range for four cases in five, by the spread of the last whole days.
        priced_percent: Share of calls with a known price; None without calls.
        budgets_not_shown: How many budgets are of a person, a person's key or a small team.
    """

    month: str
    month_name: str
    previous_month: str
    next_month: str
    filters: dict[str, str]
    answer: str
    on_plan: bool | None
    plan: Plan | None
    spent_nanousd: int
    calls: int
    priced_percent: float | None
    unpriced_calls: int
    estimated_calls: int
    overrun_nanousd: int
    month_end_nanousd: int
    month_end_low_nanousd: int
    month_end_high_nanousd: int
    days: list[Day]
    chart: str
    budgets: list[BudgetLine]
    budgets_not_shown: int
    teams: list[Group]
    models: list[Group]
    recent: list[Recent]


class Question(Struct, frozen=True):
    """What the address asks for.

    Attributes:
        month: YYYY-MM, or "" for the running one.
        where: Filters by dimension.
    """

    month: str = ""
    where: dict[str, str] = {}

    @classmethod
    def parse(cls, query: Mapping[str, str]) -> "Question":
        """Read ``?month=2026-10&team=core``. Raises InvalidInput for a month that is none, and for what cannot be chosen."""
        check_names(query, ("month", *FILTERS))
        month = query.get("month", "")
        if month:
            try:
                datetime.strptime(month, "%Y-%m")
            except ValueError:
                raise InvalidInput(f"{month!r} is no month", fix="write it like 2026-11") from None
        return cls(month, {name: query[name] for name in FILTERS if query.get(name)})


def overview(reader: JournalReader, settings: Settings, calendar: Calendar, now_ms: int, question: Question | None = None) -> View:
    """Compute the page. Raises InvalidInput where what was chosen is of too few people to be told apart."""
    question, groups = question or Question(), Groups.of(settings)
    zone = ZoneInfo(calendar.timezone)
    today = datetime.fromtimestamp(now_ms / 1000, UTC).astimezone(zone).date()
    first = date.fromisoformat(f"{question.month}-01") if question.month else today.replace(day=1)
    window = window_of(MONTH, "", _ms(first, zone), calendar)
    assert window is not None
    assert window.ends_ms is not None
    where = question.where
    teams = reader.spend(window.starts_ms, window.ends_ms, ("team",), where)
    groups.check(where, [row.group[0] for row in teams])
    (total,) = reader.spend(window.starts_ms, window.ends_ms, (), where) or [SpendRow((), 0, 0, 0, 0, 0, 0, {})]
    unpriced = total.by_quality.get("unpriced", 0)
    days = _days(reader, window, first, min(today, _last(first)), where, zone)
    low, middle, high = _month_end(reader, days, _last(first), today, where, zone)
    budgets, hidden = budget_lines(reader, settings.budgets(), groups, calendar, now_ms)
    plan = None if where else _plan(settings, _last(first).day)
    answer, on_plan = _answer(total, plan, (low, middle, high), running=today <= _last(first), left=(_last(first) - today).days)
    chart = Cumulative(
        days=[(first + timedelta(days=number)).isoformat() for number in range((_last(first) - first).days + 1)],
        spent=[each.cumulative_nanousd for each in days],
        plan=plan.nanousd if plan else None,
        low=low,
        high=high,
        plan_name=plan.name if plan else "",
        alt=f"Cumulative spending in {first:%B %Y}. {answer}",
    )
    return View(
        month=f"{first:%Y-%m}",
        month_name=f"{first:%B %Y}",
        previous_month=f"{first - timedelta(days=1):%Y-%m}",
        next_month=f"{_last(first) + timedelta(days=1):%Y-%m}" if _last(first) < today else "",
        filters=where,
        answer=answer,
        on_plan=on_plan,
        plan=plan,
        spent_nanousd=total.nanousd,
        calls=total.calls,
        priced_percent=100 * (total.calls - unpriced) / total.calls if total.calls else None,
        unpriced_calls=unpriced,
        estimated_calls=total.by_quality.get("estimated", 0),
        overrun_nanousd=total.overrun_nanousd,
        month_end_nanousd=middle,
        month_end_low_nanousd=low,
        month_end_high_nanousd=high,
        days=days,
        chart=draw(chart),
        budgets=budgets,
        budgets_not_shown=hidden,
        teams=_groups(_merged(teams, groups), total.nanousd),
        models=_groups(reader.spend(window.starts_ms, window.ends_ms, ("model",), where), total.nanousd),
        recent=[Recent.of(row, groups) for row in reader.recent(200) if _fits(row, where)][:15],
    )


def _days(reader: JournalReader, window: Window, first: date, last: date, where: Mapping[str, str], zone: ZoneInfo) -> list[Day]:
    by_day = {row.group[0]: row.nanousd for row in reader.spend(window.starts_ms, window.ends_ms or 2**62, ("day",), where, zone)}
    found, cumulative = [], 0
    for number in range((last - first).days + 1):
        day = (first + timedelta(days=number)).isoformat()
        cumulative += by_day.get(day, 0)
        found.append(Day(day, by_day.get(day, 0), cumulative))
    return found


def _month_end(reader: JournalReader, days: list[Day], last: date, today: date, where: Mapping[str, str], zone: ZoneInfo) -> tuple[int, int, int]:
    """Low, middle and high for the month's end: what is spent, and the remaining days at the mean of the last whole days."""
    spent = days[-1].cumulative_nanousd if days else 0
    remaining = (last - today).days
    if remaining <= 0:
        return spent, spent, spent
    since = today - timedelta(days=SPREAD_DAYS)
    rows = {row.group[0]: row.nanousd for row in reader.spend(_ms(since, zone), _ms(today, zone), ("day",), where, zone)}
    known = [rows.get((since + timedelta(days=number)).isoformat(), 0) for number in range(SPREAD_DAYS)]
    while len(known) > 1 and not known[0]:  # before the first call there is nothing to learn from
        known.pop(0)
    mean, spread = fmean(known), pstdev(known) * sqrt(remaining) * Z_80
    today_left = max(0.0, mean - days[-1].nanousd)
    middle = spent + today_left + mean * remaining
    return int(max(spent, middle - spread)), int(middle), int(middle + spread)


def _plan(settings: Settings, days: int) -> Plan | None:
    """This month's share of the organisation's dollar budget: a month's before a quarter's before a year's before a fixed one's.

    Args:
        days: Of the month.
    """
    found = [each for each in settings.budgets() if each.scope.kind == "org" and each.measure == "usd" and not each.models]
    for period, share in (("month", 1), ("quarter", 3), ("year", 12)):
        for budget in found:
            if budget.period == period:
                return Plan(budget.id if share == 1 else f"1/{share} of {budget.id}", budget.limit // share)
    fixed = next((each for each in found if each.period == "fixed" and each.length_days > days), None)
    return Plan(f"{days}/{fixed.length_days} of {fixed.id}", fixed.limit * days // fixed.length_days) if fixed else None


def _answer(total: SpendRow, plan: Plan | None, ends: tuple[int, int, int], *, running: bool, left: int) -> tuple[str, bool | None]:
    low, middle, high = (format_usd(amount, places=0) for amount in ends)
    spent = format_usd(total.nanousd, places=0)
    if not total.calls:
        return "Nothing was spent.", None
    if not running:
        if plan is None:
            return f"{spent} was spent.", None
        over = total.nanousd - plan.nanousd
        return f"{'Over' if over > 0 else 'Within'} plan: {spent} of {format_usd(plan.nanousd, places=0)} was spent.", over <= 0
    until = f"the month ends at about {middle} ({low} to {high})"
    if plan is None:
        return f"{spent} is spent so far; at this pace {until}.", None
    limit = format_usd(plan.nanousd, places=0)
    if total.nanousd > plan.nanousd:
        return f"Over plan: {spent} of {limit} is spent with {left} days left; {until}.", False
    if ends[1] > plan.nanousd:
        return f"Heading over plan: {spent} of {limit} is spent; at this pace {until}.", False
    return f"On plan: {spent} of {limit} is spent; at this pace {until}.", True


def _merged(rows: list[SpendRow], groups: Groups) -> list[SpendRow]:
    """Teams with fewer people than may be shown apart become one line: a team of one is a person."""
    small = [row for row in rows if groups.folds(row.group[0])]
    kept = [row for row in rows if row not in small]
    if not small:
        return kept
    quality: dict[str, int] = {}
    for row in small:
        for each, calls in row.by_quality.items():
            quality[each] = quality.get(each, 0) + calls
    sums = {field: sum(getattr(row, field) for row in small) for field in SpendRow.__struct_fields__[1:-1]}
    return sorted([*kept, SpendRow(group=(groups.name,), by_quality=quality, **sums)], key=lambda row: -row.nanousd)


def _groups(rows: list[SpendRow], total_nanousd: int) -> list[Group]:
    """The ten dearest, and the others as one line, so that the table adds up."""
    found = [_group(row.group[0] or "unknown", [row], total_nanousd) for row in rows[:10]]
    if len(rows) > 10:
        found.append(_group(f"{len(rows) - 10} others", rows[10:], total_nanousd))
    return found


def _group(name: str, rows: list[SpendRow], total_nanousd: int) -> Group:
    nanousd = sum(row.nanousd for row in rows)
    calls, tokens = sum(row.calls for row in rows), sum(row.total_tokens for row in rows)
    unpriced = sum(row.by_quality.get("unpriced", 0) for row in rows)
    return Group(name, nanousd, calls, tokens, unpriced, nanousd / total_nanousd if total_nanousd else 0.0)


def _fits(row: CallRow, where: Mapping[str, str]) -> bool:
    who = row.reserved.attribution
    return all((row.reserved.model if name == "model" else getattr(who, name)) == value for name, value in where.items())


def _last(first: date) -> date:
    return first.replace(day=monthrange(first.year, first.month)[1])


def _ms(day: date, zone: ZoneInfo) -> int:
    return int(datetime(day.year, day.month, day.day, tzinfo=zone).timestamp() * 1000)
