"""The figures of the Initiatives page, and of one initiative's. Pure."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from msgspec import Struct

from wellspent.analytics.initiative import Standing
from wellspent.facts.errors import InvalidInput
from wellspent.facts.money import format_usd
from wellspent.identity.initiatives import Step
from wellspent.surfaces.charts.bars import Bar
from wellspent.surfaces.charts.bars import draw as draw_bars
from wellspent.surfaces.charts.cumulative import Cumulative
from wellspent.surfaces.charts.cumulative import draw as draw_cumulative
from wellspent.surfaces.cli.when import local
from wellspent.surfaces.initiatives import told
from wellspent.surfaces.web.value_question import check_names

STATES = {"": "All", "open": "To decide", "overdue": "Overdue", "decided": "Decided"}
DRAWN_DAYS_MAX = 732  # a chart to the day to decide by, unless that is further away


class Question(Struct, frozen=True):
    """What the address asks for: one of ``STATES``, and an owner, or "" for all."""

    state: str = ""
    owner: str = ""

    @classmethod
    def parse(cls, query: Mapping[str, str]) -> "Question":
        """Read ``?state=overdue&owner=zoe``. Raises InvalidInput for a state that is none, and for what cannot be chosen."""
        check_names(query, cls.__struct_fields__)
        state = query.get("state", "")
        if state not in STATES:
            raise InvalidInput(f"{state!r} is no state of an initiative", fix=f"use {', '.join(filter(None, STATES))}")
        return cls(state, query.get("owner", ""))

    def takes(self, found: Standing) -> bool:
        """Whether it asks for this one."""
        decided = found.initiative.decision is not None
        fits = {"": True, "open": not decided, "overdue": found.overdue, "decided": decided}[self.state]
        return fits and self.owner in ("", found.initiative.owner)


class ListView(Struct, frozen=True):
    """All figures of the page.

    Attributes:
        answer: The page's question, answered in a sentence.
        late: Whether a decision is overdue.
        priced_percent: Share of the calls of these initiatives with a known price, a call of two counted twice; None without calls.
    """

    answer: str
    late: bool
    priced_percent: float | None
    chart: str
    lines: Sequence[Standing]


def list_view(found: Sequence[Standing], question: Question) -> ListView:
    """The page, from what stands where."""
    lines = [each for each in found if question.takes(each)]
    calls = sum(each.spending.calls for each in lines)
    unpriced = sum(each.spending.unpriced_calls for each in lines)
    answer = _answer(lines)
    return ListView(
        answer=answer,
        late=any(each.overdue for each in lines),
        priced_percent=100 * (calls - unpriced) / calls if calls else None,
        chart=draw_bars([_bar(each) for each in lines], f"Cost so far of each initiative, against its budget. {answer}") if lines else "",
        lines=lines,
    )


def days_view(found: Standing, by_day: Mapping[str, int], today: date) -> tuple[list[tuple[str, int, int]], str]:
    """One initiative day by day, as ``(day, spent, so far)``, and its chart.

    Args:
        by_day: Nano-dollars by day.
    """
    initiative = found.initiative
    begins, due = date.fromisoformat(initiative.begins_on), date.fromisoformat(initiative.decide_by)
    if today < begins:
        return [], ""
    days, so_far = [], 0
    for day in _from_to(begins, today):
        so_far += by_day.get(day, 0)
        days.append((day, by_day.get(day, 0), so_far))
    last = max(today, due) if (due - begins).days <= DRAWN_DAYS_MAX else today
    limit = found.limit_nanousd
    told = f"{format_usd(so_far)} so far" + (f", of {format_usd(limit)}" if limit is not None else "")
    figure = Cumulative(
        days=_from_to(begins, last),
        spent=[each[2] for each in days],
        plan=limit,
        low=None,
        high=None,
        plan_name=initiative.budget,
        alt=f"Cumulative cost of {initiative.name} since {begins}: {told}.",
        level=True,
    )
    return days, draw_cumulative(figure)


def history_lines(steps: Sequence[Step], zone: ZoneInfo) -> list[dict[str, object]]:
    """Every change for the page, the newest first: when, by whom, what, and its number in the audit log."""
    return [{"at": local(each.at_ms, zone), "actor": each.actor, "told": told(each), "seq": each.seq} for each in reversed(steps)]


def due_words(found: Standing) -> str:
    """``in 9 days``, ``today``, ``2 days overdue``; "" once decided."""
    left = found.days_left
    if left is None:
        return ""
    number = f"{abs(left):,} day{'' if abs(left) == 1 else 's'}"
    return f"{number} overdue" if left < 0 else f"in {number}" if left else "today"


def _answer(lines: Sequence[Standing]) -> str:
    """Without a sum of what they cost: two of them may share calls."""
    if not lines:
        return "No initiative is to be shown."
    undecided = [each for each in lines if each.days_left is not None]
    late = [each for each in undecided if each.overdue]
    told = f"{len(undecided):,} of {len(lines):,} initiative{'' if len(lines) == 1 else 's'} to decide"
    if late:
        others = f", and {len(late) - 1:,} more are overdue" if len(late) > 1 else ""
        return f"{told}; the decision on {late[0].initiative.name} is {due_words(late[0])}{others}."
    if undecided:
        return f"{told}; the next is {undecided[0].initiative.name}, {due_words(undecided[0])}."
    return f"{told}."


def _bar(found: Standing) -> Bar:
    unpriced = found.spending.unpriced_calls
    note = f"{unpriced:,} calls of unknown price" if unpriced else ""
    name = found.initiative.name
    return Bar(name, found.spending.nanousd, found.limit_nanousd, note, f"/initiatives/{name}")


def _from_to(first: date, last: date) -> list[str]:
    return [(first + timedelta(days=number)).isoformat() for number in range((last - first).days + 1)]
