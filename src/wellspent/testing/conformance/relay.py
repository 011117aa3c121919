"""A relay on loopback that counts the requests of a client, so that its retries can be seen from outside."""

import contextlib
import socket
import threading
from typing import Self
from urllib.parse import urlsplit

READ_BYTES = 65_536


class CountingRelay:
    """Passes bytes on between a client and a gateway without TLS; ``requests`` is how many POSTs the client sent."""

    def __init__(self, target: str) -> None:
        parts = urlsplit(target)
        self._target = (parts.hostname or "127.0.0.1", parts.port or 80)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._open: list[socket.socket] = []
        self.requests = 0
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}{parts.path}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        for each in (self._listener, *self._open):
            with contextlib.suppress(OSError):
                each.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                gateway = socket.create_connection(self._target)
                self._open += [client, gateway]
                threading.Thread(target=self._pass_on, args=(client, gateway, True), daemon=True).start()
                threading.Thread(target=self._pass_on, args=(gateway, client, False), daemon=True).start()

    def _pass_on(self, source: socket.socket, sink: socket.socket, count: bool) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(READ_BYTES):
                if count:
                    self.requests += data.startswith(b"POST ")
                sink.sendall(data)
        with contextlib.suppress(OSError):
            sink.shutdown(socket.SHUT_WR)
