"""A session of a coding agent, with its money: what is joined to commits."""

from msgspec import Struct

from wellspent.facts.outcome import LINK_KINDS

Link = tuple[str, str]  # (kind, id), of ``LINK_KINDS``


class Session(Struct, frozen=True):
    """Money of one session, or of calls that name no session and the same work.

    Attributes:
        client: The agent: ``claude-code``, ``codex``; "" where it is not known.
        session: Its conversation id, "" where calls named none.
        nanousd: What it cost, as far as it has a price.
        team: Who pays for it, "" where it is not known.
        links: What its calls name: run, change, commit, branch, issue.
        unpriced_calls: Calls without a price: what they cost is unknown, and in no figure.
        list_price: Whether the amount is what a list says and nobody was billed so (a subscription).
        folder, branch: Where it worked, as its own log says; "" where nothing does.
        started_ms, ended_ms: When; 0 where it is not known.
    """

    client: str
    session: str
    nanousd: int
    team: str = ""
    links: tuple[Link, ...] = ()
    unpriced_calls: int = 0
    list_price: bool = False
    folder: str = ""
    branch: str = ""
    started_ms: int = 0
    ended_ms: int = 0

    @property
    def names(self) -> tuple[Link, ...]:
        """Everything that it can be found by, most telling first."""
        said = {*self.links, *((("session", self.session),) if self.session else ())}
        return tuple(sorted(said, key=lambda link: (LINK_KINDS.index(link[0]), link[1])))


class Merged(Struct, frozen=True):
    """A merged change, as another system knows it.

    Attributes:
        change: Its id, ``acme/app#418``.
        commit: What it became in the history.
        links: What it names: session, run, branch, issue, and itself.
        branch: It was made on, without the repository; "" where it is not known.
        source: The system that says so.
    """

    change: str
    commit: str
    links: tuple[Link, ...] = ()
    branch: str = ""
    source: str = ""
