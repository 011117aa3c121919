"""Cost per outcome, drawn: whatever the numbers, it is a picture that stays within its frame and says what the numbers say."""

import xml.etree.ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wellspent.surfaces.charts.unit_cost import COST, HEIGHT, TOP, VOLUME, WIDTH, Point, draw

USD = 10**9
amounts = st.integers(0, 10**15)


def point(
    label: str = "2026-11", each: int | None = USD, low: int | None = None, high: int | None = None, *, final: bool = True, **many: int
) -> Point:
    return Point(label, each, low, high, many.get("settled", 1), many.get("pending", 0), many.get("reversed", 0), final)


@st.composite
def points(draw: st.DrawFn) -> Point:
    each = draw(st.none() | amounts)
    low, high = sorted((draw(amounts), draw(amounts)))
    told = each is not None and draw(st.booleans())
    many = [draw(st.integers(0, 10**9)) for _ in range(3)]
    return Point("2026-11", each, low if told else None, high if told else None, many[0], many[1], many[2], draw(st.booleans()))


def parsed(*given: Point, what: str = "lead", alt: str = "told") -> ET.Element:
    return ET.fromstring(draw(given, what, alt))


def of(figure: ET.Element, tag: str, kind: str = "") -> list[ET.Element]:
    return [each for each in figure.iter(tag) if kind in each.get("class", "").split() or not kind]


@given(st.lists(points(), max_size=60))
def test_it_stays_within_its_frame(given: list[Point]) -> None:
    figure = parsed(*given)
    for each in figure.iter():
        for name, most in (("x", WIDTH), ("x1", WIDTH), ("x2", WIDTH), ("cx", WIDTH), ("y", HEIGHT), ("y1", HEIGHT), ("y2", HEIGHT), ("cy", HEIGHT)):
            assert -0.1 <= float(each.get(name, "0")) <= most + 0.1
        assert float(each.get("y", "0")) + float(each.get("height", "0")) <= HEIGHT + 0.1
    for band in of(figure, "polygon"):
        for pair in (band.get("points") or "").split():
            assert TOP - 0.1 <= float(pair.split(",")[1]) <= TOP + COST + 0.1


@given(st.lists(points(), min_size=1, max_size=20))
def test_a_mark_for_each_cost_and_bars_as_high_as_what_they_count(given: list[Point]) -> None:
    figure = parsed(*given)
    marks = [*of(figure, "circle"), *of(figure, "path")]
    assert len(marks) == sum(each.each_nanousd is not None for each in given)
    settled = [float(bar.get("height", "0")) for bar in of(figure, "rect", "settled")]
    counts = [each.settled for each in given if each.settled]
    unit = (VOLUME - 8) / (max(1, *(each.settled + each.pending for each in given), 1) + max(each.reversed for each in given))
    assert settled == pytest.approx([unit * many for many in counts], abs=0.06)
    assert len(of(figure, "rect", "reversed")) == sum(each.reversed > 0 for each in given)


def test_dearer_is_higher_and_its_interval_around_it() -> None:
    figure = parsed(point(each=USD, low=USD // 2, high=2 * USD), point(each=2 * USD, low=USD, high=3 * USD))
    cheap, dear = (float(dot.get("cy", "0")) for dot in of(figure, "circle"))
    assert dear < cheap
    (band,) = of(figure, "polygon", "range")
    ys = [float(pair.split(",")[1]) for pair in (band.get("points") or "").split()]
    assert ys[0] < cheap < ys[3] and ys[1] < dear < ys[2]


def test_what_is_not_final_is_hollow_and_flattens_nothing() -> None:
    figure = parsed(point(each=USD), point(each=USD), point(each=100 * USD, low=50 * USD, high=200 * USD, final=False, pending=9))
    assert [dot.get("class") for dot in of(figure, "circle")] == ["actual", "actual"]
    (beyond,) = of(figure, "path")
    assert beyond.get("class") == "actual open"
    assert len(of(figure, "line", "open")) == 1
    assert not of(figure, "polygon") and not of(figure, "rect", "range")
    assert all(float(dot.get("cy", "0")) < TOP + COST / 2 for dot in of(figure, "circle"))


def test_a_lone_interval_is_a_bar_and_a_gap_breaks_the_band() -> None:
    told = {"each": USD, "low": USD // 2, "high": 2 * USD}
    assert len(of(parsed(point(**told)), "rect", "range")) == 1  # type: ignore[arg-type]
    figure = parsed(point(**told), point(**told), point(each=None), point(**told), point(**told))  # type: ignore[arg-type]
    assert len(of(figure, "polygon", "range")) == 2


@pytest.mark.parametrize(
    ("each", "ticks"),
    [
        (USD // 10, ["$0.000", "$0.025", "$0.050", "$0.075", "$0.100"]),
        (15 * USD, ["$0", "$5", "$10", "$15", "$20"]),
        (60_000 * USD, ["$0", "$20.0k", "$40.0k", "$60.0k", "$80.0k"]),
    ],
)
def test_the_axis_is_exact(each: int, ticks: list[str]) -> None:
    shown = [text.text for text in of(parsed(point(each=each)), "text", "end")][:5]
    assert shown == ticks


def test_names_are_text() -> None:
    figure = parsed(point("<b>"), what='<script>"', alt='say "it" & more')
    assert figure.get("aria-label") == 'say "it" & more'
    assert {each.text for each in of(figure, "text")} >= {'cost for each <script>"', "<b>"}
