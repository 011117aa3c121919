"""Answers of a page in its three shapes, HTML, JSON and CSV, and what each says when there is none."""

import csv
import io
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from wellspent.facts.errors import InvalidInput, NotFound, WellspentError
from wellspent.surfaces.asking.asking import Unanswered
from wellspent.surfaces.rows import cell

Render = Callable[..., Response]
Handler = Callable[[Request], Response]


def page(make: Handler, render: Render, here: str) -> Handler:
    """A page, or one that says why there is none and asks again by itself where that helps.

    Args:
        render: Renders a template by its name, with a status and values.
    """

    def handle(request: Request) -> Response:
        try:
            return make(request)
        except WellspentError as error:
            status, title = _status(error)
            answer = render("message.html", status, title=title, text=str(error), here=here)
            return _again(answer, error, refresh=True)

    return handle


def as_json(make: Callable[[Request], Any]) -> Handler:
    """A record as JSON, or ``{"error": …}``."""

    def handle(request: Request) -> Response:
        try:
            return Response(msgspec.json.encode(make(request)), media_type="application/json")
        except WellspentError as error:
            return _again(JSONResponse({"error": str(error)}, _status(error)[0]), error)

    return handle


def as_csv(make: Callable[[Request], tuple[Sequence[str], Iterable[Mapping[str, object]]]]) -> Handler:
    """Columns and rows as CSV; unknown is empty."""

    def handle(request: Request) -> Response:
        try:
            columns, rows = make(request)
        except WellspentError as error:
            return _again(PlainTextResponse(str(error), _status(error)[0]), error)
        out = io.StringIO()
        writer = csv.writer(out)
        writer.writerow(columns)
        writer.writerows([cell(row.get(name)) for name in columns] for row in rows)
        return PlainTextResponse(out.getvalue(), media_type="text/csv")

    return handle


def at_most(rows_max: int, columns: Sequence[str], rows: Sequence[Mapping[str, object]]) -> Iterable[Mapping[str, object]]:
    """Rows of a file; where there are more than it may have, its last line says so."""
    if len(rows) <= rows_max:
        return rows
    cut = f"cut: only the first {rows_max:,} are here; ask for fewer months, or for less of them"
    return (*rows[:rows_max], {columns[0]: cut})


def _status(error: WellspentError) -> tuple[int, str]:
    if isinstance(error, InvalidInput):
        return 400, "This cannot be shown"
    if isinstance(error, NotFound):
        return 404, "There is nothing here"
    if isinstance(error, Unanswered) and error.retry_s:
        return 503, "Still being worked out"
    return 503, "This cannot be answered now"


def _again(answer: Response, error: WellspentError, *, refresh: bool = False) -> Response:
    if isinstance(error, Unanswered) and error.retry_s:
        answer.headers["retry-after"] = str(error.retry_s)
        if refresh:
            answer.headers["refresh"] = str(error.retry_s)
    return answer
