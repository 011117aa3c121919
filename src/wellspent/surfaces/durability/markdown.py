"""A report as Markdown: for the summary of a CI job, a pull request, a wiki."""

from collections.abc import Iterator

from wellspent.rework.report import Report
from wellspent.surfaces.durability.tables import headline, notes, tables
from wellspent.surfaces.durability.words import Table

PARTS = ("gone", "compared", "money", "repositories", "losses")
LOSSES = 10


def markdown_of(report: Report) -> str:
    """The answer, the tables that fit a page, and what to know of them."""
    found = tables(report)
    lines = ["## Durability of code", "", *(f"{_text(line)}  " for line in headline(report))]
    for name in PARTS:
        if found[name].rows and (name != "money" or report.measured.total_nanousd):
            lines += ["", *_table(found[name])]
    told = [*notes(report)]
    return "\n".join([*lines, *(["", *(f"- {_text(note)}" for note in told)] if told else [])])


def _table(table: Table) -> Iterator[str]:
    yield f"### {table.title}"
    yield ""
    yield f"| {' | '.join(_text(title) for _, title, _ in table.columns)} |"
    yield f"|{'|'.join('---:' if right else '---' for _, _, right in table.columns)}|"
    for row in table.rows[:LOSSES]:
        yield f"| {' | '.join(_text(_cell(row[key])) for key, _, _ in table.columns)} |"
    if len(table.rows) > LOSSES:
        yield ""
        yield f"and {len(table.rows) - LOSSES:,} more."
    if table.note:
        yield ""
        yield _text(table.note)


def _cell(value: object) -> str:
    return f"{value:,}" if isinstance(value, int) else str(value)


def _text(text: str) -> str:
    """Words that Markdown leaves as they are: names come from repositories."""
    safe = "".join(mark if mark.isprintable() else "\ufffd" for mark in text)
    for mark in "\\|<>`*_[]":
        safe = safe.replace(mark, f"\\{mark}")
    return safe
