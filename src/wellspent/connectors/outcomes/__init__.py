"""Outcomes of other systems, in the words of ``facts``: who may say them, how they prove it, and what they say."""

from collections.abc import Callable, Mapping

from msgspec import Struct

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
    signatures,
    stripe,
    zendesk,
)
from wellspent.connectors.outcomes.payload import content_of
from wellspent.facts.outcome import OutcomeEvent


class Source(Struct, frozen=True):
    """Somebody who sends outcomes to ``POST /api/v1/outcomes/{name}``.

    Attributes:
        name: As in the path, and as in ``OutcomeEvent.source``.
        secret: What their secret is called where it is found.
        verify: Whether a request is theirs: "" or why not. Ask it before ``read``, with the body as it came.
        read: Headers (names in small letters) and body -> events, for ``OutcomeLog.add``. Raises InvalidInput; [] is a message that says none.
        filed: Whether a file with what it sends can be read too, without headers.
    """

    name: str
    secret: str
    verify: signatures.Verify
    read: Callable[[Mapping[str, str], bytes], list[OutcomeEvent]]
    filed: bool = False


def sources(currency: str = "") -> dict[str, Source]:
    """Everybody who can send, by name.

    Args:
        currency: Of amounts whose sender does not say theirs; "" is unknown.
    """
    found = (
        own("cloudevents"),
        Source("github", "the webhook's secret", signatures.github, _github),
        Source("gitlab", "the webhook's signing token, or its secret token", signatures.gitlab, _gitlab),
        Source("hubspot", "the app's client secret", signatures.hubspot, lambda headers, body: hubspot.events_of(content_of(body))),
        Source("intercom", "the app's client secret", signatures.intercom, lambda headers, body: intercom.events_of(content_of(body))),
        Source("jira", "the webhook's secret", signatures.jira, _jira),
        Source("linear", "the webhook's signing secret", signatures.linear, _linear),
        Source(
            "salesforce",
            "a Standard Webhooks secret",
            signatures.standard,
            lambda headers, body: salesforce.events_of(content_of(body), currency),
            filed=True,
        ),
        Source(
            "servicenow", "a Standard Webhooks secret", signatures.standard, lambda headers, body: servicenow.events_of(content_of(body)), filed=True
        ),
        Source("stripe", "the endpoint's signing secret", signatures.stripe, lambda headers, body: stripe.events_of(content_of(body))),
        Source("zendesk", "the webhook's signing secret", signatures.zendesk, lambda headers, body: zendesk.events_of(content_of(body))),
    )
    return {source.name: source for source in found}


def own(name: str) -> Source:
    """A system of the operator's own, under a name of its own, that sends CloudEvents signed as in Standard Webhooks."""

    def read(headers: Mapping[str, str], body: bytes) -> list[OutcomeEvent]:
        return cloudevents.events_of(headers.get("content-type", ""), headers, body, name)

    return Source(name, "a Standard Webhooks secret", signatures.standard, read)


def _github(headers: Mapping[str, str], body: bytes) -> list[OutcomeEvent]:
    return github.events_of(headers.get("x-github-event", ""), headers.get("x-github-delivery", ""), content_of(body))


def _gitlab(headers: Mapping[str, str], body: bytes) -> list[OutcomeEvent]:
    return gitlab.events_of(headers.get("idempotency-key", ""), content_of(body))


def _jira(headers: Mapping[str, str], body: bytes) -> list[OutcomeEvent]:
    return jira.events_of(headers.get("x-atlassian-webhook-identifier", ""), content_of(body))


def _linear(headers: Mapping[str, str], body: bytes) -> list[OutcomeEvent]:
    return linear.events_of(headers.get("linear-delivery", ""), content_of(body))
