"""``wellspent ledger``."""

import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import msgspec

from wellspent.facts.clock import SystemClock
from wellspent.ledger import statements
from wellspent.ledger.verify import verify as verify_journal
from wellspent.surfaces.cli.common import COMMON, SHAPE, Common, Shape, journal_path, talk
from wellspent.surfaces.cli.output import Column, emit, money


def verify(*, common: Common = COMMON, shape: Shape = SHAPE) -> None:
    """Re-derive the journal: the chain of hashes, one end for each hold, every balance, every sealed day; and every issued statement.

    Exits with 1 where one does not.
    """
    path = journal_path(common.load())
    started = time.monotonic()
    with ThreadPoolExecutor(1) as beside:  # sealed days are derived by processes of their own meanwhile
        sealed_days = beside.submit(_sealed_days, path)
        found = verify_journal(path)
        row = {**msgspec.structs.asdict(found), **money("settled", found.settled_nanousd), "sealed_days": sealed_days.result()}
        row["statements"] = len(statements.check(path.parent / statements.FOLDER, path))
    took_s = time.monotonic() - started
    if not shape.json and not shape.csv:
        talk(f"sound: {found.entries:,} entries re-derived in {took_s:.1f} s. Keep the head hash elsewhere, and nobody can change the past unseen")
    columns = [
        Column(name, name.replace("_", " "), right=name != "head_hash")
        for name in ("rows", "entries", "calls", "open_holds", "settled_usd", "sealed_days", "statements", "head_hash")
    ]
    emit([row], columns, shape)


def _sealed_days(path: Path) -> int:
    """How many sealed days there are, all of them derived again."""
    from wellspent.ledger import close  # Parquet is only loaded where it is used

    return len(close.check(path))


def seal(*, common: Common = COMMON, shape: Shape = SHAPE) -> None:
    """Seal each closed day (UTC) into a Parquet file with a manifest, chained to the day before. A serving gateway does so by itself."""
    from wellspent.ledger import close

    path = journal_path(common.load())
    done = close.seal(path, SystemClock().now_ms())
    if not shape.json and not shape.csv:
        talk(f"{len(done)} days sealed in {path.parent / close.FOLDER}" if done else "no closed day is left to seal")
    rows = [{**msgspec.structs.asdict(each), **money("settled", each.nanousd)} for each in done]
    if rows or shape.json or shape.csv:
        names = ("day", "rows", "settled_usd", "first_row", "last_row", "sha256")
        emit(rows, [Column(name, name.replace("_", " "), right=name not in ("day", "sha256")) for name in names], shape)
