"""A made-up experiment: units with what they cost and brought, as outcomes and charges."""

from typing import Any, NamedTuple

from wellspent.analytics.contract import Contract
from wellspent.facts.attribution import Attribution
from wellspent.facts.outcome import Outcome, OutcomeEvent, State, outcome_of
from wellspent.routing.experiment import Arm, Experiment

CONTRACT = Contract("support", "solved")
HALVES = (Arm("big"), Arm("small", model="gpt-5-mini"))
FROM_MS, AS_OF_MS = 1_000, 10_000
NANO = 10**9


class Charge(NamedTuple):
    at_ms: int
    nanousd: int
    priced: bool
    attribution: Attribution


def experiment(**more: Any) -> Experiment:
    said = {"name": "models", "unit": "run", "arms": HALVES, "control": "big", "contract": "support", "from_ms": FROM_MS}
    return Experiment(**{**said, **more})


def charge(found: Experiment, unit: str, nanousd: int = NANO, *, at_ms: int = FROM_MS, priced: bool = True, **who: Any) -> Charge:
    """A call as the gateway charges it: tagged with its unit's arm, unless tags are given."""
    arm = found.arm_of(unit)
    tags = who.pop("tags", ((found.tag, arm.name),) if arm else ())
    named = {found.unit: unit} if found.unit in ("run", "session", "team") else {}
    tags = tags if named else (*tags, (found.unit, unit))
    return Charge(at_ms, nanousd, priced, Attribution(**named, **who, tags=tuple(sorted(tags))))


def outcome(name: str, *units: str, kind: str = "run", state: State = "settled", at_ms: int = FROM_MS, **more: Any) -> Outcome:
    links = tuple((kind, unit) for unit in units) if kind != "team" else ()
    team = {"team": units[0]} if kind == "team" else {}
    said = {"source": "desk", "outcome": name, "kind": "solved", "state": state, "occurred_at_ms": at_ms, "links": links, **team, **more}
    found = outcome_of([OutcomeEvent(**said)])
    assert found is not None
    return found


def units_in(found: Experiment, arm: str, count: int, prefix: str = "unit") -> list[str]:
    """The first so many units that chance puts there."""
    named: list[str] = []
    number = 0
    while len(named) < count:
        number += 1
        placed = found.arm_of(f"{prefix}-{number}")
        if placed is not None and placed.name == arm:
            named.append(f"{prefix}-{number}")
    return named
