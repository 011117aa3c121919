"""Cumulative spending against the plan, with the range in which the month may end. Floats only here, for drawing."""

from collections.abc import Callable, Iterator, Sequence
from datetime import date
from xml.sax.saxutils import escape

from msgspec import Struct

from wellspent.surfaces.charts.scale import nice, short

WIDTH, HEIGHT = 960, 340
LEFT, RIGHT, TOP, BOTTOM = 64, 150, 16, 36
DAYS_BY_WEEK = 31  # so many days are labelled every week by their number; more by a few dates
DATES_MAX = 7
LABEL_GAP = 17  # least distance between two labels at the right edge


class Cumulative(Struct, frozen=True):
    """What is drawn.

    Attributes:
        days: Every day of the month, or of another stretch, in order, e.g. ``"2026-11-01"``.
        spent: Cumulative nano-dollars at the end of each day so far.
        plan: Cumulative nano-dollars the plan allows at the end; None where there is no plan.
        level: Whether the plan allows the same at any time (a budget in all), and not a day's share each day.
        low, high: The range of the month's end, nano-dollars; None where nothing is foretold.
        plan_name: What the plan is called, e.g. ``"1/12 of ai-2026"``.
        alt: The same in a sentence, for those who do not see it.
    """

    days: Sequence[str]
    spent: Sequence[int]
    plan: int | None
    low: int | None
    high: int | None
    plan_name: str
    alt: str
    level: bool = False


def draw(figure: Cumulative) -> str:
    """The figure as an ``<svg>`` element with classes ``axis``, ``actual``, ``range``, ``plan``."""
    top = nice(max([figure.high or 0, figure.plan or 0, *figure.spent, 10**7]))
    count = max(len(figure.days) - 1, 1)

    def x(day: float) -> float:
        return LEFT + (WIDTH - LEFT - RIGHT) * day / count

    def y(nanousd: int) -> float:
        return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * nanousd / top

    parts = [f'<svg class="figure" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(figure.alt, {chr(34): "&quot;"})}">']
    for step in range(5):
        value = top * step // 4
        parts.append(f'<line class="grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y(value):.1f}" y2="{y(value):.1f}"/>')
        parts.append(f'<text class="axis end" x="{LEFT - 8}" y="{y(value) + 4:.1f}">{short(value)}</text>')
    for number, text in _dates(figure.days):
        parts.append(f'<text class="axis middle" x="{x(number):.1f}" y="{HEIGHT - BOTTOM + 20}">{text}</text>')
    today = len(figure.spent) - 1
    if figure.plan is not None:
        first = figure.plan if figure.level else figure.plan // (count + 1)
        parts.append(f'<line class="plan" x1="{x(0):.1f}" y1="{y(first):.1f}" x2="{x(count):.1f}" y2="{y(figure.plan):.1f}"/>')
    if figure.low is not None and figure.high is not None and figure.spent and today < count:
        now, ends = y(figure.spent[-1]), (y(figure.low), y(figure.high))
        parts.append(f'<polygon class="range" points="{x(today):.1f},{now:.1f} {x(count):.1f},{ends[0]:.1f} {x(count):.1f},{ends[1]:.1f}"/>')
    if figure.spent:
        points = " ".join(f"{x(number):.1f},{y(value):.1f}" for number, value in enumerate(figure.spent))
        parts.append(f'<polyline class="actual" points="{points}"/>')
        parts.append(f'<circle class="actual" cx="{x(today):.1f}" cy="{y(figure.spent[-1]):.1f}" r="4"/>')
    parts.extend(_labels(figure, y))
    parts.append("</svg>")
    return "".join(parts)


def _dates(days: Sequence[str]) -> Iterator[tuple[int, str]]:
    """Which days are labelled, and how: a month by its weeks, a longer stretch by a few dates; always the last."""
    last = len(days) - 1
    step = 7 if len(days) <= DAYS_BY_WEEK else -(-last // DATES_MAX)
    for number, day in enumerate(days):
        if (number % step == 0 and last - number > step // 3) or number == last:
            yield number, str(int(day[8:])) if step == 7 else f"{date.fromisoformat(day):%d %b}".lstrip("0")


def _labels(figure: Cumulative, y: Callable[[int], float]) -> list[str]:
    """Direct labels at the right edge, spread where they would touch."""
    wanted = []
    if figure.plan is not None:
        wanted.append((y(figure.plan), "plan", f"{'budget' if figure.level else 'plan'} {short(figure.plan)}"))
    if figure.low is not None and figure.high is not None and len(figure.spent) < len(figure.days):
        wanted.append((y(figure.high), "range", f"high {short(figure.high)}"))
        wanted.append((y(figure.low), "range", f"low {short(figure.low)}"))
    elif figure.spent:
        wanted.append((y(figure.spent[-1]), "actual", f"spent {short(figure.spent[-1])}"))
    placed: list[str] = []
    last = float("-inf")
    for at, name, text in sorted(wanted):
        last = max(at + 4, last + LABEL_GAP)
        placed.append(f'<text class="label {name}" x="{WIDTH - RIGHT + 10}" y="{last:.1f}">{escape(text)}</text>')
    return placed
