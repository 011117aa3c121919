"""Allocation: which outcome carries which dollar. Pure, exact, and open: every share names its tier and its rule.

Four tiers, in this order; a dollar is in exactly one of them:

- ``linked``: the call and an outcome that a contract is about name the same run, session, conversation, change …, whatever became of it;
- ``matched``: a contract says that a scope's money is for its outcomes;
- ``split``: contracts say that they share a scope's money: a month of it is split by how many outcomes each settled in that month;
- ``unallocated``: everything else. It is shown, and never spread.

Allocation is accounting, not cause: it says who carries a dollar, not whether the outcome would have come without it.

This is the specification, one amount at a time; ``engine`` gives the same shares for millions of calls at once, and is compared to it.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Literal, NamedTuple

from msgspec import Struct

from wellspent.analytics.contract import Contract
from wellspent.facts.attribution import Attribution
from wellspent.facts.money import apportion
from wellspent.facts.outcome import LINK_KINDS, Outcome

Link = tuple[str, str]  # a kind of LINK_KINDS, and an id
Tier = Literal["linked", "matched", "split", "unallocated"]
TIERS: tuple[Tier, ...] = ("linked", "matched", "split", "unallocated")
NOTHING = "nothing links or matches it"


class Money(Struct, frozen=True):
    """An amount of spending that is allocated as one: a call, or calls of one day that are alike.

    Attributes:
        nanousd: May be negative: a correction.
        links: ``(kind, id)`` pairs of ``LINK_KINDS``.
        scopes: ``(kind, name)`` pairs: whom it was charged to.
    """

    nanousd: int
    links: tuple[tuple[str, str], ...] = ()
    scopes: tuple[tuple[str, str], ...] = ()


class Carrier(Struct, frozen=True):
    """An outcome that can carry money: a contract is about it.

    Attributes:
        outcome: Its ``(source, id)``.
    """

    contract: str
    outcome: tuple[str, str]
    quantity: int
    links: tuple[tuple[str, str], ...] = ()


class Share(NamedTuple):
    """A part of an amount.

    Attributes:
        contract: Whose outcomes carry it; "" for none, and where several split it.
        outcome: The one that carries it; None where the contract's outcomes carry it together.
        rule: Why, in words; of a split one, the names of the contracts, see ``split_over``.
    """

    contract: str
    outcome: tuple[str, str] | None
    tier: Tier
    rule: str
    nanousd: int


def links_of(who: Attribution) -> list[Link]:
    """What a call names, by which outcomes find it: its run and session, and its tags of these names (``change``, ``branch`` …)."""
    links = [(name, value) for name, value in who.tags if name in LINK_KINDS]
    return links + [(kind, name) for kind, name in (("run", who.run), ("session", who.session)) if name]


def money_of(nanousd: int, who: Attribution) -> Money:
    """A movement of money as allocation sees it."""
    return Money(nanousd, tuple(links_of(who)), tuple([(scope.kind, scope.name) for scope in who.scopes()]))


def carriers(contracts: Sequence[Contract], outcomes: Iterable[Outcome]) -> list[Carrier]:
    """The outcomes that can carry money: all that a contract is about, but those of which only a reversal is known."""
    found = []
    for outcome in outcomes:
        last = outcome.last
        contract = next((each for each in contracts if each.carries(outcome)), None)
        if contract is not None and not outcome.waits:
            found.append(Carrier(contract.name, (last.source, last.outcome), last.quantity, last.links))
    return found


class Allocator:
    """The rules over some outcomes; ``shares`` takes the money piece by piece."""

    def __init__(self, contracts: Sequence[Contract], carriers: Iterable[Carrier]) -> None:
        self._contracts = tuple(contracts)
        self._linked: dict[tuple[str, str], list[Carrier]] = defaultdict(list)
        for carrier in sorted(carriers, key=lambda each: each.outcome):
            for link in carrier.links:
                self._linked[link].append(carrier)

    def shares(self, money: Money) -> list[Share]:
        """An amount's shares; they sum to it exactly."""
        return self._by_link(money) or [self._by_rule(money)]

    def _by_link(self, money: Money) -> list[Share]:
        """The most telling kind of link decides; several outcomes of it share by their quantity."""
        for kind in LINK_KINDS:
            hits = {each.outcome: each for link in money.links if link[0] == kind for each in self._linked.get(link, ())}
            if hits:
                found = [hits[name] for name in sorted(hits)]
                parts = apportion(money.nanousd, [each.quantity for each in found])
                return [Share(each.contract, each.outcome, "linked", f"the same {kind}", part) for each, part in zip(found, parts, strict=True)]
        return []

    def _by_rule(self, money: Money) -> Share:
        """The first contract whose rule takes it, else all that share it, else nobody."""
        for contract in self._contracts:
            if contract.match and _in(money, contract.match):
                return Share(contract.name, None, "matched", words(contract.match), money.nanousd)
        sharing = [each.name for each in self._contracts if each.split and _in(money, each.split)]
        if sharing:
            return Share("", None, "split", ", ".join(sharing), money.nanousd)
        return Share("", None, "unallocated", NOTHING, money.nanousd)


def split_over(nanousd: int, settled: Mapping[str, int]) -> dict[str, int]:
    """A month's amount that contracts share, by what each of them settled in it; empty where none of them settled anything.

    Args:
        settled: Outcomes by contract, of those that share.
    """
    sharing = sorted(name for name, count in settled.items() if count)
    return dict(zip(sharing, apportion(nanousd, [settled[name] for name in sharing]), strict=True)) if sharing else {}


def words(scopes: Mapping[str, str]) -> str:
    """A rule, for people."""
    return " and ".join(f"{kind} {name}" for kind, name in scopes.items())


def _in(money: Money, scopes: Mapping[str, str]) -> bool:
    return all((kind, name) in money.scopes for kind, name in scopes.items())
