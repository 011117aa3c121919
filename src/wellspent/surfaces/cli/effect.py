"""``wellspent effect``: what an experiment, or a comparison before and after, found."""

from collections.abc import Sequence
from importlib.util import find_spec
from typing import Annotated

from cyclopts import Parameter
from msgspec.structs import asdict

from wellspent import limits
from wellspent.analytics import comparison as before_after
from wellspent.analytics import experiment as randomised
from wellspent.analytics.comparison import Comparison, Seen
from wellspent.analytics.effect import Effect, Grade
from wellspent.analytics.gather import Figures, Gathered, gather
from wellspent.config import Config
from wellspent.facts.clock import SystemClock, day_ms
from wellspent.facts.errors import ConfigError, NotFound
from wellspent.ledger.reader import JournalReader
from wellspent.routing.experiment import UNITS, Experiment
from wellspent.surfaces.cli.common import COMMON, SHAPE, Common, Shape, journal_path, talk
from wellspent.surfaces.cli.contract import named
from wellspent.surfaces.cli.experiments import known
from wellspent.surfaces.cli.outcomes import log_of
from wellspent.surfaces.cli.output import Column, count, emit, emit_json, money, usd, visible
from wellspent.surfaces.cli.output import named as as_json
from wellspent.surfaces.cli.when import iso, local, zone_of

ARMS = (
    Column("arm", "arm"),
    Column("units", "units", right=True, show=count),
    Column("succeeded", "succeeded", right=True, show=count),
    Column("outcomes", "outcomes", right=True, show=lambda value: f"{value:g}"),
    Column("amount_text", "spent", right=True),
    Column("each_text", "of a unit", right=True),
    Column("outcome_text", "for an outcome", right=True),
)
SIDES = (
    Column("side", "side"),
    Column("units", "units", right=True),
    Column("before_text", "before", right=True),
    Column("after_text", "after", right=True),
)
EFFECTS = (Column("measure", "measure"),)


def effect(
    name: str,
    *,
    level: Annotated[float, Parameter(help="Of the intervals, in percent.")] = limits.EFFECT_LEVEL_PERCENT,
    common: Common = COMMON,
    shape: Shape = SHAPE,
) -> None:
    """Report what an experiment or a comparison found: differences with their intervals, how surely, and why; or no evidence.

    Args:
        name: The experiment or comparison, as the configuration names it.
    """
    config = common.load()
    _check_installed()
    experiments, comparisons = known(config)
    now_ms = SystemClock().now_ms()
    for experiment in experiments:
        if experiment.name == name:
            return _randomised(config, experiment, level, now_ms, shape)
    for comparison in comparisons:
        if comparison.name == name:
            return _before_after(config, comparison, level, now_ms, shape)
    names = ", ".join([*(each.name for each in experiments), *(each.name for each in comparisons)])
    raise NotFound(f"there is no experiment {name!r}", fix=f"use one of {names}" if names else "write one: see docs/experiments.md")


def _check_installed() -> None:
    """Raises ConfigError where what reckons is missing."""
    missing = [name for name in ("numpy", "scipy", "statsmodels") if find_spec(name) is None]
    if missing:
        raise ConfigError(f"effects need {', '.join(missing)}, which is not installed", fix="pip install 'wellspent[analytics]'")


def _randomised(config: Config, experiment: Experiment, level: float, now_ms: int, shape: Shape) -> None:
    contract = named(config, experiment.contract)
    charges = JournalReader(journal_path(config)).charges(experiment.from_ms, now_ms)
    with log_of(config) as log:
        gathered = gather(experiment, contract, log.outcomes(), charges, now_ms)
    effects = randomised.compare(experiment, gathered, level_percent=level)
    arms = [_arm(gathered.figures(arm.name)) for arm in experiment.arms]
    notes = {"unseen": gathered.unseen, "shared": gathered.shared}
    _show(experiment.name, "randomised", arms, ARMS, effects, notes, now_ms, shape)
    if not shape.json and not shape.csv:
        talk(_told(config, experiment, gathered, now_ms))


def _before_after(config: Config, comparison: Comparison, level: float, now_ms: int, shape: Shape) -> None:
    contract = named(config, comparison.contract)
    charges = JournalReader(journal_path(config)).charges(day_ms(comparison.from_, config.timezone), now_ms)
    with log_of(config) as log:
        seen = before_after.look(comparison, contract, log.outcomes(), charges, now_ms, config.timezone)
    found = before_after.compare(comparison, seen, level_percent=level)
    notes = {"unplaced": seen.unplaced, "weeks": len({each.period for each in seen.readings})}
    _show(comparison.name, "before and after", _sides(comparison, seen), SIDES, (found,), notes, now_ms, shape)
    if not shape.json and not shape.csv:
        zone = zone_of(config.timezone)
        talk(f"{found.measure}, of each {comparison.unit} in {notes['weeks']} whole weeks around {comparison.began}, as of {local(now_ms, zone)}")


def _show(
    name: str,
    design: str,
    sides: Sequence[dict[str, object]],
    columns: Sequence[Column],
    effects: Sequence[Effect],
    notes: dict[str, int],
    now_ms: int,
    shape: Shape,
) -> None:
    """Figures of the arms, then what is to be made of them: for machines in one piece, as CSV the effects alone."""
    if shape.json and not shape.csv:
        bare = [{key: value for key, value in side.items() if not key.endswith("_text")} for side in sides]
        found = [as_json(each) for each in effects]
        return emit_json({"name": name, "design": design, "as_of": iso(now_ms), "arms": bare, "effects": found, **notes})
    if shape.csv:
        return emit([_flat(each) for each in effects], EFFECTS, shape)
    emit(sides, columns, shape)
    print()
    for each in effects:
        print(visible(f"{each.measure}: {each.verdict} Grade {_grade(each.grade)}."))
    print("\nThis rests on:")
    for sentence in dict.fromkeys(sentence for each in effects for sentence in each.assumptions):
        print(visible(f"  {sentence}"))


def _grade(grade: Grade) -> str:
    return f"{grade.value}, {grade.meaning}"


def _flat(found: Effect) -> dict[str, object]:
    row = {"measure": found.measure, **asdict(found)}
    return {key: value for key, value in row.items() if key not in ("assumptions", "checks", "self_reported")}


def _arm(figures: Figures) -> dict[str, object]:
    each, outcome = figures.each_nanousd(figures.units), figures.each_nanousd(figures.outcomes)
    row: dict[str, object] = {"arm": figures.arm, "units": figures.units, "succeeded": figures.succeeded, "outcomes": figures.outcomes}
    row |= money("amount", figures.nanousd) | money("each", each) | money("outcome", outcome)
    texts = {"each_text": usd(each) if figures.units else "", "outcome_text": usd(outcome) if figures.outcomes else ""}
    return row | {"amount_text": usd(figures.nanousd), **texts}


def _sides(comparison: Comparison, seen: Seen) -> list[dict[str, object]]:
    rows: list[dict[str, object]] = []
    for side, treated, units in (("treated", True, comparison.treated), ("control", False, comparison.control)):
        means = {"before": seen.mean(treated, after=False), "after": seen.mean(treated, after=True)}
        texts = {f"{when}_text": "unknown" if mean is None else f"{mean:,.4g}" for when, mean in means.items()}
        rows.append({"side": side, "units": len(units), **means, **texts})
    return rows


def _told(config: Config, experiment: Experiment, gathered: Gathered, now_ms: int) -> str:
    """How much of what there is this is about."""
    plural = UNITS[experiment.unit]
    told = [f"{len(gathered.units):,} {plural}, as of {local(now_ms, zone_of(config.timezone))}"]
    if gathered.unseen:
        told.append(f"{gathered.unseen:,} {plural} with calls or outcomes of its time are not in it")
    return "; ".join(told)
