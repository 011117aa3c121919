from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wellspent.facts.errors import InvalidInput
from wellspent.surfaces.cli.when import ahead_ms, iso, local, since_ms, until_ms, zone_of

ZURICH = ZoneInfo("Europe/Zurich")
NOW = int(datetime(2026, 11, 23, 14, 5, tzinfo=ZURICH).timestamp() * 1000)


def at(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=ZURICH).timestamp() * 1000)


@pytest.mark.parametrize(
    ("text", "first", "after"),
    [
        ("2026-10-25", "2026-10-25", "2026-10-26"),
        ("2026-02", "2026-02-01", "2026-03-01"),
        ("2026-12", "2026-12-01", "2027-01-01"),
        ("today", "2026-11-23", "2026-11-24"),
        ("yesterday", "2026-11-22", "2026-11-23"),
        ("this-week", "2026-11-23", "2026-11-30"),
        ("this-month", "2026-11-01", "2026-12-01"),
        ("this-year", "2026-01-01", "2027-01-01"),
        ("2026-11-23T10:30", "2026-11-23T10:30", "2026-11-23T10:30"),
    ],
)
def test_days_and_months_are_whole_and_local(text: str, first: str, after: str) -> None:
    assert since_ms(text, NOW, ZURICH) == at(first)
    assert until_ms(text, NOW, ZURICH) == at(after)


@pytest.mark.parametrize(("text", "first"), [("1d", "2026-11-23"), ("7d", "2026-11-17"), ("2w", "2026-11-10"), ("24h", "2026-11-22T14:05")])
def test_ago_counts_today(text: str, first: str) -> None:
    assert since_ms(text, NOW, ZURICH) == at(first)


def test_a_day_of_a_clock_change_has_25_hours() -> None:
    assert until_ms("2026-10-25", NOW, ZURICH) - since_ms("2026-10-25", NOW, ZURICH) == 25 * 3_600_000


@pytest.mark.parametrize("text", ["", "soon", "2026-13", "2026-02-30", "7x", "23.11.2026", "2026-11-23T99:00", "9999-12", "9999-12-31"])
def test_what_is_no_time_is_refused_with_a_way_out(text: str) -> None:
    for read in (since_ms, until_ms, ahead_ms):
        with pytest.raises(InvalidInput) as caught:
            read(text, NOW, ZURICH)
        assert caught.value.fix


def test_times_to_come() -> None:
    assert ahead_ms("2d", NOW, ZURICH) == NOW + 2 * 86_400_000
    assert ahead_ms("2026-12-31", NOW, ZURICH) == at("2027-01-01")


def test_zones_and_moments() -> None:
    assert local(NOW, ZURICH) == "2026-11-23 14:05"
    assert iso(NOW) == "2026-11-23T13:05:00.000Z"
    assert iso(None) is None
    with pytest.raises(InvalidInput):
        zone_of("Mars/Olympus")


@given(st.integers(0, 4_000_000_000_000), st.sampled_from(["today", "yesterday", "this-week", "this-month", "this-year"]))
def test_every_stretch_is_longer_than_nothing(now_ms: int, text: str) -> None:
    assert since_ms(text, now_ms, ZURICH) < until_ms(text, now_ms, ZURICH)
