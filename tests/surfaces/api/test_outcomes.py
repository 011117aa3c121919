"""Outcomes over the real wire: signed, taken once, from any address; what is not signed is refused aloud."""

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from tests.connectors.reviews import documents as doc
from tests.gateway.harness import Gateway, config_text

from wellspent.config import load_config
from wellspent.facts.clock import SystemClock
from wellspent.facts.errors import ConfigError
from wellspent.ledger.outcomes import FILE, OutcomeLog
from wellspent.ledger.reviews import FILE as REVIEWS
from wellspent.ledger.reviews import ReviewLog
from wellspent.testing.provider import FakeProvider
from wellspent.wiring import build

SECRET = base64.b64encode(b"0123456789abcdef0123456789abcdef").decode()
SENDERS = {"crm": "CRM_SECRET", "cloudevents": "CRM_SECRET", "github": "GITHUB_SECRET"}
SOURCES = "".join(f'\n[[outcome_source]]\nname = "{name}"\nsecret_env = "{secret}"\n' for name, secret in SENDERS.items())
DEAL = {"specversion": "1.0", "id": "m1", "source": "/crm", "type": "com.example.deal.settled", "subject": "D-7", "time": "2026-11-22T10:00:00Z"}


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    with FakeProvider() as provider, pytest.MonkeyPatch.context() as patch:
        patch.setenv("CRM_SECRET", f"whsec_{SECRET}")
        patch.setenv("GITHUB_SECRET", "hush")
        made = Gateway(tmp_path_factory.mktemp("outcomes"), provider)
        made.prepare()
        with (made.folder / "wellspent.toml").open("a") as file:
            file.write(SOURCES)
        made.start()
        yield made
        made.stop()


def signed(event: Any, message: str = "msg-1") -> tuple[bytes, dict[str, str]]:
    body, now = json.dumps(event).encode(), str(int(time.time()))
    digest = hmac.new(base64.b64decode(SECRET), f"{message}.{now}.".encode() + body, hashlib.sha256).digest()
    headers = {"webhook-id": message, "webhook-timestamp": now, "webhook-signature": f"v1,{base64.b64encode(digest).decode()}"}
    return body, {"content-type": "application/cloudevents+json", "authorization": "", **headers}


def send(gateway: Gateway, name: str, body: bytes, headers: dict[str, str]) -> tuple[int, Any]:
    status, _, answer = gateway.request("POST", f"/api/v1/outcomes/{name}", body, headers)
    return status, json.loads(answer) if answer[:1] == b"{" else answer


def test_a_signed_event_is_taken_once(gateway: Gateway) -> None:
    body, headers = signed(DEAL)
    assert send(gateway, "crm", body, headers) == (202, {"new": 1, "known": 0})
    assert send(gateway, "crm", body, headers) == (202, {"new": 0, "known": 1})
    log = OutcomeLog(gateway.folder / "data" / FILE, SystemClock())
    (found,) = log.outcomes()
    assert (found.last.source, found.last.outcome, found.last.kind, found.counts) == ("crm", "D-7", "deal", True)
    assert log.verify() == 1
    log.close()


def test_cloudevents_need_no_name_in_the_path(gateway: Gateway) -> None:
    body, headers = signed(DEAL | {"id": "m9", "subject": "D-99"}, "msg-9")
    status, _, answer = gateway.request("POST", "/api/v1/outcomes", body, headers)
    assert (status, json.loads(answer)) == (202, {"new": 1, "known": 0})


def test_the_future_is_refused(gateway: Gateway) -> None:
    """A reversal of next year would undo what stands today."""
    ahead = datetime.fromtimestamp(time.time() + 2 * 86_400, UTC).isoformat()
    status, answer = send(
        gateway, "crm", *signed(DEAL | {"id": "m24", "subject": "D-24", "type": "com.example.deal.reversed", "time": ahead}, "msg-24")
    )
    assert status == 400
    assert "D-24 of crm is reversed at" in answer["error"] and "more than 24 hours from now" in answer["error"]


def test_a_correction_of_the_same_moment_is_taken(gateway: Gateway) -> None:
    deal = DEAL | {"subject": "D-20"}
    for message, value, answer in (("m20", "1200", (1, 0)), ("m21", "1300", (1, 0)), ("m22", "1300", (0, 1)), ("m20", "1400", (0, 1))):
        found = send(gateway, "crm", *signed(deal | {"id": message, "data": {"value_usd": value}}, f"msg-{message}-{value}"))
        assert found == (202, {"new": answer[0], "known": answer[1]})
    with closing(OutcomeLog(gateway.folder / "data" / FILE, SystemClock())) as log:
        assert [each.last.value_nanousd for each in log.outcomes() if each.last.outcome == "D-20"] == [1_300 * 10**9]


def test_what_is_not_signed_is_refused_and_told(gateway: Gateway) -> None:
    body, headers = signed(DEAL | {"id": "m2", "subject": "D-8"})
    status, answer = send(gateway, "crm", body.replace(b"D-8", b"D-9"), headers)
    assert status == 401
    assert "signature" in answer["error"]
    status, _ = send(gateway, "crm", body, {name: value for name, value in headers.items() if not name.startswith("webhook")})
    assert status == 401
    forged = {**headers, "webhook-signature": "v1,not-ours"}
    assert send(gateway, "crm", body, forged)[0] == 401
    told = (gateway.folder / "gateway.log").read_text()
    assert "outcomes from crm were refused: the signature does not match" in told
    assert "outcomes from crm were refused: the header webhook-id is missing" in told
    for kept in (SECRET, "not-ours", headers["webhook-signature"], "D-8", "D-9"):  # no secret, no signature, nothing of the message
        assert kept not in told
    assert "hush" not in told


def test_github_says_it_in_its_own_way(gateway: Gateway) -> None:
    pull = {"number": 418, "merged": True, "merged_at": "2026-11-22T10:00:00Z", "body": "", "head": {"ref": "fix"}, "merge_commit_sha": "a" * 40}
    body = json.dumps({"action": "closed", "pull_request": pull, "repository": {"full_name": "acme/app"}}).encode()
    signature = hmac.new(b"hush", body, hashlib.sha256).hexdigest()
    headers = {"x-github-event": "pull_request", "x-github-delivery": "d-1", "x-hub-signature-256": f"sha256={signature}", "authorization": ""}
    assert send(gateway, "github", body, headers) == (202, {"new": 1, "known": 0})
    ping = json.dumps({"zen": "Keep it logically awesome."}).encode()
    headers |= {"x-github-event": "ping", "x-hub-signature-256": "sha256=" + hmac.new(b"hush", ping, hashlib.sha256).hexdigest()}
    assert send(gateway, "github", ping, headers) == (202, {"new": 0, "known": 0})


def test_a_forge_tells_outcomes_and_what_happened_to_a_change(gateway: Gateway) -> None:
    """One delivery, two logs; sent again, neither grows; what is not signed is in none."""
    for event, payload in doc.GITHUB_STORY:
        body = json.dumps(payload).encode()
        headers = {"x-github-event": event, "x-github-delivery": f"d-{event}-{payload['action']}", "authorization": ""}
        assert send(gateway, "github", body, headers | {"x-hub-signature-256": "sha256=0"})[0] == 401
        headers["x-hub-signature-256"] = "sha256=" + hmac.new(b"hush", body, hashlib.sha256).hexdigest()
        for _ in range(2):
            status, answer = send(gateway, "github", body, headers)
            assert status == 202, answer
    with closing(ReviewLog(gateway.folder / "data" / REVIEWS, SystemClock())) as log:
        events = list(log.events("Codertocat/Hello-World#2"))
        assert [event.what for event in events if event.what != "described"] == [
            "opened",
            "drafted",
            "commented",
            "ready",
            "commented",
            "reviewed",
            "pushed",
            "merged",
        ]
        assert log.verify() >= len(events)
    assert {len(event.actor) for event in events if event.what != "described"} == {16}, "a pseudonym, not a name"
    with closing(OutcomeLog(gateway.folder / "data" / FILE, SystemClock())) as outcomes:
        assert [each.last.kind for each in outcomes.outcomes() if each.last.outcome == "Codertocat/Hello-World#2"] == ["change_merged"]


def test_a_bad_signature_of_any_sender_is_told_with_its_reason(gateway: Gateway) -> None:
    for headers, why in (
        ({"x-hub-signature-256": "sha256=00"}, "the signature does not match"),
        ({}, "the header x-hub-signature-256 is missing"),
    ):
        status, answer = send(gateway, "github", b"{}", {"authorization": "", "x-github-event": "ping", **headers})
        assert (status, answer) == (401, {"error": why})
        assert f"outcomes from github were refused: {why}" in (gateway.folder / "gateway.log").read_text()


def test_what_cannot_be_is_told(gateway: Gateway) -> None:
    assert send(gateway, "nobody", *signed(DEAL))[0] == 404
    status, answer = send(gateway, "crm", *signed(DEAL | {"time": "yesterday"}))
    assert (status, "occurred_at" in answer["error"] or "not a moment" in answer["error"]) == (400, True)
    assert gateway.request("POST", "/api/v1/outcomes/crm", b"x" * (4 * 1024 * 1024 + 1), {"authorization": ""})[0] == 413
    assert gateway.request("GET", "/api/v1/outcomes/crm")[0] == 405


def test_a_source_without_its_secret_is_no_source(tmp_path: Path) -> None:
    file = tmp_path / "wellspent.toml"
    file.write_text(config_text("http://127.0.0.1:1", 0) + SOURCES)
    with pytest.raises(ConfigError, match="'crm' has no secret in CRM_SECRET"):
        build(load_config(file, {"HOME": str(tmp_path), "WELLSPENT_DATA_DIR": str(tmp_path / "data")}), {}, SystemClock())
    file.write_text(config_text("http://127.0.0.1:1", 0) + '\n[[outcome_source]]\nname = "salesforce"\nsecret_env = "S"\ncurrency = "euro"\n')
    with pytest.raises(ConfigError, match="'salesforce' has currency 'euro'"):
        load_config(file, {"HOME": str(tmp_path)})
    for name in ("CRM!", "crm"):
        file.write_text(config_text("http://127.0.0.1:1", 0) + SOURCES.replace('"github"', f'"{name}"'))
        with pytest.raises(ConfigError, match="outcome_source"):
            load_config(file, {"HOME": str(tmp_path)})
