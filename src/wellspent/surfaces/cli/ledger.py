"""``wellspent ledger``."""

import time

import msgspec

from wellspent.ledger.verify import verify as verify_journal
from wellspent.surfaces.cli.common import COMMON, SHAPE, Common, Shape, journal_path, talk
from wellspent.surfaces.cli.output import Column, emit, money


def verify(*, common: Common = COMMON, shape: Shape = SHAPE) -> None:
    """Re-derive the journal: the chain of hashes, one end for each hold, and every balance. Exits with 1 where something does not."""
    path = journal_path(common.load())
    started = time.monotonic()
    found = verify_journal(path)
    took_s = time.monotonic() - started
    row = {**msgspec.structs.asdict(found), **money("settled", found.settled_nanousd)}
    if not shape.json and not shape.csv:
        talk(f"sound: {found.entries:,} entries re-derived in {took_s:.1f} s. Keep the head hash elsewhere, and nobody can change the past unseen")
    columns = [
        Column(name, name.replace("_", " "), right=name != "head_hash")
        for name in ("rows", "entries", "calls", "open_holds", "settled_usd", "head_hash")
    ]
    emit([row], columns, shape)
