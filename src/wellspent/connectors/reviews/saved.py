"""Answers that were saved: a line of JSON for each change, or a whole answer of the API. Read as if they came now.

A saved line holds account names, titles and labels, which is what events are made of; no text of a comment.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson

from wellspent import limits
from wellspent.connectors.outcomes.payload import at, list_at, text_at
from wellspent.connectors.reviews.api import Api, Json, page_of, unread
from wellspent.connectors.reviews.gitlab_api import WORDS
from wellspent.connectors.reviews.people import People
from wellspent.facts.errors import InvalidInput
from wellspent.facts.review import ReviewEvent


def line_of(api: Api, repository: str, change: Json) -> bytes:
    """A change as it is saved."""
    notes = list_at(change, "activity", "nodes")
    kept = {**change, "activity": {"nodes": [_without_text(note) for note in notes]}} if notes else change
    return orjson.dumps({"source": api.source, "repository": repository, "change": kept}, option=orjson.OPT_APPEND_NEWLINE)


def _without_text(note: Json) -> Json:
    """GitLab's own notes name people: only the words that tell what happened stay."""
    body = text_at(note, "body")
    return {**note, "body": next((words for words, _ in WORDS if body.startswith(words)), "")}


def events_of(apis: dict[str, Api], path: Path, people: People) -> Iterator[ReviewEvent]:
    """What a file tells. Raises InvalidInput that names the line: a file is taken whole or not at all."""
    try:
        if path.stat().st_size > limits.EXPORT_BYTES_MAX:
            raise InvalidInput(f"{path} has more than {limits.EXPORT_BYTES_MAX // 1024**2} MiB", fix="split it by lines")
        content = path.read_bytes()
    except OSError as error:
        raise InvalidInput(f"{path} cannot be read: {error.strerror}", fix="name a file that `wellspent reviews fetch --save` wrote") from None
    for number, value in _values(content, path):
        yield from _told(apis, value, people, f"line {number} of {path}")


def _values(content: bytes, path: Path) -> Iterator[tuple[int, Json]]:
    """One JSON text, or one a line."""
    try:
        yield 1, orjson.loads(content)
        return
    except orjson.JSONDecodeError:
        pass
    for number, line in enumerate(content.splitlines(), 1):
        if line.strip():
            try:
                yield number, orjson.loads(line)
            except orjson.JSONDecodeError as error:
                raise InvalidInput(f"line {number} of {path} is no JSON ({error})", fix="save it again") from None


def _told(apis: dict[str, Api], value: Json, people: People, where: str) -> Iterator[ReviewEvent]:
    saved = apis.get(text_at(value, "source"))
    if saved is not None and text_at(value, "repository"):
        yield from saved.events(text_at(value, "repository"), at(value, "change"), people)
        return
    data: Any = at(value, "data")
    api = next((each for each in apis.values() if at(data, *each.changes) is not None), None)
    if api is None:
        raise InvalidInput(f"{where} is no change and no answer about changes", fix="save it with: wellspent reviews fetch --save FILE")
    page = page_of(api, data)
    for change in page.changes:
        cut = [name for name, _ in unread(api, change)]
        if cut:
            told = f"{where}: change {api.number(change)} of {page.repository} has more {cut[0]} than the answer holds"
            raise InvalidInput(told, fix="fetch it with: wellspent reviews fetch, which asks for the rest")
        yield from api.events(page.repository, change, people)
