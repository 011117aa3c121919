"""The pages of initiatives: which pilots are worth going on with? And one pilot, down to its calls."""

import csv
import io
import json
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import msgspec
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from wellspent.analytics.effect import Grade
from wellspent.facts.attribution import Scope
from wellspent.facts.clock import Clock
from wellspent.facts.errors import InvalidInput, NotFound
from wellspent.identity.initiatives import history_of
from wellspent.ledger.reader import NEWEST_ROW, CallRow
from wellspent.surfaces.initiatives import Initiatives, Sources, row_of, target_words
from wellspent.surfaces.web.initiative_views import STATES, ListView, Question, days_view, due_words, history_lines, list_view

Page = Callable[..., Response]
HOUR_MS = 3_600_000
COLUMNS = (
    *("name", "owner", "scope", "spent_nanousd", "limit_nanousd", "calls", "unpriced_calls", "settled", "pending", "reversed", "each_nanousd"),
    *("grade", "suggested", "suggestion", "begins_on", "decide_by", "days_left", "overdue", "decision", "decided_by", "because"),
)


class InitiativePages:
    """The handlers.

    Args:
        page: Renders a template by its name, with a status and values.
    """

    def __init__(self, sources: Sources, clock: Clock, page: Page) -> None:
        self._sources, self._clock, self._page = sources, clock, page
        self._asked = Initiatives(sources)

    def routes(self) -> list[Route]:
        """Their paths."""
        return [
            Route("/initiatives", self.list),
            Route("/initiatives.csv", self.list_csv),
            Route("/api/v1/initiatives", self.list_json),
            Route("/initiatives/{name}", self.one),
            Route("/api/v1/initiatives/{name}", self.one_json),
        ]

    def _list(self, request: Request) -> tuple[ListView, Question]:
        question = Question.parse(request.query_params)
        return list_view(self._asked.all(self._clock.now_ms()), question), question

    def list(self, request: Request) -> Response:
        """Which pilots are worth going on with?"""
        try:
            view, question = self._list(request)
        except InvalidInput as error:
            return self._page("message.html", 400, title="This cannot be shown", text=str(error))

        def link(path: str = "/initiatives", **changes: str) -> str:
            """This page with other filters."""
            query = urlencode({name: value for name, value in {**msgspec.structs.asdict(question), **changes}.items() if value})
            return f"{path}?{query}" if query else path

        more = {"states": STATES, "link": link, "due_words": due_words, "grades": {grade.name: grade for grade in Grade}, "here": "/initiatives"}
        return self._page("initiatives.html", view=view, question=question, **more)

    def list_csv(self, request: Request) -> Response:
        """A line for each; what is not known is empty."""
        try:
            view, _ = self._list(request)
        except InvalidInput as error:
            return PlainTextResponse(str(error), 400)
        out = io.StringIO()
        writer = csv.writer(out)
        writer.writerow(COLUMNS)
        writer.writerows([_cell(row[name]) for name in COLUMNS] for row in map(row_of, view.lines))
        return PlainTextResponse(out.getvalue(), media_type="text/csv")

    def list_json(self, request: Request) -> Response:
        """The same, for machines."""
        try:
            view, _ = self._list(request)
        except InvalidInput as error:
            return JSONResponse({"error": str(error)}, 400)
        return Response(json.dumps([row_of(each) for each in view.lines]), media_type="application/json")

    def one(self, request: Request) -> Response:
        """Is it worth going on with this one?"""
        name, before = request.path_params["name"], request.query_params.get("before", "")
        now_ms, zone = self._clock.now_ms(), self._sources.zone
        try:
            found = self._asked.one(name, now_ms)
            before_row = int(before) if before.isdecimal() else NEWEST_ROW
            calls, more = self._calls(found.initiative.scope, found.initiative.begins_ms(zone.key), before_row)
        except NotFound as error:
            return self._page("message.html", 404, title="No such initiative", text=str(error))
        days, chart = days_view(found, self._by_day(found.initiative.scope, found.initiative.begins_ms(zone.key), now_ms), _today(now_ms, zone))
        steps = list(history_of(name, self._sources.settings.audit()))
        values = {"days": days, "chart": chart, "calls": calls, "more": more, "paged": bool(before), "due": due_words(found)}
        history = history_lines(steps, zone)
        return self._page(
            "initiative.html", found=found, history=history, target=target_words(found.initiative.target), here="/initiatives", **values
        )

    def one_json(self, request: Request) -> Response:
        """The same, for machines."""
        name = request.path_params["name"]
        try:
            row = row_of(self._asked.one(name, self._clock.now_ms()))
        except NotFound as error:
            return JSONResponse({"error": str(error)}, 404)
        row["history"] = history_lines(list(history_of(name, self._sources.settings.audit())), self._sources.zone)
        return Response(json.dumps(row), media_type="application/json")

    def _calls(self, scope: Scope, since_ms: int, before_row: int) -> tuple[Sequence[CallRow], int | None]:
        reader = self._sources.reader
        return reader.calls(scope, since_ms, before_row=before_row) if reader else ((), None)

    def _by_day(self, scope: Scope, since_ms: int, now_ms: int) -> dict[str, int]:
        reader = self._sources.reader
        if reader is None or since_ms > now_ms:
            return {}
        rows = reader.spend(since_ms, now_ms + HOUR_MS, ("day",), {scope.kind: scope.name}, self._sources.zone)
        return {row.group[0]: row.nanousd for row in rows}


def _today(now_ms: int, zone: ZoneInfo) -> date:
    return datetime.fromtimestamp(now_ms / 1000, UTC).astimezone(zone).date()


def _cell(value: object) -> object:
    """A spreadsheet would run a text that begins like a formula."""
    return f"'{value}" if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t") else value
