"""``wellspent statement``: what was spent in a month, a quarter or a fiscal year and what it bought, to be signed, and kept as issued."""

from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import msgspec
from cyclopts import Parameter

from wellspent.config import Config
from wellspent.facts.clock import SystemClock
from wellspent.facts.errors import ConfigError, InvalidInput
from wellspent.facts.money import exact_usd
from wellspent.surfaces.cli.common import COMMON, SHAPE, Common, Shape, settings_of, talk, user
from wellspent.surfaces.cli.output import Column, Row, emit, emit_json, table, usd, visible
from wellspent.surfaces.cli.when import iso

if TYPE_CHECKING:
    from wellspent.analytics.statement.compose import Told
    from wellspent.analytics.statement.record import Figure, Number, Restated, SelfReportLine, Statement, Unit
    from wellspent.ledger.statements import Kept

COLUMNS = (
    Column("item", "contract"),
    Column("figure", "figure"),
    Column("value_text", "period", right=True),
    Column("before_text", "before", right=True),
    Column("interval_text", "interval (95 %)", right=True),
    Column("grade", "grade"),
    Column("open", "open with"),
)
RESTATED = (
    Column("statement", "statement", right=True),
    Column("period", "period"),
    Column("item", "contract"),
    Column("figure", "figure"),
    Column("was_text", "was", right=True),
    Column("now_text", "now", right=True),
    Column("why_text", "why"),
)
ISSUED = (
    Column("number", "number", right=True),
    Column("period", "period"),
    Column("version", "version", right=True),
    Column("superseded_text", "superseded by", right=True),
    Column("total_nanousd", "spending", right=True, show=usd),
    Column("issued_at", "issued"),
    Column("issued_by", "by"),
    Column("digest", "digest"),
)
Pdf = Annotated[Path | None, Parameter(help="Write it as a PDF to this file.")]


def make(
    *,
    period: Annotated[str, Parameter(help="A month like 2026-10, a fiscal quarter like 2026-Q3, or a fiscal year like 2026.")],
    pdf: Pdf = None,
    issue: Annotated[bool, Parameter(negative="", show_default=False, help="Keep it as issued, for ever; a later one says what differs.")] = False,
    common: Common = COMMON,
    shape: Shape = SHAPE,
) -> None:
    """State what was spent in a period and what it bought: each figure with its grade, and what earlier statements would say now.

    `wellspent statement --period 2026-10` is the same. Unallocated money comes first; there is no single return on investment.
    """
    from wellspent.surfaces.reports.ask import issued_of, statement_of

    config = common.load()
    now_ms = SystemClock().now_ms()
    _check_pdf(pdf)
    found = statement_of(config, period, now_ms, _told(config, period, now_ms))
    kept = None
    if issue:
        if found.provisional:
            raise InvalidInput(
                f"{found.title} is not over, so its statement is provisional", fix=f"issue it after {found.last}, or leave out --issue"
            )
        kept = _issue(config, found)
        found = issued_of(kept).statement
    _out(found, kept, pdf, shape)


def _issue(config: Config, found: "Statement") -> "Kept":
    """Keep it, unless the newest of its period says the same already."""
    from wellspent.analytics.statement.restate import says_the_same
    from wellspent.ledger import statements
    from wellspent.surfaces.reports.ask import statement_in

    content = msgspec.json.encode(found)
    done = statements.issue(_folder(config), found.period, content, SystemClock(), user(), lambda raw: says_the_same(statement_in(raw), found))
    kept = done.kept
    if done.new:
        talk(f"issued as statement {kept.number}, version {kept.version} of {kept.period}; digest {kept.digest}")
    else:
        talk(
            f"issued already: statement {kept.number}, version {kept.version} of {kept.period}, of {iso(kept.issued_at_ms)} by {kept.issued_by}, "
            f"says the same, so there is no new version; digest {kept.digest}"
        )
    return kept


def list_statements(*, common: Common = COMMON, shape: Shape = SHAPE) -> None:
    """List the statements that were issued. Each is derived again from its file first."""
    from wellspent.ledger import statements

    kept = statements.verify(_folder(common.load()))
    after = {each.supersedes: each.number for each in kept}
    emit(
        [_issued_row(each, after.get(each.number)) for each in kept], ISSUED, shape, empty="no statement was issued yet: wellspent statement --issue"
    )


def show(number: int, *, pdf: Pdf = None, common: Common = COMMON, shape: Shape = SHAPE) -> None:
    """Show a statement as it was issued, whatever was heard of since.

    Args:
        number: Its number, see: wellspent statement list.
    """
    from wellspent.ledger import statements
    from wellspent.surfaces.reports.ask import issued_of

    kept = statements.numbered(_folder(common.load()), number)
    _out(issued_of(kept).statement, kept, pdf, shape)


def _told(config: Config, period: str, now_ms: int) -> "Told":
    """What stands apart: effects, pilots, self-reported time."""
    from wellspent.surfaces.cli.experiments import known
    from wellspent.surfaces.cli.initiatives import sources_of
    from wellspent.surfaces.initiatives import Initiatives
    from wellspent.surfaces.reports.evidence import Evidence, told_of

    experiments, comparisons = known(config)
    with settings_of(config) as settings, sources_of(config, settings) as sources:
        standings = Initiatives(sources).all(now_ms)
    return told_of(config, period, Evidence(experiments, comparisons, standings), now_ms)


def _folder(config: Config) -> Path:
    from wellspent.ledger import statements

    return config.data_dir / statements.FOLDER


def _issued_row(kept: "Kept", superseded_by: int | None) -> Row:
    from wellspent.surfaces.reports.ask import issued_of

    total = issued_of(kept).statement.figure("spending", "", "total")
    return {
        **{name: getattr(kept, name) for name in ("number", "period", "version")},
        "superseded_by": superseded_by,
        "superseded_text": superseded_by or "",
        "total_nanousd": total.value if total else None,
        "issued_at": iso(kept.issued_at_ms),
        "issued_by": kept.issued_by,
        "previous": kept.previous,
        "digest": kept.digest,
    }


def _out(found: "Statement", kept: "Kept | None", pdf: Path | None, shape: Shape) -> None:
    """As a PDF where one is asked for, and as a report."""
    if pdf is not None:
        _write_pdf(found, kept, pdf)
    if shape.json and not shape.csv:
        number = {"number": kept.number, "version": kept.version, "digest": kept.digest} if kept else {"number": None}
        emit_json({**number, **msgspec.to_builtins(found)})
    elif shape.csv or shape.json:
        emit([_row(each) for each in found.figures], COLUMNS, shape)
    elif pdf is None:
        _tell(found, kept)


def _check_pdf(path: Path | None) -> None:
    """What a PDF needs, before anything is issued for it. Raises ConfigError, InvalidInput."""
    if path is not None:
        from wellspent.surfaces.reports.pdf import check

        check()
        if not path.absolute().parent.is_dir():
            raise InvalidInput(f"there is no folder {path.absolute().parent}", fix="make it, or name a file in another one")


def _write_pdf(found: "Statement", kept: "Kept | None", path: Path) -> None:
    from wellspent.surfaces.reports.page import Issue
    from wellspent.surfaces.reports.pdf import pdf_of

    issue = Issue(kept.number, kept.version, kept.supersedes, kept.issued_at_ms, kept.issued_by, kept.digest) if kept else None
    content = pdf_of(found, issue)
    try:
        path.write_bytes(content)
    except OSError as error:
        raise ConfigError(f"{path} cannot be written: {error.strerror}", fix="name a file in a folder that is there and yours") from None
    talk(f"{path} written: {len(content):,} bytes")


def _tell(found: "Statement", kept: "Kept | None") -> None:
    """For people: a table for each section."""
    from wellspent.analytics.statement.contracts import ASSUMES

    state = "provisional: the period is not over" if found.provisional else "not issued"
    if kept:
        state = f"statement {kept.number}, version {kept.version}"
    talk(f"{found.org}: AI spending and what it bought, {found.title}; {state}")
    talk(f"{found.first} to {found.last} ({found.timezone}), against {found.before}")
    for note in found.notes:
        talk(note)
    for section, figures in groupby(found.figures, key=lambda each: each.section):
        print(f"\n{section}")
        rows = [_row(each) for each in figures]
        table(rows, COLUMNS)
        if any(row["interval_text"] for row in rows):
            print(f"interval: {ASSUMES}")
    for heading, texts in filter(lambda pair: pair[1], _others(found)):
        print(f"\n{heading}")
        print("\n".join(visible(text) for text in texts))
    if found.restated:
        table([_restated_row(each) for each in found.restated], RESTATED)


def _row(each: "Figure") -> Row:
    from wellspent.surfaces.reports.words import text_of

    low, high = each.low, each.high
    return {
        "section": each.section,
        "item": each.item,
        "figure": each.name,
        "unit": each.unit,
        "value": each.value,
        "value_usd": _usd(each.value, each.unit),
        "value_text": text_of(each.value, each.unit),
        "before": each.before,
        "before_text": "" if each.before is None else text_of(each.before, each.unit),
        "low": low,
        "high": high,
        "interval_text": "" if low is None or high is None else f"{text_of(low, each.unit)} to {text_of(high, each.unit)}",
        "grade": each.grade,
        "open": each.open,
        "note": each.note,
    }


def _usd(value: "Number | None", unit: "Unit") -> str | None:
    return exact_usd(int(value)) if unit == "nanousd" and value is not None else None


def _others(found: "Statement") -> list[tuple[str, list[str]]]:
    """What is not a figure of ours, in lines."""
    compared = ", ".join(map(str, found.compared))
    differ = f"{len(found.restated)} figures of statements {compared} differ now" if found.restated else f"no figure of statements {compared} differs"
    facts = found.facts
    return [
        ("effects", [f"{each.name}: {each.figure or 'unknown'}, grade {each.grade}; {each.verdict}" for each in found.effects]),
        (
            "initiatives",
            [f"{each.name} ({each.owner}): {each.evidence}, grade {each.grade}; {each.decision or 'no decision yet'}" for each in found.initiatives],
        ),
        ("time saved, as people report it", [f"{each.period}: {_time(each)}" for each in found.self_reported]),
        ("definitions", [f"{each.contract}: {each.text} (digest {each.digest[:16]})" for each in found.definitions]),
        ("facts", [f"journal row {facts.journal_row} {facts.journal_hash}", f"outcome event {facts.outcome_event} {facts.outcome_hash}"]),
        ("restatements", [differ if found.compared else "no statement was issued before"]),
    ]


def _time(each: "SelfReportLine") -> str:
    return "too few people to be shown" if each.minutes is None else f"{each.minutes / 60:,.1f} hours in {each.reports:,} reports; in no sum"


def _restated_row(each: "Restated") -> Row:
    from wellspent.surfaces.reports.words import pair_of

    was, now = pair_of(each.was, each.now, each.unit)
    return {
        "statement": each.number,
        "period": each.period,
        "item": each.item,
        "figure": each.name,
        "was_text": was,
        "now_text": now,
        "why_text": "; ".join(each.why) + (f" (statement {each.told} says so)" if each.told else ""),
    }
