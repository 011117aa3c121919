import pytest

from wellspent.routing.plan import Attempt, Endpoint, Route, plan

ENDPOINTS = (
    Endpoint("openai", "openai"),
    Endpoint("azure", "azure", ("gpt-5*",)),
    Endpoint("anthropic", "anthropic"),
    Endpoint("local", "openai-compatible", ("llama*", "qwen*")),
)


@pytest.mark.parametrize(
    ("wire", "model", "expected"),
    [
        ("openai-chat", "llama-4", ["local:llama-4"]),
        ("openai-chat", "gpt-5", ["azure:gpt-5"]),
        ("openai-chat", "gpt-4o", ["openai:gpt-4o"]),
        ("openai-chat", "local/anything", ["local:anything"]),
        ("openai-chat", "anthropic/claude-opus-4-8", ["openai:anthropic/claude-opus-4-8"]),
        ("anthropic-messages", "claude-opus-4-8", ["anthropic:claude-opus-4-8"]),
        ("openai-chat", "local/", ["openai:local/"]),
        ("gemini", "gemini-3-pro", []),
    ],
)
def test_attempts_stay_in_the_wire_and_prefer_who_names_the_model(wire: str, model: str, expected: list[str]) -> None:
    assert [f"{each.upstream}:{each.model}" for each in plan(wire, model, ENDPOINTS, ())] == expected


def test_a_route_decides_alone_and_in_its_order() -> None:
    routes = (Route("gpt-5*", ("azure:prod-gpt5", "openai", "anthropic")),)
    assert plan("openai-responses", "gpt-5.4", ENDPOINTS, routes) == (Attempt("azure", "prod-gpt5"), Attempt("openai", "gpt-5.4"))


def test_the_first_route_that_matches_counts_and_the_others_leave_a_model_alone() -> None:
    routes = (Route("claude-*", ("anthropic",)), Route("gpt-5", ("openai",)), Route("gpt-*", ("local:qwen3:8b",)))
    assert plan("openai-chat", "gpt-5", ENDPOINTS, routes) == (Attempt("openai", "gpt-5"),)
    assert plan("openai-chat", "gpt-4", ENDPOINTS, routes) == (Attempt("local", "qwen3:8b"),)
    assert plan("openai-chat", "o3", ENDPOINTS, routes) == (Attempt("openai", "o3"),)
    assert plan("openai-chat", "claude-opus-4-8", ENDPOINTS, routes) == ()


def test_upstreams_that_take_any_model_are_tried_in_the_order_of_the_configuration() -> None:
    endpoints = (Endpoint("second", "openai-compatible"), Endpoint("first", "openai"))
    assert [each.upstream for each in plan("openai-chat", "m", endpoints, ())] == ["second", "first"]
