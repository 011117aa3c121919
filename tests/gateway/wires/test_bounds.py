"""Bounds of prompts and answers that cannot be talked down: all wires together."""

import json
from typing import Any

import pytest
from tests.gateway.wires.bounds import TEXT, bound

from wellspent.gateway.provider import Provider
from wellspent.gateway.wires import jsonedit
from wellspent.gateway.wires.anthropic_messages import AnthropicMessages
from wellspent.gateway.wires.base import Wire
from wellspent.gateway.wires.gemini import Gemini
from wellspent.gateway.wires.openai_chat import OpenAIChat
from wellspent.gateway.wires.openai_responses import OpenAIResponses

FAKE = {"type": "image", "source": {"type": "base64", "data": TEXT}}


INLINE = {"inlineData": {"mimeType": "image/png", "data": TEXT}}


def test_an_image_is_bounded_as_one() -> None:
    assert (bound(AnthropicMessages(), {"messages": [{"content": [FAKE]}], "max_tokens": 1}) or 0) < 10_000
    result = {"type": "tool_result", "content": [FAKE]}
    assert (bound(AnthropicMessages(), {"messages": [{"content": [result]}], "max_tokens": 1}) or 0) < 10_000
    assert (bound(Gemini(), {"contents": [{"parts": [INLINE]}]}) or 0) < 20_000


def test_a_models_name_is_one_piece_of_the_path() -> None:
    provider = Provider("g", "gemini", "http://g", "", None)  # type: ignore[arg-type]
    url = provider.url("gemini", "a:generateContent#b/../c?d", "/v1beta/models/x:generateContent", b"")
    assert url == "http://g/v1beta/models/a%3AgenerateContent%23b%2F..%2Fc%3Fd:generateContent"


def test_repeated_headers_all_pass() -> None:
    provider = Provider("g", "anthropic", "http://g", "k", None)  # type: ignore[arg-type]
    sent = provider.request_headers([(b"anthropic-beta", b"one"), (b"anthropic-beta", b"two")], None)
    assert sent[:2] == [(b"anthropic-beta", b"one"), (b"anthropic-beta", b"two")]


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


@pytest.mark.parametrize("pad", [0, 5 * 2**20])
@pytest.mark.parametrize(
    "body",
    [
        b'{"messages":[{"content":[{"type":"document","type":"text","text":"PAD"}]}]}',
        b'{"messages":[{"content":"x"},{"content":[{"type":"image_url","ty\\u0070e":"text","text":"PAD"}]}]}',
        b'{"messages": [{"content": [{"type": "file"}], "content": "PAD"}]}',
        b'{"messages":[{"content":[{"type":"file","type":"text","text":"PAD\\u0022: \\u0022\\u003a"}]}]}',
        b'{"messages":[{"content":[{"type":"file","type":"text","text":"PAD\\"\\u003A"}]}]}',
        b'{"input":[{"type":"item_reference","type":"message","content":"PAD"}]}',
        b'{"system":[{"type":"document","type":"text","text":"PAD"}],"messages":[]}',
        b'{"contents":[{"parts":[{"text":"PAD"}],"parts":[]}]}',
        b'{"contents":[],"systemInstruction":{"parts":[{"fileData":{}}],"parts":[{"text":"PAD"}]}}',
    ],
)
def test_a_name_that_is_twice_in_content_is_found(body: bytes, pad: int) -> None:
    whole = body.replace(b"PAD", b"x" * pad)
    assert jsonedit.doubled(whole, json.loads(whole)) in ("type", "content", "parts")
