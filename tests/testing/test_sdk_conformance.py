"""The official SDKs against the fake provider itself: what they accept is what real providers send."""

import anthropic
import openai
import pytest
from google import genai
from google.genai import types

from wellspent.testing.provider import FakeProvider, masked
from wellspent.testing.provider.plan import PHRASE

WEATHER: dict[str, object] = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
CALL_IT = '[[fake: tool=weather; tool_input={"city": "Lima"}]]'


@pytest.fixture
def openai_client(provider: FakeProvider) -> openai.OpenAI:
    return openai.OpenAI(base_url=f"{provider.url}/v1", api_key="sk-test", max_retries=0)


@pytest.fixture
def anthropic_client(provider: FakeProvider) -> anthropic.Anthropic:
    return anthropic.Anthropic(base_url=provider.url, api_key="sk-test", max_retries=0)


@pytest.fixture(params=["v1beta", "v1"])
def gemini_client(provider: FakeProvider, request: pytest.FixtureRequest) -> genai.Client:
    return genai.Client(api_key="sk-test", http_options=types.HttpOptions(base_url=provider.url, api_version=request.param))


class TestOpenAI:
    def test_chat(self, openai_client: openai.OpenAI, provider: FakeProvider) -> None:
        answer = openai_client.chat.completions.create(
            model="gpt-5", messages=[{"role": "user", "content": "hi [[fake: cached=3; reasoning=4; audio=2]]"}], max_completion_tokens=50
        )
        choice = answer.choices[0]
        assert choice.finish_reason == "stop"
        assert choice.message.content is not None and choice.message.content.startswith(PHRASE)
        assert answer.usage is not None and answer.usage.prompt_tokens_details is not None and answer.usage.completion_tokens_details is not None
        assert answer.usage.prompt_tokens_details.cached_tokens == 3
        assert answer.usage.completion_tokens_details.reasoning_tokens == 4
        seen = provider.calls[-1]
        assert seen.headers["authorization"] == masked("Bearer sk-test")
        assert seen.usage is not None
        assert seen.usage.total_tokens == answer.usage.total_tokens
        assert (seen.usage.cache_read_tokens, seen.usage.input_audio_tokens, seen.usage.output_reasoning_tokens) == (3, 2, 4)

    def test_chat_streamed(self, openai_client: openai.OpenAI, provider: FakeProvider) -> None:
        with openai_client.chat.completions.stream(
            model="gpt-5", messages=[{"role": "user", "content": "hi [[fake: chunks=60]]"}], stream_options={"include_usage": True}
        ) as stream:
            text = "".join(event.delta for event in stream if event.type == "content.delta")
            whole = stream.get_final_completion()
        assert text == whole.choices[0].message.content
        assert whole.usage is not None
        assert provider.calls[-1].usage is not None
        assert whole.usage.total_tokens == provider.calls[-1].usage.total_tokens
        assert provider.calls[-1].sent_chunks == 60

    def test_chat_without_asking_for_usage_gets_none(self, openai_client: openai.OpenAI) -> None:
        chunks = list(openai_client.chat.completions.create(model="gpt-5", messages=[{"role": "user", "content": "hi"}], stream=True))
        assert all(chunk.usage is None and chunk.choices for chunk in chunks)

    def test_several_answers(self, openai_client: openai.OpenAI, provider: FakeProvider) -> None:
        answer = openai_client.chat.completions.create(model="gpt-5", messages=[{"role": "user", "content": "hi"}], n=3, max_tokens=5)
        assert [choice.finish_reason for choice in answer.choices] == ["length"] * 3
        assert answer.usage is not None
        assert answer.usage.completion_tokens == 15
        assert provider.calls[-1].usage is not None
        assert provider.calls[-1].usage.output_tokens == 15

    def test_chat_tool(self, openai_client: openai.OpenAI) -> None:
        tools: list[openai.types.chat.ChatCompletionToolParam] = [{"type": "function", "function": {"name": "weather", "parameters": WEATHER}}]
        messages: list[openai.types.chat.ChatCompletionMessageParam] = [{"role": "user", "content": CALL_IT}]
        with openai_client.chat.completions.stream(model="gpt-5", messages=messages, tools=tools) as stream:
            streamed = stream.get_final_completion().choices[0]
        whole = openai_client.chat.completions.create(model="gpt-5", messages=messages, tools=tools).choices[0]
        assert streamed.message.tool_calls is not None and whole.message.tool_calls is not None
        call = whole.message.tool_calls[0]
        assert call.type == "function"
        assert (call.function.name, call.function.arguments) == ("weather", '{"city": "Lima"}')
        assert streamed.message.tool_calls[0].function.arguments == call.function.arguments
        assert streamed.finish_reason == whole.finish_reason == "tool_calls"

    def test_responses(self, openai_client: openai.OpenAI, provider: FakeProvider) -> None:
        answer = openai_client.responses.create(model="gpt-5", input="hi [[fake: cached=2; reasoning=3; web_search=2]]", service_tier="flex")
        assert answer.status == "completed"
        assert answer.output_text.startswith(PHRASE)
        assert answer.usage is not None
        assert answer.usage.input_tokens_details.cached_tokens == 2
        assert answer.service_tier == "flex"
        seen = provider.calls[-1].usage
        assert seen is not None
        assert (seen.web_searches, seen.output_reasoning_tokens, seen.service_tier) == (2, 3, "flex")

    def test_responses_streamed_and_cut(self, openai_client: openai.OpenAI) -> None:
        with openai_client.responses.stream(model="gpt-5", input="hi", max_output_tokens=16) as stream:
            events = [event.type for event in stream]
        assert events[0] == "response.created"
        assert events[-1] == "response.incomplete"

    def test_responses_tool_streamed(self, openai_client: openai.OpenAI) -> None:
        with openai_client.responses.stream(
            model="gpt-5", input=CALL_IT, tools=[{"type": "function", "name": "weather", "parameters": WEATHER, "strict": False}]
        ) as stream:
            whole = stream.get_final_response()
        item = whole.output[0]
        assert item.type == "function_call"
        assert (item.name, item.arguments) == ("weather", '{"city": "Lima"}')

    def test_embeddings_as_floats_and_packed(self, openai_client: openai.OpenAI) -> None:
        packed = openai_client.embeddings.create(model="text-embedding-3-small", input=["a", "b"])
        plain = openai_client.embeddings.create(model="text-embedding-3-small", input="a", encoding_format="float")
        assert packed.data[0].embedding == plain.data[0].embedding != packed.data[1].embedding
        assert packed.usage.total_tokens > 0

    def test_models(self, openai_client: openai.OpenAI) -> None:
        assert "gpt-5" in [model.id for model in openai_client.models.list()]
        assert openai_client.models.retrieve("gpt-5").id == "gpt-5"
        with pytest.raises(openai.NotFoundError):
            openai_client.models.retrieve("nope")

    def test_azure_deployments(self, provider: FakeProvider) -> None:
        client = openai.AzureOpenAI(azure_endpoint=provider.url, api_key="k", api_version="2025-04-01-preview")
        answer = client.chat.completions.create(model="my-gpt", messages=[{"role": "user", "content": "hi"}])
        assert answer.model == "my-gpt"
        assert provider.calls[-1].path == "/openai/deployments/my-gpt/chat/completions?api-version=2025-04-01-preview"
        newer = openai.OpenAI(base_url=f"{provider.url}/openai/v1", api_key="k")
        assert newer.responses.create(model="my-gpt", input="hi").output_text

    def test_errors(self, openai_client: openai.OpenAI) -> None:
        with pytest.raises(openai.RateLimitError, match="slow down") as caught:
            openai_client.responses.create(model="gpt-5", input="[[fake: status=429; retry_after=7; message=slow down]]")
        assert caught.value.response.headers["retry-after"] == "7"
        with pytest.raises(openai.InternalServerError):
            openai_client.responses.create(model="gpt-5", input="hi", extra_headers={"x-fake": "status=500"})


class TestAnthropic:
    def test_messages(self, anthropic_client: anthropic.Anthropic, provider: FakeProvider) -> None:
        answer = anthropic_client.messages.create(
            model="claude-opus-4-8",
            max_tokens=100,
            messages=[{"role": "user", "content": "hi [[fake: cached=5; cache_write_5m=4; cache_write_1h=3; web_search=2]]"}],
        )
        usage = answer.usage
        assert (usage.cache_read_input_tokens, usage.cache_creation_input_tokens) == (5, 7)
        assert usage.cache_creation is not None and usage.cache_creation.ephemeral_1h_input_tokens == 3
        assert usage.server_tool_use is not None and usage.server_tool_use.web_search_requests == 2
        assert answer.stop_reason == "end_turn"
        seen = provider.calls[-1].usage
        assert seen is not None
        assert (seen.input_tokens, seen.output_tokens) == (usage.input_tokens, usage.output_tokens)
        assert (seen.cache_read_tokens, seen.cache_write_5m_tokens, seen.cache_write_1h_tokens, seen.web_searches) == (5, 4, 3, 2)

    def test_messages_streamed_with_thinking(self, anthropic_client: anthropic.Anthropic, provider: FakeProvider) -> None:
        with anthropic_client.messages.stream(
            model="claude-opus-4-8", max_tokens=30, messages=[{"role": "user", "content": "hi [[fake: reasoning=5; output_tokens=90]]"}]
        ) as stream:
            text = "".join(stream.text_stream)
            whole = stream.get_final_message()
        assert [block.type for block in whole.content] == ["thinking", "text"]
        assert len(text) == 25 * 4
        assert (whole.stop_reason, whole.usage.output_tokens) == ("max_tokens", 30)
        assert provider.calls[-1].usage is not None
        assert provider.calls[-1].usage.output_tokens == 30

    @pytest.mark.parametrize("stream", [False, True])
    def test_tool(self, anthropic_client: anthropic.Anthropic, stream: bool) -> None:
        tools: list[anthropic.types.ToolParam] = [{"name": "weather", "input_schema": WEATHER}]
        messages: list[anthropic.types.MessageParam] = [{"role": "user", "content": CALL_IT}]
        if stream:
            with anthropic_client.messages.stream(model="claude-opus-4-8", max_tokens=100, messages=messages, tools=tools) as streamed:
                answer: anthropic.types.Message = streamed.get_final_message()
        else:
            answer = anthropic_client.messages.create(model="claude-opus-4-8", max_tokens=100, messages=messages, tools=tools)
        block = answer.content[0]
        assert block.type == "tool_use"
        assert (block.name, block.input, answer.stop_reason) == ("weather", {"city": "Lima"}, "tool_use")

    def test_counting_and_models(self, anthropic_client: anthropic.Anthropic) -> None:
        counted = anthropic_client.messages.count_tokens(model="claude-opus-4-8", messages=[{"role": "user", "content": "hi"}])
        assert counted.input_tokens > 0
        assert "claude-opus-4-8" in [model.id for model in anthropic_client.models.list()]

    def test_errors(self, anthropic_client: anthropic.Anthropic) -> None:
        with pytest.raises(anthropic.APIStatusError, match="overloaded_error"):
            anthropic_client.messages.create(model="claude-opus-4-8", max_tokens=9, messages=[{"role": "user", "content": "[[fake: status=529]]"}])


class TestGemini:
    def test_generate(self, gemini_client: genai.Client, provider: FakeProvider) -> None:
        answer = gemini_client.models.generate_content(model="gemini-2.5-flash", contents="hi [[fake: cached=2; reasoning=4; audio=3; web_search=1]]")
        assert answer.text is not None and answer.text.startswith(PHRASE)
        usage, seen = answer.usage_metadata, provider.calls[-1].usage
        assert usage is not None and seen is not None
        assert (usage.cached_content_token_count, usage.thoughts_token_count) == (2, 4)
        assert usage.total_token_count == seen.total_tokens
        assert (seen.cache_read_tokens, seen.output_reasoning_tokens, seen.input_audio_tokens, seen.web_searches) == (2, 4, 3, 1)

    def test_streamed(self, gemini_client: genai.Client, provider: FakeProvider) -> None:
        config = types.GenerateContentConfig(max_output_tokens=10)
        chunks = list(gemini_client.models.generate_content_stream(model="gemini-2.5-flash", contents="hi", config=config))
        assert len("".join(chunk.text or "" for chunk in chunks)) == 40
        last = chunks[-1]
        assert last.candidates is not None and last.candidates[0].finish_reason == types.FinishReason.MAX_TOKENS
        assert last.usage_metadata is not None and provider.calls[-1].usage is not None
        assert last.usage_metadata.total_token_count == provider.calls[-1].usage.total_tokens

    def test_tool(self, gemini_client: genai.Client) -> None:
        declared = types.Tool(function_declarations=[types.FunctionDeclaration(name="weather", parameters_json_schema=WEATHER)])
        config = types.GenerateContentConfig(tools=[declared])
        answer = gemini_client.models.generate_content(model="gemini-2.5-flash", contents=CALL_IT, config=config)
        assert answer.function_calls is not None
        assert (answer.function_calls[0].name, answer.function_calls[0].args) == ("weather", {"city": "Lima"})

    def test_json_follows_its_schema(self, gemini_client: genai.Client) -> None:
        config = types.GenerateContentConfig(response_mime_type="application/json", response_json_schema=WEATHER)
        answer = gemini_client.models.generate_content(model="gemini-2.5-flash", contents="hi", config=config)
        assert answer.text == '{"city":"fake"}'

    def test_counting_and_models(self, gemini_client: genai.Client) -> None:
        counted = gemini_client.models.count_tokens(model="gemini-2.5-flash", contents="hi")
        assert counted.total_tokens is not None and counted.total_tokens > 0
        assert "models/gemini-2.5-flash" in [model.name for model in gemini_client.models.list()]
