"""Spending, output and the cost of an outcome by month, side by side: three small panels, never two axes in one. Pure: a Vega-Lite specification."""

from collections.abc import Sequence
from math import floor, log10
from typing import Any

from wellspent.analytics.statement.record import Month
from wellspent.facts.money import NANO_PER_USD

SCHEMA = "https://vega.github.io/schema/vega-lite/v5.json"
FONT = "Libertinus Serif"  # embedded in typst, which draws the text
INK, QUIET, LINE = "#1f3a5f", "#667085", "#d0d5dd"
WIDTH, HEIGHT = 150, 74
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
BARS = {"type": "bar", "color": INK, "width": {"band": 0.62}}
RULES = {"type": "rule", "strokeWidth": 1.4, "color": INK, "opacity": 0.55}
POINTS = {"type": "point", "filled": True, "size": 34, "color": INK, "opacity": 1}


def spec_of(months: Sequence[Month]) -> dict[str, Any]:
    """The panels of one contract.

    Args:
        months: In order. A month without a cost of an outcome leaves a gap in the third panel.
    """
    values = [_value(each) for each in months]
    return {
        "$schema": SCHEMA,
        "data": {"values": values},
        "spacing": 50,
        "bounds": "flush",
        "padding": {"left": 2, "right": 6, "top": 8, "bottom": 2},
        "hconcat": [
            _panel("Spending (USD)", values, {"spent": BARS}),
            _panel("Output (settled)", values, {"settled": BARS}),
            _panel("Cost per outcome (USD)", values, {"low": RULES, "each": POINTS}),
        ],
        "config": _config(),
    }


def _value(month: Month) -> dict[str, Any]:
    amounts = {"spent": month.spent_nanousd, "each": month.each_nanousd, "low": month.low_nanousd, "high": month.high_nanousd}
    usd = {name: None if amount is None else amount / NANO_PER_USD for name, amount in amounts.items()}
    return {"month": f"{MONTHS[int(month.month[5:]) - 1]} {month.month[2:4]}", "settled": month.settled, **usd}


def _panel(title: str, values: list[dict[str, Any]], marks: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """One panel with one axis of its own, which holds everything that is drawn and zero."""
    drawn = [value[name] for name in (*marks, *(["high"] if "low" in marks else [])) for value in values if value[name] is not None]
    low, high = min(0, *drawn, 0), max(0, *drawn, 0)
    y = {
        "type": "quantitative",
        "title": None,
        "scale": {"domain": [low, high * 1.08 or 1]},
        "axis": {"tickCount": 3, "format": _format(max(high, -low))},
    }
    x = {
        "field": "month",
        "type": "ordinal",
        "sort": None,
        "title": None,
        "axis": {"labelAngle": 0},
        "scale": {"domain": [each["month"] for each in values]},
    }
    layers = [
        {"mark": mark, "encoding": {"x": x, "y": {"field": name, **y}, **({"y2": {"field": "high"}} if name == "low" else {})}}
        for name, mark in marks.items()
    ]
    return {"title": title, "width": WIDTH, "height": HEIGHT, "layer": layers}


def _format(greatest: float) -> str:
    """Of numbers on an axis: short from ten thousand on, else as many places as they need."""
    if not greatest or greatest >= 10_000:
        return "~s"
    return f",.{max(0, 1 - floor(log10(greatest)))}~f"


def _config() -> dict[str, Any]:
    axis = {"labelColor": QUIET, "domainColor": LINE, "gridColor": "#eef0f3", "tickColor": LINE, "labelFontSize": 8.5, "labelOverlap": True}
    title = {"fontSize": 9, "fontWeight": "normal", "color": "#344054", "anchor": "start", "frame": "group", "offset": 6}
    return {"font": FONT, "view": {"stroke": None}, "axis": axis, "axisY": {"minExtent": 30, "maxExtent": 30}, "title": title, "background": None}
