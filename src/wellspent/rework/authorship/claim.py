"""The nouns: an author, and what one piece of evidence says about who it was.

Names and e-mail addresses of people are in none of these records; those of agents are.
"""

from collections.abc import Iterable, Sequence
from enum import IntEnum, StrEnum

import msgspec
from msgspec import Struct


class State(StrEnum):
    """Who wrote something. *Unknown* is not human: it is what nothing tells about."""

    AI = "ai"
    HUMAN = "human"
    UNKNOWN = "unknown"


class Rung(IntEnum):
    """A kind of evidence; a smaller number is better evidence.

    The first three tell of lines, the others of commits as a whole.
    """

    NOTE = 1
    TRACE = 2
    TRANSCRIPT = 3
    CHECKPOINT = 4
    SESSION = 5
    IDENTITY = 6
    TRAILER = 7
    GENERATED = 8
    BRANCH = 9

    @property
    def words(self) -> str:
        """Its name for people."""
        return WORDS[self]

    @property
    def tells_lines(self) -> bool:
        """Whether it tells of single lines."""
        return self <= Rung.TRANSCRIPT


WORDS = {
    Rung.NOTE: "git-ai note",
    Rung.TRACE: "Agent Trace",
    Rung.TRANSCRIPT: "transcript",
    Rung.CHECKPOINT: "Entire checkpoint",
    Rung.SESSION: "session trailer",
    Rung.IDENTITY: "agent is author",
    Rung.TRAILER: "co-author trailer",
    Rung.GENERATED: "generated-with line",
    Rung.BRANCH: "branch name",
}


class Author(Struct, frozen=True, cache_hash=True):
    """Who wrote something; an empty string is *unknown*.

    Attributes:
        tool: The agent, by the name that the ledger has for a client: "claude-code", "codex", "aider" …
        model: As the evidence names it, in the form of a price book where it can be told: "claude-opus-4-6".
        session: The agent's own conversation id, which is the ledger's ``session``; or git-ai's hash of it (``sessions.py`` joins both).
    """

    state: State = State.UNKNOWN
    tool: str = ""
    model: str = ""
    session: str = ""


FIELDS = ("tool", "model", "session")
UNKNOWN = Author()
HUMAN = Author(State.HUMAN)


class Claim(Struct, frozen=True, cache_hash=True):
    """What one piece of evidence says.

    Attributes:
        evidence: What it was, without names of people: "Claude-Session trailer", "co-author noreply@anthropic.com".
    """

    author: Author
    rung: Rung
    evidence: str


class LineClaim(Struct, frozen=True):
    """What one piece of evidence says of lines ``first`` to ``last`` (from 1, both included) of a file as a commit left it."""

    first: int
    last: int
    claim: Claim


def ai(tool: str, model: str = "", session: str = "") -> Author:
    """An agent, known or not by name."""
    return Author(State.AI, tool, model, session)


def agree(one: Author, other: Author) -> bool:
    """Whether two pieces of evidence can both be true: the same state, and of two tools that are both named, the same."""
    return one.state is other.state and (one.tool == other.tool or not one.tool or not other.tool)


def common(authors: Iterable[Author]) -> Author:
    """What all of them say: what differs is unknown, so two tools are an agent without a name, and an agent and a person are unknown."""
    distinct = list(dict.fromkeys(authors))
    if not distinct or len({each.state for each in distinct}) > 1:
        return UNKNOWN
    tool, model, session = (_only({getattr(each, field) for each in distinct}) for field in FIELDS)
    return Author(distinct[0].state, tool, model, session)


def filled(author: Author, said: Sequence[Author], others: Iterable[Author]) -> Author:
    """``common(said)`` with what none of them says, from others that agree, in their order. Of what they contradict each other about, nothing."""
    free = [field for field in FIELDS if not any(getattr(each, field) for each in said)]
    if author.state is not State.AI or not (author.tool or "tool" in free):
        return author
    for other in others:
        if agree(author, other):
            found = {field: getattr(other, field) for field in free if not getattr(author, field)}
            author = msgspec.structs.replace(author, **found)
    return author


def _only(values: set[str]) -> str:
    return values.pop() if len(values) == 1 else ""
