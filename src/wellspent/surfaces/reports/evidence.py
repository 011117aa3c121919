"""What a statement tells apart from its figures: what experiments and comparisons found, and time that people say they saved."""

from collections.abc import Iterator, Sequence
from contextlib import closing

from wellspent.analytics import comparison as before_after
from wellspent.analytics import experiment as randomised
from wellspent.analytics.comparison import Comparison
from wellspent.analytics.contract import SELF_REPORTED, contracts_of
from wellspent.analytics.effect import Effect
from wellspent.analytics.gather import gather
from wellspent.analytics.selfreport import self_reported
from wellspent.analytics.statement.compose import Told
from wellspent.analytics.statement.period import Span, span_of
from wellspent.analytics.statement.record import EffectLine, SelfReportLine
from wellspent.budgets.window import Calendar
from wellspent.config import Config
from wellspent.facts.clock import ManualClock, day_ms
from wellspent.facts.errors import ConfigError
from wellspent.ledger.outcomes import FILE, OutcomeLog
from wellspent.ledger.reader import JournalReader
from wellspent.routing.experiment import Experiment


def told_of(config: Config, period: str, experiments: Sequence[Experiment], comparisons: Sequence[Comparison], now_ms: int) -> Told:
    """What is told apart, of what had begun by the end of a period, as it stands now.

    Raises InvalidInput for a period that cannot be, NotFound without a ledger, ConfigError where what effects are reckoned with is not installed.
    """
    span = span_of(period, Calendar(config.timezone, config.fiscal_year_start_month, config.week_starts_on))
    ends_ms = day_ms(span.after, config.timezone)
    reader = JournalReader(config.data_dir / "journal.db")
    with closing(OutcomeLog(config.data_dir / FILE, ManualClock(now_ms))) as log:
        try:
            effects = [
                *_randomised(config, reader, log, [each for each in experiments if each.from_ms < ends_ms], now_ms),
                *_before_after(config, reader, log, [each for each in comparisons if each.began < span.after], now_ms),
            ]
        except ImportError as error:
            raise ConfigError(f"effects need {error.name}, which is not installed", fix="pip install 'wellspent[analytics]'") from None
        return Told(effects=tuple(effects), self_reported=tuple(_self_reported(config, log, span, ends_ms)))


def _randomised(config: Config, reader: JournalReader, log: OutcomeLog, experiments: Sequence[Experiment], now_ms: int) -> Iterator[EffectLine]:
    contracts = {each.name: each for each in contracts_of(config.contracts)}
    for each in experiments:
        gathered = gather(each, contracts[each.contract], log.outcomes(), reader.charges(each.from_ms, now_ms), now_ms)
        yield from (_line(each.name, effect) for effect in randomised.compare(each, gathered))


def _before_after(config: Config, reader: JournalReader, log: OutcomeLog, comparisons: Sequence[Comparison], now_ms: int) -> Iterator[EffectLine]:
    contracts = {each.name: each for each in contracts_of(config.contracts)}
    for each in comparisons:
        charges = reader.charges(day_ms(each.from_, config.timezone), now_ms)
        seen = before_after.look(each, contracts[each.contract], log.outcomes(), charges, now_ms, config.timezone)
        yield _line(each.name, before_after.compare(each, seen))


def _line(name: str, effect: Effect) -> EffectLine:
    return EffectLine(f"{name}: {effect.measure}", figure_of(effect), effect.grade.value, effect.verdict, f"wellspent effect {name}")


def figure_of(effect: Effect) -> str:
    """A difference with its interval; "" where there is none, because it is never told without."""
    if effect.difference is None or effect.low is None or effect.high is None:
        return ""
    scale, unit = (100, "percentage points") if effect.unit == "share" else (1, effect.unit)
    difference, low, high = (f"{scale * value:+,.3g}".replace("-", "−") for value in (effect.difference, effect.low, effect.high))
    return f"{difference} ({low} to {high}) {unit}"


def _self_reported(config: Config, log: OutcomeLog, span: Span, ends_ms: int) -> Iterator[SelfReportLine]:
    begins_ms = day_ms(span.first, config.timezone)
    found = self_reported(log.outcomes(kind=SELF_REPORTED), lambda at_ms: span.label if begins_ms <= at_ms < ends_ms else "")
    return (SelfReportLine(each.period, each.reports, each.minutes) for each in found if each.period)
