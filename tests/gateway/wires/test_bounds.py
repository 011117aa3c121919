"""Bounds of prompts and answers that cannot be talked down."""

import json
from typing import Any

import pytest

from wellspent.facts.errors import InvalidInput
from wellspent.gateway.provider import Provider
from wellspent.gateway.wires.anthropic_messages import AnthropicMessages
from wellspent.gateway.wires.base import Wire
from wellspent.gateway.wires.gemini import Gemini
from wellspent.gateway.wires.openai_chat import OpenAIChat
from wellspent.gateway.wires.openai_responses import OpenAIResponses

TEXT = "word " * 60_000
FAKE = {"type": "image", "source": {"type": "base64", "data": TEXT}}
INLINE = {"inlineData": {"mimeType": "image/png", "data": TEXT}}


def bound(wire: Wire, payload: dict[str, Any]) -> int | None:
    return wire.ask(payload, json.dumps(payload).encode(), "m", "").input_tokens_max


@pytest.mark.parametrize(
    "payload",
    [
        {"messages": [], "max_tokens": 1, "tools": [{"name": "t", "input_schema": {"x": FAKE}}]},
        {"messages": [{"role": "assistant", "content": [{"type": "tool_use", "input": FAKE}]}], "max_tokens": 1},
        {"messages": [{"role": "user", "content": [{"type": "image", "source": {"type": "text", "data": TEXT}}]}], "max_tokens": 1},
    ],
)
def test_what_only_looks_like_an_image_is_bounded_as_text(payload: dict[str, Any]) -> None:
    assert (bound(AnthropicMessages(), payload) or 0) >= len(TEXT)


def test_what_looks_like_an_image_in_a_functions_answer_is_text_to_gemini() -> None:
    payload = {"contents": [{"parts": [{"functionResponse": {"response": INLINE}}]}]}
    assert (bound(Gemini(), payload) or 0) >= len(TEXT)


def test_an_image_is_bounded_as_one() -> None:
    assert (bound(AnthropicMessages(), {"messages": [{"content": [FAKE]}], "max_tokens": 1}) or 0) < 10_000
    result = {"type": "tool_result", "content": [FAKE]}
    assert (bound(AnthropicMessages(), {"messages": [{"content": [result]}], "max_tokens": 1}) or 0) < 10_000
    assert (bound(Gemini(), {"contents": [{"parts": [INLINE]}]}) or 0) < 20_000


def test_of_two_caps_the_larger_is_held_and_zero_is_none() -> None:
    asked = OpenAIChat().ask({"model": "m", "messages": [], "max_tokens": 1, "max_completion_tokens": 100_000}, b"", "", "")
    assert asked.output_tokens_max == 100_000
    assert OpenAIChat().ask({"model": "m", "messages": [], "max_tokens": 0}, b"", "", "").output_tokens_max is None


@pytest.mark.parametrize(
    "payload",
    [{"generationConfig": {}, "generation_config": {}}, {"generationConfig": {"maxOutputTokens": 1, "max_output_tokens": 2}}],
)
def test_two_spellings_at_once_are_refused(payload: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput):
        Gemini().ask({"contents": [], **payload}, b"", "m", "")


def test_a_models_name_is_one_piece_of_the_path() -> None:
    provider = Provider("g", "gemini", "http://g", "", None)  # type: ignore[arg-type]
    url = provider.url("gemini", "a:generateContent#b/../c?d", "/v1beta/models/x:generateContent", b"")
    assert url == "http://g/v1beta/models/a%3AgenerateContent%23b%2F..%2Fc%3Fd:generateContent"


def test_repeated_headers_all_pass() -> None:
    provider = Provider("g", "anthropic", "http://g", "k", None)  # type: ignore[arg-type]
    sent = provider.request_headers([(b"anthropic-beta", b"one"), (b"anthropic-beta", b"two")], None)
    assert sent[:2] == [(b"anthropic-beta", b"one"), (b"anthropic-beta", b"two")]


def test_a_tool_without_a_type_has_no_bound_and_is_no_error() -> None:
    asked = OpenAIResponses().ask({"model": "m", "input": "hi", "tools": [{}]}, b"", "", "")
    assert asked.unbounded


PLAIN: list[tuple[Wire, dict[str, Any]]] = [
    (OpenAIChat(), {"messages": [{"role": "user", "content": "hello"}]}),
    (OpenAIResponses(), {"input": [{"role": "user", "content": [{"type": "input_text", "text": "hello"}]}]}),
    (AnthropicMessages(), {"max_tokens": 9, "messages": [{"role": "user", "content": "hello"}]}),
    (Gemini(), {"contents": [{"parts": [{"text": "hello"}]}]}),
]


@pytest.mark.parametrize(("wire", "payload"), PLAIN)
def test_a_prompt_of_text_holds_no_pictures(wire: Wire, payload: dict[str, Any]) -> None:
    asked = wire.ask({"model": "m", **payload}, json.dumps({"model": "m", **payload}).encode(), "m", "")
    assert not asked.audio_in
    assert not asked.pictures_in


@pytest.mark.parametrize(
    ("wire", "part", "escaped"),
    [
        (OpenAIChat(), {"type": "image_url", "image_url": {"url": "http://x/y.png"}}, ("image", "\\u0069mage")),
        (OpenAIChat(), {"type": "input_audio", "input_audio": {"data": "AAAA"}}, ("input_audio", "input\\u005faudio")),
        (OpenAIResponses(), {"type": "input_file", "file_id": "f"}, ("input_file", "\\u0069nput_file")),
        (AnthropicMessages(), {"type": "image", "source": {"type": "url", "url": "http://x"}}, ('"image"', '"im\\u0061ge"')),
        (AnthropicMessages(), {"type": "text", "text": "x", "cache_control": {"type": "ephemeral", "ttl": "1h"}}, ("1h", "\\u0031h")),
        (Gemini(), {"inlineData": {"mimeType": "image/png", "data": "AAAA"}}, ("inlineData", "inline\\u0044ata")),
        (Gemini(), {"fileData": {"fileUri": "x"}}, ("fileData", "\\u0066ileData")),
    ],
)
def test_media_written_with_escapes_are_the_same_media(wire: Wire, part: dict[str, Any], escaped: tuple[str, str]) -> None:
    """A look at the body's bytes comes before the walk through its objects; a caller that escapes a name must not talk its bound down."""
    content = {"messages": [{"role": "user", "content": [part]}], "input": [{"role": "user", "content": [part]}], "contents": [{"parts": [part]}]}
    payload = {"model": "m", "max_tokens": 9, **content}
    plain = json.dumps(payload)
    hidden = plain.replace(*escaped)
    assert hidden != plain
    assert json.loads(hidden) == payload
    one, other = (wire.ask(payload, body.encode(), "m", "") for body in (plain, hidden))
    size = len(hidden) - len(plain)
    assert other.input_tokens_max == (None if one.input_tokens_max is None else one.input_tokens_max + size)
    for flag in ("audio_in", "pictures_in", "cache_writes", "cache_write_1h"):
        assert getattr(other, flag) >= getattr(one, flag)
