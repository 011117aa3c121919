"""Calls as pages, JSON and CSV list them: whom they were for only as far as that is no person. Pure."""

from msgspec import Struct

from wellspent.analytics.engine.answers import CallCost
from wellspent.facts.entry import Settled
from wellspent.ledger.reader import CallRow
from wellspent.surfaces.web.groups import Groups


class Call(Struct, frozen=True):
    """One call of an amount: neither its key nor its session, which are one person's.

    Attributes:
        team: Its team, or those that are told as one; of these neither workflow nor run is told.
        nanousd: The call's own amount, corrections included.
        unpriced: Whether it has no known price: what it cost is unknown then, beyond corrections.
    """

    call_id: str
    at_ms: int
    team: str
    workflow: str
    run: str
    model: str
    nanousd: int
    unpriced: bool

    @classmethod
    def of(cls, cost: CallCost, groups: Groups) -> "Call":
        """What is told of it."""
        workflow, run = ("", "") if groups.folds(cost.team) else (cost.workflow, cost.run)
        return cls(cost.call_id, cost.at_ms, groups.told(cost.team), workflow, run, cost.model, cost.nanousd, cost.unpriced)


class Recent(Struct, frozen=True):
    """One of the newest calls.

    Attributes:
        state: ``in flight``, ``released``, or the quality of what it cost.
        nanousd: What it cost; None for unknown, in flight or not.
        held_nanousd: What is held for it; 0 once it ended.
    """

    call_id: str
    at_ms: int
    team: str
    model_asked: str
    state: str
    nanousd: int | None
    held_nanousd: int

    @classmethod
    def of(cls, row: CallRow, groups: Groups) -> "Recent":
        """What is told of it."""
        held, ended = row.reserved, row.ended
        known: int | None
        state, known, waiting = "released", 0, 0
        if ended is None:
            state, known, waiting = "in flight", None, held.held.nanousd
        elif isinstance(ended, Settled):
            state, known = str(ended.quality), None if ended.quality == "unpriced" else ended.charged.nanousd
        return cls(held.call_id, held.at_ms, groups.told(held.attribution.team), held.model_asked, state, known, waiting)
