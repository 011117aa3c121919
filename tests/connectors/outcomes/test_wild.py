"""Whatever is sent, a connector answers with events or InvalidInput, and says the same of the same message."""

from collections.abc import Callable
from typing import Any

import msgspec
import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.connectors.outcomes import documents as doc
from tests.connectors.outcomes.wild import JSON, deep, mutated, places, replaced

from wellspent.connectors.outcomes import (
    cloudevents,
    github,
    gitlab,
    hubspot,
    intercom,
    jira,
    linear,
    salesforce,
    servicenow,
    sources,
    stripe,
    zendesk,
)
from wellspent.connectors.outcomes.fields import KNOWN, event_from
from wellspent.facts.errors import InvalidInput
from wellspent.facts.outcome import OutcomeEvent

Read = Callable[[Any], list[OutcomeEvent]]


def _cloudevent(content: Any) -> list[OutcomeEvent]:
    return cloudevents.events_of(cloudevents.STRUCTURED, {}, orjson.dumps(content), "desk")


def _cloudevents(content: Any) -> list[OutcomeEvent]:
    return cloudevents.events_of(cloudevents.BATCH, {}, orjson.dumps(content), "desk")


READS: dict[str, tuple[Read, Any]] = {
    "github change": (lambda said: github.events_of("pull_request", "d", said), doc.GITHUB_MERGED),
    "github deployment": (lambda said: github.events_of("deployment_status", "d", said), doc.GITHUB_DEPLOYED),
    "github issue": (lambda said: github.events_of("issues", "d", said), doc.GITHUB_ISSUE),
    "gitlab change": (lambda said: gitlab.events_of("d", said), doc.GITLAB_MERGED),
    "gitlab deployment": (lambda said: gitlab.events_of("d", said), doc.GITLAB_DEPLOYED),
    "jira": (lambda said: jira.events_of("d", said), doc.JIRA),
    "linear": (lambda said: linear.events_of("d", said), doc.LINEAR),
    "zendesk": (zendesk.events_of, doc.ZENDESK),
    "intercom": (intercom.events_of, doc.INTERCOM),
    "hubspot": (hubspot.events_of, doc.HUBSPOT),
    "salesforce new": (salesforce.events_of, doc.SALESFORCE_NEW),
    "salesforce won": (salesforce.events_of, doc.SALESFORCE_WON),
    "salesforce case": (salesforce.events_of, doc.SALESFORCE_CASE),
    "servicenow": (servicenow.events_of, doc.SERVICENOW),
    "stripe paid": (stripe.events_of, doc.STRIPE_PAID),
    "stripe refunded": (stripe.events_of, doc.STRIPE_REFUNDED),
    "stripe disputed": (stripe.events_of, doc.STRIPE_DISPUTED),
    "cloudevent": (_cloudevent, doc.CLOUDEVENT),
    "cloudevents": (_cloudevents, [doc.CLOUDEVENT]),
    "fields": (lambda said: [event_from(said, "x")] if isinstance(said, dict) else [], {"outcome": "1", "kind": "lead", "occurred_at": "2024-01-01"}),
}


def _heard(read: Read, said: Any) -> list[OutcomeEvent] | str:
    found: list[OutcomeEvent] | str
    try:
        found = read(said)
    except InvalidInput as error:
        found = str(error)
    assert isinstance(found, list) or len(found) < 2_000, "an error is a line, however much was sent"
    assert isinstance(found, str) or msgspec.json.decode(msgspec.json.encode(found), type=list[OutcomeEvent]) == found
    return found


@pytest.mark.parametrize("name", READS)
def test_the_document_says_something(name: str) -> None:
    read, document = READS[name]
    assert read(document) and read(document) == read(document)


@pytest.mark.parametrize("name", READS)
@settings(max_examples=150)
@given(data=st.data())
def test_a_message_with_anything_in_it_is_read_or_refused(name: str, data: st.DataObject) -> None:
    read, document = READS[name]
    said = data.draw(mutated(document))
    assert _heard(read, said) == _heard(read, said)


@pytest.mark.parametrize("name", READS)
@settings(max_examples=30)
@given(said=JSON)
def test_anything_at_all_is_read_or_refused(name: str, said: Any) -> None:
    _heard(READS[name][0], said)


@pytest.mark.parametrize("name", [name for name in READS if not name.startswith("cloudevent")])
def test_values_too_deep_to_be_shown_are_read_or_refused(name: str) -> None:
    read, document = READS[name]
    for path in places(document):
        _heard(read, replaced(document, path, deep(1000)))


@given(said=st.dictionaries(st.sampled_from(KNOWN) | st.text(max_size=5), JSON, max_size=6))
def test_fields_of_anything_are_read_or_refused(said: dict[str, Any]) -> None:
    _heard(lambda fields: [event_from(fields, "x")], {"outcome": "1", "kind": "lead", "occurred_at": "2024-01-01", **said})


@pytest.mark.parametrize("name", sources())
@settings(max_examples=30)
@given(
    headers=st.dictionaries(st.sampled_from(["content-type", "x-github-event", "ce-id", "ce-type", "idempotency-key"]), st.text(max_size=20)),
    body=st.binary(max_size=50) | JSON.map(orjson.dumps),
)
def test_a_request_of_anything_is_read_or_refused(name: str, headers: dict[str, str], body: bytes) -> None:
    _heard(lambda said: sources()[name].read(*said), (headers, body))
