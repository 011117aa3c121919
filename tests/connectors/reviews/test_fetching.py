"""Asking a forge: every change with all that happened to it, once, in few questions; waiting, trying again, and saying what is wrong."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.connectors.reviews import documents as doc
from tests.connectors.reviews.forge import Forge as Server
from tests.connectors.reviews.forge import serving

from wellspent import limits
from wellspent.connectors.reviews import apis, saved
from wellspent.connectors.reviews.asking import Forge, address_of
from wellspent.connectors.reviews.fetching import Fetched, fetch
from wellspent.connectors.reviews.people import People
from wellspent.facts.errors import ConfigError, InvalidInput, NotFound, UpstreamError, WellspentError
from wellspent.facts.review import ReviewEvent

TOKEN = "hush-hush-token"
PEOPLE = People(lambda name: f"<{name}>")
REPOSITORIES = {"github": "Codertocat/Hello-World", "gitlab": "gitlabhq/gitlab-test"}


def changes_of(source: str, count: int) -> list[Any]:
    """So many changes, a day apart."""
    answer, number = (doc.GITHUB_ANSWER, "number") if source == "github" else (doc.GITLAB_ANSWER, "iid")
    of = int if source == "github" else str
    return [{**answer, number: of(each), "updatedAt": f"2026-01-{each:02}T00:00:00Z"} for each in range(1, count + 1)]


@pytest.fixture(params=["github", "gitlab"])
def server(request: pytest.FixtureRequest) -> Iterator[Server]:
    source = request.param
    with serving(Server(source, REPOSITORIES[source], changes_of(source, 28))) as made:
        yield made


class Asked:
    """A client of it, that does not wait but remembers how long it should have."""

    def __init__(self, server: Server) -> None:
        self.waited: list[float] = []
        self.told: list[str] = []
        self.forge = Forge(
            server.source, address_of(server.url), TOKEN, "FORGE_TOKEN", self.told.append, self.waited.append, now_s=lambda: 1_000_000.0
        )

    def fetch(self, server: Server, since_ms: int | None = None, repository: str = "") -> list[Fetched]:
        return list(fetch(apis()[server.source], self.forge.ask, repository or server.repository, since_ms))


def events(server: Server, pages: list[Fetched]) -> list[ReviewEvent]:
    api = apis()[server.source]
    return [event for page in pages for change in page.changes for event in api.events(page.repository, change, PEOPLE)]


def test_all_changes_come_once_in_pages(server: Server) -> None:
    pages = Asked(server).fetch(server)
    found = events(server, pages)
    assert len({event.change for event in found}) == 28
    assert [len(page.changes) for page in pages] == [20, 8] and len(server.asked) == 2
    assert pages[-1].complete and pages[-1].until_ms == 1_769_558_400_000
    assert [page.complete for page in pages] == [server.source == "gitlab", True], "newest first is complete at the end alone"
    assert all(headers["authorization"] == f"Bearer {TOKEN}" for headers in server.headers)


def test_only_what_is_new_is_read(server: Server) -> None:
    pages = Asked(server).fetch(server, since_ms=1_769_385_600_000)  # 26 January
    assert sorted(event.change for event in events(server, pages) if event.what == "opened") == sorted(
        f"{server.repository}{'#' if server.source == 'github' else '!'}{number}" for number in (26, 27, 28)
    )
    assert len(server.asked) == 1


def test_what_changes_while_pages_are_read_is_not_missed(server: Server) -> None:
    """It moves to another page: this run or the next one reads it."""
    plain, asked = server.answer, []

    def moving(query: str, variables: dict[str, Any]) -> tuple[int, Any]:
        asked.append(variables)
        if len(asked) == 2:
            server.changes[2] = {**server.changes[2], "updatedAt": "2026-02-01T00:00:00Z", "title": "feat: new"}
        return plain(query, variables)

    server.answer = moving  # type: ignore[method-assign]
    pages = Asked(server).fetch(server)
    until_ms = next(page.until_ms for page in reversed(pages) if page.complete)
    found = events(server, pages + Asked(server).fetch(server, until_ms))
    assert len({event.change for event in found if event.what == "opened"}) == 28
    assert 1_769_904_000_000 in {event.at_ms for event in found if event.what == "described"}


def test_what_does_not_fit_into_a_page_is_asked_for(server: Server) -> None:
    server.changes = server.changes[:2]
    name = "timelineItems" if server.source == "github" else "comments"
    comment = (
        {"__typename": "IssueComment", "createdAt": "2019-05-15T15:21:00Z"} if server.source == "github" else {"createdAt": "2013-12-03T18:05:00Z"}
    )
    more = [{**comment, "fullDatabaseId": str(each), "id": f"gid://gitlab/Note/{each}", "author": {"id": "9", "login": "z"}} for each in range(300)]
    server.changes[1] = {**server.changes[1], name: {"nodes": server.changes[1][name]["nodes"] + more}}
    found = [event for event in events(server, Asked(server).fetch(server)) if event.what == "commented" and event.actor.endswith((":9>", ":z>"))]
    assert len({event.event for event in found}) == 300
    assert [variables.get("number") for variables in server.asked].count(server.changes[1]["number" if server.source == "github" else "iid"]) == 3


def test_a_page_that_takes_too_long_is_asked_for_in_halves(server: Server) -> None:
    server.heavy = 6
    pages = Asked(server).fetch(server)
    assert len({event.change for event in events(server, pages)}) == 28
    assert [variables["size"] for variables in server.asked][:4] == [20, 10, 5, 5]
    server.heavy = 0
    asked = Asked(server)
    with pytest.raises(UpstreamError, match="fails with status 502"):
        asked.fetch(server)
    assert asked.waited == [1.0, 2.0, 4.0, 8.0], "a single change is asked for again, not in halves"


def test_a_question_that_is_too_large_is_made_smaller(server: Server) -> None:
    server.instead = [(200, {}, b'{"errors": [{"message": "Query has complexity of 260, which exceeds max complexity of 250"}]}')]
    assert len({event.change for event in events(server, Asked(server).fetch(server))}) == 28
    assert [variables["size"] for variables in server.asked] == [10, 10, 10]


@pytest.mark.parametrize(
    ("instead", "waits"),
    [
        ((429, {"retry-after": "7"}, b""), [7.0]),
        ((403, {"retry-after": "30"}, b'{"message": "You have exceeded a secondary rate limit"}'), [30.0]),
        ((403, {"x-ratelimit-remaining": "0", "x-ratelimit-reset": "1000040"}, b"{}"), [40.0]),
        ((429, {"ratelimit-remaining": "0", "ratelimit-reset": "999999"}, b""), [1.0]),
        ((403, {}, b'{"message": "API rate limit exceeded"}'), [limits.REVIEW_WAIT_S]),
        ((200, {"x-ratelimit-remaining": "0", "x-ratelimit-reset": "1000100"}, b'{"errors": [{"type": "RATE_LIMITED", "message": "x"}]}'), [100.0]),
        ((500, {}, b"<html>"), [1.0]),
        ((503, {"retry-after": "3"}, b""), [1.0]),
    ],
)
def test_it_waits_and_asks_again(server: Server, instead: tuple[int, dict[str, str], bytes], waits: list[float]) -> None:
    server.instead = [instead]
    asked = Asked(server)
    assert len(events(server, asked.fetch(server))) > 0
    assert asked.waited == waits
    assert len(asked.told) == 1 and f"asking again in {waits[0]:,.0f} s" in asked.told[0]


@pytest.mark.parametrize(
    ("instead", "kind", "told", "fix"),
    [
        ((401, {}, b'{"message": "Bad credentials"}'), ConfigError, "does not accept the token in FORGE_TOKEN", "make a new one"),
        ((403, {}, b'{"message": "Resource protected by SAML"}'), ConfigError, "refuses the token in FORGE_TOKEN: Resource protected", "sign-on"),
        ((404, {}, b""), NotFound, "there is no GraphQL API at", "--api"),
        ((429, {"retry-after": "9000"}, b""), UpstreamError, "it asks to wait 150 minutes", "run it again later"),
        ((400, {}, b'{"message": "Problems parsing JSON"}'), UpstreamError, "answers with status 400: Problems parsing JSON", "--api"),
        ((200, {}, b"<html>sign in</html>"), UpstreamError, "the answer is no JSON", "no proxy answers"),
        ((200, {}, b'{"errors": [{"message": "Field x is not there"}]}'), UpstreamError, "answers with an error: Field x is not there", ""),
        ((200, {}, b'{"errors": [{"type": "FORBIDDEN", "message": "Resource not accessible"}], "data": {}}'), ConfigError, "Resource not", "leave"),
        ((200, {}, b"[]"), UpstreamError, "there is no data in it", ""),
        ((200, {}, b'{"data": {}}'), InvalidInput, "the answer is none of", "wellspent reviews fetch"),
        ((302, {"location": "http://127.0.0.1:1/graphql"}, b""), UpstreamError, "answers with status 302", "--api"),
    ],
)
def test_what_is_wrong_is_told(server: Server, instead: tuple[int, dict[str, str], bytes], kind: type[WellspentError], told: str, fix: str) -> None:
    server.instead = [instead] * limits.REVIEW_ATTEMPTS_MAX
    with pytest.raises(kind, match=told) as found:
        Asked(server).fetch(server)
    assert fix in found.value.fix
    assert TOKEN not in str(found.value) + repr(found.value.args)


def test_what_keeps_failing_is_given_up(server: Server) -> None:
    server.instead = [(500, {}, b"")] * limits.REVIEW_ATTEMPTS_MAX
    asked = Asked(server)
    with pytest.raises(UpstreamError, match="fails with status 500"):
        asked.fetch(server)
    assert asked.waited == [1.0, 2.0, 4.0, 8.0]


def test_an_answer_that_is_too_large_is_asked_for_in_halves(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "REVIEW_ANSWER_BYTES_MAX", 30_000)
    assert len({event.change for event in events(server, Asked(server).fetch(server))}) == 28
    assert min(variables["size"] for variables in server.asked) < 20


def test_a_repository_that_is_not_there(server: Server) -> None:
    with pytest.raises(NotFound, match="knows no such repository"):
        Asked(server).fetch(server, repository="acme/none")


def test_a_forge_that_cannot_be_reached() -> None:
    told: list[str] = []
    forge = Forge("github", "http://127.0.0.1:9/graphql", TOKEN, "FORGE_TOKEN", told.append, lambda seconds: None)
    with pytest.raises(UpstreamError, match=r"cannot be reached: .*refused") as found:
        forge.ask("query", {})
    assert "HTTPS_PROXY" in found.value.fix


def test_a_redirect_on_the_same_host_is_followed(server: Server) -> None:
    server.instead = [(307, {"location": f"{server.url}/api/graphql"}, b"")]
    assert len(events(server, Asked(server).fetch(server))) > 0


@pytest.mark.parametrize(
    ("host", "address"),
    [
        ("https://api.github.com", "https://api.github.com/graphql"),
        ("https://github.example.com/", "https://github.example.com/api/graphql"),
        ("https://github.example.com/api", "https://github.example.com/api/graphql"),
        ("https://gitlab.example.com/api/graphql", "https://gitlab.example.com/api/graphql"),
        ("http://localhost:8080", "http://localhost:8080/api/graphql"),
    ],
)
def test_addresses(host: str, address: str) -> None:
    assert address_of(host) == address


@pytest.mark.parametrize("host", ["", "github.com", "ftp://x", "https://", "https://user:pass@x", "https://x?y", "http://github.example.com"])
def test_no_addresses(host: str) -> None:
    with pytest.raises(InvalidInput):
        address_of(host)


def test_what_was_saved_tells_the_same(server: Server, tmp_path: Path) -> None:
    pages = Asked(server).fetch(server)
    api = apis()[server.source]
    lines = [saved.line_of(api, page.repository, change) for page in pages for change in page.changes]
    (tmp_path / "saved.jsonl").write_bytes(b"\n".join(lines))
    assert list(saved.events_of(apis(), tmp_path / "saved.jsonl", PEOPLE)) == events(server, pages)
    assert b"@mary" not in b"".join(lines)


def test_a_whole_answer_is_read_too(server: Server, tmp_path: Path) -> None:
    server.changes = server.changes[:3]
    _, answer = server.answer("", {"size": 20, **apis()[server.source].variables(server.repository, "")})
    file = tmp_path / "answer.json"

    file.write_text(json.dumps(answer))
    assert len({event.change for event in saved.events_of(apis(), file, PEOPLE)}) == 3
    server.held = 1
    _, answer = server.answer("", {"size": 20, **apis()[server.source].variables(server.repository, "")})
    file.write_text(json.dumps(answer))
    with pytest.raises(InvalidInput, match=r"has more (timelineItems|activity) than the answer holds"):
        list(saved.events_of(apis(), file, PEOPLE))


@pytest.mark.parametrize(
    ("content", "told"),
    [(b"no", "line 1 of .* is no JSON"), (b'{"source": "github"}', "no change and no answer"), (b'{"data": {}}\n{"x"', "line 1 of|line 2 of")],
)
def test_another_file_is_told(tmp_path: Path, content: bytes, told: str) -> None:
    (tmp_path / "file").write_bytes(content)
    with pytest.raises(InvalidInput, match=told):
        list(saved.events_of(apis(), tmp_path / "file", PEOPLE))
    with pytest.raises(InvalidInput, match="cannot be read"):
        list(saved.events_of(apis(), tmp_path / "none", PEOPLE))
