"""Who is a machine, and that the same account is the same in a webhook and in the API."""

import pytest

from wellspent.connectors.reviews.people import NOBODY, People
from wellspent.facts.review import ReviewEvent

PEOPLE = People(lambda name: name, ["Renovate*", "ci-robot"])


@pytest.mark.parametrize(
    ("user", "machine"),
    [
        ({"login": "octocat", "id": 583231, "type": "User"}, False),
        ({"login": "dependabot[bot]", "id": 49699333, "type": "Bot"}, True),
        ({"login": "dependabot", "databaseId": 49699333, "__typename": "Bot"}, True),
        ({"login": "coderabbitai", "id": 136622811, "type": "User"}, True),  # reviews, known by number
        ({"login": "Copilot", "id": 198982749, "type": "User"}, True),
        ({"login": "renovate-acme", "id": 5, "type": "User"}, True),
        ({"login": "CI-Robot", "id": 6}, True),
        ({"login": "claude", "id": 81847, "type": "User"}, False),  # a person may be called so
    ],
)
def test_machines_of_github(user: dict[str, object], machine: bool) -> None:
    assert PEOPLE.github(user).machine is machine


@pytest.mark.parametrize(
    ("user", "machine"),
    [
        ({"id": "gid://gitlab/User/6", "username": "mary", "bot": False}, False),
        ({"id": "gid://gitlab/User/6", "username": "mary", "bot": True}, True),
        ({"id": 7, "username": "project_12_bot_4ffca233d8298ea1"}, True),
        ({"id": 8, "username": "group_3_bot"}, True),
        ({"id": 9, "username": "service_account_group_1_ab"}, True),
        ({"id": 10, "username": "renovate"}, True),
        ({"id": 11, "username": "abbot"}, False),
    ],
)
def test_machines_of_gitlab(user: dict[str, object], machine: bool) -> None:
    assert PEOPLE.gitlab(user).machine is machine


def test_an_account_is_known_by_its_number() -> None:
    assert (
        PEOPLE.github({"login": "old", "id": 5}).actor == PEOPLE.github({"login": "new", "databaseId": 5, "__typename": "User"}).actor == "github:5"
    )
    assert PEOPLE.gitlab({"id": 5}).actor == PEOPLE.gitlab({"id": "gid://gitlab/User/5", "username": "x"}).actor == "gitlab:5"
    assert PEOPLE.github({"login": "ghost"}).actor == "github:ghost"
    assert PEOPLE.github(None) == PEOPLE.gitlab({}) == NOBODY


@pytest.mark.parametrize(
    ("changed", "counts"),
    [({}, True), ({"machine": True}, False), ({"author": True}, False), ({"actor": ""}, False), ({"what": "pushed"}, False)],
)
def test_who_reviews(changed: dict[str, object], counts: bool) -> None:
    """A person other than the author; who is unknown is not counted as one."""
    fields: dict[str, object] = {"source": "github", "change": "a/b#1", "what": "approved", "at_ms": 1, "event": "x", "actor": "aa"} | changed
    assert ReviewEvent(**fields).reviews is counts  # type: ignore[arg-type]
