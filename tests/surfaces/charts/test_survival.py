"""Survival curves: everything is inside the picture, curves never rise, and names cannot leave their place."""

import itertools
import re
from xml.etree import ElementTree

from hypothesis import given, settings
from hypothesis import strategies as st

from wellspent.surfaces.charts.survival import CURVES, STYLE, TOP, WIDTH, Line, Point, draw

shares = st.floats(0, 1)


@st.composite
def points(draw: st.DrawFn) -> list[Point]:
    """A curve that never rises, with its interval; of some days nothing is known, or no interval."""
    days = sorted(draw(st.sets(st.integers(1, 3650), max_size=12)))
    alive = sorted((draw(shares) for _ in days), reverse=True)
    found = []
    for day, share in zip(days, alive, strict=True):
        known, sure = draw(st.sampled_from([(True, True), (True, True), (True, False), (False, False)]))
        low, high = draw(st.floats(0, share)), draw(st.floats(share, 1))
        found.append(Point(day, share if known else None, low if sure else None, high if sure else None, draw(st.integers(0, 10**9))))
    return found


lines = st.lists(st.builds(Line, st.sampled_from(["ai", "human", "unknown"]), st.text().filter(str.isprintable), points()), max_size=4)
texts = st.text().filter(str.isprintable)


def numbers(element: ElementTree.Element) -> tuple[list[float], list[float]]:
    """Where an element is, across and down."""
    across = [float(element.attrib[name]) for name in ("x", "x1", "x2") if name in element.attrib]
    down = [float(element.attrib[name]) for name in ("y", "y1", "y2") if name in element.attrib]
    for pair in element.attrib.get("points", "").split():
        x, y = pair.split(",")
        across.append(float(x))
        down.append(float(y))
    for command, value in re.findall(r"([HV])([^HV ]+)", element.attrib.get("d", "")):
        (across if command == "H" else down).append(float(value))
    start = re.match(r"M(\S+) ([^HV]+)", element.attrib.get("d", ""))
    if start:
        across.append(float(start[1]))
        down.append(float(start[2]))
    return across, down


@settings(deadline=None)
@given(lines, texts, st.sampled_from(["", STYLE]))
def test_everything_is_within_the_figure(found: list[Line], alt: str, style: str) -> None:
    svg = draw(found, alt, style)
    assert "nan" not in re.sub(r">[^<]*<|aria-label=\"[^\"]*\"", "", svg).lower() and "inf" not in re.sub(r">[^<]*<|aria-label=\"[^\"]*\"", "", svg)
    figure = ElementTree.fromstring(svg)
    _, _, width, height = map(float, figure.attrib["viewBox"].split())
    assert width == WIDTH and figure.attrib["aria-label"] == alt
    for element in figure.iter():
        across, down = numbers(element)
        assert all(0 <= x <= width for x in across)
        assert all(0 <= y <= height for y in down)
        if element.tag.rpartition("}")[2] in ("path", "polygon"):
            assert all(TOP - 0.06 <= y <= TOP + CURVES + 0.06 for y in down), "curves stay between the axes"


@settings(deadline=None)
@given(lines)
def test_curves_never_rise_and_every_name_is_at_its_curve(found: list[Line]) -> None:
    figure = ElementTree.fromstring(draw(found, "what it shows"))
    for path in (each for each in figure.iter() if each.tag == "path"):
        down = [float(value) for value in re.findall(r"V([^HV ]+)", path.attrib["d"])]
        assert down == sorted(down)
    labels = [each.text or "" for each in figure.iter() if each.tag == "text" and each.attrib["class"].startswith("label")]
    for line in found:
        known = [point.alive for point in line.points if point.alive is not None]
        if known:
            assert f"{line.name} {100 * known[-1]:.0f} %" in labels
        assert line.name in labels, "beside its numbers at risk"


@given(st.integers(1, 3650), st.integers(1, 3650))
def test_the_axis_ends_where_knowledge_does_and_its_days_do_not_touch(known: int, asked: int) -> None:
    points = [Point(day, 0.9 if day <= known else None, None, None, 1) for day in sorted({1, known, max(known, asked)})]
    figure = ElementTree.fromstring(draw([Line("ai", "AI", points)], "alt"))
    ticks = [each for each in figure.iter() if each.attrib.get("class") == "axis middle"]
    across = [float(each.attrib["x"]) for each in ticks]
    assert all(after - before >= 25.9 for before, after in itertools.pairwise(across))
    assert max(int(each.text or "") for each in ticks) <= known
    (path,) = (each for each in figure.iter() if each.tag == "path")
    assert path.attrib["d"].rpartition("H")[2].partition("V")[0] == "760.0", "the curve ends at the right edge"


def test_a_figure_of_its_own_has_a_style_and_one_of_a_page_has_the_pages() -> None:
    one = [Line("ai", "AI <b>&", [Point(1, 0.9, 0.8, 0.95, 1200)])]
    alone, of_page = draw(one, 'a "quoted" < alt', STYLE), draw(one, "alt")
    assert 'xmlns="http://www.w3.org/2000/svg"' in alone and "<style>" in alone and "<style>" not in of_page
    assert "AI &lt;b&gt;&amp; 90 %" in alone and ">1,200<" in alone
    ElementTree.fromstring(alone)


def test_an_axis_that_begins_above_zero_says_so_and_a_curve_without_an_interval_has_no_band() -> None:
    high = draw([Line("ai", "AI", [Point(1, 0.95, None, None, 5), Point(2, 0.9, None, None, 5)])], "alt")
    assert "the axis begins at 90 %" in high and "<polygon" not in high
    low = draw([Line("ai", "AI", [Point(1, 0.05, 0.01, 0.2, 5)])], "alt")
    assert "the axis begins" not in low and "<polygon" in low
    assert "<path" not in draw([Line("ai", "AI", [Point(1, None, None, None, 0)])], "alt")
