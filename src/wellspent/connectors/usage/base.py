"""What every source of usage gives: the calls it found, and what it could not use."""

from collections.abc import Iterator, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Any, Protocol

import msgspec
from msgspec import Struct

from wellspent import limits
from wellspent.facts.usage import Usage


class Billing(StrEnum):
    """Who is billed for a call: a seat with a fixed price, an API key by the token, or it is not known."""

    SUBSCRIPTION = "subscription"
    API_KEY = "api_key"
    UNKNOWN = "unknown"


class LoggedCall(Struct, frozen=True):
    """One call to a model, as a coding agent wrote it down.

    Attributes:
        at_ms: When, UTC.
        client: The agent: "claude-code", "codex".
        project: The working folder, as logged.
        branch: The git branch, "" where it is not said.
        model: As the provider was asked for it; "" where it is not said, so that the call has no price.
        provider: Whose prices apply: a provider of the price book, "" to look the model up among the well-known ones.
        usage: Disjoint quantities, whatever the client counts inside what.
        message_id: The provider's id of the answer; "" where it is not said.
        request_id: The id in the answer's headers: what the gateway and telemetry know the call by.
        agent: The subagent's id; "" for the main conversation.
        source: The file that says so, and its line from 1: the evidence.
    """

    at_ms: int
    client: str
    session: str
    project: str
    branch: str
    model: str
    provider: str
    usage: Usage
    message_id: str = ""
    request_id: str = ""
    billing: Billing = Billing.UNKNOWN
    is_subagent: bool = False
    agent: str = ""
    source: Path = Path()
    line: int = 0


class Problem(Struct, frozen=True):
    """Something that could not be used, how often, and where it was seen first (line 0: the whole file)."""

    what: str
    times: int
    source: Path
    line: int = 0


class Problems:
    """What a source could not use: every time is counted, the first is kept as the example."""

    def __init__(self) -> None:
        self._found: dict[str, Problem] = {}

    def add(self, what: str, source: Path, line: int = 0, times: int = 1) -> None:
        """Count a problem; ``what`` says what happened and what became of it, in words that read on after "3 times:"."""
        seen = self._found.get(what)
        if seen is None:
            self._found[what] = Problem(what, times, source, line)
        else:
            self._found[what] = msgspec.structs.replace(seen, times=seen.times + times)

    @property
    def times(self) -> int:
        """How often in all."""
        return sum(problem.times for problem in self._found.values())

    def found(self) -> tuple[Problem, ...]:
        """All of them, most frequent first."""
        return tuple(sorted(self._found.values(), key=lambda problem: (-problem.times, problem.what)))


class UsageSource(Protocol):
    """Where usage is read from. A source reads; it writes nothing, asks nobody, and no bad line ends it."""

    @property
    def client(self) -> str:
        """The agent's name in reports."""
        ...

    @property
    def folders(self) -> Sequence[Path]:
        """Where it looks, whether or not they exist."""
        ...

    def calls(self, since_ms: int = 0) -> Iterator[LoggedCall]:
        """Every call at or after a moment, once, in no order. Files that were last written before it are not opened."""
        ...

    def problems(self) -> Sequence[Problem]:
        """What could not be used, after ``calls`` has been read to its end."""
        ...


class BadCount(ValueError):
    """A quantity that cannot be true."""


def count_of(fields: dict[str, Any], name: str) -> int:
    """A logged quantity; 0 where it is not said. Raises BadCount for what is negative, no whole number, or beyond belief."""
    value = fields.get(name)
    if value is None:
        return 0
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= limits.LOGGED_TOKENS_MAX:
        return value
    raise BadCount(name)


def text_of(fields: dict[str, Any], name: str) -> str:
    """A logged text, cut to what a name may have; "" where it is not said."""
    value = fields.get(name)
    return value[: limits.LOGGED_NAME_CHARS_MAX] if isinstance(value, str) else ""


def object_of(fields: object, name: str) -> dict[str, Any]:
    """A logged object; empty where it is not said."""
    value = fields.get(name) if isinstance(fields, dict) else None
    return value if isinstance(value, dict) else {}
