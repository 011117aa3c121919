"""Streams cut anywhere: whatever the chunks, the same bytes are relayed and the same usage is read."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wellspent.facts.usage import Usage
from wellspent.gateway.wires import base
from wellspent.gateway.wires.anthropic_messages import AnthropicMessages
from wellspent.gateway.wires.base import Metered, Wire
from wellspent.gateway.wires.gemini import Gemini
from wellspent.gateway.wires.openai_chat import OpenAIChat
from wellspent.gateway.wires.openai_responses import OpenAIResponses
from wellspent.gateway.wires.sse import BOUNDARY


def sse(*data: Any, named: bool = False, newline: str = "\n") -> bytes:
    events = []
    for each in data:
        text = each if isinstance(each, str) else json.dumps(each)
        name = [f"event: {each['type']}"] if named and isinstance(each, dict) else []
        events.append(newline.join([*name, f"data: {text}", "", ""]))
    return "".join(events).encode()


def chat_chunk(choices: list[Any], usage: Any = None) -> dict[str, Any]:
    return {"id": "chatcmpl-1", "object": "chat.completion.chunk", "model": "gpt-5-2025-08-07", "choices": choices, "usage": usage}


USAGE = {
    "prompt_tokens": 20,
    "completion_tokens": 7,
    "prompt_tokens_details": {"cached_tokens": 8},
    "completion_tokens_details": {"reasoning_tokens": 3},
}
TEXT = [chat_chunk([{"index": 0, "delta": {"content": text}, "finish_reason": None}]) for text in ("Hel", 'lo "usage":{', "\n\n!")]
STOP = chat_chunk([{"index": 0, "delta": {}, "finish_reason": "stop"}])
USAGE_CHUNK = chat_chunk([], USAGE)
CHAT_USAGE = Usage(input_tokens=12, cache_read_tokens=8, output_tokens=4, output_reasoning_tokens=3)
MESSAGE = [
    {
        "type": "message_start",
        "message": {"id": "msg_1", "model": "claude-sonnet-4-5", "usage": {"input_tokens": 9, "cache_read_input_tokens": 5, "output_tokens": 1}},
    },
    {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "message_delta is a word"}},
    {"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": {"output_tokens": 42}},
    {"type": "message_stop"},
]
RESPONSE = [
    {"type": "response.output_text.delta", "delta": "response.completed?"},
    {
        "type": "response.completed",
        "response": {"id": "resp_1", "model": "gpt-5", "output": [{"type": "web_search_call"}], "usage": {"input_tokens": 30, "output_tokens": 9}},
    },
]
GEMINI = [
    {
        "candidates": [{"content": {"parts": [{"text": "a"}]}}],
        "usageMetadata": {"promptTokenCount": 10, "candidatesTokenCount": 1},
        "responseId": "g1",
    },
    {
        "candidates": [{"finishReason": "STOP"}],
        "usageMetadata": {"promptTokenCount": 10, "candidatesTokenCount": 4, "thoughtsTokenCount": 6},
        "responseId": "g1",
    },
]
STREAMS: dict[str, tuple[Wire, dict[str, Any], bytes, bytes, Usage]] = {
    "chat, asked": (OpenAIChat(), {"stream_options": {"include_usage": True}}, sse(*TEXT, STOP, USAGE_CHUNK, "[DONE]"), b"", CHAT_USAGE),
    "chat, hidden": (OpenAIChat(), {}, sse(*TEXT, STOP, USAGE_CHUNK, "[DONE]"), sse(USAGE_CHUNK), CHAT_USAGE),
    "chat, hidden, CRLF": (OpenAIChat(), {}, sse(*TEXT, STOP, USAGE_CHUNK, "[DONE]", newline="\r\n"), sse(USAGE_CHUNK, newline="\r\n"), CHAT_USAGE),
    "chat, with choices": (OpenAIChat(), {}, sse(*TEXT, {**STOP, "usage": USAGE}, "[DONE]"), b"", CHAT_USAGE),
    "chat, no last line": (OpenAIChat(), {}, sse(*TEXT, STOP, USAGE_CHUNK).rstrip(), sse(USAGE_CHUNK).rstrip(), CHAT_USAGE),
    "messages": (AnthropicMessages(), {}, sse(*MESSAGE, named=True), b"", Usage(input_tokens=9, cache_read_tokens=5, output_tokens=42)),
    "responses": (OpenAIResponses(), {}, sse(*RESPONSE, named=True), b"", Usage(input_tokens=30, output_tokens=9, web_searches=1)),
    "gemini": (Gemini(), {}, sse(*GEMINI, newline="\r\n"), b"", Usage(input_tokens=10, output_tokens=4, output_reasoning_tokens=6)),
    "gemini, array": (Gemini(), {}, json.dumps(GEMINI, indent=1).encode(), b"", Usage(input_tokens=10, output_tokens=4, output_reasoning_tokens=6)),
}


def relay(wire: Wire, payload: dict[str, Any], chunks: list[bytes]) -> tuple[bytes, Metered]:
    meter = wire.stream_meter(payload)
    out = b"".join([*(meter.feed(chunk) for chunk in chunks), meter.flush()])
    return out, meter.finish()


@pytest.mark.parametrize("name", STREAMS)
@settings(max_examples=150)
@given(data=st.data())
def test_any_chunks_give_the_same(name: str, data: st.DataObject) -> None:
    wire, payload, stream, removed, usage = STREAMS[name]
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=12)))
    chunks = [stream[start:end] for start, end in zip([0, *cuts], [*cuts, len(stream)], strict=True)]
    out, metered = relay(wire, payload, chunks)
    assert out == stream.replace(removed, b"") if removed else out == stream
    assert (metered.usage, metered.final) == (usage, True)
    assert metered.text_bytes == 0  # an answer that says its usage is not looked through


@pytest.mark.parametrize("name", STREAMS)
def test_byte_by_byte(name: str) -> None:
    wire, payload, stream, _, usage = STREAMS[name]
    out, metered = relay(wire, payload, [stream[at : at + 1] for at in range(len(stream))])
    assert (out, metered) == relay(wire, payload, [stream])
    assert metered.usage == usage


@pytest.mark.parametrize("name", [name for name in STREAMS if name.startswith(("chat", "mess", "resp"))])
def test_half_a_stream_is_not_final(name: str) -> None:
    wire, payload, stream, _, _ = STREAMS[name]
    _, metered = relay(wire, payload, [stream[: stream.index(b"\n\n") + 2] if b"\r" not in stream else stream[:200]])
    assert metered.usage is None or not metered.final


@pytest.mark.parametrize("name", [name for name in STREAMS if name != "gemini, array"])
@settings(max_examples=50)
@given(data=st.data())
def test_the_text_of_a_cut_stream_is_counted_however_it_was_cut(name: str, data: st.DataObject) -> None:
    wire, payload, stream, _, _ = STREAMS[name]
    first_text = base.TEXT.search(stream)
    assert first_text
    after = BOUNDARY.search(stream, first_text.end())
    assert after
    end = after.end()
    cuts = sorted(data.draw(st.lists(st.integers(0, end), max_size=12)))
    _, metered = relay(wire, payload, [stream[a:b] for a, b in zip([0, *cuts], [*cuts, end], strict=True)])
    assert metered.text_bytes == base.text_bytes(stream[:end]) > 0


def test_a_large_event_in_small_pieces_passes_whole() -> None:
    big = sse({"type": "response.image", "b64": "A" * 3_000_000}) + sse(*RESPONSE, named=True)
    out, metered = relay(OpenAIResponses(), {}, [big[at : at + 1000] for at in range(0, len(big), 1000)])
    assert out == big
    assert metered.final


def test_a_compaction_at_the_provider_is_charged_beside_the_answer() -> None:
    usage = {
        "input_tokens": 23_000,
        "output_tokens": 1_000,
        "cache_creation_input_tokens": 10,
        "iterations": [
            {"type": "compaction", "input_tokens": 180_000, "output_tokens": 3_500, "cache_creation": {"ephemeral_1h_input_tokens": 7}},
            {"type": "message", "input_tokens": 23_000, "output_tokens": 1_000},
        ],
    }
    whole = AnthropicMessages().usage_of(json.dumps({"id": "m", "model": "c", "usage": usage}).encode())
    expected = Usage(input_tokens=203_000, cache_write_5m_tokens=10, cache_write_1h_tokens=7, output_tokens=4_500)
    assert whole.usage == expected
    start = {"type": "message_start", "message": {"id": "m", "model": "c", "usage": {"input_tokens": 9}}}
    delta = {"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": usage}
    _, metered = relay(AnthropicMessages(), {}, [sse(start, delta, named=True)])
    assert metered.usage == expected


@pytest.mark.parametrize(
    ("asked", "unbounded"),
    [
        ({"context_management": {"edits": [{"type": "compact_20260112"}]}}, ("compaction",)),
        ({"compaction": {"type": "enabled"}}, ("compaction",)),
        ({"context_management": {"edits": [{"type": "clear_thinking_20251015"}]}}, ()),
    ],
)
def test_a_compaction_has_no_bound(asked: dict[str, Any], unbounded: tuple[str, ...]) -> None:
    assert AnthropicMessages().ask({"model": "c", "max_tokens": 1, "messages": [], **asked}, b"", "", "").unbounded == unbounded


def test_a_regional_surcharge_makes_the_amount_an_estimate() -> None:
    start = {"type": "message_start", "message": {"id": "m", "model": "c", "usage": {"input_tokens": 9, "inference_geo": "us"}}}
    _, metered = relay(AnthropicMessages(), {}, [sse(start, MESSAGE[2], named=True)])
    assert "us" in metered.beyond
    whole = AnthropicMessages().usage_of(json.dumps({"id": "m", "usage": {"input_tokens": 9, "output_tokens": 2, "inference_geo": "us"}}).encode())
    assert whole.beyond == metered.beyond
    plain = AnthropicMessages().usage_of(json.dumps({"id": "m", "usage": {"input_tokens": 9, "inference_geo": "not_available"}}).encode())
    assert plain.beyond == ""
    assert AnthropicMessages().ask({"model": "c", "max_tokens": 1, "messages": [], "inference_geo": "us"}, b"", "", "").unbounded == (
        "inference_geo",
    )
