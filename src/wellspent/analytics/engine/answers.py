"""Questions and answers of the ``Engine`` as records: what has no need of DuckDB, so that a process without it can ask and be told."""

from collections.abc import Mapping

from msgspec import Struct

CUTS = ("day", "org", "team", "person", "key", "project", "workflow", "run", "session", "client", "model", "upstream", "tier", "rule")


class OutcomeCost(Struct, frozen=True):
    """An outcome with the money that is linked to it.

    Attributes:
        state: ``counted``, ``open``, ``undone`` or ``rework``.
        day: The operator's day on which it settled, or else began.
        calls: Calls whose money it carries; one that several outcomes share is counted for the first of them.
    """

    source: str
    outcome: str
    kind: str
    state: str
    day: str
    quantity: int
    value_nanousd: int | None
    nanousd: int
    calls: int


class Cut(Struct, frozen=True):
    """Spending of one group.

    Attributes:
        group: Its values, in the order asked for.
    """

    group: tuple[str, ...]
    nanousd: int
    calls: int


class SessionCost(Struct, frozen=True):
    """Money of calls that name the same session, run and work.

    Attributes:
        links: What their tags name: change, commit, branch, issue, as ``kind=id``.
        unpriced_calls: Calls without a known price: what they cost is in no figure.
    """

    client: str
    session: str
    run: str
    team: str
    links: tuple[str, ...]
    nanousd: int
    unpriced_calls: int


class CallCost(Struct, frozen=True):
    """One call, and how much of it the question is about.

    Attributes:
        nanousd: The call's own amount, corrections included.
        unpriced: Whether it has no known price: what it cost is unknown then, beyond corrections.
    """

    call_id: str
    at_ms: int
    team: str
    workflow: str
    run: str
    session: str
    model: str
    nanousd: int
    unpriced: bool


class Where(Struct, frozen=True):
    """Which shares a question is about; "" is any.

    Attributes:
        since, until: Days, the last one excluded.
        contract: A contract's name, or "-" for none.
        outcome: An outcome's source and id.
        cuts: Values by name of ``CUTS``.
        sharing: Of what is split, that which this contract has a part in.
    """

    since: str
    until: str
    contract: str = ""
    tier: str = ""
    outcome: tuple[str, str] | None = None
    cuts: Mapping[str, str] = {}
    sharing: str = ""
