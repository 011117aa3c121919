"""Faults around the gateway: a disk that is full, bodies too large or too slow, readers that do not read."""

import asyncio
import json
import resource
import socket
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.gateway.harness import Gateway, chat, running

from wellspent import limits
from wellspent.facts.entry import Settled
from wellspent.gateway.http.head import HeaderList
from wellspent.gateway.incoming import ClientLeft, Incoming
from wellspent.gateway.refusal import Refusal
from wellspent.ledger.reader import JournalReader
from wellspent.ledger.verify import verify

CHAT = "/v1/chat/completions"


@pytest.fixture
def gateway(tmp_path: Path) -> Iterator[Gateway]:
    with running(tmp_path) as started:
        yield started


@pytest.mark.skipif(sys.platform != "linux", reason="limits a running process by prlimit")
def test_a_full_disk_stops_admission_and_nothing_is_lost(gateway: Gateway) -> None:
    assert gateway.process is not None
    status, headers, _ = gateway.post(CHAT, chat())
    assert status == 200
    calls = [headers["x-wellspent-call-id"]]
    time.sleep(1)  # until the projections follow
    full = max(path.stat().st_size for path in gateway.journal.parent.iterdir())
    unlimited = resource.prlimit(gateway.process.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(gateway.process.pid, resource.RLIMIT_FSIZE, (full, unlimited[1]))
    refused = 0
    for _ in range(20):
        status, headers, body = gateway.post(CHAT, chat())
        if status == 200:
            calls.append(headers["x-wellspent-call-id"])
        else:
            refused += 1
            assert (status, headers["x-wellspent-refusal"]) == (503, "journal_unavailable")
            assert b"free space" in body
    assert refused > 0
    asked = len(gateway.provider.calls)
    assert gateway.post(CHAT, chat())[0] == 503
    assert len(gateway.provider.calls) == asked  # refused before the provider is asked
    resource.prlimit(gateway.process.pid, resource.RLIMIT_FSIZE, unlimited)
    deadline = time.monotonic() + 30
    while gateway.post(CHAT, chat())[0] != 200:
        assert time.monotonic() < deadline, "the gateway did not go on by itself"
        time.sleep(0.2)
    gateway.stop()
    reader = JournalReader(gateway.journal)
    for call_id in calls:
        found = reader.receipt(call_id)
        assert found is not None
        assert isinstance(found.ended, Settled)
    assert verify(gateway.journal).open_holds == 0
    assert sum(row.calls for row in reader.spend(0, 2**50)) == len(gateway.provider.calls)


@pytest.mark.skipif(sys.platform != "linux", reason="limits a running process by prlimit")
def test_a_gateway_that_stops_on_a_full_disk_says_what_is_lost(gateway: Gateway) -> None:
    assert gateway.process is not None
    assert gateway.post(CHAT, chat())[0] == 200
    time.sleep(1)  # until the projections follow
    full = max(path.stat().st_size for path in gateway.journal.parent.iterdir())
    resource.prlimit(gateway.process.pid, resource.RLIMIT_FSIZE, (full, resource.RLIM_INFINITY))
    deadline = time.monotonic() + 30
    while gateway.post(CHAT, chat())[0] != 503:
        assert time.monotonic() < deadline, "the disk is not full"
    gateway.stop()
    assert gateway.process.returncode == 1
    log = (gateway.folder / "gateway.log").read_text()
    assert "could not be written to the journal within 10 s" in log
    assert "Traceback" not in log
    verify(gateway.journal)


def test_a_body_of_fifty_megabytes_passes_and_a_larger_one_than_the_bound_is_refused(gateway: Gateway) -> None:
    status, _, _ = gateway.post(CHAT, chat("x" * 50_000_000))
    assert status == 200
    assert len(gateway.provider.calls[-1].body) > 50_000_000
    status, headers, body = gateway.post(CHAT, b" " * (limits.REQUEST_BYTES_MAX + 1))
    assert (status, headers["x-wellspent-refusal"]) == (413, "request_too_large")
    assert b"64 MiB" in body
    assert gateway.post(CHAT, chat())[0] == 200


def test_a_reader_that_does_not_read_holds_up_nobody_else(gateway: Gateway) -> None:
    body = json.dumps(chat("[[fake: chunks=20000;output_tokens=20000]]", stream=True)).encode()
    head = f"POST {CHAT} HTTP/1.1\r\nhost: here\r\nauthorization: Bearer {gateway.secret}\r\ncontent-length: {len(body)}\r\n\r\n"
    deaf = []
    for _ in range(8):
        each = socket.create_connection(("127.0.0.1", gateway.port), 10)
        each.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        each.sendall(head.encode() + body)
        deaf.append(each)
    for _ in range(5):
        assert gateway.post(CHAT, chat())[0] == 200
    for each in deaf:
        each.close()
    gateway.stop()
    assert [each for each in JournalReader(gateway.journal).recent(50) if each.ended is None] == []


class Line:
    """A connection that goes nowhere."""

    def __init__(self) -> None:
        self.client_host, self.lost, self.writing_paused, self.sent = "127.0.0.1", False, False, b""

    def send(self, *parts: bytes) -> None:
        self.sent += b"".join(parts)

    async def drain(self) -> None:
        """Nothing waits."""


def body_of(line: Line, *parts: bytes | None, headers: HeaderList | None = None) -> bytes | Refusal:
    """What a server gets of a body that comes in parts; None is its end."""

    async def come() -> bytes | Refusal:
        incoming = Incoming(line, "POST", b"/", headers or [])
        getting = asyncio.create_task(incoming.body())
        for part in parts:
            await asyncio.sleep(0)
            if part is None:
                incoming.complete(keep=True)
            else:
                incoming.feed(part)
        if line.lost:
            incoming.leave()
        return await getting

    return asyncio.run(come())


def test_a_body_that_never_ends_is_refused_after_its_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "REQUEST_READ_S_MAX", 0.05)
    found = body_of(Line(), b"x")
    assert isinstance(found, Refusal)
    assert found.code == "request_too_slow"


def test_a_body_in_parts_is_put_together_and_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    assert body_of(Line(), b"x" * 100, b"y", None) == b"x" * 100 + b"y"
    assert body_of(Line(), None) == b""
    monkeypatch.setattr(limits, "REQUEST_BYTES_MAX", 150)
    for parts in ((b"x" * 100, b"x" * 100), (b"x" * 100, b"x" * 100, None), (b"x" * 151, None)):
        found = body_of(Line(), *parts)
        assert isinstance(found, Refusal)
        assert found.code == "request_too_large"


def test_a_client_that_asks_first_is_told_to_go_on() -> None:
    line = Line()
    assert body_of(line, b"x", None, headers=[(b"expect", b"100-continue")]) == b"x"
    assert line.sent == b"HTTP/1.1 100 Continue\r\n\r\n"


def test_a_client_that_leaves_while_it_sends_is_not_served() -> None:
    line = Line()
    line.lost = True
    with pytest.raises(ClientLeft):
        body_of(line, b"x")


@pytest.mark.parametrize(
    "asked",
    [{"max_tokens": 2**62}, {"max_completion_tokens": 2**64 - 1}, {"n": 2**63, "max_tokens": 5}, {"n": 10**12}, {"n": 1000, "max_tokens": 10**9}],
)
def test_numbers_that_cannot_be_meant_are_refused_and_the_journal_goes_on(gateway: Gateway, asked: dict[str, Any]) -> None:
    status, headers, _ = gateway.post(CHAT, chat(**asked))
    assert (status, headers["x-wellspent-refusal"]) == (400, "invalid_request")
    assert gateway.post(CHAT, chat())[0] == 200
