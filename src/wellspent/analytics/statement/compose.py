"""``compose``: spending and outcomes of a period, handed in, become the figures of a statement. There is no number that adds up both."""

from collections.abc import Iterator, Sequence

from msgspec import Struct

from wellspent import limits
from wellspent.analytics.contract import Contract
from wellspent.analytics.statement.carried import CARRIED, COVERAGE, OUTCOMES, SPENDING, around, carried, coverage
from wellspent.analytics.statement.change import change_of
from wellspent.analytics.statement.contracts import BEFORE_AI, BY_OUTCOME, EACH, MARGIN, OUTPUT, REWORK, SPENT, Side, figures_of
from wellspent.analytics.statement.definition import definition_of
from wellspent.analytics.statement.period import Span, months_of
from wellspent.analytics.statement.record import EffectLine, Facts, Figure, InitiativeLine, Month, SelfReportLine, Statement
from wellspent.analytics.value import Line, Value

SECTIONS = (SPENDING, CARRIED, OUTPUT, SPENT, EACH, MARGIN, REWORK, BEFORE_AI, BY_OUTCOME, COVERAGE, OUTCOMES)  # in their order


class Asked(Struct, frozen=True):
    """What a statement is asked for.

    Attributes:
        last: Its last day, included.
        before: The period it is held against; of one that is not over, as many days of the one before.
        before_text: The same for people.
        as_of_ms: What has not stood for long enough by then is pending.
    """

    span: Span
    last: str
    before: Span
    before_text: str
    org: str
    timezone: str
    as_of_ms: int
    provisional: bool
    made_with: str
    facts: Facts

    @property
    def before_known(self) -> bool:
        """Whether the ledger holds all of the period before: else that is unknown, neither zero nor less than it was."""
        return self.facts.first_day <= self.before.first


class Told(Struct, frozen=True):
    """What others found, shown apart."""

    effects: tuple[EffectLine, ...] = ()
    initiatives: tuple[InitiativeLine, ...] = ()
    self_reported: tuple[SelfReportLine, ...] = ()


def compose(asked: Asked, contracts: Sequence[Contract], now: Value, before: Value, months: Value, told: Told | None = None) -> Statement:
    """A statement.

    Args:
        now, before: Each with one line at most for each contract: that of the whole period.
        months: By month, from the first month of the period before or earlier, to the end of the period.
        told: What others found.
    """
    told = told or Told()
    return Statement(
        period=asked.span.label,
        title=asked.span.title,
        first=asked.span.first,
        last=asked.last,
        before=asked.before_text,
        org=asked.org,
        timezone=asked.timezone,
        as_of_ms=asked.as_of_ms,
        provisional=asked.provisional,
        made_with=asked.made_with,
        contracts=tuple(each.name for each in contracts),
        figures=tuple(sorted(_figures(asked, contracts, now, before, months), key=lambda each: SECTIONS.index(each.section))),
        months=_months(contracts, asked.span, months),
        definitions=tuple(definition_of(each, contracts) for each in contracts),
        facts=asked.facts,
        notes=tuple(_notes(asked, now, months)),
        effects=told.effects,
        initiatives=told.initiatives,
        self_reported=told.self_reported,
    )


def _figures(asked: Asked, contracts: Sequence[Contract], now: Value, before: Value, months: Value) -> Iterator[Figure]:
    days = f"--since {asked.span.first} --until {asked.last}"
    then = before if asked.before_known else None
    of_page = f"since={asked.span.first[:7]}&until={asked.last[:7]}"
    yield from carried(now, then, days, of_page)
    for contract in contracts:
        yield from figures_of(contract, _side(asked, contract, now, then, months), days, of_page)
    yield from coverage(now, days, of_page)
    yield from around(now, then, days)


def _side(asked: Asked, contract: Contract, now: Value, before: Value | None, months: Value) -> Side:
    """A contract's line beside that of the period before."""
    line, last = _line(now, contract.name), _line(before, contract.name) if before else None
    trail = [each for each in months.lines if each.contract == contract.name and each.period >= asked.before.first[:7]]
    return Side(line, last, before is not None, change_of(line, last, trail, months_of(asked.span), months_of(asked.before)))


def _line(found: Value, contract: str) -> Line | None:
    return next((each for each in found.lines if each.contract == contract), None)


def _months(contracts: Sequence[Contract], span: Span, months: Value) -> tuple[Month, ...]:
    """The last months, by contract."""
    shown = sorted({each.period for each in months.lines if each.period < span.after[:7]})[-max(limits.STATEMENT_MONTHS, span.months) :]
    return tuple(
        Month(each.contract, each.period, each.spent_nanousd, each.settled, each.each_nanousd, each.low_nanousd, each.high_nanousd)
        for contract in contracts
        for each in months.lines
        if each.contract == contract.name and each.period in shown
    )


def _notes(asked: Asked, now: Value, months: Value) -> Iterator[str]:
    if asked.provisional:
        yield "The period is not over: every figure is provisional, and the period before is cut to as many days."
    first = asked.facts.first_day
    if asked.span.first < first:
        yield f"The ledger begins on {first}: spending of the period is known from that day on."
    if not asked.before_known:
        yield f"The ledger begins on {first}: the period before is not known as a whole, and is left out."
    elif first[8:] != "01" and any(each.period == first[:7] for each in months.lines):
        yield f"The ledger begins on {first}: the first month by month is not a whole one."
    pending = sum(line.pending for line in now.lines)
    if pending:
        yield f"{pending:,} outcomes of the period have not stood for long enough, or are not settled: they may still come to count."
    if now.calls.unpriced_calls:
        yield f"{now.calls.unpriced_calls:,} calls have no known price: the total is at least what is written, and unknown beyond it."
