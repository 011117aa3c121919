"""A change as a message shows it -> the events it tells. Every event has a name that webhooks and the API share, so that it is kept once. Pure."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any

from msgspec import Struct

from wellspent import limits
from wellspent.connectors.outcomes.moments import moment_ms
from wellspent.connectors.reviews.people import NOBODY, Who
from wellspent.facts.errors import InvalidInput
from wellspent.facts.review import ReviewEvent, What, Work

ONCE = ("opened", "merged")  # of every change
HOUR_MS = 3_600_000


class Telling(Struct, frozen=True):
    """A change, and who wrote it.

    Attributes:
        source, change, repository: As in ``ReviewEvent``.
        author: Who opened it.
    """

    source: str
    change: str
    repository: str
    author: Who = NOBODY

    def event(self, what: What, moment: Any, who: Who = NOBODY, name: str = "", commit: str = "") -> list[ReviewEvent]:
        """An event, or none: where the moment cannot be read there is nothing to measure.

        Args:
            name: What tells it from others of its kind; the second it happened in unless given.
        """
        at_ms = moment_of(moment)
        if at_ms is None or not self.change:
            return []
        named = what if what in ONCE else name or f"{what} {at_ms // 1000}"
        event = f"{self.change} {named}"
        return [
            ReviewEvent(
                self.source,
                self.change,
                what,
                at_ms,
                event,
                actor=who.actor,
                machine=who.machine,
                author=bool(who.actor) and who.actor == self.author.actor,
                repository=self.repository,
                commit=commit,
            )
        ]

    def described(self, moment: Any, branch: str, lines: tuple[Any, Any], work: Work, labels: tuple[str, ...] = ()) -> list[ReviewEvent]:
        """How it looks since a moment."""
        added, deleted = (
            each if isinstance(each, int) and not isinstance(each, bool) and 0 <= each <= limits.REVIEW_LINES_MAX else None for each in lines
        )
        return [
            ReviewEvent(
                event.source,
                event.change,
                event.what,
                event.at_ms,
                event.event,
                repository=self.repository,
                branch=branch,
                added=added,
                deleted=deleted,
                work=work,
                labels=labels,
            )
            for event in self.event("described", moment, name=self._description(moment, added))
        ]

    @staticmethod
    def _description(moment: Any, added: int | None) -> str:
        """Of the same second one with lines adds to one without."""
        return f"described {(moment_of(moment) or 0) // 1000}" + ("" if added is None else " with lines")


def moment_of(value: Any) -> int | None:
    """A moment in milliseconds, None for what is none. GitLab also writes ``2017-09-15 16:50:55 UTC``."""
    text = f"{value.removesuffix(' UTC')}Z" if isinstance(value, str) and value.endswith(" UTC") else value
    try:
        return moment_ms(text)
    except InvalidInput:
        return None


def timely(events: Iterable[ReviewEvent], now_ms: int) -> Iterator[ReviewEvent]:
    """The events as they are. Raises InvalidInput at one that is further in the future than clocks differ.

    A push may be known by its commit's date alone, which is whatever its author's clock said: one that is ahead is left out.
    """
    for event in events:
        if event.at_ms > now_ms + limits.OUTCOME_AHEAD_MS_MAX:
            if event.what == "pushed":
                continue
            said = datetime.fromtimestamp(event.at_ms / 1000, UTC).isoformat(timespec="seconds")
            bound = f"more than {limits.OUTCOME_AHEAD_MS_MAX // HOUR_MS} hours from now"
            raise InvalidInput(f"{event.change} of {event.source} is {event.what} at {said}, {bound}", fix="check this machine's clock")
        yield event
