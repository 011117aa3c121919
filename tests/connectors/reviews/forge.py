"""A forge on this machine that speaks GraphQL as GitHub and GitLab document it: pages, the order of changes, limits, refusals."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Json = Any


class Forge:
    """What it holds, what it was asked, and what it answers instead of an answer, in order.

    Attributes:
        changes: As the API answers them, with all their items.
        instead: (status, headers, body) of the next answers.
        asked: The variables of each question.
        held: How many items of a change fit into a page.
        heavy: A page of more changes than this takes too long.
    """

    def __init__(self, source: str, repository: str, changes: list[Json]) -> None:
        self.source, self.repository, self.changes = source, repository, changes
        self.instead: list[tuple[int, dict[str, str], bytes]] = []
        self.asked: list[dict[str, Json]] = []
        self.headers: list[dict[str, str]] = []
        self.held, self.heavy = 50, 100
        self.url = ""

    def answer(self, query: str, variables: dict[str, Json]) -> tuple[int, Json]:
        """As the forge would."""
        self.asked.append(variables)
        name = variables.get("path") or f"{variables.get('owner')}/{variables.get('name')}"
        if name.lower() != self.repository.lower():
            if self.source == "gitlab":
                return 200, {"data": {"project": None}}
            return 200, {"data": {"repository": None}, "errors": [{"type": "NOT_FOUND", "message": f"Could not resolve to a Repository {name}"}]}
        if "number" in variables:
            return 200, {"data": self._rest(query, variables)}
        if variables["size"] > self.heavy:
            return 502, {"message": "We couldn't respond to your request in time."}
        return 200, {"data": self._page(variables)}

    def _page(self, variables: dict[str, Json]) -> Json:
        newest = self.source == "github"
        changes = sorted(self.changes, key=(lambda each: str(each["updatedAt"])) if newest else self._place, reverse=newest)
        if variables.get("since"):
            changes = [change for change in changes if change["updatedAt"] >= variables["since"][:19]]
        after = variables.get("after") or ""
        begin = int(after or 0) if newest else sum(self._place(change) <= after for change in changes)
        end = begin + variables["size"]
        nodes = [self._cut(change) for change in changes[begin:end]]
        cursor = str(end) if newest else self._place(changes[min(end, len(changes)) - 1]) if changes else ""
        page = {"pageInfo": {"hasNextPage": end < len(changes), "endCursor": cursor}, "nodes": nodes}
        if newest:
            return {"repository": {"nameWithOwner": self.repository, "pullRequests": page}}
        return {"project": {"fullPath": self.repository, "mergeRequests": page}}

    @staticmethod
    def _place(change: Json) -> str:
        """GitLab's cursor names the last change, not how many came before it."""
        return f"{change['updatedAt']} {change['iid']:>9}"

    def _lists(self) -> tuple[str, ...]:
        return ("timelineItems",) if self.source == "github" else ("activity", "comments")

    def _cut(self, change: Json) -> Json:
        return {**change, **{name: self._items(change, name, 0, self.held) for name in self._lists()}}

    def _items(self, change: Json, name: str, begin: int, size: int) -> Json:
        nodes = change[name]["nodes"]
        return {"pageInfo": {"hasNextPage": begin + size < len(nodes), "endCursor": str(begin + size)}, "nodes": nodes[begin : begin + size]}

    def _rest(self, query: str, variables: dict[str, Json]) -> Json:
        field = "number" if self.source == "github" else "iid"
        change = next(change for change in self.changes if change[field] == variables["number"])
        name = next(each for each in self._lists() if f"{each}:" in query or f"{each}(" in query)
        found = {name: self._items(change, name, int(variables["after"]), 100)}
        return {"repository": {"pullRequest": found}} if self.source == "github" else {"project": {"mergeRequest": found}}


@contextmanager
def serving(forge: Forge) -> Iterator[Forge]:
    """The forge, at an address of this machine."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            forge.headers.append({name.lower(): value for name, value in self.headers.items()})
            if forge.instead:
                status, headers, content = forge.instead.pop(0)
            elif not self.path.endswith("graphql"):
                status, headers, content = 404, {}, b'{"message": "Not Found"}'
            else:
                asked = json.loads(body)
                status, answer = forge.answer(asked["query"], asked["variables"])
                headers, content = {"content-type": "application/json"}, json.dumps(answer).encode()
            self.send_response(status)
            for name, value in {**headers, "content-length": str(len(content))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: object) -> None:
            """Nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    forge.url = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield forge
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
