"""An experiment from the first call to what it found: over the real wire, with the fake provider, to the nano-dollar."""

import json
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from tests.gateway.harness import Gateway, chat
from tests.surfaces.cli.seeded import Folder

from wellspent.budgets.budget import Budget
from wellspent.facts.attribution import Scope
from wellspent.facts.clock import SystemClock
from wellspent.facts.outcome import OutcomeEvent
from wellspent.ledger.outcomes import FILE, OutcomeLog
from wellspent.ledger.reader import JournalReader, Receipt
from wellspent.testing.provider import FakeProvider

CHAT = "/v1/chat/completions"
RUNS = 60
TOML = """
[[contract]]
name = "support"
kind = "conversation_solved"

[[experiment]]
name = "support-model"
unit = "run"
where = { workflow = "triage" }
arms = [{ name = "as-asked" }, { name = "small", model = "gpt-5-mini" }]
control = "as-asked"
contract = "support"
from = "2025-01-01"
planned_n = 60

[[experiment]]
name = "by-hand"
unit = "conversation"
where = { workflow = "care" }
arms = [{ name = "ai" }, { name = "none", holdout = true }]
control = "none"
contract = "support"
from = "2025-01-01"

[[experiment]]
name = "near"
unit = "run"
where = { workflow = "near" }
arms = [{ name = "middle", model = "claude-sonnet-4-5" }, { name = "small", model = "claude-haiku-4-5" }]
control = "middle"
contract = "support"
from = "2025-01-01"

[[experiment]]
name = "over"
unit = "run"
where = { workflow = "old" }
arms = [{ name = "as-asked" }, { name = "none", holdout = true }]
control = "none"
contract = "support"
from = "2024-01-01"
until = "2025-01-01"
"""


@dataclass
class Trial:
    """What was sent, and what it came to."""

    gateway: Gateway
    nanousd: dict[str, int]
    arms: dict[str, str]
    solved: set[str]


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    with FakeProvider() as provider:
        made = Gateway(tmp_path_factory.mktemp("experiments"), provider, {"contact": "ada@acme.example", "unmetered_paths": "pass"})
        made.prepare()
        with (made.folder / "wellspent.toml").open("a") as file:
            file.write(TOML)
        made.start()
        yield made
        made.stop()


def receipt(gateway: Gateway, call_id: str) -> Receipt:
    reader, deadline = JournalReader(gateway.journal), time.monotonic() + 5
    while time.monotonic() < deadline:
        found = reader.receipt(call_id)
        if found is not None and found.ended is not None:
            return found
        time.sleep(0.01)
    raise AssertionError(f"call {call_id} has no end")


def wellspent(gateway: Gateway, *arguments: str) -> Any:
    env = {"WELLSPENT_CONFIG": str(gateway.folder / "wellspent.toml"), "FAKE_KEY": "sk-fake"}
    told = Folder(gateway.folder / "data").run(*arguments, env=env)
    assert told.code == 0, told.err
    return json.loads(told.out) if "--json" in arguments else told.out


def call(gateway: Gateway, run: str, workflow: str = "triage", path: str = CHAT, body: Any = None, **headers: str) -> tuple[int, Any, Any]:
    said = {"x-wellspent-run": run, "x-wellspent-workflow": workflow, **{name.replace("_", "-"): value for name, value in headers.items()}}
    return gateway.post(path, body or chat(), said)


@pytest.fixture(scope="module")
def trial(gateway: Gateway) -> Trial:
    """Sixty runs with one or two calls each, those of the small model cheaper, four of five solved; as their receipts tell it."""
    found = Trial(gateway, {}, {}, set())
    for number in range(RUNS):
        run = f"run-{number}"
        for _ in range(1 + number % 2):
            status, headers, answer = call(gateway, run, body=chat(f"[[fake: output_tokens={200 + number}]]"))
            assert status == 200, answer
            name, _, arm = headers["x-wellspent-experiment"].partition("=")
            assert name == "support-model"
            assert found.arms.setdefault(run, arm) == arm
            found.nanousd[run] = found.nanousd.get(run, 0) + receipt(gateway, headers["x-wellspent-call-id"]).amount_nanousd
        if number % 5:
            found.solved.add(run)
    now_ms = SystemClock().now_ms()
    log = OutcomeLog(gateway.folder / "data" / FILE, SystemClock())
    log.add(OutcomeEvent("desk", run, "conversation_solved", "settled", now_ms, links=(("run", run),)) for run in sorted(found.solved))
    log.close()
    return found


def test_a_call_goes_to_its_arms_model_and_its_receipt_says_so(gateway: Gateway, trial: Trial) -> None:
    run = next(run for run, arm in trial.arms.items() if arm == "small")
    _, headers, answer = call(gateway, run)
    found = receipt(gateway, headers["x-wellspent-call-id"])
    assert gateway.provider.calls[-1].model == "gpt-5-mini" == json.loads(answer)["model"]
    assert (found.reserved.model_asked, found.reserved.model) == ("gpt-5", "gpt-5-mini")
    assert ("experiment.support-model", "small") in found.reserved.attribution.tags
    assert "x-wellspent-degraded-from" not in headers
    trial.nanousd[run] += found.amount_nanousd
    stayed = next(run for run, arm in trial.arms.items() if arm == "as-asked")
    _, headers, _ = call(gateway, stayed)
    trial.nanousd[stayed] += receipt(gateway, headers["x-wellspent-call-id"]).amount_nanousd
    assert gateway.provider.calls[-1].model == "gpt-5"


def test_the_effect_has_grade_a_and_the_arms_own_numbers(gateway: Gateway, trial: Trial) -> None:
    told = wellspent(gateway, "effect", "support-model", "--json")
    for row in told["arms"]:
        runs = [run for run, arm in trial.arms.items() if arm == row["arm"]]
        assert (row["units"], row["succeeded"]) == (len(runs), len(trial.solved & set(runs)))
        assert row["amount_nanousd"] == sum(trial.nanousd[run] for run in runs)
    assert {row["arm"] for row in told["arms"]} == {"as-asked", "small"}
    assert [each["measure"] for each in told["effects"]] == ["share of runs with an outcome", "AI dollars of a run", "AI dollars for an outcome"]
    assert all(each["grade"] == "A" for each in told["effects"])
    rows = {row["arm"]: row for row in told["arms"]}
    means = {arm: row["amount_nanousd"] / row["units"] / 10**9 for arm, row in rows.items()}
    dollars = told["effects"][1]
    assert dollars["difference"] == pytest.approx(means["small"] - means["as-asked"])
    assert dollars["high"] < 0
    assert "The planned 60 runs were reached." in dollars["verdict"]
    assert told["unseen"] == 0


def test_spending_can_be_seen_by_arm(gateway: Gateway, trial: Trial) -> None:
    rows = wellspent(gateway, "spend", "--by", "tags", "--where", "workflow=triage", "--json")
    assert {row["tags"] for row in rows} == {"experiment.support-model=as-asked", "experiment.support-model=small"}


def test_every_wire_that_has_the_model_takes_part_and_others_pass(gateway: Gateway, trial: Trial) -> None:
    run = next(run for run, arm in trial.arms.items() if arm == "small")
    for path, body, model in (
        ("/v1/responses", {"model": "gpt-5", "input": "hi"}, "gpt-5-mini"),
        ("/v1/messages", {"model": "claude-sonnet-4-5", "max_tokens": 9, "messages": [{"role": "user", "content": "hi"}]}, "claude-sonnet-4-5"),
        ("/v1/embeddings", {"model": "text-embedding-3-small", "input": "hi"}, "text-embedding-3-small"),
    ):
        status, headers, answer = call(gateway, run, path=path, body=body)
        assert status == 200, answer
        assert gateway.provider.calls[-1].model == model
        assert ("x-wellspent-experiment" in headers) is (path == "/v1/responses")
    status, headers, _ = call(gateway, run, workflow="other")
    assert "x-wellspent-experiment" not in headers
    status, headers, _ = call(gateway, run, workflow="old")
    assert (status, "x-wellspent-experiment" in headers) == (200, False)


def test_nobody_can_say_that_a_call_is_in_an_arm(gateway: Gateway, trial: Trial) -> None:
    run = next(run for run, arm in trial.arms.items() if arm == "small")
    tags = {f"x_wellspent_tag_t{number}": "x" for number in range(20)}
    _, headers, _ = gateway.post(
        CHAT,
        chat(),
        {
            "x-wellspent-run": run,
            "x-wellspent-workflow": "triage",
            "x-wellspent-tag-experiment.support-model": "as-asked",
            **{name.replace("_", "-"): value for name, value in tags.items()},
        },
    )
    tags_kept = receipt(gateway, headers["x-wellspent-call-id"]).reserved.attribution.tags
    assert len(tags_kept) == 17
    assert ("experiment.support-model", "small") in tags_kept
    _, headers, _ = call(gateway, "r", "other", x_wellspent_tag_zone="eu", **{"x-wellspent-tag-experiment.support-model": "small"})
    assert receipt(gateway, headers["x-wellspent-call-id"]).reserved.attribution.tags == (("zone", "eu"),)


def arm(gateway: Gateway, name: str, query: str, **headers: str) -> tuple[int, Any]:
    status, _, answer = gateway.request("GET", f"/api/v1/experiments/{name}/arm{query}", headers=headers)
    return status, json.loads(answer)


def test_a_holdout_gets_no_ai_and_can_be_known_before(gateway: Gateway) -> None:
    arms = {number: arm(gateway, "by-hand", f"?unit=c-{number}")[1] for number in range(20)}
    assert {each["arm"] for each in arms.values()} == {"ai", "none"}
    for number, told in arms.items():
        before = len(gateway.provider.calls)
        status, headers, answer = call(gateway, "r", "care", x_wellspent_tag_conversation=f"c-{number}")
        assert status == (402 if told["holdout"] else 200), answer
        assert len(gateway.provider.calls) == before + (not told["holdout"])
        if told["holdout"]:
            assert (headers["x-wellspent-refusal"], headers["x-should-retry"]) == ("experiment_holdout", "false")
            assert "The experiment 'by-hand'" in json.loads(answer)["error"]["message"]
            assert "Ask: ada@acme.example." in json.loads(answer)["error"]["message"]
    held = next(number for number, told in arms.items() if told["holdout"])
    embedding = {"model": "text-embedding-3-small", "input": "hi"}
    assert call(gateway, "r", "care", "/v1/embeddings", embedding, x_wellspent_tag_conversation=f"c-{held}")[0] == 402
    for number, told in arms.items():
        status, headers, _ = call(gateway, "r", "care", "/v1/images/generations", {"prompt": "a cat"}, x_wellspent_tag_conversation=f"c-{number}")
        assert (headers.get("x-wellspent-refusal") == "experiment_holdout") is told["holdout"], status


def test_an_application_asks_before_it_calls(gateway: Gateway) -> None:
    status, told = arm(gateway, "support-model", "?unit=run%2D0")
    (row,) = wellspent(gateway, "experiments", "assign", "support-model", "run-0", "--json")
    assert (status, told) == (200, row)
    assert (told["kind"], told["unit"], told["running"], told["holdout"]) == ("run", "run-0", True, False)
    assert arm(gateway, "over", "?unit=x")[1]["running"] is False
    assert arm(gateway, "support-model", "")[0] == 400
    assert arm(gateway, "nothing", "?unit=x")[0] == 404
    assert gateway.request("GET", "/api/v1/experiments/support-model")[0] == 404
    assert arm(gateway, "support-model", "?unit=x", authorization="")[0] == 401
    assert gateway.request("POST", "/api/v1/experiments/support-model/arm?unit=x", {})[0] == 405


def test_near_a_limit_the_prompt_is_counted_for_the_arms_model(gateway: Gateway) -> None:
    """15,000 bytes are at most 15,000 tokens, which the budget cannot pay even at the small model; counted they are a quarter of that."""
    with closing(gateway.store()) as settings:
        secret, _ = settings.create_key("near", org="acme")
        settings.set_budget(Budget("near", Scope("key", "near"), 8_000_000))
    time.sleep(1.0)
    run = next(run for run in map(str, range(99)) if arm(gateway, "near", f"?unit={run}")[1]["arm"] == "small")
    body = {"model": "claude-opus-4-8", "max_tokens": 100, "messages": [{"role": "user", "content": "word " * 3_000}]}
    status, headers, answer = call(gateway, run, "near", "/v1/messages", body, authorization=f"Bearer {secret}")
    assert status == 200, answer
    assert headers["x-wellspent-experiment"] == "near=small"
    counted, asked = gateway.provider.calls[-2:]
    assert "count_tokens" in counted.path
    assert json.loads(counted.body)["model"] == asked.model == "claude-haiku-4-5"


def refused_at_start(folder: Path, toml: str, **settings: Any) -> str:
    with FakeProvider() as provider:
        gateway = Gateway(folder, provider, settings)
        gateway.prepare()
        with (folder / "wellspent.toml").open("a") as file:
            file.write(toml)
        try:
            gateway.start()
        except AssertionError as error:
            return str(error)
        gateway.stop()
        return ""


@pytest.mark.parametrize(
    ("model", "settings", "said"),
    [
        ("gpt-6-imaginary", {}, "'gpt-6-imaginary', which has no known price"),
        ("gpt-6-imaginary", {"unpriced_models": "pass"}, ""),
        ("gpt-5", {"upstreams": '\n[[upstream]]\nname = "a"\nkind = "anthropic"\nbase_url = "PROVIDER"\n'}, "'gpt-5', which has no known price"),
        (
            "gpt-5",
            {"upstreams": '\n[[upstream]]\nname = "a"\nkind = "anthropic"\nbase_url = "PROVIDER"\nmodels = ["claude*"]\n'},
            "'gpt-5', which no upstream serves",
        ),
    ],
)
def test_a_model_that_cannot_be_is_told_at_the_start(tmp_path: Path, model: str, settings: dict[str, Any], said: str) -> None:
    told = refused_at_start(tmp_path, TOML.replace("gpt-5-mini", model), **settings)
    assert said in told
    assert bool(told) is bool(said)


def test_models_of_two_apis_are_told_at_the_start(tmp_path: Path) -> None:
    toml = TOML.replace('{ name = "as-asked" }, { name = "small"', '{ name = "as-asked", model = "claude-sonnet-4-5" }, { name = "small"')
    assert "has models that no API serves together: claude-sonnet-4-5 and gpt-5-mini" in refused_at_start(tmp_path, toml)
