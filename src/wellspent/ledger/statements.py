"""Statements as issued: one file each, never changed, chained by hash to the one before.

``statements/0003-2026-10-v2.json`` in the data folder is the third that was issued, and the second for its period: it supersedes the first,
which stays. What is in a statement is not this room's business: its text is kept as it came.
"""

import hashlib
import os
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import msgspec
from msgspec import Struct

from wellspent import limits
from wellspent.facts.clock import Clock, SystemClock
from wellspent.facts.errors import ConfigError, InvalidInput, JournalCorrupt, NotFound
from wellspent.ledger.lock import alone
from wellspent.ledger.outcomes import FILE as OUTCOMES
from wellspent.ledger.outcomes import OutcomeLog
from wellspent.ledger.reader import JournalReader

FOLDER = "statements"  # in the data folder
FIRST_HASH = "0" * 64
FIX_FACTS = "restore journal.db and outcomes.db from a copy that fits the statement"
FIX = "restore the folder statements from a copy; the statements before this one are sound"


class _Facts(Struct):
    """What a statement says of the facts it was made from."""

    journal_row: int
    journal_hash: str
    outcome_event: int
    outcome_hash: str


class _Statement(Struct):
    """All that this room reads of a statement."""

    facts: _Facts


class Kept(Struct, frozen=True):
    """One statement as issued.

    Attributes:
        number: 1 for the first that was issued.
        version: 1 for the first of its period.
        supersedes: The number of the one of the same period before; 0 for none.
        issued_by: Who did, as the machine knows them.
        previous: The digest of the statement before; it covers all before.
        statement: As it came, in JSON.
        digest: SHA-256 of all of the above.
    """

    number: int
    period: str
    version: int
    supersedes: int
    issued_at_ms: int
    issued_by: str
    previous: str
    statement: msgspec.Raw
    digest: str = ""

    @property
    def file(self) -> str:
        """Its file's name."""
        return f"{self.number:04d}-{self.period}-v{self.version}.json"


class Issuance(Struct, frozen=True):
    """What came of issuing.

    Attributes:
        kept: The statement as it is kept.
        new: False where the newest of its period says the same already, so that nothing was added.
    """

    kept: Kept
    new: bool


def issue(folder: Path, period: str, statement: bytes, clock: Clock, issued_by: str, same: Callable[[msgspec.Raw], bool]) -> Issuance:
    """Keep a statement for ever, unless the newest of its period says the same. It is written whole or not at all; its time is that of its number.

    Args:
        same: Whether an issued statement says all that this one says.

    Raises JournalLocked where another process is issuing, JournalCorrupt where an earlier one was changed, InvalidInput for one too large.
    """
    if len(statement) > limits.STATEMENT_BYTES_MAX:
        told = f"the statement has {len(statement):,} bytes, and at most {limits.STATEMENT_BYTES_MAX:,} are kept"
        raise InvalidInput(told, fix="write fewer contracts (STATEMENT_BYTES_MAX)")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with alone(folder, f"issuing a statement in {folder}"):
            before = verify(folder)
            of_period = [each for each in before if each.period == period]
            if of_period and same(of_period[-1].statement):
                return Issuance(of_period[-1], new=False)
            kept = _next(before, of_period, period, clock.now_ms(), issued_by, statement)
            _write(folder, kept)
    except OSError as error:
        raise ConfigError(f"{folder} cannot be written: {error.strerror}", fix="check the disk's space and the folder's permissions") from None
    return Issuance(kept, new=True)


def _next(before: list[Kept], of_period: list[Kept], period: str, now_ms: int, issued_by: str, statement: bytes) -> Kept:
    supersedes, previous = (of_period[-1].number if of_period else 0), (before[-1].digest if before else FIRST_HASH)
    kept = Kept(len(before) + 1, period, len(of_period) + 1, supersedes, now_ms, issued_by, previous, msgspec.Raw(statement))
    return msgspec.structs.replace(kept, digest=_digest(kept))


def verify(folder: Path) -> list[Kept]:
    """Every statement, oldest first, each derived again from its file. Raises JournalCorrupt that names the first which was changed."""
    found: list[Kept] = []
    previous = FIRST_HASH
    for kept, path in sorted(((_read(path), path) for path in folder.glob("*.json")), key=lambda pair: pair[0].number):
        if kept.number != len(found) + 1 or path.name != kept.file:
            raise JournalCorrupt(f"statement {len(found) + 1} is missing from {folder}", fix=FIX)
        if kept.previous != previous or kept.digest != _digest(kept) or path.read_bytes() != _bytes(kept):
            raise JournalCorrupt(f"statement {kept.number} ({path.name}) was changed since it was issued", fix=FIX)
        previous = kept.digest
        found.append(kept)
    return found


def check(folder: Path, journal: Path) -> list[Kept]:
    """As ``verify``; and each statement's facts are still those of the journal and of the log of outcomes beside it. Raises JournalCorrupt."""
    found = verify(folder)
    if not found:
        return found
    reader = JournalReader(journal)
    with closing(OutcomeLog(journal.parent / OUTCOMES, SystemClock())) as log:
        for kept in found:
            facts = msgspec.json.decode(kept.statement, type=_Statement).facts
            if reader.hash_at(facts.journal_row) != facts.journal_hash:
                raise JournalCorrupt(f"statement {kept.number} was made from another journal, or from one that was changed", fix=FIX_FACTS)
            if log.hash_at(facts.outcome_event) != facts.outcome_hash:
                raise JournalCorrupt(f"statement {kept.number} was made from other outcomes, or from some that were changed", fix=FIX_FACTS)
    return found


def numbered(folder: Path, number: int) -> Kept:
    """One statement. Raises NotFound, and as ``verify`` does."""
    found = verify(folder)
    if not 1 <= number <= len(found):
        raise NotFound(f"there is no statement {number}", fix="list them with: wellspent statement list")
    return found[number - 1]


def newest(found: list[Kept]) -> list[Kept]:
    """Those that nothing supersedes."""
    superseded = {each.supersedes for each in found}
    return [each for each in found if each.number not in superseded]


def _read(path: Path) -> Kept:
    try:
        return msgspec.json.decode(path.read_bytes(), type=Kept)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise JournalCorrupt(f"the statement {path.name} cannot be read: {error}", fix=FIX) from None


def _digest(kept: Kept) -> str:
    return hashlib.sha256(msgspec.json.encode(msgspec.structs.replace(kept, digest=""))).hexdigest()


def _bytes(kept: Kept) -> bytes:
    return msgspec.json.encode(kept) + b"\n"


def _write(folder: Path, kept: Kept) -> None:
    pending, path = folder / ".pending", folder / kept.file  # there is none of that name: the numbers of all before were derived again
    pending.unlink(missing_ok=True)
    with pending.open("wb") as file:
        file.write(_bytes(kept))
        file.flush()
        os.fsync(file.fileno())
    pending.chmod(0o400)
    pending.replace(path)
