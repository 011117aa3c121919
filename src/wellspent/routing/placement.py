"""Placement: the arms of a call, before it is held. Pure."""

from collections.abc import Callable, Sequence
from fnmatch import fnmatchcase
from functools import lru_cache

import msgspec
from msgspec import Struct

from wellspent.facts.attribution import Attribution
from wellspent.routing.experiment import Arm, Experiment
from wellspent.routing.plan import WIRES_OF_KIND

# Embeddings are left out: no model of one space can stand in for one of another.
WIRES = tuple(dict.fromkeys(wire for wires in WIRES_OF_KIND.values() for wire in wires if wire != "openai-embeddings"))


class Placed(Struct, frozen=True):
    """What experiments make of a call.

    Attributes:
        attribution: Its own, with a tag for each experiment.
        model: What is asked for; the caller's own where no arm has one.
        arms: ``NAME=ARM`` of each experiment.
        held_out: The experiment in which its unit gets no AI; "" for none.
    """

    attribution: Attribution
    model: str
    arms: tuple[str, ...]
    held_out: str = ""


def place(experiments: Sequence[Experiment], who: Attribution, wire: str, model: str, now_ms: int) -> Placed | None:
    """Find a call's arms; None where no experiment is about it.

    An arm's model is for calls of the experiment's wires and models alone, and so is the tag, whatever the arm: else arms would hold different
    calls. A holdout is for every call of its unit.
    """
    found: list[tuple[Experiment, Arm]] = []
    for experiment in experiments:
        arm = _arm(experiment, who, wire, model, now_ms)
        if arm is not None:
            found.append((experiment, arm))
    if not found:
        return None
    return Placed(
        attribution=_tagged(who, tuple((experiment.tag, arm.name) for experiment, arm in found)),
        model=next((arm.model for _, arm in found if arm.model), model),
        arms=tuple(f"{experiment.name}={arm.name}" for experiment, arm in found),
        held_out=next((experiment.name for experiment, arm in found if arm.holdout), ""),
    )


def wires_of(experiment: Experiment, serves: Callable[[str, str], bool]) -> tuple[str, ...]:
    """The wires in which every arm's model can be had: in another, an arm's calls would differ from the control's by more than the arm.

    Args:
        serves: Whether a model can be had in a wire.
    """
    models = {arm.model for arm in experiment.arms if arm.model}
    return tuple(wire for wire in WIRES if all(serves(wire, model) for model in models))


def _arm(experiment: Experiment, who: Attribution, wire: str, model: str, now_ms: int) -> Arm | None:
    if not experiment.runs_at(now_ms) or not experiment.covers(who):
        return None
    unit = experiment.unit_of(who)
    arm = experiment.arm_of(unit) if unit else None
    if arm is None or arm.holdout:
        return arm
    named = not experiment.models or any(fnmatchcase(model, pattern) for pattern in experiment.models)
    return arm if named and wire in experiment.wires else None


@lru_cache(maxsize=10_000)
def _tagged(who: Attribution, tags: tuple[tuple[str, str], ...]) -> Attribution:
    """Remembered, because a unit makes many calls. These tags come on top of the caller's own, however many those are."""
    return msgspec.structs.replace(who, tags=tuple(sorted({**dict(who.tags), **dict(tags)}.items())))
