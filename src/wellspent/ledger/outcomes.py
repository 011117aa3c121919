"""The log of outcomes: what sources said, appended for ever (``chain.py``), and what it comes to."""

from collections.abc import Iterator
from itertools import groupby

import msgspec

from wellspent.facts.outcome import Outcome, OutcomeEvent, outcome_of
from wellspent.ledger.chain import FIRST_HASH as FIRST_HASH  # of a log without events
from wellspent.ledger.chain import Added as Added  # what came of an import
from wellspent.ledger.chain import EventLog

FILE = "outcomes.db"
# Earlier files took one event for each state and moment (said_once). What they hold is unique by its words too, so the new rule is there before
# the old one goes, and no event is touched.
SCHEMA = """
create table if not exists event (
  seq integer primary key, source text not null, outcome text not null, state text not null, occurred_ms integer not null,
  event text not null, body blob not null, hash text not null);
create unique index if not exists same_words_once on event (
  source, outcome, state, occurred_ms,
  json_remove(cast(body as text), '$.source', '$.outcome', '$.state', '$.occurred_at_ms', '$.recorded_at_ms', '$.event'));
drop index if exists said_once;
create unique index if not exists sent_once on event (source, event) where event != '';
create trigger if not exists events_are_never_changed before update on event begin select raise(abort, 'outcomes are never changed'); end;
create trigger if not exists events_are_never_removed before delete on event begin select raise(abort, 'outcomes are never removed'); end;
"""


class OutcomeLog(EventLog[OutcomeEvent]):
    """What sources said of outcomes.

    Known is an event whose message id came from its source before, or that says nothing that was not said before: all but its message id is
    the same. One that says the same state of the same moment with other words (a value, a link, who attested) corrects what was said.
    """

    NOUN, FILE, SCHEMA = "outcomes", FILE, SCHEMA

    def events(self, source: str = "", outcome: str = "") -> Iterator[OutcomeEvent]:
        """What was said, oldest first: of one outcome, of one source, or all."""
        filters = [f"{name} = ?" for name, value in (("source", source), ("outcome", outcome)) if value]
        where = f"where {' and '.join(filters)}" if filters else ""
        with self._errors():
            rows = self._db.execute(f"select body from event {where} order by seq", [value for value in (source, outcome) if value])
            for (body,) in rows:
                yield _decoded(body)

    def outcomes(self, recorded_until_ms: int | None = None, *, after: int = 0, kind: str = "") -> Iterator[Outcome]:
        """Every outcome as it stands, or as it was known to stand at a time.

        Args:
            after: Only those of which something was said since this event, see ``chain_head``.
            kind: Only those that were ever said to be of this kind; "" is any.
        """
        tests: list[tuple[str, object]] = [("seq > ?", after)] if after else []
        tests += [("instr(cast(body as text), ?)", msgspec.json.encode({"kind": kind}).decode()[1:-1])] if kind else []
        asked = " and ".join(f"(source, outcome) in (select source, outcome from event where {test})" for test, _ in tests)
        sql = f"select source, outcome, body from event {'where ' + asked if tests else ''} order by source, outcome, seq"
        with self._errors():
            rows = self._db.execute(sql, [value for _, value in tests])
            for _, group in groupby(rows, key=lambda row: (row[0], row[1])):
                found = outcome_of([_decoded(body) for *_, body in group], recorded_until_ms)
                if found is not None:
                    yield found

    def changes(self, after: int) -> Iterator[tuple[Outcome | None, Outcome]]:
        """Outcomes of which something was said since an event: as known then (None where nobody had told of it), and as they stand."""
        sql = (
            "select source, outcome, seq, body from event where (source, outcome) in (select source, outcome from event where seq > ?)"
            " order by source, outcome, seq"
        )
        with self._errors():
            for _, group in groupby(self._db.execute(sql, (after,)), key=lambda row: (row[0], row[1])):
                said = [(seq, _decoded(body)) for *_, seq, body in group]
                now = outcome_of([event for _, event in said])
                if now is not None:
                    yield outcome_of([event for seq, event in said if seq <= after]), now

    def _columns(self, event: OutcomeEvent) -> tuple[object, ...]:
        return event.source, event.outcome, event.state, event.occurred_at_ms, event.event


_DECODER = msgspec.json.Decoder(OutcomeEvent)


def _decoded(body: bytes) -> OutcomeEvent:
    return _DECODER.decode(body)
