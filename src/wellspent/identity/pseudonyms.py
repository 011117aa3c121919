"""Pseudonyms: people told apart without being named. A keyed hash, whose key stays in the data folder.

Whoever has the key and a list of accounts can tell who is who, so the file is readable by its owner alone and is no part of any report. Without
the key nothing can be told; with a new one everybody is somebody else.
"""

import contextlib
import hashlib
import os
import secrets
from pathlib import Path

from wellspent.facts.errors import ConfigError, told_of_file

FILE = "pseudonyms.key"
KEY_BYTES, DIGEST_BYTES = 32, 8


class Pseudonyms:
    """Hashes under one key."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def __call__(self, name: str) -> str:
        """The pseudonym of an account, 16 hexadecimal digits; "" for none."""
        return hashlib.blake2b(name.encode(), key=self._key, digest_size=DIGEST_BYTES).hexdigest() if name else ""


def pseudonyms_of(folder: Path) -> Pseudonyms:
    """Those of a data folder; the key is made where there is none. Raises ConfigError where it cannot be used."""
    path = folder / FILE
    with told_of_file(path, "key of pseudonyms", "is no key of pseudonyms"):
        if not path.exists():
            _make(path)
        key = path.read_bytes()
    if len(key) != KEY_BYTES:
        raise ConfigError(f"{path} is no key of pseudonyms: it has {len(key)} bytes", fix="restore it from a copy")
    return Pseudonyms(key)


def _make(path: Path) -> None:
    """Written whole or not at all; of two processes that make it, one has it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    try:
        with open(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(secrets.token_bytes(KEY_BYTES))
            file.flush()
            os.fsync(file.fileno())
        with contextlib.suppress(FileExistsError):
            os.link(fresh, path)
    finally:
        fresh.unlink(missing_ok=True)
