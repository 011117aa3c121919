"""Working hours: stretches that meet add up, nothing is worked at night or on a day off, and a clock that changes loses no hour."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wellspent.facts.errors import InvalidInput
from wellspent.rework.delay.worktime import Worktime, Workweek

HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS
FIRST_MS, LAST_MS = 1_759_276_800_000, 1_759_276_800_000 + 400 * DAY_MS  # from October 2025, over both changes of the clock
OFFICE = Workweek("Europe/Zurich", frozenset(range(5)), 9 * 60, 17 * 60)
MOMENTS = st.integers(FIRST_MS, LAST_MS)


def at(text: str, zone: str = "Europe/Zurich") -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).timestamp() * 1000)


@given(st.tuples(MOMENTS, MOMENTS, MOMENTS))
def test_stretches_that_meet_add_up(moments: tuple[int, int, int]) -> None:
    first, middle, last = sorted(moments)
    for worktime in (Worktime(OFFICE, FIRST_MS, LAST_MS), Worktime(None, 0, 0)):
        assert worktime.between_ms(first, last) == worktime.between_ms(first, middle) + worktime.between_ms(middle, last)
        assert 0 <= worktime.between_ms(first, last) <= last - first
        assert worktime.between_ms(last, first) == 0


@given(MOMENTS, st.integers(0, 20 * DAY_MS))
def test_it_is_what_counting_minutes_says(begin_ms: int, length_ms: int) -> None:
    begin_ms -= begin_ms % HOUR_MS
    end_ms = min(begin_ms + length_ms - length_ms % HOUR_MS, LAST_MS - LAST_MS % HOUR_MS)
    zone, worked = ZoneInfo("Europe/Zurich"), 0
    for hour_ms in range(begin_ms, end_ms, HOUR_MS):
        moment = datetime.fromtimestamp(hour_ms / 1000, UTC).astimezone(zone)
        worked += HOUR_MS if moment.weekday() < 5 and 9 <= moment.hour < 17 else 0
    assert Worktime(OFFICE, FIRST_MS, LAST_MS).between_ms(begin_ms, end_ms) == worked


@pytest.mark.parametrize(
    ("begin", "end", "hours"),
    [
        ("2026-03-06T16:00", "2026-03-09T10:00", 2),  # over a weekend
        ("2026-03-07T10:00", "2026-03-08T20:00", 0),
        ("2026-03-02T00:00", "2026-03-09T00:00", 40),
        ("2026-03-02T12:00", "2026-03-02T12:30", 0.5),
    ],
)
def test_examples(begin: str, end: str, hours: float) -> None:
    assert Worktime(OFFICE, FIRST_MS, LAST_MS).between_ms(at(begin), at(end)) == hours * HOUR_MS


def test_whole_days_have_as_many_hours_as_the_clock_gives() -> None:
    sundays = Worktime(Workweek("Europe/Zurich", frozenset({6}), 0, 24 * 60), FIRST_MS, LAST_MS)
    assert sundays.between_ms(at("2026-03-29T00:00"), at("2026-03-30T00:00")) == 23 * HOUR_MS
    assert sundays.between_ms(at("2026-10-25T00:00"), at("2026-10-26T00:00")) == 25 * HOUR_MS


def test_a_stretch_that_is_none() -> None:
    assert Worktime(OFFICE, LAST_MS, FIRST_MS).between_ms(FIRST_MS, LAST_MS) == 0


@pytest.mark.parametrize(
    ("days", "begin", "end"), [(frozenset(), 0, 60), (frozenset({7}), 0, 60), (frozenset({1}), 60, 60), (frozenset({1}), 0, 1441)]
)
def test_weeks_that_cannot_be(days: frozenset[int], begin: int, end: int) -> None:
    with pytest.raises(InvalidInput):
        Workweek("UTC", days, begin, end)
