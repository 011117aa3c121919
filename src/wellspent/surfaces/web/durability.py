"""The page Durability: does the code we paid for survive? It shows the report that ``wellspent durability`` keeps, and reads no repository itself."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from wellspent.facts.errors import NotFound
from wellspent.rework.report import Report
from wellspent.rework.survival.terms import names
from wellspent.surfaces.durability.kept import newest
from wellspent.surfaces.durability.picture import svg_of
from wellspent.surfaces.durability.tables import headline, notes, tables
from wellspent.surfaces.durability.words import NAMES
from wellspent.surfaces.web.answer import Render, as_csv, as_json, page
from wellspent.surfaces.web.value_question import outcome_link

HERE = "/durability"


class DurabilityPages:
    """The handlers."""

    def __init__(self, data_dir: Path, render: Render, *, has_repositories: bool) -> None:
        self._data_dir, self._render, self._has_repositories = data_dir, render, has_repositories

    def routes(self) -> list[Route]:
        """Their paths."""
        return [
            Route(HERE, page(self._page, self._render, HERE)),
            Route(f"/api/v1{HERE}", as_json(self._report)),
            Route(f"{HERE}/{{part}}.csv", as_csv(self._rows)),
        ]

    def _page(self, request: Request) -> Response:
        report = newest(self._data_dir)
        if report is None:
            return self._render("no_durability.html", here=HERE, has_repositories=self._has_repositories)
        return self._render(
            "durability.html",
            here=HERE,
            report=report,
            sentences=headline(report),
            chart=svg_of(report),
            tables=tables(report),
            called=names(report.asked.days),
            notes=list(notes(report)),
            groups=[(curve.group, NAMES[curve.group]) for curve in report.curves],
            opens=outcome_link,
        )

    def _report(self, request: Request) -> Report:
        report = newest(self._data_dir)
        if report is None:
            raise NotFound("no repository has been measured yet", fix="name them as [[repository]], and run: wellspent durability")
        return report

    def _rows(self, request: Request) -> tuple[Sequence[str], Iterable[Mapping[str, object]]]:
        found, part = tables(self._report(request)), request.path_params["part"]
        if part not in found:
            raise NotFound(f"the report has no part {part!r}", fix=f"use one of {', '.join(found)}")
        rows = [{name: value for name, value in row.items() if not name.endswith("_text")} for row in found[part].rows]
        return tuple(rows[0]) if rows else tuple(name for name, _, _ in found[part].columns), rows
