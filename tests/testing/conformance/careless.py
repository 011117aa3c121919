"""A gateway that makes the field's mistakes: it looks at a limit and charges afterwards, in floats, what the answer says, if it says anything."""

import contextlib
import http.client
import itertools
import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit


class Careless(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, provider_port: int) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.provider_port = provider_port
        self.spent_usd: dict[str, float] = {}
        self.limit_usd: dict[str, float | None] = {}
        self.numbers = itertools.count(1)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Careless

    def handle(self) -> None:
        with contextlib.suppress(ConnectionError):
            super().handle()

    def finish(self) -> None:
        with contextlib.suppress(ConnectionError):
            super().finish()

    def log_message(self, format: str, *args: Any) -> None: ...

    def do_GET(self) -> None:
        key = parse_qs(urlsplit(self.path).query)["key"][0]
        self._answer(200, {"usd": self.server.spent_usd[key]})

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        if self.path == "/admin/keys":
            key = f"key-{next(self.server.numbers)}"
            self.server.spent_usd[key], self.server.limit_usd[key] = 0.0, json.loads(body)["limit_usd"]
            return self._answer(200, {"key": key})
        key = self.headers["authorization"].removeprefix("Bearer ")
        limit = self.server.limit_usd[key]
        if limit is not None and self.server.spent_usd[key] >= limit and self.path == "/v1/chat/completions":
            return self._answer(429, {"error": {"message": "Budget exceeded", "type": "budget"}})
        self._relay(key, body)

    def _relay(self, key: str, body: bytes) -> None:
        with contextlib.closing(http.client.HTTPConnection("127.0.0.1", self.server.provider_port, timeout=30)) as upstream:
            self._relay_to(upstream, key, body)

    def _relay_to(self, upstream: http.client.HTTPConnection, key: str, body: bytes) -> None:
        upstream.request("POST", self.path, body, {"content-type": "application/json"})
        answer = upstream.getresponse()
        self.send_response(answer.status)
        self.send_header("content-type", answer.headers["content-type"])
        self.send_header("connection", "close")
        self.end_headers()
        whole = b""
        while part := answer.read1():
            whole += part
            self.wfile.write(part)
            self.wfile.flush()
        self.server.spent_usd[key] += self._cost_usd(whole)
        self.close_connection = True

    def _cost_usd(self, answer: bytes) -> float:
        texts = [line[6:] for line in answer.split(b"\n") if line.startswith(b"data: {")] or [answer]
        usages = [json.loads(text).get("usage") or {} for text in texts if text.startswith(b"{")]
        return float(sum(each.get("prompt_tokens", 0) * 3e-6 + each.get("completion_tokens", 0) * 15e-6 for each in usages))

    def _answer(self, status: int, content: dict[str, Any]) -> None:
        body = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
