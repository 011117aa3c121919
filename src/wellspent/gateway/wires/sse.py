"""Server-sent events, cut into whole events whatever the chunks: the base of the wires' stream meters."""

import re
from collections.abc import Iterator

from wellspent.facts.usage import Usage
from wellspent.gateway.wires.base import TEXT, Metered, text_bytes

BOUNDARY = re.compile(rb"\r\n\r\n|\n\n|\r\r")
PARTIAL_BYTES_MAX = 16 * 1024 * 1024  # an event larger than this is passed unread
UNREAD_BYTES_MAX = 64 * 1024  # relayed bytes that wait to have their text counted


class EventMeter:
    """Collects whole events from chunks and hands those that may matter to ``event``; relays every byte as it came.

    ``text`` finds an answer's text where its usage never comes. A meter that removes events (``removes``) holds the beginning of an
    unfinished event back until it is whole.
    """

    marks: tuple[bytes, ...] = ()
    text = TEXT
    removes = False

    def __init__(self) -> None:
        self._partial = bytearray()
        self._unread = bytearray()
        self._text_bytes = 0

    def feed(self, chunk: bytes) -> bytes:
        """See StreamMeter."""
        whole = chunk if not self._partial and chunk.endswith(b"\n\n") else self._whole(chunk)
        self._unread += whole
        if len(self._unread) > UNREAD_BYTES_MAX:
            self._read()
        for mark in self.marks:
            if mark in whole:
                kept = [event for event in events(whole) if not self._look(event)]
                return b"".join(kept) if self.removes else chunk
        return whole if self.removes else chunk

    def _read(self) -> None:
        self._text_bytes += text_bytes(bytes(self._unread), self.text)
        self._unread.clear()

    def metered(self, usage: Usage | None, model: str, ref: str, final: bool, beyond: str = "") -> Metered:
        """What the stream said. Its text is only counted where an estimate may need it: most answers are never looked through."""
        if not final or usage is None or not usage.total_tokens:
            self._read()
        return Metered(usage, model, ref, final, self._text_bytes, beyond)

    def _whole(self, chunk: bytes) -> bytes:
        """The events that are whole now; the rest waits. Looks only at what is new, however small the chunks of a large event are."""
        partial = self._partial
        if not partial:
            end = _last_boundary(chunk)
            if end == len(chunk):
                return chunk
            partial += memoryview(chunk)[end:]
            return chunk[:end]
        seen = max(0, len(partial) - 3)
        partial += chunk
        end = _last_boundary(bytes(memoryview(partial)[seen:]))
        end = len(partial) if len(partial) > PARTIAL_BYTES_MAX else end + seen if end else 0
        whole = bytes(memoryview(partial)[:end])
        del partial[:end]
        return whole

    def flush(self) -> bytes:
        """See StreamMeter."""
        rest = bytes(self._partial)
        self._partial.clear()
        if rest and not self._look(rest):
            return rest if self.removes else b""
        return b""

    def _look(self, event: bytes) -> bool:
        return any(mark in event for mark in self.marks) and self.event(data_of(event))

    def event(self, data: bytes) -> bool:
        """Read one event's data; True removes the event from what is relayed."""
        raise NotImplementedError


def events(data: bytes) -> Iterator[bytes]:
    """Whole events with their boundaries."""
    start = 0
    for found in BOUNDARY.finditer(data):
        yield data[start : found.end()]
        start = found.end()
    if start < len(data):
        yield data[start:]


def data_of(event: bytes) -> bytes:
    """The data lines of an event, joined."""
    lines = [line[5:].lstrip(b" ") for line in event.splitlines() if line.startswith(b"data:")]
    return lines[0] if len(lines) == 1 else b"\n".join(lines)


def _last_boundary(data: bytes) -> int:
    if data.endswith((b"\n\n", b"\r\n\r\n")):
        return len(data)
    found = [(data.rfind(mark), len(mark)) for mark in (b"\n\n", b"\r\n\r\n", b"\r\r")]
    return max(at + size if at >= 0 else 0 for at, size in found)
