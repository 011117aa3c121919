"""Anything that JSON can hold, and documents in which a few things are not what they should be."""

import copy
from collections.abc import Iterator
from typing import Any

from hypothesis import strategies as st

TEXTS = st.text(max_size=8) | st.sampled_from(["", " ", "\n", "x" * 600, "2024-01-01T00:00:00Z", "9" * 30, "-1", "closed", "é"])
NUMBERS = st.integers(-(2**63), 2**64 - 1) | st.floats(allow_nan=False, allow_infinity=False)
SCALARS = st.none() | st.booleans() | NUMBERS | TEXTS
JSON = st.recursive(SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3), max_leaves=8)


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The path of every value inside a document, and of the document."""
    yield path
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, each in inner:
        yield from places(each, (*path, name))


def deep(levels: int) -> Any:
    """A list in a list in a list …"""
    value: Any = []
    for _ in range(levels):
        value = [value]
    return value


def replaced(document: Any, path: tuple[Any, ...], value: Any) -> Any:
    """A copy of the document with another value at a path."""
    if not path:
        return value
    found = owner = copy.deepcopy(document)
    for name in path[:-1]:
        owner = owner[name]
    owner[path[-1]] = value
    return found


@st.composite
def mutated(draw: st.DrawFn, document: Any) -> Any:
    """The document with one to three places replaced by anything, or left out."""
    found = copy.deepcopy(document)
    for _ in range(draw(st.integers(1, 3))):
        path = draw(st.sampled_from(list(places(found))))
        if not path:
            return draw(JSON)
        owner = found
        for name in path[:-1]:
            owner = owner[name]
        if draw(st.booleans()):
            owner[path[-1]] = draw(JSON)
        else:
            del owner[path[-1]]
    return found
