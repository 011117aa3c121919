"""Statements to test with: composed of days that are made up, by the real functions."""

from collections.abc import Sequence
from typing import Any

from wellspent.analytics.contract import Baseline, Contract, Vendor
from wellspent.analytics.statement.compose import Asked, Told, compose
from wellspent.analytics.statement.period import Span, before, months_of, span_of, whole
from wellspent.analytics.statement.record import Facts, Statement
from wellspent.analytics.value import Bought, Calls, Spent, assemble
from wellspent.budgets.window import Calendar

USD = 10**9
CALENDAR = Calendar()
SUPPORT = Contract(
    "support",
    "solved",
    settle_after="72h",
    worth_usd="6.50",
    baseline=Baseline("time study", "8.20", 14),
    vendor=Vendor("Fin", "0.99"),
    match={"team": "care"},
)
CHANGES = Contract("changes", "merged", rework=("reverting",))
FACTS = Facts(284, "a" * 64, 2734, "b" * 64, "2026-01-01")


def spent(contract: str, day: str, nanousd: int, **said: Any) -> Spent:
    """Money of a day."""
    fields = {"tier": "linked" if contract else "unallocated", "rule": "", "state": "counted" if contract else "", **said}
    return Spent(contract, day, nanousd=nanousd, **fields)


def bought(contract: str, day: str, settled: int, **said: Any) -> Bought:
    """Outcomes of a day."""
    fields = {"pending": 0, "reversed": 0, "valued_nanousd": 0, "unvalued": settled, "unlinked": 0, **said}
    return Bought(contract, day, settled, **fields)


def asked(period: str = "2026-10", *, calendar: Calendar = CALENDAR, **said: Any) -> Asked:
    """What a statement is asked for."""
    span = span_of(period, calendar)
    held = before(span, calendar)
    fields: dict[str, Any] = {
        "span": span, "last": f"{months_of(span)[-1]}-31", "before": held, "before_text": held.title, "org": "acme", "timezone": "UTC",
        "as_of_ms": 1_800_000_000_000, "provisional": False, "made_with": "1.0", "facts": FACTS, **said,
    }  # fmt: skip
    return Asked(**fields)


def stated(
    contracts: Sequence[Contract],
    monies: Sequence[Spent],
    outcomes: Sequence[Bought],
    period: str = "2026-10",
    *,
    calls: Calls | None = None,
    told: Told | None = None,
    months_from: str = "",
    **said: Any,
) -> Statement:
    """A statement of such days."""
    of = asked(period, **said)

    def within(span: Span, by: str) -> Any:
        return assemble(
            contracts,
            [each for each in monies if span.first <= each.day < span.after],
            [each for each in outcomes if span.first <= each.day < span.after],
            (lambda day: day[:7]) if by == "month" else whole(span),
            calls=calls,
        )

    all_of_it = Span("", "", months_from or of.before.first, of.span.after, 0)
    return compose(of, contracts, within(of.span, ""), within(of.before, ""), within(all_of_it, "month"), told)
