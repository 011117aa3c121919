"""Outcomes as CloudEvents (spec 1.0.2, HTTP protocol binding): one event, a batch, or an event whose attributes are headers. Pure.

``source`` and ``id`` of a CloudEvent name the message; ``subject`` is the outcome, ``type`` its kind with its state, as in
``com.example.conversation_solved.settled``; ``time`` is when it happened; all else is in ``data``, under the names of ``fields``.
"""

from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

from wellspent import limits
from wellspent.connectors.outcomes.fields import event_from
from wellspent.connectors.outcomes.payload import content_of
from wellspent.facts.errors import InvalidInput
from wellspent.facts.outcome import STATES, OutcomeEvent

STRUCTURED, BATCH = "application/cloudevents+json", "application/cloudevents-batch+json"
NEEDED = ("specversion", "id", "source", "type")


def events_of(content_type: str, headers: Mapping[str, str], body: bytes, source: str) -> list[OutcomeEvent]:
    """What a request says.

    Args:
        headers: Lower-case names; ``ce-*`` are attributes of an event whose body is its data.
        source: Whom the request is from, as the configuration names them: nobody speaks for another.

    Raises InvalidInput.
    """
    content = content_of(body) if body else None
    kind = content_type.partition(";")[0].strip().lower()
    if kind == BATCH:
        if not isinstance(content, list):
            raise InvalidInput("the batch is no list", fix="send a JSON array of CloudEvents")
        if len(content) > limits.OUTCOMES_BATCH_MAX:
            raise InvalidInput(f"the batch has {len(content):,} events", fix=f"send at most {limits.OUTCOMES_BATCH_MAX:,} at once")
        return [_event(each, source, f"event {number} of the batch: ") for number, each in enumerate(content, 1)]
    if kind == STRUCTURED:
        return [_event(content, source)]
    if "ce-id" in headers:
        attributes = {name[3:]: unquote(value) for name, value in headers.items() if name.startswith("ce-")}
        return [_event({**attributes, "data": content}, source)]
    raise InvalidInput(f"the content type is {content_type[:100]!r}", fix=f"send {STRUCTURED}, {BATCH}, or ce-* headers")


def _event(content: Any, source: str, where: str = "") -> OutcomeEvent:
    try:
        return _read(content, source)
    except InvalidInput as error:
        raise InvalidInput(f"{where}{error.args[0]}", fix=error.fix) from None


def _read(content: Any, source: str) -> OutcomeEvent:
    if not isinstance(content, dict):
        raise InvalidInput("the event is no object", fix="send a CloudEvent as JSON")
    for name in NEEDED:
        if not isinstance(content.get(name), str) or not content[name]:
            raise InvalidInput(f"the event has no {name}", fix="see docs/outcomes.md for an example")
    if content["specversion"] != "1.0":
        raise InvalidInput(f"specversion is {content['specversion'][:20]!r}", fix="send CloudEvents 1.0")
    data = content.get("data")
    if data is not None and not isinstance(data, dict):
        raise InvalidInput("data is no object", fix="send the outcome's fields as an object")
    words = str(content["type"]).split(".")
    kind, state = (words[-2], words[-1]) if words[-1] in STATES and len(words) > 1 else (words[-1], "settled")
    fields = {"kind": kind, "state": state, "outcome": content.get("subject"), "occurred_at": content.get("time"), **(data or {})}
    # Two systems may number their messages alike, so the message's name has both.
    return event_from({**fields, "event": f"{content['source']} {content['id']}"}, source)
