"""The results as one page that needs nothing else: for a mail, a ticket, or a shelf."""

from collections.abc import Sequence
from datetime import datetime
from importlib.resources import files
from itertools import groupby

from wellspent.facts.money import exact_usd
from wellspent.testing.conformance.result import Result
from wellspent.testing.conformance.run import summary


def html(results: Sequence[Result], gateway: str, version: str, made_at: datetime) -> str:
    """The page.

    Args:
        gateway: What the report calls the gateway.
        made_at: When the suite ran.
    """
    from jinja2 import Environment

    template = (files(__package__) / "report.html").read_text()
    environment = Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True)
    environment.filters["usd"] = lambda amount: "" if amount is None else "$" + exact_usd(amount).removesuffix("000")
    return environment.from_string(template).render(
        cases=[list(each) for _, each in groupby(results, key=lambda result: (result.number, result.case))],
        gateway=gateway,
        version=version,
        made_at=made_at.strftime("%Y-%m-%d %H:%M UTC"),
        summary=summary(results),
    )
