"""The suite's own HTTP client: one request on one connection, which it can leave at any moment."""

import contextlib
import http.client
import socket
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
        broken: Why the connection ended early; "" where it did not.
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
        leave_unread: Hang up as soon as this is true, before anything is read.
        leave_at: Hang up as soon as this is true of what was read of the answer's body.
    """
    parts = urlsplit(url)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = kind(parts.hostname or "", parts.port, timeout=timeout_s)
    began = time.monotonic()
    read = bytearray()
    status, found = 0, {}
    try:
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
        return Reply(status, found, bytes(read), time.monotonic() - began, broken=f"{type(error).__name__}: {error}")
    finally:
        _hang_up(connection)
    return Reply(status, found, bytes(read), time.monotonic() - began)


def _hang_up(connection: http.client.HTTPConnection) -> None:
    """Close for both directions at once, whatever else still holds the socket."""
    if connection.sock is not None:
        with contextlib.suppress(OSError):
            connection.sock.shutdown(socket.SHUT_RDWR)
    connection.close()
