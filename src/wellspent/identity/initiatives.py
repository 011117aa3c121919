"""What an initiative may say, the budget that limits it, and its history in the audit log. Pure."""

import re
from collections.abc import Iterable, Iterator
from datetime import date
from math import isfinite

import msgspec
from msgspec import Struct

from wellspent import limits
from wellspent.budgets.budget import AtLimit, Budget
from wellspent.facts.attribution import Scope
from wellspent.facts.errors import InvalidInput
from wellspent.facts.initiative import CHOICES, Decision, Initiative, Target
from wellspent.identity.audit import Change
from wellspent.identity.directory import check_name

NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")
SCOPES = ("org", "team", "project", "workflow", "key", "tag")  # spending by person, run or session is not kept apart, or not shown


class Step(Struct, frozen=True):
    """One change of one initiative.

    Attributes:
        seq: The change's number in the audit log.
        actor: Who made it.
        before, after: What it was, and became; None before it was there, and after it was removed.
    """

    seq: int
    at_ms: int
    actor: str
    before: Initiative | None
    after: Initiative | None


def checked_initiative(initiative: Initiative) -> Initiative:
    """The same initiative, or InvalidInput that says what cannot be in it."""
    name = f"the initiative {initiative.name!r}"
    if not NAME.fullmatch(initiative.name):
        raise InvalidInput(f"an initiative cannot be called {initiative.name!r}", fix="use up to 63 small letters, figures and dashes")
    check_name("owner", initiative.owner)
    check_name("contract", initiative.contract)
    _check_text(f"the hypothesis of {name}", initiative.hypothesis)
    _check_scope(name, initiative.scope)
    begins, decide = _day(name, "begins", initiative.begins_on), _day(name, "is decided by", initiative.decide_by)
    if decide < begins:
        raise InvalidInput(f"{name} is to be decided by {decide}, before it begins on {begins}", fix="give a later day to decide by")
    if initiative.target is not None:
        _check_target(name, initiative.target, initiative.experiment)
    return initiative


def checked_decision(decision: Decision) -> Decision:
    """The same decision, or InvalidInput that says what is missing."""
    if decision.choice not in CHOICES:
        raise InvalidInput(f"{decision.choice!r} is no decision", fix=f"use one of {', '.join(CHOICES)}")
    check_name("person who decides", decision.by)
    _check_text("the reason of a decision", decision.because)
    return decision


def pilot_budget_id(name: str) -> str:
    """The id of the budget of an initiative."""
    return f"pilot-{name}"


def budget_of(initiative: Initiative, limit_nanousd: int | None, at_limit: AtLimit | None, before: Budget | None) -> Budget:
    """The budget of an initiative: all it may spend, from its first day on. What is not said stays as it is in an earlier one."""
    known = before or Budget(pilot_budget_id(initiative.name), initiative.scope, 0, at_limit="alert", contact=initiative.owner)
    action = at_limit or known.at_limit
    return msgspec.structs.replace(
        known,
        scope=initiative.scope,
        limit=known.limit if limit_nanousd is None else limit_nanousd,
        period="fixed",
        starts_on=initiative.begins_on,
        length_days=0,
        at_limit=action,
        degrade_to=known.degrade_to if action == "degrade" else (),
    )


def history_of(name: str, changes: Iterable[Change]) -> Iterator[Step]:
    """Every change of an initiative, oldest first, also of one that was removed since."""
    for change in changes:
        if (change.kind, change.name) == ("initiative", name):
            yield Step(change.seq, change.at_ms, change.actor, _decoded(change.before), _decoded(change.after))


def _decoded(value: str | None) -> Initiative | None:
    return None if value is None else msgspec.json.decode(value, type=Initiative)


def _check_scope(name: str, scope: Scope) -> None:
    if scope.kind not in SCOPES or scope.name == "*":
        raise InvalidInput(f"{name} cannot be about {scope}", fix=f"use one {', '.join(SCOPES[:-1])} or {SCOPES[-1]}, as KIND:NAME")
    Scope.parse(str(scope))


def _check_text(what: str, text: str) -> None:
    if not text.strip():
        raise InvalidInput(f"{what} is empty", fix="say it in a sentence")
    if len(text) > limits.INITIATIVE_TEXT_CHARS_MAX:
        raise InvalidInput(
            f"{what} has {len(text):,} characters", fix=f"use at most {limits.INITIATIVE_TEXT_CHARS_MAX:,} (limits.INITIATIVE_TEXT_CHARS_MAX)"
        )


def _check_target(name: str, target: Target, experiment: str) -> None:
    if (target.cost_nanousd is None) == (target.effect is None):
        raise InvalidInput(f"{name} needs a target that is a cost for an outcome or an effect", fix="give one of the two")
    if target.cost_nanousd is not None and target.cost_nanousd <= 0:
        raise InvalidInput(f"{name} has a target cost of nothing", fix="give an amount above zero")
    if target.effect is None:
        return
    if not isfinite(target.effect) or not target.effect or not target.unit:
        raise InvalidInput(f"{name} has a target effect that is zero, no number, or has no unit", fix='write it like "5 points" or "-0.10 USD"')
    if not experiment:
        raise InvalidInput(f"{name} has an effect as its target and nothing that looks for it", fix="name its experiment or comparison")


def _day(name: str, what: str, text: str) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise InvalidInput(f"{name} {what} {text!r}, which is no day", fix="write a day as YYYY-MM-DD") from None
    if day.isoformat() != text:
        raise InvalidInput(f"{name} {what} {text!r}", fix="write a day as YYYY-MM-DD")
    return day
