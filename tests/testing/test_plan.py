from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wellspent.testing.provider.anthropic_messages import Messages
from wellspent.testing.provider.directives import Directives
from wellspent.testing.provider.gemini import Gemini
from wellspent.testing.provider.openai_chat import Chat
from wellspent.testing.provider.openai_responses import Responses
from wellspent.testing.provider.plan import Asked, Dialect, Plan, example, plan_answer, tokens_of

DIALECTS: list[Dialect] = [Chat(), Responses(), Messages(), Gemini(), Gemini(array=True)]


def plan(asked: Asked | None = None, **said: Any) -> Plan:
    return plan_answer(1, asked or Asked("gpt-5"), Directives({name: str(value) for name, value in said.items()}), 400)


def test_four_bytes_are_a_token() -> None:
    assert [tokens_of(size) for size in (0, 1, 4, 5)] == [0, 1, 1, 2]
    made = plan()
    assert (made.input_tokens, made.output_tokens, len(made.text), made.cut) == (100, 20, 80, False)


def test_a_cap_is_obeyed_and_told() -> None:
    made = plan(Asked("gpt-5", cap=5))
    assert (made.output_tokens, len(made.text), made.cut) == (5, 20, True)


def test_reasoning_counts_in_the_cap() -> None:
    made = plan(Asked("gpt-5", cap=10), reasoning=30)
    assert (made.output_tokens, made.reasoning_tokens, made.text) == (10, 10, "")
    assert plan(reasoning=30).output_tokens == 50


def test_what_it_is_told_to_say_is_said() -> None:
    assert (plan(say="hello").text, plan(say="hello").output_tokens) == ("hello", 2)
    assert plan(Asked("gpt-5", cap=1), say="hello").text == "hell"


def test_a_tool_is_called_once_and_only_where_it_is_offered() -> None:
    offered = Asked("gpt-5", tools=("Bash",))
    assert plan(offered, tool="Bash", tool_input='{"a": 1}').tool is not None
    assert plan(tool="Bash").tool is None
    assert plan(Asked("gpt-5", tools=("Bash",), tool_answered=True), tool="Bash").tool is None
    assert plan(Asked("gpt-5", tools=("Bash",), cap=1), tool="Bash").tool is None
    broken = plan(offered, tool="Bash", tool_input="{")
    assert broken.tool is not None
    assert broken.tool.arguments == "{}"


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        ({"type": "object", "properties": {"title": {"type": "string"}, "n": {"type": "integer"}}, "required": ["title"]}, {"title": "fake"}),
        ({"properties": {"ok": {"type": "boolean"}}}, {"ok": True}),
        ({"type": "array", "items": {"type": "number"}, "minItems": 2}, [1, 1]),
        ({"anyOf": [{"type": "null"}]}, None),
        ({"enum": ["a", "b"]}, "a"),
        ({"const": 3}, 3),
        ({"type": ["string", "null"]}, "fake"),
        ({}, {}),
    ],
)
def test_an_answer_follows_its_schema(schema: dict[str, Any], value: Any) -> None:
    assert example(schema) == value


@given(
    chunks=st.integers(1, 90),
    cap=st.integers(1, 200) | st.none(),
    reasoning=st.integers(0, 50),
    audio_out=st.integers(0, 30),
    counts=st.tuples(*[st.integers(0, 300)] * 4),
    dialect=st.sampled_from(DIALECTS),
    answers=st.integers(1, 3),
)
def test_bills_are_disjoint_and_whole(
    chunks: int, cap: int | None, reasoning: int, audio_out: int, counts: tuple[int, ...], dialect: Dialect, answers: int
) -> None:
    answers = answers if isinstance(dialect, Chat | Gemini) else 1
    names = ("cached", "cache_write_5m", "cache_write_1h", "audio")
    made = plan(
        Asked("m", cap=cap, answers=answers), chunks=chunks, reasoning=reasoning, audio_out=audio_out, **dict(zip(names, counts, strict=True))
    )
    whole = answers * (made.output_tokens - made.reasoning_tokens)
    bill = dialect.bill(made, whole)
    assert all(quantity > 0 for _, quantity in bill.quantities())
    assert bill.context_tokens == made.input_tokens
    assert bill.answer_tokens == answers * made.output_tokens
    assert cap is None or made.output_tokens <= cap
    sent = sum(event.text_bytes for event in dialect.events(made))
    assert made.shown_tokens(sent) == whole
    assert "".join(made.pieces()) == made.text
