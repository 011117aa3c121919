"""A vendor's export -> its rows: CSV with a line of names, a JSON list, JSON in an envelope, or a JSON object a line."""

import csv
import io
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import orjson

from wellspent import limits
from wellspent.connectors.bills.line import Row
from wellspent.facts.errors import InvalidInput

ENVELOPES = ("conversations", "data", "result", "records")  # Intercom, Salesforce Data 360, ServiceNow, Salesforce reports


def key(name: str) -> str:
    """A field's name without case, blanks and marks, and without what Salesforce puts around it.

    >>> key("Conversation ID"), key("CONVERSATION_ID"), key("std__ConversationId__c")
    ('conversationid', 'conversationid', 'conversationid')
    """
    return re.sub(r"[^a-z0-9]", "", name.strip().lower().removeprefix("std__").removesuffix("__c"))


def rows_of(path: Path) -> tuple[frozenset[str], list[Row]]:
    """The names of the fields, and the rows. Raises InvalidInput that names the line."""
    try:
        if path.stat().st_size > limits.EXPORT_BYTES_MAX:
            raise InvalidInput(
                f"{path} has more than {limits.EXPORT_BYTES_MAX // 1024**2} MiB", fix="export a shorter time, and hold each against its own"
            )
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInput(f"{path} cannot be read: {error}", fix="name a CSV or JSON file in UTF-8") from None
    if text.lstrip()[:1] in ("{", "["):
        rows = [Row(f"record {number} of {path}", _record(each, path, number)) for number, each in enumerate(_json(text, path), 1)]
        return frozenset(name for row in rows for name in row.fields), rows
    return _csv(text, path)


def _csv(text: str, path: Path) -> tuple[frozenset[str], list[Row]]:
    reader = csv.DictReader(io.StringIO(text, newline=""))
    rows = []
    try:
        names = {name: key(name) for name in reader.fieldnames or ()}
        for each in reader:
            if None in each or None in each.values():
                what = "more" if None in each else "fewer"
                raise InvalidInput(f"line {reader.line_num} of {path} has {what} values than there are columns", fix="mend the line")
            rows.append(Row(f"line {reader.line_num} of {path}", {names[name]: value for name, value in each.items()}))
    except csv.Error as error:
        raise InvalidInput(f"{path} cannot be read: {error}", fix="name a CSV or JSON file in UTF-8") from None
    return frozenset(names.values()), rows


def _json(text: str, path: Path) -> list[Any]:
    try:
        content = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        try:
            return [orjson.loads(line) for line in text.splitlines() if line.strip()]
        except orjson.JSONDecodeError:
            raise InvalidInput(f"{path} is not valid JSON ({error})", fix="name a JSON file, or JSON with an object a line") from None
    if isinstance(content, Mapping):
        content = next((content[name] for name in ENVELOPES if isinstance(content.get(name), list)), [content])
    return list(content)


def _record(value: Any, path: Path, number: int) -> dict[str, Any]:
    if not isinstance(value, Mapping):
        raise InvalidInput(f"record {number} of {path} is no object", fix="name a file with an object for each record")
    return {key(name): each for name, each in value.items()}
