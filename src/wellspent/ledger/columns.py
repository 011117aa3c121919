"""Rows of the journal as columns: what is in a sealed day's file, and what the engine reads of rows that are not sealed yet.

A line is an ended call (settled or released) with its hold, a correction, or an opening balance; a call that is open over midnight is in
the day it ended.
"""

import sqlite3
from array import array
from collections.abc import Iterable, Sequence
from itertools import accumulate
from typing import Any, NamedTuple

import msgspec
import pyarrow as pa
import pyarrow.compute as pc
from msgspec import Struct
from msgspec.structs import astuple

from wellspent.facts.attribution import Attribution
from wellspent.facts.entry import Adjusted, Amounts, ChargeLine, Entry, Opened, Released, Reserved, Settled
from wellspent.facts.usage import UNITS, Quality, Usage
from wellspent.ledger.projection import hold_and_charge

LINES_AT_ONCE = 300  # become columns together: few enough that they are still in the processor's cache when they do
WHO = tuple(name for name in Attribution.__struct_fields__ if name != "tags")
INT64, TEXT = pa.int64(), pa.string()
_LINE = pa.struct([("unit", pa.string()), ("quantity", pa.int64()), ("rate", pa.string()), ("per", pa.int64()), ("amount_nanousd", pa.int64())])
_TEXTS = ("kind", "call_id", *WHO, "wire", "model_asked", "model", "upstream", "quality", "service_tier", "price_book", "reason", "for_day", "ref")
_NUMBERS = (
    "at_ms", "held_at_ms", "amount_nanousd", "tokens", "calls", "held_nanousd", "held_tokens", "overrun_nanousd", "status", "duration_ms",
    *UNITS, "row",
)  # fmt: skip
SCHEMA = pa.schema(
    [
        *[(name, pa.string()) for name in _TEXTS],
        *[(name, pa.int64()) for name in _NUMBERS],
        ("tags", pa.map_(pa.string(), pa.string())),
        ("windows", pa.list_(pa.string())),
        ("lines", pa.list_(_LINE)),
    ]
)
NO_HOLD = Reserved("", 0, Attribution(), "", "", "", Amounts())


class Lines:
    """Follows the journal row by row, and gathers its lines."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db
        self._held: dict[str, Reserved] = {}
        self._lines: list[_Ended] = []
        self._tables: list[pa.Table] = []

    def follow(self, row: int, entries: Iterable[Entry]) -> None:
        """Gather a row's lines."""
        for entry in entries:
            if isinstance(entry, Reserved):
                self._held[entry.call_id] = entry
            else:
                self._lines.append(self._line(row, entry))
        if len(self._lines) >= LINES_AT_ONCE:
            self._flush()

    def _line(self, row: int, entry: Settled | Released | Adjusted | Opened) -> "_Ended":
        if isinstance(entry, Opened):
            return _ended(entry, NO_HOLD, None, row)
        reserved = None if isinstance(entry, Adjusted) else self._held.pop(entry.call_id, None)
        if reserved is not None:
            return _ended(entry, reserved, None, row)
        reserved, settled = hold_and_charge(self._db, entry.call_id)
        return _ended(entry, reserved or NO_HOLD, settled, row)

    def _flush(self) -> None:
        if self._lines:
            columns = _columns(self._lines)
            self._tables.append(pa.table([_array(columns[field.name], field.type) for field in SCHEMA], schema=SCHEMA))
            self._lines = []

    def table(self) -> pa.Table:
        """All lines so far, in their order, in several chunks."""
        self._flush()
        return pa.concat_tables(self._tables) if self._tables else SCHEMA.empty_table()


def sum_nanousd(table: pa.Table) -> int:
    """Settled and corrected, together."""
    return int(pc.sum(table["amount_nanousd"]).as_py() or 0)


class _Ended(NamedTuple):
    """A line: every kind of entry as if it had settled, so that columns can be taken of all at once."""

    kind: str
    quality: str
    row: int
    hold: Reserved
    end: Settled


def _ended(entry: Entry, hold: Reserved, settled: Settled | None, row: int) -> _Ended:
    if isinstance(entry, Settled):
        return _Ended("settled", str(entry.quality), row, hold, entry)
    blank = Settled(entry.call_id, entry.at_ms, Amounts(), Quality.EXACT, Usage(), price_book=hold.price_book, status=0)
    if isinstance(entry, Opened):  # an opening balance is no spending
        return _Ended("opened", "", row, msgspec.structs.replace(hold, held=entry.spent, windows=(entry.window,)), blank)
    if isinstance(entry, Released):
        end = msgspec.structs.replace(blank, reason=entry.reason, status=entry.status, upstream=entry.upstream)
        return _Ended("released", "", row, hold, end)
    assert isinstance(entry, Adjusted)
    of_call = {"model": settled.model, "upstream": settled.upstream} if settled is not None else {}
    end = msgspec.structs.replace(
        blank, charged=entry.delta, reason=entry.reason, for_day=entry.for_day, price_book=entry.price_book, lines=entry.lines, **of_call
    )
    return _Ended("adjusted", str(entry.quality), row, hold, end)


def _columns(lines: list[_Ended]) -> dict[str, Sequence[Any]]:
    """Lines as columns. Fields are taken of all lines at once, which is several times faster than line by line."""
    kinds, qualities, rows, holds, ends = zip(*lines, strict=True)
    hold, end = _fields(Reserved, holds), _fields(Settled, ends)
    who, usage = _fields(Attribution, hold["attribution"]), _fields(Usage, end["usage"])
    held, charged = _fields(Amounts, hold["held"]), _fields(Amounts, end["charged"])
    return {
        **{name: who[name] for name in (*WHO, "tags")},
        **{name: usage[name] for name in (*UNITS, "service_tier")},
        **{name: end[name] for name in ("call_id", "at_ms", "overrun_nanousd", "upstream", "status", "duration_ms", "reason", "for_day", "ref")},
        **{name: hold[name] for name in ("wire", "model_asked", "windows")},
        "kind": kinds,
        "quality": qualities,
        "row": rows,
        "held_at_ms": hold["at_ms"],
        "held_nanousd": held["nanousd"],
        "held_tokens": held["tokens"],
        "amount_nanousd": charged["nanousd"],
        "tokens": charged["tokens"],
        "calls": charged["calls"],
        "model": [answered or asked for answered, asked in zip(end["model"], hold["model"], strict=True)],
        "price_book": end["price_book"],
        "lines": _charge_lines(end["lines"]),
    }


def _array(values: Sequence[Any] | pa.Array, kind: pa.DataType) -> pa.Array:
    """A column. Numbers by way of their bytes, and what is 0 or "" throughout without looking at each: half of the time."""
    count = len(values)
    if kind == INT64:
        return pa.Array.from_buffers(kind, count, [None, pa.py_buffer(array("q", values) if any(values) else bytes(8 * count))])
    if kind == TEXT and not any(values):
        return pa.Array.from_buffers(kind, count, [None, pa.py_buffer(bytes(4 * (count + 1))), pa.py_buffer(b"")])
    return pa.array(values, kind)


def _charge_lines(charges: Sequence[tuple[ChargeLine, ...]]) -> pa.Array:
    """Lists of charge lines as one flat table with the places where each list begins."""
    offsets = [0, *accumulate(map(len, charges))]
    flat = [line for each in charges for line in each]
    columns = _fields(ChargeLine, flat) if flat else dict.fromkeys(ChargeLine.__struct_fields__, ())
    parts = [_array(columns[field.name], field.type) for field in _LINE]
    return pa.ListArray.from_arrays(pa.array(offsets, pa.int32()), pa.StructArray.from_arrays(parts, fields=list(_LINE)))


def _fields(kind: type[Struct], records: Iterable[Struct]) -> dict[str, tuple[Any, ...]]:
    return dict(zip(kind.__struct_fields__, zip(*map(astuple, records), strict=True), strict=True))
