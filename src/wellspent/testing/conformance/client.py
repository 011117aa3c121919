"""The suite's own HTTP client: one request on one connection, which it can leave at any moment."""

import contextlib
import http.client
import socket
import threading
import time
from collections.abc import Callable
from urllib.parse import urlsplit

from msgspec import Struct

READ_BYTES = 65_536


class Reply(Struct, frozen=True):
    """What came back.

    Attributes:
        status: 0 where the connection broke before a status, or was left.
        headers: Lower-case names.
        body: All that was read, of a stream its events.
        seconds: From the request's first byte to the end of the answer.
        left: Whether the suite hung up by itself.
        broken: Why the connection ended early, or that the call took too long; "" where neither is so.
    """

    status: int
    headers: dict[str, str] = {}
    body: bytes = b""
    seconds: float = 0.0
    left: bool = False
    broken: str = ""

    @property
    def ok(self) -> bool:
        """Whether it was answered whole."""
        return self.status == 200 and not self.broken


def send(
    url: str,
    method: str,
    headers: dict[str, str],
    body: bytes,
    *,
    timeout_s: float,
    leave_unread: Callable[[], bool] | None = None,
    leave_at: Callable[[bytes], bool] | None = None,
) -> Reply:
    """Send one request and read its answer.

    Args:
        timeout_s: How long all of it may take, however much trickles in meanwhile.
        leave_unread: Hang up as soon as this is true, before anything is read.
        leave_at: Hang up as soon as this is true of what was read of the answer's body.
    """
    parts = urlsplit(url)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = kind(parts.hostname or "", parts.port, timeout=timeout_s)
    began = time.monotonic()
    read = bytearray()
    status, found, broken = 0, {}, ""
    deadline = _Deadline(timeout_s)
    try:
        connection.connect()
        deadline.watch(connection.sock)
        connection.request(method, parts.path + (f"?{parts.query}" if parts.query else ""), body, headers)
        if leave_unread is not None:
            while not leave_unread() and time.monotonic() - began < timeout_s:
                time.sleep(0.005)
            return Reply(0, left=True, seconds=time.monotonic() - began)
        answer = connection.getresponse()
        status, found = answer.status, {name.lower(): value for name, value in answer.getheaders()}
        while part := answer.read1(READ_BYTES):
            read += part
            if leave_at is not None and leave_at(bytes(read)):
                return Reply(status, found, bytes(read), time.monotonic() - began, left=True)
    except (OSError, http.client.HTTPException) as error:
        broken = f"{type(error).__name__}: {error}"
    finally:
        deadline.end()
        connection.close()
    if deadline.passed:  # an answer that has no length ends without an error when the suite hangs up
        broken = f"TimeoutError: no whole answer within {timeout_s:g} s"
    return Reply(status, found, bytes(read), time.monotonic() - began, broken=broken)


class _Deadline:
    """Hangs up when a call's time is over. The timeout of a socket is one for each read, which a byte a second never reaches."""

    def __init__(self, seconds: float) -> None:
        self.passed = False
        self._sock: socket.socket | None = None
        self._timer = threading.Timer(seconds, self._pass)
        self._timer.daemon = True
        self._timer.start()

    def watch(self, sock: socket.socket) -> None:
        """The connection to hang up; its own object forgets the socket where the answer says ``connection: close``."""
        self._sock = sock
        if self.passed:
            self._hang_up()

    def _pass(self) -> None:
        self.passed = True
        self._hang_up()

    def _hang_up(self) -> None:
        """Close for both directions at once, whatever else still holds the socket; below TLS, which would wait for an answer."""
        if self._sock is not None:
            with contextlib.suppress(OSError):
                socket.socket.shutdown(self._sock, socket.SHUT_RDWR)

    def end(self) -> None:
        """The call is over."""
        self._timer.cancel()
        self._hang_up()
