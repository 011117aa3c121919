"""Experiments on the live path: what is checked at the start, and what an application may ask before it calls."""

from collections.abc import Sequence
from urllib.parse import parse_qs

import msgspec

from wellspent.facts.call import Ask
from wellspent.facts.errors import ConfigError
from wellspent.gateway.admission import Desk
from wellspent.gateway.caller import Unidentified
from wellspent.gateway.http.head import HeaderList
from wellspent.gateway.incoming import JSON_TYPE, Incoming
from wellspent.gateway.pipeline import Pipeline
from wellspent.routing.experiment import Experiment, assignment
from wellspent.routing.placement import WIRES, wires_of

PATH, END = "/api/v1/experiments/", "/arm"


def ready(experiments: Sequence[Experiment], desk: Desk, now_ms: int) -> tuple[Experiment, ...]:
    """Experiments with the wires that they run in.

    Raises ConfigError for an arm's model that no upstream serves or that has no known price, and where no wire has all models of an experiment:
    all this would be found by a caller else.
    """
    return tuple(msgspec.structs.replace(each, wires=_wires(each, desk, now_ms)) for each in experiments)


def _wires(experiment: Experiment, desk: Desk, now_ms: int) -> tuple[str, ...]:
    models = sorted({arm.model for arm in experiment.arms if arm.model})
    served = {model: _served(experiment, model, desk, now_ms) for model in models}
    found = wires_of(experiment, lambda wire, model: wire in served[model])
    if not found:
        told = f"the experiment {experiment.name!r} has models that no API serves together: {' and '.join(models)}"
        raise ConfigError(told, fix="compare models of one API: a call stays in the API that it came in")
    return found


def _served(experiment: Experiment, model: str, desk: Desk, now_ms: int) -> list[str]:
    """The wires in which a model is known: an upstream that takes any name would be asked for what it does not have."""
    attempts = {wire: desk.priced(Ask(wire, model), model, now_ms) for wire in WIRES}
    planned = [wire for wire, found in attempts.items() if found]
    priced = [wire for wire in planned if any(each.price is not None for each in attempts[wire])]
    if priced or (planned and desk.rules.unpriced_models == "pass"):
        return priced or planned
    told = f"the experiment {experiment.name!r} has an arm with the model {model!r}"
    if planned:
        raise ConfigError(f"{told}, which has no known price", fix="mend its name, or add a price under [[terms]]")
    raise ConfigError(f"{told}, which no upstream serves", fix="mend its name, or add an [[upstream]] that serves it")


class Arms:
    """``GET /api/v1/experiments/NAME/arm?unit=ID``, for any key that may call: which arm is it, before anything is called?"""

    def __init__(self, pipeline: Pipeline) -> None:
        self._pipeline = pipeline

    async def answer(self, incoming: Incoming) -> None:
        """200 with the arm; 400 without a unit, 401 without a key, 404 for an experiment that there is not, 405 for what is no GET."""
        now_ms = self._pipeline.clock.now_ms()
        caller = self._pipeline.identify(incoming, now_ms)
        if isinstance(caller, Unidentified):
            return await _say(incoming, 401, {"error": caller.message}, [(b"x-wellspent-refusal", caller.code.encode())])
        if incoming.method not in ("GET", "HEAD"):
            return await _say(incoming, 405, {"error": f"send a GET; this was {incoming.method}"})
        name = incoming.path.removeprefix(PATH).removesuffix(END)
        experiment = next((each for each in self._pipeline.desk.experiments if each.name == name), None)
        if experiment is None or not incoming.path.endswith(END):
            return await _say(incoming, 404, {"error": f"there is no experiment {name!r}; ask {PATH}NAME{END}?unit=ID"})
        unit = parse_qs(incoming.query.decode("latin-1"), errors="replace").get("unit", [""])[0]
        if not unit:
            return await _say(incoming, 400, {"error": f"name the {experiment.unit}: {incoming.path}?unit=ID"})
        await _say(incoming, 200, assignment(experiment, unit, now_ms))


async def _say(incoming: Incoming, status: int, value: object, headers: HeaderList | None = None) -> None:
    await incoming.answer(status, [JSON_TYPE, *(headers or [])], msgspec.json.encode(value))
