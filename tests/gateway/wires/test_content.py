"""Content of any kind, order and spelling: what is bounded is bounded from above, and what is unknown is never bounded by its bytes."""

import json
from typing import Any, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wellspent.gateway.wires import anthropic_content, gemini_content, openai_content
from wellspent.gateway.wires.anthropic_messages import AnthropicMessages
from wellspent.gateway.wires.base import Wire
from wellspent.gateway.wires.gemini import Gemini
from wellspent.gateway.wires.openai_chat import OpenAIChat
from wellspent.gateway.wires.openai_responses import OpenAIResponses


class Piece(NamedTuple):
    """A part of a prompt with its truth: bytes of its text, how many pictures, and whether it is more than its bytes."""

    part: Any
    text_bytes: int = 0
    pictures: int = 0
    beyond: bool = False


TEXTS = st.text(max_size=60)
DATA = "A" * 4_000
KINDS = (
    {"text", "input_text", "output_text", "image_url", "input_image", "image", "input_audio", "file", "input_file", "document", "tool_result"}
    | openai_content.TEXT_PARTS
    | anthropic_content.TEXT_BLOCKS
    | anthropic_content.BLOCKS_IN
    | {"tool_reference", "tool_search_tool_result", "tool_addition", "computer_screenshot"}
)
UNKNOWN = st.builds(
    lambda kind, url: {"type": kind, "url": url}, st.text(max_size=12).filter(lambda kind: kind not in KINDS) | st.none() | st.integers(), TEXTS
)


def texts(kind: str) -> st.SearchStrategy[Piece]:
    return TEXTS.map(lambda text: Piece({"type": kind, "text": text}, len(text.encode())))


def strange(parts: st.SearchStrategy[Any]) -> st.SearchStrategy[Piece]:
    return parts.map(lambda part: Piece(part, beyond=True))


def shots(*parts: Any) -> st.SearchStrategy[Piece]:
    return st.sampled_from([Piece(part, pictures=1) for part in parts])


CHAT = st.one_of(
    texts("text"),
    shots(*({"type": "image_url", "image_url": {"url": url}} for url in ("https://x/y.png", "data:image/png;base64," + DATA))),
    strange(UNKNOWN | st.just({"type": "file", "file": {"file_id": "f"}})),
)
RESPONSES = st.one_of(
    texts("input_text"),
    shots({"type": "input_image", "file_id": "f"}, {"type": "input_image", "image_url": "data:image/png;base64," + DATA}),
    strange(UNKNOWN | st.just({"type": "input_file", "file_url": "u"})),
)
CLAUDE = st.one_of(
    texts("text"),
    shots(*({"type": "image", "source": source} for source in ({"type": "url", "url": "u"}, {"type": "base64", "data": DATA}))),
    strange(UNKNOWN | st.just({"type": "document", "source": {"type": "url", "url": "u"}})),
)


def spellings(name: str, value: Any) -> st.SearchStrategy[dict[str, Any]]:
    snake = "".join(["_" + each.lower() if each.isupper() else each for each in name])
    return st.sampled_from([{name: value}, {snake: value}])


GEMINI = st.one_of(
    TEXTS.map(lambda text: Piece({"text": text}, len(text.encode()))),
    st.sampled_from(["mimeType", "mime_type"])
    .flatmap(lambda kind: spellings("inlineData", {kind: "image/png", "data": DATA}))
    .map(lambda part: Piece(part, pictures=1)),
    strange(
        spellings("fileData", {"fileUri": "u"})
        | st.text(max_size=9).filter(lambda name: name not in gemini_content.TEXT_PARTS).map(lambda name: {name: "x"})
        | spellings("inlineData", {"mimeType": "video/mp4", "data": "AAAA"})
    ),
)


def chat(parts: list[Any], inner: bool) -> dict[str, Any]:
    return {"messages": [{"role": "user", "content": "x"}, {"role": "tool" if inner else "user", "content": parts}]}


def responses(parts: list[Any], inner: bool) -> dict[str, Any]:
    return {"input": [{"type": "function_call_output", "call_id": "c", "output": parts} if inner else {"role": "user", "content": parts}]}


def claude(parts: list[Any], inner: bool) -> dict[str, Any]:
    blocks = [{"type": "tool_result", "tool_use_id": "t", "content": parts}] if inner else parts
    return {"max_tokens": 1, "messages": [{"role": "user", "content": blocks}]}


def gemini(parts: list[Any], inner: bool) -> dict[str, Any]:
    return {"contents": [], "system_instruction": {"parts": parts}} if inner else {"contents": [{"parts": parts}]}


WIRES: list[tuple[Wire, st.SearchStrategy[Piece], Any, int]] = [
    (OpenAIChat(), CHAT, chat, openai_content.IMAGE_TOKENS_MAX),
    (OpenAIResponses(), RESPONSES, responses, openai_content.IMAGE_TOKENS_MAX),
    (AnthropicMessages(), CLAUDE, claude, anthropic_content.IMAGE_TOKENS_MAX),
    (Gemini(), GEMINI, gemini, gemini_content.IMAGE_TOKENS_MAX),
]


@pytest.mark.parametrize(("wire", "pieces", "placed", "picture_tokens"), WIRES, ids=lambda each: getattr(each, "name", ""))
@given(data=st.data(), inner=st.booleans(), ascii_only=st.booleans(), spaced=st.booleans())
def test_a_bound_is_never_below_what_content_can_be(
    wire: Wire, pieces: st.SearchStrategy[Piece], placed: Any, picture_tokens: int, data: st.DataObject, inner: bool, ascii_only: bool, spaced: bool
) -> None:
    drawn = data.draw(st.lists(pieces, max_size=6))
    payload = {"model": "m", **placed([each.part for each in drawn], inner)}
    body = json.dumps(payload, ensure_ascii=ascii_only, separators=None if spaced else (",", ":")).encode("utf-8", "surrogatepass")
    found = wire.ask(payload, body, "m", "")
    if any(each.beyond for each in drawn):
        assert found.input_tokens_max is None
        assert found.pictures_in
    else:
        most = sum(each.text_bytes + each.pictures * picture_tokens for each in drawn)
        assert found.input_tokens_max is not None
        assert found.input_tokens_max >= most
        assert found.pictures_in == any(each.pictures for each in drawn)
    assert found.unbounded == ()


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | TEXTS,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["type", "content", "parts", "text", "role", "id", "tools", "image_url", "source", "output"]) | TEXTS, inner, max_size=4
        )
    ),
    max_leaves=12,
)


@pytest.mark.parametrize(
    ("wire", "field"), [(wire, field) for wire, field in zip([each[0] for each in WIRES], ("messages", "input", "messages", "contents"), strict=True)]
)
@given(items=st.lists(ANYTHING, max_size=4), system=ANYTHING)
def test_no_content_is_an_error(wire: Wire, field: str, items: list[Any], system: Any) -> None:
    """What makes no sense is for the provider to refuse; only a name in two spellings is refused here."""
    payload = {"model": "m", "max_tokens": 1, field: items, "system": system, "systemInstruction": system}
    wire.ask(payload, json.dumps(payload).encode(), "m", "")
