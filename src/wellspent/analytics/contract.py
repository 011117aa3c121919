"""Contracts: what counts as an outcome, what it is worth, what it cost before, what a vendor charges for it. Pure.

A contract is data (``[[contract]]`` in the configuration), so that a definition can be changed, and history be counted again under it.
"""

import re
from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import Any, Literal

import msgspec
from msgspec import Struct

from wellspent.facts.errors import ConfigError, InvalidInput
from wellspent.facts.money import parse_usd
from wellspent.facts.outcome import Outcome

WHERE = ("team", "project", "workflow")
SELF_REPORTED = "time_saved"  # minutes that people say they saved
WINDOW = re.compile(r"(\d{1,4})([hd])")
HOUR_MS = 3_600_000


class Baseline(Struct, frozen=True, forbid_unknown_fields=True):
    """What the same outcome took before there was AI.

    Attributes:
        cost_usd: What one cost, as decimal text.
        minutes: The working time of one.
        per_month: How many there were in a month.
        source: Where these figures are from; they are worth what it is.
    """

    source: str
    cost_usd: str = ""
    minutes: float = 0.0
    per_month: int = 0


class Vendor(Struct, frozen=True, forbid_unknown_fields=True):
    """Who charges for each outcome, and how much, as decimal text."""

    name: str
    price_usd: str


class Contract(Struct, frozen=True, forbid_unknown_fields=True):
    """One definition of an outcome.

    Attributes:
        kind: The kind of outcome it counts.
        source: Only those that this source said; "" is any.
        where: Only those of this ``team``, ``project`` or ``workflow``.
        settle_after: How long an outcome has to stand before it counts, like ``72h`` or ``7d``.
        attested: ``confirmed`` counts only those that somebody confirmed; ``any`` also those that nobody denied.
        worth_usd: What one is worth to the company, as decimal text; "" is not said.
        match: Scopes of spending (``team``, ``project``, ``workflow``, ``key`` …) whose money is for these outcomes where nothing links it.
        split: Scopes of spending that several contracts share: what nothing links or matches is split over them by how many they settled.
    """

    name: str
    kind: str
    source: str = ""
    where: dict[str, str] = {}
    settle_after: str = "0h"
    attested: Literal["any", "confirmed"] = "any"
    worth_usd: str = ""
    baseline: Baseline | None = None
    vendor: Vendor | None = None
    match: dict[str, str] = {}
    split: dict[str, str] = {}

    @property
    def settle_after_ms(self) -> int:
        """The window."""
        found = WINDOW.fullmatch(self.settle_after)
        return 0 if found is None else int(found[1]) * HOUR_MS * (24 if found[2] == "d" else 1)

    def covers(self, outcome: Outcome) -> bool:
        """Whether it is about this outcome, whatever its state."""
        last = outcome.last
        return last.kind == self.kind and self.source in ("", last.source) and all(getattr(last, name) == value for name, value in self.where.items())

    def counts(self, outcome: Outcome, as_of_ms: int) -> bool:
        """Whether it counts this outcome at a time: settled, for long enough, and confirmed where that is asked for."""
        if not self.covers(outcome) or not outcome.counts or outcome.settled_at_ms is None:
            return False
        if self.attested == "confirmed" and outcome.last.attested != "confirmed":
            return False
        return outcome.settled_at_ms + self.settle_after_ms <= as_of_ms


def contracts_of(lines: Sequence[Mapping[str, Any]]) -> tuple[Contract, ...]:
    """Read the ``[[contract]]`` of the configuration.

    Raises ConfigError for one that cannot be, and for two that would count one outcome: both are named.
    """
    found = tuple(_checked(line) for line in lines)
    for one, other in combinations(found, 2):
        if one.name == other.name:
            raise ConfigError(f"two contracts are named {one.name!r}", fix="give each a name of its own")
        if _overlap(one, other):
            raise ConfigError(
                f"the contracts {one.name!r} and {other.name!r} would both count one {one.kind}", fix="tell them apart by source or where"
            )
    return found


def _overlap(one: Contract, other: Contract) -> bool:
    """Whether an outcome could be counted by both."""
    if one.kind != other.kind or (one.source and other.source and one.source != other.source):
        return False
    return all(one.where[name] == other.where[name] for name in one.where.keys() & other.where.keys())


def _checked(line: Mapping[str, Any]) -> Contract:
    try:
        contract = msgspec.convert(line, Contract)
        baseline, vendor = contract.baseline, contract.vendor
        for text in (contract.worth_usd, baseline.cost_usd if baseline else "", vendor.price_usd if vendor else ""):
            if text and parse_usd(text) < 0:
                raise _bad(line, f"says {text}", "write an amount of zero or more")
    except (msgspec.ValidationError, InvalidInput) as error:
        raise _bad(line, f"cannot be read: {error}", "see docs/outcomes.md, contracts") from None
    if not contract.name or not contract.kind:
        raise _bad(line, "has no name or no kind", "give it both")
    if contract.kind == SELF_REPORTED:
        what = f"counts {SELF_REPORTED}, which is what people say of themselves: no outcome, and part of no sum"
        raise _bad(line, what, "count what the saved time brought, such as conversations solved; reports of time are shown apart")
    unknown = sorted(contract.where.keys() - set(WHERE))
    if unknown:
        raise _bad(line, f"asks where {unknown[0]}", f"use {', '.join(WHERE)}")
    if not WINDOW.fullmatch(contract.settle_after):
        raise _bad(line, f"settles after {contract.settle_after!r}", "write hours or days, like 72h or 7d")
    return contract


def _bad(line: Mapping[str, Any], what: str, fix: str) -> ConfigError:
    return ConfigError(f"[[contract]] {line.get('name', '')!r} {what}", fix=fix)
