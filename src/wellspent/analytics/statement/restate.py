"""Restatements: what an earlier statement said, and what the same facts and those heard of since say now, with why."""

from collections.abc import Iterable
from typing import Any

import msgspec
from msgspec import Struct

from wellspent.analytics.statement.reach import BEFORE
from wellspent.analytics.statement.record import Facts, Number, Restated, Statement, Unit
from wellspent.analytics.statement.since import Since
from wellspent.analytics.statement.why import CORRECTIONS, corrections_in, why

WHOLE = ("of no contract", "reversals of outcomes that nobody told of")  # of all that is known, and so of no period
Key = tuple[str, str, str]
Values = dict[Key, tuple[Number | None, Unit]]


class Issued(Struct, frozen=True):
    """A statement as it was issued."""

    number: int
    version: int
    statement: Statement


def restated(issued: Issued, now: Statement, since: Since, told: Iterable[Issued] = ()) -> tuple[Restated, ...]:
    """Every figure of an issued statement that is another now, with why. Shares are left out: they follow from the amounts.

    Args:
        now: The same period, composed anew.
        told: Statements that were issued after it.
    """
    later = {key: each for one in told for key, each in _said(one, issued.number).items()}
    found = []
    for key, (was, is_now, unit) in _differences(issued.statement, now, since).items():
        said, number = later.get(key, (None, 0))
        reasons = why(key, issued.statement, now, since)
        head = (issued.number, issued.statement.period, issued.version)
        found.append(Restated(*head, *key, unit, was, is_now, reasons, number if said == is_now else 0))
    return tuple(found)


def says_the_same(issued: Statement, now: Statement) -> bool:
    """Whether a statement tells nothing that an issued one of its period does not: every figure is equal, and no restatement is news.

    When it was asked for, by which version and up to which fact are no figures; neither are the numbers of the statements that were compared.
    """
    told = {msgspec.structs.replace(each, told=0) for each in issued.restated}
    news = any(not each.told and each not in told for each in now.restated)
    return not news and _content(issued) == _content(now)


def _content(statement: Statement) -> Statement:
    """All that a statement says of its period."""
    apart: dict[str, Any] = {"as_of_ms": 0, "made_with": "", "facts": Facts(0, "", 0, "", statement.facts.first_day), "compared": (), "restated": ()}
    return msgspec.structs.replace(statement, **apart)


def _said(later: Issued, number: int) -> dict[Key, tuple[Number | None, int]]:
    """What a later statement said of an earlier one."""
    return {(one.section, one.item, one.name): (one.now, later.number) for one in later.statement.restated if one.number == number}


def _differences(then: Statement, now: Statement, since: Since) -> dict[Key, tuple[Number | None, Number | None, Unit]]:
    before, after = _values(then), _values(now)
    found = {}
    for key in dict.fromkeys([*before, *after]):
        was, unit = before.get(key) or (None, after[key][1])
        is_now, _ = after.get(key) or (None, unit)
        if was != is_now:
            found[key] = (was, is_now, unit)
    posted = corrections_in(since, then)
    if posted:
        found[CORRECTIONS, "", "posted since, counted when posted"] = (0, sum(each.nanousd for each in posted), "nanousd")
    return found


def _values(statement: Statement) -> Values:
    """The figures that can be restated, those of the period before among them."""
    found: Values = {}
    for each in statement.figures:
        if each.unit == "percent" or each.name in WHOLE:
            continue
        found[each.section, each.item, each.name] = (each.value, each.unit)
        found[each.section, each.item, each.name + BEFORE] = (each.before, each.unit)
    return found
