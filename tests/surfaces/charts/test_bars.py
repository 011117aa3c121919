"""Bars: lengths are in proportion, the mark stands where the limit is, and what people wrote cannot leave its place."""

from datetime import date, timedelta
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wellspent.surfaces.charts.bars import LEFT, Bar, draw
from wellspent.surfaces.charts.cumulative import Cumulative
from wellspent.surfaces.charts.cumulative import draw as draw_cumulative

USD = 10**9
BARS = st.lists(
    st.builds(Bar, st.text(), st.integers(0, 10**15), st.none() | st.integers(1, 10**15), st.just(""), st.just("/x")), min_size=1, max_size=8
)


def parsed(svg: str) -> ElementTree.Element:
    return ElementTree.fromstring(svg)


def rects(svg: str) -> list[ElementTree.Element]:
    return [each for each in parsed(svg).iter() if each.tag == "rect"]


@given(BARS.filter(lambda bars: all(bar.name.isprintable() for bar in bars)))
def test_every_bar_is_drawn_within_the_figure_and_the_longer_is_the_dearer(bars: list[Bar]) -> None:
    svg = draw(bars, "what it shows")
    lengths = [float(each.attrib["width"]) for each in rects(svg)]
    assert len(lengths) == len(bars)
    assert all(LEFT + length <= 960 for length in lengths)
    order = sorted(range(len(bars)), key=lambda number: bars[number].nanousd)
    assert [lengths[number] for number in order] == sorted(lengths)
    over = [each.attrib["class"] == "bar over" for each in rects(svg)]
    assert over == [bar.limit_nanousd is not None and bar.nanousd > bar.limit_nanousd for bar in bars]


def test_half_a_limit_is_half_as_long_as_its_mark() -> None:
    svg = draw([Bar("leads", 50 * USD, 100 * USD, "2 calls of unknown price", "/initiatives/leads")], 'say "it"')
    (mark,) = [float(each.attrib["x1"]) for each in parsed(svg).iter() if each.attrib.get("class") == "limit"]
    assert float(rects(svg)[0].attrib["width"]) == pytest.approx((mark - LEFT) / 2, abs=0.1)
    assert "$50 of $100, 2 calls of unknown price" in svg
    assert parsed(svg).attrib["aria-label"] == 'say "it"'


def test_names_stay_names() -> None:
    svg = draw([Bar("<script>&" + "x" * 60, USD, None, "", '"/><script>')], "alt")
    assert "<script>" not in svg
    assert "…" in svg
    parsed(svg)


def figure(days: int, spent: int, **more: object) -> str:
    first = date(2026, 9, 1)
    known = {"plan": 100 * USD, "low": None, "high": None, "plan_name": "pilot", "alt": "alt", "level": True, **more}
    names = [(first + timedelta(days=number)).isoformat() for number in range(days)]
    return draw_cumulative(Cumulative(names, [USD * number for number in range(spent)], **known))  # type: ignore[arg-type]


@pytest.mark.parametrize("days", [1, 2, 31, 32, 90, 400])
def test_a_stretch_of_any_length_has_a_few_dates_and_ends_with_the_last(days: int) -> None:
    texts = [each.text or "" for each in parsed(figure(days, days)).iter() if each.attrib.get("class") == "axis middle"]
    assert 1 <= len(texts) <= 9
    last = date(2026, 9, 1) + timedelta(days=days - 1)
    assert texts[-1] == (str(last.day) if days <= 31 else f"{last:%d %b}".lstrip("0"))


def test_a_budget_in_all_is_level_and_nothing_is_foretold() -> None:
    svg = figure(90, 40)
    (line,) = [each.attrib for each in parsed(svg).iter() if each.attrib.get("class") == "plan"]
    assert line["y1"] == line["y2"]
    assert "budget $100" in svg
    assert "polygon" not in svg
    assert "polygon" in figure(30, 10, low=20 * USD, high=40 * USD, level=False)
