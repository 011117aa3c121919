"""The provider behind every gateway: fixed answers over loopback, from one process whose CPU is not counted.

A chat completion of about 640 bytes, or, where the body says ``"stream":true``, 60 chunks with a finish, a usage and ``[DONE]``: one write each,
5 ms apart, or as far as the prompt says (``pace 200 ms``), since every gateway passes the prompt on.

    python -m benchmarks.upstream PORT [CERTIFICATE KEY]
"""

import asyncio
import re
import ssl
import sys

import orjson
import uvloop

CHUNKS = 60
GAP_S = 0.005
MODEL = "gpt-4o-mini-2024-07-18"
TEXT = "Spending on models rose in three teams and fell in two, and the largest change came from one nightly job."
WORDS = TEXT.split()
USAGE = {"prompt_tokens": 118, "completion_tokens": 60, "total_tokens": 178, "prompt_tokens_details": {"cached_tokens": 0, "audio_tokens": 0}}
COMMON = {"id": "chatcmpl-loopback000000000000001", "created": 1790000000, "model": MODEL, "system_fingerprint": "fp_loopback"}
LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
STREAM = re.compile(rb'"stream": ?true')
PACE = re.compile(rb"pace (\d+) ms")


def completion() -> bytes:
    """The whole HTTP answer that is not streamed."""
    message = {"role": "assistant", "content": f"{TEXT} {TEXT}", "refusal": None}
    choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": "stop"}
    body = orjson.dumps({**COMMON, "object": "chat.completion", "choices": [choice], "usage": USAGE, "service_tier": "default"})
    return b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n%s" % (len(body), body)


def frames() -> list[bytes]:
    """The streamed answer, one HTTP chunk for each event; the head comes with the first."""
    events: list[dict[str, object]] = []
    for number in range(CHUNKS + 1):
        delta = {"content": WORDS[number % len(WORDS)] + " "} if number < CHUNKS else {}
        choice = {"index": 0, "delta": {"role": "assistant", **delta} if number == 0 else delta, "finish_reason": None if number < CHUNKS else "stop"}
        events.append({**COMMON, "object": "chat.completion.chunk", "choices": [choice], "usage": None})
    events.append({**COMMON, "object": "chat.completion.chunk", "choices": [], "usage": USAGE})
    texts = [b"data: " + orjson.dumps(event) + b"\n\n" for event in events] + [b"data: [DONE]\n\n"]
    out = [b"%x\r\n%s\r\n" % (len(text), text) for text in texts]
    out[0] = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ncache-control: no-cache\r\ntransfer-encoding: chunked\r\n\r\n" + out[0]
    out[-1] += b"0\r\n\r\n"
    return out


COMPLETION, FRAMES = completion(), frames()


class Provider(asyncio.Protocol):
    """One connection; one request at a time."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        self.transport, self.received, self.loop = transport, b"", asyncio.get_running_loop()

    def data_received(self, data: bytes) -> None:
        self.received += data
        head, found, body = self.received.partition(b"\r\n\r\n")
        length = LENGTH.search(head)
        if not found or (len(body) < int(length[1]) if length else not body.endswith(b"0\r\n\r\n")):
            return
        self.received = b""
        if not STREAM.search(body):
            self.transport.write(COMPLETION)
            return
        pace = PACE.search(body)
        self.gap_s = int(pace[1]) / 1000 if pace else GAP_S
        self.loop.call_later(self.gap_s, self.send, 0)

    def send(self, number: int) -> None:
        if self.transport.is_closing():
            return
        self.transport.write(FRAMES[number])
        if number + 1 < len(FRAMES):
            self.loop.call_later(self.gap_s, self.send, number + 1)


async def serve(port: int, files: list[str]) -> None:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH) if files else None
    if context is not None:
        context.load_cert_chain(*files)
    server = await asyncio.get_running_loop().create_server(Provider, "127.0.0.1", port, backlog=2048, ssl=context)
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(serve(int(sys.argv[1]), sys.argv[2:]))
