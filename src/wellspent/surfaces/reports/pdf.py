"""A page of finished text becomes a PDF: by typst, with the fonts that are embedded in it. The same page gives the same bytes."""

from collections.abc import Sequence
from importlib import resources
from types import ModuleType

import msgspec

from wellspent.analytics.statement.record import Statement
from wellspent.facts.errors import ConfigError, WellspentError
from wellspent.surfaces.charts.spend_and_output import spec_of
from wellspent.surfaces.reports.page import Issue, page_of

TEMPLATE = "statement.typ"
LIBRARIES = ("typst", "vl_convert")
EPOCH_S = 0  # what a PDF says of its own age: nothing, or the same facts would not give the same bytes


def check() -> None:
    """Raises ConfigError where typst or vl-convert are not installed."""
    for name in LIBRARIES:
        _library(name)


def pdf_of(statement: Statement, issue: Issue | None = None) -> bytes:
    """A statement as a PDF, A4. Raises ConfigError where typst or vl-convert are not installed."""
    (found,) = rendered(statement, issue, "pdf")
    return found


def pictures_of(statement: Statement, issue: Issue | None = None, ppi: float = 110.0) -> list[bytes]:
    """The same as pictures (PNG), one a page."""
    return rendered(statement, issue, "png", ppi)


def rendered(statement: Statement, issue: Issue | None, form: str, ppi: float = 144.0) -> list[bytes]:
    """The statement in a form of typst: one file, or one a page."""
    typst = _library("typst")
    page = page_of(statement, issue, charts_of(statement))
    template = (resources.files("wellspent.surfaces.reports") / TEMPLATE).read_bytes()
    inputs = {"page": msgspec.json.encode(page).decode()}
    try:
        found = typst.compile(template, format=form, ppi=ppi, sys_inputs=inputs, ignore_system_fonts=True, timestamp=EPOCH_S)
    except typst.TypstError as error:
        raise WellspentError(f"the PDF could not be set: {error}", fix="report this, with the statement's --json") from None
    return found if isinstance(found, list) else [found]


def charts_of(statement: Statement) -> Sequence[tuple[str, str]]:
    """A drawing for each contract that did something, by contract."""
    drawn = []
    for name in statement.contracts:
        months = [each for each in statement.months if each.contract == name]
        if any(each.spent_nanousd or each.settled for each in months):
            drawn.append((name, str(_library("vl_convert").vegalite_to_svg(spec_of(months)))))
    return drawn


def _library(name: str) -> ModuleType:
    """A library of the extra; it is loaded where it is used."""
    from importlib import import_module

    try:
        return import_module(name)
    except ImportError:
        raise ConfigError("a PDF needs typst and vl-convert, which are not installed", fix="install wellspent[reports]") from None
