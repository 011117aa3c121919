"""What one outcome cost over time with its interval, and how many there were below it, on the same axis. Floats only here, for drawing."""

from collections.abc import Iterator, Sequence
from itertools import groupby, pairwise
from xml.sax.saxutils import escape

from msgspec import Struct

from wellspent.facts.money import format_usd
from wellspent.surfaces.charts.scale import nice, short

WIDTH, LEFT, RIGHT = 960, 64, 110
TOP, COST, GAP, VOLUME, BOTTOM = 30, 220, 42, 110, 30  # heights of what stands below each other
HEIGHT = TOP + COST + GAP + VOLUME + BOTTOM
BAR_SHARE, BAR_MAX = 0.6, 42.0  # of a step's width; not wider than so many pixels
LABELS_MAX = 9
REACH = 2.5  # an interval is drawn up to so many times the dearest cost, lest one wild step flatten the others


class Point(Struct, frozen=True):
    """One step of time.

    Attributes:
        label: As people write it: ``2026-11``, ``2026-11-23``.
        each_nanousd: Cost of one outcome; None where none settled.
        low_nanousd, high_nanousd: Its interval; None where there is none.
        final: Whether the step is over and nothing of it is pending, so that its cost may be held against others.
    """

    label: str
    each_nanousd: int | None
    low_nanousd: int | None
    high_nanousd: int | None
    settled: int
    pending: int
    reversed: int
    final: bool


def draw(points: Sequence[Point], what: str, alt: str) -> str:
    """The figure as an ``<svg>`` element with classes ``actual``, ``range``, ``settled``, ``pending``, ``reversed``.

    Args:
        what: What is counted, e.g. ``conversation solved``.
        alt: The same in a sentence, for those who do not see it.
    """
    parts = [f'<svg class="figure" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(alt, {chr(34): "&quot;"})}">']
    parts += [f'<text class="label" x="0" y="16">cost for each {escape(what)}</text>']
    parts += [*_cost(points), *_volume(points), *_axis(points), "</svg>"]
    return "".join(parts)


def _x(number: int, count: int) -> float:
    return LEFT + (WIDTH - LEFT - RIGHT) * (number + 0.5) / count


def _comparable(points: Sequence[Point]) -> list[Point]:
    """Those whose cost may be held against others; all where there are none."""
    told = [each for each in points if each.each_nanousd is not None]
    return [each for each in told if each.final] or told


def _top(points: Sequence[Point]) -> int:
    """The top of the axis."""
    told = _comparable(points)
    dearest = max((each.each_nanousd or 0 for each in told), default=0)
    high = max((each.high_nanousd or 0 for each in told), default=0)
    return nice(max(dearest, min(high, int(dearest * REACH)), 10**4))


def _cost(points: Sequence[Point]) -> Iterator[str]:
    top, count = _top(points), len(points)

    def y(nanousd: int) -> float:
        return TOP + COST * (1 - min(nanousd, top) / top)

    for step in range(5):
        value = top * step // 4
        yield f'<line class="grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y(value):.1f}" y2="{y(value):.1f}"/>'
        yield f'<text class="axis end" x="{LEFT - 8}" y="{y(value) + 4:.1f}">{_tick(value, top)}</text>'
    places = [(number, each) for number, each in enumerate(points) if each.each_nanousd is not None]
    shown = _comparable(points)
    for run in _runs([(number, each) for number, each in places if each.high_nanousd is not None and each in shown]):
        yield _band([(_x(number, count), y(each.low_nanousd or 0), y(each.high_nanousd or 0)) for number, each in run])
    dots = [(_x(number, count), y(each.each_nanousd or 0), each) for number, each in places]
    for (x1, y1, _), (x2, y2, later) in pairwise(dots):
        yield f'<line class="actual{"" if later.final else " open"}" x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"/>'
    for at_x, at_y, each in dots:
        yield _dot(at_x, at_y, each, beyond=(each.each_nanousd or 0) > top)
    final = [dot for dot in dots if dot[2].final]
    if final:
        at_x, at_y, each = final[-1]
        yield f'<text class="label" x="{WIDTH - RIGHT + 10}" y="{at_y + 4:.1f}">{_usd(each.each_nanousd or 0)} each</text>'


def _dot(x: float, y: float, point: Point, *, beyond: bool) -> str:
    """A step's cost; one that is not final is hollow, one above the axis an arrow at its top."""
    kind = "actual" if point.final else "actual open"
    if beyond:
        return f'<path class="{kind}" d="M{x - 5:.1f} {y + 8:.1f}L{x:.1f} {y:.1f}L{x + 5:.1f} {y + 8:.1f}Z"/>'
    return f'<circle class="{kind}" cx="{x:.1f}" cy="{y:.1f}" r="4"/>'


def _band(edge: Sequence[tuple[float, float, float]]) -> str:
    """An interval over several steps; over a lone one, as a bar."""
    if len(edge) == 1:
        ((x, low, high),) = edge
        return f'<rect class="range" x="{x - 5:.1f}" y="{high:.1f}" width="10" height="{max(low - high, 1.0):.1f}"/>'
    there = [f"{x:.1f},{high:.1f}" for x, _, high in edge]
    back = [f"{x:.1f},{low:.1f}" for x, low, _ in reversed(edge)]
    return f'<polygon class="range" points="{" ".join([*there, *back])}"/>'


def _runs(places: Sequence[tuple[int, Point]]) -> Iterator[list[tuple[int, Point]]]:
    """Steps that follow each other."""
    for _, run in groupby(enumerate(places), key=lambda pair: pair[1][0] - pair[0]):
        yield [place for _, place in run]


def _volume(points: Sequence[Point]) -> Iterator[str]:
    """Settled and pending ones upwards; those that were undone set apart, downwards."""
    above = max([1, *(each.settled + each.pending for each in points)])
    below = max(0, *(each.reversed for each in points)) if points else 0
    unit = (VOLUME - 8) / (above + below)
    start = TOP + COST + GAP
    zero = start + unit * above
    yield f'<text class="label" x="0" y="{start - 14}">how many</text>'
    width = min((WIDTH - LEFT - RIGHT) / max(len(points), 1) * BAR_SHARE, BAR_MAX)
    for number, each in enumerate(points):
        x = _x(number, len(points)) - width / 2
        at = zero
        for kind, many in (("settled", each.settled), ("pending", each.pending)):
            at -= unit * many
            if many:
                yield f'<rect class="{kind}" x="{x:.1f}" y="{at:.1f}" width="{width:.1f}" height="{unit * many:.1f}"/>'
        if each.reversed:
            yield f'<rect class="reversed" x="{x:.1f}" y="{zero + 2:.1f}" width="{width:.1f}" height="{max(unit * each.reversed - 2, 1):.1f}"/>'
    yield f'<line class="zero" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{zero:.1f}" y2="{zero:.1f}"/>'
    yield f'<text class="axis end" x="{LEFT - 8}" y="{start + 8:.1f}">{above:,}</text>'
    yield f'<text class="axis end" x="{LEFT - 8}" y="{zero + 4:.1f}">0</text>'
    if below and zero + unit * below > zero + 16:
        yield f'<text class="axis end" x="{LEFT - 8}" y="{zero + unit * below + 4:.1f}">{below:,}</text>'


def _axis(points: Sequence[Point]) -> Iterator[str]:
    every = -(-len(points) // LABELS_MAX) if points else 1
    for number, each in enumerate(points):
        if number % every == 0:
            yield f'<text class="axis middle" x="{_x(number, len(points)):.1f}" y="{HEIGHT - 8}">{escape(each.label)}</text>'


def _usd(nanousd: int) -> str:
    """``$12.4k``, ``$16.79``: exact figures are in the table."""
    return short(nanousd) if nanousd >= 10**13 else format_usd(nanousd)


def _tick(nanousd: int, top_nanousd: int) -> str:
    """A quarter of the axis, with as many places as the quarters need."""
    quarter, places = top_nanousd // 4, 0
    while places < 9 and quarter % 10 ** (9 - places):
        places += 1
    return short(nanousd) if nanousd >= 10**13 else format_usd(nanousd, places=places)
