"""The load: keep-alive connections, each with one call at a time, over raw HTTP/1.1 in one process whose CPU is not counted.

Every answer has to be a 200 with its usage and, where streamed, all its chunks; all else is an error. ``run`` starts it as a process of its own.
"""

import asyncio
import re
import subprocess
import sys
import time

import msgspec
import uvloop
from msgspec import Struct

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
    """What came of it: seconds of each good call, to its first event and to its end, and its longest silence."""

    calls: int = 0
    errors: int = 0
    sample: str = ""
    seconds: float = 0.0
    first_s: list[float] = []
    whole_s: list[float] = []
    silent_s: list[float] = []


class Connection(asyncio.Protocol):
    """One connection; asks again until the load is over."""

    def __init__(self, load: Load, found: Found, request: bytes, until: float) -> None:
        self.load, self.found, self.request, self.until = load, found, request, until
        self.over: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.asking = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        self.transport = transport
        self.ask()

    def ask(self) -> None:
        if self.found.calls >= self.load.calls or time.perf_counter() >= self.until:
            self.asking = False
            self.transport.close()
            return
        self.found.calls += 1
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
        answer, found = self.answer, self.found
        if b" 200 " not in answer[:16] or b'"total_tokens"' not in answer or (self.load.stream and answer.count(b"data:") < EVENTS_MIN):
            self.fail(answer[:300].decode("latin-1"))
            return
        found.first_s.append(self.first - self.began)
        found.whole_s.append(now - self.began)
        found.silent_s.append(self.silent)

    def fail(self, why: str) -> None:
        self.found.errors += 1
        self.found.sample = self.found.sample or why

    def connection_lost(self, exc: Exception | None) -> None:
        if self.asking:
            self.fail(f"the connection was lost: {exc}")
        if not self.over.done():
            self.over.set_result(None)


async def send(load: Load) -> Found:
    loop, found, request = asyncio.get_running_loop(), Found(), load.request()
    began = time.perf_counter()
    ramp_s = min(2.0, 0.06 * load.pace_ms) if load.stream else 0.0
    until = began + load.seconds

    async def one(number: int) -> None:
        await asyncio.sleep(ramp_s * number / load.connections)
        try:
            _, connection = await loop.create_connection(lambda: Connection(load, found, request, until), "127.0.0.1", load.port)
        except OSError as error:
            found.calls, found.errors, found.sample = found.calls + 1, found.errors + 1, str(error)
            return
        await connection.over

    tasks = [loop.create_task(one(number)) for number in range(load.connections)]
    _, unfinished = await asyncio.wait(tasks, timeout=load.seconds + GRACE_S)
    if unfinished:
        found.errors, found.sample = found.errors + len(unfinished), found.sample or "not finished in time"
    found.seconds = time.perf_counter() - began
    return found


def run(load: Load, core: int) -> Found:
    """Send a load from a process of its own, on one core."""
    command = ["taskset", "-c", str(core), sys.executable, "-m", "benchmarks.load", msgspec.json.encode(load).decode()]
    done = subprocess.run(command, capture_output=True, check=True, timeout=load.seconds + 2 * GRACE_S)
    return msgspec.json.decode(done.stdout, type=Found)


if __name__ == "__main__":
    result = uvloop.run(send(msgspec.json.decode(sys.argv[1], type=Load)))
    sys.stdout.buffer.write(msgspec.json.encode(result))
