"""A repository's changes, page by page, from a forge's API: only those that changed since they were last read."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, Protocol

from msgspec import Struct

from wellspent import limits
from wellspent.connectors.outcomes.payload import at, list_at
from wellspent.connectors.reviews.api import Api, Json, Page, page_of, unread
from wellspent.connectors.reviews.asking import TooMuch
from wellspent.connectors.reviews.telling import moment_of


class Ask(Protocol):
    """``Forge.ask``."""

    def __call__(self, query: str, variables: Mapping[str, Any], *, large: bool = False) -> Json:
        """The data of an answer."""


class Fetched(Struct, frozen=True):
    """A page that was read whole.

    Attributes:
        repository: Its name, as the forge writes it.
        changes: As they were answered, with all that happened to them.
        until_ms: When the newest of them changed last; None for none.
        complete: Whether everything that changed before then is read, so that the next run may begin there.
    """

    repository: str
    changes: list[Json]
    until_ms: int | None
    complete: bool


def fetch(api: Api, ask: Ask, repository: str, since_ms: int | None) -> Iterator[Fetched]:
    """What changed since a moment, or all.

    Args:
        repository: ``acme/app``.
        since_ms: A change that changed last before this is not read.
    """
    since = "" if since_ms is None else datetime.fromtimestamp(since_ms / 1000, UTC).isoformat(timespec="milliseconds")
    variables, size, after = api.variables(repository, since), limits.REVIEW_PAGE_CHANGES, ""
    newest: int | None = None
    while True:
        page, size = _page(api, ask, variables, size, after)
        moments = [moment_of(at(change, "updatedAt")) for change in page.changes]
        old = [since_ms is not None and moment is not None and moment < since_ms for moment in moments]
        changes = [_whole(api, ask, variables, change) for change, skip in zip(page.changes, old, strict=True) if not skip]
        newest = max((moment for moment in (newest, *moments) if moment is not None), default=None)
        last = not page.after or (api.newest_first and any(old))
        yield Fetched(page.repository, changes, newest, last or not api.newest_first)
        if last:
            return
        after = page.after


def _page(api: Api, ask: Ask, variables: dict[str, Any], size: int, after: str) -> tuple[Page, int]:
    """A page, and how large the next may be: what a forge cannot answer in its time is asked for in halves."""
    while True:
        try:
            return page_of(api, ask(api.query, {**variables, "size": size, "after": after or None}, large=size > 1)), size
        except TooMuch:
            if size == 1:
                raise
            size //= 2


def _whole(api: Api, ask: Ask, variables: dict[str, Any], change: Json) -> Json:
    """A change with what did not fit into the page."""
    for name, cursor in list(unread(api, change)):
        nodes, after = list_at(change, name, "nodes"), cursor
        while after:
            data = ask(api.rest[name], {**variables, "number": api.number(change), "after": after})
            more = _connection(data, name)
            nodes = nodes + list_at(more, "nodes")
            after = at(more, "pageInfo", "endCursor") if at(more, "pageInfo", "hasNextPage") is True else ""
        change = {**change, name: {"nodes": nodes}}
    return change


def _connection(data: Json, name: str) -> Json:
    """The one list that was asked for, whatever it lies in."""
    while data is not None and at(data, name) is None:
        data = next(iter(data.values()), None) if isinstance(data, dict) else None
    return at(data, name)
