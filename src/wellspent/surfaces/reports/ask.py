"""Asks the ledger and the log of outcomes for what a statement is composed of, and for what earlier ones would say now."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import date, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import msgspec
from msgspec import Struct

from wellspent import __version__, limits
from wellspent.analytics.contract import contracts_of
from wellspent.analytics.statement.compose import Asked, Told, compose
from wellspent.analytics.statement.period import Span, before, earlier, span_of, whole
from wellspent.analytics.statement.record import Facts, Restated, Statement
from wellspent.analytics.statement.restate import Issued, restated
from wellspent.analytics.statement.since import Moments, Since, moved_of
from wellspent.budgets.window import Calendar
from wellspent.config import Config
from wellspent.facts.clock import ManualClock, day_of
from wellspent.facts.errors import InvalidInput, NotFound
from wellspent.ledger import statements
from wellspent.ledger.outcomes import FILE, OutcomeLog
from wellspent.ledger.reader import JournalReader

if TYPE_CHECKING:
    from wellspent.analytics.engine.engine import Engine

ONE_DAY = timedelta(days=1)


class Sources(Struct, frozen=True):
    """What a statement is taken from.

    Attributes:
        facts: The newest when it was asked for.
        now_ms: When that was.
    """

    config: Config
    engine: "Engine"
    log: OutcomeLog
    facts: Facts
    now_ms: int

    @property
    def calendar(self) -> Calendar:
        """The operator's."""
        return Calendar(self.config.timezone, self.config.fiscal_year_start_month, self.config.week_starts_on)

    @property
    def today(self) -> date:
        """The operator's day."""
        return date.fromisoformat(day_of(self.now_ms, self.config.timezone))

    def day(self, at_ms: int) -> str:
        """The operator's day of a moment."""
        return day_of(at_ms, self.config.timezone)


def statement_of(config: Config, period: str, now_ms: int, told: Told | None = None) -> Statement:
    """A statement of a period, with what earlier ones would say now.

    Args:
        told: What others found, shown apart.

    Raises InvalidInput for a period that cannot be, or has not begun, NotFound for one before the ledger, or without a ledger, ConfigError without
    DuckDB, JournalCorrupt where an earlier statement was changed.
    """
    kept = statements.verify(config.data_dir / statements.FOLDER)
    span = span_of(period, Calendar(config.timezone, config.fiscal_year_start_month, config.week_starts_on))
    with _sources(config, now_ms) as sources:
        _check(span, sources)
        found = _composed(sources, span, told)
        current = [issued_of(each) for each in statements.newest(kept)]
        again = [line for each in current for line in _restated(sources, each, [issued_of(one) for one in kept if one.number > each.number])]
    return msgspec.structs.replace(found, compared=tuple(each.number for each in current), restated=tuple(again))


def issued_of(kept: statements.Kept) -> Issued:
    """A statement as it was issued, read from what is kept."""
    return Issued(kept.number, kept.version, statement_in(kept.statement))


def statement_in(kept: msgspec.Raw) -> Statement:
    """A statement, read from the text that is kept."""
    return msgspec.json.decode(kept, type=Statement)


@contextmanager
def _sources(config: Config, now_ms: int) -> Iterator[Sources]:
    from wellspent.analytics.engine.engine import Engine

    reader, clock, zone = JournalReader(config.data_dir / "journal.db"), ManualClock(now_ms), ZoneInfo(config.timezone)
    with closing(OutcomeLog(config.data_dir / FILE, clock)) as log:
        first_ms = reader.first_ms()
        facts = Facts(*reader.head(), *log.chain_head(), first_day="" if first_ms is None else day_of(first_ms, config.timezone))
        with Engine.open(config.data_dir, contracts_of(config.contracts), zone, clock) as engine:
            yield Sources(config, engine, log, facts, now_ms)


def _check(span: Span, sources: Sources) -> None:
    if span.first > sources.today.isoformat():
        raise InvalidInput(f"{span.title} has not begun", fix="ask for a period that has")
    first = sources.facts.first_day
    if not first or span.after <= first:
        told = f"the ledger begins on {first}" if first else "the ledger is empty"
        raise NotFound(f"nothing is known of {span.title}: {told}", fix="ask for a later period")


def _composed(sources: Sources, span: Span, told: Told | None = None) -> Statement:
    from wellspent.analytics.engine.questions import value

    engine, as_of_ms, config = sources.engine, sources.now_ms, sources.config
    last = date.fromisoformat(span.after) - ONE_DAY
    provisional = sources.today <= last
    held = _held_against(sources, span, provisional)
    asked = Asked(
        span=span,
        last=min(last, sources.today).isoformat(),
        before=held,
        before_text=held.title,
        org=config.org,
        timezone=config.timezone,
        as_of_ms=as_of_ms,
        provisional=provisional,
        made_with=__version__,
        facts=sources.facts,
    )
    first_month = min(held.first, earlier(span.after, max(limits.STATEMENT_MONTHS, span.months)))
    now, last_value = (value(engine, each.first, each.after, as_of_ms, whole(each)) for each in (span, held))
    months = value(engine, first_month, span.after, as_of_ms, lambda day: day[:7])
    return compose(asked, engine.contracts, now, last_value, months, told)


def _held_against(sources: Sources, span: Span, provisional: bool) -> Span:
    """The period before; of one that is not over, as many days of it."""
    whole = before(span, sources.calendar)
    if not provisional:
        return whole
    elapsed = sources.today - date.fromisoformat(span.first) + ONE_DAY
    after = min(date.fromisoformat(whole.first) + elapsed, date.fromisoformat(whole.after))
    title = f"{whole.first} to {after - ONE_DAY}"
    return msgspec.structs.replace(whole, after=after.isoformat(), title=title)


def _restated(sources: Sources, issued: Issued, later: list[Issued]) -> tuple[Restated, ...]:
    from wellspent.analytics.engine.since import corrections_since, stood_since
    from wellspent.ledger.sealed import FOLDER, manifests

    then, engine, data_dir = issued.statement, sources.engine, sources.config.data_dir
    changes = sources.log.changes(then.facts.outcome_event)
    moments = Moments(then.as_of_ms, sources.now_ms, sources.day)
    moved = [moved_of(engine.contracts, was, now, moments) for was, now in changes]
    span = span_of(then.period, sources.calendar)
    sealed = [day.day for day in manifests(data_dir / FOLDER) if day.last_row > then.facts.journal_row]
    since = Since(
        moved=tuple(each for each in moved if each),
        stood=stood_since(engine, then.as_of_ms, sources.now_ms),
        corrections=corrections_since(engine, sealed, then.facts.journal_row),
        before_first=before(span, sources.calendar).first,
    )
    return restated(issued, _composed(sources, span), since, later)
