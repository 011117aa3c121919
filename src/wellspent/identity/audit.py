"""The audit log: every change of a setting, chained by hash. The log is the fact; the settings are its projection."""

import hashlib
from collections.abc import Iterable

import msgspec
from msgspec import Struct

from wellspent.facts.errors import JournalCorrupt

FIRST_HASH = "0" * 64


class Change(Struct, frozen=True):
    """One change of one setting.

    Attributes:
        seq: 1, 2, 3 …
        at_ms: When.
        actor: Who, e.g. ``cli:ada``.
        action: ``add``, ``change`` or ``remove``.
        kind: ``org``, ``team``, ``person``, ``project``, ``key``, ``budget``, ``policy`` or ``initiative``.
        name: Which one.
        before: The setting as JSON before the change; None when it is new.
        after: The same after the change; None when it was removed.
        hash: SHA-256, in hex, over the previous change's hash and everything above.
    """

    seq: int
    at_ms: int
    actor: str
    action: str
    kind: str
    name: str
    before: str | None
    after: str | None
    hash: str = ""


def hash_of(change: Change, previous_hash: str) -> str:
    """The hash a change must have after the one before it."""
    body = (change.seq, change.at_ms, change.actor, change.action, change.kind, change.name, change.before, change.after)
    return hashlib.sha256(previous_hash.encode() + msgspec.json.encode(body)).hexdigest()


def replay(changes: Iterable[Change]) -> dict[tuple[str, str], str]:
    """Check the chain and derive the settings from it, as ``(kind, name) -> JSON``.

    Raises JournalCorrupt at the first change that does not follow from the one before it.
    """
    settings: dict[tuple[str, str], str] = {}
    previous_hash = FIRST_HASH
    for seq, change in enumerate(changes, 1):
        subject = (change.kind, change.name)
        if change.seq != seq or change.hash != hash_of(change, previous_hash) or change.before != settings.get(subject):
            raise JournalCorrupt(
                f"the audit log of settings breaks at change {seq} ({change.kind} {change.name})",
                fix="restore settings.db from a backup; somebody edited it by hand",
            )
        if change.after is None:
            settings.pop(subject, None)
        else:
            settings[subject] = change.after
        previous_hash = change.hash
    return settings
