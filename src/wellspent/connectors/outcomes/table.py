"""Outcomes from a CSV file: a line each, columns named as in ``fields.KNOWN``."""

import csv
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from wellspent.connectors.outcomes.fields import KNOWN, event_from
from wellspent.facts.errors import InvalidInput
from wellspent.facts.outcome import OutcomeEvent


def events_of(path: Path, source: str) -> Iterator[OutcomeEvent]:
    """Every line's event. Raises InvalidInput that names the line: a file is taken whole or not at all."""
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            reader = csv.DictReader(file)
            unknown = [name for name in reader.fieldnames or () if name not in KNOWN]
            if not reader.fieldnames or unknown:
                what = f"{path} has a column {unknown[0]!r}" if unknown else f"{path} has no line of column names"
                raise InvalidInput(what, fix=f"name columns {', '.join(KNOWN)}")
            twice = [name for name, times in Counter(reader.fieldnames).items() if times > 1]
            if twice:
                raise InvalidInput(f"{path} has two columns {twice[0]!r}", fix="leave one of them out, or name it otherwise")
            for row in reader:
                yield _event(row, source, path, reader.line_num)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise InvalidInput(f"{path} cannot be read: {error}", fix="name a CSV file in UTF-8") from None


def _event(row: dict[str | None, str | None], source: str, path: Path, line: int) -> OutcomeEvent:
    if None in row or None in row.values():
        raise InvalidInput(f"line {line} of {path} has {'more' if None in row else 'fewer'} values than there are columns", fix="mend the line")
    try:
        return event_from({str(name): value for name, value in row.items()}, source)
    except InvalidInput as error:
        raise InvalidInput(f"line {line} of {path}: {error.args[0]}", fix=error.fix) from None
