"""The survival curves of a report as a picture: for the page, and as a file of its own."""

from pathlib import Path

from wellspent.facts.errors import ConfigError, InvalidInput
from wellspent.rework.report import Report
from wellspent.rework.survival.reading import Reading
from wellspent.surfaces.charts.survival import STYLE, Line, Point, draw
from wellspent.surfaces.durability.tables import headline
from wellspent.surfaces.durability.words import NAMES

SCALE = 2.0  # a PNG has twice as many dots each way


def lines_of(report: Report) -> list[Line]:
    """A curve for each group that has one."""
    return [Line(curve.group, NAMES[curve.group], [_point(each) for each in curve.readings]) for curve in report.curves]


def _point(reading: Reading) -> Point:
    alive, low, high = (None if share is None else 1 - share for share in (reading.gone, reading.high, reading.low))
    return Point(reading.days, alive, low, high, reading.lines_at_risk)


def svg_of(report: Report, *, alone: bool = False) -> str:
    """The curves; with a style sheet of their own where they stand alone."""
    return draw(lines_of(report), headline(report)[0], STYLE if alone else "")


def save(report: Report, path: Path) -> None:
    """Write the curves as SVG or PNG, by the file's ending.

    Raises InvalidInput for another ending and where the file cannot be written, ConfigError where PNG is asked for and vl-convert is not installed.
    """
    kind = path.suffix.lower()
    if kind not in (".svg", ".png"):
        raise InvalidInput(f"{path} is neither an SVG nor a PNG", fix="end its name in .svg or .png")
    svg = svg_of(report, alone=True)
    try:
        path.write_bytes(_png(svg) if kind == ".png" else svg.encode())
    except OSError as error:
        raise InvalidInput(f"{path} cannot be written: {error.strerror}", fix="name a file in a folder that is there") from None


def _png(svg: str) -> bytes:
    try:
        import vl_convert
    except ImportError:
        raise ConfigError("a PNG needs vl-convert, which is not installed", fix="install wellspent[reports], or ask for .svg") from None
    return bytes(vl_convert.svg_to_png(svg, scale=SCALE))
