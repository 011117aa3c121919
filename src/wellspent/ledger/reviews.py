"""The log of reviews: what forges said of changes, appended for ever (``chain.py``)."""

from collections.abc import Iterator

import msgspec

from wellspent.facts.review import ReviewEvent
from wellspent.ledger.chain import EventLog

FILE = "reviews.db"
SCHEMA = """
create table if not exists event (
  seq integer primary key, source text not null, change text not null, what text not null, at_ms integer not null,
  event text not null, body blob not null, hash text not null);
create unique index if not exists sent_once on event (source, event);
create index if not exists by_change on event (source, change);
create trigger if not exists events_are_never_changed before update on event begin select raise(abort, 'reviews are never changed'); end;
create trigger if not exists events_are_never_removed before delete on event begin select raise(abort, 'reviews are never removed'); end;
"""


class ReviewLog(EventLog[ReviewEvent]):
    """What forges said of changes. Known is an event whose name came from its source before: a webhook and the API name the same thing alike."""

    NOUN, FILE, SCHEMA = "reviews", FILE, SCHEMA

    def events(self, change: str = "") -> Iterator[ReviewEvent]:
        """What was said, oldest first: of one change, or of all."""
        where = "where change = ?" if change else ""
        with self._errors():
            for (body,) in self._db.execute(f"select body from event {where} order by seq", [change] if change else []):
                yield _DECODER.decode(body)

    def _columns(self, event: ReviewEvent) -> tuple[object, ...]:
        return event.source, event.change, event.what, event.at_ms, event.event


_DECODER = msgspec.json.Decoder(ReviewEvent)
