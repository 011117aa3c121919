"""The facts that were added since a statement was issued: outcomes undone, settled or heard of, those that stood, corrections posted."""

from collections.abc import Callable, Sequence

from msgspec import Struct

from wellspent.analytics.contract import Contract
from wellspent.analytics.value import Bought, State, bought_of, state_of
from wellspent.facts.outcome import Outcome

Day = Callable[[int], str]


class Moved(Struct, frozen=True):
    """An outcome of which something was said since.

    Attributes:
        contract: The one that is about it now, or else was.
        name: Its source and id.
        how: What happened, in words that follow "outcomes".
        was, now: What it counted as when the statement was asked for, and counts as now; None for nothing.
        states: What became of the money that is linked to it, then and now, as in ``value.State``; "" for none.
        carried: Whether it may carry other money now.
    """

    contract: str
    name: str
    how: str
    was: Bought | None = None
    now: Bought | None = None
    states: tuple[State, State] = ("", "")
    carried: bool = False


class Stood(Struct, frozen=True):
    """Outcomes of a day that count now because they have stood for long enough since."""

    contract: str
    day: str
    outcomes: int


class Correction(Struct, frozen=True):
    """What was corrected since for one reason, of calls of one day (UTC). It counts in the period in which it was posted."""

    day: str
    reason: str
    nanousd: int
    entries: int


class Since(Struct, frozen=True):
    """The facts that were added since a statement was issued.

    Attributes:
        before_first: The first day of the period that it was held against; "" for any day before its own.
    """

    moved: tuple[Moved, ...] = ()
    stood: tuple[Stood, ...] = ()
    corrections: tuple[Correction, ...] = ()
    before_first: str = ""


class Moments(Struct, frozen=True):
    """When a statement was asked for, and when it is asked for again; ``day`` is the operator's day of a moment."""

    then_ms: int
    now_ms: int
    day: Day


def moved_of(contracts: Sequence[Contract], then: Outcome | None, now: Outcome, moments: Moments) -> Moved | None:
    """What became of an outcome since; None where no contract is about it, or nothing that counts was said."""
    names = [_carrier(contracts, each) for each in (then, now)]
    how = _how(then, now)
    if not how or not any(names):
        return None
    at_ms = (moments.then_ms, moments.now_ms)
    was, is_now = (bought_of(contracts, each, at, moments.day) if each else None for each, at in zip((then, now), at_ms, strict=True))
    states = (_state(contracts, then, moments.then_ms), _state(contracts, now, moments.now_ms))
    carried = _carried(contracts, then) != _carried(contracts, now)
    return Moved(names[1] or names[0], f"{now.last.source} {now.last.outcome}", how, was, is_now, states, carried)


def _state(contracts: Sequence[Contract], outcome: Outcome | None, as_of_ms: int) -> State:
    return state_of(contracts, outcome, as_of_ms) if outcome and outcome.last.links else ""


def _carried(contracts: Sequence[Contract], outcome: Outcome | None) -> object:
    """By what its money is decided; None where it carries none."""
    name = _carrier(contracts, outcome)
    return (name, outcome.last.quantity, outcome.last.links) if outcome and name and outcome.last.links else None


def _carrier(contracts: Sequence[Contract], outcome: Outcome | None) -> str:
    """The contract whose money is what is linked to it; "" for none."""
    return next((each.name for each in contracts if outcome and each.carries(outcome)), "")


def _how(then: Outcome | None, now: Outcome) -> str:
    if then is None:
        return "were heard of only since" + (", and are undone" if now.state == "reversed" and not now.waits else "")
    undone = now.reversals > then.reversals
    if (then.state, now.state) == ("settled", "settled") and undone:
        return "were undone and settled again since"
    if (then.state, now.state) == ("reversed", "reversed") and undone:
        return "were settled again and undone again since"
    if then.state != now.state:
        told = {"reversed": "were undone since", "settled": "were settled since", "pending": "were reopened since"}[now.state]
        return "were settled again since" if (then.state, now.state) == ("reversed", "settled") and then.reversals else told
    names = ("quantity", "value_nanousd", "links", "attested", "kind", "team", "project", "workflow")
    changed = [name.removesuffix("_nanousd") for name in names if getattr(then.last, name) != getattr(now.last, name)]
    changed += ["time"] if then.settled_at_ms != now.settled_at_ms else []
    return f"were told otherwise since ({', '.join(changed)})" if changed else ""
