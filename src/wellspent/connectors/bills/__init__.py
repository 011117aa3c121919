"""Vendors' bills of outcomes, in the files that vendors really give: what was charged, line by line, and what was not."""

from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path

from msgspec import Struct

from wellspent.connectors.bills import intercom, salesforce, servicenow, table, zendesk
from wellspent.connectors.bills.line import Bill, BillLine, Row
from wellspent.connectors.bills.rows import rows_of
from wellspent.facts.errors import InvalidInput


class Format(Struct, frozen=True):
    """One vendor's file.

    Attributes:
        needs: Names of fields, as ``rows.key`` writes them; a file with all of one set is this vendor's.
        read: A row -> what is charged, or why it is not.
        gathered: What is charged -> one line for each outcome.
        told: Whether a file is known by its names alone.
    """

    needs: tuple[frozenset[str], ...]
    read: Callable[[Row], BillLine | str]
    gathered: Callable[[Iterable[BillLine]], tuple[BillLine, ...]] = tuple
    told: bool = True


FORMATS = {
    "intercom": Format(intercom.NEEDS, intercom.read),
    "hubspot": Format(table.NEEDS, table.read, told=False),
    "zendesk": Format(zendesk.NEEDS, zendesk.read),
    "salesforce": Format(salesforce.NEEDS, salesforce.read),
    "servicenow": Format(servicenow.NEEDS, servicenow.read, servicenow.gathered),
    "table": Format(table.NEEDS, table.read),
}


def bill_of(path: Path, vendor: str = "") -> Bill:
    """A bill from a file.

    Args:
        vendor: Whose it is, one of ``FORMATS``; "" tells it by the names of its fields.

    Raises InvalidInput for a file that is nobody's, or might be that of several, and for a line that cannot be read.
    """
    fields, rows = rows_of(path)
    name = vendor or _whose(path, fields)
    if name not in FORMATS:
        raise InvalidInput(f"no bill of {name!r} is known", fix=f"use one of {', '.join(FORMATS)}, or leave --vendor out")
    form = FORMATS[name]
    if not _fits(form, fields):
        raise InvalidInput(f"{path} has not the fields of {name}: {_needed(form)}", fix="name another --vendor, or export those fields too")
    lines, left_out = list[BillLine](), Counter[str]()
    for row in rows:
        found = form.read(row)
        if isinstance(found, str):
            left_out[found] += 1
        else:
            lines.append(found)
    return Bill(name, form.gathered(lines), tuple(sorted(left_out.items())))


def _whose(path: Path, fields: frozenset[str]) -> str:
    found = [name for name, form in FORMATS.items() if form.told and _fits(form, fields)]
    if len(found) == 1:
        return found[0]
    if found:
        raise InvalidInput(f"{path} could be a file of {' or '.join(found)}", fix="say which with --vendor")
    known = "; ".join(f"{name}: {_needed(form)}" for name, form in FORMATS.items() if form.told)
    raise InvalidInput(f"{path} has no column outcome, and is no export that is known ({known})", fix="name the columns outcome and amount_usd")


def _fits(form: Format, fields: frozenset[str]) -> bool:
    return any(needed <= fields for needed in form.needs)


def _needed(form: Format) -> str:
    return " or ".join(" and ".join(sorted(needed)) for needed in form.needs)
