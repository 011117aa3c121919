"""Bounds of prompts and answers that cannot be talked down: generateContent."""

import json
from typing import Any

import pytest
from tests.gateway.wires.bounds import TEXT, asked, assert_text, bound, size

from wellspent.facts.errors import InvalidInput
from wellspent.gateway.wires.gemini import Gemini

INLINE = {"inlineData": {"mimeType": "image/png", "data": TEXT}}


def test_what_looks_like_an_image_in_a_functions_answer_is_text_to_gemini() -> None:
    payload = {"contents": [{"parts": [{"functionResponse": {"response": INLINE}}]}]}
    assert (bound(Gemini(), payload) or 0) >= len(TEXT)


@pytest.mark.parametrize(
    "payload",
    [{"generationConfig": {}, "generation_config": {}}, {"generationConfig": {"maxOutputTokens": 1, "max_output_tokens": 2}}],
)
def test_two_spellings_at_once_are_refused(payload: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput):
        Gemini().ask({"contents": [], **payload}, b"", "m", "")


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


# What agents send, turn by turn: text, whose bound is its bytes.
TEXT_PARTS: tuple[Any, ...] = (
    {"text": "x", "thought": True, "thoughtSignature": "AAAA"},
    {"text": "x", "thought_signature": "AAAA", "part_metadata": {"a": 1}},
    {"functionCall": {"id": "1", "name": "f", "args": {"inlineData": 1}}},
    {"function_response": {"name": "f", "response": {"output": "x"}}},
    {"executableCode": {"language": "PYTHON", "code": "1"}},
    {"code_execution_result": {"outcome": "OUTCOME_OK", "output": "1"}},
    {"text": "x", "inlineData": None},
)


@pytest.mark.parametrize("part", TEXT_PARTS)
def test_the_text_of_agents_is_bounded_by_its_bytes(part: Any) -> None:
    assert_text(Gemini(), {"contents": [{"role": "user", "parts": [part]}], "system_instruction": {"parts": {"text": "x"}}})
