"""Rungs that read a commit's message: sessions, trailers, generated-with lines, checkpoints."""

import hashlib
from collections.abc import Iterable

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wellspent.rework.authorship.checkpoint import checkpoint_claims, checkpoint_ids, checkpoint_of_path
from wellspent.rework.authorship.claim import Author, Claim, ai
from wellspent.rework.authorship.generated import generated_claims
from wellspent.rework.authorship.message import message_of
from wellspent.rework.authorship.sessions import KnownSessions, last_part, prompt_key, session_claims, session_key
from wellspent.rework.authorship.trailers import review_suggestions, trailer_claims

SESSION = "11111111-2222-4333-8444-555555555555"


def authors(claims: Iterable[Claim]) -> list[Author]:
    return [claim.author for claim in claims]


def co_authors(text: str) -> list[Author]:
    return authors(trailer_claims(message_of(text)))


@given(st.text())
def test_any_text_can_be_read(text: str) -> None:
    message = message_of(text)
    found = [*session_claims(message), *trailer_claims(message), *generated_claims(message)]
    assert all(claim.author.state == "ai" for claim in found)
    assert checkpoint_ids(message) == () and isinstance(message.subject, str) and review_suggestions(message) == 0


@pytest.mark.parametrize(
    ("line", "author"),
    [
        ("Co-Authored-By: Claude Opus 4.6 (1M context) <noreply@anthropic.com>", ai("claude-code", "claude-opus-4-6")),
        ("Co-authored-by: Claude <noreply@anthropic.com>", ai("claude-code")),
        ("co-authored-by: Copilot <223556219+Copilot@users.noreply.github.com>", ai("copilot")),
        ("Co-authored-by: Cursor Agent <cursoragent@cursor.com>", ai("cursor")),
        ("Co-authored-by: Codex <noreply@openai.com>", ai("codex")),
        ("Co-authored-by: Amp <amp@ampcode.com>", ai("amp")),
        ("Co-authored-by: aider (openai/gpt-5.2) <aider@aider.chat>", ai("aider", "gpt-5.2")),
        ("Co-authored-by: factory-droid[bot] <138933559+factory-droid[bot]@users.noreply.github.com>", ai("droid")),
        ("Assisted-by: Crush:kimi-k2", ai("crush", "kimi-k2")),
        ("Assisted-by: Claude Opus 4.5 via Crush <crush@charm.land>", ai("crush", "claude-opus-4-5")),
        ("Assisted-by: gpt-5 via Codex", ai("codex", "gpt-5")),
        ("Assisted-by: gpt-5-codex", ai("", "gpt-5-codex")),
        ("Generated-by: Claude Code", ai("claude-code")),
        ("Made-with: Cursor", ai("cursor")),
        ("Replit-Commit-Author: Agent", ai("replit")),
    ],
)
def test_trailers_that_agents_write(line: str, author: Author) -> None:
    assert co_authors(f"change\n\nwhy\n\n{line}\n") == [author]
    assert co_authors(f"change (#1)\r\n\r\n* one\r\n\r\n{line}\r\n\r\n* two\r\n") == [author], "squashed messages have trailers in the middle"


@pytest.mark.parametrize(
    "line",
    [
        "Co-authored-by: Claude Monet <claude@monet.example>",
        "Assisted-by: Maxine Muster <maxine@muster.example>",
        "Assisted-by: Maxine",
        "Signed-off-by: Claude <noreply@anthropic.com>",
        "Reviewed-by: Claude <noreply@anthropic.com>",
        "Replit-Commit-Author: User",
        "  Co-authored-by: Claude <noreply@anthropic.com>",
        "> Co-authored-by: Claude <noreply@anthropic.com>",
        "we add Co-authored-by: Claude <noreply@anthropic.com>",
        "Co-authored-by: Claude",
        "Co-authored-by: " + "x" * 5000 + " <noreply@anthropic.com>",
        "Co-authored-by: dependabot[bot] <49699333+dependabot[bot]@users.noreply.github.com>",
    ],
)
def test_people_quotations_and_other_bots_are_no_agents(line: str) -> None:
    assert co_authors(f"change\n\n{line}\n") == []


def test_an_accepted_suggestion_of_a_review_is_not_authorship() -> None:
    gemini = "Co-authored-by: gemini-code-assist[bot] <176961590+gemini-code-assist[bot]@users.noreply.github.com>"
    copilot = "Co-authored-by: Copilot <175728472+Copilot@users.noreply.github.com>"
    text = f"change\n\n{gemini}\n{copilot}\n"
    assert co_authors(text) == []
    assert review_suggestions(message_of(text)) == 2


@pytest.mark.parametrize(
    ("line", "author"),
    [
        ("Claude-Session: https://claude.ai/code/session_01AbC", ai("claude-code", session="session_01AbC")),
        ("see https://claude.ai/code/session_01AbC for more", ai("claude-code", session="session_01AbC")),
        (f"Amp-Thread-ID: https://ampcode.com/threads/T-{SESSION}", ai("amp", session=f"T-{SESSION}")),
        (f"Agent-Logs-Url: https://github.com/acme/apollo/sessions/{SESSION}", ai("copilot", session=SESSION)),
    ],
)
def test_sessions_that_a_message_names(line: str, author: Author) -> None:
    assert authors(session_claims(message_of(f"change\n\n{line}\n"))) == [author]


def test_a_link_says_nothing_more_where_the_trailer_says_it() -> None:
    text = "change\n\nhttps://claude.ai/code/session_1\n\nClaude-Session: https://claude.ai/code/session_1\n"
    assert authors(session_claims(message_of(text))) == [ai("claude-code", session="session_1")]


def test_a_session_of_the_ledger_is_found_by_its_id_and_by_git_ais_hash_of_it() -> None:
    # Git AI Standard 3.0.0, 1.2.3.1: "s_" and 14 digits of SHA-256 of "tool:conversation"
    digest = hashlib.sha256(f"claude:{SESSION}".encode()).hexdigest()
    assert session_key("claude-code", SESSION) == f"s_{digest[:14]}"
    assert prompt_key("claude-code", SESSION) == digest[:16]
    known = KnownSessions([("claude-code", SESSION), ("codex", "t-1")])
    for name in (SESSION, session_key("claude-code", SESSION), prompt_key("claude-code", SESSION), prompt_key("claude-code", SESSION)[:7]):
        assert known.of(ai("claude-code", session=name)) == ("claude-code", SESSION)
        assert known.of(ai("", session=name)) == ("claude-code", SESSION)
        assert known.of(ai("codex", session=name)) is None, "a session of another client"
    assert known.of(ai("codex", session=session_key("codex", "t-1"))) == ("codex", "t-1")
    assert known.of(ai("codex")) is None and known.of(ai("codex", session="other")) is None


def test_two_clients_with_one_id_are_told_apart_by_the_tool_in_any_order() -> None:
    both = [("claude-code", "1"), ("codex", "1")]
    for known in (KnownSessions(both), KnownSessions(reversed(both))):
        assert known.of(ai("codex", session="1")) == ("codex", "1")
        assert known.of(ai("claude-code", session="1")) == ("claude-code", "1")
        assert known.of(ai("", session="1")) is None, "either of them"


def test_the_id_in_a_link() -> None:
    assert last_part("https://a.example/sessions/42/?x=1") == "42"
    assert last_part("file:///logs/abc.jsonl") == "abc"
    assert last_part("T-1") == "T-1" and last_part("  ") == ""


@pytest.mark.parametrize(
    ("line", "tools"),
    [
        ("🤖 Generated with [Claude Code](https://claude.com/claude-code)", ["claude-code"]),
        ("Generated with Claude Code", ["claude-code"]),
        ("💘 Generated with Crush", ["crush"]),
        ("- Generated with [Firebender](https://firebender.com)", ["firebender"]),
        ("Generated by codex.", ["codex"]),
        ("This file is generated with Claude Code and checked in", []),
        ("Generated with protoc", []),
        ("Generated with care", []),
    ],
)
def test_lines_that_thank_an_agent(line: str, tools: list[str]) -> None:
    assert [author.tool for author in authors(generated_claims(message_of(f"change\n\n{line}\n\nmore\n")))] == tools


def test_a_message_that_goes_on_and_on_is_read_in_no_time() -> None:
    text = "a: " + " " * 200_000 + "x\n" + "\n" * 200_000 + "co-authored-by:" + " <" * 100_000 + "\ngenerated with " + "a " * 100_000
    assert list(generated_claims(message_of(text))) == [] and co_authors(text) == []


def session(**fields: object) -> bytes:
    return orjson.dumps({"checkpoint_id": "0" * 12, "session_id": SESSION, "agent": "Claude Code", "strategy": "manual-commit", **fields})


def test_a_checkpoint_leads_to_its_sessions() -> None:
    assert checkpoint_ids(message_of("change\n\nEntire-Checkpoint: ab12cd34ef56\nEntire-Checkpoint: no\n")) == ("ab12cd34ef56",)
    assert checkpoint_of_path("ab/12cd34ef56/0/metadata.json") == "ab12cd34ef56"
    assert checkpoint_of_path("ab/12cd34ef56/metadata.json") == checkpoint_of_path("ab/12cd34ef56/0/full.jsonl") == ""
    assert authors(checkpoint_claims([session()])) == [ai("claude-code", session=SESSION)]
    assert authors(checkpoint_claims([session(agent="Agent", initial_attribution={"agent_lines": 3})])) == [ai("", session=SESSION)]
    assert authors(checkpoint_claims([session(agent=None), session(session_id="2")])) == [ai("", session=SESSION), ai("claude-code", session="2")]


def test_a_checkpoint_that_cannot_be_read_still_says_that_there_was_one_and_one_without_lines_says_nothing() -> None:
    assert authors(checkpoint_claims([])) == authors(checkpoint_claims([b"{", b"[]", b'{"agent": 1}', b"\xff"])) == [ai("")]
    assert authors(checkpoint_claims([session(initial_attribution={"agent_lines": 0})])) == []
