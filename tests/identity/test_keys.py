import hashlib

import pytest

from wellspent.identity.keys import digest_of, free_id, new_secret


@pytest.mark.parametrize(
    ("name", "taken", "key_id"),
    [
        ("laptop", set(), "laptop"),
        ("My Laptop!", set(), "my-laptop"),
        ("laptop", {"laptop", "laptop-2"}, "laptop-3"),
        ("ada@example.com", set(), "ada@example.com"),
        ("!!", set(), "key"),
        ("Zoë", set(), "zoë"),
    ],
)
def test_ids_are_readable_and_new(name: str, taken: set[str], key_id: str) -> None:
    assert free_id(name, taken) == key_id


def test_secrets_differ_and_fit_every_header() -> None:
    secrets = {new_secret() for _ in range(100)}
    assert len(secrets) == 100
    assert all(len(secret) == 35 and secret.isascii() and secret.isprintable() for secret in secrets)
    assert digest_of("ws-a") == hashlib.sha256(b"ws-a").hexdigest()
