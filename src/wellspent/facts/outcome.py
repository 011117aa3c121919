"""Outcomes: something the business wanted, that happened, or was later undone.

What a source says is an immutable ``OutcomeEvent``; an ``Outcome`` is what all that was said of it comes to. Nothing is ever changed: an
outcome that is undone is said to be reversed, by one more event. Events come late, twice and out of order, so two times are kept: when it
happened (``occurred_at_ms``) and when it was heard of (``recorded_at_ms``). What was known at an earlier time can be told again exactly.
"""

from collections.abc import Iterable
from typing import Literal

import msgspec
from msgspec import Struct

State = Literal["pending", "settled", "reversed"]
STATES: tuple[State, ...] = ("pending", "settled", "reversed")
Attested = Literal["", "assumed", "confirmed"]
# What a link may name, most telling first: where money of a call says the same, the two belong together.
LINK_KINDS = ("run", "session", "conversation", "change", "commit", "branch", "issue", "customer")


class OutcomeEvent(Struct, frozen=True, omit_defaults=True):
    """One thing a source said of one outcome.

    Attributes:
        source: Who says it, e.g. ``github`` or the name of an import; with ``outcome`` it names the outcome for ever.
        outcome: The source's own id of it, e.g. ``acme/app#418``.
        kind: What it is, e.g. ``change_merged``, ``conversation_solved``, ``lead``, ``payment``.
        state: ``pending`` (it may still be undone within its window, or was reopened), ``settled``, ``reversed``.
        occurred_at_ms: When that became so.
        recorded_at_ms: When it was heard of here.
        event: The source's id of the message, "" where it has none: the same message twice is one.
        quantity: How many of its kind it is.
        value_nanousd: What it brought, where the source says so (a payment, a deal).
        attested: Whether somebody said yes (``confirmed``), or nobody said no (``assumed``).
        team, project, workflow: What it belongs to, where the source says so.
        links: ``(kind, id)`` pairs of ``LINK_KINDS`` by which money finds it.
        evidence: ``(name, value)`` pairs that a person can check, e.g. ``("url", "…")``.
    """

    source: str
    outcome: str
    kind: str
    state: State
    occurred_at_ms: int
    recorded_at_ms: int = 0
    event: str = ""
    quantity: int = 1
    value_nanousd: int | None = None
    attested: Attested = ""
    team: str = ""
    project: str = ""
    workflow: str = ""
    links: tuple[tuple[str, str], ...] = ()
    evidence: tuple[tuple[str, str], ...] = ()


class Outcome(Struct, frozen=True):
    """What all events of one outcome come to.

    Attributes:
        last: Its newest event, with what earlier ones said filled in where it says nothing, and the links of all.
        began_at_ms: When it was first said to be pending or settled; None where only its reversal is known, which waits for it.
        settled_at_ms: Since when it stands, or stood last; None where it never did. What is said to be settled again (a ticket that is solved,
            then closed) stands since the first time.
        reversals: How often it was reversed, or reopened after it had been settled.
        undone_at_ms: When it ceased to stand for the last time; None where it stands, or never did.
    """

    last: OutcomeEvent
    began_at_ms: int | None
    settled_at_ms: int | None
    reversals: int
    undone_at_ms: int | None = None

    @property
    def state(self) -> State:
        """Where it stands."""
        return self.last.state

    @property
    def waits(self) -> bool:
        """Whether it was reversed before anybody said that it happened."""
        return self.began_at_ms is None

    @property
    def counts(self) -> bool:
        """Whether it stands: settled, and not undone since."""
        return self.state == "settled"


def outcome_of(events: Iterable[OutcomeEvent], recorded_until_ms: int | None = None) -> Outcome | None:
    """What the events of one outcome come to, in whatever order they came; None for none.

    The newest by ``occurred_at_ms`` decides; of two at the same moment, the one further on (pending, settled, reversed).

    Args:
        recorded_until_ms: Only what was known at that time.
    """
    known = list(events) if recorded_until_ms is None else [event for event in events if event.recorded_at_ms <= recorded_until_ms]
    if len(known) == 1:  # most outcomes; the rest says the same of them, at several times the price
        return _only(known[0])
    known.sort(key=lambda event: (event.occurred_at_ms, STATES.index(event.state), event.recorded_at_ms, event.event))
    if not known:
        return None
    settled_at_ms: int | None = None
    began_at_ms: int | None = None
    undone_at_ms: int | None = None
    reversals, stands = 0, False
    for event in known:
        settles = event.state == "settled"
        reversals += stands and not settles
        settled_at_ms = event.occurred_at_ms if settles and not stands else settled_at_ms
        undone_at_ms = None if settles else event.occurred_at_ms if stands else undone_at_ms
        stands = settles
        if began_at_ms is None and event.state != "reversed":
            began_at_ms = event.occurred_at_ms
    return Outcome(_merged(known), began_at_ms, settled_at_ms, reversals, undone_at_ms)


def _only(event: OutcomeEvent) -> Outcome:
    """An outcome of which one thing was said."""
    last = event if len(event.links) < 2 and len(event.evidence) < 2 else _merged([event])
    at_ms = event.occurred_at_ms
    return Outcome(last, None if event.state == "reversed" else at_ms, at_ms if event.state == "settled" else None, 0)


def _merged(known: list[OutcomeEvent]) -> OutcomeEvent:
    """The newest event, with what earlier ones said where it is silent."""
    newest = known[-1]
    said: dict[str, object] = {}
    for name in ("team", "project", "workflow", "attested", "value_nanousd"):
        said[name] = next((value for event in reversed(known) if (value := getattr(event, name)) not in ("", None)), getattr(newest, name))
    links = dict.fromkeys(pair for event in known for pair in event.links)
    evidence = {name: value for event in known for name, value in event.evidence}
    return msgspec.structs.replace(newest, links=tuple(sorted(links)), evidence=tuple(sorted(evidence.items())), **said)
