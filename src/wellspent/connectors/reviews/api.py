"""What is asked of a forge's API, and how its answer is read. Pure: ``fetching`` asks.

GraphQL, since one request brings twenty changes with all that happened to them; REST needs three or more for each. Bodies of comments and
descriptions are not asked for.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from msgspec import Struct

from wellspent.connectors.outcomes.payload import at, list_at, text_at
from wellspent.connectors.reviews.people import People
from wellspent.facts.errors import InvalidInput, NotFound
from wellspent.facts.review import ReviewEvent

Json = Any


class Api(Struct, frozen=True):
    """One forge's.

    Attributes:
        source: Its name.
        host: Where it is unless said otherwise.
        token: The environment variable that its own tools take a token from.
        query: For a page of changes.
        rest: For what a change has more of than a page holds, by the name of the list.
        changes: The path of the page in an answer.
        repository: The path of the repository's own name in it.
        newest_first: Whether the changes that changed last come first; else only those since a moment come, oldest first.
        variables: A repository and a moment -> what the query is asked with.
        number: Of a change, as the query for the rest takes it.
        events: A repository's name, a change as it was answered, people -> what happened to it.
    """

    source: str
    host: str
    token: str
    query: str
    rest: Mapping[str, str]
    changes: tuple[str, ...]
    repository: tuple[str, ...]
    newest_first: bool
    variables: Callable[[str, str], dict[str, Json]]
    number: Callable[[Json], Json]
    events: Callable[[str, Json, People], list[ReviewEvent]]


class Page(Struct, frozen=True):
    """Some changes.

    Attributes:
        repository: Its name, as the forge writes it.
        changes: As they were answered.
        after: Where the next page begins; "" after the last.
    """

    repository: str
    changes: list[Json]
    after: str


def page_of(api: Api, data: Json) -> Page:
    """The page in an answer. Raises InvalidInput where there is none, NotFound where the forge has no such repository, or shows none."""
    if isinstance(data, Mapping) and api.changes[0] in data and data[api.changes[0]] is None:
        raise NotFound(f"{api.source} knows no such repository", fix="check its name, and that the token may read it")
    found, repository = at(data, *api.changes), text_at(data, *api.repository)
    if not isinstance(found, Mapping) or not repository:
        raise InvalidInput(f"the answer is none of {api.source}'s about changes", fix=f"ask as `wellspent reviews fetch {api.source}` does")
    more = at(found, "pageInfo", "hasNextPage") is True
    return Page(repository, list_at(found, "nodes"), text_at(found, "pageInfo", "endCursor") if more else "")


def unread(api: Api, change: Json) -> Iterator[tuple[str, str]]:
    """The lists that a change has more of, and where each goes on."""
    for name in api.rest:
        info = at(change, name, "pageInfo")
        if at(info, "hasNextPage") is True and text_at(info, "endCursor"):
            yield name, text_at(info, "endCursor")
