import json
from typing import Any

import pytest

from wellspent.facts.attribution import Attribution
from wellspent.gateway.caller import Caller, Prefix, client_of, described, identify, speaks_codex, split_prefix, with_metadata
from wellspent.identity.keys import Key


def told(user_id: Any, **known: Any) -> Attribution:
    return with_metadata(Caller(Attribution(**known)), {"metadata": {"user_id": user_id}}).attribution


def test_metadata_fills_only_what_is_open() -> None:
    said = json.dumps({"project": "apollo", "team": "blue", "org": "evil", "person": "eve", "key": "k", "session_id": "s", "device_id": "d"})
    assert told(said, team="core", key="laptop") == Attribution(team="core", key="laptop", project="apollo", session="s")
    assert told(said, project="mine", session="own") == Attribution(team="blue", project="mine", session="own")


@pytest.mark.parametrize("user_id", [None, 5, "", "user_abc", "{", "[1]", "{}", '{"project": 5}', "5"])
def test_metadata_that_says_nothing_changes_nothing(user_id: Any) -> None:
    assert told(user_id) == Attribution()
    assert with_metadata(Caller(Attribution()), {"metadata": user_id}) == Caller(Attribution())


def test_a_long_name_in_metadata_is_cut() -> None:
    assert len(told(json.dumps({"project": "x" * 1_000})).project) == 128


@pytest.mark.parametrize(
    ("headers", "agent"),
    [
        ({b"x-codex-turn-metadata": b'{"agent_name":"/root"}'}, ""),
        ({b"x-codex-turn-metadata": b'{"agent_name": "/root"}'}, ""),
        ({b"x-codex-turn-metadata": b'{"agent_name":"/root/reviewer"}'}, "/root/reviewer"),
        ({b"x-codex-turn-metadata": b'{"agent_name":7}'}, ""),
        ({b"x-codex-turn-metadata": b'{"agent_name"'}, ""),
        ({b"x-claude-code-agent-id": b"a1"}, "a1"),
    ],
)
def test_sub_agents(headers: dict[bytes, bytes], agent: str) -> None:
    assert described(Attribution(), headers, Prefix("/")).agent == agent


@pytest.mark.parametrize(
    ("headers", "codex"),
    [
        ({b"originator": b"codex_exec"}, True),
        ({b"originator": b"Codex Desktop"}, True),
        ({b"user-agent": b"codex-cli"}, True),
        ({b"user-agent": b"myeditor/1.0 (Debian)", b"x-codex-turn-metadata": b"{}"}, True),
        ({b"originator": b"opencode", b"user-agent": b"opencode/1.18"}, False),
        ({}, False),
    ],
)
def test_who_needs_codex_dialect(headers: dict[bytes, bytes], codex: bool) -> None:
    assert speaks_codex(headers) is codex


def test_prefixes() -> None:
    assert split_prefix("/p/apollo/w/tri%20age/v1/messages") == Prefix("/v1/messages", (("project", "apollo"), ("workflow", "tri age")))
    assert split_prefix("/t/blue") == Prefix("/", (("team", "blue"),))
    assert split_prefix("/v1/p/x") == Prefix("/v1/p/x")
    assert split_prefix("/p/a%2Fb/v1/x%20y") == Prefix("/v1/x y", (("project", "a/b"),))


@pytest.mark.parametrize(
    ("user_agent", "client"),
    [
        (b"Agents/Python 0.24.0", "openai-agents"),
        (b"ai-sdk/openai/3.0.141 ai-sdk/provider-utils/4.0.66", "ai-sdk"),
        (b"langchain-anthropic/1.7.7", "langchain-anthropic"),
        (b"", ""),
    ],
)
def test_clients(user_agent: bytes, client: str) -> None:
    assert client_of(user_agent) == client


def test_the_most_deliberate_of_two_keys_wins() -> None:
    keys = {name: Key(name.decode(), name.decode(), Attribution(key=name.decode())) for name in (b"ws-a", b"ws-b")}
    headers = {b"authorization": b"Bearer ws-b", b"x-wellspent-key": b"ws-a"}
    found = identify(headers, b"", Prefix("/"), keys.get, "with-wellspent-key", 0)
    assert isinstance(found, Caller)
    assert found.attribution.key == "ws-a"
