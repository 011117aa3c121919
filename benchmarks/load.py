"""The load: keep-alive connections, each with one call at a time, over raw HTTP/1.1 in one process whose CPU is not counted.

Every answer has to be a 200 with its usage and, where streamed, all its chunks; all else is an error. ``run`` starts it as a process of its own.
"""

import asyncio
import os
import re
import statistics
import subprocess
import sys
import time

import msgspec
import uvloop
from msgspec import Struct

from benchmarks.processes import python_path

LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
PROMPT = "Summarise what each team spent this quarter, and name what is unusual. " * 8
EVENTS_MIN = 61  # some gateways merge or drop the finish chunk; content, usage and the end have to be there
GRACE_S = 30.0  # for calls that are open when the time is over


class Load(Struct, frozen=True):
    """What to send.

    Attributes:
        calls: Calls in all; ``seconds`` may end it before.
        pace_ms: Between the chunks of a streamed answer.
    """

    port: int
    path: str
    headers: dict[str, str]
    model: str
    connections: int
    calls: int
    seconds: float
    stream: bool = False
    pace_ms: int = 5

    def request(self) -> bytes:
        """The request's bytes."""
        streamed = {"stream": True, "stream_options": {"include_usage": True}} if self.stream else {}
        system = {"role": "system", "content": f"You are a terse analyst. (pace {self.pace_ms} ms)"}
        messages = [system, {"role": "user", "content": PROMPT}]
        body = msgspec.json.encode({"model": self.model, "messages": messages, "max_tokens": 256, "temperature": 0.2, **streamed})
        headers = {"host": f"127.0.0.1:{self.port}", "content-type": "application/json", **self.headers, "content-length": str(len(body))}
        head = f"POST {self.path} HTTP/1.1\r\n" + "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        return head.encode() + b"\r\n" + body


class Found(Struct):
    """What came of it; milliseconds to the first event, to the end, and of the longest silence, at the median and the 99th of 100.

    Attributes:
        good: Calls that were answered as they should be.
        errors: All others; ``sample`` is what came of the first.
    """

    good: int
    errors: int
    sample: str
    seconds: float
    first_ms: tuple[float, float]
    whole_ms: tuple[float, float]
    silent_ms_max: float


class Tally:
    """Kept while the load runs: the calls begun, and seconds of each good one."""

    def __init__(self) -> None:
        self.calls = self.errors = 0
        self.sample = ""
        self.first_s: list[float] = []
        self.whole_s: list[float] = []
        self.silent_s: list[float] = []

    def fail(self, why: str) -> None:
        self.errors += 1
        self.sample = self.sample or why

    def found(self, seconds: float) -> Found:
        first_ms, whole_ms = quantiles_ms(self.first_s), quantiles_ms(self.whole_s)
        return Found(len(self.whole_s), self.errors, self.sample, seconds, first_ms, whole_ms, 1000 * max(self.silent_s, default=0.0))


def quantiles_ms(seconds: list[float]) -> tuple[float, float]:
    """Median and 99th of 100; zeros of nothing."""
    ordered = sorted(seconds) or [0.0]
    return 1000 * statistics.median(ordered), 1000 * ordered[len(ordered) * 99 // 100]


class Connection(asyncio.Protocol):
    """One connection; asks again until the load is over."""

    def __init__(self, load: Load, tally: Tally, request: bytes, until: float) -> None:
        self.load, self.tally, self.request, self.until = load, tally, request, until
        self.over: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.asking = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        self.transport = transport
        self.ask()

    def ask(self) -> None:
        if self.tally.calls >= self.load.calls or time.perf_counter() >= self.until:
            self.asking = False
            self.transport.close()
            return
        self.tally.calls += 1
        self.asking, self.answer, self.needed = True, bytearray(), 0
        self.first = self.silent = 0.0
        self.began = self.last = time.perf_counter()
        self.transport.write(self.request)

    def data_received(self, data: bytes) -> None:
        now = time.perf_counter()
        self.silent, self.last = max(self.silent, now - self.last), now
        self.answer += data
        if not self.first and (not self.load.stream or b"data:" in data):
            self.first = now
        if not self.needed and (end := self.answer.find(b"\r\n\r\n")) >= 0:
            length = LENGTH.search(self.answer, 0, end)
            self.needed = end + 4 + int(length[1]) if length else -1
        if self.answer.endswith(b"\r\n0\r\n\r\n") if self.needed < 0 else 0 < self.needed <= len(self.answer):
            self.judge(now)
            self.ask()

    def judge(self, now: float) -> None:
        answer, tally = self.answer, self.tally
        if b" 200 " not in answer[:16] or b'"total_tokens"' not in answer or (self.load.stream and answer.count(b"data:") < EVENTS_MIN):
            tally.fail(answer[:300].decode("latin-1"))
            return
        tally.first_s.append(self.first - self.began)
        tally.whole_s.append(now - self.began)
        tally.silent_s.append(self.silent)

    def connection_lost(self, exc: Exception | None) -> None:
        if self.asking:
            self.tally.fail(f"the connection was lost: {exc}")
        if not self.over.done():
            self.over.set_result(None)


async def send(load: Load) -> Found:
    loop, tally, request = asyncio.get_running_loop(), Tally(), load.request()
    began = time.perf_counter()
    ramp_s = min(2.0, 0.06 * load.pace_ms) if load.stream else 0.0
    until = began + load.seconds

    async def one(number: int) -> None:
        await asyncio.sleep(ramp_s * number / load.connections)
        try:
            _, connection = await loop.create_connection(lambda: Connection(load, tally, request, until), "127.0.0.1", load.port)
        except OSError as error:
            tally.calls += 1
            return tally.fail(str(error))
        await connection.over

    tasks = [loop.create_task(one(number)) for number in range(load.connections)]
    _, unfinished = await asyncio.wait(tasks, timeout=load.seconds + GRACE_S)
    for _ in unfinished:
        tally.fail("not finished in time")
    return tally.found(time.perf_counter() - began)


def run(load: Load, core: int) -> Found:
    """Send a load from a process of its own, on one core."""
    command = ["taskset", "-c", str(core), sys.executable, "-m", "benchmarks.load", msgspec.json.encode(load).decode()]
    done = subprocess.run(command, env={**os.environ, **python_path()}, capture_output=True, check=True, timeout=load.seconds + 2 * GRACE_S)
    return msgspec.json.decode(done.stdout, type=Found)


if __name__ == "__main__":
    result = uvloop.run(send(msgspec.json.decode(sys.argv[1], type=Load)))
    sys.stdout.buffer.write(msgspec.json.encode(result))
