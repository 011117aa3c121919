"""Keys: what callers show. Only the SHA-256 of a secret is kept; the secret itself is shown once."""

import hashlib
import re
import secrets
from collections.abc import Container, Iterable
from typing import Protocol, Self

import msgspec
from msgspec import Struct
from msgspec.structs import asdict

from wellspent.facts.attribution import Attribution

SECRET_PREFIX = "ws-"
_SECRET_RANDOM_BYTES = 24  # 192 bits: 32 url-safe characters


class Key(Struct, frozen=True, omit_defaults=True):
    """A key, without its secret.

    Attributes:
        id: Unique for ever, readable, e.g. ``laptop`` or ``laptop-2``; what attributions and budgets name.
        name: As it was given.
        attribution: What its calls are charged to; its ``key`` is ``id``.
        expires_ms: From when it is refused, or None.
        revoked: Whether it was taken back.
        created_ms: When it was made.
        revoked_ms: When it was taken back, or None.
    """

    id: str
    name: str
    attribution: Attribution
    expires_ms: int | None = None
    revoked: bool = False
    created_ms: int = 0
    revoked_ms: int | None = None


class KeyRecord(Struct, frozen=True):
    """A key as it is stored.

    Attributes:
        sha256: Hex digest of the secret. No salt and no stretching: the secret has 192 random bits, so there is nothing to guess.
    """

    key: Key
    sha256: str


def stored(record: KeyRecord) -> str:
    """A record as JSON whose fields all have names: the file outlives the order of fields in ``Attribution``, and people read the audit log."""
    key = {**asdict(record.key), "attribution": {name: value for name, value in asdict(record.key.attribution).items() if value}}
    return msgspec.json.encode({"key": {name: value for name, value in key.items() if value}, "sha256": record.sha256}).decode()


def restored(value: str) -> KeyRecord:
    """The record of ``stored``."""
    raw = msgspec.json.decode(value)
    who = raw["key"].pop("attribution", {})
    tags = tuple((name, each) for name, each in who.pop("tags", ()))
    return KeyRecord(Key(attribution=Attribution(**who, tags=tags), **raw["key"]), raw["sha256"])


class KeySource(Protocol):
    """Where a key ring loads from; ``Settings`` is one."""

    def key_records(self) -> Iterable[KeyRecord]:
        """Every key ever made, revoked ones too."""
        ...


class KeyRing:
    """Every key, found by its secret in one look-up. Immutable: load a new one when the settings change."""

    def __init__(self, records: Iterable[KeyRecord]) -> None:
        self._by_digest = {bytes.fromhex(record.sha256): record.key for record in records}

    @classmethod
    def load(cls, settings: KeySource) -> Self:
        """The ring of the keys as they are now."""
        return cls(settings.key_records())

    def find(self, secret: bytes) -> Key | None:
        """The key of a secret; revoked and expired ones too, so that the refusal can say so. None for a stranger's."""
        return self._by_digest.get(hashlib.sha256(secret).digest())


def new_secret() -> str:
    """A new secret: ``ws-`` and 32 url-safe characters."""
    return SECRET_PREFIX + secrets.token_urlsafe(_SECRET_RANDOM_BYTES)


def digest_of(secret: str) -> str:
    """The hex digest under which a secret is stored."""
    return hashlib.sha256(secret.encode()).hexdigest()


def free_id(name: str, taken: Container[str]) -> str:
    """A readable id that no key had before.

    >>> free_id("My laptop", {"my-laptop"})
    'my-laptop-2'
    """
    slug = re.sub(r"[^\w.@]+", "-", name.lower()).strip("-") or "key"
    candidate, number = slug, 1
    while candidate in taken:
        number += 1
        candidate = f"{slug}-{number}"
    return candidate
