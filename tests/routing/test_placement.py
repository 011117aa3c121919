"""A call's arms: only calls that every arm could answer are compared, and a holdout gets none."""

from typing import Any

from wellspent.facts.attribution import Attribution
from wellspent.routing.experiment import Arm, Experiment
from wellspent.routing.placement import WIRES, place, wires_of

HALVES = (Arm("big"), Arm("small", model="gpt-5-mini"))
WHO = Attribution(team="care", run="r1", tags=(("zone", "eu"),))


def experiment(**more: Any) -> Experiment:
    said = {"name": "models", "unit": "run", "arms": HALVES, "control": "big", "contract": "support", "from_ms": 0, "wires": ("openai-chat",)}
    return Experiment(**{**said, **more})


def whole(arm: Arm, **more: Any) -> Experiment:
    """Every unit is in one arm."""
    return experiment(arms=(arm,), control=arm.name, **more)


def test_a_call_is_tagged_with_its_arm_and_asks_for_its_model() -> None:
    found = place([whole(Arm("small", model="gpt-5-mini"))], WHO, "openai-chat", "gpt-5", 5)
    assert found is not None
    assert found.attribution == Attribution(team="care", run="r1", tags=(("experiment.models", "small"), ("zone", "eu")))
    assert (found.model, found.arms, found.held_out) == ("gpt-5-mini", ("models=small",), "")


def test_an_arm_without_a_model_leaves_the_callers() -> None:
    found = place([whole(Arm("as-asked"))], WHO, "openai-chat", "gpt-5", 5)
    assert found is not None
    assert (found.model, found.arms) == ("gpt-5", ("models=as-asked",))


def test_every_arm_takes_the_same_calls() -> None:
    """Whether a call is in the experiment does not hang on its arm, or arms would hold different calls."""
    for arm in (Arm("as-asked"), Arm("small", model="gpt-5-mini")):
        for more, who, wire, model in (
            ({}, WHO, "anthropic-messages", "gpt-5"),
            ({}, WHO, "openai-embeddings", "gpt-5"),
            ({"models": ("gpt-5",)}, WHO, "openai-chat", "gpt-5-nano"),
            ({"where": (("team", "sales"),)}, WHO, "openai-chat", "gpt-5"),
            ({"until_ms": 5}, WHO, "openai-chat", "gpt-5"),
            ({"from_ms": 6}, WHO, "openai-chat", "gpt-5"),
            ({"listed": {"r2": arm.name}}, WHO, "openai-chat", "gpt-5"),
            ({}, Attribution(team="care"), "openai-chat", "gpt-5"),
        ):
            assert place([whole(arm, **more)], who, wire, model, 5) is None
    assert place([experiment(models=("gpt-5*",))], WHO, "openai-chat", "gpt-5-nano", 5) is not None
    assert place([], WHO, "openai-chat", "gpt-5", 5) is None


def test_a_holdout_is_for_every_call_of_its_unit() -> None:
    found = place([whole(Arm("none", holdout=True), models=("gpt-5",))], WHO, "openai-embeddings", "text-embedding-3-small", 5)
    assert found is not None
    assert found.held_out == "models"


def test_several_experiments_tag_one_call() -> None:
    other = whole(Arm("on"), name="hint")
    found = place([other, whole(Arm("small", model="gpt-5-mini"))], WHO, "openai-chat", "gpt-5", 5)
    assert found is not None
    assert (found.model, found.arms) == ("gpt-5-mini", ("hint=on", "models=small"))


def test_its_wires_are_those_in_which_every_arms_model_can_be_had() -> None:
    served = {("openai-chat", "gpt-5-mini"), ("openai-chat", "gpt-5"), ("openai-responses", "gpt-5"), ("openai-embeddings", "gpt-5")}
    two = experiment(arms=(Arm("a", model="gpt-5"), Arm("b", model="gpt-5-mini"), Arm("c")))
    assert wires_of(two, lambda wire, model: (wire, model) in served) == ("openai-chat",)
    assert wires_of(experiment(arms=(Arm("a"), Arm("b"))), lambda wire, model: False) == WIRES
    assert "openai-embeddings" not in WIRES
