"""Two series in two panels, and the cost of one in a third: each with one axis that holds all that is drawn."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from wellspent.analytics.statement.record import Month
from wellspent.surfaces.charts.spend_and_output import spec_of

AMOUNT = st.integers(-(10**9), 10**18)
MAYBE = st.one_of(st.none(), st.integers(0, 10**18))
MONTHS = st.lists(
    st.builds(Month, st.just("support"), st.just("2026-10"), AMOUNT, st.integers(0, 10**9), MAYBE, MAYBE, MAYBE), min_size=1, max_size=6
)


def fields(panel: dict[str, Any]) -> list[str]:
    return [axis["field"] for layer in panel["layer"] for name, axis in layer["encoding"].items() if name in ("y", "y2")]


@given(MONTHS)
def test_one_axis_a_panel_which_holds_everything_and_zero(months: list[Month]) -> None:
    spec = spec_of(months)
    assert [fields(panel) for panel in spec["hconcat"]] == [["spent"], ["settled"], ["low", "high", "each"]]
    for panel in spec["hconcat"]:
        (low, high), *others = [layer["encoding"]["y"]["scale"]["domain"] for layer in panel["layer"]]
        assert all(domain == [low, high] for domain in others)
        drawn = [value[name] for value in spec["data"]["values"] for name in fields(panel) if value[name] is not None]
        assert low <= 0 < high or (low < 0 == high)
        assert all(low <= value <= high for value in drawn)
        assert "resolve" not in panel


def test_months_stand_in_their_order_with_their_year() -> None:
    spec = spec_of([Month("a", "2026-12", 5 * 10**9, 1, None, None, None), Month("a", "2027-01", 0, 0, None, None, None)])
    x = spec["hconcat"][2]["layer"][0]["encoding"]["x"]
    assert x["scale"]["domain"] == ["Dec 26", "Jan 27"]
    assert spec["data"]["values"][0] == {"month": "Dec 26", "settled": 1, "spent": 5.0, "each": None, "low": None, "high": None}


def test_small_amounts_have_the_places_they_need() -> None:
    formats = [
        spec_of([Month("a", "2026-10", nanousd, 0, None, None, None)])["hconcat"][0]["layer"][0]["encoding"]["y"]["axis"]["format"]
        for nanousd in (0, 270_000, 46 * 10**9, 26_600_000 * 10**9)
    ]
    assert formats == ["~s", ",.5~f", ",.0~f", "~s"]
