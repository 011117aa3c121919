"""Bounds of prompts and answers that cannot be talked down: Responses."""

from typing import Any

import pytest
from tests.gateway.wires.bounds import asked, assert_text, size

from wellspent.gateway.wires.openai_content import IMAGE_TOKENS_MAX
from wellspent.gateway.wires.openai_responses import OpenAIResponses


def test_a_tool_without_a_type_has_no_bound_and_is_no_error() -> None:
    asked = OpenAIResponses().ask({"model": "m", "input": "hi", "tools": [{}]}, b"", "", "")
    assert asked.unbounded


KEPT_AT_OPENAI: list[Any] = [
    {"type": "item_reference", "id": "msg_1"},
    {"type": None, "id": "msg_1"},
    {"id": "msg_1"},
    {"type": "reasoning", "id": "rs_1", "summary": []},
    {"type": "code_interpreter_call", "id": "ci_1", "code": "1", "container_id": "c", "outputs": None},
    {"type": "file_search_call", "id": "fs_1", "queries": ["q"], "results": None},
    {"type": "mcp_call", "id": "mcp_1", "name": "n", "arguments": "{}", "server_label": "s"},
    {"type": "web_search_call", "id": "ws_1", "action": {"type": "search", "query": "q"}},
    {"type": "no_such_item", "text": "x"},
    {"type": ["message"], "content": "x"},
    {"role": "user", "content": [{"type": "input_file", "file_url": "http://x"}]},
    {"role": "user", "content": [{"type": "input_file", "file_id": "f"}]},
    {"role": "user", "content": [{"type": "no_such_part", "url": "http://x"}]},
    {"role": "user", "content": [{"type": {}, "url": "http://x"}]},
    {"role": "user", "content": [{"image_url": "http://x"}]},
    {"role": "user", "content": [[{"type": "input_text", "text": "x"}]]},
    {"role": "user", "content": "x", "attachments": [{"type": "no_such_part"}]},
    {"type": "function_call_output", "call_id": "c", "output": [{"type": "input_file", "file_id": "f"}]},
    {"type": "custom_tool_call_output", "call_id": "c", "output": [{"type": "no_such_part"}]},
    17,
]


@pytest.mark.parametrize("item", KEPT_AT_OPENAI)
def test_what_responses_keep_or_is_unknown_is_bounded_by_the_context_window(item: Any) -> None:
    found = asked(OpenAIResponses(), {"input": [{"role": "user", "content": "x"}, item]})
    assert (found.input_tokens_max, found.pictures_in) == (None, True)


SHOT = {"type": "computer_screenshot", "image_url": "https://x/y.png"}


@pytest.mark.parametrize(
    "item",
    [
        {"type": "computer_call_output", "call_id": "c", "output": SHOT},
        {"type": "computer_call_output", "call_id": "c", "output": {"type": "computer_screenshot", "file_id": "f"}},
        {"type": "function_call_output", "call_id": "c", "output": [{"type": "input_image", "file_id": "f"}]},
        {"type": "custom_tool_call_output", "call_id": "c", "output": [{"type": "input_image", "image_url": "https://x"}]},
        {"type": "image_generation_call", "id": "ig_1", "result": None, "status": "completed"},
        {"type": "code_interpreter_call", "id": "ci_1", "code": "1", "container_id": "c", "outputs": [{"type": "image", "url": "https://x"}]},
        {"role": "assistant", "content": "x", "images": [{"type": "image_url", "image_url": {"url": "https://x"}}]},
    ],
)
def test_each_picture_of_a_response_counts_its_maximum(item: dict[str, Any]) -> None:
    payload = {"input": [item, {"role": "user", "content": "x"}]}
    found = asked(OpenAIResponses(), payload)
    assert (found.input_tokens_max, found.pictures_in) == (size(payload) + IMAGE_TOKENS_MAX, True)


@pytest.mark.parametrize("kind", ["additional_tools", "tool_search_output"])
def test_a_hosted_tool_among_the_items_has_no_bound(kind: str) -> None:
    for tool in ("web_search", "code_interpreter"):
        assert asked(OpenAIResponses(), {"input": [{"type": kind, "tools": [{"type": tool}]}]}).unbounded == (tool,)


def test_a_compaction_by_the_provider_has_no_bound() -> None:
    edits = [{"type": "compaction", "compact_threshold": 1_000}]
    assert asked(OpenAIResponses(), {"input": "x", "context_management": edits}).unbounded == ("compaction",)


def test_a_shell_in_a_container_of_the_provider_has_no_bound() -> None:
    for environment, unbounded in ((None, ()), ({"type": "local"}, ()), ({"type": "container_auto"}, ("shell",))):
        assert asked(OpenAIResponses(), {"input": "x", "tools": [{"type": "shell", "environment": environment}]}).unbounded == unbounded


# What Codex, the SDKs and agents send, turn by turn: text, whose bound is its bytes.
TEXT_ITEMS: tuple[Any, ...] = (
    "say hi",
    {"role": "user", "content": "say hi"},
    {
        "type": "message",
        "role": "developer",
        "content": [{"type": "input_text", "text": "x"}],
    },
    {
        "role": "user",
        "content": [{"type": "input_text", "text": "x"}],
        "internal_chat_message_metadata_passthrough": {"content_item_metadata": [{"provenance": {"type": "harness", "hook": False}}]},
    },
    {
        "type": "message",
        "id": "msg_1",
        "status": "completed",
        "role": "assistant",
        "phase": "commentary",
        "content": [{"type": "output_text", "text": "x", "annotations": [{"type": "url_citation", "url": "u"}], "logprobs": []}],
    },
    {"type": "message", "role": "assistant", "content": [{"type": "refusal", "refusal": "no"}]},
    {"type": "reasoning", "id": "rs_1", "summary": [{"type": "summary_text", "text": "x"}], "encrypted_content": "gAAAA"},
    {"type": "reasoning", "summary": [], "content": [{"type": "reasoning_text", "text": "x"}], "encrypted_content": None},
    {"type": "function_call", "id": "fc_1", "name": "f", "arguments": "{}", "call_id": "c", "status": "completed"},
    {"type": "function_call_output", "id": "fco_1", "call_id": "c", "output": "x"},
    {"type": "function_call_output", "call_id": "c", "output": [{"type": "input_text", "text": "x"}]},
    {"type": "custom_tool_call", "call_id": "c", "name": "apply_patch", "input": "x"},
    {"type": "custom_tool_call_output", "call_id": "c", "output": "x"},
    {"type": "local_shell_call", "id": "l", "call_id": "c", "status": "completed", "action": {"type": "exec", "command": ["ls"]}},
    {"type": "local_shell_call_output", "id": "l", "output": "x"},
    {"type": "shell_call", "call_id": "c", "action": {"commands": ["ls"]}},
    {"type": "shell_call_output", "call_id": "c", "output": [{"stdout": "x", "stderr": "", "outcome": {"type": "exit", "exit_code": 0}}]},
    {"type": "apply_patch_call", "call_id": "c", "operation": {"type": "delete_file", "path": "x"}, "status": "completed"},
    {"type": "apply_patch_call_output", "call_id": "c", "status": "completed", "output": "x"},
    {"type": "web_search_call", "status": "completed", "action": {"type": "search", "query": "q"}},
    {"type": "tool_search_call", "arguments": {"query": "x"}, "execution": "client"},
    {"type": "tool_search_output", "tools": [{"type": "function", "name": "f"}], "execution": "client"},
    {"type": "additional_tools", "role": "developer", "tools": [{"type": "function", "name": "f"}]},
    {"type": "computer_call", "id": "cu_1", "call_id": "c", "action": {"type": "click", "x": 1, "y": 1}},
    {"type": "code_interpreter_call", "id": "ci_1", "code": "1", "container_id": "c", "outputs": [{"type": "logs", "logs": "x"}]},
    {"type": "file_search_call", "id": "fs_1", "queries": ["q"], "results": [{"file_id": "f", "text": "x"}]},
    {"type": "mcp_call", "id": "mcp_1", "name": "n", "arguments": "{}", "server_label": "s", "output": "x"},
    {"type": "mcp_list_tools", "id": "mcpl_1", "server_label": "s", "tools": [{"name": "t", "input_schema": {"type": "object"}}]},
    {"type": "mcp_approval_response", "approval_request_id": "a", "approve": True},
    {"type": "compaction", "id": "cmp_1", "encrypted_content": "gAAAA"},
    {"type": "ghost_snapshot", "ghost_commit": {"id": "abc"}},
    {"type": "program_output", "call_id": "c", "id": "p", "result": "x", "status": "completed"},
)


@pytest.mark.parametrize("item", TEXT_ITEMS)
def test_the_text_of_agents_is_bounded_by_its_bytes(item: Any) -> None:
    assert_text(OpenAIResponses(), {"input": item if isinstance(item, str) else [item]})
