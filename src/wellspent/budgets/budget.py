"""Budget and policy: the operator's limits on a scope."""

from datetime import date
from typing import Literal

from msgspec import Struct

from wellspent import limits
from wellspent.facts.attribution import SCOPE_KINDS, Scope
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


def counted(budget: Budget) -> tuple[object, ...]:
    """What a budget counts: two that differ in it may not share windows."""
    return budget.scope, budget.measure, budget.period, budget.models


def checked(budget: Budget) -> Budget:
    """The same budget, or InvalidInput that says what cannot work in it."""
    name = f"budget {budget.id!r}"
    if not budget.id or any(mark in budget.id for mark in "@/ ,"):
        raise InvalidInput(f"a budget cannot be called {budget.id!r}", fix="use letters, digits, dots and dashes")
    _check_scope(name, budget.scope)
    if type(budget.limit) is not int or budget.limit < 0:
        raise InvalidInput(f"{name} has a limit that is no whole number of zero or more", fix="use zero to let nothing through")
    if budget.limit > limits.BUDGET_LIMIT_MAX:
        raise InvalidInput(
            f"{name} has a limit above {limits.BUDGET_LIMIT_MAX:,}, more than a budget can count", fix="dollars count in nano-dollars here"
        )
    if budget.measure not in MEASURES or budget.period not in PERIODS or budget.at_limit not in AT_LIMITS:
        known = f"measure {', '.join(MEASURES)}; period {', '.join(PERIODS)}; at_limit {', '.join(AT_LIMITS)}"
        raise InvalidInput(f"{name} has an unknown measure, period or at_limit", fix=f"use {known}")
    _check_fixed(name, budget)
    if (budget.at_limit == "degrade") != bool(budget.degrade_to):
        raise InvalidInput(f"{name} needs degrade_to exactly when it degrades at its limit", fix="name at least one cheaper model, or none")
    if any(mark in model for model in budget.degrade_to for mark in "*?[") or not all(budget.degrade_to):
        raise InvalidInput(f"{name} has a pattern or nothing in degrade_to", fix="write the names of models as callers do")
    _check_patterns(name, budget.models)
    if not all(1 <= percent <= limits.ALERT_PERCENT_MAX for percent in budget.alert_at_percent):
        raise InvalidInput(f"{name} tells at a percentage outside 1 to {limits.ALERT_PERCENT_MAX}", fix="write them like 50,80,100")
    return budget


def checked_policy(policy: Policy) -> Policy:
    """The same policy, or InvalidInput that says what cannot work in it."""
    name = f"the policy of {policy.scope}"
    _check_scope(name, policy.scope)
    _check_patterns(name, policy.models_allowed)
    if policy.requests_per_minute < 0 or policy.tokens_per_minute < 0:
        raise InvalidInput(f"{name} has a rate below zero", fix="use 0 for unlimited, or stop the scope to let nothing through")
    if max(policy.requests_per_minute, policy.tokens_per_minute) > limits.RATE_PER_MINUTE_MAX:
        raise InvalidInput(f"{name} has a rate above {limits.RATE_PER_MINUTE_MAX:,} a minute", fix="use 0 for unlimited")
    return policy


def _check_scope(name: str, scope: Scope) -> None:
    """Nothing is ever charged to a scope that no call can have: a limit on it would limit nothing."""
    if scope.kind not in SCOPE_KINDS or not scope.name:
        raise InvalidInput(
            f"{name} is on {str(scope)!r}, which no call is charged to", fix=f"use KIND:NAME with KIND one of {', '.join(SCOPE_KINDS)}"
        )
    tag, equals, value = scope.name.partition("=")
    if scope.kind == "tag" and (not tag or not equals or value in ("", "*")):
        raise InvalidInput(f"{name} is on {str(scope)!r}, which no call is charged to", fix="name one value of the tag: tag:NAME=VALUE")


def _check_fixed(name: str, budget: Budget) -> None:
    if (budget.period == "fixed") != bool(budget.starts_on):
        raise InvalidInput(f"{name} needs starts_on exactly when its period is fixed", fix="give starts_on as YYYY-MM-DD, or leave it empty")
    if not 0 <= budget.length_days <= limits.FIXED_DAYS_MAX or (budget.length_days and budget.period != "fixed"):
        raise InvalidInput(
            f"{name} has length_days {budget.length_days}", fix=f"give a fixed budget 1 to {limits.FIXED_DAYS_MAX} days, or 0 for ever"
        )
    if budget.starts_on and not _is_day(budget.starts_on):
        raise InvalidInput(f"{name} starts on {budget.starts_on!r}, which is no day", fix="give a day as YYYY-MM-DD")


def _is_day(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def _check_patterns(name: str, patterns: tuple[str, ...]) -> None:
    if not all(patterns):
        raise InvalidInput(f"{name} has an empty pattern of models", fix="leave the list empty for all models")
