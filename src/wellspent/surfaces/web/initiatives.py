"""The pages of initiatives: which pilots are worth going on with? And one pilot, down to its calls."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from urllib.parse import urlencode

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from wellspent.analytics.effect import Grade
from wellspent.facts.attribution import Scope
from wellspent.facts.clock import Clock, day_of
from wellspent.identity.initiatives import history_of
from wellspent.ledger.reader import NEWEST_ROW, CallRow
from wellspent.surfaces.initiatives import Initiatives, Sources, row_of, target_words
from wellspent.surfaces.web.answer import Render, as_csv, as_json, page
from wellspent.surfaces.web.initiative_views import STATES, ListView, Question, days_view, due_words, history_lines, list_view

HERE = "/initiatives"
HOUR_MS = 3_600_000
COLUMNS = (
    *("name", "owner", "scope", "spent_nanousd", "limit_nanousd", "calls", "unpriced_calls", "settled", "pending", "reversed", "each_nanousd"),
    *("grade", "suggested", "suggestion", "begins_on", "decide_by", "days_left", "overdue", "decision", "decided_by", "because"),
)


class InitiativePages:
    """The handlers."""

    def __init__(self, sources: Sources, clock: Clock, render: Render) -> None:
        self._sources, self._clock, self._render = sources, clock, render
        self._asked = Initiatives(sources)

    def routes(self) -> list[Route]:
        """Their paths."""
        return [
            Route(HERE, page(self._list_page, self._render, HERE)),
            Route("/initiatives.csv", as_csv(self._list_rows)),
            Route("/api/v1/initiatives", as_json(self._list_json)),
            Route("/initiatives/{name}", page(self._one_page, self._render, HERE)),
            Route("/api/v1/initiatives/{name}", as_json(self._one_json)),
        ]

    # Which pilots are worth going on with?

    def _list(self, request: Request) -> tuple[ListView, Question]:
        question = Question.parse(request.query_params)
        return list_view(self._asked.all(self._clock.now_ms()), question), question

    def _list_page(self, request: Request) -> Response:
        view, question = self._list(request)

        def link(path: str = HERE, **changes: str) -> str:
            """This page with other filters."""
            query = urlencode({name: value for name, value in {**msgspec.structs.asdict(question), **changes}.items() if value})
            return f"{path}?{query}" if query else path

        more = {"states": STATES, "link": link, "due_words": due_words, "grades": {grade.name: grade for grade in Grade}}
        return self._render("initiatives.html", here=HERE, view=view, question=question, **more)

    def _list_rows(self, request: Request) -> tuple[Sequence[str], Iterable[Mapping[str, object]]]:
        view, _ = self._list(request)
        return COLUMNS, map(row_of, view.lines)

    def _list_json(self, request: Request) -> list[dict[str, object]]:
        view, _ = self._list(request)
        return [row_of(each) for each in view.lines]

    # Is it worth going on with this one?

    def _one_page(self, request: Request) -> Response:
        name, before = request.path_params["name"], request.query_params.get("before", "")
        now_ms, zone = self._clock.now_ms(), self._sources.zone
        found = self._asked.one(name, now_ms)
        scope, begins_ms = found.initiative.scope, found.initiative.begins_ms(zone.key)
        calls, more = self._calls(scope, begins_ms, int(before) if before.isdecimal() else NEWEST_ROW)
        days, chart = days_view(found, self._by_day(scope, begins_ms, now_ms), date.fromisoformat(day_of(now_ms, zone.key)))
        values = {"days": days, "chart": chart, "calls": calls, "more": more, "paged": bool(before), "due": due_words(found)}
        return self._render(
            "initiative.html", here=HERE, found=found, history=self._history(name), target=target_words(found.initiative.target), **values
        )

    def _one_json(self, request: Request) -> dict[str, object]:
        name = request.path_params["name"]
        return {**row_of(self._asked.one(name, self._clock.now_ms())), "history": self._history(name)}

    def _history(self, name: str) -> list[dict[str, object]]:
        return history_lines(list(history_of(name, self._sources.settings.audit())), self._sources.zone)

    def _calls(self, scope: Scope, since_ms: int, before_row: int) -> tuple[Sequence[CallRow], int | None]:
        reader = self._sources.reader
        return reader.calls(scope, since_ms, before_row=before_row) if reader else ((), None)

    def _by_day(self, scope: Scope, since_ms: int, now_ms: int) -> dict[str, int]:
        reader = self._sources.reader
        if reader is None or since_ms > now_ms:
            return {}
        rows = reader.spend(since_ms, now_ms + HOUR_MS, ("day",), {scope.kind: scope.name}, self._sources.zone)
        return {row.group[0]: row.nanousd for row in rows}
