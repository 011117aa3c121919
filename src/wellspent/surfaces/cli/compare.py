"""``wellspent contract compare``: per token or per outcome."""

from collections.abc import Sequence
from typing import Annotated
from zoneinfo import ZoneInfo

from cyclopts import Parameter

from wellspent.analytics.compare import Comparison, Month, MonthCost, Stretch
from wellspent.analytics.compare import compare as compared
from wellspent.analytics.contract import Contract
from wellspent.analytics.engine.questions import value as value_of
from wellspent.analytics.value import Line
from wellspent.facts.clock import SystemClock, day_of
from wellspent.facts.money import format_usd
from wellspent.ledger.reader import JournalReader
from wellspent.surfaces.cli.common import COMMON, SHAPE, Common, Shape, journal_path, talk
from wellspent.surfaces.cli.contract import named
from wellspent.surfaces.cli.outcomes import engine_of
from wellspent.surfaces.cli.output import Column, count, emit, emit_json, money, usd
from wellspent.surfaces.cli.when import ACCEPTED, PERIODS, before, days_of, local, zone_of

COLUMNS = (
    Column("period", "month"),
    Column("settled", "settled", right=True, show=count),
    Column("pending", "pending", right=True, show=count),
    Column("reversed", "reversed", right=True, show=count),
    Column("tokens_nanousd", "by tokens", right=True, show=usd),
    Column("outcome_nanousd", "by outcome", right=True, show=usd),
    Column("cheaper_text", "cheaper"),
)
WORDS = {"tokens": "by tokens", "outcome": "by outcome", "same": "the same", "unknown": "unknown"}


def compare(
    name: str,
    *,
    since: Annotated[str, Parameter(help=f"From the month of: {ACCEPTED}.")] = "90d",
    until: Annotated[str, Parameter(help="To when, the day or month included; now unless given.")] = "",
    common: Common = COMMON,
    shape: Shape = SHAPE,
) -> None:
    """Report what a contract's outcomes cost by tokens, what they would cost by outcome, and from how many a month the other way is cheaper.

    Args:
        name: The contract, as the configuration names it.
    """
    config = common.load()
    contract = named(config, name)
    zone, now_ms = zone_of(config.timezone), SystemClock().now_ms()
    first, after = days_of(since, until or "today", now_ms, zone)
    first, today = f"{first[:7]}-01", day_of(now_ms, zone.key)
    with engine_of(config) as engine:
        lines = [line for line in value_of(engine, first, after, now_ms, PERIODS["month"]).lines if line.contract == name]
    parts = _parts(JournalReader(journal_path(config)).first_ms(), min(after, today), zone)
    found = compared(contract, [_month(line, whole=line.period not in parts) for line in lines])
    rows = [_row(each) for each in found.months]
    if shape.json:
        emit_json({**_summary(contract, found), "since": first, "until": before(after), "months": [_plain(row) for row in rows]})
        return
    if not shape.csv:
        talk(f"{first} to {before(after)} ({zone.key}), as of {local(now_ms, zone)}")
        talk("\n".join(_told(contract, found)))
    emit(rows, COLUMNS, shape)


def _parts(begin_ms: int | None, until: str, zone: ZoneInfo) -> set[str]:
    """The months of which a part is missing: the one that is not over, and the one in which the ledger began after its first day.

    Args:
        begin_ms: When the ledger began.
        until: The first day that is not asked for.
    """
    began = day_of(begin_ms, zone.key) if begin_ms is not None else "-01"
    late = set() if began.endswith("-01") else {began[:7]}
    return late | (set() if until.endswith("-01") else {until[:7]})


def _month(line: Line, *, whole: bool) -> Month:
    return Month(line.period, line.settled, line.pending, line.reversed, line.spent_nanousd, whole)


def _row(cost: MonthCost) -> dict[str, object]:
    month = cost.month
    return {
        "period": month.period,
        "settled": month.settled,
        "pending": month.pending,
        "reversed": month.reversed,
        **money("spent", month.spent_nanousd),
        **money("tokens", cost.tokens_nanousd),
        **money("outcome", cost.outcome_nanousd),
        "cheaper": cost.cheaper,
        "whole": month.whole,
        "cheaper_text": WORDS[cost.cheaper] + ("" if month.whole else " (not whole)"),
    }


def _plain(row: dict[str, object]) -> dict[str, object]:
    return {name: value for name, value in row.items() if not name.endswith("_text")}


def _summary(contract: Contract, found: Comparison) -> dict[str, object]:
    row: dict[str, object] = {"contract": contract.name, "vendor": contract.vendor.name if contract.vendor else ""}
    row |= {name: getattr(found, name) for name in ("settled", "pending", "reversed", "cheaper", "sure")}
    row["months_counted"] = found.counted
    for name in ("tokens", "outcome", "tokens_each", "outcome_each", "low_each", "high_each", "price"):
        row |= money(name, getattr(found, f"{name}_nanousd"))
    return row | {"stretches": [{"from": each.first, "cheaper": each.cheaper} for each in found.stretches]}


def _told(contract: Contract, found: Comparison) -> list[str]:
    """What a person reads first: each way for one, where it turns, and how sure that is."""
    if found.tokens_nanousd is None:
        return [f"no spending is linked, matched or split to {contract.name!r}, so what it costs by tokens is unknown"]
    each = f"by tokens {usd(found.tokens_each_nanousd)} each, by outcome {usd(found.outcome_each_nanousd)} each"
    told = [f"{each}; {turns(found.stretches)}" if found.stretches else f"nothing settled: by tokens {usd(found.tokens_nanousd)} in all"]
    if found.price_nanousd is not None:
        told.append(f"by outcome would cost no more at {format_usd(found.price_nanousd)} or less for one, the vendor's other terms as they are")
    whole = any(each.month.whole for each in found.months)
    months = f"{found.counted:,} whole month{'s' if found.counted > 1 else ''}" if whole else "the part of a month"
    told.append(f"over {months}: {found.settled:,} settled, {found.pending:,} pending, {found.reversed:,} reversed; {_sure(found)}")
    return told


def turns(stretches: Sequence[Stretch]) -> str:
    """Where the other way is cheaper: ``by outcome would be cheaper below 412 a month``."""
    ends = [*(each.first for each in stretches[1:]), None]
    spans = [(each.first, end) for each, end in zip(stretches, ends, strict=True) if each.cheaper == "outcome"]
    if not spans:
        return "by tokens would be no dearer at any number a month"
    return "by outcome would be cheaper " + " and ".join(_span(*each) for each in spans)


def _span(first: int, end: int | None) -> str:
    if end is None:
        return "at any number a month" if first == 1 else f"from {first:,} a month on"
    return f"below {end:,} a month" if first == 1 else f"from {first:,} to {end - 1:,} a month"


def _sure(found: Comparison) -> str:
    had = found.settled + found.reversed
    rate = f"{100 * found.reversed / had:.1f} % of what had settled was undone" if had else "nothing had settled"
    ends = f"by tokens between {usd(found.low_each_nanousd)} and {usd(found.high_each_nanousd)} each"
    verdict = "the answer is the same at both ends" if found.sure else "the answer is not the same at both ends"
    return f"{rate}. If all pending settle, and if as many are undone again: {ends}; {verdict}"
