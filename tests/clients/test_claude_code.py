"""The real Claude Code CLI through the gateway."""

import json
import re
from pathlib import Path

from tests.clients.cli import claude, claude_on_screen
from tests.clients.stage import REFUSAL, Scene

from wellspent.testing.provider.plan import PHRASE

BASH = '[[fake: say=I will look.; tool=Bash; tool_input={"command": "echo from-the-shell", "description": "say"}]]'
EXPLORE = '[[fake: tool=Agent; tool_input={"description": "look", "prompt": "look around", "subagent_type": "Explore"}]]'


def test_it_answers(scene: Scene, tmp_path: Path) -> None:
    ran = claude(tmp_path, scene.url, scene.key("rich"), "say hi [[fake: cached=400; cache_write_1h=30; reasoning=5]]")
    assert ran.code == 0, ran.screen
    assert ran.out.startswith(PHRASE)
    assert ran.reached_for == []
    paid = scene.paid_exactly()[0]
    assert paid.reserved.wire == "anthropic-messages"
    assert paid.ended.usage.cache_write_1h_tokens == 30
    who = paid.who
    assert (who.client, who.key, who.team, who.agent) == ("claude-code", "rich", "core", "")


def test_it_streams(scene: Scene, tmp_path: Path) -> None:
    arguments = ("--output-format", "stream-json", "--include-partial-messages", "--verbose")
    ran = claude(tmp_path, scene.url, scene.key("rich"), "say hi [[fake: chunks=12; chunk_ms=5]]", *arguments)
    events = [json.loads(line) for line in ran.out.splitlines()]
    deltas = [event["event"]["delta"]["text"] for event in events if event.get("event", {}).get("delta", {}).get("type") == "text_delta"]
    assert len(deltas) == 12
    assert "".join(deltas) == events[-1]["result"]
    assert json.loads(scene.arrived[-1].body)["stream"] is True
    paid = scene.paid_exactly()[0]
    assert paid.who.session == events[-1]["session_id"]


def test_tools_and_their_results_are_calls_of_one_session(scene: Scene, tmp_path: Path) -> None:
    ran = claude(tmp_path, scene.url, scene.key("rich"), f"say hi {BASH}", "--allowedTools", "Bash", "--output-format", "json")
    result = json.loads(ran.out)
    assert result["num_turns"] == 2
    assert result["result"] == "I will look."
    assert b"from-the-shell" in scene.arrived[-1].body
    calls = scene.paid_exactly(2)
    assert {paid.who.session for paid in calls} == {result["session_id"]}


def test_a_subagent_is_told_apart(scene: Scene, tmp_path: Path) -> None:
    ran = claude(tmp_path, scene.url, scene.key("rich"), f"go {EXPLORE}", "--output-format", "json")
    assert ran.code == 0, ran.screen
    calls = scene.paid_exactly(len(scene.billed))
    assert len({paid.who.session for paid in calls}) == 1
    agents = [paid.who.agent for paid in calls]
    assert "" in agents
    assert len(set(agents)) == 2


def test_a_used_up_budget_is_read_at_once(scene: Scene, tmp_path: Path) -> None:
    ran = claude(tmp_path, scene.url, scene.key("poor"), "say hi")
    assert ran.code == 1
    assert re.match("API Error: 402 " + REFUSAL, ran.out), ran.screen
    scene.refused()


def test_a_person_at_the_screen_reads_the_answer_and_the_refusal(scene: Scene, tmp_path: Path) -> None:
    for key, shown in (("rich", PHRASE.strip()), ("poor", "API Error: 402 " + REFUSAL)):
        with claude_on_screen(tmp_path / key, scene.url, scene.key(key)) as screen:
            screen.wait_for("❯")
            screen.type("say hi")
            screen.wait_for("❯.*say hi")
            screen.type("\r")
            assert "Retrying" not in screen.wait_for(shown)
    scene.paid_exactly()
    assert [answer.status for answer in scene.tap.answers if "x-wellspent-refusal" in answer.headers] == [402]


def test_a_program_around_it_can_tell_a_refusal(scene: Scene, tmp_path: Path) -> None:
    ran = claude(tmp_path, scene.url, scene.key("poor"), "say hi", "--output-format", "json")
    result = json.loads(ran.out)
    assert (result["is_error"], result["api_error_status"]) == (True, 402)
    assert re.search(REFUSAL, result["result"])
    scene.refused()


def test_a_revoked_key_is_told_at_once(scene: Scene, tmp_path: Path) -> None:
    ran = claude(tmp_path, scene.url, scene.key("gone"), "say hi")
    assert ran.code == 1
    assert "the key gone was revoked; ask for a new one" in ran.out
    scene.refused(401, "key_revoked")


def test_a_provider_that_is_down_is_told_and_not_asked_again(scene: Scene, tmp_path: Path) -> None:
    """The gateway has tried what it could: a client that tries ten times more helps nobody."""
    ran = claude(tmp_path, scene.url, scene.key("rich"), "say hi [[fake: drop]]")
    assert ran.code == 1
    assert "no provider answered" in ran.out
    assert len(scene.tap.requests) == 1
