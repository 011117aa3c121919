"""Reports: one list of rows as a table for people, as JSON or as CSV for machines."""

import csv
import io
import json
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence

from msgspec import Struct
from msgspec.structs import asdict

from wellspent.facts.errors import InvalidInput
from wellspent.facts.money import format_usd
from wellspent.surfaces.cli.common import Shape
from wellspent.surfaces.rows import cell
from wellspent.surfaces.rows import money as money  # a part of every report

Row = Mapping[str, object]
PLAIN_WIDTH = 400  # columns of a table that is written to a pipe: nothing is cut


class Column(Struct, frozen=True):
    """One column of the table.

    Attributes:
        name: The row's key, which is also the machine's name of it.
        title: What people read above it.
        right: Whether it is a number.
        show: How people read the value; ``str`` unless given.
    """

    name: str
    title: str
    right: bool = False
    show: Callable[[object], str] | None = None

    def text(self, row: Row) -> str:
        """The cell."""
        value = row[self.name]
        return self.show(value) if self.show else "" if value is None else str(value)


def usd(value: object) -> str:
    """A column's nano-dollars for people; None is unknown."""
    return format_usd(value) if isinstance(value, int) else "unknown"


def count(value: object) -> str:
    """A column's whole number for people."""
    return f"{value:,}" if isinstance(value, int) else "unknown"


def often(times: int) -> str:
    """How many times, in words.

    >>> often(1), often(2_000)
    ('once', '2,000 times')
    """
    return "once" if times == 1 else f"{times:,} times"


def joined(value: object) -> str:
    """A column's list for people."""
    return ", ".join(str(each) for each in value) if isinstance(value, Iterable) else str(value)


def emit(rows: Sequence[Row], columns: Sequence[Column], shape: Shape, *, total: Row | None = None, empty: str = "nothing to show") -> None:
    """Write a report to stdout.

    Args:
        rows: All with the same keys; people get ``columns``, machines every key that does not end in ``_text``.
        total: A last line for people.
        empty: What people read (on stderr) where there are no rows.
    """
    if shape.json or shape.csv:
        rows = [{name: value for name, value in row.items() if not name.endswith("_text")} for row in rows]
    if shape.json and shape.csv:
        raise InvalidInput("a report is either JSON or CSV", fix="leave out --json or --csv")
    if shape.json:
        emit_json(list(rows))
    elif shape.csv:
        _csv(rows, columns)
    elif not rows:
        print(empty, file=sys.stderr)
    else:
        table(rows, columns, total)


def emit_json(value: object) -> None:
    """Write one JSON value to stdout."""
    print(json.dumps(value, indent=2, ensure_ascii=False))


def named(value: object) -> object:
    """A record as JSON with names, whatever order or array it is stored in."""
    if isinstance(value, Struct):
        tag = value.__struct_config__.tag
        fields = {name: named(each) for name, each in asdict(value).items()}
        return {"entry": tag, **fields} if tag else fields
    if isinstance(value, list | tuple):
        return [named(each) for each in value]
    return value


def _csv(rows: Sequence[Row], columns: Sequence[Column]) -> None:
    names = list(rows[0]) if rows else [column.name for column in columns]
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(names)
    for row in rows:
        writer.writerow([_flat(row[name]) for name in names])


def _flat(value: object) -> object:
    return json.dumps(value, ensure_ascii=False) if isinstance(value, Mapping | list | tuple) else cell(value)


def table(rows: Sequence[Row], columns: Sequence[Column], total: Row | None = None) -> None:
    """Write an aligned table to stdout."""
    from rich.console import Console
    from rich.table import Table

    grid = Table(box=None, pad_edge=False, header_style="bold", show_footer=total is not None, footer_style="bold")
    for column in columns:
        footer = column.text(total) if total is not None else ""
        grid.add_column(column.title, justify="right" if column.right else "left", footer=_literal(footer), no_wrap=column.right)
    for row in rows:
        grid.add_row(*(_literal(column.text(row)) for column in columns))
    if sys.stdout.isatty():
        Console(highlight=False).print(grid)
        return
    plain = io.StringIO()
    Console(file=plain, width=PLAIN_WIDTH, highlight=False, no_color=True).print(grid)
    print("\n".join(line.rstrip() for line in plain.getvalue().splitlines()))


def _literal(text: str) -> str:
    from rich.markup import escape

    return escape(visible(text))


def visible(text: str) -> str:
    """The text without control characters: names come from callers, and a terminal obeys what it is sent."""
    return "".join(mark if mark.isprintable() or mark == "\n" else "\ufffd" for mark in text)
