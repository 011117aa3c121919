"""The head of an answer, as bytes."""

import time
from email.utils import formatdate
from functools import lru_cache
from http import HTTPStatus

HeaderList = list[tuple[bytes, bytes]]

LINES = {status.value: f"HTTP/1.1 {status.value} {status.phrase}\r\n".encode() for status in HTTPStatus}
BODILESS = (204, 304)
LAST_CHUNK = b"0\r\n\r\n"


def head(status: int, headers: HeaderList, body_bytes: int | None, *, keep: bool, old: bool) -> bytes:
    """An answer's line and headers.

    Args:
        body_bytes: The body's length; None for one in chunks.
        keep: Whether another request may follow.
        old: Whether the client speaks HTTP/1.0, which knows no chunks.
    """
    lines = [LINES.get(status) or b"HTTP/1.1 %d \r\n" % status, *[b"%b: %b\r\n" % header for header in headers]]
    if b"date" not in dict(headers):
        lines.append(_date(int(time.time())))
    if body_bytes is not None:
        if status not in BODILESS:
            lines.append(b"content-length: %d\r\n" % body_bytes)
    elif not old:
        lines.append(b"transfer-encoding: chunked\r\n")
    if not keep:
        lines.append(b"connection: close\r\n")
    elif old:
        lines.append(b"connection: keep-alive\r\n")
    lines.append(b"\r\n")
    return b"".join(lines)


@lru_cache(maxsize=1)
def _date(now_s: int) -> bytes:
    """The header that says when, which is the same for a second."""
    return b"date: %b\r\n" % formatdate(now_s, usegmt=True).encode()
