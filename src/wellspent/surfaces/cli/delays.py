"""``wellspent delays``: what changes waited for, what their review took, and what that cost."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Annotated

from cyclopts import Parameter

from wellspent.config import Config
from wellspent.facts.clock import SystemClock
from wellspent.facts.errors import InvalidInput
from wellspent.facts.money import format_usd
from wellspent.ledger.reviews import FILE
from wellspent.rework.delay.delays import Delay, Group, Stages, delay, delays, hours
from wellspent.rework.delay.effort import efforts
from wellspent.rework.delay.reading import Reading
from wellspent.rework.delay.settings import rates_of, workweek_of
from wellspent.rework.delay.timeline import Timeline, timelines
from wellspent.rework.delay.worktime import Worktime
from wellspent.rework.survival.people import Span
from wellspent.surfaces.cli.common import COMMON, SETTINGS, SHAPE, Common, Shape, settings_of, talk
from wellspent.surfaces.cli.output import Column, Row, count, emit, money
from wellspent.surfaces.cli.reviews import log_of
from wellspent.surfaces.cli.when import ACCEPTED, before, days_of, since_ms, until_ms, zone_of

BY = ("repository", "team", "opened_by", "work", "month")
STAGES = ("pickup", "review", "to_merge")
FIGURES = (
    Column("changes", "changes", right=True, show=count),
    Column("merged", "merged", right=True, show=count),
    Column("unreviewed_text", "unreviewed", right=True),
    Column("pickup_text", "pickup", right=True),
    Column("review_text", "review", right=True),
    Column("to_merge_text", "to merge", right=True),
    Column("rounds_text", "rounds", right=True),
    Column("effort_text", "review hours", right=True),
    Column("idle_text", "changed nothing", right=True),
    Column("review_cost_text", "review cost", right=True),
    Column("delay_cost_text", "delay cost", right=True),
)


def delays_report(
    *,
    since: Annotated[str, Parameter(help=f"Changes that were first open for review since then: {ACCEPTED}.")] = "90d",
    until: Annotated[str, Parameter(help="And until then, included.")] = "today",
    by: Annotated[str, Parameter(help=f"A line for each of these, separated by commas: {', '.join(BY)}.")] = "repository",
    common: Common = COMMON,
    shape: Shape = SHAPE,
) -> None:
    """Report how long changes waited for a first look and for their merge, what review took, and what that cost. Never by person.

    Medians count changes that are still open with what they waited so far. Groups of fewer than five people are told as one. Hours of review are a
    range, from what people left behind; a cost is told where wellspent.toml says what an hour costs.
    """
    config, now_ms = common.load(), SystemClock().now_ms()
    zone, names = zone_of(config.timezone), _names(by)
    first, after = days_of(since, until, now_ms, zone)
    first_ms, after_ms = since_ms(since, now_ms, zone), until_ms(until, now_ms, zone)
    found, headless = _known(config, now_ms)
    asked = [each for each in found if each.ready_at_ms is not None and first_ms <= each.ready_at_ms < after_ms]
    week, rates, effort = workweek_of(config), rates_of(config), efforts(found)
    worktime = Worktime(week, first_ms, now_ms) if week else None
    lines = delays(asked, effort, _group_of(names, config), worktime, rates) if asked else []
    if not shape.json and not shape.csv:
        hours_are = "working hours" if worktime else "all hours, nights and weekends too"
        talk(f"changes open for review since {first}, until {before(after)} ({zone.key}); medians with their 95 % interval, {hours_are}")
        if headless:
            talk(f"{headless:,} changes are left out: nobody told when they were opened (fetch them with: wellspent reviews fetch)")
    total = delay(("total", *("" for _ in names[1:])), asked, effort, worktime, rates) if len(lines) > 1 else None
    columns = [*(Column(name, name) for name in names), *FIGURES]
    empty = "no changes are known; fetch them with: wellspent reviews fetch github acme/app" if not found else "there are no such changes"
    emit([_row(each, names) for each in lines], columns, shape, total=_row(total, names) if total else None, empty=empty)


def _known(config: Config, now_ms: int) -> tuple[list[Timeline], int]:
    if not (config.data_dir / FILE).is_file():
        return [], 0
    with log_of(config) as log:
        return timelines(log.events(), now_ms)


def _names(by: str) -> list[str]:
    names = [name.strip() for name in by.split(",")]
    wrong = [name for name in names if name not in BY]
    if wrong or len(set(names)) != len(names):
        raise InvalidInput(f"--by {by} cannot be done", fix=f"use each of {', '.join(BY)} once at most, separated by commas")
    return names


def _group_of(names: list[str], config: Config) -> Callable[[Timeline], Group]:
    """A repository's team is that of the project of the same name."""
    teams: dict[str, str] = {}
    if "team" in names and (config.data_dir / SETTINGS).is_file():
        with settings_of(config) as settings:
            teams = {project.name: project.team for project in settings.projects()}
    zone = zone_of(config.timezone)

    def month(each: Timeline) -> str:
        return f"{datetime.fromtimestamp((each.ready_at_ms or 0) / 1000, UTC).astimezone(zone):%Y-%m}"

    reads: dict[str, Callable[[Timeline], str]] = {
        "repository": lambda each: each.repository,
        "team": lambda each: teams.get(each.repository, "") or "unknown",
        "opened_by": lambda each: "machine" if each.by_machine else "person" if each.author else "unknown",
        "work": lambda each: each.work or "unknown",
        "month": month,
    }
    return lambda each: tuple(reads[name](each) for name in names)


def _row(each: Delay, names: list[str]) -> Row:
    row: dict[str, object] = dict(zip(names, each.group, strict=True))
    row |= {name: getattr(each, name) for name in ("changes", "merged", "closed", "open", "people", "unreviewed", "reviewed", "rounds")}
    row |= _stages(each.every_hour, "hours")
    row |= _stages(each.work_hours, "work_hours")
    row |= _texts(each.work_hours or each.every_hour)
    low, high = each.effort.low_ms, each.effort.high_ms
    row |= {"review_hours_low": _number(low), "review_hours_high": _number(high)}
    row |= {"review_idle_percent_low": _percent(each.idle.low_ms, each.known_effort.low_ms)}
    row |= {"review_idle_percent_high": _percent(each.idle.high_ms, each.known_effort.high_ms)}
    for name, span in (("review_cost", each.review_nanousd), ("delay_cost", each.delay_nanousd)):
        row |= money(f"{name}_low", span.low if span else None) | money(f"{name}_high", span.high if span else None)
        row[f"{name}_text"] = _cost(span)
    row["unreviewed_text"] = f"{each.unreviewed / each.merged:.0%}" if each.merged else "unknown"
    row["rounds_text"] = f"{each.rounds / each.reviewed:.1f}" if each.reviewed else "unknown"
    row["effort_text"] = f"{hours(low):,.1f} to {hours(high):,.1f} h"
    row["idle_text"] = _range(row["review_idle_percent_low"], row["review_idle_percent_high"])
    return row


def _stages(stages: Stages | None, unit: str) -> dict[str, object]:
    row: dict[str, object] = {}
    for name in STAGES:
        found: Reading | None = getattr(stages, name) if stages else None
        for figure in ("quarter", "median", "three_quarters", "low", "high"):
            row[f"{name}_{figure}_{unit}"] = _number(getattr(found, f"{figure}_ms")) if found else None
        if unit == "hours":
            row |= {f"{name}_of": found.of if found else 0, f"{name}_seen": found.seen if found else 0}
    return row | {f"waited_{unit}": _number(stages.waited_ms) if stages else None}


def _texts(stages: Stages) -> dict[str, object]:
    return {f"{name}_text": _reading(getattr(stages, name)) for name in STAGES}


def _reading(found: Reading) -> str:
    """``3.2 h (1.0 to 8.5)``; an end of the interval that is not known is open."""
    if found.median_ms is None:
        return found.note or "unknown"
    low, high = ("unknown" if ms is None else _hours(ms) for ms in (found.low_ms, found.high_ms))
    return f"{_hours(found.median_ms)} h ({low} to {high})"


def _hours(ms: int) -> str:
    return f"{hours(ms):,.1f}" if ms < 100 * 3_600_000 else f"{hours(ms):,.0f}"


def _number(ms: int | None) -> float | None:
    return None if ms is None else round(hours(ms), 4)


def _percent(part: int, whole: int) -> float | None:
    return round(100 * part / whole, 2) if whole else None


def _range(*percents: object) -> str:
    known = sorted(each for each in percents if isinstance(each, float))
    return f"{known[0]:.0f} to {known[-1]:.0f} %" if known else "unknown"


def _cost(span: Span | None) -> str:
    return "unknown" if span is None else f"{format_usd(span.low)} to {format_usd(span.high)}"
