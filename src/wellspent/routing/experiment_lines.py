"""``[[experiment]]``: from lines of the configuration to experiments, or what is wrong with them. Pure."""

import re
from collections.abc import Collection, Mapping, Sequence
from itertools import combinations
from typing import Any, Literal

import msgspec
from msgspec import Struct

from wellspent import limits
from wellspent.facts.clock import day_ms
from wellspent.facts.errors import ConfigError, InvalidInput
from wellspent.routing.experiment import UNITS, Arm, Experiment, balanced, unit_name

NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")
WHERE = ("team", "project", "workflow")
NAMED = "use small letters, figures and dashes, at most 64"


class ExperimentLine(Struct, frozen=True, forbid_unknown_fields=True, rename={"from_": "from"}):
    """One ``[[experiment]]`` as it is written.

    Attributes:
        name, unit, arms, control, contract, models, planned_n: As in ``Experiment``.
        from_: First day, YYYY-MM-DD, in the configured time zone.
        until: First day on which it is over; "" is open.
        where: ``team``, ``project`` or ``workflow`` of the calls that it is about.
        units: The units by name, where they are known before; needed for teams.
        seen_by: "" is ``calls``; with a holdout, ``outcomes``.
    """

    name: str
    unit: str
    arms: tuple[Arm, ...]
    control: str
    contract: str
    from_: str
    until: str = ""
    where: dict[str, str] = {}
    models: tuple[str, ...] = ()
    planned_n: int | None = None
    units: tuple[str, ...] = ()
    seen_by: Literal["", "calls", "outcomes"] = ""


def experiments_of(lines: Sequence[Mapping[str, Any]], timezone: str, contracts: Collection[str]) -> tuple[Experiment, ...]:
    """Read the ``[[experiment]]`` of the configuration.

    Args:
        timezone: In which days are told.
        contracts: Names of those that there are.

    Raises ConfigError for one that cannot be, and for two that could change one call: both are named.
    """
    found = tuple(_checked(line, timezone, contracts) for line in lines)
    for one, other in combinations(found, 2):
        if one.name == other.name:
            raise ConfigError(f"two experiments are named {one.name!r}", fix="give each a name of its own")
        if one.changes_calls and other.changes_calls and _meet(one, other):
            told = f"the experiments {one.name!r} and {other.name!r} could both change one call, and neither would know its own effect"
            raise ConfigError(told, fix="tell them apart by where, or run one after the other")
    return found


def _checked(line: Mapping[str, Any], timezone: str, contracts: Collection[str]) -> Experiment:
    try:
        said = msgspec.convert(line, ExperimentLine)
        from_ms = day_ms(said.from_, timezone)
        until_ms = day_ms(said.until, timezone) if said.until else None
    except (msgspec.ValidationError, InvalidInput) as error:
        raise _bad(line, f"cannot be read: {error}", "see docs/experiments.md") from None
    for wrong in (_wrong_unit(said), _wrong_arms(said), _wrong_scope(said, contracts), _wrong_size(said)):
        if wrong is not None:
            raise _bad(line, *wrong)
    if until_ms is not None and until_ms <= from_ms:
        raise _bad(line, f"is over on {said.until}, before it begins", "swap from and until")
    holdout = any(arm.holdout for arm in said.arms)
    units = tuple(unit_name(unit) for unit in said.units)
    return Experiment(
        name=said.name,
        unit=said.unit,
        arms=said.arms,
        control=said.control,
        contract=said.contract,
        from_ms=from_ms,
        until_ms=until_ms,
        where=tuple(sorted(said.where.items())),
        models=said.models,
        planned_n=said.planned_n,
        seen_by=said.seen_by or ("outcomes" if holdout else "calls"),
        listed=balanced(said.name, said.arms, units) if units else {},
    )


def _wrong_unit(said: ExperimentLine) -> tuple[str, str] | None:
    if not NAME.fullmatch(said.name):
        return "has a name that cannot be a tag", NAMED
    if said.unit == "person":
        why = "outcomes name no persons, and nobody is to be compared with a colleague"
        return f"assigns persons: {why}", "assign their issues or sessions, or whole teams"
    if said.unit not in UNITS:
        return f"assigns {said.unit!r}", f"use one of {', '.join(UNITS)}"
    if said.unit == "team" and not said.units:
        return "assigns teams that it does not name", 'list them: units = ["care-eu", "care-us", ...]; few units need arms of equal size'
    if len(set(map(unit_name, said.units))) < len(said.units) or "" in map(unit_name, said.units):
        return "lists a unit twice, or one without a name", "list each once"
    if said.units and not len(said.arms) <= len(said.units) <= limits.EXPERIMENT_UNITS_MAX:
        return f"lists {len(said.units)} units", f"list one for each arm at least, and {limits.EXPERIMENT_UNITS_MAX:,} at most"
    return None


def _wrong_arms(said: ExperimentLine) -> tuple[str, str] | None:
    names = [arm.name for arm in said.arms]
    if not 2 <= len(names) <= limits.EXPERIMENT_ARMS_MAX:
        return f"has {len(names)} arms", f"write 2 to {limits.EXPERIMENT_ARMS_MAX}"
    if len(set(names)) < len(names) or not all(map(NAME.fullmatch, names)):
        return "has two arms of one name, or a name that cannot be a tag", NAMED
    if said.control not in names:
        return f"has the control {said.control!r}, which is none of its arms", f"use one of {', '.join(names)}"
    for arm in said.arms:
        if not 1 <= arm.share <= limits.EXPERIMENT_SHARE_MAX:
            return f"has an arm with share {arm.share}", f"use whole numbers from 1 to {limits.EXPERIMENT_SHARE_MAX:,}"
        if arm.holdout and arm.model:
            return f"has the arm {arm.name!r} with a model that it never asks", "leave out its model or its holdout"
    if said.seen_by == "calls" and any(arm.holdout for arm in said.arms):
        return "sees units by their calls, and the units of a holdout make none", "leave out seen_by"
    return None


def _wrong_scope(said: ExperimentLine, contracts: Collection[str]) -> tuple[str, str] | None:
    unknown = sorted(said.where.keys() - set(WHERE))
    if unknown:
        return f"asks where {unknown[0]}", f"use {', '.join(WHERE)}"
    if said.contract not in contracts:
        known = ", ".join(contracts)
        return f"names the contract {said.contract!r}, which there is not", f"use one of {known}" if known else "write a [[contract]]"
    return None


def _wrong_size(said: ExperimentLine) -> tuple[str, str] | None:
    if said.planned_n is not None and said.planned_n < len(said.arms):
        return f"has planned_n {said.planned_n}", "plan one unit for each arm at least, or leave it out"
    return None


def _meet(one: Experiment, other: Experiment) -> bool:
    """Whether a call could be in both."""
    scopes, others = dict(one.where), dict(other.where)
    if any(scopes[kind] != others[kind] for kind in scopes.keys() & others.keys()):
        return False
    starts = max(one.from_ms, other.from_ms)
    return all(each.until_ms is None or starts < each.until_ms for each in (one, other))


def _bad(line: Mapping[str, Any], what: str, fix: str) -> ConfigError:
    return ConfigError(f"[[experiment]] {line.get('name', '')!r} {what}", fix=fix)
