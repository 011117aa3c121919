"""What tests of bounds share."""

import json
from typing import Any

from wellspent.facts.call import Ask
from wellspent.gateway.wires.base import Wire

TEXT = "word " * 60_000


def bound(wire: Wire, payload: dict[str, Any]) -> int | None:
    return wire.ask(payload, json.dumps(payload).encode(), "m", "").input_tokens_max


def asked(wire: Wire, payload: dict[str, Any], path: str = "") -> Ask:
    return wire.ask({"model": "m", **payload}, json.dumps({"model": "m", **payload}).encode(), "m", path)


def size(payload: dict[str, Any]) -> int:
    return len(json.dumps({"model": "m", **payload}))


def assert_text(wire: Wire, payload: dict[str, Any]) -> None:
    """It is bounded by its bytes, and is neither sound nor picture."""
    found = asked(wire, payload)
    assert found.input_tokens_max == size(payload)
    assert (found.unbounded, found.audio_in, found.pictures_in) == ((), False, False)
