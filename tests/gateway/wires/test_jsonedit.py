"""Editing JSON in its bytes: the parsed result is what was asked for, and no other byte moves."""

import json
import resource
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wellspent.gateway.wires.jsonedit import edited, spans

TEXTS = st.text(max_size=12)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False) | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=12,
)
OBJECTS = st.dictionaries(TEXTS, VALUES, max_size=6)
FORMS = st.sampled_from(
    [
        {"ensure_ascii": True},
        {"ensure_ascii": False},
        {"indent": 2, "ensure_ascii": False},
        {"separators": (",", ":"), "ensure_ascii": False},
        {"separators": (" ,\n", "\t:\r\n "), "ensure_ascii": True},
    ]
)


def written(value: Any, form: dict[str, Any]) -> bytes:
    return json.dumps(value, **form).encode("utf-8", "surrogatepass")


@given(OBJECTS, st.dictionaries(TEXTS, VALUES, max_size=3), FORMS)
def test_the_result_is_what_was_asked_for(value: dict[str, Any], changes: dict[str, Any], form: dict[str, Any]) -> None:
    try:
        body, payload = written(value, form), orjson.loads(written(value, form))
        orjson.dumps(changes)
    except (orjson.JSONDecodeError, TypeError, UnicodeEncodeError):
        return  # lone surrogates are no JSON for orjson, and so refused before anything is edited
    out = edited(body, payload, changes)
    assert orjson.loads(out) == payload | orjson.loads(orjson.dumps(changes))
    if all(payload.get(name) == new and type(payload.get(name)) is type(new) and name in payload for name, new in changes.items()):
        assert out is body


@given(OBJECTS, FORMS)
def test_every_other_byte_stays(value: dict[str, Any], form: dict[str, Any]) -> None:
    try:
        body, payload = written({**value, "model": "asked"}, form), orjson.loads(written({**value, "model": "asked"}, form))
    except orjson.JSONDecodeError:
        return
    (start, end) = spans(body, "model")[-1]
    assert edited(body, payload, {"model": "routed"}) == body[:start] + b'"routed"' + body[end:]


@pytest.mark.parametrize(
    ("body", "changes", "expected"),
    [
        (b'{"a":1,"model":"x","a":2}', {"a": 3}, b'{"a":3,"model":"x","a":3}'),
        (b"{}", {"max_tokens": 5}, b'{"max_tokens":5}'),
        (b' { "n" : 1 } \n', {"max_tokens": 5}, b' {"max_tokens":5, "n" : 1 } \n'),
        (b'{"m\\u006fdel":"x"}', {"model": "y"}, b'{"m\\u006fdel":"y"}'),
        (
            b'{"a":{"model":"inner"},"s":"\\"model\\":\\"no\\"","model":"x"}',
            {"model": "y"},
            b'{"a":{"model":"inner"},"s":"\\"model\\":\\"no\\"","model":"y"}',
        ),
        (b'{"n":1.0}', {"n": 1}, b'{"n":1}'),
        (b'{"big":123456789012345678901234567890,"n":1}', {"n": 2}, b'{"big":123456789012345678901234567890,"n":2}'),
    ],
)
def test_examples(body: bytes, changes: dict[str, Any], expected: bytes) -> None:
    assert edited(body, orjson.loads(body), changes) == expected


def test_a_large_body_is_edited_without_a_mark_for_each_byte() -> None:
    body = b'{"messages":[{"content":"' + b"x" * 8_000_000 + b'\\n"}],"max_tokens":5}'
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert edited(body, orjson.loads(body), {"max_tokens": 4}) == body[:-2] + b"4}"
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100_000  # kB; a mark a byte took 1,100,000
