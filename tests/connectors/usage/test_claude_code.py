import os
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from tests.connectors.usage.writing import CLAUDE_LOGS, Line, answer, write

from wellspent.connectors.usage.base import Billing, LoggedCall
from wellspent.connectors.usage.claude_code import ClaudeCode, project_of, provider_of
from wellspent.facts.usage import Usage


def at_ms(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp() * 1000)


def read(folder: Path, since_ms: int = 0) -> tuple[list[LoggedCall], list[str]]:
    """The calls by time, and the problems as text."""
    source = ClaudeCode((folder,))
    calls = sorted(source.calls(since_ms), key=lambda call: (call.at_ms, call.message_id, call.request_id))
    return calls, [f"{problem.times} {problem.what}" for problem in source.problems()]


def read_lines(folder: Path, *lines: Line | bytes) -> tuple[list[LoggedCall], list[str]]:
    write(folder / "-srv-apollo" / "session-a.jsonl", lines)
    return read(folder)


def test_what_a_real_client_wrote_is_counted_once_per_answer() -> None:
    calls, problems = read(CLAUDE_LOGS / "projects")
    assert problems == []
    assert [call.message_id for call in calls] == ["msg_stub4", "msg_stub36", "msg_stub37", "msg_stub38", "msg_stub2", "msg_stub3"]
    each = Usage(input_tokens=24, cache_read_tokens=80, cache_write_5m_tokens=16, output_tokens=7)
    assert {call.usage for call in calls} == {each}
    agents = [(call.model, call.is_subagent, call.agent) for call in calls if call.is_subagent]
    assert agents == [("claude-haiku-4-5-20251001", True, "a1bcf3847ccc2c16f")]
    assert {(call.client, call.project, call.branch, call.provider) for call in calls} == {("claude-code", "/srv/apollo", "HEAD", "anthropic")}
    tool = calls[4]
    assert tool.at_ms == at_ms("2026-11-23T17:06:32.904Z")
    assert tool.request_id == "req_stub000002"
    assert tool.source.read_text().splitlines()[tool.line - 1].count('"msg_stub2"') == 1


def test_the_most_complete_line_of_a_streamed_answer_counts_on_the_day_it_began(tmp_path: Path) -> None:
    lines = [
        answer(out=9, at="2026-11-20T23:59:58.000Z"),
        answer(out=159, at="2026-11-21T00:00:04.000Z"),
        answer(out=9, at="2026-11-20T23:59:59.000Z"),
    ]
    (call,), problems = read_lines(tmp_path, *lines)
    assert call.usage.output_tokens == 159
    assert call.at_ms == at_ms("2026-11-20T23:59:58.000Z")
    assert call.line == 2
    assert problems == []


def test_lines_copied_into_a_resumed_session_belong_to_the_first(tmp_path: Path) -> None:
    own = answer("msg_2", "req_2", out=7, at="2026-11-20T12:00:00.000Z", sessionId="session-b")
    write(tmp_path / "p" / "b.jsonl", [answer(out=5, sessionId="session-b", at="2026-11-20T10:00:01.000Z"), own])
    write(tmp_path / "p" / "a.jsonl", [answer(out=5)])
    calls, _ = read(tmp_path)
    assert [(call.session, call.message_id) for call in calls] == [("session-a", "msg_1"), ("session-b", "msg_2")]


@pytest.mark.parametrize(
    ("others", "number"),
    [
        ([answer(request="req_2")], 2),  # asked twice
        ([answer(request=None)], 1),  # an old line of the same answer, without its request
        ([answer(request="req_9", isSidechain=True)], 1),  # copied into a subagent's log under a new request
        ([answer(request=None), answer(request="req_2"), answer(request="req_3", isSidechain=True)], 2),
    ],
)
@pytest.mark.parametrize("reverse", [False, True])
def test_what_is_the_same_answer(tmp_path: Path, others: list[Line], number: int, reverse: bool) -> None:
    lines = [answer(), *others]
    calls, _ = read_lines(tmp_path, *(reversed(lines) if reverse else lines))
    assert len(calls) == number
    assert calls[0].request_id == "req_1"
    assert not calls[0].is_subagent


def test_old_logs_without_requests_or_message_ids(tmp_path: Path) -> None:
    old = answer(request=None, out=3), answer(request=None, out=8)
    unnamed: list[Line] = [answer("", None, out=11), answer("", None, out=12)]
    calls, _ = read_lines(tmp_path, *old, *unnamed, *unnamed)
    assert [call.usage.output_tokens for call in calls] == [11, 12, 8]


def test_a_parent_that_repeats_its_subagent_counts_it_once(tmp_path: Path) -> None:
    spoken = answer("msg_sub", "req_sub", isSidechain=True, agentId="a1")
    inner = {"type": "assistant", "message": spoken["message"], "requestId": "req_sub", "timestamp": spoken["timestamp"]}
    progress = {
        **answer(),
        "type": "progress",
        "requestId": None,
        "message": None,
        "data": {"type": "agent_progress", "agentId": "a1", "message": inner},
    }
    write(tmp_path / "p" / "session-a" / "subagents" / "agent-a1.jsonl", [spoken])
    (call,), problems = read_lines(tmp_path, progress, {"type": "progress", "data": {"usage": {}}})
    assert (call.agent, call.is_subagent, call.session) == ("a1", True, "session-a")
    assert problems == []


def test_the_clients_own_words_and_other_lines_are_no_calls(tmp_path: Path) -> None:
    result = {"type": "user", "toolUseResult": {"usage": {"input_tokens": 9}}, "message": {"role": "user", "usage": {"input_tokens": 9}}}
    calls, problems = read_lines(tmp_path, answer(model="<synthetic>"), result, {"type": "summary", "usage": 1})
    assert (calls, problems) == ([], [])


@pytest.mark.parametrize(
    ("said", "counted"),
    [
        ({}, Usage(100, 1000, 50, 0, 10)),
        ({"cache_creation": {"ephemeral_5m_input_tokens": 20, "ephemeral_1h_input_tokens": 30}}, Usage(100, 1000, 20, 30, 10)),
        ({"cache_creation": None}, Usage(100, 1000, 50, 0, 10)),
        ({"cache_creation_input_tokens": None, "cache_creation": {"ephemeral_1h_input_tokens": 70}}, Usage(100, 1000, 0, 70, 10)),
        ({"server_tool_use": {"web_search_requests": 3}}, Usage(100, 1000, 50, 0, 10, web_searches=3)),
        ({"service_tier": "priority"}, Usage(100, 1000, 50, 0, 10, service_tier="priority")),
        ({"speed": "fast"}, Usage(100, 1000, 50, 0, 10, service_tier="fast")),
        (
            {"iterations": [{"type": "compaction", "input_tokens": 5000, "output_tokens": 300}, {"type": "message", "input_tokens": 9}]},
            Usage(5100, 1000, 50, 0, 310),
        ),
        ({"a_new_field": {"deep": [1]}}, Usage(100, 1000, 50, 0, 10)),
    ],
)
def test_how_usage_is_counted(tmp_path: Path, said: dict[str, Any], counted: Usage) -> None:
    (call,), problems = read_lines(tmp_path, answer(usage=said))
    assert call.usage == counted
    assert problems == []


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        (answer(usage={"output_tokens": -5}), "1 output_tokens is no number that can be true; the line is not counted"),
        (answer(usage={"input_tokens": 10**15}), "1 input_tokens is no number that can be true; the line is not counted"),
        (answer(usage={"input_tokens": "many"}), "1 input_tokens is no number that can be true; the line is not counted"),
        (answer(at=None), "1 an answer has no time that can be read; it is not counted"),
        (answer(at="yesterday"), "1 an answer has no time that can be read; it is not counted"),
        ({**answer(), "message": {"model": "claude-opus-4-8", "usage": 5}}, "1 an answer has no usage in a known form; it is not counted"),
        (b'{"usage": 12' + b"3" * 400 + b"}\n", "1 a line is not JSON; it is not counted"),
        (b'{"type":"assistant","message":{"usage"\n', "1 a line is not JSON; it is not counted"),
        (b'["usage"]\n', "1 a line is no JSON object; it is not counted"),
        (b"\0\0\0\0\0\n", "1 a line is not JSON; it is not counted"),
        (
            b'{"type":"assistant","message":{"id":"msg_9","us',
            "1 a last line is not finished (its session is running, or was cut off); it is not counted",
        ),
        (
            answer(
                "msg_0",
                "req_0",
                out=0,
                usage={"input_tokens": 0, "cache_read_input_tokens": 0, "cache_creation_input_tokens": 0, "cache_creation": {}},
            ),
            "1 an answer is logged without any tokens; what it cost is not known, and it is not counted",
        ),
    ],
)
def test_what_cannot_be_used_is_said_and_the_rest_is_counted(tmp_path: Path, line: Line | bytes, problem: str) -> None:
    calls, problems = read_lines(tmp_path, answer("msg_good", "req_good"), line)
    assert [call.message_id for call in calls] == ["msg_good"]
    assert problems == [problem]


def test_a_line_behind_nul_bytes_is_read(tmp_path: Path) -> None:
    write(tmp_path / "p" / "x.jsonl", [answer()])
    whole = (tmp_path / "p" / "x.jsonl").read_bytes()
    calls, problems = read_lines(tmp_path, b"\0\0\0" + whole)
    assert len(calls) == 1
    assert problems == []


def test_only_what_is_asked_for(tmp_path: Path) -> None:
    since_ms = at_ms("2026-11-20T10:00:00.000Z")
    early, late = answer("msg_1", "req_1", at="2026-11-20T09:59:59.999Z"), answer("msg_2", "req_2")
    write(tmp_path / "p" / "a.jsonl", [early, late])
    write(tmp_path / "p" / "old.jsonl", [answer("msg_3", "req_3")], written_s=since_ms / 1000 - 3_601)
    calls, _ = read(tmp_path, since_ms)
    assert [call.message_id for call in calls] == ["msg_2"]


def test_an_answer_that_began_before_belongs_to_before(tmp_path: Path) -> None:
    write(tmp_path / "p" / "a.jsonl", [answer(at="2026-11-20T09:59:59.000Z", out=1), answer(at="2026-11-20T10:00:01.000Z", out=99)])
    since_ms = at_ms("2026-11-20T10:00:00.000Z")
    assert read(tmp_path, since_ms)[0] == []
    assert [call.usage.output_tokens for call in read(tmp_path, since_ms - 1_000)[0]] == [99]


def test_where_it_looks(tmp_path: Path) -> None:
    assert ClaudeCode.here({"HOME": "/h"}).folders == (Path("/h/.claude/projects"), Path("/h/.config/claude/projects"))
    assert ClaudeCode.here({"HOME": "/h", "XDG_CONFIG_HOME": "/x"}).folders[1] == Path("/x/claude/projects")
    assert ClaudeCode.here({"HOME": "/h", "CLAUDE_CONFIG_DIR": "/a, /b/projects,/a"}).folders == (Path("/a/projects"), Path("/b/projects"))
    odd = tmp_path / "a,b"
    odd.mkdir()
    assert ClaudeCode.here({"HOME": "/h", "CLAUDE_CONFIG_DIR": str(odd)}).folders == (odd / "projects",)


@pytest.mark.parametrize(
    ("model", "message", "provider"),
    [
        ("claude-opus-4-8", "msg_01", "anthropic"),
        ("us.anthropic.claude-sonnet-4-5-20250929-v1:0", "msg_01", "aws"),
        ("claude-sonnet-4-5", "msg_bdrk_01", "aws"),
        ("claude-sonnet-4@20250514", "msg_vrtx_01", "google"),
        ("glm-4.6", "x", "zai"),
        ("mystery", "x", ""),
    ],
)
def test_whose_prices_apply(model: str, message: str, provider: str) -> None:
    assert provider_of(model, message) == provider


def test_what_came_by_way_of_a_cloud_is_billed_by_use(tmp_path: Path) -> None:
    write(tmp_path / "p" / "a.jsonl", [answer("msg_bdrk_1"), answer("msg_2", "req_2")])
    calls = {call.message_id: call.billing for call in ClaudeCode((tmp_path,), Billing.SUBSCRIPTION).calls()}
    assert calls == {"msg_bdrk_1": Billing.API_KEY, "msg_2": Billing.SUBSCRIPTION}


def test_the_project_is_where_the_session_was_begun() -> None:
    assert project_of("/srv/my.app/src/deep", "-srv-my-app") == "/srv/my.app"
    assert project_of("/elsewhere", "-srv-my-app") == "/elsewhere"
    assert project_of("", "-srv-my-app") == "-srv-my-app"


def test_a_regional_surcharge_is_said(tmp_path: Path) -> None:
    calls, problems = read_lines(tmp_path, answer(usage={"inference_geo": "us"}))
    assert len(calls) == 1
    assert problems == ["1 inference is bound to a region, whose surcharge has no known price; it is not in the amounts"]


def test_names_of_files_that_are_no_text_can_be_printed(tmp_path: Path) -> None:
    folder = Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xff"))
    write(folder / "a.jsonl", [answer(cwd=None, sessionId=None)])
    (call,), _ = read(tmp_path)
    assert (call.project.encode(), call.session) == (b"?", "a")
