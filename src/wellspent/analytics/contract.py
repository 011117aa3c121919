"""Contracts: what counts as an outcome, what it is worth, what it cost before, what a vendor charges for it. Pure.

A contract is data (``[[contract]]`` in the configuration), so that a definition can be changed, and history be counted again under it.
"""

import re
from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import Any, Literal

import msgspec
from msgspec import Struct

from wellspent.analytics import vendor
from wellspent.analytics.vendor import Vendor as Vendor  # as part of a contract
from wellspent.facts.attribution import SCOPE_KINDS
from wellspent.facts.errors import ConfigError, InvalidInput, NotFound
from wellspent.facts.money import parse_usd
from wellspent.facts.outcome import Outcome

WHERE = ("team", "project", "workflow")
SUMS = ("total", "unallocated")  # rows of reports
SCOPES = tuple(kind for kind in SCOPE_KINDS if kind not in ("person", "session"))  # outcomes of one person's money would be a leaderboard
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


class Running(Struct, frozen=True, forbid_unknown_fields=True):
    """What the outcomes cost beside tokens where the company makes them itself: people who look after it, machines, licences.

    Attributes:
        monthly_usd: What a month costs, however many outcomes there are, as decimal text.
        each_usd: What one outcome costs, as decimal text.
        source: Where these figures are from.
    """

    source: str
    monthly_usd: str = ""
    each_usd: str = ""


class Contract(Struct, frozen=True, forbid_unknown_fields=True):
    """One definition of an outcome.

    Attributes:
        kind: The kind of outcome it counts.
        source: Only those that this source said; "" is any.
        where: Only those of this ``team``, ``project`` or ``workflow``.
        settle_after: How long an outcome has to stand before it counts, like ``72h`` or ``7d``.
        reopen_within: How long after it settled an outcome can be undone, like ``30d``; what is reopened or reversed later is a matter of its own,
            and the outcome goes on counting. "" is for ever.
        attested: ``confirmed`` counts only those that somebody confirmed; ``any`` also those that nobody denied.
        worth_usd: What one is worth to the company, as decimal text; "" is not said.
        running: What they cost beside tokens, for the question whether to pay a vendor by outcome.
        match: Scopes of spending (``team``, ``project``, ``workflow``, ``key`` …) whose money is for these outcomes where nothing links it.
        split: Scopes of spending that several contracts share: what nothing links or matches is split over them by how many they settled.
        rework: Kinds of outcomes that undo or mend its own, like ``change_reverting``: their money is its money, and they count for nothing.
    """

    name: str
    kind: str
    source: str = ""
    where: dict[str, str] = {}
    settle_after: str = "0h"
    reopen_within: str = ""
    attested: Literal["any", "confirmed"] = "any"
    worth_usd: str = ""
    baseline: Baseline | None = None
    vendor: Vendor | None = None
    running: Running | None = None
    match: dict[str, str] = {}
    split: dict[str, str] = {}
    rework: tuple[str, ...] = ()

    @property
    def kinds(self) -> frozenset[str]:
        """The kinds of outcomes that it is about."""
        return frozenset((self.kind, *self.rework))

    @property
    def settle_after_ms(self) -> int:
        """How long an outcome has to stand."""
        return _window_ms(self.settle_after) or 0

    @property
    def reopen_within_ms(self) -> int | None:
        """How long an outcome can be undone; None is for ever."""
        return _window_ms(self.reopen_within)

    def covers(self, outcome: Outcome) -> bool:
        """Whether this is one of its outcomes, whatever its state."""
        return outcome.last.kind == self.kind and self.carries(outcome)

    def carries(self, outcome: Outcome) -> bool:
        """Whether money that is linked to this outcome is its money: its own outcomes, and those that undo or mend them."""
        last = outcome.last
        here = all(getattr(last, name) == value for name, value in self.where.items())
        return here and last.kind in self.kinds and self.source in ("", last.source)

    def counts(self, outcome: Outcome, as_of_ms: int) -> bool:
        """Whether it counts this outcome at a time: settled, for long enough, and confirmed where that is asked for."""
        if not self.covers(outcome) or outcome.settled_at_ms is None or not self._stands(outcome, outcome.settled_at_ms):
            return False
        if self.attested == "confirmed" and outcome.last.attested != "confirmed":
            return False
        return outcome.settled_at_ms + self.settle_after_ms <= as_of_ms

    def had_counted(self, outcome: Outcome) -> bool:
        """Whether an outcome that was undone had stood for long enough to be counted first."""
        began_at_ms, undone_at_ms = outcome.settled_at_ms, outcome.undone_at_ms
        stood = began_at_ms is not None and undone_at_ms is not None and began_at_ms + self.settle_after_ms <= undone_at_ms
        return stood and self.covers(outcome) and (self.attested == "any" or outcome.last.attested == "confirmed")

    def _stands(self, outcome: Outcome, settled_at_ms: int) -> bool:
        window_ms = self.reopen_within_ms
        late = outcome.undone_at_ms is not None and window_ms is not None and outcome.undone_at_ms > settled_at_ms + window_ms
        return outcome.counts or late


def _window_ms(text: str) -> int | None:
    found = WINDOW.fullmatch(text)
    return None if found is None else int(found[1]) * HOUR_MS * (24 if found[2] == "d" else 1)


def contracts_of(lines: Sequence[Mapping[str, Any]]) -> tuple[Contract, ...]:
    """Read the ``[[contract]]`` of the configuration.

    Raises ConfigError for one that cannot be, and for two that would count one outcome: both are named.
    """
    found = tuple(_checked(line) for line in lines)
    for one, other in combinations(found, 2):
        if one.name == other.name:
            raise ConfigError(f"two contracts are named {one.name!r}", fix="give each a name of its own")
        if one.match and one.match == other.match:
            raise ConfigError(
                f"the contracts {one.name!r} and {other.name!r} match the same spending", fix="give one of them another match, or let them split it"
            )
        both = sorted(one.kinds & other.kinds)
        if both and _overlap(one, other):
            raise ConfigError(
                f"the contracts {one.name!r} and {other.name!r} would both count one {both[0]}", fix="tell them apart by source or where"
            )
    return found


def contract_named(contracts: Sequence[Contract], name: str) -> Contract:
    """A contract by its name. Raises NotFound that names those there are."""
    for contract in contracts:
        if contract.name == name:
            return contract
    known = ", ".join(each.name for each in contracts)
    raise NotFound(f"there is no contract {name!r}", fix=f"use one of {known}" if known else "write one in wellspent.toml: see docs/outcomes.md")


def _overlap(one: Contract, other: Contract) -> bool:
    """Whether an outcome of a kind that both are about could be both's."""
    if one.source and other.source and one.source != other.source:
        return False
    return all(one.where[name] == other.where[name] for name in one.where.keys() & other.where.keys())


def _checked(line: Mapping[str, Any]) -> Contract:
    try:
        contract = msgspec.convert(line, Contract)
        baseline, running = contract.baseline, contract.running
        stated = (baseline.cost_usd if baseline else "", *((running.monthly_usd, running.each_usd) if running else ()))
        for text in (contract.worth_usd, *stated):
            if text and parse_usd(text) < 0:
                raise _bad(line, f"says {text}", "write an amount of zero or more")
        if contract.vendor:
            vendor.check(contract.vendor)
    except (msgspec.ValidationError, InvalidInput) as error:
        raise _bad(line, f"cannot be read: {error}", "see docs/outcomes.md, contracts") from None
    if not contract.name or not contract.kind:
        raise _bad(line, "has no name or no kind", "give it both")
    if SELF_REPORTED in (contract.kind, *contract.rework):
        what = f"counts {SELF_REPORTED}, which is what people say of themselves: no outcome, and part of no sum"
        raise _bad(line, what, "count what the saved time brought, such as conversations solved; reports of time are shown apart")
    if contract.name == "-":
        raise _bad(line, "is named as pages name what no contract carries", "name it with a word")
    if contract.name.lower() in SUMS:
        raise _bad(line, "is named as reports name a sum of their own", "name it for what it counts")
    if "," in contract.name:
        raise _bad(line, "has a comma in its name", "leave it out: reports list names with commas")
    if contract.kind in contract.rework:
        raise _bad(line, f"says that {contract.kind} is rework of itself", "name the kinds that undo or mend it")
    unknown = sorted(contract.where.keys() - set(WHERE))
    if unknown:
        raise _bad(line, f"asks where {unknown[0]}", f"use {', '.join(WHERE)}")
    _check_scopes(line, "match", contract.match)
    _check_scopes(line, "split", contract.split)
    for what, text in (("settles after", contract.settle_after), ("can be reopened within", contract.reopen_within or "0h")):
        if not WINDOW.fullmatch(text):
            raise _bad(line, f"{what} {text!r}", "write hours or days, like 72h or 7d")
    if contract.reopen_within_ms is not None and contract.reopen_within_ms < contract.settle_after_ms:
        raise _bad(line, "cannot be reopened any more before it settles", "make reopen_within at least as long as settle_after")
    return contract


def _check_scopes(line: Mapping[str, Any], rule: str, scopes: Mapping[str, str]) -> None:
    """Raises ConfigError for spending that is no scope's, or one person's."""
    for kind, name in scopes.items():
        if kind not in SCOPES:
            why = ", which is one person" if kind in SCOPE_KINDS else ", which is no kind of scope"
            raise _bad(line, f"says {rule} {kind}{why}", f"use {', '.join(SCOPES)}")
        if not name or (kind == "tag" and "=" not in name):
            raise _bad(line, f"says {rule} {kind} {name!r}, which nothing is charged to", 'name it; a tag as tag = "NAME=VALUE"')


def _bad(line: Mapping[str, Any], what: str, fix: str) -> ConfigError:
    return ConfigError(f"[[contract]] {line.get('name', '')!r} {what}", fix=fix)
