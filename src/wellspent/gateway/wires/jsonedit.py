"""Change top-level fields of a JSON object in its bytes; every other byte stays as it came. And tell where a field is there twice."""

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any

import msgspec
import orjson

from wellspent.facts.errors import InvalidInput

COMPARED_BYTES_MAX = 4 * 2**20  # a larger body is not written again to be compared: it would be in memory once more
GATHERED_BYTES_MAX = 2**20  # of small items of a large list that are compared at once
LARGE_DEPTH_MAX = 8  # so deep a large part is taken apart: content is nested less
# Objects inside these are looked at too: caps, what has no bound, and kinds of content.
NESTED = ("generationConfig", "generation_config", "tools", "messages", "input", "system", "contents", "systemInstruction", "system_instruction")

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


def doubled(body: bytes, payload: dict[str, Any]) -> str | None:
    """A field that the body names twice, at its top or within ``NESTED``, or None.

    One parser takes the first of two values, another the last: a provider could read another model, cap or tool than was quoted. Nearly
    every body is the very bytes that its payload is written as, or has no byte but those of its fields, and then no field can be doubled:
    that costs a third of parsing it. Only what is spaced, or escapes letters in its keys, is walked through.

    Args:
        payload: The body, parsed.

    Raises InvalidInput where ``NESTED`` cannot be looked at, because the body is nested hundreds deep.
    """
    try:
        if len(body) <= COMPARED_BYTES_MAX and orjson.dumps(payload) == body:
            return None
        values = _VALUES.decode(body)
    except (TypeError, RecursionError, msgspec.DecodeError):  # nested as deep as one of them takes and another does not
        return _named_twice(body, None) or _doubled_in_parts(payload, {})
    used = 4 * len(values) + 1  # quotes, colon and comma of each, two braces, and no comma after the last
    for name, value in values.items():
        used += len(name) + len(value)
    found = _named_twice(body, values) if used != len(body) else None
    return found if found is not None else _doubled_in_parts(payload, values)


_ITEMS = msgspec.json.Decoder(list[msgspec.Raw])
_VALUES = msgspec.json.Decoder(dict[str, msgspec.Raw])


def _named_twice(body: bytes, values: dict[str, msgspec.Raw] | None) -> str | None:
    """Walk through the top-level fields. ``values`` are the last ones by name: a field whose value is another comes again."""
    seen: set[str] = set()
    at = _space(body, body.index(b"{") + 1)
    while body[at : at + 1] == b'"':
        key = _match(_KEY, body, at)
        name: str = orjson.loads(key.group())
        if name in seen:
            return name
        seen.add(name)
        at = _space(body, _space(body, key.end()) + 1)
        last = bytes(values[name]) if values is not None else b""
        at = _space(body, at + len(last) if last and body.startswith(last, at) else value_end(body, at))
        if body[at : at + 1] not in (b",", b"}"):  # the last value begins like this one: 5 and 50
            return name
        at = _space(body, at + 1)
    return None


def _doubled_in_parts(payload: dict[str, Any], values: dict[str, msgspec.Raw]) -> str | None:
    for name in NESTED:
        if name in payload:
            try:
                found = _doubled_within(values[name], payload[name])
            except (KeyError, TypeError, RecursionError):
                raise InvalidInput(f"{name} stands in a body that is nested too deeply", fix="send one that is nested less") from None
            if found is not None:
                return found
    return None


def _doubled_within(part: msgspec.Raw, value: Any, depth: int = 0) -> str | None:
    """A name that an object in this part has twice, however deep. A large part is taken apart, so that little is in memory once more."""
    if not isinstance(value, dict | list):
        return None
    if len(part) > COMPARED_BYTES_MAX and depth < LARGE_DEPTH_MAX:
        if isinstance(value, list):
            return _first(_doubled_within(each, item, depth + 1) for each, item in _gathered(_ITEMS.decode(part), value))
        values = _VALUES.decode(part)
        used = 4 * len(values) + 1
        for name, each in values.items():
            used += len(name) + len(each)
        if used == len(part):  # else it is spaced, escaped or doubled
            return _first(_doubled_within(each, value[name], depth + 1) for name, each in values.items())
    written, came = orjson.dumps(value), msgspec.json.format(part, indent=-1)
    if written == came or _as_many_names(written, came):
        return None
    found: list[str] = []

    def members(pairs: list[tuple[str, Any]]) -> None:
        names: set[str] = set()
        for name, _ in pairs:
            if name in names:
                found.append(name)
            names.add(name)

    json.loads(bytes(part), object_pairs_hook=members)
    return found[0] if found else None


def _as_many_names(written: bytes, came: bytes) -> bool:
    """Whether a part has surely no more names than its value, both without spaces: only its texts are escaped otherwise.

    A quote and a colon end each name. Within texts they are the same in both, unless one of them is escaped by its number; and a member
    that is lost to another of its name is there in one alone.
    """
    return came.count(b'":') == written.count(b'":') and not (b"\\u0022" in came or b"\\u003a" in came or b"\\u003A" in came)


def _gathered(parts: list[msgspec.Raw], items: list[Any]) -> Iterator[tuple[msgspec.Raw, Any]]:
    """The items of a list with their bytes: the large ones alone, small ones as lists of many, which is faster."""
    few: list[msgspec.Raw] = []
    start = size = 0
    for number, part in enumerate(parts):
        if few and size + len(part) > GATHERED_BYTES_MAX:
            yield _joined(few, items[start:number])
            few, start, size = [], number, 0
        few.append(part)
        size += len(part)
    if few:
        yield _joined(few, items[start:])


def _joined(few: list[msgspec.Raw], items: list[Any]) -> tuple[msgspec.Raw, Any]:
    return (few[0], items[0]) if len(few) == 1 else (msgspec.Raw(b"[" + b",".join(few) + b"]"), items)


def _first(found: Iterable[str | None]) -> str | None:
    return next(filter(None, found), None)


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
