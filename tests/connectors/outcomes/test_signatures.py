"""Signatures: vectors that the senders publish where they do, else an HMAC written out here (RFC 2104), so that the code does not check itself."""

import base64
import hashlib
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wellspent.connectors.outcomes import signatures

NOW_S = 1_614_265_330
NOW_ISO = "2021-02-25T15:02:10Z"
SECRET = "a secret of ours"
URL = "https://spend.example.com/api/v1/outcomes/hubspot"
SENDERS = ("github", "gitlab", "zendesk", "linear", "jira", "intercom", "hubspot", "stripe", "standard")


def mac(secret: str | bytes, content: bytes, method: Callable[..., Any] = hashlib.sha256) -> bytes:
    """HMAC, by RFC 2104, section 2."""
    key = secret.encode() if isinstance(secret, str) else secret
    size = method().block_size
    key = (method(key).digest() if len(key) > size else key).ljust(size, b"\0")
    inner = method(bytes(byte ^ 0x36 for byte in key) + content).digest()
    return bytes(method(bytes(byte ^ 0x5C for byte in key) + inner).digest())


def b64(content: bytes) -> str:
    return base64.b64encode(content).decode()


def signed(sender: str, body: bytes, secret: str = SECRET, at_s: int = NOW_S, url: str = URL) -> dict[str, str]:
    """The headers that a sender would send."""
    match sender:
        case "github":
            return {"x-hub-signature-256": f"sha256={mac(secret, body).hex()}"}
        case "gitlab":
            return {"x-gitlab-token": secret}
        case "zendesk":
            stamp = NOW_ISO if at_s == NOW_S else f"2021-02-25T{15 + (at_s - NOW_S) // 3600:02}:02:10Z"
            return {"x-zendesk-webhook-signature": b64(mac(secret, stamp.encode() + body)), "x-zendesk-webhook-signature-timestamp": stamp}
        case "linear":
            return {"linear-signature": mac(secret, body).hex()}
        case "jira":
            return {"x-hub-signature": f"sha256={mac(secret, body).hex()}"}
        case "intercom":
            return {"x-hub-signature": f"sha1={mac(secret, body, hashlib.sha1).hex()}"}
        case "hubspot":
            stamp = str(at_s * 1000)
            return {"x-hubspot-signature-v3": b64(mac(secret, f"POST{url}".encode() + body + stamp.encode())), "x-hubspot-request-timestamp": stamp}
        case "stripe":
            return {"stripe-signature": f"t={at_s},v1={mac(secret, f'{at_s}.'.encode() + body).hex()},v0=6ffbb59b"}
        case _:
            key = base64.b64decode(secret.removeprefix("whsec_"))
            stamp = str(at_s)
            signature = b64(mac(key, f"msg_1.{stamp}.".encode() + body))
            return {"webhook-id": "msg_1", "webhook-timestamp": stamp, "webhook-signature": f"v1,{signature}"}


def check(sender: str, headers: Mapping[str, str], body: bytes, secret: str = SECRET, now_s: float = NOW_S, url: str = URL) -> str:
    verify: signatures.Verify = getattr(signatures, sender)
    return verify(headers, body, secret, now_s, url)


def secret_of(sender: str) -> str:
    return "whsec_" + b64(SECRET.encode()) if sender == "standard" else SECRET


BODY = b'{"webhookTimestamp": 1614265330000, "n\xc3\xa4me": "x"}'


def test_github_by_its_own_vector() -> None:
    """docs.github.com, Validating webhook deliveries, Testing the webhook payload validation."""
    headers = {"x-hub-signature-256": "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"}
    assert check("github", headers, b"Hello, World!", "It's a Secret to Everybody") == ""
    assert check("github", headers, b"Hello, World?", "It's a Secret to Everybody") == signatures.WRONG


def test_jira_by_its_own_vector() -> None:
    """developer.atlassian.com, Jira Cloud, Webhooks, Secure admin webhooks: the test vector."""
    headers = {"x-hub-signature": "sha256=a4771c39fbe90f317c7824e83ddef3caae9cb3d976c214ace1f2937e133263c9"}
    assert check("jira", headers, b"Hello World!", "It's a Secret to Everybody") == ""
    assert check("jira", headers, b"Hello World", "It's a Secret to Everybody") == signatures.WRONG


def test_gitlab_signs_where_it_has_a_signing_token() -> None:
    """gitlab-org/gitlab, merge request 230944 "Add webhook HMAC signing token": whsec_ and 32 bytes in base64; id, moment and body are signed."""
    secret = "whsec_" + b64(b"0123456789abcdef0123456789abcdef")
    headers = signed("standard", BODY, secret)
    assert check("gitlab", headers, BODY, secret) == ""
    assert check("gitlab", headers, BODY + b" ", secret) == signatures.WRONG
    assert "webhook-signature is missing" in check("gitlab", {**headers, "webhook-signature": ""}, BODY, secret)
    assert check("gitlab", {"x-gitlab-token": secret}, BODY, secret) != ""


def test_jira_may_change_its_method_but_not_to_a_weak_one() -> None:
    longer = {"x-hub-signature": f"sha512={mac(SECRET, BODY, hashlib.sha512).hex()}"}
    weak = {"x-hub-signature": f"sha1={mac(SECRET, BODY, hashlib.sha1).hex()}"}
    assert check("jira", longer, BODY) == ""
    assert "method is none of" in check("jira", weak, BODY)
    assert "method is none of" in check("jira", {"x-hub-signature": ""}, BODY)


def test_standard_webhooks_by_its_own_vector() -> None:
    """standard-webhooks/standard-webhooks, libraries, the signature test of the reference implementations."""
    headers = {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }
    for secret in ("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"):
        assert check("standard", headers, b'{"test": 2432232314}', secret) == ""
    several = {**headers, "webhook-signature": f"v1,bm90IHRoaXM= v1a,x {headers['webhook-signature']}"}
    assert check("standard", several, b'{"test": 2432232314}', "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw") == ""
    assert "not base64" in check("standard", headers, b"{}", "whsec_é")
    assert check("standard", headers, b"{}", "whsec_") == signatures.NO_SECRET
    assert check("standard", {**headers, "webhook-signature": "v1a,x"}, b"{}", "whsec_MfKQ") == signatures.WRONG


def test_zendesk_signs_the_timestamp_before_the_body() -> None:
    """developer.zendesk.com, Verifying webhook authenticity: base64(HMACSHA256(TIMESTAMP + BODY)), with the page's secret.

    An older copy of the page said BODY + TIMESTAMP and had a vector for it; that order is not accepted.
    """
    secret = "dGhpc19zZWNyZXRfaXNfZm9yX3Rlc3Rpbmdfb25seQ=="
    assert check("zendesk", signed("zendesk", b"", secret), b"", secret) == ""
    old = {
        "x-zendesk-webhook-signature": "tRDSF7URY8BLCDlaBcQ7FHu051Zk+aAB0NKMP53teMw=",
        "x-zendesk-webhook-signature-timestamp": "2021-07-25T10:00:00Z",
    }
    assert check("zendesk", old, b'{"say": "hello"}', "HRkRd4BeOAoUkfZr-mhauJT64rvBASlJRoIyPsd3zeA=", 1_627_207_200) == signatures.WRONG


def test_hubspot_signs_the_address_it_calls_decoded() -> None:
    """developers.hubspot.com, Validating requests, v3: the listed encodings are decoded, others are not."""
    called, said = URL + "?back=https%3A%2F%2Fa.example&q=a%20b%2c%23", URL + "?back=https://a.example&q=a%20b,%23"
    headers = signed("hubspot", BODY, url=said)
    assert check("hubspot", headers, BODY, url=called) == ""
    assert check("hubspot", headers, BODY, url=URL) == signatures.WRONG


def test_stripe_takes_any_of_several_while_a_secret_is_rolled() -> None:
    """docs.stripe.com, Verify webhook signatures manually: several v1 while a secret is rolled, v0 is of test mode and ignored."""
    right = mac(SECRET, f"{NOW_S}.".encode() + BODY).hex()
    assert check("stripe", {"stripe-signature": f"t={NOW_S}, v1=00, v1={right}"}, BODY) == ""
    assert check("stripe", {"stripe-signature": f"t={NOW_S},v0={right}"}, BODY) == signatures.WRONG
    assert "has no moment" in check("stripe", {"stripe-signature": f"v1={right}"}, BODY)


@pytest.mark.parametrize("sender", SENDERS)
def test_what_is_right_and_what_is_not(sender: str) -> None:
    secret = secret_of(sender)
    headers = signed(sender, BODY, secret)
    assert check(sender, headers, BODY, secret) == ""
    assert check(sender, headers, BODY, secret_of(sender)[:-4] + "AAA=") == signatures.WRONG
    if sender != "gitlab":  # its token says nothing of the body
        assert check(sender, headers, BODY + b" ", secret) == signatures.WRONG
    for name in headers:
        without = {other: value for other, value in headers.items() if other != name}
        assert name in check(sender, without, BODY, secret)
        assert check(sender, {**headers, name: "é\udcff\n"}, BODY, secret) != ""
        assert check(sender, {**headers, name: ""}, BODY, secret) != ""


@pytest.mark.parametrize("sender", SENDERS)
def test_an_empty_secret_is_never_right(sender: str) -> None:
    assert check(sender, signed(sender, BODY, ""), BODY, "") == signatures.NO_SECRET


@pytest.mark.parametrize(("sender", "age_s"), [("zendesk", 300), ("hubspot", 300), ("stripe", 300), ("standard", 300), ("linear", 60)])
def test_a_signature_is_good_for_a_while_both_ways(sender: str, age_s: int) -> None:
    secret = secret_of(sender)
    headers = signed(sender, BODY, secret)
    for now_s in (NOW_S - age_s, NOW_S + age_s):
        assert check(sender, headers, BODY, secret, now_s) == ""
    for now_s in (NOW_S - age_s - 1, NOW_S + age_s + 1):
        assert f"more than {age_s} s" in check(sender, headers, BODY, secret, now_s)


@pytest.mark.parametrize("body", [b"{}", b"no json", b'{"webhookTimestamp": "now"}', b'{"webhookTimestamp": true}', b"[]"])
def test_linear_without_its_moment(body: bytes) -> None:
    """linear.app/developers/webhooks: webhookTimestamp is in the body, so that it is signed too."""
    assert check("linear", signed("linear", body), body) == "the body has no webhookTimestamp"


@pytest.mark.parametrize("sender", SENDERS)
@given(value=st.text(max_size=40), body=st.binary(max_size=20), secret=st.text(max_size=20), now_s=st.integers(0, 2**40))
def test_anything_is_answered_and_nothing_is_right_by_chance(sender: str, value: str, body: bytes, secret: str, now_s: int) -> None:
    headers = dict.fromkeys(signed(sender, b"", secret_of(sender)), value)
    if sender != "gitlab" or value != secret or not secret:
        assert check(sender, headers, body, secret, now_s) != ""
