"""The official Python SDKs through the gateway: the answer is right, the ledger is exact, and a refusal is read at once."""

import asyncio
from collections.abc import Callable, Iterator

import anthropic
import openai
import pytest
from google import genai
from google.genai import errors, types
from openai.types.chat import ChatCompletionMessageParam, ChatCompletionStreamOptionsParam
from tests.clients.stage import REFUSAL, Scene

from wellspent.testing.provider.plan import PHRASE

HI: list[ChatCompletionMessageParam] = [{"role": "user", "content": "say hi [[fake: cached=4; reasoning=5]]"}]
HELLO: list[anthropic.types.MessageParam] = [{"role": "user", "content": "say hi [[fake: cached=4; cache_write_5m=3; reasoning=5]]"}]
OPENAI_CALLS: dict[str, Callable[[openai.OpenAI], object]] = {
    "chat": lambda client: client.chat.completions.create(model="gpt-5", messages=HI),
    "chat stream": lambda client: client.chat.completions.create(model="gpt-5", messages=HI, stream=True),
    "responses": lambda client: client.responses.create(model="gpt-5", input="say hi"),
    "responses stream": lambda client: client.responses.create(model="gpt-5", input="say hi", stream=True),
    "embeddings": lambda client: client.embeddings.create(model="text-embedding-3-large", input=["many words " * 2_000] * 4),
}
GEMINI_CALLS: dict[str, Callable[[genai.Client], object]] = {
    "whole": lambda client: client.models.generate_content(model="gemini-2.5-flash", contents="say hi"),
    "stream": lambda client: list(client.models.generate_content_stream(model="gemini-2.5-flash", contents="say hi")),
}


@pytest.fixture
def openai_client(scene: Scene) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(base_url=f"{scene.url}/v1", api_key=scene.key("rich")) as client:
        yield client


@pytest.fixture
def anthropic_client(scene: Scene) -> Iterator[anthropic.Anthropic]:
    with anthropic.Anthropic(base_url=scene.url, api_key=scene.key("rich")) as client:
        yield client


@pytest.fixture
def gemini_client(scene: Scene) -> Iterator[genai.Client]:
    client = gemini(scene, "rich")
    yield client
    client.close()


def gemini(scene: Scene, key: str) -> genai.Client:
    return genai.Client(api_key=scene.key(key), http_options=types.HttpOptions(base_url=scene.url))


def cost_is_told(scene: Scene) -> None:
    """A whole answer says what it cost; a stream, whose headers go out first, what was held and what is left."""
    headers = scene.metered[-1].headers
    assert headers["x-request-id"] == headers["request-id"] == headers["x-wellspent-call-id"]
    assert headers["x-wellspent-quality"] == "exact"
    assert float(headers["x-wellspent-cost-usd"]) > 0
    assert float(headers["x-wellspent-left-usd"]) > 0


class TestOpenAI:
    def test_chat(self, openai_client: openai.OpenAI, scene: Scene) -> None:
        answer = openai_client.chat.completions.create(model="gpt-5", messages=HI)
        assert (answer.choices[0].message.content or "").startswith(PHRASE)
        paid = scene.paid_exactly()[0]
        assert answer.usage is not None
        assert answer.usage.total_tokens == paid.ended.charged.tokens
        assert paid.who.client == "openai-python"
        cost_is_told(scene)

    @pytest.mark.parametrize("asks", [False, True])
    def test_chat_streamed_with_and_without_usage(self, openai_client: openai.OpenAI, scene: Scene, asks: bool) -> None:
        options: ChatCompletionStreamOptionsParam | openai.Omit = {"include_usage": True} if asks else openai.omit
        chunks = list(openai_client.chat.completions.create(model="gpt-5", messages=HI, stream=True, stream_options=options))
        said = [chunk.usage for chunk in chunks if chunk.usage is not None]
        assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices).startswith(PHRASE)
        assert len(said) == asks
        assert all(chunk.choices for chunk in chunks) is not asks
        paid = scene.paid_exactly()[0]
        if said:
            assert said[0].total_tokens == paid.ended.charged.tokens

    def test_responses(self, openai_client: openai.OpenAI, scene: Scene) -> None:
        answer = openai_client.responses.create(model="gpt-5", input="say hi [[fake: cached=4; reasoning=5]]")
        assert answer.status == "completed"
        assert answer.output_text.startswith(PHRASE)
        assert scene.paid_exactly()[0].reserved.wire == "openai-responses"
        cost_is_told(scene)

    def test_responses_streamed(self, openai_client: openai.OpenAI, scene: Scene) -> None:
        with openai_client.responses.stream(model="gpt-5", input="say hi [[fake: cached=4; reasoning=5]]") as stream:
            events = list(stream)
            whole = stream.get_final_response()
        assert events[-1].type == "response.completed"
        assert whole.output_text.startswith(PHRASE)
        scene.paid_exactly()

    def test_embeddings(self, openai_client: openai.OpenAI, scene: Scene) -> None:
        answer = openai_client.embeddings.create(model="text-embedding-3-small", input=["one", "two"])
        assert len(answer.data) == 2
        assert answer.data[0].embedding != answer.data[1].embedding
        assert scene.paid_exactly()[0].reserved.wire == "openai-embeddings"
        cost_is_told(scene)

    def test_models(self, openai_client: openai.OpenAI, scene: Scene) -> None:
        assert "gpt-5" in [model.id for model in openai_client.models.list()]
        assert openai_client.models.retrieve("gpt-5").id == "gpt-5"
        assert not scene.receipts()

    def test_the_async_client(self, scene: Scene) -> None:
        async def both() -> tuple[str, str]:
            async with openai.AsyncOpenAI(base_url=f"{scene.url}/v1", api_key=scene.key("rich")) as client:
                whole = client.chat.completions.create(model="gpt-5", messages=HI)
                stream = await client.chat.completions.create(model="gpt-5", messages=HI, stream=True)
                streamed = "".join([chunk.choices[0].delta.content or "" async for chunk in stream])
                return (await whole).choices[0].message.content or "", streamed

        whole, streamed = asyncio.run(both())
        assert whole == streamed
        assert whole.startswith(PHRASE)
        scene.paid_exactly(2)

    def test_the_azure_client(self, scene: Scene) -> None:
        with openai.AzureOpenAI(azure_endpoint=scene.url, api_key=scene.key("rich"), api_version="2025-04-01-preview") as client:
            answer = client.chat.completions.create(model="gpt-5", messages=HI)
        assert (answer.choices[0].message.content or "").startswith(PHRASE)
        scene.paid_exactly()

    @pytest.mark.parametrize("call", OPENAI_CALLS)
    def test_a_used_up_budget_is_read_at_once(self, scene: Scene, call: str) -> None:
        with openai.OpenAI(base_url=f"{scene.url}/v1", api_key=scene.key("poor")) as client:
            with pytest.raises(openai.APIStatusError, match=REFUSAL) as caught:
                OPENAI_CALLS[call](client)
            assert caught.value.status_code == 402
            assert caught.value.code == "budget_exhausted"
            assert caught.value.request_id == scene.tap.answers[-1].headers["x-wellspent-call-id"]
        scene.refused()

    def test_a_used_up_budget_is_read_at_once_by_the_async_client(self, scene: Scene) -> None:
        async def ask() -> None:
            async with openai.AsyncOpenAI(base_url=f"{scene.url}/v1", api_key=scene.key("poor")) as client:
                await client.chat.completions.create(model="gpt-5", messages=HI)

        with pytest.raises(openai.APIStatusError, match=REFUSAL):
            asyncio.run(ask())
        scene.refused()


class TestAnthropic:
    def test_messages(self, anthropic_client: anthropic.Anthropic, scene: Scene) -> None:
        answer = anthropic_client.messages.create(model="claude-opus-4-8", max_tokens=200, messages=HELLO)
        assert answer.content[-1].type == "text" and answer.content[-1].text.startswith(PHRASE)
        paid = scene.paid_exactly()[0]
        assert paid.ended.usage.cache_read_tokens == answer.usage.cache_read_input_tokens == 4
        assert paid.who.client == "anthropic-python"
        cost_is_told(scene)

    def test_messages_streamed(self, anthropic_client: anthropic.Anthropic, scene: Scene) -> None:
        with anthropic_client.messages.stream(model="claude-opus-4-8", max_tokens=200, messages=HELLO) as stream:
            text = "".join(stream.text_stream)
            whole = stream.get_final_message()
        assert text.startswith(PHRASE)
        paid = scene.paid_exactly()[0]
        assert paid.ended.usage.output_tokens == whole.usage.output_tokens

    def test_the_async_client(self, scene: Scene) -> None:
        async def streamed() -> str:
            async with (
                anthropic.AsyncAnthropic(base_url=scene.url, api_key=scene.key("rich")) as client,
                client.messages.stream(model="claude-opus-4-8", max_tokens=200, messages=HELLO) as stream,
            ):
                return "".join([text async for text in stream.text_stream])

        assert asyncio.run(streamed()).startswith(PHRASE)
        scene.paid_exactly()

    def test_counting_and_models_are_free(self, anthropic_client: anthropic.Anthropic, scene: Scene) -> None:
        counted = anthropic_client.messages.count_tokens(model="claude-opus-4-8", messages=HELLO)
        assert counted.input_tokens > 0
        assert "claude-opus-4-8" in [model.id for model in anthropic_client.models.list()]
        assert anthropic_client.models.retrieve("claude-opus-4-8").id == "claude-opus-4-8"
        assert not scene.receipts()
        assert [answer.status for answer in scene.tap.answers] == [200, 200, 200]

    @pytest.mark.parametrize("stream", [False, True])
    def test_a_used_up_budget_is_read_at_once(self, scene: Scene, stream: bool) -> None:
        with anthropic.Anthropic(base_url=scene.url, api_key=scene.key("poor")) as client:
            with pytest.raises(anthropic.APIStatusError, match=REFUSAL) as caught:
                client.messages.create(model="claude-opus-4-8", max_tokens=2_000, messages=HELLO, stream=stream)
            assert caught.value.status_code == 402
            assert caught.value.request_id == scene.tap.answers[-1].headers["x-wellspent-call-id"]
        scene.refused()


class TestGemini:
    def test_generate(self, gemini_client: genai.Client, scene: Scene) -> None:
        answer = gemini_client.models.generate_content(model="gemini-2.5-flash", contents="say hi [[fake: cached=2; reasoning=4]]")
        assert (answer.text or "").startswith(PHRASE)
        paid = scene.paid_exactly()[0]
        assert answer.usage_metadata is not None
        assert answer.usage_metadata.total_token_count == paid.ended.charged.tokens
        assert paid.who.client == "google-genai"
        cost_is_told(scene)

    def test_streamed(self, gemini_client: genai.Client, scene: Scene) -> None:
        chunks = list(gemini_client.models.generate_content_stream(model="gemini-2.5-flash", contents="say hi [[fake: cached=2; reasoning=4]]"))
        assert "".join(chunk.text or "" for chunk in chunks).startswith(PHRASE)
        scene.paid_exactly()

    # The SDK's own use of aiohttp.
    @pytest.mark.filterwarnings("ignore:Inheritance class AiohttpClientSession:DeprecationWarning")
    def test_the_async_client(self, scene: Scene) -> None:
        async def streamed() -> str:
            client = gemini(scene, "rich")
            try:
                stream = await client.aio.models.generate_content_stream(model="gemini-2.5-flash", contents="say hi")
                return "".join([chunk.text or "" async for chunk in stream])
            finally:
                await client.aio.aclose()
                client.close()

        assert asyncio.run(streamed()).startswith(PHRASE)
        scene.paid_exactly()

    def test_counting_and_models_are_free(self, gemini_client: genai.Client, scene: Scene) -> None:
        counted = gemini_client.models.count_tokens(model="gemini-2.5-flash", contents="say hi")
        assert (counted.total_tokens or 0) > 0
        assert "models/gemini-2.5-flash" in [model.name for model in gemini_client.models.list()]
        assert not scene.receipts()

    @pytest.mark.parametrize("call", GEMINI_CALLS)
    def test_a_used_up_budget_is_read_at_once(self, scene: Scene, call: str) -> None:
        client = gemini(scene, "poor")
        with pytest.raises(errors.ClientError, match=REFUSAL) as caught:
            GEMINI_CALLS[call](client)
        client.close()
        assert caught.value.code == 402
        scene.refused()
