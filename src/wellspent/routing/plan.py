"""Plan: a call's model -> the ordered attempts that may answer it, all in the wire it came in."""

from collections.abc import Sequence
from fnmatch import fnmatchcase

from msgspec import Struct

WIRES_OF_KIND = {
    "openai": ("openai-chat", "openai-responses", "openai-embeddings"),
    "azure": ("openai-chat", "openai-responses", "openai-embeddings"),
    "openai-compatible": ("openai-chat", "openai-responses", "openai-embeddings"),
    "anthropic": ("anthropic-messages",),
    "gemini": ("gemini",),
}


class Endpoint(Struct, frozen=True):
    """What planning needs to know of an upstream.

    Attributes:
        name: Its name in the configuration.
        kind: Which wires it speaks (``WIRES_OF_KIND``).
        models: Patterns of the models it serves; empty is all.
    """

    name: str
    kind: str
    models: tuple[str, ...] = ()


class Route(Struct, frozen=True):
    """The operator's order of attempts for a pattern of models, each ``"upstream"`` or ``"upstream:model"``."""

    model: str
    attempts: tuple[str, ...]


class Attempt(Struct, frozen=True):
    """One try: this model at this upstream."""

    upstream: str
    model: str


def plan(wire: str, model: str, endpoints: Sequence[Endpoint], routes: Sequence[Route]) -> tuple[Attempt, ...]:
    """The attempts for a call, in order; empty where no upstream of that wire serves the model.

    A route that matches decides alone. Else ``"name/model"`` asks one upstream by name; else every upstream whose patterns match, in the
    order of the configuration, those that name the model before those that take any.
    """
    by_name = {endpoint.name: endpoint for endpoint in endpoints if wire in WIRES_OF_KIND[endpoint.kind]}
    for route in routes:
        if fnmatchcase(model, route.model):
            split = [attempt.partition(":") for attempt in route.attempts]
            return tuple(Attempt(name, other or model) for name, _, other in split if name in by_name)
    prefix, slash, rest = model.partition("/")
    if slash and rest and prefix in by_name:
        return (Attempt(prefix, rest),)
    named = [Attempt(name, model) for name, endpoint in by_name.items() if any(fnmatchcase(model, glob) for glob in endpoint.models)]
    return tuple(named) or tuple(Attempt(name, model) for name, endpoint in by_name.items() if not endpoint.models)
