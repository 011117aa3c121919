"""Cumulative spending against the plan, with the range in which the month may end. Floats only here, for drawing."""

from collections.abc import Callable, Sequence
from xml.sax.saxutils import escape

from msgspec import Struct

from wellspent.facts.money import format_usd

WIDTH, HEIGHT = 960, 340
LEFT, RIGHT, TOP, BOTTOM = 64, 150, 16, 36
LABEL_GAP = 17  # least distance between two labels at the right edge


class Cumulative(Struct, frozen=True):
    """What is drawn.

    Attributes:
        days: Every day of the month, in order, e.g. ``"2026-11-01"``.
        spent: Cumulative nano-dollars at the end of each day so far.
        plan: Cumulative nano-dollars the plan allows at the month's end; None where there is no plan.
        low, high: The range of the month's end, nano-dollars.
        plan_name: What the plan is called, e.g. ``"1/12 of ai-2026"``.
        alt: The same in a sentence, for those who do not see it.
    """

    days: Sequence[str]
    spent: Sequence[int]
    plan: int | None
    low: int
    high: int
    plan_name: str
    alt: str


def draw(figure: Cumulative) -> str:
    """The figure as an ``<svg>`` element with classes ``axis``, ``actual``, ``range``, ``plan``."""
    top = _nice(max([figure.high, figure.plan or 0, *figure.spent, 10**7]))
    count = max(len(figure.days) - 1, 1)

    def x(day: float) -> float:
        return LEFT + (WIDTH - LEFT - RIGHT) * day / count

    def y(nanousd: int) -> float:
        return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * nanousd / top

    parts = [f'<svg class="figure" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(figure.alt, {chr(34): "&quot;"})}">']
    for step in range(5):
        value = top * step // 4
        parts.append(f'<line class="grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y(value):.1f}" y2="{y(value):.1f}"/>')
        parts.append(f'<text class="axis end" x="{LEFT - 8}" y="{y(value) + 4:.1f}">{_short(value)}</text>')
    for number, day in enumerate(figure.days):
        if (number % 7 == 0 and count - number > 2) or number == count:
            parts.append(f'<text class="axis middle" x="{x(number):.1f}" y="{HEIGHT - BOTTOM + 20}">{int(day[8:])}</text>')
    today = len(figure.spent) - 1
    if figure.plan is not None:
        parts.append(f'<line class="plan" x1="{x(0):.1f}" y1="{y(figure.plan // (count + 1)):.1f}" x2="{x(count):.1f}" y2="{y(figure.plan):.1f}"/>')
    if figure.spent and today < count:
        now, ends = y(figure.spent[-1]), (y(figure.low), y(figure.high))
        parts.append(f'<polygon class="range" points="{x(today):.1f},{now:.1f} {x(count):.1f},{ends[0]:.1f} {x(count):.1f},{ends[1]:.1f}"/>')
    if figure.spent:
        points = " ".join(f"{x(number):.1f},{y(value):.1f}" for number, value in enumerate(figure.spent))
        parts.append(f'<polyline class="actual" points="{points}"/>')
        parts.append(f'<circle class="actual" cx="{x(today):.1f}" cy="{y(figure.spent[-1]):.1f}" r="4"/>')
    parts.extend(_labels(figure, y))
    parts.append("</svg>")
    return "".join(parts)


def _labels(figure: Cumulative, y: Callable[[int], float]) -> list[str]:
    """Direct labels at the right edge, spread where they would touch."""
    wanted = []
    if figure.plan is not None:
        wanted.append((y(figure.plan), "plan", f"plan {_short(figure.plan)}"))
    if len(figure.spent) < len(figure.days):
        wanted.append((y(figure.high), "range", f"high {_short(figure.high)}"))
        wanted.append((y(figure.low), "range", f"low {_short(figure.low)}"))
    elif figure.spent:
        wanted.append((y(figure.spent[-1]), "actual", f"spent {_short(figure.spent[-1])}"))
    placed: list[str] = []
    last = float("-inf")
    for at, name, text in sorted(wanted):
        last = max(at + 4, last + LABEL_GAP)
        placed.append(f'<text class="label {name}" x="{WIDTH - RIGHT + 10}" y="{last:.1f}">{escape(text)}</text>')
    return placed


def _nice(nanousd: int) -> int:
    """The next round figure above: 1, 2, 4 or 8 times a power of ten, so that quarters are round too."""
    power = 1
    while True:
        for factor in (1, 2, 4, 8):
            if nanousd <= factor * power:
                return factor * power
        power *= 10


def _short(nanousd: int) -> str:
    """``$12.4k``; exact figures are in the table."""
    usd = nanousd / 10**9
    if usd >= 9_999.5:
        return f"${usd / 1000:,.0f}k" if usd >= 99_950 else f"${usd / 1000:.1f}k"
    return format_usd(nanousd, places=0) if usd >= 10 or not nanousd else format_usd(nanousd, places=2)
