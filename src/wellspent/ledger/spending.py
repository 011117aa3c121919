"""What was spent in a stretch of time, by any dimensions: projected hours added up in SQL, and the rows they do not include yet."""

import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, tzinfo
from functools import cache
from typing import NamedTuple

from msgspec import Struct

from wellspent.facts.entry import Adjusted, Reserved, Settled
from wellspent.facts.errors import InvalidInput
from wellspent.facts.usage import Quality
from wellspent.ledger.projection import DIMENSIONS, HOUR_MS, SUMS, dimensions, hold_and_charge, sums_of
from wellspent.ledger.rows import tail

GROUPS = ("day", "hour", "month", *DIMENSIONS)
TIMES = frozenset(GROUPS[:3])
QUALITIES = tuple(str(quality) for quality in Quality)
_SUMMED = (*[f"sum({name})" for name in SUMS], *[f"sum(calls) filter (where quality = '{quality}')" for quality in QUALITIES])


class SpendRow(Struct, frozen=True):
    """Spending of one group.

    Attributes:
        group: Its values, in the order asked for.
        by_quality: Calls by quality; money of ``unpriced`` calls is not in ``nanousd`` beyond what could be priced.
    """

    group: tuple[str, ...]
    nanousd: int
    calls: int
    context_tokens: int
    cached_tokens: int
    answer_tokens: int
    overrun_nanousd: int
    by_quality: dict[str, int]

    @property
    def total_tokens(self) -> int:
        """Prompt and answer."""
        return self.context_tokens + self.answer_tokens


class _Sums(NamedTuple):
    """What was settled in an hour (0 where nobody asks for times), by the values of the kept dimensions.

    Attributes:
        sums: Of each of ``SUMS``.
        calls: Of each of ``QUALITIES``; None where there are none of it.
    """

    hour: int
    values: tuple[str, ...]
    sums: tuple[int, ...]
    calls: tuple[int | None, ...]


def spend(db: sqlite3.Connection, since_ms: int, until_ms: int, by: Sequence[str], where: Mapping[str, str], zone: tzinfo) -> list[SpendRow]:
    """See ``JournalReader.spend``."""
    unknown = [*(name for name in by if name not in GROUPS), *(name for name in where if name not in (*DIMENSIONS, "tag"))]
    if unknown:
        raise InvalidInput(f"spending is not kept by {unknown[0]!r}", fix=f"use {', '.join(GROUPS)}")
    kept = [name for name in DIMENSIONS if name in by]
    return _grouped(_sums(db, since_ms, until_ms, kept, not TIMES.isdisjoint(by), where), kept, by, zone)


def _sums(db: sqlite3.Connection, since_ms: int, until_ms: int, kept: Sequence[str], timed: bool, where: Mapping[str, str]) -> list[_Sums]:
    """Sums by hour and the kept dimensions: projected ones added up in SQL, the unprojected tail one by one."""
    filters = ["hour >= ?", "hour < ?"]
    values: list[object] = [since_ms // HOUR_MS, -(-until_ms // HOUR_MS)]
    for name, value in where.items():
        filters.append("(',' || tags || ',') like ?" if name == "tag" else f"{name} = ?")
        values.append(f"%,{value},%" if name == "tag" else value)
    columns = ", ".join(["hour" if timed else "0", *kept, *_SUMMED])
    keys = ["hour", *_in_stored_order(kept)] if timed else kept
    sql = f"select {columns} from spend where {' and '.join(filters)}" + (f" group by {', '.join(keys)}" if keys else "")
    first, last = 1 + len(kept), 1 + len(kept) + len(SUMS)
    found = [_Sums(row[0], row[1:first], row[first:last], row[last:]) for row in db.execute(sql, values) if row[first] is not None]
    for hour, dims, added in _unprojected(db):
        named = dict(zip(DIMENSIONS, dims, strict=True))
        fits = all(value in named["tags"].split(",") if name == "tag" else named.get(name) == value for name, value in where.items())
        if fits and since_ms // HOUR_MS <= hour < -(-until_ms // HOUR_MS):
            calls = tuple(added[1] if quality == named["quality"] else None for quality in QUALITIES)
            found.append(_Sums(hour if timed else 0, tuple(named[name] for name in kept), added, calls))
    return found


def _in_stored_order(kept: Sequence[str]) -> Sequence[str]:
    """What to group by, beside the hour. Rows are stored by hour, then org, team, person, key, each of which nearly says the one before:
    grouped in this order they need no sorting, which would take half of the time.
    """
    stored = DIMENSIONS[:4]
    return stored[: stored.index(kept[-1]) + 1] if kept and kept[-1] in stored else kept


def _grouped(found: Iterable[_Sums], kept: Sequence[str], by: Sequence[str], zone: tzinfo) -> list[SpendRow]:
    sums: dict[tuple[str, ...], list[int]] = {}
    qualities: dict[tuple[str, ...], dict[str, int]] = defaultdict(dict)
    told = cache(lambda hour: _times(hour, zone))
    timed = not TIMES.isdisjoint(by)
    for each in found:
        named = dict(zip(kept, each.values, strict=True))
        if timed:
            named |= told(each.hour)
        group = tuple([named[name] for name in by])
        sums[group] = [one + other for one, other in zip(sums[group], each.sums, strict=True)] if group in sums else list(each.sums)
        for quality, calls in zip(QUALITIES, each.calls, strict=True):
            if calls is not None:
                qualities[group][quality] = qualities[group].get(quality, 0) + calls
    rows = [_spend_row(group, each, qualities[group]) for group, each in sums.items()]
    return sorted(rows, key=lambda row: (-row.nanousd, row.group))


def _spend_row(group: tuple[str, ...], sums: list[int], by_quality: dict[str, int]) -> SpendRow:
    nanousd, calls, context_tokens, cached_tokens, answer_tokens, overrun_nanousd = sums
    return SpendRow(group, nanousd, calls, context_tokens, cached_tokens, answer_tokens, overrun_nanousd, by_quality)


def _unprojected(db: sqlite3.Connection) -> list[tuple[int, tuple[str, ...], tuple[int, ...]]]:
    """Hour, dimensions and sums of each settled call that the projections do not include yet."""
    rows: list[tuple[int, tuple[str, ...], tuple[int, ...]]] = []
    held: dict[str, Reserved] = {}
    for _, entry in tail(db):
        if isinstance(entry, Reserved):
            held[entry.call_id] = entry
        elif isinstance(entry, Settled | Adjusted):
            reserved, settled = held.get(entry.call_id), entry if isinstance(entry, Settled) else None
            if reserved is None or settled is None:
                reserved, settled = hold_and_charge(db, entry.call_id)
            if reserved is not None and settled is not None:
                rows.append((entry.at_ms // HOUR_MS, dimensions(reserved, settled, entry.quality), sums_of(entry)))
    return rows


def _times(hour: int, zone: tzinfo) -> dict[str, str]:
    at = datetime.fromtimestamp(hour * 3600, UTC).astimezone(zone)
    return {"day": f"{at:%Y-%m-%d}", "hour": f"{at:%Y-%m-%d %H:00}", "month": f"{at:%Y-%m}"}
