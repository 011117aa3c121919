"""A pilot and its outcomes, for tests."""

from datetime import UTC, datetime
from typing import Any

from wellspent.analytics.bought import Spending
from wellspent.analytics.contract import Baseline, Contract
from wellspent.analytics.effect import Effect, Grade
from wellspent.facts.attribution import Scope
from wellspent.facts.initiative import Initiative, Target
from wellspent.facts.outcome import Outcome, OutcomeEvent, outcome_of

USD = 10**9
DAY_MS = 86_400_000
BEGAN_MS = int(datetime(2026, 9, 1, tzinfo=UTC).timestamp() * 1000)
NOW_MS = BEGAN_MS + 60 * DAY_MS
SCOPE = Scope("workflow", "researcher")
PILOT = Initiative("leads", "zoe", "finds leads", SCOPE, "leads", "2026-09-01", "2026-11-10", target=Target(cost_nanousd=40 * USD))
CONTRACT = Contract("leads", "lead", settle_after="24h", match={"workflow": "researcher"}, baseline=Baseline("a broker", "55"))
RUN = ("run", "r1")


def outcome(name: str, *states: str, day: float = 1.0, **said: Any) -> Outcome:
    """One that goes through states from a day of the pilot on, an hour apart."""
    at_ms = BEGAN_MS + int(day * DAY_MS)
    said = {"kind": "lead", **said}
    found = outcome_of(
        OutcomeEvent("crm", name, state=state, occurred_at_ms=at_ms + number * 3_600_000, **said)  # type: ignore[arg-type]
        for number, state in enumerate(states or ("settled",))
    )
    assert found is not None
    return found


def linked(count: int, **said: Any) -> list[Outcome]:
    """So many that count, each linked to the pilot's run."""
    return [outcome(f"L{number}", links=(RUN,), **said) for number in range(count)]


def spent(usd: float, unpriced: int = 0) -> Spending:
    return Spending(int(usd * USD), 100, unpriced)


def effect(low: float | None, high: float | None, unit: str = "share", grade: Grade = Grade.A, **more: Any) -> Effect:
    difference = None if low is None or high is None else (low + high) / 2
    sizes = {"treated_n": 100, "control_n": 100, **more}
    return Effect(
        treated="agent", control="people", difference=difference, low=low, high=high, level_percent=95.0, p_value=None, standard_error=None,
        unit=unit, method="Newcombe", assumptions=(), checks=(), grade=grade, verdict="As the verdict says.", **sizes,
    )  # fmt: skip
