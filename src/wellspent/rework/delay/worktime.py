"""Working hours: a calendar of weekdays and hours in a time zone, and how much of it lies between two moments. Pure.

Whoever waits over a weekend waits; whether that is a delay is the reader's to say. So delays are told in all hours, and beside them in working hours
where somebody says what these are. Public holidays are not known.
"""

from bisect import bisect_right
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from msgspec import Struct

from wellspent.facts.errors import InvalidInput

DAY = timedelta(days=1)
MINUTES = 60


class Workweek(Struct, frozen=True):
    """When people work.

    Attributes:
        timezone: An IANA name that exists.
        days: 0 is Monday.
        from_minute, to_minute: Of the day, by the clock on the wall.
    """

    timezone: str
    days: frozenset[int]
    from_minute: int
    to_minute: int

    def __post_init__(self) -> None:
        if not self.days or not self.days <= frozenset(range(7)):
            raise InvalidInput(f"workdays are {sorted(self.days)}", fix="give one or more days, from 0 (Monday) to 6 (Sunday)")
        if not 0 <= self.from_minute < self.to_minute <= 24 * MINUTES:
            raise InvalidInput("workhours end before they begin", fix='write them like ["09:00", "17:30"], within one day')


class Worktime:
    """The working hours of a stretch of time.

    Args:
        week: When people work; None counts every hour.
        first_ms, last_ms: The stretch that will be asked about.
    """

    def __init__(self, week: Workweek | None, first_ms: int, last_ms: int) -> None:
        self._begins: list[int] = []
        self._ends: list[int] = []
        self._before: list[int] = []
        self._all = week is None
        if week is not None and first_ms <= last_ms:
            self._fill(week, first_ms, last_ms)

    def between_ms(self, begin_ms: int, end_ms: int) -> int:
        """Working time from one moment to another, 0 where the second is not later. Stretches that meet add up exactly."""
        if end_ms <= begin_ms:
            return 0
        return end_ms - begin_ms if self._all else self._until(end_ms) - self._until(begin_ms)

    def _fill(self, week: Workweek, first_ms: int, last_ms: int) -> None:
        zone, total = ZoneInfo(week.timezone), 0
        day, last = (_day(at_ms, zone) for at_ms in (first_ms, last_ms))
        while day <= last:
            if day.weekday() in week.days:
                begin_ms, end_ms = (_at_ms(day, minute, zone) for minute in (week.from_minute, week.to_minute))
                self._begins.append(begin_ms)
                self._ends.append(end_ms)
                self._before.append(total)
                total += end_ms - begin_ms
            day += DAY

    def _until(self, at_ms: int) -> int:
        """Working time from the beginning of the stretch to a moment."""
        number = bisect_right(self._begins, at_ms) - 1
        return 0 if number < 0 else self._before[number] + min(at_ms, self._ends[number]) - self._begins[number]


def _day(at_ms: int, zone: ZoneInfo) -> date:
    return datetime.fromtimestamp(at_ms / 1000, UTC).astimezone(zone).date()


def _at_ms(day: date, minute: int, zone: ZoneInfo) -> int:
    """A minute of a day by the clock on the wall; 24:00 is the next day's beginning."""
    day, minute = (day + DAY, 0) if minute == 24 * MINUTES else (day, minute)
    return int(datetime(day.year, day.month, day.day, minute // MINUTES, minute % MINUTES, tzinfo=zone).timestamp() * 1000)
