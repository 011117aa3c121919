"""Bounds of prompts and answers that cannot be talked down."""

import json
from typing import Any

import pytest

from wellspent.facts.call import Ask
from wellspent.facts.errors import InvalidInput
from wellspent.gateway.provider import Provider
from wellspent.gateway.wires import jsonedit
from wellspent.gateway.wires.anthropic_messages import AnthropicMessages
from wellspent.gateway.wires.base import Wire
from wellspent.gateway.wires.gemini import Gemini
from wellspent.gateway.wires.openai_chat import OpenAIChat
from wellspent.gateway.wires.openai_content import IMAGE_TOKENS_MAX
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


def asked(wire: Wire, payload: dict[str, Any], path: str = "") -> Ask:
    return wire.ask({"model": "m", **payload}, json.dumps({"model": "m", **payload}).encode(), "m", path)


def size(payload: dict[str, Any]) -> int:
    return len(json.dumps({"model": "m", **payload}))


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


# What Codex, the SDKs and agents send, turn by turn: text, whose bound is its bytes.
TEXT_OF_AGENTS: list[tuple[Wire, dict[str, Any]]] = (
    [
        (OpenAIResponses(), {"input": item if isinstance(item, str) else [item]})
        for item in (
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
    ]
    + [
        (Gemini(), {"contents": [{"role": "user", "parts": [part]}], "system_instruction": {"parts": {"text": "x"}}})
        for part in (
            {"text": "x", "thought": True, "thoughtSignature": "AAAA"},
            {"text": "x", "thought_signature": "AAAA", "part_metadata": {"a": 1}},
            {"functionCall": {"id": "1", "name": "f", "args": {"inlineData": 1}}},
            {"function_response": {"name": "f", "response": {"output": "x"}}},
            {"executableCode": {"language": "PYTHON", "code": "1"}},
            {"code_execution_result": {"outcome": "OUTCOME_OK", "output": "1"}},
            {"text": "x", "inlineData": None},
        )
    ]
    + [
        (OpenAIChat(), {"messages": [message]})
        for message in (
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
    ]
)


@pytest.mark.parametrize(("wire", "payload"), TEXT_OF_AGENTS)
def test_the_text_of_agents_is_bounded_by_its_bytes(wire: Wire, payload: dict[str, Any]) -> None:
    found = asked(wire, payload)
    assert found.input_tokens_max == size(payload)
    assert (found.unbounded, found.audio_in, found.pictures_in) == ((), False, False)


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


def test_gemini_reads_either_spelling() -> None:
    config = {"candidate_count": 8, "max_output_tokens": 1000}
    found = asked(Gemini(), {"contents": [], "generation_config": config})
    assert (found.answers, found.output_tokens_max) == (8, 1000)
    body = json.dumps({"contents": [], "generation_config": config}).encode()
    sent = json.loads(Gemini().capped(json.loads(body), body, 7, None, ""))
    assert sent == {"contents": [], "generation_config": {"candidate_count": 8, "max_output_tokens": 7}}


@pytest.mark.parametrize(
    ("modalities", "sound"),
    [
        (None, False),
        (["TEXT"], False),
        (["text", "Image"], False),
        ([1, 2], False),
        (["AUDIO"], True),
        (["TEXT", "audio"], True),
        ("AUDIO", True),
        ([3], True),
        ([True], True),
        ([{}], True),
        (["VIDEO"], True),
    ],
)
@pytest.mark.parametrize(("settings", "field"), [("generationConfig", "responseModalities"), ("generation_config", "response_modalities")])
def test_gemini_answers_that_may_have_sound(modalities: Any, sound: bool, settings: str, field: str) -> None:
    assert asked(Gemini(), {"contents": [], settings: {field: modalities}}).audio_out is sound


@pytest.mark.parametrize(
    ("tool", "named"),
    [
        ({"google_maps": {}}, ("googleMaps",)),
        ({"file_search": {}}, ("fileSearch",)),
        ({"google_search_retrieval": {}}, ("googleSearchRetrieval",)),
        ({"url_context": {}, "function_declarations": []}, ("urlContext",)),
        ({"computerUse": {}}, ("computerUse",)),
        ({"no_such_tool": {}}, ("noSuchTool",)),
        ({"functionDeclarations": [{"name": "f"}]}, ()),
        ({"function_declarations": [{"name": "f"}], "googleSearch": None}, ()),
        ("googleSearch", ("tools",)),
    ],
)
def test_gemini_tools_that_are_not_the_callers_own_have_no_bound(tool: Any, named: tuple[str, ...]) -> None:
    assert asked(Gemini(), {"contents": [], "tools": [tool]}).unbounded == named


FILM = {"file_data": {"file_uri": "gs://x"}}


@pytest.mark.parametrize(
    "payload",
    [
        {"contents": [{"parts": [FILM]}]},
        {"contents": [{"parts": FILM}]},
        {"contents": [{"parts": [{"text": "x"}, {"no_such_part": {}}]}]},
        {"contents": [{"parts": [{"inlineData": {"mimeType": "video/mp4", "data": "AAAA"}}]}]},
        {"contents": [{"parts": [{"inlineData": "AAAA"}]}]},
        {"contents": [{"parts": [{"function_response": {"name": "f", "response": {}, "parts": [FILM]}}]}]},
        {"contents": [{"parts": [["x"]]}]},
        {"contents": [["x"]]},
        {"contents": [], "system_instruction": {"parts": [FILM]}},
        {"contents": [], "systemInstruction": {"parts": FILM}},
        {"contents": [], "cached_content": "cachedContents/x"},
        {"contents": [], "cachedContent": "cachedContents/x"},
    ],
)
def test_what_gemini_keeps_or_is_unknown_is_bounded_by_the_context_window(payload: dict[str, Any]) -> None:
    found = asked(Gemini(), payload)
    assert (found.input_tokens_max, found.audio_in, found.pictures_in) == (None, True, True)


@pytest.mark.parametrize(
    "payload",
    [
        {"contents": [{"parts": [{"inlineData": {}, "inline_data": {}}]}]},
        {"contents": [], "systemInstruction": {}, "system_instruction": {}},
        {"contents": [], "tools": [{"googleSearch": {}, "google_search": {}}]},
        {"contents": [{"parts": [{"inline_data": {"mimeType": "x", "mime_type": "y"}}]}]},
    ],
)
def test_gemini_names_in_two_spellings_are_refused(payload: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput, match="two spellings"):
        asked(Gemini(), payload)


@pytest.mark.parametrize(
    ("blob", "audio", "tokens_more"),
    [
        ({"mime_type": "IMAGE/PNG", "data": "AAAA"}, False, 10_000 - 4),
        ({"mimeType": "image/png"}, False, 10_000),
        ({"mime_type": "audio/mp3", "data": "//uQAAAA"}, True, 0),
        ({"mimeType": "text/plain", "data": "AAAA"}, False, 0),
    ],
)
@pytest.mark.parametrize("field", ["inlineData", "inline_data"])
def test_gemini_data_in_the_body(blob: dict[str, Any], audio: bool, tokens_more: int, field: str) -> None:
    inner = {"functionResponse": {"name": "f", "response": {}, "parts": [{field: blob}]}}
    for payload in (
        {"contents": [{"parts": [{field: blob}]}]},
        {"contents": [{"parts": [inner]}]},
        {"system_instruction": {"parts": [{field: blob}]}},
    ):
        found = asked(Gemini(), payload)
        assert (found.input_tokens_max, found.audio_in) == (size(payload) + tokens_more, audio)


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
