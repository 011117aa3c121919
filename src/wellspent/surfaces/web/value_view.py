"""The figures of the page Value: what did a dollar buy, and is it getting dearer? Pure: from answers to a record for page, JSON and CSV."""

from collections.abc import Sequence
from datetime import date, timedelta

from msgspec import Struct

from wellspent.analytics.contract import Contract
from wellspent.analytics.value import Line, Value
from wellspent.facts.money import format_usd
from wellspent.surfaces.charts.unit_cost import Point, draw
from wellspent.surfaces.web.value_question import Question, Step

PENDING_PERCENT = 5.0  # with more of its outcomes pending, a step's cost is not held against others yet
DOLLARS = (1, 100, 10_000, 1_000_000)


class Row(Struct, frozen=True):
    """One contract in one stretch of time; None is unknown.

    Attributes:
        period: The day or month it begins with; "" for all of the time asked for.
        reversal_percent: Of those that had settled.
        open_nanousd, late_nanousd, rework_nanousd: Parts of what was spent, see ``analytics.value.Line``.
        price_nanousd: What changed prices made of what was spent, against the months before.
        each_nanousd: Spent for each that counts, with its 95 % interval; None also where no money is known to belong to them.
    """

    contract: str
    period: str
    settled: int
    pending: int
    reversed: int
    reversal_percent: float | None
    spent_nanousd: int
    linked_nanousd: int
    matched_nanousd: int
    split_nanousd: int
    open_nanousd: int
    late_nanousd: int
    rework_nanousd: int
    price_nanousd: int
    each_nanousd: int | None
    low_nanousd: int | None
    high_nanousd: int | None
    each_at_last_prices_nanousd: int | None
    grade: str
    revenue_nanousd: int | None
    worth_nanousd: int | None
    before_nanousd: int | None
    vendor_nanousd: int | None

    def percent(self, tier: str) -> str:
        """How much of what was spent is in a tier, for people."""
        amount: int = getattr(self, f"{tier}_nanousd")
        return f"{100 * amount / self.spent_nanousd:.0f} %" if self.spent_nanousd else "–"


class Coverage(Struct, frozen=True):
    """How much the figures know; None without money or calls.

    Attributes:
        carried_percent: Of the money, how much outcomes carry by any rule; ``linked_percent``, by an id.
        unlinked: Outcomes of these months that name nothing by which money finds them.
        uncounted, waiting: Outcomes of no contract, and reversals of outcomes nobody has heard of; at any time.
    """

    calls: int
    estimated_calls: int
    unpriced_calls: int
    priced_percent: float | None
    linked_percent: float | None
    carried_percent: float | None
    unlinked: int
    uncounted: int
    waiting: int


class View(Struct, frozen=True):
    """All figures of the page. Spent of the lines and the unallocated sum to the total.

    Attributes:
        lines: Each contract over the months.
        steps: Each contract, week by week or month by month.
        answer: The page's question, answered for the chosen contract.
    """

    since: str
    until: str
    by: str
    contract: str
    as_of_ms: int
    answer: str
    coverage: Coverage
    lines: tuple[Row, ...]
    steps: tuple[Row, ...]
    unallocated_nanousd: int
    unallocated_percent: float | None
    total_nanousd: int
    chart: str

    @property
    def chosen(self) -> tuple[Row, ...]:
        """The steps of the chosen contract."""
        return tuple(row for row in self.steps if row.contract == self.contract)


def view_of(question: Question, contracts: Sequence[Contract], whole: Value, steps: Value, as_of_ms: int, today: date) -> View:
    """Put the page together.

    Args:
        whole: A line for each contract.
        steps: A line for each contract and step.
    """
    contract = next(each for each in contracts if each.name == question.contract)
    line = next(each for each in whole.lines if each.contract == contract.name) if whole.lines else None
    points = [_point(each, question, today) for each in steps.lines if each.contract == contract.name]
    told = _answer(contract, line, points, question.by)
    return View(
        since=question.months.since,
        until=question.months.until,
        by=question.by,
        contract=contract.name,
        as_of_ms=as_of_ms,
        answer=told,
        coverage=coverage_of(whole),
        lines=tuple(map(row_of, whole.lines)),
        steps=tuple(map(row_of, steps.lines)),
        unallocated_nanousd=whole.unallocated_nanousd,
        unallocated_percent=whole.share_percent("unallocated"),
        total_nanousd=whole.total_nanousd,
        chart=draw(points, words_of(contract.kind), f"Cost for each {words_of(contract.kind)} by {question.by}. {told}") if points else "",
    )


def row_of(line: Line) -> Row:
    """A line with what follows from it."""
    known = line.spent_nanousd != 0
    return Row(
        reversal_percent=line.reversal_percent,
        spent_nanousd=line.spent_nanousd,
        rework_nanousd=line.rework_nanousd,
        each_nanousd=line.each_nanousd if known else None,
        each_at_last_prices_nanousd=line.each_at_last_prices_nanousd if known else None,
        grade=line.grade,
        **{
            name: getattr(line, name)
            for name in (
                *("contract", "period", "settled", "pending", "reversed", "linked_nanousd", "matched_nanousd", "split_nanousd"),
                *("open_nanousd", "late_nanousd"),
                *("price_nanousd", "low_nanousd", "high_nanousd", "revenue_nanousd", "worth_nanousd", "before_nanousd", "vendor_nanousd"),
            )
        },
    )


def coverage_of(whole: Value) -> Coverage:
    """How much these figures know."""
    calls, unallocated = whole.calls, whole.share_percent("unallocated")
    return Coverage(
        calls=calls.calls,
        estimated_calls=calls.estimated_calls,
        unpriced_calls=calls.unpriced_calls,
        priced_percent=100 * (calls.calls - calls.unpriced_calls) / calls.calls if calls.calls else None,
        linked_percent=whole.share_percent("linked"),
        carried_percent=None if unallocated is None else 100 - unallocated,
        unlinked=whole.unlinked,
        uncounted=whole.uncounted,
        waiting=whole.waiting,
    )


def words_of(kind: str) -> str:
    """``conversation_solved`` for people."""
    return kind.replace("_", " ")


def _point(line: Line, question: Question, today: date) -> Point:
    row = row_of(line)
    return Point(
        label=line.period,
        each_nanousd=row.each_nanousd,
        low_nanousd=row.low_nanousd if row.each_nanousd is not None else None,
        high_nanousd=row.high_nanousd if row.each_nanousd is not None else None,
        settled=line.settled,
        pending=line.pending,
        reversed=line.reversed,
        final=_final(line, question, today),
    )


def _final(line: Line, question: Question, today: date) -> bool:
    """Whether a step lies within the months asked for, is over, and has next to nothing pending."""
    first = date.fromisoformat(line.period if question.by == "week" else f"{line.period}-01")
    after = first + timedelta(days=7) if question.by == "week" else (first + timedelta(days=31)).replace(day=1)
    within = question.months.first <= first.isoformat() and after.isoformat() <= question.months.after and after <= today
    return within and 100 * line.pending <= PENDING_PERCENT * (line.settled + line.pending)


def _answer(contract: Contract, line: Line | None, points: Sequence[Point], by: Step) -> str:
    one = f"one {words_of(contract.kind)}"
    row = row_of(line) if line else None
    if row is None or not (row.settled or row.spent_nanousd):
        return f"Nothing was spent on {contract.name} and nothing settled in these months."
    if row.each_nanousd is None:
        return f"What {one} costs is unknown: " + ("no spending is known to be for it." if row.settled else "none settled in these months.")
    interval = f" (95 %: {_range(row.low_nanousd, row.high_nanousd)})" if row.low_nanousd is not None else ""
    return f"{_bought(row.each_nanousd)}: {one} cost {format_usd(row.each_nanousd)}{interval}. {_trend(points, by)}"


def _bought(each_nanousd: int) -> str:
    """``$1 bought 10.9``: the fewest round dollars that buy one."""
    dollars = next((each for each in DOLLARS if each * 10**9 >= each_nanousd), DOLLARS[-1])
    return f"${dollars:,} bought {dollars * 10**9 / each_nanousd:,.1f}" if each_nanousd > 0 else "It cost nothing"


def _trend(points: Sequence[Point], by: Step) -> str:
    """The newest finished step against the oldest; a change is one that their intervals do not explain."""
    told = [each for each in points if each.final and each.low_nanousd is not None]
    if len(told) < 2:
        return f"Too few finished {by}s to say whether it is getting dearer."
    old, new = told[0], told[-1]
    change = f"{_told(old)} in {_when(old, by)}, {_told(new)} in {_when(new, by)}"
    if (new.low_nanousd or 0) > (old.high_nanousd or 0):
        return f"It got dearer: {change}."
    if (new.high_nanousd or 0) < (old.low_nanousd or 0):
        return f"It got cheaper: {change}."
    return f"Whether it is getting dearer is not clear: {change}, and these intervals overlap."


def _told(point: Point) -> str:
    return f"{format_usd(point.each_nanousd or 0)} ({_range(point.low_nanousd, point.high_nanousd)})"


def _range(low_nanousd: int | None, high_nanousd: int | None) -> str:
    return f"{format_usd(low_nanousd or 0)} to {format_usd(high_nanousd or 0)}"


def _when(point: Point, by: Step) -> str:
    return f"the week of {point.label}" if by == "week" else point.label
