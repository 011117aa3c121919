"""``wellspent durability``: does the code we paid for survive, and what does its rework cost?"""

import os
from pathlib import Path
from typing import Annotated, Literal

import msgspec
from cyclopts import Parameter

from wellspent.facts.clock import SystemClock
from wellspent.facts.errors import InvalidInput
from wellspent.rework.report import Report
from wellspent.rework.survival.terms import WINDOWS_DAYS, names
from wellspent.surfaces.cli.common import COMMON, JOURNAL, SHAPE, Common, Shape, talk
from wellspent.surfaces.cli.output import Column, count, emit, emit_json, visible
from wellspent.surfaces.cli.rework import Progress, windows_of
from wellspent.surfaces.cli.when import ACCEPTED, local, since_ms, zone_of
from wellspent.surfaces.durability.kept import keep
from wellspent.surfaces.durability.markdown import markdown_of
from wellspent.surfaces.durability.measure import Wanted, measure, repositories_of
from wellspent.surfaces.durability.picture import save
from wellspent.surfaces.durability.tables import headline, notes, tables, unread
from wellspent.surfaces.durability.words import Table

Part = Literal["summary", "gone", "compared", "money", "repositories", "teams", "links", "fixes", "delays", "ways", "losses"]
SUMMARY = ("gone", "compared", "repositories")
PAID = ("money", "teams", "links", "fixes")
SINCE, WINDOW, DAYS = "365d", 30, ",".join(map(str, WINDOWS_DAYS))  # what is asked where nobody asks for anything else


def durability(
    repositories: Annotated[
        list[Path] | None,
        Parameter(name="REPO", help="Folders of git repositories; those of [[repository]] unless given, else the one here.", negative=""),
    ] = None,
    /,
    *,
    since: Annotated[str, Parameter(help=f"Lines merged and money spent since: {ACCEPTED}.")] = SINCE,
    window: Annotated[int, Parameter(help="Within how many days of its merge a line that dies is rework.")] = WINDOW,
    days: Annotated[str, Parameter(help="Windows to show, in days, separated by commas.")] = DAYS,
    show: Annotated[Part, Parameter(help="Which part; with --csv it is one table.")] = "summary",
    logs: Annotated[
        bool | None,
        Parameter(
            negative="--no-logs",
            help="Ask the logs of coding agents here: what they cost, where they worked, what they wrote. Without a ledger they are asked.",
            show_default=False,
        ),
    ] = None,
    quick: Annotated[bool, Parameter(negative="", show_default=False, help="Measure in one way only, and do not say whether it would hold.")] = False,
    chart: Annotated[Path | None, Parameter(help="Write the survival curves to a file that ends in .svg or .png.")] = None,
    markdown: Annotated[bool, Parameter(negative="", show_default=False, help="Print Markdown, such as for the summary of a CI job.")] = False,
    fresh: Annotated[bool, Parameter(negative="", show_default=False, help="Read history from the beginning, not only what is new.")] = False,
    common: Common = COMMON,
    shape: Shape = SHAPE,
) -> int:
    """Report whether the code we paid for survives: AI lines beside others, with intervals, and what became of the money that brought them.

    Reads git history, the ledger and what other systems said was merged; sends nothing, and names nobody. Of the configured repositories, and with
    --since, --window, --days, --logs and --quick left as they are, the report is kept for the Durability page; --show changes nothing of it.
    """
    config, clock = common.load(), SystemClock()
    now_ms, zone = clock.now_ms(), zone_of(config.timezone)
    if sum((shape.json, shape.csv, markdown)) > 1:
        raise InvalidInput("a report is either JSON, CSV or Markdown", fix="leave out all but one")
    if chart is not None and chart.suffix.lower() not in (".svg", ".png"):
        raise InvalidInput(f"{chart} is neither an SVG nor a PNG", fix="end its name in .svg or .png")
    if chart is not None and not chart.absolute().parent.is_dir():
        raise InvalidInput(f"{chart} cannot be written: there is no such folder", fix="name a file in a folder that is there")
    wanted = Wanted(
        repositories=repositories_of(config, repositories or []),
        since_ms=since_ms(since, now_ms, zone),
        days=window,
        windows=(*windows_of(days), *windows_of(str(window))),
        logs=not (config.data_dir / JOURNAL).is_file() if logs is None else logs,
        ways=not quick,
        fresh=fresh,
        alone=bool(repositories) or not config.repositories,
    )
    report = measure(wanted, config, os.environ, clock, Progress())
    is_usual = (since, window, days, logs, quick) == (SINCE, WINDOW, DAYS, None, False)
    if not repositories and config.repositories and is_usual:
        keep(report, config.data_dir)
    for note in unread(report) if shape.json or shape.csv or markdown or not report.repositories else ():
        talk(visible(note))
    if chart is not None and report.repositories:
        save(report, chart)
    if not report.repositories and not shape.json:
        return 1  # there is nothing to tell
    if markdown:
        print(markdown_of(report))
    elif shape.json:
        emit_json(msgspec.to_builtins(report))
    else:
        _emit(report, show, shape, f"merged since {local(wanted.since_ms, zone)[:10]}, as of {local(now_ms, zone)} ({zone.key})")
    return 1 if report.unread else 0


def _emit(report: Report, show: Part, shape: Shape, when: str) -> None:
    found = tables(report)
    if shape.csv:
        _table(found["repositories" if show == "summary" else show], shape)
        return
    called = names(report.asked.days)
    talk(f"{when}; rework is what dies within {report.asked.days} days" + (f", as {' and '.join(called)}" if called else ""))
    for line in headline(report):
        print(visible(line))
    summary = (*SUMMARY, *(PAID if any(row.sessions for row in report.links) else ()), *(("delays",) if report.delays else ()))
    for name in summary if show == "summary" else (show,):
        print(f"\n{found[name].title}")
        _table(found[name], shape)
        if found[name].note:
            print(visible(found[name].note))
    for note in notes(report):
        talk(visible(note))


def _table(table: Table, shape: Shape) -> None:
    columns = [Column(key, title, right=right, show=_cell if right else None) for key, title, right in table.columns]
    emit(list(table.rows), columns, shape, empty=table.empty)


def _cell(value: object) -> str:
    return count(value) if isinstance(value, int) else str(value)
