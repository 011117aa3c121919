"""Allocation: which outcome carries which dollar. Pure, exact, and open: every share names its tier and its rule.

Four tiers, in this order; a dollar is in exactly one of them:

- ``linked``: the call and the outcome name the same run, session, conversation, change …;
- ``matched``: a contract says that a scope's money is for its outcomes: it is shared by those settled in the same month;
- ``split``: a contract says that a scope's money is shared with others: it is split by how many each settled in that month;
- ``unallocated``: everything else. It is shown, and never spread.

Allocation is accounting, not cause: it says who carries a dollar, not whether the outcome would have come without it.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Literal, NamedTuple

from msgspec import Struct

from wellspent.analytics.contract import Contract
from wellspent.facts.money import apportion
from wellspent.facts.outcome import LINK_KINDS

Tier = Literal["linked", "matched", "split", "unallocated"]
TIERS: tuple[Tier, ...] = ("linked", "matched", "split", "unallocated")
Period = Callable[[int], str]


class Money(Struct, frozen=True):
    """An amount of spending that is allocated as one.

    Attributes:
        id: What opens it: a call, or a group of calls that are alike.
        nanousd: May be negative: a correction.
        links: ``(kind, id)`` pairs of ``LINK_KINDS``.
        scopes: ``(kind, name)`` pairs: whom it was charged to.
    """

    id: str
    nanousd: int
    at_ms: int
    links: tuple[tuple[str, str], ...] = ()
    scopes: tuple[tuple[str, str], ...] = ()


class Counted(Struct, frozen=True):
    """An outcome that a contract counts."""

    contract: str
    id: str
    quantity: int
    settled_at_ms: int
    links: tuple[tuple[str, str], ...] = ()


class Share(NamedTuple):
    """A part of an amount.

    Attributes:
        contract: Whose outcomes carry it; "" for none.
        outcome: The one that carries it; "" where the contract's outcomes of ``period`` carry it together.
        rule: Why, in words.
    """

    money: str
    contract: str
    outcome: str
    period: str
    tier: Tier
    rule: str
    nanousd: int


class Allocator:
    """The rules over the outcomes of a stretch of time; ``shares`` takes the money piece by piece.

    Args:
        period: The name of the month a moment lies in, e.g. ``2026-10``.
    """

    def __init__(self, contracts: Sequence[Contract], counted: Iterable[Counted], period: Period) -> None:
        self._contracts, self._period = tuple(contracts), period
        self._linked: dict[tuple[str, str], list[Counted]] = defaultdict(list)
        self._settled: dict[tuple[str, str], int] = defaultdict(int)
        for outcome in sorted(counted, key=lambda each: (each.contract, each.id)):
            self._settled[outcome.contract, period(outcome.settled_at_ms)] += outcome.quantity
            for link in outcome.links:
                self._linked[link].append(outcome)

    def shares(self, money: Money) -> Iterator[Share]:
        """An amount's shares; they sum to it exactly."""
        period = self._period(money.at_ms)
        yield from self._by_link(money, period) or self._by_rule(money, period) or self._by_driver(money, period) or [_rest(money, period)]

    def _by_link(self, money: Money, period: str) -> list[Share]:
        """The most telling kind of link decides; several outcomes of it share by their quantity."""
        links = sorted(money.links, key=lambda link: LINK_KINDS.index(link[0]))
        for kind in dict.fromkeys(kind for kind, _ in links):
            hits = [each for link in links if link[0] == kind for each in self._linked.get(link, ())]
            found = list({(each.contract, each.id): each for each in hits}.values())
            if found:
                parts = apportion(money.nanousd, [each.quantity for each in found])
                rule = f"the same {kind}"
                return [Share(money.id, each.contract, each.id, period, "linked", rule, part) for each, part in zip(found, parts, strict=True)]
        return []

    def _by_rule(self, money: Money, period: str) -> list[Share]:
        """The first contract whose rule takes it, and that settled anything in the month."""
        for contract in self._contracts:
            if contract.match and _in(money, contract.match) and self._settled.get((contract.name, period)):
                return [Share(money.id, contract.name, "", period, "matched", _words(contract.match), money.nanousd)]
        return []

    def _by_driver(self, money: Money, period: str) -> list[Share]:
        """Over all contracts whose rule takes it, by how many outcomes each settled in the month."""
        sharing = [each for each in self._contracts if each.split and _in(money, each.split) and self._settled.get((each.name, period))]
        if not sharing:
            return []
        parts = apportion(money.nanousd, [self._settled[each.name, period] for each in sharing])
        return [
            Share(money.id, each.name, "", period, "split", f"{_words(each.split)}, by outcomes", part)
            for each, part in zip(sharing, parts, strict=True)
        ]


def _in(money: Money, scopes: dict[str, str]) -> bool:
    return all((kind, name) in money.scopes for kind, name in scopes.items())


def _words(scopes: dict[str, str]) -> str:
    return " and ".join(f"{kind} {name}" for kind, name in scopes.items())


def _rest(money: Money, period: str) -> Share:
    return Share(money.id, "", "", period, "unallocated", "nothing links or matches it", money.nanousd)
