"""A wire tap on loopback: passes bytes between a client and the gateway as they come, and remembers them, so that tests can count requests."""

import contextlib
import re
import socket
import threading
from dataclasses import dataclass, field
from typing import NamedTuple, Self

# JSON escapes line ends, so neither pattern can match inside a body.
REQUEST = re.compile(rb"(?:^|(?<=[}\n\]]))([A-Z]+) (\S+) HTTP/1\.1\r\n((?:[^\r\n]+\r\n)*)\r\n")
ANSWER = re.compile(rb"HTTP/1\.1 (\d{3})[^\r\n]*\r\n((?:[^\r\n]+\r\n)*)\r\n")


class Request(NamedTuple):
    method: str
    path: str
    headers: dict[str, str]


class Answered(NamedTuple):
    status: int
    headers: dict[str, str]


@dataclass
class Wire:
    """One connection: all bytes so far in both directions."""

    up: bytearray = field(default_factory=bytearray)
    down: bytearray = field(default_factory=bytearray)


class Tap:
    """Listens on ``port`` and passes to ``127.0.0.1:target``; without a target it is a dead end: a proxy that lets nothing through."""

    def __init__(self, target: int | None) -> None:
        self.wires: list[Wire] = []
        self._target = target
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listening.getsockname()[1]
        self._sockets: list[socket.socket] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def requests(self) -> list[Request]:
        found = [match for wire in list(self.wires) for match in REQUEST.findall(bytes(wire.up))]
        return [Request(method.decode(), path.decode(), _headers(head)) for method, path, head in found]

    @property
    def answers(self) -> list[Answered]:
        return [Answered(int(status), _headers(head)) for wire in list(self.wires) for status, head in ANSWER.findall(bytes(wire.down))]

    @property
    def seen(self) -> list[str]:
        """``POST /v1/messages`` and so on, without queries."""
        return [f"{each.method} {each.path.partition('?')[0]}" for each in self.requests]

    def __enter__(self) -> Self:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        for each in [self._listening, *self._sockets]:
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listening.accept()
            except OSError:
                return
            wire = Wire()
            self.wires.append(wire)
            self._sockets.append(client)
            threading.Thread(target=self._serve, args=(client, wire), daemon=True).start()

    def _serve(self, client: socket.socket, wire: Wire) -> None:
        if self._target is None:
            with contextlib.suppress(OSError):
                wire.up += client.recv(65_536)
                client.sendall(b"HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
            client.close()
            return
        server = socket.create_connection(("127.0.0.1", self._target))
        self._sockets.append(server)
        threading.Thread(target=_pump, args=(server, client, wire.down), daemon=True).start()
        _pump(client, server, wire.up)


def _pump(source: socket.socket, sink: socket.socket, kept: bytearray) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(65_536):
            kept += data
            sink.sendall(data)
    with contextlib.suppress(OSError):
        sink.shutdown(socket.SHUT_WR)


def _headers(head: bytes) -> dict[str, str]:
    pairs = (line.split(": ", 1) for line in head.decode("latin-1").splitlines())
    return {pair[0].lower(): pair[1] for pair in pairs if len(pair) == 2}
