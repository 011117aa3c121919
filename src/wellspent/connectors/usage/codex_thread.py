"""Which events of a Codex thread are calls, and how much each was. Pure.

Codex says its usage in two ways. ``token_count`` events carry a running total and the last call's own figures; they are repeated whenever
limits are refreshed, so that only a total that moved is a call. Newer logs also have a ``token_usage_record`` for every response, with its id.
A fork begins with a copy of its parent's history, stamped with the time of the fork; only the ids of turns keep their age.
"""

import re
from collections.abc import Iterable, Iterator
from operator import attrgetter

from msgspec import Struct

from wellspent import limits
from wellspent.facts.usage import Usage

UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
FIELDS = ("input_tokens", "cached_input_tokens", "cache_write_input_tokens", "output_tokens", "reasoning_output_tokens")
Tokens = tuple[int, ...]  # by FIELDS; cached and written are inside input, reasoning inside output


class Context(Struct, frozen=True):
    """What holds for an event by what was said before it."""

    session: str
    project: str = ""
    branch: str = ""
    model: str = ""
    model_provider: str = ""
    service_tier: str = ""
    is_subagent: bool = False
    agent: str = ""


class Event(Struct, frozen=True):
    """One time that a log says usage.

    Attributes:
        total: The thread's running total, where it is said.
        own: The usage of the last call alone, where it is said.
        counts: False for what only sets the total: copied history, and what lies before the time asked for.
        response_id: Of a ``token_usage_record`` only.
        is_record: Whether it is one.
    """

    at_ms: int
    total: Tokens | None
    own: Tokens | None
    turn: str
    context: Context
    line: int
    source: str
    counts: bool = True
    response_id: str = ""
    is_record: bool = False

    @property
    def order(self) -> tuple[object, ...]:
        """By time; a response's record before the totals that follow from it."""
        return self.at_ms, not self.is_record, self.total or (), self.counts, self.source, self.line


def calls_in(events: Iterable[Event]) -> Iterator[tuple[Event, Tokens]]:
    """The calls of one thread, each with its own quantities, from its events in all files."""
    ordered = sorted(events, key=attrgetter("order"))
    recorded = {event.turn for event in ordered if event.is_record and event.turn}
    totals = Totals()
    said: set[object] = set()  # what has no total to tell that it is said again
    for event in ordered:
        moved = totals.moved(event.total, event.own)
        used = event.own if event.is_record else moved
        key: object = None
        if event.is_record:
            key = event.response_id or (event.turn, event.total, event.own)
        elif event.total is None:
            key = (event.at_ms, event.own)
        fresh = key is None or key not in said
        if key is not None:
            said.add(key)
        if event.counts and fresh and used and any(used) and (event.is_record or event.turn not in recorded):
            yield event, used


class Totals:
    """A thread's running total, and what each move of it means."""

    def __init__(self) -> None:
        self._at: Tokens | None = None
        self._seen: set[tuple[Tokens, Tokens | None]] = set()

    def moved(self, total: Tokens | None, own: Tokens | None) -> Tokens | None:
        """What was used since the total was last said; zeros or None where that is nothing new.

        100 → 150 is 50, 150 → 150 is 0. Lower than before is a new beginning, worth the last call's own figures (else the total), unless the same was
        said before. The first total of a file may go on from another file: the last call's own figures.
        """
        if total is None:
            return own
        before, repeated = self._at, (total, own) in self._seen
        self._seen.add((total, own))
        if before is not None and any(now < was for now, was in zip(total, before, strict=True)):
            if repeated and total != own:
                return None  # an old event said again: the total stays where it was
            self._at = total
            return own or total
        self._at = total
        if before is None:
            return own or total
        return tuple(now - was for now, was in zip(total, before, strict=True))


class Replay:
    """Tells a fork's copied history from its own events, in the order of its file."""

    def __init__(self, thread: str) -> None:
        self.thread = thread
        self.parent = ""
        self._made_ms: int | None = None
        self._began_ms: int | None = None
        self._copying = self._aged = self._own_turn = False

    def session(self, thread: str, parent: str, at_ms: int | None) -> None:
        """A ``session_meta``: the first is the file's own, any other is of the history that is copied."""
        if self._began_ms is None:
            self.thread, self.parent = thread or self.thread, parent
            self._made_ms, self._began_ms = minted_ms(self.thread) or at_ms, at_ms
            self._copying = bool(parent)
        elif thread != self.thread and not self._own_turn:
            self.parent = self.parent or thread
            self._copying = True

    def turn(self, turn: str) -> None:
        """A turn begins. One that is younger than the thread is its own, and ends the copy."""
        minted = minted_ms(turn)
        if minted is None or self._made_ms is None:
            return
        self._aged = True
        if minted >= self._made_ms:
            self._own_turn, self._copying = True, False

    def copied(self, at_ms: int, thread: str = "") -> bool:
        """Whether an event is of the copied history. Where no turn tells its age, what was stamped at once with the file's beginning is."""
        if thread and thread != self.thread:
            return True
        if not self._copying or self._aged:
            return self._copying
        return at_ms - (self._began_ms or 0) < limits.REPLAY_S_MAX * 1000


def minted_ms(name: str) -> int | None:
    """When an id of version 7 (RFC 9562) was made; None for any other."""
    return int(name[:8] + name[9:13], 16) if UUID.fullmatch(name) and name[14] == "7" else None


def usage_of(tokens: Tokens, service_tier: str) -> Usage:
    """Disjoint quantities."""
    total_in, cached, written, total_out, reasoning = tokens
    cached = min(cached, total_in)
    written = min(written, total_in - cached)
    reasoning = min(reasoning, total_out)
    return Usage(
        input_tokens=total_in - cached - written,
        cache_read_tokens=cached,
        cache_write_5m_tokens=written,
        output_tokens=total_out - reasoning,
        output_reasoning_tokens=reasoning,
        service_tier=service_tier,
    )
