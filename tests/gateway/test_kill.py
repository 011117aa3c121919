"""``kill -9`` at random points under load: every answer a client saw is in the ledger, no hold is left, the chain verifies."""

import contextlib
import http.client
import random
import threading
import time
from pathlib import Path

from tests.gateway.harness import Gateway, chat

from wellspent.ledger.reader import JournalReader
from wellspent.ledger.verify import verify
from wellspent.testing.provider import FakeProvider

KILLS = 20
WORKERS = 6


class Load:
    """Workers that call until told to stop, and note the id of every call of which they saw a byte of answer."""

    def __init__(self, gateway: Gateway) -> None:
        self.gateway, self.seen, self.stopping = gateway, set[str](), threading.Event()
        self.threads = [threading.Thread(target=self._work, args=(number,), daemon=True) for number in range(WORKERS)]
        for thread in self.threads:
            thread.start()

    def stop(self) -> None:
        self.stopping.set()
        for thread in self.threads:
            thread.join(30)

    def _work(self, number: int) -> None:
        choose = random.Random(number)
        while not self.stopping.is_set():
            with contextlib.suppress(OSError, http.client.HTTPException):
                self._call(choose)

    def _call(self, choose: random.Random) -> None:
        stream = choose.random() < 0.5
        connection = self.gateway.connection()
        try:
            connection.request(
                "POST",
                "/v1/chat/completions",
                _body(stream),
                {"authorization": f"Bearer {self.gateway.secret}", "content-type": "application/json"},
            )
            answer = connection.getresponse()
            if answer.status == 200 and answer.read(1):
                self.seen.add(answer.getheader("x-wellspent-call-id") or "")
            answer.read()
        finally:
            connection.close()


def _body(stream: bool) -> bytes:
    import json

    return json.dumps(chat("[[fake: chunks=10;chunk_ms=2]]", stream=stream, max_tokens=64)).encode()


def test_twenty_random_kills_lose_nothing_and_count_nothing_twice(tmp_path: Path) -> None:
    choose = random.Random(20261123)
    with FakeProvider() as provider:
        gateway = Gateway(tmp_path, provider)
        gateway.prepare()
        seen: set[str] = set()
        for _ in range(KILLS):
            gateway.start()
            load = Load(gateway)
            time.sleep(0.2 + choose.random() * 0.6)
            gateway.kill()
            load.stop()
            seen |= load.seen
        gateway.start()
        gateway.stop()
        assert len(seen) > KILLS
        reader = JournalReader(gateway.journal)
        missing = {call_id for call_id in seen if reader.receipt(call_id) is None}
        assert not missing
        assert not [balance for balance in reader.balances() if balance.held]
        assert verify(gateway.journal).open_holds == 0
