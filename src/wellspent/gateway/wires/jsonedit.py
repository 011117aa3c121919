"""Change top-level fields of a JSON object in its bytes; every other byte stays as it came."""

import re
from typing import Any

import orjson

_STRING = rb'"(?:[^"\\]++|\\.)*+"'  # possessive: a mark to come back to for each byte would take a hundred times the body
_SKIP = re.compile(_STRING + rb"|[{}\[\]]")
_SPACE = re.compile(rb"[ \t\r\n]*")
_SCALAR = re.compile(_STRING + rb"|[^,}\]\s]++")
_KEY = re.compile(_STRING)


def edited(body: bytes, payload: dict[str, Any], changes: dict[str, Any]) -> bytes:
    """The body with these top-level fields set; the very same object where nothing changes.

    Args:
        payload: The body, parsed.
        changes: Field -> value; a field that is not there is put in front.
    """
    for name, value in changes.items():
        if name in payload and payload[name] == value and type(payload[name]) is type(value):
            continue
        body = _replaced(body, name, orjson.dumps(value)) if name in payload else _inserted(body, name, orjson.dumps(value))
    return body


def _inserted(body: bytes, name: str, value: bytes) -> bytes:
    start = body.index(b"{") + 1
    empty = body[_space(body, start) : _space(body, start) + 1] == b"}"
    return body[:start] + orjson.dumps(name) + b":" + value + (b"" if empty else b",") + body[start:]


def _replaced(body: bytes, name: str, value: bytes) -> bytes:
    for start, end in reversed(spans(body, name)):  # the last of doubled keys is the one that counts
        body = body[:start] + value + body[end:]
    return body


def spans(body: bytes, name: str) -> list[tuple[int, int]]:
    """Where the values of a top-level field lie."""
    found = []
    at = _space(body, body.index(b"{") + 1)
    while body[at : at + 1] == b'"':
        key = _match(_KEY, body, at)
        at = _space(body, _space(body, key.end()) + 1)
        end = value_end(body, at)
        if orjson.loads(key.group()) == name:
            found.append((at, end))
        at = _space(body, end)
        if body[at : at + 1] != b",":
            break
        at = _space(body, at + 1)
    return found


def value_end(body: bytes, at: int) -> int:
    """The end of the JSON value that begins here."""
    if body[at : at + 1] not in (b"{", b"["):
        return _match(_SCALAR, body, at).end()
    depth = 0
    for found in _SKIP.finditer(body, at):
        mark = found.group()
        if mark in (b"{", b"["):
            depth += 1
        elif mark in (b"}", b"]"):
            depth -= 1
            if not depth:
                return found.end()
    raise ValueError("the value does not end")


def _space(body: bytes, at: int) -> int:
    return _match(_SPACE, body, at).end()


def _match(pattern: re.Pattern[bytes], body: bytes, at: int) -> re.Match[bytes]:
    found = pattern.match(body, at)
    if found is None:
        raise ValueError("not a JSON object")
    return found
