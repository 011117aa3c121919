"""``wellspent ledger``."""

import time

import msgspec

from wellspent.facts.clock import SystemClock
from wellspent.ledger import statements
from wellspent.ledger.sealed import FOLDER
from wellspent.ledger.verify import verify as verify_journal
from wellspent.surfaces.cli.common import COMMON, SHAPE, Common, Shape, journal_path, talk
from wellspent.surfaces.cli.output import Column, emit, money


def verify(*, common: Common = COMMON, shape: Shape = SHAPE) -> None:
    """Re-derive the journal: the chain of hashes, one end for each hold, every balance, every sealed day; and every issued statement.

    Exits with 1 where one does not.
    """
    path = journal_path(common.load())
    started = time.monotonic()
    found = verify_journal(path, sealed=True)
    issued = len(statements.check(path.parent / statements.FOLDER, path))
    counted = msgspec.structs.asdict(found)
    sealed_days = counted.pop("sealed_days")
    row = {**counted, **money("settled", found.settled_nanousd), "sealed_days": sealed_days, "statements": issued}
    took_s = time.monotonic() - started
    if not shape.json and not shape.csv:
        talk(f"sound: {found.entries:,} entries re-derived in {took_s:.1f} s. Keep the head hash elsewhere, and nobody can change the past unseen")
    columns = [
        Column(name, name.replace("_", " "), right=name != "head_hash")
        for name in ("rows", "entries", "calls", "open_holds", "settled_usd", "sealed_days", "statements", "head_hash")
    ]
    emit([row], columns, shape)


def seal(*, common: Common = COMMON, shape: Shape = SHAPE) -> None:
    """Seal each closed day (UTC) into a Parquet file with a manifest, chained to the day before. A serving gateway does so by itself."""
    from wellspent.ledger import close  # Parquet is only loaded where it is used

    path = journal_path(common.load())
    done = close.seal(path, SystemClock().now_ms())
    if not shape.json and not shape.csv:
        talk(f"{len(done)} days sealed in {path.parent / FOLDER}" if done else "no closed day is left to seal")
    rows = [{**msgspec.structs.asdict(each), **money("settled", each.nanousd)} for each in done]
    if rows or shape.json or shape.csv:
        names = ("day", "rows", "settled_usd", "first_row", "last_row", "sha256")
        emit(rows, [Column(name, name.replace("_", " "), right=name not in ("day", "sha256")) for name in names], shape)
