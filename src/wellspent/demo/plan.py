"""The ninety days before a moment, before anything of them is written: calls by day, what they bought, and the nights of agents that commit. Pure."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from msgspec import Struct

from wellspent.demo import story
from wellspent.demo.merges import Change, sessions_of
from wellspent.demo.outcomes import outcomes_of
from wellspent.demo.repositories.agenda import Night, nights_of
from wellspent.demo.story import Planned
from wellspent.facts.outcome import OutcomeEvent


class Plan(Struct, frozen=True):
    """What will have happened up to a moment.

    Attributes:
        now_ms: The moment.
        today: Its day at the company.
        calls: Of each day, by how many days ago it is; the last day's are up to its end.
        bought: Outcomes and merged changes.
        nights: Commits of agents.
    """

    now_ms: int
    today: date
    zone: ZoneInfo
    calls: Mapping[int, Sequence[Planned]]
    bought: Sequence[OutcomeEvent | Change]
    nights: Sequence[Night]

    @property
    def changes(self) -> list[Change]:
        """The merged changes alone."""
        return [each for each in self.bought if isinstance(each, Change)]

    def start_ms(self, days_ago: int) -> int:
        """The first millisecond of a day."""
        return _start_ms(self.today - timedelta(days=days_ago), self.zone)


def plan_of(now_ms: int, zone: ZoneInfo) -> Plan:
    """The story up to a moment."""
    today = datetime.fromtimestamp(now_ms / 1000, UTC).astimezone(zone).date()
    days = {ago: today - timedelta(days=ago) for ago in range(story.DAYS, -1, -1)}
    calls = {ago: story.day_of(ago, weekend=day.weekday() >= 5) for ago, day in days.items()}
    bought, nights = list[OutcomeEvent | Change](), list[Night]()
    for ago, day in days.items():
        start_ms = _start_ms(day, zone)
        came = outcomes_of(ago, start_ms, calls[ago], lambda other: sessions_of(calls[other]))
        bought += [each for each in came if (each.at_ms if isinstance(each, Change) else each.occurred_at_ms) < now_ms]
        nights += nights_of(start_ms, calls[ago])
    return Plan(now_ms, today, zone, calls, bought, nights)


def _start_ms(day: date, zone: ZoneInfo) -> int:
    return int(datetime(day.year, day.month, day.day, tzinfo=zone).timestamp() * 1000)
