"""Figures of one contract: output and spending as two series, the cost of an outcome and why it changed, margin, rework, what it cost before."""

from collections.abc import Iterator
from shlex import quote
from urllib.parse import quote as quote_path

from msgspec import Struct

from wellspent.analytics.contract import Contract
from wellspent.analytics.statement.carried import LATE, LATE_NOTE, percent
from wellspent.analytics.statement.change import Change
from wellspent.analytics.statement.definition import vendor_words
from wellspent.analytics.statement.record import COUNTED, Figure, Number, Unit
from wellspent.analytics.value import Line
from wellspent.facts.money import parse_usd, round_half_even

OUTPUT, SPENT, EACH, MARGIN, REWORK = "output", "spending by contract", "cost per outcome", "margin", "rework"
BEFORE_AI, BY_OUTCOME = "before AI", "price by outcome"
ASSUMES = "95 %, by how its days vary; it takes them to be alike and independent, and is too narrow where they are not"


class Side(Struct, frozen=True):
    """A contract in a period beside the one before; None where nothing happened.

    Attributes:
        before_known: Whether the period before is known at all.
    """

    now: Line | None
    before: Line | None
    before_known: bool
    change: Change

    @property
    def grade(self) -> str:
        """Of the money."""
        return self.now.grade if self.now else "none"

    def sum(self, name: str) -> tuple[int, int | None]:
        """Outcomes or money, now and before: none where nothing happened."""
        before = getattr(self.before, name) if self.before else 0
        return getattr(self.now, name) if self.now else 0, before if self.before_known else None

    def unsure(self, name: str) -> tuple[int | None, int | None]:
        """What may be unknown even where spending and outcomes are known."""
        return getattr(self.now, name) if self.now else None, getattr(self.before, name) if self.before else None


def figures_of(contract: Contract, side: Side, days: str, months: str) -> Iterator[Figure]:
    """All of a contract's figures.

    Args:
        days: Flags of a command that say the period.
        months: The query of a page that says it.
    """
    yield from _output(contract, side, days)
    page = f"/value/{quote_path(contract.name, safe='')}?{months}"
    yield _figure(SPENT, contract, "spent", side.sum("spent_nanousd"), side.grade, page)
    note = "linked to outcomes that may still come to count: in no outcome's cost yet"
    yield _figure(SPENT, contract, "not counted yet", side.sum("open_nanousd"), side.grade, page, note=note)
    if any(side.sum("late_nanousd")):
        yield _figure(SPENT, contract, LATE, side.sum("late_nanousd"), side.grade, page, note=LATE_NOTE)
    yield from _each(contract, side, page)
    yield from _margin(contract, side, page)
    yield from _rework(contract, side, page)
    yield from _compared(contract, side, page)


def _figure(
    section: str,
    contract: Contract,
    name: str,
    pair: tuple[Number | None, Number | None],
    grade: str,
    open_: str,
    unit: Unit = "nanousd",
    note: str = "",
) -> Figure:
    return Figure(section, contract.name, name, unit, pair[0], grade, open_, pair[1], note=note)


def _output(contract: Contract, side: Side, days: str) -> Iterator[Figure]:
    listed = f"wellspent outcomes list --contract={quote(contract.name)} {days} --state "
    for name, state in (("settled", "counted"), ("pending", "pending"), ("reversed", "reversed")):
        yield _figure(OUTPUT, contract, name, side.sum(name), COUNTED, listed + state, "outcomes")
    (settled, settled_before), (undone, undone_before) = side.sum("settled"), side.sum("reversed")
    before = None if settled_before is None or undone_before is None else percent(undone_before, settled_before + undone_before)
    rate = percent(undone, settled + undone)
    yield _figure(OUTPUT, contract, "reversal rate", (rate, before), COUNTED, listed + "reversed", "percent")


def _each(contract: Contract, side: Side, page: str) -> Iterator[Figure]:
    now, change, grade = side.now, side.change, side.grade
    low, high = (now.low_nanousd, now.high_nanousd) if now else (None, None)
    each, before = side.unsure("each_nanousd")
    note = ASSUMES if low is not None else ""
    yield Figure(EACH, contract.name, EACH, "nanousd", each, grade if each is not None else "none", page, before, low, high, note)
    parts = (("change", change.nanousd), ("of which prices", change.price_nanousd), ("of which everything else", change.other_nanousd))
    for name, amount in parts:
        yield _figure(EACH, contract, name, (amount, None), grade if amount is not None else "none", page)


def _margin(contract: Contract, side: Side, page: str) -> Iterator[Figure]:
    revenue, before = side.unsure("revenue_nanousd")
    if revenue is None:
        return
    spent, spent_before = side.sum("spent_nanousd")
    margin = None if before is None or spent_before is None else before - spent_before
    yield _figure(MARGIN, contract, "revenue", (revenue, before), COUNTED, page, note="as the sources of the outcomes say")
    yield _figure(MARGIN, contract, "AI spending", (spent, spent_before), side.grade, page)
    yield _figure(MARGIN, contract, "revenue less AI spending", (revenue - spent, margin), side.grade, page, note="no other cost is taken off")


def _rework(contract: Contract, side: Side, page: str) -> Iterator[Figure]:
    yield _figure(REWORK, contract, "on what was undone", side.sum("undone_nanousd"), "C", f"{page}#became")
    yield _figure(REWORK, contract, "on undoing and mending", side.sum("redone_nanousd"), "C", f"{page}#became")
    (rework, rework_before), own = side.sum("rework_nanousd"), side.now.spent_nanousd - side.now.late_nanousd if side.now else 0
    own_before = side.before.spent_nanousd - side.before.late_nanousd if side.before else 0
    yield _figure(REWORK, contract, "rework", (rework, rework_before), "C", f"{page}#became")
    before = None if rework_before is None else percent(rework_before, own_before)
    yield _figure(REWORK, contract, "rework, share of spending", (percent(rework, own), before), "C", f"{page}#became", "percent")


def _compared(contract: Contract, side: Side, page: str) -> Iterator[Figure]:
    """What as many cost before there was AI, and by a vendor's price: declared figures beside measured ones."""
    baseline, vendor = contract.baseline, contract.vendor
    if baseline and baseline.cost_usd:
        one, source = parse_usd(baseline.cost_usd), f"declared: {baseline.source}"
        yield _figure(BEFORE_AI, contract, "one outcome before AI", (one, one), "none", page, note=source)
        yield _figure(BEFORE_AI, contract, "as many before AI", side.unsure("before_nanousd"), "none", page, note=source)
    if vendor:
        source = f"declared: {vendor.name}, {vendor_words(vendor)}"
        charged = side.unsure("vendor_nanousd")
        one_each = tuple(
            None if amount is None or not settled else round_half_even(amount, settled)
            for amount, settled in zip(charged, side.sum("settled"), strict=True)
        )
        yield _figure(BY_OUTCOME, contract, "one outcome by outcome price", (one_each[0], one_each[1]), "none", page, note=source)
        yield _figure(BY_OUTCOME, contract, "as many by outcome price", charged, "none", page, note=source)
