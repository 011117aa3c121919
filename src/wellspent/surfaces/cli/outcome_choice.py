"""Which outcomes a list is about, and what a contract makes of each. Pure."""

from collections.abc import Sequence

from msgspec import Struct

from wellspent.analytics.contract import SELF_REPORTED, Contract, contract_named
from wellspent.analytics.value import bought_of, state_of
from wellspent.facts.clock import day_of
from wellspent.facts.errors import InvalidInput
from wellspent.facts.outcome import STATES, Outcome

ANY, NONE = "+", "-"  # where a contract's name would stand
WAITS, COUNTED = "waits", "counted"
COUNTS_AS = {"counted": COUNTED, "open": "pending", "undone": "reversed", "rework": "rework", "": ""}


class Seen(Struct, frozen=True):
    """An outcome as it stands.

    Attributes:
        state: As its source says: one of ``STATES``, or that it waits.
        contract: The one that is about it; "" for none.
        counts_as: ``counted``, ``pending`` or ``reversed`` by that contract's rule, or ``rework``; "" where it counts for nothing.
        day: The operator's day on which it settled, or else began, or else was first heard of.
    """

    outcome: Outcome
    state: str
    contract: str
    counts_as: str
    day: str


class Choice(Struct, frozen=True):
    """What a list is asked for; "" chooses nothing.

    Attributes:
        contracts: Those by whose rules outcomes are seen; none where no contract is asked for.
        contract: A name, or ``ANY`` or ``NONE``.
        days: The first and the last, YYYY-MM-DD, both included.
    """

    contracts: Sequence[Contract]
    as_of_ms: int
    timezone: str
    kind: str = ""
    contract: str = ""
    days: tuple[str, str] = ("", "")
    state: str = ""
    unlinked: bool = False

    @property
    def narrows(self) -> bool:
        """Whether anything is chosen."""
        return bool(self.kind or self.contract or any(self.days) or self.state or self.unlinked)

    def seen(self, outcome: Outcome) -> Seen:
        """What contracts make of an outcome."""
        moments = (outcome.settled_at_ms, outcome.began_at_ms, outcome.last.occurred_at_ms)
        day = day_of(next(each for each in moments if each is not None), self.timezone)
        contract = next((each.name for each in self.contracts if each.carries(outcome)), "")
        state = state_of(self.contracts, outcome, self.as_of_ms)
        counts = state == "rework" or bought_of(self.contracts, outcome, self.as_of_ms, lambda _: day) is not None
        return Seen(outcome, WAITS if outcome.waits else outcome.state, contract, COUNTS_AS[state] if counts else "", day)

    def takes(self, seen: Seen) -> bool:
        """Whether it is one of these."""
        first, last = self.days
        if self.kind not in ("", seen.outcome.last.kind) or (first and seen.day < first) or (last and seen.day > last):
            return False
        return self._of_contract(seen) and self._in_state(seen) and not (self.unlinked and seen.outcome.last.links)

    def _of_contract(self, seen: Seen) -> bool:
        """What undoes or mends outcomes is none of its contract's: it counts for nothing."""
        if not self.contract:
            return True
        if self.contract == NONE:
            return not seen.contract and seen.outcome.last.kind != SELF_REPORTED
        own = self.contract == ANY or seen.contract == self.contract
        return own and bool(seen.contract) and seen.counts_as != "rework"

    def _in_state(self, seen: Seen) -> bool:
        by_rule = self.contract not in ("", NONE) and self.state in COUNTS_AS.values()
        return not self.state or self.state == (seen.counts_as if by_rule else seen.state)


def check(choice: Choice) -> None:
    """Whether a list can be asked for so. Raises InvalidInput, and NotFound for a contract that is none."""
    if choice.contract not in ("", ANY, NONE):
        contract_named(choice.contracts, choice.contract)
    if choice.state == COUNTED and choice.contract in ("", NONE):
        raise InvalidInput("what counts is for a contract to say, and none is named", fix="add --contract NAME, or use --state settled")
    if choice.state not in ("", COUNTED, WAITS, *STATES):
        raise InvalidInput(f"state is {choice.state!r}", fix=f"use {', '.join((*STATES, WAITS))}, or {COUNTED} with --contract")
