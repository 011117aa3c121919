"""Bounds of prompts and answers that cannot be talked down: Messages."""

import json
from typing import Any

import pytest
from tests.gateway.wires.bounds import TEXT, asked, bound, size

from wellspent.facts.call import Ask
from wellspent.gateway.wires.anthropic_messages import AnthropicMessages

FAKE = {"type": "image", "source": {"type": "base64", "data": TEXT}}


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


def claude(content: Any, **more: Any) -> Ask:
    return asked(AnthropicMessages(), {"max_tokens": 9, "messages": [{"role": "user", "content": content}], **more})


@pytest.mark.parametrize(
    "block",
    [
        {"type": "document", "source": {"type": "url", "url": "u"}},
        {"type": "container_upload", "file_id": "f"},
        {"type": "web_fetch_tool_result", "tool_use_id": "w", "content": {"type": "web_fetch_result"}},
        {"type": "tool_result", "tool_use_id": "t", "content": [{"type": "document", "source": {"type": "file", "file_id": "f"}}]},
        {"type": "tool_result", "tool_use_id": "t", "content": {"type": "text"}},
        {"type": "tool_reference", "tool_name": "none"},
        {"type": "tool_reference", "tool_name": {}},
        {"type": "no_such_block"},
        {"type": ["text"]},
        {"text": "x"},
        "x",
    ],
)
def test_what_anthropic_keeps_or_is_unknown_is_bounded_by_the_context_window(block: Any) -> None:
    for found in (claude([{"type": "text", "text": "x"}, block]), claude("x", system=[block])):
        assert (found.input_tokens_max, found.pictures_in) == (None, True)


@pytest.mark.parametrize("source", [{"type": "url", "url": "u"}, {"type": "file", "file_id": "f"}, {"type": "base64", "data": ""}, None])
def test_each_picture_of_a_message_counts_its_maximum(source: Any) -> None:
    block = {"type": "image", "source": source}
    for content in ([block], [{"type": "tool_result", "tool_use_id": "t", "content": [block]}]):
        payload = {"max_tokens": 9, "messages": [{"role": "user", "content": content}]}
        found = asked(AnthropicMessages(), payload)
        assert (found.input_tokens_max, found.pictures_in) == (size(payload) + 5_000, True)


def test_a_tool_that_is_named_again_and_again_counts_each_time() -> None:
    tool = {"name": "t", "description": "d" * 9_000, "input_schema": {"type": "object"}, "defer_loading": True}
    names = [{"type": "tool_reference", "tool_name": "t"}] * 5
    for block in (
        {"type": "tool_result", "tool_use_id": "x", "content": names},
        {"type": "tool_search_tool_result", "tool_use_id": "x", "content": {"type": "tool_search_tool_search_result", "tool_references": names}},
        {"type": "compaction", "content": "x", "tool_changes": [{"type": "tool_addition", "tool": each} for each in names]},
    ):
        assert (claude([block], tools=[tool]).input_tokens_max or 0) > 6 * 9_000


@pytest.mark.parametrize(
    ("tool", "named"),
    [
        ({"name": "t", "input_schema": {}}, ()),
        ({"type": "custom", "name": "t", "input_schema": {}}, ()),
        ({"type": "bash_20250124", "name": "bash"}, ()),
        ({"type": "text_editor_20250728", "name": "e"}, ()),
        ({"type": "web_search_20250305", "name": "web_search"}, ("web_search_20250305",)),
        ({"type": "mcp_toolset", "mcp_server_name": "s"}, ("mcp_toolset",)),
        ({"type": "no_such_tool"}, ("no_such_tool",)),
        ("web_search", ("tools",)),
    ],
)
def test_anthropic_tools_that_are_not_the_callers_own_have_no_bound(tool: Any, named: tuple[str, ...]) -> None:
    assert claude("x", tools=[tool]).unbounded == named
    added = {"type": "tool_addition", "tool": {"type": "tool_definition", "definition": tool}}
    assert claude([added]).unbounded == named


def test_other_models_to_fall_back_on_have_no_bound() -> None:
    assert claude("x", fallbacks=[{"model": "m"}]).unbounded == ("fallbacks",)


@pytest.mark.parametrize("hour", [b'"1h"', b'"\\u0031h"', b'"1\\u0068"', b'"1h","ttl":"5m"'])
@pytest.mark.parametrize(
    "body", [b'{"messages":[],"cache_control":{"ttl":HOUR}}', b'{"system":[{"type":"text","cache_control":{"ttl":HOUR}}],"messages":[]}']
)
def test_a_cache_write_of_an_hour_is_found_wherever_it_is(body: bytes, hour: bytes) -> None:
    whole = body.replace(b"HOUR", hour)
    assert AnthropicMessages().ask({"model": "m", **json.loads(whole)}, whole, "", "").cache_write_1h
    plain = body.replace(b"HOUR", b'"5m"')
    assert not AnthropicMessages().ask({"model": "m", **json.loads(plain)}, plain, "", "").cache_write_1h
