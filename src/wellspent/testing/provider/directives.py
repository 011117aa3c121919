"""Directives: how one request tells the fake provider to behave, in a header or in the prompt itself (so real clients can use them).

``x-fake: status=429;retry_after=2`` or ``[[fake: chunks=60; chunk_ms=5]]`` anywhere in the text. All directives of a request are merged,
later ones win, and the header wins over the text. Every one is described in the README of ``testing``.
"""

import re
from collections.abc import Iterator
from typing import Any

from msgspec import Struct

IN_TEXT = re.compile(r"\[\[fake:(.*?)\]\]", re.DOTALL)
MARK = b"[[fake:"
REST = "tool_input="  # JSON may hold semicolons, so this one takes the rest


class Directives(Struct, frozen=True):
    """What one request asked for.

    Attributes:
        values: By name; a bare name has the value "1".
    """

    values: dict[str, str] = {}

    def on(self, name: str) -> bool:
        """Whether it was asked for (``0`` says no)."""
        return self.values.get(name, "0") != "0"

    def number(self, name: str, default: int = 0) -> int:
        """Its whole number; what is none counts as the default."""
        value = self.values.get(name, "")
        return int(value) if value.isdecimal() else default

    def seconds(self, name: str, per_second: float = 1.0) -> float:
        """A duration; ``per_second`` is 1000 for milliseconds."""
        try:
            return max(0.0, float(self.values.get(name, "0")) / per_second)
        except ValueError:
            return 0.0

    def text(self, name: str, default: str = "") -> str:
        """Its text."""
        return self.values.get(name, default)


def read_directives(payload: Any, raw: bytes, header: str, name: str = "") -> Directives:
    """The directives of one request.

    Args:
        payload: The decoded body; its strings are searched.
        raw: The body as it came, for a quick look whether there is anything to find.
        header: The ``x-fake`` header, or "".
        name: This provider's name: directives with ``at=OTHER`` are not for it.
    """
    found = [match for text in strings_of(payload) for match in IN_TEXT.findall(text)] if MARK in raw else []
    values: dict[str, str] = {}
    for block in [*found, header]:
        said = parse_block(block)
        if said.get("at", name) == name:
            values |= said
    return Directives(values)


def parse_block(block: str) -> dict[str, str]:
    """``status=429; html`` -> ``{"status": "429", "html": "1"}``."""
    block, mark, rest = block.partition(REST)
    said = {}
    for part in block.split(";"):
        name, _, value = part.strip().partition("=")
        if name:
            said[name.strip()] = value.strip() or "1"
    if mark:
        said["tool_input"] = rest.strip()
    return said


def strings_of(value: Any) -> Iterator[str]:
    """Every string within a JSON value, in order."""
    stack = [value]
    while stack:
        item = stack.pop()
        if isinstance(item, str):
            yield item
        elif isinstance(item, dict):
            stack.extend(reversed(list(item.values())))
        elif isinstance(item, list):
            stack.extend(reversed(item))
