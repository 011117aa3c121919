"""Bars of money, each against what it may come to. Floats only here, for drawing."""

from collections.abc import Sequence
from xml.sax.saxutils import escape

from msgspec import Struct

from wellspent.surfaces.charts.scale import nice, short

WIDTH, ROW, TOP, BOTTOM = 960, 34, 8, 28
LEFT, RIGHT = 210, 170
NAME_CHARS_MAX = 26


class Bar(Struct, frozen=True):
    """One line.

    Attributes:
        limit_nanousd: Where its mark stands; None for no mark.
        note: Said beside it where that is not plain: ``unknown calls``, ``overdue``; "" for nothing.
        url: What the name leads to.
    """

    name: str
    nanousd: int
    limit_nanousd: int | None
    note: str
    url: str


def draw(bars: Sequence[Bar], alt: str) -> str:
    """The figure as an ``<svg>`` element; the bar over its limit has the class ``over``."""
    top = nice(max([10**7, *(each.nanousd for each in bars), *(each.limit_nanousd or 0 for each in bars)]))
    height = TOP + ROW * len(bars) + BOTTOM

    def x(nanousd: int) -> float:
        return LEFT + (WIDTH - LEFT - RIGHT) * max(nanousd, 0) / top

    parts = [f'<svg class="figure bars" viewBox="0 0 {WIDTH} {height}" role="group" aria-label="{escape(alt, {chr(34): "&quot;"})}">']
    for step in range(5):
        at = x(top * step // 4)
        parts.append(f'<line class="grid" x1="{at:.1f}" x2="{at:.1f}" y1="{TOP}" y2="{height - BOTTOM}"/>')
        parts.append(f'<text class="axis middle" x="{at:.1f}" y="{height - BOTTOM + 18}">{short(top * step // 4)}</text>')
    for number, bar in enumerate(bars):
        parts += _bar(bar, TOP + ROW * number, x(bar.nanousd), None if bar.limit_nanousd is None else x(bar.limit_nanousd))
    return "".join([*parts, "</svg>"])


def _bar(bar: Bar, y: int, end: float, mark: float | None) -> list[str]:
    middle, over = y + ROW / 2, bar.limit_nanousd is not None and bar.nanousd > bar.limit_nanousd
    name = bar.name if len(bar.name) <= NAME_CHARS_MAX else bar.name[: NAME_CHARS_MAX - 1] + "…"
    told = f"{short(bar.nanousd)}{f' of {short(bar.limit_nanousd)}' if bar.limit_nanousd is not None else ''}{f', {bar.note}' if bar.note else ''}"
    parts = [
        f'<a href="{escape(bar.url, {chr(34): "&quot;"})}"><text class="label end" x="{LEFT - 12}" y="{middle + 4.5:.1f}">{escape(name)}</text></a>',
        f'<rect class="bar{" over" if over else ""}" x="{LEFT}" y="{y + 8}" width="{max(end - LEFT, 1.0):.1f}" height="{ROW - 16}"/>',
    ]
    if mark is not None:
        parts.append(f'<line class="limit" x1="{mark:.1f}" x2="{mark:.1f}" y1="{y + 3}" y2="{y + ROW - 3}"/>')
    parts.append(f'<text class="label" x="{max(end, mark or 0.0) + 8:.1f}" y="{middle + 4.5:.1f}">{escape(told)}</text>')
    return parts
