"""Whether a webhook is from whom it says: each sender's own scheme, compared in constant time. Pure: the moment is handed in.

Each returns "" where the signature is right, else why it is not. Header names are in small letters; an empty secret is never right.
Schemes that sign no moment (GitHub, GitLab's secret token, Jira, Intercom) cannot tell a message sent again: there the log does, by the message's id.
"""

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Mapping
from typing import Protocol

from wellspent import limits
from wellspent.connectors.outcomes.moments import moment_ms
from wellspent.connectors.outcomes.payload import at, content_of
from wellspent.facts.errors import InvalidInput

WRONG = "the signature does not match"
NO_SECRET = "no secret is set for this source"
WEBSUB = {"sha256": hashlib.sha256, "sha384": hashlib.sha384, "sha512": hashlib.sha512}
# What HubSpot decodes in a URL before it signs it; all else stays as it came.
HUBSPOT_DECODED = {"3A": ":", "2F": "/", "3F": "?", "40": "@", "21": "!", "24": "$", "27": "'", "28": "(", "29": ")", "2A": "*", "2C": ",", "3B": ";"}


class Verify(Protocol):
    """One sender's scheme.

    Args:
        headers: With names in small letters.
        body: As it came, unparsed.
        now_s: Seconds since 1970.
        url: The address that the sender called, as the sender knows it; only HubSpot signs it.
    """

    def __call__(self, headers: Mapping[str, str], body: bytes, secret: str, now_s: float, url: str = "") -> str:
        """Why the signature is not right, "" where it is."""


def github(headers: Mapping[str, str], body: bytes, secret: str, now_s: float, url: str = "") -> str:
    """``X-Hub-Signature-256: sha256=<hex>`` over the body (docs: Validating webhook deliveries)."""
    return _checked(headers, "x-hub-signature-256", secret, "sha256=" + _hmac(secret, body).hex())


def gitlab(headers: Mapping[str, str], body: bytes, secret: str, now_s: float, url: str = "") -> str:
    """A signing token (``whsec_…``) signs as in Standard Webhooks (GitLab since 2026, merge request 230944 "Add webhook HMAC signing token"); else
    ``X-Gitlab-Token`` is the secret itself (docs: Webhooks, secret token)."""
    if secret.startswith("whsec_"):
        return standard(headers, body, secret, now_s, url)
    return _checked(headers, "x-gitlab-token", secret, secret)


def zendesk(headers: Mapping[str, str], body: bytes, secret: str, now_s: float, url: str = "") -> str:
    """``X-Zendesk-Webhook-Signature``: base64 over timestamp and body (docs: Verifying webhook authenticity). Its tolerance is ours."""
    stamp = headers.get("x-zendesk-webhook-signature-timestamp", "")
    try:
        signed_s = moment_ms(stamp) / 1000
    except InvalidInput:
        return "the header x-zendesk-webhook-signature-timestamp has no moment"
    return _checked(headers, "x-zendesk-webhook-signature", secret, _base64(secret, stamp.encode() + body)) or _aged(signed_s, now_s)


def linear(headers: Mapping[str, str], body: bytes, secret: str, now_s: float, url: str = "") -> str:
    """``Linear-Signature``: hex over the body, whose ``webhookTimestamp`` is milliseconds, within a minute (docs: Webhooks, Securing)."""
    wrong = _checked(headers, "linear-signature", secret, _hmac(secret, body).hex())
    if wrong:
        return wrong
    try:
        signed_ms = at(content_of(body), "webhookTimestamp")
    except InvalidInput:
        signed_ms = None
    if not isinstance(signed_ms, int) or isinstance(signed_ms, bool):
        return "the body has no webhookTimestamp"
    return _aged(signed_ms / 1000, now_s, limits.LINEAR_SIGNATURE_AGE_S_MAX)


def jira(headers: Mapping[str, str], body: bytes, secret: str, now_s: float, url: str = "") -> str:
    """``X-Hub-Signature: <method>=<hex>`` over the body, as in WebSub; Jira uses sha256 today and may change it (docs: Webhooks, Secure)."""
    method = headers.get("x-hub-signature", "").partition("=")[0].lower()
    if "x-hub-signature" in headers and method not in WEBSUB:
        return f"the signature's method is none of {', '.join(WEBSUB)}"
    return _checked(headers, "x-hub-signature", secret, f"{method}={_hmac(secret, body, method or 'sha256').hex()}")


def intercom(headers: Mapping[str, str], body: bytes, secret: str, now_s: float, url: str = "") -> str:
    """``X-Hub-Signature: sha1=<hex>`` over the body, with the app's client secret (docs: Setting up webhooks, Signed notifications)."""
    return _checked(headers, "x-hub-signature", secret, "sha1=" + _hmac(secret, body, "sha1").hex())


def hubspot(headers: Mapping[str, str], body: bytes, secret: str, now_s: float, url: str = "") -> str:
    """``X-HubSpot-Signature-v3``: base64 over POST, URL, body and timestamp, within five minutes (docs: Validating requests, v3; as in
    HubSpot/hubspot-api-nodejs, ``src/utils/signature.ts``)."""
    stamp = headers.get("x-hubspot-request-timestamp", "")
    if not re.fullmatch(r"[0-9]{1,15}", stamp):
        return "the header x-hubspot-request-timestamp has no moment"
    called = re.sub(r"%([0-9A-Fa-f]{2})", lambda found: HUBSPOT_DECODED.get(found[1].upper(), found[0]), url)
    expected = _base64(secret, b"POST" + called.encode("utf-8", "replace") + body + stamp.encode())
    return _checked(headers, "x-hubspot-signature-v3", secret, expected) or _aged(int(stamp) / 1000, now_s)


def stripe(headers: Mapping[str, str], body: bytes, secret: str, now_s: float, url: str = "") -> str:
    """``Stripe-Signature: t=<s>,v1=<hex>[,v1=…]`` over time, a point and body, within five minutes (docs: Verify webhook signatures manually)."""
    if "stripe-signature" not in headers:
        return "the header stripe-signature is missing"
    pairs = [part.strip().partition("=") for part in headers["stripe-signature"].split(",")]
    stamp = next((value for name, _, value in pairs if name == "t"), "")
    if not re.fullmatch(r"[0-9]{1,12}", stamp):
        return "the header stripe-signature has no moment"
    expected = _hmac(secret, stamp.encode() + b"." + body).hex()
    return _one_of([value for name, _, value in pairs if name == "v1"], secret, expected) or _aged(int(stamp), now_s)


def standard(headers: Mapping[str, str], body: bytes, secret: str, now_s: float, url: str = "") -> str:
    """``webhook-id``, ``webhook-timestamp``, ``webhook-signature: v1,<base64> …`` (Standard Webhooks 1.0.0), within five minutes."""
    for name in ("webhook-id", "webhook-timestamp", "webhook-signature"):
        if not headers.get(name):
            return f"the header {name} is missing"
    stamp = headers["webhook-timestamp"]
    if not re.fullmatch(r"[0-9]{1,12}", stamp):
        return "the header webhook-timestamp has no moment"
    try:
        key = base64.b64decode(secret.removeprefix("whsec_"), validate=True)
    except (binascii.Error, ValueError):
        return "the secret is not base64 after whsec_"
    if not key:
        return NO_SECRET
    content = f"{headers['webhook-id']}.{stamp}.".encode("utf-8", "replace") + body
    expected = base64.b64encode(hmac.new(key, content, hashlib.sha256).digest()).decode()
    signatures = [each.removeprefix("v1,") for each in headers["webhook-signature"].split(" ") if each.startswith("v1,")]
    return _one_of(signatures, secret, expected) or _aged(int(stamp), now_s)


def _hmac(secret: str, content: bytes, method: str = "sha256") -> bytes:
    return hmac.new(secret.encode("utf-8", "replace"), content, method).digest()


def _base64(secret: str, content: bytes) -> str:
    return base64.b64encode(_hmac(secret, content)).decode()


def _checked(headers: Mapping[str, str], name: str, secret: str, expected: str) -> str:
    return _one_of([headers[name]], secret, expected) if name in headers else f"the header {name} is missing"


def _one_of(signatures: list[str], secret: str, expected: str) -> str:
    """Several come while a secret is being changed. All are compared, as bytes: a header may hold any character."""
    if not secret:
        return NO_SECRET
    right = [hmac.compare_digest(each.encode("utf-8", "replace"), expected.encode("utf-8", "replace")) for each in signatures]
    return "" if any(right) else WRONG


def _aged(signed_s: float, now_s: float, age_s_max: float = limits.SIGNATURE_AGE_S_MAX) -> str:
    """Too long ago, or as far ahead: a clock is wrong, or somebody sends it again."""
    return "" if abs(now_s - signed_s) <= age_s_max else f"the signature is more than {age_s_max:g} s from now; check this machine's clock"
