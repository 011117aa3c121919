"""Decide: budgets and their balances against an amount. Expected refusals are values."""

from collections.abc import Collection, Iterable, Sequence
from fnmatch import fnmatchcase
from typing import Protocol

from msgspec import Struct

from wellspent.budgets.budget import Budget, Policy
from wellspent.budgets.window import Window
from wellspent.facts.entry import Amounts


class Standing(Protocol):
    """A budget's window and where it stands; settled + held is what is gone."""

    @property
    def budget(self) -> Budget:
        """The budget."""
        ...

    @property
    def window(self) -> Window:
        """Its window now."""
        ...

    @property
    def spent(self) -> int:
        """Settled so far, in the budget's measure."""
        ...

    @property
    def held(self) -> int:
        """Held for calls in flight."""
        ...

    @property
    def left(self) -> int:
        """limit - spent - held; below zero after an overrun or a lowered limit."""
        ...


class Snapshot(Struct, frozen=True):
    """A standing as a plain value, for reports and refusals."""

    budget: Budget
    window: Window
    spent: int
    held: int

    @property
    def left(self) -> int:
        """limit - spent - held."""
        return self.budget.limit - self.spent - self.held


class Allow(Struct, frozen=True):
    """The amount fits every budget."""


class Degrade(Struct, frozen=True):
    """A degrading budget is used up: go on with one of these models."""

    standing: Snapshot
    needed: int
    models: tuple[str, ...]


class Refuse(Struct, frozen=True):
    """A refusing budget cannot pay ``needed`` (in its measure)."""

    standing: Snapshot
    needed: int


class Blocked(Struct, frozen=True):
    """A policy says no. Codes: ``scope_stopped``, ``model_not_allowed``."""

    code: str
    message: str


class Headroom(Struct, frozen=True):
    """What is left in each measure under the tightest budget; None is unlimited."""

    nanousd: int | None = None
    tokens: int | None = None
    calls: int | None = None

    def holds(self, amounts: Amounts) -> bool:
        """Whether a movement fits, as far as money and tokens go."""
        return (self.nanousd is None or amounts.nanousd <= self.nanousd) and (self.tokens is None or amounts.tokens <= self.tokens)


ALLOW = Allow()
UNLIMITED = Headroom()
NO_ALERT = 2**127


def in_measure(amounts: Amounts, measure: str) -> int:
    """The part of a movement that a budget of this measure counts."""
    return amounts.nanousd if measure == "usd" else amounts.tokens if measure == "tokens" else amounts.calls


def snapshot(standing: Standing) -> Snapshot:
    """A standing's figures now."""
    return Snapshot(standing.budget, standing.window, standing.spent, standing.held)


def decide(standings: Iterable[Standing], needed: Amounts, exempt: Collection[str] = ()) -> Allow | Degrade | Refuse:
    """Whether an amount fits every budget in scope. What costs nothing in a budget's measure always fits it.

    A refusal wins over a degradation, since a cheaper model would be refused too. Among several of a kind the tightest is told: the one
    that can pay the smallest share of what is needed, so that dollars, tokens and calls compare.

    Args:
        standings: The budgets in scope.
        needed: The upper bound of the call.
        exempt: Ids of degrading budgets that this call's cheaper model already answers to.
    """
    refused: Refuse | None = None
    degraded: Degrade | None = None
    for standing in standings:
        budget = standing.budget
        amount = in_measure(needed, budget.measure)
        if not amount or budget.at_limit == "alert" or amount <= budget.limit - standing.spent - standing.held or budget.id in exempt:
            continue
        if budget.at_limit == "degrade":
            if degraded is None or _tighter(standing, amount, degraded):
                degraded = Degrade(snapshot(standing), amount, budget.degrade_to)
        elif refused is None or _tighter(standing, amount, refused):
            refused = Refuse(snapshot(standing), amount)
    return refused or degraded or ALLOW


def _tighter(standing: Standing, needed: int, other: Degrade | Refuse) -> bool:
    return standing.left * other.needed < other.standing.left * needed


def headroom(standings: Iterable[Standing]) -> Headroom:
    """The least that is left in each measure over the hard budgets among these; never below zero."""
    left: dict[str, int] = {}
    for standing in standings:
        budget = standing.budget
        if budget.at_limit != "alert":
            here = budget.limit - standing.spent - standing.held
            if here < left.get(budget.measure, here + 1):
                left[budget.measure] = max(0, here)
    return Headroom(left.get("usd"), left.get("tokens"), left.get("calls")) if left else UNLIMITED


def alerts_crossed(budget: Budget, before: int, after: int) -> tuple[int, ...]:
    """The alert thresholds (percent of the limit) that lie in (before, after]."""
    limit, before, after = budget.limit, before * 100, after * 100
    return tuple([percent for percent in budget.alert_at_percent if before < percent * limit <= after])


def next_alert(budget: Budget, spent: int) -> int:
    """The amount at which the next threshold is crossed; beyond any amount where there is none."""
    amounts = [-(-percent * budget.limit // 100) for percent in budget.alert_at_percent]
    return min([amount for amount in amounts if amount > spent], default=NO_ALERT)


def check_policy(policies: Sequence[Policy], model: str) -> Blocked | None:
    """The first policy that says no to this model, if one does."""
    for policy in policies:
        if policy.killed:
            why = f": {policy.reason}" if policy.reason else ""
            return Blocked("scope_stopped", f"Spending of {policy.scope} was stopped by an operator{why}")
        if policy.models_allowed and not _named(model, policy.models_allowed):
            allowed = ", ".join(policy.models_allowed)
            return Blocked("model_not_allowed", f"{policy.scope} may not use {model!r}; it may use {allowed}")
    return None


def counts(budget: Budget, model: str) -> bool:
    """Whether a budget counts this model. A name behind an upstream's ("azure/gpt-5") counts as itself, so that it is no way around."""
    return not budget.models or _named(model, budget.models) or _named(model.rpartition("/")[2], budget.models)


def _named(model: str, patterns: Iterable[str]) -> bool:
    """Whether a pattern takes the name; small and capital letters are the same, as they are to some providers."""
    return any(fnmatchcase(model.lower(), pattern.lower()) for pattern in patterns)
