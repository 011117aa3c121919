"""Editing JSON in its bytes: the parsed result is what was asked for, and no other byte moves."""

import json
import resource
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wellspent.facts.errors import InvalidInput
from wellspent.gateway.wires.jsonedit import doubled, edited, spans

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


# Fields that are there twice


def doubled_of(body: bytes) -> str | None:
    return doubled(body, orjson.loads(body))


@pytest.mark.parametrize(
    ("body", "name"),
    [
        (b'{"max_tokens":5,"max_tokens":500000}', "max_tokens"),
        (b'{"max_tokens":500000,"max_tokens":5}', "max_tokens"),
        (b'{"max_tokens":5,"max_tokens":5}', "max_tokens"),
        (b'{"max_tokens":50,"model":"x","max_tokens":5}', "max_tokens"),
        (b'{"max\\u005ftokens":500000,"max_tokens":5}', "max_tokens"),
        (b'{"max_tokens":500000,"max\\u005Ftokens":5}', "max_tokens"),
        (b'{ "model" : "x" , "stream" : true, "model" : "y" }', "model"),
        (b'{"model":"x","messages":[{"content":"\\"model\\":1"}],"model":"y"}', "model"),
        (b'{"messages":[{"role":"user"}],"n":1,"messages":[]}', "messages"),
        (b'{"a":"\\u00e9","stream":true,"stream":false}', "stream"),
        (b'{"a":1e5,"stream":true,"stream":false}', "stream"),
        (b'{"generationConfig":{"maxOutputTokens":500000,"maxOutputTokens":5}}', "maxOutputTokens"),
        (b'{"generation_config":{"thinkingConfig":{"x":1,"x":2}}}', "x"),
        (b'{"tools":[{"type":"web_search","type":"function"}]}', "type"),
        (b'{"": 1, "": 2}', ""),
        (b'{"a":' + b"[" * 1010 + b"]" * 1010 + b',"n":1,"n":2}', "n"),
    ],
)
def test_a_doubled_field_is_found(body: bytes, name: str) -> None:
    assert doubled_of(body) == name


@pytest.mark.parametrize(
    "body",
    [
        b"{}",
        b" { } ",
        b'{"n":1}',
        b'{"n": 1, "model": "x"}\n',
        b'{"n":5,"m":50,"o":5}',
        b'{"max_tokens":5,"metadata":{"max_tokens":6},"x":"\\"max_tokens\\":7"}',
        b'{"max\\u005ftokens":5,"maxtokens":5}',
        b'{"a":1e5,"b":1.50,"c":-0,"d":12345678901234567890123}',
        '{"é":"ü","model":"x"}'.encode(),
        b'{"tools":[{"type":"function"},{"type":"function"}],"generationConfig":{"a":{"a":1.50}}}',
        b'{"tools": [{"type": "function", "x": "\\u00e9"}], "b": {"c": 1}}',
        b'{"a":' + b"[" * 1010 + b"]" * 1010 + b',"n":1}',
    ],
)
def test_no_field_is_doubled(body: bytes) -> None:
    assert doubled_of(body) is None


def test_what_cannot_be_looked_at_is_refused() -> None:
    with pytest.raises(InvalidInput, match="nested too deeply"):
        doubled_of(b'{"tools":' + b"[" * 1000 + b"]" * 1000 + b"}")


@given(st.lists(st.tuples(st.sampled_from(["a", "max_tokens", "é", 'q"', "n\n", ""]) | TEXTS, VALUES), max_size=7), FORMS, st.booleans())
def test_doubled_fields_are_found_and_no_others(pairs: list[tuple[str, Any]], form: dict[str, Any], escape: bool) -> None:
    members, colon = [], form.get("separators", (", ", ": "))
    for name, value in pairs:
        key = '"' + "".join(f"\\u{ord(each):04x}" for each in name) + '"' if escape and name.isascii() else json.dumps(name, **form)
        members.append(key + colon[1] + json.dumps(value, **form))
    body = ("{" + colon[0].join(members) + "}").encode("utf-8", "surrogatepass")
    try:
        payload = orjson.loads(body)
    except orjson.JSONDecodeError:
        return
    names = [name for name, _ in pairs]
    found = doubled(body, payload)
    assert (found is not None) == (len(set(names)) < len(names))
    assert found is None or names.count(found) > 1


def test_a_large_body_is_looked_through_without_being_copied() -> None:
    body = b'{"messages":[{"content":"' + b"x" * 30_000_000 + b'\\n"}],"max_tokens":5}'
    payload = orjson.loads(body)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert doubled(body, payload) is None
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 10_000  # kB
