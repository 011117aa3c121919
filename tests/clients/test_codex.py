"""The real Codex CLI through the gateway."""

import json
import re
from pathlib import Path

from tests.clients.cli import codex, codex_builtin
from tests.clients.stage import REFUSAL, Scene

from wellspent.testing.provider.plan import PHRASE

SHELL = '[[fake: tool=exec_command; tool_input={"cmd": "echo from-the-shell"}]]'


def test_it_answers(scene: Scene, tmp_path: Path) -> None:
    ran = codex(tmp_path, scene.url, scene.key("rich"), "say hi [[fake: cached=400; reasoning=5]]")
    assert ran.code == 0, ran.screen
    assert ran.out.startswith(PHRASE)
    assert scene.tap.seen == ["POST /v1/responses"]
    assert json.loads(scene.arrived[-1].body)["stream"] is True
    paid = scene.paid_exactly()[0]
    assert paid.reserved.wire == "openai-responses"
    assert paid.ended.usage.cache_read_tokens == 400
    who = paid.who
    assert (who.client, who.key, who.team, who.agent) == ("codex", "rich", "core", "")
    assert f"session id: {who.session}" in ran.err


def test_tools_and_their_results_are_calls_of_one_session(scene: Scene, tmp_path: Path) -> None:
    ran = codex(tmp_path, scene.url, scene.key("rich"), "--json", f"say hi {SHELL}")
    events = [json.loads(line) for line in ran.out.splitlines()]
    commands = [event["item"] for event in events if event.get("item", {}).get("type") == "command_execution"]
    assert commands[-1]["aggregated_output"] == "from-the-shell\n"
    calls = scene.paid_exactly(2)
    assert {paid.who.session for paid in calls} == {events[0]["thread_id"]}
    usage = events[-1]["usage"]
    assert usage["input_tokens"] + usage["output_tokens"] == sum(paid.ended.charged.tokens for paid in calls)


def test_the_built_in_provider_falls_back_from_its_websocket_at_once(scene: Scene, tmp_path: Path) -> None:
    ran = codex_builtin(tmp_path, scene.url, scene.key("rich"), "say hi")
    assert ran.out.startswith(PHRASE), ran.screen
    assert scene.tap.seen == ["GET /v1/responses", "POST /v1/responses"]
    assert [answer.status for answer in scene.tap.answers] == [426, 200]
    scene.paid_exactly()


def test_a_used_up_budget_is_read_at_once(scene: Scene, tmp_path: Path) -> None:
    ran = codex(tmp_path, scene.url, scene.key("poor"), "say hi")
    assert ran.code == 1
    assert re.search("^ERROR: " + REFUSAL, ran.err, re.MULTILINE), ran.screen
    assert "Reconnecting" not in ran.screen
    scene.refused(400)


def test_a_used_up_budget_is_read_at_once_with_the_built_in_provider(scene: Scene, tmp_path: Path) -> None:
    ran = codex_builtin(tmp_path, scene.url, scene.key("poor"), "say hi")
    assert re.search("^ERROR: " + REFUSAL, ran.err, re.MULTILINE), ran.screen
    assert scene.tap.seen == ["GET /v1/responses", "POST /v1/responses"]
    assert not scene.billed


def test_a_program_around_it_can_tell_a_refusal(scene: Scene, tmp_path: Path) -> None:
    ran = codex(tmp_path, scene.url, scene.key("poor"), "--json", "say hi")
    events = [json.loads(line) for line in ran.out.splitlines()]
    assert events[-1]["type"] == "turn.failed"
    assert re.match(REFUSAL, events[-1]["error"]["message"])


def test_a_revoked_key_is_told_at_once(scene: Scene, tmp_path: Path) -> None:
    ran = codex(tmp_path, scene.url, scene.key("gone"), "say hi")
    assert "ERROR: the key gone was revoked; ask for a new one" in ran.err
    scene.refused(400, "key_revoked")


def test_a_model_that_is_not_allowed_is_told_at_once(scene: Scene, tmp_path: Path) -> None:
    ran = codex(tmp_path, scene.url, scene.key("narrow"), "-m", "gpt-5-mini", "say hi")
    assert "ERROR: key:narrow may not use 'gpt-5-mini'; it may use claude-opus-*, gpt-5" in ran.err
    scene.refused(400, "model_not_allowed")
