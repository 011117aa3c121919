"""What ServiceNow counts for Now Assist: assists, by the record that they were used on. Pure.

The file is a list of the table *Gen AI Usage Log* (``sys_gen_ai_usage_log``), exported as CSV, or read through the Table API as JSON (docs.servicenow
"Generative AI Controller tables", Zurich of 2026-03-03: Assists, Trial Assists, Document, Document Table, Execution Type, Status).

Its rule ("Monitoring Now Assist usage in Subscription Management"): each use of a skill or agent takes assists from a pool that is bought for a
year, whatever came of it; there is no published price of an assist, and none of a resolved case. So an outcome's charge is its assists at the
contract's ``unit_usd``, and a case that was not resolved was charged all the same. Trial assists are not paid for; uses that are on no record,
tests and evaluations, and what is still pending are left out.
"""

from collections.abc import Iterable

from wellspent.connectors.bills.line import BillLine, Row
from wellspent.facts.errors import InvalidInput

NEEDS = (frozenset({"assists", "document"}),)
TESTS = ("test", "evaluation", "autoprompttuning")


def read(row: Row) -> BillLine | str:
    """One use: charged, or why not."""
    document, assists = row.text("document"), row.count("assists")
    if assists is None:
        raise InvalidInput(f"{row.where} says assists {row.text('assists')[:100]!r}", fix="export it again with whole numbers")
    if row.text("status").lower() == "pending":
        return "not completed"
    if "".join(mark for mark in row.text("executiontype").lower() if mark.isalpha()) in TESTS:
        return "a test or an evaluation"
    if not document:
        return "on no record"
    return BillLine(document, units=assists, evidence=row.evidence(table="documenttable")) if assists else "no assists, or those of a trial"


def gathered(lines: Iterable[BillLine]) -> tuple[BillLine, ...]:
    """A line for each record: its uses, summed."""
    found: dict[str, list[BillLine]] = {}
    for line in lines:
        found.setdefault(line.outcome, []).append(line)
    return tuple(_sum(name, each) for name, each in found.items())


def _sum(name: str, lines: list[BillLine]) -> BillLine:
    units = sum(line.units or 0 for line in lines)
    told = (("assists", str(units)), ("uses", str(len(lines))))
    return BillLine(name, units=units, evidence=(*lines[0].evidence, *told))
