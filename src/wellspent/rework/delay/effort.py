"""How long people reviewed: a range, from what they left behind. Pure.

Nobody clocks in for a review. What is known are a person's acts: reviews and comments, over all changes. An act that follows the one before closely
was work in between; before any other act the person came anew and read first. So each act takes

- **low**: the time since the person's act before, if that is at most 30 minutes ago (a sitting, from its first act to its last), else a minute;
- **high**: that time, if it is at most 2 hours ago (git-hours, github.com/kimmobrunfeldt/git-hours, has people at work between commits up to two
  hours apart); else the time to read the whole change at 200 lines an hour (Kemerer and Paulk, IEEE Transactions on Software Engineering 35,
  2009: 534: faster reviews find less), at most 90 minutes (Cohen, *Best Kept Secrets of Peer Code Review*, 2006: nobody finds more after that),
  and 90 minutes where nobody said how many lines there are.

No act begins before the person's act before, or before the change was opened for it, so that nobody reviews two things at once.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping

from msgspec import Struct

from wellspent import limits
from wellspent.rework.delay.timeline import Timeline
from wellspent.rework.survival.people import Span

MINUTE_MS, HOUR_MS = 60_000, 3_600_000
Key = tuple[str, str]


class Effort(Struct, frozen=True):
    """Time that people spent on the review of a change: from the least to the most that the evidence allows, in milliseconds."""

    low_ms: int = 0
    high_ms: int = 0

    def __add__(self, other: "Effort") -> "Effort":
        """Both together."""
        return Effort(self.low_ms + other.low_ms, self.high_ms + other.high_ms)

    @property
    def minutes(self) -> Span:
        """In whole minutes, up to the next."""
        return Span(-(-self.low_ms // MINUTE_MS), -(-self.high_ms // MINUTE_MS))


def key_of(timeline: Timeline) -> Key:
    """What names a change over all forges."""
    return timeline.source, timeline.change


def efforts(timelines: Iterable[Timeline]) -> Mapping[Key, Effort]:
    """The effort of each change that people reviewed. Give all changes that are known: who was elsewhere before was not here."""
    acts: dict[tuple[str, str], list[tuple[int, Key, Timeline]]] = defaultdict(list)
    for timeline in timelines:
        for act in timeline.acts:
            acts[timeline.source, act.actor].append((act.at_ms, key_of(timeline), timeline))
    found: dict[Key, Effort] = defaultdict(Effort)
    for of_person in acts.values():
        before_ms: int | None = None
        for at_ms, key, timeline in sorted(of_person, key=lambda each: each[:2]):
            found[key] += _effort(at_ms, before_ms, timeline)
            before_ms = at_ms
    return found


def _effort(at_ms: int, before_ms: int | None, timeline: Timeline) -> Effort:
    """Of one act."""
    opened_ms = timeline.waits[0][0] if timeline.waits and timeline.waits[0][0] <= at_ms else None
    gap_ms = None if before_ms is None else at_ms - before_ms
    room_ms = min((at_ms - moment for moment in (before_ms, opened_ms) if moment is not None), default=limits.REVIEW_READ_HIGH_MS)
    low_ms = gap_ms if gap_ms is not None and gap_ms <= limits.REVIEW_GAP_LOW_MS else limits.REVIEW_READ_LOW_MS
    high_ms = gap_ms if gap_ms is not None and gap_ms <= limits.REVIEW_GAP_HIGH_MS else _reading_ms(timeline.lines)
    low_ms = min(low_ms, room_ms)
    return Effort(low_ms, max(low_ms, min(high_ms, room_ms)))


def _reading_ms(lines: int | None) -> int:
    if lines is None:
        return limits.REVIEW_READ_HIGH_MS
    return min(max(lines * HOUR_MS // limits.REVIEW_LINES_PER_HOUR, limits.REVIEW_READ_LOW_MS), limits.REVIEW_READ_HIGH_MS)
