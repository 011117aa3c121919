"""Survival curves: how many lines of each group still live so many days after birth, with intervals and numbers at risk. Floats for drawing."""

from collections.abc import Callable, Iterator, Sequence
from itertools import groupby
from xml.sax.saxutils import escape

from msgspec import Struct
from msgspec.structs import replace

WIDTH, LEFT, RIGHT = 960, 64, 200
TOP, CURVES, RISK_GAP, RISK_LINE = 16, 300, 58, 20
LABEL_GAP = 17.0  # least distance between two labels at the right edge
TICKS = (0, 7, 14, 21, 30, 60, 90, 180, 365, 730, 1095, 1825, 3650)
TICK_GAP = 26.0  # least distance between two of them
RISK_LABEL = 44  # from the last number at risk to the group's name
AT_RISK = 76.0  # least distance between two columns of numbers at risk


class Point(Struct, frozen=True):
    """One day of a curve: the share that lives, its interval, and how many lines were seen to that age; a share that is not known is None."""

    days: int
    alive: float | None
    low: float | None
    high: float | None
    at_risk: int


class Line(Struct, frozen=True):
    """One group.

    Attributes:
        kind: The class of its marks: ``ai``, ``human``, ``unknown``.
        name: What people call it.
        points: By day, from 1.
    """

    kind: str
    name: str
    points: Sequence[Point]


def draw(lines: Sequence[Line], alt: str, style: str = "") -> str:
    """The figure as an ``<svg>`` element with classes ``ai``, ``human``, ``unknown`` for ``path``, ``polygon`` and ``text``.

    Args:
        alt: The same in a sentence, for those who do not see it.
        style: A style sheet for a figure that stands alone, with the colours of light paper; "" where the page has one.
    """
    most = _most(lines)
    lines = [replace(line, points=[point for point in line.points if point.days <= most]) for line in lines]
    height = TOP + CURVES + RISK_GAP + RISK_LINE * (len(lines) + 1)
    alone = ' xmlns="http://www.w3.org/2000/svg"' + f' width="{WIDTH}" height="{height}"' if style else ""
    parts = [f'<svg{alone} class="figure" viewBox="0 0 {WIDTH} {height}" role="img" aria-label="{escape(alt, {chr(34): "&quot;"})}">']
    parts += [f"<style>{style}</style>", f'<rect class="paper" width="{WIDTH}" height="{height}"/>'] if style else []
    lowest = _lowest(lines)
    parts += [*_grid(most, lowest)]
    for line in lines:
        parts += [*_band(line, most, lowest), *_curve(line, most, lowest)]
    return "".join([*parts, *_labels(lines, lowest), *_risk(lines, most), "</svg>"])


def _most(lines: Sequence[Line]) -> int:
    """The last day of which anything is known; of all days where nothing is."""
    known = [point.days for line in lines for point in line.points if point.alive is not None]
    return max(known or [point.days for line in lines for point in line.points], default=1)


def _lowest(lines: Sequence[Line]) -> float:
    """The bottom of the axis, a tenth of the whole: a curve that hardly falls would say nothing on an axis down to zero, which is told beside it."""
    seen = [value for line in lines for point in line.points for value in (point.low, point.alive, point.high) if value is not None]
    return min(int(min(seen, default=0.0) * 10) / 10, 0.9)


def _x(days: float, most: int) -> float:
    return LEFT + (WIDTH - LEFT - RIGHT) * days / most


def _y(alive: float, lowest: float) -> float:
    return TOP + CURVES * (1 - (alive - lowest) / (1 - lowest))


def _grid(most: int, lowest: float) -> Iterator[str]:
    steps = round((1 - lowest) * 10)
    every = 1 if steps <= 5 else 2
    for step in range(0, steps + 1, every):
        value = 1 - step / 10
        yield f'<line class="grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{_y(value, lowest):.1f}" y2="{_y(value, lowest):.1f}"/>'
        yield f'<text class="axis end" x="{LEFT - 8}" y="{_y(value, lowest) + 4:.1f}">{100 * value:.0f} %</text>'
    for days in _ticks(most):
        yield f'<text class="axis middle" x="{_x(days, most):.1f}" y="{TOP + CURVES + 20}">{days}</text>'
    yield f'<text class="axis end" x="{WIDTH - RIGHT}" y="{TOP + CURVES + 38}">days after the merge</text>'
    if lowest > 0:
        yield f'<text class="axis" x="{LEFT}" y="{TOP + CURVES + 38}">the axis begins at {100 * lowest:.0f} %</text>'


def _ticks(most: int) -> list[int]:
    """Days to name, the last first, and no two too near to each other."""
    found = [days for days in TICKS if days <= most]
    return _apart(found if found[-1] == most or most - found[-1] < most / 12 else [*found, most], TICK_GAP, most)


def _apart(days: Sequence[int], gap: float, most: int) -> list[int]:
    found: list[int] = []
    for each in reversed(days):
        if not found or _x(found[0], most) - _x(each, most) >= gap:
            found.insert(0, each)
    return found


def _known(line: Line) -> Iterator[list[Point]]:
    """Stretches of days of which something is known."""
    return _runs(line, lambda point: point.alive is not None)


def _runs(line: Line, fits: Callable[[Point], bool]) -> Iterator[list[Point]]:
    for there, run in groupby(line.points, key=fits):
        if there:
            yield list(run)


def _band(line: Line, most: int, lowest: float) -> Iterator[str]:
    for run in _runs(line, lambda point: point.low is not None and point.high is not None):
        there = [f"{_x(each.days, most):.1f},{_y(each.high or 0.0, lowest):.1f}" for each in run]
        back = [f"{_x(each.days, most):.1f},{_y(each.low or 0.0, lowest):.1f}" for each in reversed(run)]
        yield f'<polygon class="band {line.kind}" points="{" ".join([*there, *back])}"/>'


def _curve(line: Line, most: int, lowest: float) -> Iterator[str]:
    """Steps: a share is that of its day until the next."""
    for run in _known(line):
        start = (0.0, 1.0) if run[0].days == 1 else (float(run[0].days), run[0].alive or 0.0)
        steps = "".join(f"H{_x(each.days, most):.1f}V{_y(each.alive or 0.0, lowest):.1f}" for each in run)
        yield f'<path class="curve {line.kind}" d="M{_x(start[0], most):.1f} {_y(start[1], lowest):.1f}{steps}"/>'


def _labels(lines: Sequence[Line], lowest: float) -> Iterator[str]:
    """Each curve's name at its end, spread where they would touch."""
    ends = []
    for line in lines:
        known = [point for point in line.points if point.alive is not None]
        if known:
            ends.append((_y(known[-1].alive or 0.0, lowest), line, known[-1]))
    last = float("-inf")
    for at, line, point in sorted(ends, key=lambda each: each[0]):
        last = max(at + 4, last + LABEL_GAP)
        told = f"{line.name} {100 * (point.alive or 0.0):.0f} %"
        yield f'<text class="label {line.kind}" x="{WIDTH - RIGHT + 10}" y="{last:.1f}">{escape(told)}</text>'


def _risk(lines: Sequence[Line], most: int) -> Iterator[str]:
    top = TOP + CURVES + RISK_GAP + 8
    yield f'<text class="axis" x="0" y="{top}">lines still seen</text>'
    days = _apart([each for each in _ticks(most) if each], AT_RISK, most)
    for number, line in enumerate(lines, 1):
        at_risk = {point.days: point.at_risk for point in line.points}
        for each in days:
            if each in at_risk:
                place = f'x="{_x(each, most):.1f}" y="{top + RISK_LINE * number}"'
                yield f'<text class="axis middle {line.kind}" {place}>{at_risk[each]:,}</text>'
        yield f'<text class="label {line.kind}" x="{WIDTH - RIGHT + RISK_LABEL}" y="{top + RISK_LINE * number}">{escape(line.name)}</text>'


STYLE = """
.figure { font: 13px sans-serif; }
.paper { fill: #fbfbfa; }
text { fill: #5b6167; } .end { text-anchor: end; } .middle { text-anchor: middle; }
.grid { stroke: #e2e2de; }
.curve { fill: none; stroke-width: 2.5; } .band { opacity: 0.22; }
path.ai { stroke: #0b5b8c; } polygon.ai { fill: #0b5b8c; } text.ai { fill: #0b5b8c; }
path.human { stroke: #3f6212; stroke-dasharray: 7 4; } polygon.human { fill: #3f6212; } text.human { fill: #3f6212; }
path.unknown { stroke: #5b6167; stroke-dasharray: 2 3; } polygon.unknown { fill: #5b6167; } text.unknown { fill: #5b6167; }
"""
