"""What happened to a change (a pull or merge request) between its opening and its end, as a forge tells it.

A ``ReviewEvent`` is immutable and holds no name and no text: whoever did it is a keyed hash, and of a title only the kind of work stays. Events
come late, twice and out of order; what they come to is decided in ``rework.delay``.
"""

from typing import Literal, get_args

from msgspec import Struct

What = Literal["opened", "drafted", "ready", "pushed", "approved", "changes", "reviewed", "commented", "merged", "closed", "reopened", "described"]
WHATS: tuple[What, ...] = get_args(What)
REVIEWING: frozenset[What] = frozenset(("approved", "changes", "reviewed", "commented"))
Work = Literal["", "bug", "upkeep", "feature"]


class ReviewEvent(Struct, frozen=True, omit_defaults=True):
    """One thing that a forge said of one change.

    Attributes:
        source: Who says it: ``github`` or ``gitlab``.
        change: ``acme/app#418`` or ``acme/app!12``: the same name that its outcome has.
        what: ``opened``; ``drafted`` and ``ready`` (put into draft, out of draft); ``pushed``; ``approved``, ``changes`` (asked for) and
            ``reviewed`` (a review without a verdict); ``commented``; ``merged``, ``closed`` without a merge, ``reopened``; ``described``: nothing
            happened but that it is told how the change looks.
        at_ms: When.
        recorded_at_ms: When it was heard of here.
        event: What names it within its source for ever, so that a webhook and the API tell it once.
        actor: Who did it, as a keyed hash; "" where the forge does not say, as with accounts that are gone.
        machine: Whether that is a bot or an agent.
        author: Whether that is the change's author.
        repository: ``acme/app``.
        branch: The change's own.
        commit: The merge commit of one that is merged, the newest commit of a push; "" elsewhere.
        added, deleted: Lines of the whole change, where the message says so.
        work: What it is for, told by labels and the form of its title; "" where neither tells.
        labels: Their names, in small letters.
    """

    source: str
    change: str
    what: What
    at_ms: int
    event: str
    recorded_at_ms: int = 0
    actor: str = ""
    machine: bool = False
    author: bool = False
    repository: str = ""
    branch: str = ""
    commit: str = ""
    added: int | None = None
    deleted: int | None = None
    work: Work = ""
    labels: tuple[str, ...] = ()

    @property
    def reviews(self) -> bool:
        """Whether a person other than the author looked at the change. Who is unknown is not counted as a person."""
        return self.what in REVIEWING and bool(self.actor) and not self.machine and not self.author
