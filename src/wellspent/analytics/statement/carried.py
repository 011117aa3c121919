"""Figures of all spending: how well it is known, how much of it outcomes carry, and what nothing carries."""

from collections.abc import Iterator

from wellspent.analytics.allocate import TIERS
from wellspent.analytics.statement.record import COUNTED, Figure, Number
from wellspent.analytics.value import Value

SPENDING, CARRIED, COVERAGE, OUTCOMES = "spending", "carried by outcomes", "coverage", "outcomes"
GRADE_OF = {"linked": "C", "matched": "D", "split": "D", "unallocated": "none"}
NOT_RECONCILED = "none: no invoice has been reconciled"


def percent(part: int, whole: int) -> float | None:
    """A share; None of nothing."""
    return round(100 * part / whole, 4) if whole else None


def carried(now: Value, before: Value | None, days: str, months: str) -> Iterator[Figure]:
    """Spending by quality and by tier. Exact and estimated are the total; so are the tiers.

    Args:
        before: None where the spending of the period before is unknown.
        days: Flags of a command that say the period.
        months: The query of a page that says it.
    """
    by_quality, by_contract = f"wellspent spend {days} --by quality", f"wellspent value {days}"
    then = dict(_amounts(before)) if before else {}
    for name, amount in _amounts(now):
        if name in GRADE_OF:
            opens = f"/value/-?{months}" if name == "unallocated" else by_contract
            yield Figure(CARRIED, "", name, "nanousd", amount, GRADE_OF[name], opens, then.get(name))
            share, was = percent(amount, now.total_nanousd), percent(then[name], then["total"]) if then else None
            yield Figure(CARRIED, "", f"{name}, share", "percent", share, GRADE_OF[name], opens, was)
        else:
            yield Figure(SPENDING, "", name, "nanousd", amount, COUNTED, by_quality, then.get(name))
    for name, calls, was in _calls(now, before):
        yield Figure(SPENDING, "", name, "calls", calls, COUNTED, by_quality, was)


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


def coverage(now: Value, days: str) -> Iterator[Figure]:
    """How much of the period is known, and how well."""
    calls, by_quality = now.calls, f"wellspent spend {days} --by quality"
    exact = calls.calls - calls.estimated_calls - calls.unpriced_calls
    for name, count in (("priced exactly", exact), ("estimated", calls.estimated_calls), ("without a price", calls.unpriced_calls)):
        yield Figure(COVERAGE, "", f"calls {name}", "percent", percent(count, calls.calls), COUNTED, by_quality)
    linked = sum(line.linked_nanousd for line in now.lines)
    yield Figure(COVERAGE, "", "spending linked by id", "percent", percent(linked, now.total_nanousd), "C", f"wellspent value {days}")
    yield Figure(COVERAGE, "", "spending reconciled to invoices", "percent", 0, COUNTED, "wellspent ledger verify", note=NOT_RECONCILED)


def around(now: Value, before: Value | None) -> Iterator[Figure]:
    """Outcomes that no figure above is about."""
    unlinked = "wellspent outcomes list --unlinked"
    yield Figure(
        OUTCOMES,
        "",
        "without a link",
        "outcomes",
        now.unlinked,
        COUNTED,
        unlinked,
        before.unlinked if before else None,
        note="counted, but no id leads money to them",
    )
    whole = "of all that are known, whenever they happened"
    yield Figure(OUTCOMES, "", "of no contract", "outcomes", now.uncounted, COUNTED, "wellspent outcomes list", note=whole)
    yield Figure(OUTCOMES, "", "reversals of outcomes that nobody told of", "outcomes", now.waiting, COUNTED, "wellspent outcomes list", note=whole)
