"""The pages: Overview, Value, and what they open to, down to the receipt of a call. Totals are computed where the data is."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import msgspec
from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape
from msgspec import Struct
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from wellspent.budgets.window import Calendar
from wellspent.facts.clock import Clock
from wellspent.facts.errors import InvalidInput
from wellspent.facts.money import format_usd
from wellspent.identity.settings import Settings
from wellspent.ledger.outcomes import OutcomeLog
from wellspent.ledger.reader import JournalReader, Receipt
from wellspent.surfaces.api.outcomes import Intake
from wellspent.surfaces.asking.asking import Asking
from wellspent.surfaces.initiatives import Sources
from wellspent.surfaces.web.durability import DurabilityPages
from wellspent.surfaces.web.groups import Groups
from wellspent.surfaces.web.initiatives import InitiativePages
from wellspent.surfaces.web.opened import OpenedPages
from wellspent.surfaces.web.overview import SPREAD_DAYS, Question, View, overview
from wellspent.surfaces.web.receipt import receipt_view
from wellspent.surfaces.web.value import ValuePages

CSP = "default-src 'none'; style-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"


class WebData(Struct):
    """What the pages read."""

    reader: JournalReader
    settings: Settings
    calendar: Calendar
    clock: Clock
    org: str
    demo: bool
    outcomes: OutcomeLog
    asking: Asking
    data_dir: Path
    has_repositories: bool


def build_web(data: WebData, intake: Intake) -> Starlette:
    """The application that serves what is no wire."""
    pages = Pages(data)
    sources = Sources(data.settings, data.reader, data.asking.setup.contracts, ZoneInfo(data.calendar.timezone), data.asking.ask)
    routes = [
        *InitiativePages(sources, data.clock, pages.page).routes(),
        *ValuePages(data.asking, data.settings, data.clock, pages.page).routes(),
        *DurabilityPages(data.data_dir, pages.page, has_repositories=data.has_repositories).routes(),
        *OpenedPages(data.asking, data.outcomes, data.settings, data.clock, pages.page).routes(),
        Route("/api/v1/outcomes", intake.take, methods=["POST"]),
        Route("/api/v1/outcomes/{source}", intake.take, methods=["POST"]),
        Route("/", pages.overview),
        Route("/overview.csv", pages.overview_csv),
        Route("/api/v1/overview", pages.overview_json),
        Route("/calls/{call_id}", pages.receipt),
        Route("/api/v1/calls/{call_id}", pages.receipt_json),
        Route("/healthz", pages.health),
        Mount("/static", StaticFiles(packages=[("wellspent.surfaces.web", "static")])),
    ]
    return Starlette(routes=routes, exception_handlers={404: pages.not_found})


class Pages:
    """The handlers."""

    def __init__(self, data: WebData) -> None:
        self._data = data
        self._env = Environment(
            loader=PackageLoader("wellspent.surfaces.web"), autoescape=select_autoescape(default=True), undefined=StrictUndefined, trim_blocks=True
        )
        self._env.filters["usd"] = format_usd
        self._env.filters["number"] = lambda value: f"{value:,}"
        self._env.filters["local"] = lambda at_ms: f"{self._local(at_ms):%Y-%m-%d %H:%M}"
        self._env.filters["stamp"] = lambda at_ms: f"{self._local(at_ms):%d %b %Y %H:%M %Z}"
        self._env.filters["percent"] = lambda share: "unknown" if share is None else f"{share:.1f} %"
        self._env.filters["signed"] = lambda nanousd: f"+{format_usd(nanousd)}" if nanousd > 0 else format_usd(nanousd)
        self._env.filters["known"] = lambda nanousd: "unknown" if nanousd is None else format_usd(nanousd)
        self._env.filters["round"] = lambda nanousd: "unknown" if nanousd is None else format_usd(nanousd, places=0 if nanousd >= 10**11 else None)

    def _local(self, at_ms: int) -> datetime:
        return datetime.fromtimestamp(at_ms / 1000, UTC).astimezone(ZoneInfo(self._data.calendar.timezone))

    def page(self, name: str, status: int = 200, *, here: str = "", **values: object) -> Response:
        """A template as an answer; ``here`` is the path of the page that it is, or belongs to."""
        data = self._data
        now = self._local(data.clock.now_ms())
        html = self._env.get_template(name).render(here=here, org=data.org, demo=data.demo, as_of=f"{now:%d %b %Y %H:%M %Z}", **values)
        return HTMLResponse(html, status, {"content-security-policy": CSP, "x-content-type-options": "nosniff", "referrer-policy": "no-referrer"})

    def _overview(self, request: Request) -> View:
        data = self._data
        return overview(data.reader, data.settings, data.calendar, data.clock.now_ms(), Question.parse(request.query_params))

    def overview(self, request: Request) -> Response:
        """Are we on plan this month?"""
        try:
            view = self._overview(request)
        except InvalidInput as error:
            return self.page("message.html", 400, title="This cannot be shown", text=str(error))

        def link(path: str = "/", **changes: str) -> str:
            """This page with other filters."""
            asked = {"month": request.query_params.get("month", ""), **view.filters, **changes}
            query = urlencode({name: value for name, value in asked.items() if value})
            return f"{path}?{query}" if query else path

        return self.page("overview.html", here="/", view=view, link=link, spread_days=SPREAD_DAYS)

    def overview_json(self, request: Request) -> Response:
        """The numbers of the Overview."""
        try:
            view = self._overview(request)
        except InvalidInput as error:
            return JSONResponse({"error": str(error)}, 400)
        return Response(msgspec.json.encode(view), media_type="application/json")

    def overview_csv(self, request: Request) -> Response:
        """Day by day: spent and cumulative."""
        try:
            view = self._overview(request)
        except InvalidInput as error:
            return PlainTextResponse(str(error), 400)
        lines = ["day,spent_nanousd,cumulative_nanousd", *(f"{each.day},{each.nanousd},{each.cumulative_nanousd}" for each in view.days)]
        return PlainTextResponse("\r\n".join(lines) + "\r\n", media_type="text/csv")

    def receipt(self, request: Request) -> Response:
        """One call, like a till receipt."""
        call_id = request.path_params["call_id"]
        found = self._data.reader.receipt(call_id)
        if found is None:
            return self.page("message.html", 404, title="No such call", text=f"The ledger has no call {call_id}. Check the id; it begins with ws_.")
        return self.page("receipt.html", view=self._receipt(found))

    def receipt_json(self, request: Request) -> Response:
        """The same, for machines."""
        found = self._data.reader.receipt(request.path_params["call_id"])
        if found is None:
            return JSONResponse({"error": "no such call"}, 404)
        return Response(msgspec.json.encode(self._receipt(found)), media_type="application/json")

    def _receipt(self, found: Receipt) -> dict[str, Any]:
        settings = self._data.settings
        scopes = {budget.id: budget.scope for budget in settings.budgets()}
        return receipt_view(found, self._data.calendar.timezone, Groups.of(settings), scopes)

    def health(self, request: Request) -> Response:
        """For load balancers."""
        return PlainTextResponse("ok")

    def not_found(self, request: Request, error: Exception) -> Response:
        """A page that is not there."""
        return self.page("message.html", 404, title="No such page", text="Go to the Overview, or check the address.")
