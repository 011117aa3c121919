"""Budget and policy: the operator's limits on a scope."""

from typing import Literal

from msgspec import Struct

from wellspent.facts.attribution import Scope
from wellspent.facts.errors import InvalidInput

Measure = Literal["usd", "tokens", "calls"]
Period = Literal["hour", "day", "week", "month", "quarter", "year", "total", "fixed"]
AtLimit = Literal["alert", "degrade", "refuse"]
MEASURES: tuple[Measure, ...] = ("usd", "tokens", "calls")
PERIODS: tuple[Period, ...] = ("hour", "day", "week", "month", "quarter", "year", "total", "fixed")
AT_LIMITS: tuple[AtLimit, ...] = ("alert", "degrade", "refuse")


class Budget(Struct, frozen=True, omit_defaults=True):
    """A limit on a scope over a window, with what happens there.

    Attributes:
        id: Its name, in refusals and receipts.
        scope: What it limits; the name ``"*"`` means each value by itself (a ceiling for every run).
        limit: Nano-dollars, tokens or calls, by ``measure``.
        starts_on: YYYY-MM-DD, the first day of a ``fixed`` window.
        length_days: Days of a ``fixed`` window; 0 lasts for ever. A fixed window does not repeat.
        at_limit: ``alert`` tells, ``degrade`` goes on with a cheaper model of the same wire, ``refuse`` says no.
        degrade_to: The cheaper models, in order of preference.
        alert_at_percent: Used shares that are reported once a window.
        models: Patterns of the models it counts; empty counts all.
        contact: Whom a refusal says to ask.
    """

    id: str
    scope: Scope
    limit: int
    measure: Measure = "usd"
    period: Period = "month"
    at_limit: AtLimit = "refuse"
    starts_on: str = ""
    length_days: int = 0
    degrade_to: tuple[str, ...] = ()
    alert_at_percent: tuple[int, ...] = (80, 100)
    models: tuple[str, ...] = ()
    contact: str = ""

    @property
    def hard(self) -> bool:
        """Whether calls can be turned away or degraded by it."""
        return self.at_limit != "alert"


class Policy(Struct, frozen=True, omit_defaults=True):
    """What a scope may do besides spending.

    Attributes:
        models_allowed: Patterns of models; empty allows all.
        requests_per_minute: 0 is unlimited; likewise ``tokens_per_minute``.
        killed: The kill switch: nothing passes.
        reason: Why it was stopped; shown to the caller.
    """

    scope: Scope
    models_allowed: tuple[str, ...] = ()
    requests_per_minute: int = 0
    tokens_per_minute: int = 0
    killed: bool = False
    reason: str = ""


def checked(budget: Budget) -> Budget:
    """The same budget, or InvalidInput that says what cannot work in it."""
    if not budget.id or any(mark in budget.id for mark in "@/ ,"):
        raise InvalidInput(f"a budget cannot be called {budget.id!r}", fix="use letters, digits, dots and dashes")
    if budget.limit < 0:
        raise InvalidInput(f"budget {budget.id!r} has a limit below zero", fix="use zero to let nothing through")
    if budget.measure not in MEASURES or budget.period not in PERIODS or budget.at_limit not in AT_LIMITS:
        known = f"measure {', '.join(MEASURES)}; period {', '.join(PERIODS)}; at_limit {', '.join(AT_LIMITS)}"
        raise InvalidInput(f"budget {budget.id!r} has an unknown measure, period or at_limit", fix=f"use {known}")
    if (budget.period == "fixed") != bool(budget.starts_on):
        raise InvalidInput(f"budget {budget.id!r} needs starts_on exactly when its period is fixed", fix="give starts_on as YYYY-MM-DD")
    if budget.at_limit == "degrade" and not budget.degrade_to:
        raise InvalidInput(f"budget {budget.id!r} degrades but names no cheaper model", fix="give degrade_to at least one model")
    return budget
