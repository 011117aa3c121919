"""``wellspent spend``."""

from collections.abc import Sequence
from typing import Annotated

from cyclopts import Parameter

from wellspent.facts.clock import SystemClock
from wellspent.facts.errors import InvalidInput
from wellspent.ledger.reader import GROUPS, JournalReader, SpendRow
from wellspent.surfaces.cli.common import COMMON, SHAPE, Common, Shape, journal_path, talk
from wellspent.surfaces.cli.output import Column, count, emit, money, usd
from wellspent.surfaces.cli.when import ACCEPTED, local, since_ms, until_ms, zone_of

HOUR_MS = 3_600_000
TIMES = ("hour", "day", "month")
SUMS = ("calls", "context_tokens", "cached_tokens", "answer_tokens")


def spend(
    *,
    since: Annotated[str, Parameter(help=f"From when: {ACCEPTED}.")] = "30d",
    until: Annotated[str, Parameter(help="To when, the day or month included; now unless given.")] = "",
    by: Annotated[str, Parameter(help=f"Group by these, separated by commas: {', '.join(GROUPS)}.")] = "model",
    where: Annotated[tuple[str, ...], Parameter(help="Only calls with NAME=VALUE, e.g. team=core or tag=customer=acme; may be repeated.")] = (),
    tz: Annotated[str, Parameter(help="Time zone of days, e.g. Europe/Zurich; the configured one unless given.")] = "",
    common: Common = COMMON,
    shape: Shape = SHAPE,
) -> None:
    """Report what was spent through the gateway, dearest first, or by time where a time is grouped by."""
    config = common.load()
    zone = zone_of(tz or config.timezone)
    now_ms = SystemClock().now_ms()
    begin_ms, end_ms = since_ms(since, now_ms, zone), until_ms(until, now_ms, zone) if until else now_ms
    if end_ms <= begin_ms:
        raise InvalidInput(f"--until {until or 'now'} is not after --since {since}", fix="swap them")
    groups = tuple(dict.fromkeys(part.strip() for part in by.split(",") if part.strip()))
    found = JournalReader(journal_path(config)).spend(begin_ms, end_ms, groups, _filters(where), zone)
    if set(groups) & set(TIMES):
        found = sorted(found, key=lambda row: row.group)
    rows = [_row(row, groups) for row in found]
    if not shape.json and not shape.csv:
        known = f"{_priced(found)}{_edges(begin_ms, end_ms if until else 0)}"
        talk(f"{local(begin_ms, zone)} to {local(end_ms, zone)} ({zone.key}), as of {local(now_ms, zone)}; {known}")
    emit(rows, _columns(groups), shape, total=_total(found, groups) if groups and len(rows) > 1 else None, empty="nothing was spent")


def _edges(begin_ms: int, end_ms: int) -> str:
    """Spending is kept by whole hours of UTC: what is asked for from or to a moment within one takes in all of that hour."""
    if not begin_ms % HOUR_MS and not end_ms % HOUR_MS:
        return ""
    return "; kept by whole hours (UTC), so a moment within one takes in all of it (wellspent value has days to the millisecond)"


def _filters(written: Sequence[str]) -> dict[str, str]:
    filters = {}
    for each in written:
        name, equals, value = each.partition("=")
        if not equals:
            raise InvalidInput(f"{each!r} is not a filter", fix="write it as NAME=VALUE, e.g. team=core")
        if name in TIMES:
            raise InvalidInput(f"{each!r} filters by time", fix="use --since and --until")
        filters[name] = value
    return filters


def _columns(groups: Sequence[str]) -> list[Column]:
    named = [Column(name, name, show=lambda value: str(value) or "unknown") for name in groups]
    numbers = [
        Column("amount_text", "spent", right=True),
        Column("calls", "calls", right=True, show=count),
        Column("context_tokens", "tokens in", right=True, show=count),
        Column("cached_tokens", "of them cached", right=True, show=count),
        Column("answer_tokens", "tokens out", right=True, show=count),
        Column("estimated_calls", "estimated", right=True, show=count),
        Column("unpriced_calls", "unpriced", right=True, show=count),
    ]
    return named + numbers


def _row(row: SpendRow, groups: Sequence[str]) -> dict[str, object]:
    return {**dict(zip(groups, row.group, strict=True)), **_figures([row])}


def _figures(rows: Sequence[SpendRow]) -> dict[str, object]:
    nanousd = sum(row.nanousd for row in rows)
    qualities = {name: sum(row.by_quality.get(name, 0) for row in rows) for name in ("exact", "estimated", "unpriced")}
    return {
        **money("amount", None if nanousd == 0 and qualities["unpriced"] == sum(qualities.values()) > 0 else nanousd),
        "amount_text": amount_text(nanousd, qualities["unpriced"]),
        **{name: sum(getattr(row, name) for row in rows) for name in SUMS},
        **{f"{name}_calls": number for name, number in qualities.items()},
    }


def _total(rows: Sequence[SpendRow], groups: Sequence[str]) -> dict[str, object]:
    return {**dict.fromkeys(groups[1:], " "), groups[0]: "total", **_figures(rows)}


def amount_text(nanousd: int, unpriced_calls: int) -> str:
    """An amount for people that never reads unknown as zero."""
    if not unpriced_calls:
        return usd(nanousd)
    return f"{usd(nanousd)} + unknown" if nanousd else "unknown"


def _priced(rows: Sequence[SpendRow]) -> str:
    calls = sum(sum(row.by_quality.values()) for row in rows)
    unpriced = sum(row.by_quality.get("unpriced", 0) for row in rows)
    if not calls:
        return "no calls"
    return "every call is priced" if not unpriced else f"{unpriced:,} of {calls:,} calls have no known price and are not in the amounts"
