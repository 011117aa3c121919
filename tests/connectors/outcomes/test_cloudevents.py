"""CloudEvents 1.0.2: JSON event format, batches and binary content mode of the HTTP protocol binding; attributes of the spec's examples."""

from typing import Any

import orjson
import pytest
from tests.connectors.outcomes.documents import CLOUDEVENT

from wellspent import limits
from wellspent.connectors.outcomes import cloudevents
from wellspent.facts.errors import InvalidInput
from wellspent.facts.outcome import OutcomeEvent

EVENT = OutcomeEvent(
    "desk",
    "4711",
    "conversation_solved",
    "settled",
    1_522_949_460_000,
    event="https://example.com/desk A234-1234-1234",
    value_nanousd=12_500_000_000,
    attested="confirmed",
    team="care",
    links=(("conversation", "4711"),),
)


def read(content: Any, kind: str = cloudevents.STRUCTURED, **headers: str) -> list[OutcomeEvent]:
    return cloudevents.events_of(kind, headers, orjson.dumps(content), "desk")


def test_an_event_as_json() -> None:
    assert read(CLOUDEVENT) == [EVENT]
    assert read(CLOUDEVENT, "Application/CloudEvents+JSON; charset=UTF-8") == [EVENT]


def test_a_batch() -> None:
    other = {**CLOUDEVENT, "id": "B", "subject": "4712", "type": "com.example.conversation_solved.reversed"}
    first, second = read([CLOUDEVENT, other], cloudevents.BATCH)
    assert first == EVENT
    assert (second.outcome, second.state, second.event) == ("4712", "reversed", "https://example.com/desk B")
    assert read([], cloudevents.BATCH) == []


def test_an_event_whose_attributes_are_headers() -> None:
    """HTTP protocol binding 3.1.3.2: what is not plain ASCII is percent-encoded."""
    headers = {
        "ce-specversion": "1.0",
        "ce-type": "com.example.lead",
        "ce-source": "https://example.com/desk",
        "ce-subject": "caf%C3%A9%201",
        "ce-id": "A234",
        "ce-time": "2018-04-05T17:31:00Z",
    }
    (event,) = cloudevents.events_of("application/json", headers, b'{"team": "care"}', "desk")
    assert (event.kind, event.state, event.outcome, event.team) == ("lead", "settled", "café 1", "care")
    (bare,) = cloudevents.events_of("", headers, b"", "desk")
    assert bare.outcome == "café 1"


def test_the_state_is_in_the_type_or_in_the_data() -> None:
    (plain,) = read({**CLOUDEVENT, "type": "lead"})
    (said,) = read({**CLOUDEVENT, "data": {"state": "pending", "kind": "lead"}})
    assert (plain.kind, plain.state) == ("lead", "settled")
    assert (said.kind, said.state) == ("lead", "pending")


def test_the_message_is_named_by_source_and_id_whatever_its_data_says() -> None:
    (event,) = read({**CLOUDEVENT, "data": {"event": "mine"}})
    assert event.event == EVENT.event


def test_nobody_speaks_for_another() -> None:
    assert cloudevents.events_of(cloudevents.STRUCTURED, {}, orjson.dumps({**CLOUDEVENT, "source": "github"}), "desk")[0].source == "desk"


@pytest.mark.parametrize(
    ("content", "kind", "says"),
    [
        ({**CLOUDEVENT, "id": ""}, cloudevents.STRUCTURED, "the event has no id"),
        ({**CLOUDEVENT, "source": 5}, cloudevents.STRUCTURED, "the event has no source"),
        ({**CLOUDEVENT, "specversion": "0.3"}, cloudevents.STRUCTURED, "specversion is '0.3'"),
        ({**CLOUDEVENT, "subject": None}, cloudevents.STRUCTURED, "outcome is missing"),
        ({**CLOUDEVENT, "time": None}, cloudevents.STRUCTURED, "occurred_at is missing"),
        ({**CLOUDEVENT, "data": "text"}, cloudevents.STRUCTURED, "data is no object"),
        ({**CLOUDEVENT, "data": {"colour": "red"}}, cloudevents.STRUCTURED, "no field 'colour'"),
        ({**CLOUDEVENT, "type": "a..settled"}, cloudevents.STRUCTURED, "kind is missing"),
        ([CLOUDEVENT], cloudevents.STRUCTURED, "the event is no object"),
        (CLOUDEVENT, cloudevents.BATCH, "the batch is no list"),
        ([CLOUDEVENT, 5], cloudevents.BATCH, "event 2 of the batch: the event is no object"),
        ([5] * (limits.OUTCOMES_BATCH_MAX + 1), cloudevents.BATCH, "the batch has 10,001 events"),
        (CLOUDEVENT, "application/json", "the content type is 'application/json'"),
    ],
)
def test_what_is_wrong_is_named(content: Any, kind: str, says: str) -> None:
    with pytest.raises(InvalidInput, match=says):
        read(content, kind)


def test_a_body_that_is_no_json() -> None:
    with pytest.raises(InvalidInput, match="not valid JSON"):
        cloudevents.events_of(cloudevents.STRUCTURED, {}, b"{", "desk")
    with pytest.raises(InvalidInput, match="no object"):
        cloudevents.events_of(cloudevents.STRUCTURED, {}, b"", "desk")
