"""Days begin at midnight in the operator's time zone, whatever the clocks do."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wellspent.facts.clock import ManualClock, day_ms, day_of
from wellspent.facts.errors import InvalidInput

HOUR_MS = 3_600_000
ZONES = st.sampled_from(["UTC", "Europe/Zurich", "America/New_York", "Asia/Kathmandu"])


@given(st.dates(date(1990, 1, 1), date(2100, 1, 1)), ZONES, st.integers(0, 400))
def test_a_day_is_the_day_of_its_first_moment(day: date, zone: str, days_on: int) -> None:
    begins_ms = day_ms(day.isoformat(), zone, days_on)
    assert day_of(begins_ms, zone) == (day + timedelta(days_on)).isoformat()
    assert day_of(begins_ms - 1, zone) == (day + timedelta(days_on - 1)).isoformat()


def test_a_day_on_which_the_clocks_change_has_23_or_25_hours() -> None:
    assert day_ms("2026-03-29", "Europe/Zurich", 1) - day_ms("2026-03-29", "Europe/Zurich") == 23 * HOUR_MS
    assert day_ms("2026-10-25", "Europe/Zurich", 1) - day_ms("2026-10-25", "Europe/Zurich") == 25 * HOUR_MS


@pytest.mark.parametrize("text", ["", "2026-02-30", "tomorrow", "9999-12-31"])
def test_what_is_no_day_is_told(text: str) -> None:
    with pytest.raises(InvalidInput, match="write it as YYYY-MM-DD"):
        day_ms(text, "UTC", 1)


def test_a_clock_that_is_turned() -> None:
    clock = ManualClock(5)
    clock.advance_ms(-2)
    assert clock.now_ms() == 3
