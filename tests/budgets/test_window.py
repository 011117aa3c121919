from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wellspent.budgets.budget import PERIODS, Budget, Period
from wellspent.budgets.window import Calendar, Window, checked_calendar, window_of
from wellspent.config import load_config
from wellspent.facts.attribution import Scope
from wellspent.facts.errors import ConfigError, InvalidInput

HOUR_MS = 3_600_000
REPEATING: tuple[Period, ...] = tuple(period for period in PERIODS if period not in ("total", "fixed"))
# Berlin and New York change at night, Lord Howe by half an hour, Cairo and Havana at midnight, Apia left out a whole day (30 December 2011).
ZONES = ("UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Africa/Cairo", "America/Havana", "Asia/Kathmandu", "Pacific/Apia")
CALENDARS = st.builds(Calendar, st.sampled_from(ZONES), st.integers(1, 12), st.integers(0, 6))
INSTANTS = st.integers(946_684_800_000, 2_524_607_999_999)  # 2000 to 2049


def ms(text: str, zone: str = "UTC") -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).timestamp() * 1000)


def budget(period: Period, starts_on: str = "", length_days: int = 0, scope: str = "core") -> Budget:
    return Budget("b", Scope("team", scope), 100, period=period, starts_on=starts_on, length_days=length_days)


def window(period: Period, at_ms: int, calendar: Calendar) -> Window:
    found = window_of(budget(period), "", at_ms, calendar)
    assert found is not None
    return found


def utc(at_ms: int | None) -> str:
    assert at_ms is not None
    return f"{datetime.fromtimestamp(at_ms / 1000, UTC):%Y-%m-%dT%H:%M}"


BERLIN, NEW_YORK, LORD_HOWE = Calendar("Europe/Berlin"), Calendar("America/New_York"), Calendar("Australia/Lord_Howe")


@pytest.mark.parametrize(
    ("period", "calendar", "at", "key", "starts", "hours"),
    [
        # Clocks forward and back in Berlin (29 March and 25 October 2026), New York (8 March, 1 November), Lord Howe (5 April, 4 October).
        ("day", BERLIN, "2026-03-29T12:00", "b@2026-03-29", "2026-03-28T23:00", 23),
        ("day", BERLIN, "2026-10-25T12:00", "b@2026-10-25", "2026-10-24T22:00", 25),
        ("day", NEW_YORK, "2026-03-08T12:00", "b@2026-03-08", "2026-03-08T05:00", 23),
        ("day", NEW_YORK, "2026-11-01T23:00", "b@2026-11-01", "2026-11-01T04:00", 25),
        ("day", LORD_HOWE, "2026-04-04T20:00", "b@2026-04-05", "2026-04-04T13:00", 24.5),
        ("day", LORD_HOWE, "2026-10-04T00:00", "b@2026-10-04", "2026-10-03T13:30", 23.5),
        ("week", BERLIN, "2026-03-29T21:59", "b@week-2026-03-23", "2026-03-22T23:00", 167),
        ("week", Calendar("Europe/Berlin", week_starts_on=6), "2026-03-29T12:00", "b@week-2026-03-29", "2026-03-28T23:00", 167),
        ("week", Calendar(week_starts_on=6), "2026-11-21T23:59", "b@week-2026-11-15", "2026-11-15T00:00", 168),
        ("month", BERLIN, "2026-10-31T22:59", "b@2026-10", "2026-09-30T22:00", 31 * 24 + 1),
        ("month", BERLIN, "2026-10-31T23:00", "b@2026-11", "2026-10-31T23:00", 30 * 24),
        ("month", NEW_YORK, "2026-03-01T04:59", "b@2026-02", "2026-02-01T05:00", 28 * 24),
        ("month", Calendar(), "2024-02-29T23:59", "b@2024-02", "2024-02-01T00:00", 29 * 24),
        ("hour", LORD_HOWE, "2026-04-04T15:10", "b@2026-04-04T15Z", "2026-04-04T15:00", 1),
        ("quarter", Calendar(), "2026-11-23T00:00", "b@FY2026-Q4", "2026-10-01T00:00", 92 * 24),
        ("year", Calendar(), "2026-11-23T00:00", "b@FY2026", "2026-01-01T00:00", 365 * 24),
        # A fiscal year from April ends in the next calendar year, from October likewise; its quarters begin with it.
        ("year", Calendar("UTC", 4), "2026-11-23T00:00", "b@FY2027", "2026-04-01T00:00", 365 * 24),
        ("year", Calendar("UTC", 4), "2026-03-31T23:59", "b@FY2026", "2025-04-01T00:00", 365 * 24),
        ("quarter", Calendar("UTC", 4), "2027-03-31T23:59", "b@FY2027-Q4", "2027-01-01T00:00", 90 * 24),
        ("quarter", Calendar("UTC", 10), "2026-11-23T00:00", "b@FY2027-Q1", "2026-10-01T00:00", 92 * 24),
        ("quarter", Calendar("UTC", 2), "2027-01-31T00:00", "b@FY2027-Q4", "2026-11-01T00:00", 92 * 24),
        ("year", Calendar("Europe/Berlin", 7), "2026-07-01T00:00", "b@FY2027", "2026-06-30T22:00", 365 * 24),
    ],
)
def test_windows_worked_by_hand(period: Period, calendar: Calendar, at: str, key: str, starts: str, hours: float) -> None:
    found = window(period, ms(at), calendar)
    assert found.ends_ms is not None
    assert (found.key, utc(found.starts_ms), (found.ends_ms - found.starts_ms) / HOUR_MS) == (key, starts, hours)


@given(st.sampled_from(REPEATING), CALENDARS, INSTANTS)
def test_every_instant_lies_in_its_window_and_windows_follow_without_gap_or_overlap(period: Period, calendar: Calendar, at_ms: int) -> None:
    found = window(period, at_ms, calendar)
    assert found.ends_ms is not None
    assert found.starts_ms <= at_ms < found.ends_ms
    for inside in (found.starts_ms, found.ends_ms - 1):
        assert window(period, inside, calendar) == found
    after, before = window(period, found.ends_ms, calendar), window(period, found.starts_ms - 1, calendar)
    assert (after.starts_ms, before.ends_ms) == (found.ends_ms, found.starts_ms)
    assert len({before.key, found.key, after.key}) == 3


@given(CALENDARS, INSTANTS)
def test_longer_windows_hold_shorter_ones_whole(calendar: Calendar, at_ms: int) -> None:
    year, quarter, month, day = (window(period, at_ms, calendar) for period in ("year", "quarter", "month", "day"))
    for outer, inner in ((year, quarter), (quarter, month), (month, day)):
        assert outer.ends_ms is not None and inner.ends_ms is not None
        assert outer.starts_ms <= inner.starts_ms < inner.ends_ms <= outer.ends_ms


@given(st.sampled_from(REPEATING), CALENDARS, INSTANTS, st.integers(1, 400))
def test_a_budget_asleep_for_many_periods_wakes_in_the_current_one(period: Period, calendar: Calendar, at_ms: int, days: int) -> None:
    """A window is found from the moment alone, not from the one before it."""
    later_ms = at_ms + days * 24 * HOUR_MS
    then, now = window(period, at_ms, calendar), window(period, later_ms, calendar)
    assert then == now or (then.ends_ms is not None and then.ends_ms <= now.starts_ms)
    assert now.starts_ms <= later_ms


def test_a_year_of_days_has_each_date_once_and_no_hour_twice() -> None:
    for zone in ZONES:
        calendar, at_ms, days = Calendar(zone), ms("2026-01-01", zone), []
        end_ms = ms("2027-01-01", zone)
        while at_ms < end_ms:
            day = window("day", at_ms, calendar)
            assert day.starts_ms == at_ms and day.ends_ms is not None
            days.append(day.key.removeprefix("b@"))
            at_ms = day.ends_ms
        first = datetime(2026, 1, 1, tzinfo=UTC)
        assert days == [f"{first + timedelta(days=n):%Y-%m-%d}" for n in range(365)]


def test_clocks_that_skip_midnight_begin_the_day_when_they_do() -> None:
    """In Cairo 24 April 2026 begins at 01:00; in Havana 1 November has its first hour twice."""
    cairo = window("day", ms("2026-04-24T12:00"), Calendar("Africa/Cairo"))
    assert (utc(cairo.starts_ms), utc(cairo.ends_ms)) == ("2026-04-23T22:00", "2026-04-24T21:00")
    havana = window("day", ms("2026-11-01T12:00"), Calendar("America/Havana"))
    assert (utc(havana.starts_ms), utc(havana.ends_ms)) == ("2026-11-01T04:00", "2026-11-02T05:00")


def test_a_day_that_a_country_left_out_has_no_window() -> None:
    apia = Calendar("Pacific/Apia")
    last = window("day", ms("2011-12-30T09:59"), apia)
    after = window("day", ms("2011-12-30T10:00"), apia)
    assert (last.key, after.key) == ("b@2011-12-29", "b@2011-12-31")
    assert last.ends_ms == after.starts_ms


@pytest.mark.parametrize(
    ("length_days", "at", "inside"),
    [
        (30, "2026-10-14T21:59", False),
        (30, "2026-10-14T22:00", True),
        (30, "2026-11-13T22:59", True),
        (30, "2026-11-13T23:00", False),
        (1, "2026-10-15T21:59", True),
        (1, "2026-10-15T22:00", False),
        (0, "2036-01-01T00:00", True),
        (0, "2026-10-14T21:59", False),
    ],
)
def test_a_fixed_window_lasts_whole_local_days_and_does_not_repeat(length_days: int, at: str, inside: bool) -> None:
    found = window_of(budget("fixed", "2026-10-15", length_days), "", ms(at), BERLIN)
    assert (found is not None) is inside
    if found is not None:
        assert found.key == "b@2026-10-15"
        assert utc(found.starts_ms) == "2026-10-14T22:00"
        assert (found.ends_ms is None) == (length_days == 0)


def test_a_total_budget_has_one_window_for_ever() -> None:
    assert window("total", ms("1970-01-01"), BERLIN) == window("total", ms("2099-01-01"), NEW_YORK) == Window("b@total", 0, None)


def test_a_budget_on_each_value_has_a_window_for_each() -> None:
    each = budget("month", scope="*")
    keys = {found.key for value in ("core", "web") if (found := window_of(each, value, ms("2026-11-23"), Calendar()))}
    assert keys == {"b@2026-11/core", "b@2026-11/web"}


@pytest.mark.parametrize("zone", ["", "Europe", "Mars/Olympus", "../etc/passwd", "/etc", "UTC\0"])
def test_a_time_zone_that_is_none_is_refused(zone: str) -> None:
    for use in (lambda: window("day", 0, Calendar(zone)), lambda: checked_calendar(Calendar(zone))):
        with pytest.raises(InvalidInput, match="there is no time zone") as caught:
            use()
        assert "Europe/Zurich" in caught.value.fix


@pytest.mark.parametrize(
    ("calendar", "said"),
    [
        (Calendar(fiscal_year_start_month=0), "fiscal_year_start_month is 0"),
        (Calendar(fiscal_year_start_month=13), "fiscal_year_start_month is 13"),
        (Calendar(week_starts_on=-1), "week_starts_on is -1"),
        (Calendar(week_starts_on=7), "week_starts_on is 7"),
    ],
)
def test_a_calendar_that_cannot_be_is_refused(calendar: Calendar, said: str) -> None:
    with pytest.raises(InvalidInput, match=said):
        checked_calendar(calendar)


def test_the_configuration_takes_only_a_calendar_that_can_be(tmp_path: Path) -> None:
    path = tmp_path / "wellspent.toml"
    path.write_text('timezone = "Europe/Berlin"\nfiscal_year_start_month = 4\nweek_starts_on = 6\n')
    config = load_config(path, {"HOME": str(tmp_path)})
    calendar = Calendar(config.timezone, config.fiscal_year_start_month, config.week_starts_on)
    assert checked_calendar(calendar) is calendar
    for line, said in (('timezone = "Europe/Atlantis"', "Europe/Atlantis"), ("week_starts_on = 9", "week_starts_on is 9")):
        path.write_text(line)
        with pytest.raises(ConfigError, match=said):
            load_config(path, {"HOME": str(tmp_path)})
