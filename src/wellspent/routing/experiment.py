"""Experiments: chance decides in which arm a unit is, and anybody who knows the experiment can compute it. Pure; nothing is stored.

The first 8 bytes of the SHA-256 of ``NAME:UNIT`` (UTF-8), read as a big-endian number below 2^64, times the sum of all shares, divided by 2^64
and rounded down, is a part. Arms own parts in the order they are written, as many as their share. So a unit that never made a call has its
arm too, and two experiments assign independently of each other.
"""

import hashlib

from msgspec import Struct

from wellspent import limits
from wellspent.facts.attribution import Attribution

# What may be assigned, and its plural. Persons are not among them: outcomes do not name persons, and nobody is to be compared with a colleague.
UNITS = {"run": "runs", "session": "sessions", "conversation": "conversations", "issue": "issues", "customer": "customers", "team": "teams"}
STANDING = ("team", "customer")  # have many outcomes each, as long as the experiment lasts
TAG = "experiment."


class Arm(Struct, frozen=True, forbid_unknown_fields=True):
    """What a unit may be assigned to.

    Attributes:
        share: Its part of the units, as a whole number beside those of the other arms.
        model: Asked in place of the caller's; "" leaves the caller's.
        holdout: Its units get no AI.
    """

    name: str
    share: int = 1
    model: str = ""
    holdout: bool = False


class Experiment(Struct, frozen=True):
    """What is compared, between which units, for how long.

    Attributes:
        unit: One of ``UNITS``.
        arms: In the order in which they own parts.
        control: The arm that the others are compared with.
        contract: Whose outcomes are a success.
        from_ms, until_ms: Its time; ``until_ms`` None is open.
        where: Only calls of these: ``(("team", "care"),)``.
        models: Patterns of the models that are asked for; empty is any.
        planned_n: Units of all arms together at which it ends.
        seen_by: ``calls`` or ``outcomes``: what tells that a unit is there. Where an arm makes no calls, calls cannot.
        listed: Each unit's arm, where the units are listed; others are in none then.
        wires: In which calls may be sent to an arm's model.
    """

    name: str
    unit: str
    arms: tuple[Arm, ...]
    control: str
    contract: str
    from_ms: int
    until_ms: int | None = None
    where: tuple[tuple[str, str], ...] = ()
    models: tuple[str, ...] = ()
    planned_n: int | None = None
    seen_by: str = "calls"
    listed: dict[str, str] = {}
    wires: tuple[str, ...] = ()

    @property
    def tag(self) -> str:
        """The name of the tag that its calls carry; the value is the arm."""
        return TAG + self.name

    @property
    def changes_calls(self) -> bool:
        """Whether an arm has a model, or gets none."""
        return any(arm.model or arm.holdout for arm in self.arms)

    def arm(self, name: str) -> Arm:
        """An arm by its name."""
        return next(arm for arm in self.arms if arm.name == name)

    def arm_of(self, unit: str) -> Arm | None:
        """Where chance has put a unit; None for one that is not listed."""
        unit = unit_name(unit)
        if self.listed:
            return self.arm(self.listed[unit]) if unit in self.listed else None
        parts = sum(arm.share for arm in self.arms)
        return _owner(self.arms, hash64(self.name, unit) * parts >> 64)

    def runs_at(self, at_ms: int) -> bool:
        """Whether it is on."""
        return self.from_ms <= at_ms and (self.until_ms is None or at_ms < self.until_ms)

    def covers(self, who: Attribution) -> bool:
        """Whether it is about calls of this scope."""
        return all(getattr(who, kind) == name for kind, name in self.where)

    def unit_of(self, who: Attribution) -> str:
        """The unit that a call belongs to; "" where the call does not say."""
        if self.unit in ("run", "session", "team"):
            return str(getattr(who, self.unit))
        return dict(who.tags).get(self.unit, "")


class Assignment(Struct, frozen=True):
    """What an application is told of a unit before it calls.

    Attributes:
        kind: What the unit is: ``run``, ``team`` …
        arm: None for a unit that is not listed.
        model: What its calls are sent to; None where they keep their own.
        holdout: Whether its calls are refused.
        control: Whether its arm is the control.
        running: Whether the experiment is on; else its calls are as any other's.
    """

    experiment: str
    kind: str
    unit: str
    arm: str | None
    model: str | None
    holdout: bool
    control: bool
    running: bool


def assignment(experiment: Experiment, unit: str, now_ms: int) -> Assignment:
    """A unit's arm, told."""
    arm, running = experiment.arm_of(unit), experiment.runs_at(now_ms)
    if arm is None:
        return Assignment(experiment.name, experiment.unit, unit, None, None, False, False, running)
    control = arm.name == experiment.control
    return Assignment(experiment.name, experiment.unit, unit, arm.name, arm.model or None, arm.holdout, control, running)


def unit_name(text: str) -> str:
    """A unit's id as headers carry it: cut off where names of a call are."""
    return text.encode("utf-8", "replace")[: limits.TAG_CHARS_MAX].decode("utf-8", "replace").strip()


def hash64(name: str, unit: str) -> int:
    """A number from 0 to 2^64 - 1 that an experiment's name and a unit come to."""
    return int.from_bytes(hashlib.sha256(f"{name}:{unit}".encode("utf-8", "replace")).digest()[:8], "big")


def balanced(name: str, arms: tuple[Arm, ...], units: tuple[str, ...]) -> dict[str, str]:
    """Listed units cut by share in the order of their hashes, so that arms are as large as planned, to a unit."""
    parts = sum(arm.share for arm in arms)
    order = sorted(units, key=lambda unit: (hash64(name, unit), unit))
    return {unit: _owner(arms, (2 * rank + 1) * parts // (2 * len(order))).name for rank, unit in enumerate(order)}


def _owner(arms: tuple[Arm, ...], part: int) -> Arm:
    """Whose part this is."""
    for arm in arms[:-1]:
        if part < arm.share:
            return arm
        part -= arm.share
    return arms[-1]
