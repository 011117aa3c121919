"""The results as one page that needs nothing else: for a mail, a ticket, or a shelf."""

from collections.abc import Sequence
from datetime import datetime
from importlib.resources import files
from itertools import groupby

from wellspent.facts.money import exact_usd
from wellspent.testing.conformance.result import Finding, Result
from wellspent.testing.conformance.run import summary


def row(result: Result) -> dict[str, object]:
    """A result for machines: amounts in whole nano-dollars, and as exact dollars."""
    finding = result.finding
    found: dict[str, object] = {"number": result.number, "case": result.case, "wire": result.wire, "verdict": result.verdict}
    for name, amount in amounts(finding).items():
        found |= {f"{name}_nanousd": amount, f"{name}_usd": None if amount is None else exact_usd(amount)}
    return {**found, "refused_falsely": finding.refused_falsely, "note": finding.note, "sources": list(result.sources)}


def amounts(finding: Finding) -> dict[str, int | None]:
    """A finding's amounts, by the names that reports give them."""
    billed, limit = finding.billed_nanousd, finding.limit_nanousd
    return {"true": finding.true_nanousd, "counted": billed, "limit": limit, "over": finding.overshoot_nanousd}


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
