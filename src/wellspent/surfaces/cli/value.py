"""``wellspent value``: what a dollar bought."""

from typing import Annotated, Literal

from cyclopts import Parameter

from wellspent.analytics.engine.questions import value as value_of
from wellspent.analytics.value import Line, Value
from wellspent.facts.clock import SystemClock
from wellspent.facts.money import format_usd
from wellspent.surfaces.cli.common import COMMON, SHAPE, Common, Shape, talk
from wellspent.surfaces.cli.outcomes import engine_of
from wellspent.surfaces.cli.output import Column, count, emit, money, usd
from wellspent.surfaces.cli.when import ACCEPTED, PERIODS, before, days_of, local, zone_of

COUNTS = ("settled", "pending", "reversed")
AMOUNTS = ("spent", "linked", "matched", "split", "open", "late", "rework", "price", "each", "low", "high", "revenue", "worth", "before", "vendor")


def _count(value: object) -> str:
    """A number of outcomes; nothing where a line has none to count."""
    return "" if value is None else count(value)


COLUMNS = (
    Column("contract", "contract"),
    Column("period", "month"),
    Column("settled", "settled", right=True, show=_count),
    Column("pending", "pending", right=True, show=_count),
    Column("reversed", "reversed", right=True, show=_count),
    Column("spent_text", "spent", right=True),
    Column("linked_text", "linked", right=True),
    Column("matched_text", "matched", right=True),
    Column("split_text", "split", right=True),
    Column("rework_text", "rework", right=True),
    Column("each_text", "for each", right=True),
    Column("grade", "grade"),
    Column("worth_text", "worth", right=True),
    Column("before_text", "before AI", right=True),
    Column("vendor_text", "by outcome", right=True),
)


def value(
    *,
    since: Annotated[str, Parameter(help=f"From which day: {ACCEPTED}.")] = "this-month",
    until: Annotated[str, Parameter(help="To which day, included; today unless given.")] = "today",
    by: Annotated[Literal["month", "week", "day"], Parameter(help="A line for each month, week or day.")] = "month",
    common: Common = COMMON,
    shape: Shape = SHAPE,
) -> None:
    """Report what spending bought: outcomes by contract and month, what was spent on them, and how surely. Never one number for all.

    Spending is linked to an outcome by an id, matched to it by a contract's rule, split over several, or unallocated; the four sum to the total.
    """
    config = common.load()
    clock, zone = SystemClock(), zone_of(config.timezone)
    now_ms = clock.now_ms()
    first, after = days_of(since, until, now_ms, zone)
    with engine_of(config) as engine:
        found = value_of(engine, first, after, now_ms, PERIODS[by])
    if not shape.json and not shape.csv:
        talk(f"{first} to {before(after)} ({zone.key}), as of {local(now_ms, zone)}; {_coverage(found)}")
    emit([*map(_row, found.lines), _rest(found)], COLUMNS, shape, total=_total(found))


def _row(line: Line) -> dict[str, object]:
    row: dict[str, object] = {"contract": line.contract, "period": line.period}
    row |= {name: getattr(line, name) for name in (*COUNTS, "reversal_percent", "grade")}
    for name in AMOUNTS:
        amount = getattr(line, f"{name}_nanousd")
        row |= money(name, amount) | {f"{name}_text": usd(amount)}
    return row


def _blank(contract: str, **amounts_nanousd: int) -> dict[str, object]:
    """A line that is no contract's: only these amounts mean anything in it."""
    row: dict[str, object] = {"contract": contract, "period": "", **dict.fromkeys((*COUNTS, "reversal_percent", "grade"))}
    for name in AMOUNTS:
        amount = amounts_nanousd.get(name)
        row |= money(name, amount) | {f"{name}_text": "" if amount is None else usd(amount)}
    return row


def _rest(found: Value) -> dict[str, object]:
    """What no outcome carries, as a line of its own."""
    return _blank("unallocated", spent=found.unallocated_nanousd)


def _total(found: Value) -> dict[str, object]:
    tiers = {name: sum(getattr(line, f"{name}_nanousd") for line in found.lines) for name in ("linked", "matched", "split")}
    return _blank("total", spent=found.total_nanousd, **tiers)


def _coverage(found: Value) -> str:
    """How much of the money and of the outcomes this is about."""
    carried = found.total_nanousd - found.unallocated_nanousd
    share = f"{100 * carried / found.total_nanousd:.0f} %" if found.total_nanousd else "none"
    told = [f"{share} of {format_usd(found.total_nanousd)} is carried by outcomes"]
    if found.calls.unpriced_calls:
        told.append(f"{found.calls.unpriced_calls:,} calls have no known price")
    if found.late_nanousd:
        told.append(f"{format_usd(found.late_nanousd)} of it are corrections that belong to other periods: they are in no outcome's cost")
    if found.unlinked:
        told.append(f"{found.unlinked:,} outcomes name nothing by which money finds them")
    if found.uncounted:
        told.append(f"{found.uncounted:,} are of no contract")
    if found.waiting:
        told.append(f"{found.waiting:,} reversals wait for their outcome")
    return "; ".join(told)
