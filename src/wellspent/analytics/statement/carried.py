"""Figures of all spending: how well it is known, how much of it outcomes carry, and what nothing carries."""

from collections.abc import Iterator, Mapping

from wellspent.analytics.allocate import TIERS
from wellspent.analytics.statement.record import COUNTED, Figure, Number
from wellspent.analytics.value import Value

SPENDING, CARRIED, COVERAGE, OUTCOMES = "spending", "carried by outcomes", "coverage", "outcomes"
GRADE_OF = {"linked": "C", "matched": "D", "split": "D", "unallocated": "none"}
LATE = "corrections of earlier periods"
LATE_NOTE = "posted in this period for days of others: part of the total, in no outcome's cost and no rework"
NOT_RECONCILED = "none: no invoice has been reconciled"


def percent(part: int, whole: int) -> float | None:
    """A share; None of nothing, and where corrections leave a part below zero or above the whole: that is no share."""
    return round(100 * part / whole, 4) if whole and 0 <= part <= whole else None


def carried(now: Value, before: Value | None, days: str, months: str) -> Iterator[Figure]:
    """Spending by quality and by tier. Exact and estimated are the total; so are the tiers.

    Args:
        before: None where the spending of the period before is unknown.
        days: Flags of a command that say the period.
        months: The query of a page that says it.
    """
    by_quality = f"wellspent spend {days} --by quality"
    opened = {tier: f"/calls?{months}&tier={tier}" for tier in ("linked", "matched")}  # what is split is shared out month by month, by contract
    opened |= {"split": f"wellspent value {days}", "unallocated": f"/value/-?{months}"}
    amounts, then = dict(_amounts(now)), dict(_amounts(before)) if before else {}
    for name, amount in amounts.items():
        if name in GRADE_OF:
            opens = opened[name]
            yield Figure(CARRIED, "", name, "nanousd", amount, GRADE_OF[name], opens, then.get(name))
            share, was = _share(amounts, name), _share(then, name) if then else None
            yield Figure(CARRIED, "", f"{name}, share", "percent", share, GRADE_OF[name], opens, was)
        else:
            yield Figure(SPENDING, "", name, "nanousd", amount, COUNTED, by_quality, then.get(name))
    late, was_late = now.late_nanousd, before.late_nanousd if before else None
    if late or was_late:
        yield Figure(SPENDING, "", LATE, "nanousd", late, COUNTED, f"wellspent value {days}", was_late, note=LATE_NOTE)
    for name, calls, was in _calls(now, before):
        yield Figure(SPENDING, "", name, "calls", calls, COUNTED, by_quality, was)


def _share(amounts: Mapping[str, int], tier: str) -> float | None:
    """Of the total; None where corrections leave a tier below zero, because the others are then no shares either."""
    return None if any(amounts[each] < 0 for each in TIERS) else percent(amounts[tier], amounts["total"])


def _amounts(found: Value) -> Iterator[tuple[str, int]]:
    yield "total", found.total_nanousd
    yield "exact", found.total_nanousd - found.calls.estimated_nanousd
    yield "estimated", found.calls.estimated_nanousd
    for tier in TIERS:
        yield tier, found.unallocated_nanousd if tier == "unallocated" else sum(getattr(line, f"{tier}_nanousd") for line in found.lines)


def _calls(now: Value, before: Value | None) -> Iterator[tuple[str, int, Number | None]]:
    then = before.calls if before else None
    yield "calls", now.calls.calls, then.calls if then else None
    yield "calls without a price", now.calls.unpriced_calls, then.unpriced_calls if then else None


def coverage(now: Value, days: str, months: str) -> Iterator[Figure]:
    """How much of the period is known, and how well."""
    calls, by_quality = now.calls, f"wellspent spend {days} --by quality"
    exact = calls.calls - calls.estimated_calls - calls.unpriced_calls
    for name, count in (("priced exactly", exact), ("estimated", calls.estimated_calls), ("without a price", calls.unpriced_calls)):
        yield Figure(COVERAGE, "", f"calls {name}", "percent", percent(count, calls.calls), COUNTED, by_quality)
    yield Figure(COVERAGE, "", "spending linked by id", "percent", _share(dict(_amounts(now)), "linked"), "C", f"/calls?{months}&tier=linked")
    yield Figure(COVERAGE, "", "spending reconciled to invoices", "percent", 0, COUNTED, "wellspent ledger verify", note=NOT_RECONCILED)


def around(now: Value, before: Value | None, days: str) -> Iterator[Figure]:
    """Outcomes that no figure above is about."""
    listed, then = "wellspent outcomes list", before.unlinked if before else None
    unlinked = f"{listed} --contract=+ {days} --state settled --unlinked"
    yield Figure(OUTCOMES, "", "without a link", "outcomes", now.unlinked, COUNTED, unlinked, then, note="counted, but no id leads money to them")
    whole = "of all that are known, whenever they happened"
    yield Figure(OUTCOMES, "", "of no contract", "outcomes", now.uncounted, COUNTED, f"{listed} --contract=-", note=whole)
    nobody = "reversals of outcomes that nobody told of"
    yield Figure(OUTCOMES, "", nobody, "outcomes", now.waiting, COUNTED, f"{listed} --state waits", note=whole)
