"""The table of sources: a request that is signed as its sender signs becomes events; the log takes it once."""

from pathlib import Path
from typing import Any

import orjson
import pytest
from tests.connectors.outcomes import documents as doc
from tests.connectors.outcomes.test_signatures import NOW_S, URL, secret_of, signed

from wellspent.connectors.outcomes import own, signatures, sources
from wellspent.facts.clock import SystemClock
from wellspent.facts.errors import InvalidInput
from wellspent.facts.outcome import OutcomeEvent
from wellspent.ledger.outcomes import FILE, Added, OutcomeLog

# Source -> the scheme it signs with, its own headers, a message.
SENT: dict[str, tuple[str, dict[str, str], Any]] = {
    "github": ("github", {"x-github-event": "pull_request", "x-github-delivery": "d1"}, doc.GITHUB_MERGED),
    "gitlab": ("gitlab", {"idempotency-key": "d1", "x-gitlab-event": "Merge Request Hook"}, doc.GITLAB_MERGED),
    "jira": ("jira", {"x-atlassian-webhook-identifier": "d1"}, doc.JIRA),
    "linear": ("linear", {"linear-delivery": "d1"}, {**doc.LINEAR, "webhookTimestamp": NOW_S * 1000}),
    "zendesk": ("zendesk", {}, doc.ZENDESK),
    "intercom": ("intercom", {}, doc.INTERCOM),
    "hubspot": ("hubspot", {}, doc.HUBSPOT),
    "salesforce": ("standard", {}, doc.SALESFORCE_WON),
    "servicenow": ("standard", {}, doc.SERVICENOW),
    "stripe": ("stripe", {}, doc.STRIPE_PAID),
    "cloudevents": ("standard", {"content-type": "application/cloudevents+json"}, doc.CLOUDEVENT),
}


def taken(name: str, headers: dict[str, str], body: bytes, secret: str) -> list[OutcomeEvent]:
    """What an endpoint does."""
    source = sources()[name]
    wrong = source.verify(headers, body, secret, NOW_S, URL)
    if wrong:
        raise InvalidInput(wrong)
    return source.read(headers, body)


def test_every_source_is_here_under_its_name() -> None:
    assert sources().keys() == SENT.keys()
    assert all(source.name == name and source.secret for name, source in sources().items())


@pytest.mark.parametrize("name", SENT)
def test_a_signed_request_is_taken_once(name: str, tmp_path: Path) -> None:
    scheme, headers, message = SENT[name]
    body = orjson.dumps(message)
    request = ({**headers, **signed(scheme, body, secret_of(scheme))}, body, secret_of(scheme))
    events = taken(name, *request)
    assert events
    assert {event.source for event in events} == {name}
    assert all(event.event for event in events)
    log = OutcomeLog(tmp_path / FILE, SystemClock())
    assert log.add(events) == Added(len(events), 0)
    assert log.add(taken(name, *request)) == Added(0, len(events))
    log.close()
    with pytest.raises(InvalidInput, match=signatures.WRONG):
        taken(name, *request[:2], secret_of(scheme)[:-4] + "AAA=")


@pytest.mark.parametrize("name", SENT)
def test_a_body_that_is_no_json_is_refused(name: str) -> None:
    with pytest.raises(InvalidInput, match="not valid JSON"):
        sources()[name].read(SENT[name][1], b"{")


def test_amounts_without_a_currency_are_what_the_operator_says() -> None:
    body = orjson.dumps(doc.SALESFORCE_WON)
    values = [sources(currency)["salesforce"].read({}, body)[0].value_nanousd for currency in ("", "EUR", "USD")]
    assert values == [None, None, 38_500_500_000_000]


def test_a_system_of_the_operators_own_speaks_under_its_own_name() -> None:
    (event,) = own("desk").read({"content-type": "application/cloudevents+json"}, orjson.dumps(doc.CLOUDEVENT))
    assert event.source == "desk"
