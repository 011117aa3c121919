"""What a statement tells apart from its figures: what experiments and comparisons found, pilots, and time that people say they saved."""

from collections.abc import Iterator, Sequence
from contextlib import closing

from msgspec import Struct

from wellspent.analytics.comparison import Comparison
from wellspent.analytics.contract import SELF_REPORTED
from wellspent.analytics.effect import Effect
from wellspent.analytics.initiative import Standing
from wellspent.analytics.selfreport import self_reported
from wellspent.analytics.statement.compose import Told
from wellspent.analytics.statement.period import Span, span_of
from wellspent.analytics.statement.record import EffectLine, InitiativeLine, SelfReportLine
from wellspent.budgets.window import Calendar
from wellspent.config import Config
from wellspent.facts.clock import ManualClock, day_ms
from wellspent.ledger.outcomes import FILE, OutcomeLog
from wellspent.routing.experiment import Experiment
from wellspent.surfaces.asking.asked import Setup
from wellspent.surfaces.effects import tell


class Evidence(Struct, frozen=True):
    """What there is to tell apart, whenever it began."""

    experiments: Sequence[Experiment] = ()
    comparisons: Sequence[Comparison] = ()
    initiatives: Sequence[Standing] = ()


def told_of(config: Config, period: str, evidence: Evidence, now_ms: int) -> Told:
    """What is told apart, of what had begun by the end of a period, as it stands now.

    Raises InvalidInput for a period that cannot be.
    """
    span = span_of(period, Calendar(config.timezone, config.fiscal_year_start_month, config.week_starts_on))
    ends_ms, setup = day_ms(span.after, config.timezone), Setup.of(config)
    names = [each.name for each in evidence.experiments if each.from_ms < ends_ms]
    names += [each.name for each in evidence.comparisons if each.began < span.after]
    return Told(
        effects=tuple(line for name in names for line in _effects(setup, name, now_ms)),
        initiatives=tuple(initiative_line(each) for each in evidence.initiatives if each.initiative.begins_on < span.after),
        self_reported=tuple(_self_reported(config, span, ends_ms)),
    )


def _effects(setup: Setup, name: str, now_ms: int) -> Iterator[EffectLine]:
    """A line for each measure; where nothing can be known, one that says why."""
    told, command = tell(setup, name, now_ms), f"wellspent effect {name}"
    if told.problem:
        yield EffectLine(name, "", "none", told.problem, command)
    yield from (EffectLine(f"{name}: {each.measure}", figure_of(each), each.grade.value, each.verdict, command) for each in told.effects)


def figure_of(effect: Effect) -> str:
    """A difference with its interval; "" where there is none, because it is never told without."""
    if effect.difference is None or effect.low is None or effect.high is None:
        return ""
    scale, unit = (100, "percentage points") if effect.unit == "share" else (1, effect.unit)
    difference, low, high = (f"{scale * value:+,.3g}".replace("-", "−") for value in (effect.difference, effect.low, effect.high))
    return f"{difference} ({low} to {high}) {unit}"


def initiative_line(found: Standing) -> InitiativeLine:
    """A pilot: cost and evidence so far, and what was decided. What its evidence suggests is on its page: people decide."""
    initiative = found.initiative
    decision = initiative.decision
    return InitiativeLine(
        name=initiative.name,
        owner=initiative.owner,
        spent_nanousd=found.spending.nanousd,
        limit_nanousd=found.limit_nanousd,
        evidence=found.evidence[0].says if found.evidence else "nothing is known yet",
        grade=found.grade.value,
        decision=f"{decision.choice}: {decision.because}" if decision else "",
        decide_by=initiative.decide_by,
        open=f"wellspent initiatives show {initiative.name}",
    )


def _self_reported(config: Config, span: Span, ends_ms: int) -> Iterator[SelfReportLine]:
    begins_ms = day_ms(span.first, config.timezone)
    with closing(OutcomeLog(config.data_dir / FILE, ManualClock(0))) as log:
        found = self_reported(log.outcomes(kind=SELF_REPORTED), lambda at_ms: span.label if begins_ms <= at_ms < ends_ms else "")
    return (SelfReportLine(each.period, each.reports, each.minutes) for each in found if each.period)
