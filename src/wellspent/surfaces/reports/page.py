"""A statement as a page of finished text: tables of cells, so that the template only sets them. Pure."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from msgspec import Struct

from wellspent import limits
from wellspent.analytics.allocate import TIERS
from wellspent.analytics.statement import carried, contracts
from wellspent.analytics.statement.record import GRADES, Figure, Number, Statement
from wellspent.surfaces.reports.words import UNKNOWN, breakable, pair_of, places_of, signed_percent, signed_usd, text_of, usd_column, usd_in

Cells = list[list[str]]


class Issue(Struct, frozen=True):
    """As what a statement was issued.

    Attributes:
        at_ms: When.
        supersedes: The number of the version before; 0 for none.
    """

    number: int
    version: int
    supersedes: int
    at_ms: int
    by: str
    digest: str


def page_of(statement: Statement, issue: Issue | None = None, charts: Sequence[tuple[str, str]] = ()) -> dict[str, Any]:
    """All that the template needs.

    Args:
        issue: None for one that is not issued.
        charts: By contract, an SVG.
    """
    return {
        "org": statement.org,
        "title": statement.title,
        "days": f"{statement.first} to {statement.last} ({statement.timezone})",
        "before": statement.before,
        "status": status_of(statement, issue),
        "issued": issue is not None,
        "provisional": statement.provisional,
        "notes": list(statement.notes),
        "spending": _spending(statement),
        "carried": _carried(statement),
        "output": _output(statement),
        "each": _each(statement),
        "interval": f"{contracts.ASSUMES}. None from fewer than {limits.EFFECT_OUTCOMES_MIN} outcomes or {limits.INTERVAL_DAYS_MIN} days.",
        "charts": [{"contract": breakable(name), "svg": svg} for name, svg in charts],
        "margin": _margin(statement),
        "rework": _rework(statement),
        "before_ai": _compared(statement, contracts.BEFORE_AI, "one outcome before AI", "as many before AI"),
        "by_outcome": _compared(statement, contracts.BY_OUTCOME, "one outcome by outcome price", "as many by outcome price"),
        "coverage": [[each.name, each.note or text_of(each.value, each.unit)] for each in _of(statement, carried.COVERAGE)],
        "outcomes": [[each.name, text_of(each.value, each.unit), each.note] for each in _of(statement, carried.OUTCOMES)],
        "effects": [[breakable(each.name), each.figure or UNKNOWN, each.grade, each.verdict] for each in statement.effects],
        "initiatives": _initiatives(statement),
        "self_reported": [[each.period, _count(each.reports), _hours(each.minutes)] for each in statement.self_reported],
        "compared": [str(number) for number in statement.compared],
        "restated": _restatements(statement),
        "definitions": [[breakable(each.contract), each.text, each.digest[:16]] for each in statement.definitions],
        "facts": _facts(statement),
        "grades": [[grade, meaning] for grade, meaning in GRADES.items()],
        "annex": [_annex(each) for each in statement.figures],
        "digest": issue.digest if issue else "",
        "made_with": statement.made_with,
    }


def status_of(statement: Statement, issue: Issue | None) -> str:
    """What a statement is worth, in a line."""
    if issue is not None:
        version = f", version {issue.version}" + (f", supersedes statement {issue.supersedes}" if issue.supersedes else "")
        return f"Statement {issue.number}{version}, issued on {_date(issue.at_ms)} by {issue.by}"
    return "Provisional: the period is not over" if statement.provisional else "Draft: not issued"


def _of(statement: Statement, section: str) -> list[Figure]:
    return [each for each in statement.figures if each.section == section]


def _pair(statement: Statement, section: str, item: str, name: str) -> tuple[Number | None, Number | None]:
    """A figure and that of the period before."""
    found = statement.figure(section, item, name)
    return (found.value, found.before) if found else (None, None)


def _spending(statement: Statement) -> Cells:
    rows = [(name, *_pair(statement, carried.SPENDING, "", name)) for name in ("total", "exact", "estimated")]
    texts = usd_column([amount for _, now, before in rows for amount in (now, before)])
    cells = [[name, texts[2 * number], texts[2 * number + 1], signed_percent(now, before)] for number, (name, now, before) in enumerate(rows)]
    calls = [(name, *_pair(statement, carried.SPENDING, "", name)) for name in ("calls", "calls without a price")]
    return cells + [[name, _count(now), _count(before), signed_percent(now, before)] for name, now, before in calls]


def _carried(statement: Statement) -> Cells:
    """By tier; where corrections of earlier periods are part of it, they have a line of their own below, and no share."""
    rows = [(tier, _pair(statement, carried.CARRIED, "", tier), _pair(statement, carried.CARRIED, "", f"{tier}, share")) for tier in TIERS]
    late = statement.figure(carried.SPENDING, "", carried.LATE)
    texts = usd_column([amount for _, pair, _ in rows for amount in pair] + ([late.value, late.before] if late else []))
    below = [[f"of it {carried.LATE}", texts[-2], "–", late.grade, texts[-1], "–"]] if late else []
    cells = [
        [tier, texts[2 * number], _percent(share[0]), carried.GRADE_OF[tier], texts[2 * number + 1], _percent(share[1])]
        for number, (tier, _, share) in enumerate(rows)
    ]
    return cells + below


def _output(statement: Statement) -> Cells:
    spent = [_pair(statement, contracts.SPENT, name, "spent") for name in statement.contracts]
    texts = usd_column([amount for pair in spent for amount in pair])
    cells = []
    for number, name in enumerate(statement.contracts):
        settled, before = _pair(statement, contracts.OUTPUT, name, "settled")
        rate, _ = _pair(statement, contracts.OUTPUT, name, "reversal rate")
        output = [_count(settled), _count(before), signed_percent(settled, before), _percent(rate)]
        cells.append([breakable(name), *output, texts[2 * number], texts[2 * number + 1], signed_percent(*spent[number])])
    return cells


def _each(statement: Statement) -> Cells:
    cells = []
    for name in statement.contracts:
        each = statement.figure(contracts.EACH, name, contracts.EACH)
        assert each is not None  # every contract has one, unknown or not
        places = places_of(each.value)
        parts = [_pair(statement, contracts.EACH, name, part)[0] for part in ("change", "of which prices", "of which everything else")]
        head = [breakable(name), usd_in(each.value, places), _interval(each, places), each.grade, usd_in(each.before, places)]
        cells.append(head + [signed_usd(part, places) for part in parts])
    return cells


def _interval(each: Figure, places: int) -> str:
    if each.low is None or each.high is None:
        return UNKNOWN if each.value is None else "too few"
    return f"{usd_in(each.low, places)} – {usd_in(each.high, places)}"


def _margin(statement: Statement) -> Cells:
    known = [name for name in statement.contracts if statement.figure(contracts.MARGIN, name, "revenue")]
    rows = [[_pair(statement, contracts.MARGIN, name, part)[0] for part in ("revenue", "AI spending", "revenue less AI spending")] for name in known]
    texts = usd_column([amount for row in rows for amount in row])
    grades = [each.grade for name in known if (each := statement.figure(contracts.MARGIN, name, "AI spending"))]
    return [[breakable(name), *texts[3 * number : 3 * number + 3], grades[number]] for number, name in enumerate(known)]


def _rework(statement: Statement) -> Cells:
    parts = ("on what was undone", "on undoing and mending", "rework")
    rows = [[_pair(statement, contracts.REWORK, name, part)[0] for part in parts] for name in statement.contracts]
    texts = usd_column([amount for row in rows for amount in row])
    cells = []
    for number, name in enumerate(statement.contracts):
        share, before = _pair(statement, contracts.REWORK, name, "rework, share of spending")
        cells.append([breakable(name), *texts[3 * number : 3 * number + 3], _percent(share), _percent(before), "C"])
    return cells


def _compared(statement: Statement, section: str, one: str, as_many: str) -> Cells:
    """A declared figure beside the measured one, with who declares it."""
    cells = []
    for name in statement.contracts:
        declared = statement.figure(section, name, one)
        if declared is not None:
            each, spent = _pair(statement, contracts.EACH, name, contracts.EACH)[0], _pair(statement, contracts.SPENT, name, "spent")[0]
            amounts = (declared.value, each, _pair(statement, section, name, as_many)[0], spent)
            cells.append([breakable(name), *(text_of(amount, "nanousd") for amount in amounts), declared.note])
    return cells


def _initiatives(statement: Statement) -> Cells:
    return [
        [
            breakable(each.name),
            each.owner,
            text_of(each.spent_nanousd, "nanousd"),
            "none" if each.limit_nanousd is None else text_of(each.limit_nanousd, "nanousd"),
            each.evidence,
            each.grade,
            each.decision or f"none yet{f', due {each.decide_by}' if each.decide_by else ''}",
        ]
        for each in statement.initiatives
    ]


def _restatements(statement: Statement) -> Cells:
    """A line for each; a reason that is that of the line above is not written twice."""
    cells, last = [], ""
    for line in statement.restated:
        why = "; ".join(line.why) + (f" (as statement {line.told} says)" if line.told else "")
        about = ": ".join(filter(None, (line.item, line.name)))
        of = f"{line.number}: {line.period}" + (f" v{line.version}" if line.version > 1 else "")
        cells.append([of, breakable(about), *pair_of(line.was, line.now, line.unit), "as above" if why == last else why])
        last = why
    return cells


def _facts(statement: Statement) -> Cells:
    facts = statement.facts
    return [
        ["Journal", f"row {facts.journal_row:,}", facts.journal_hash],
        ["Log of outcomes", f"event {facts.outcome_event:,}", facts.outcome_hash],
    ]


def _annex(each: Figure) -> list[str]:
    about = f"{breakable(each.item)}: {each.name}" if each.item else each.name
    return [each.section, about, text_of(each.value, each.unit), each.grade, each.open]


def _percent(share: Number | None) -> str:
    return text_of(share, "percent")


def _count(number: Number | None) -> str:
    return text_of(number, "calls")


def _hours(minutes: int | None) -> str:
    return "too few people to be shown" if minutes is None else f"{minutes / 60:,.1f} hours"


def _date(at_ms: int) -> str:
    return f"{datetime.fromtimestamp(at_ms / 1000, UTC):%Y-%m-%d %H:%M} UTC"
