"""Bounds of prompts and answers that cannot be talked down: Chat Completions."""

from typing import Any

import pytest
from tests.gateway.wires.bounds import asked, assert_text

from wellspent.gateway.wires.openai_chat import OpenAIChat


def test_of_two_caps_the_larger_is_held_and_zero_is_none() -> None:
    asked = OpenAIChat().ask({"model": "m", "messages": [], "max_tokens": 1, "max_completion_tokens": 100_000}, b"", "", "")
    assert asked.output_tokens_max == 100_000
    assert OpenAIChat().ask({"model": "m", "messages": [], "max_tokens": 0}, b"", "", "").output_tokens_max is None


@pytest.mark.parametrize(
    ("message", "audio"),
    [
        ({"role": "assistant", "audio": {"id": "audio_1"}}, True),
        ({"role": "user", "content": [{"type": "input_audio", "input_audio": {"id": "a"}}]}, True),
        ({"role": "user", "content": [{"type": "video_url", "video_url": {"url": "http://x"}}]}, True),
        ({"role": "user", "content": {"type": "no_such_part"}}, True),
        ({"role": "user", "content": [{"type": "file", "file": {"file_id": "f"}}]}, False),
        ("a message", True),
    ],
)
def test_what_chat_keeps_or_is_unknown_is_bounded_by_the_context_window(message: Any, audio: bool) -> None:
    found = asked(OpenAIChat(), {"messages": [message, {"role": "user", "content": "x"}]})
    assert (found.input_tokens_max, found.pictures_in, found.audio_in) == (None, True, audio)


@pytest.mark.parametrize(
    ("payload", "named"),
    [
        ({"tools": [{"type": "function", "function": {"name": "f"}}, {"type": "custom", "custom": {"name": "c"}}]}, ()),
        ({"tools": [{"function": {"name": "f"}}]}, ()),
        ({"tools": None}, ()),
        ({"tools": [{"type": "web_search"}]}, ("web_search",)),
        ({"tools": [{"type": "builtin_function", "function": {"name": "$web_search"}}]}, ("builtin_function",)),
        ({"tools": [{"google_search": {}}]}, ("None",)),
        ({"tools": [{"type": {}}]}, ("{}",)),
        ({"tools": {"type": "web_search"}}, ("web_search",)),
        ({"tools": "web_search"}, ("tools",)),
        ({"plugins": [{"id": "web"}]}, ("plugins",)),
        ({"web_search_options": {}, "search_parameters": {"mode": "on"}}, ("search_parameters", "web_search_options")),
    ],
)
def test_chat_tools_that_are_not_the_callers_own_have_no_bound(payload: dict[str, Any], named: tuple[str, ...]) -> None:
    assert asked(OpenAIChat(), {"messages": [], **payload}).unbounded == named


# What agents send, turn by turn: text, whose bound is its bytes.
TEXT_MESSAGES: tuple[Any, ...] = (
    {"role": "system", "content": "x"},
    {"role": "user", "content": [{"type": "text", "text": "x", "cache_control": {"type": "ephemeral"}}]},
    {"role": "user", "content": [{"text": "x"}, "x"]},
    {"role": "assistant", "content": None, "tool_calls": [{"id": "c", "type": "function", "function": {"name": "f", "arguments": "{}"}}]},
    {"role": "assistant", "content": [{"type": "refusal", "refusal": "no"}], "refusal": None, "audio": None, "annotations": []},
    {"role": "assistant", "content": "x", "reasoning_content": "y", "reasoning_details": [{"type": "reasoning.text", "text": "y"}]},
    {"role": "assistant", "content": "x", "thinking_blocks": [{"type": "thinking", "thinking": "y", "signature": "s"}]},
    {"role": "tool", "tool_call_id": "c", "content": [{"type": "text", "text": "x"}]},
    {"role": "function", "name": "f", "content": "x"},
)


@pytest.mark.parametrize("message", TEXT_MESSAGES)
def test_the_text_of_agents_is_bounded_by_its_bytes(message: Any) -> None:
    assert_text(OpenAIChat(), {"messages": [message]})
