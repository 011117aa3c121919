"""What happened to changes, in the words of ``facts.review``: from webhooks, from the APIs of GitHub and GitLab, from saved answers."""

from collections.abc import Callable, Mapping

from wellspent.connectors.outcomes.payload import content_of
from wellspent.connectors.reviews import github, github_api, gitlab, gitlab_api
from wellspent.connectors.reviews.api import Api
from wellspent.connectors.reviews.people import People
from wellspent.facts.review import ReviewEvent

Headers = Mapping[str, str]


def webhooks() -> dict[str, Callable[[Headers, bytes, People], list[ReviewEvent]]]:
    """Who sends webhooks about changes, by the name of their ``[[outcome_source]]``: headers (names in small letters) and body -> events."""
    return {github.SOURCE: _github, gitlab.SOURCE: _gitlab}


def apis() -> dict[str, Api]:
    """Whose API can be asked."""
    return {api.source: api for api in (github_api.api(), gitlab_api.api())}


def _github(headers: Headers, body: bytes, people: People) -> list[ReviewEvent]:
    return github.events_of(headers.get("x-github-event", ""), content_of(body), people)


def _gitlab(headers: Headers, body: bytes, people: People) -> list[ReviewEvent]:
    return gitlab.events_of(content_of(body), people)
