"""What a pilot bought: the outcomes that belong to its scope, and what each of them cost. Pure."""

from collections.abc import Iterable
from math import sqrt
from typing import Literal

from msgspec import Struct

from wellspent.analytics.allocate import Link
from wellspent.analytics.contract import Contract
from wellspent.facts.attribution import Scope
from wellspent.facts.initiative import Initiative
from wellspent.facts.money import round_half_even
from wellspent.facts.outcome import Outcome

Z_95 = 1.959964
How = Literal["linked", "named", "ruled"]


class Spending(Struct, frozen=True):
    """What a scope spent since a pilot began.

    Attributes:
        nanousd: What could be priced of it.
        unpriced_calls: Of the ``calls``, those of which not everything could be priced.
    """

    nanousd: int
    calls: int
    unpriced_calls: int = 0


class Bought(Struct, frozen=True):
    """The outcomes of a pilot since it began, as its contract counts them.

    Attributes:
        settled: How many count. ``linked``, ``named`` and ``ruled`` say how these were found, and sum to it.
        pending: How many may still come to count.
        reversed: How many that had counted were undone.
        counted: Of how many outcomes ``settled`` is the quantity; ``waiting`` says the same of ``pending``.
        linked: They name the same run, session, change … as a call of the scope.
        named: Their source says that they belong to the scope.
        ruled: They name nothing, and the contract's ``match`` says that the scope's money is for them.
    """

    settled: int = 0
    pending: int = 0
    reversed: int = 0
    counted: int = 0
    waiting: int = 0
    linked: int = 0
    named: int = 0
    ruled: int = 0


class Each(Struct, frozen=True):
    """What an outcome costs: all of the scope's spending since the pilot began, for each outcome that counts.

    Attributes:
        low_nanousd, high_nanousd: Where chance alone would put it, 95 times of 100, if outcomes come one by one (``poisson_range``).
    """

    nanousd: int
    low_nanousd: int
    high_nanousd: int


def bought_by(initiative: Initiative, contract: Contract, outcomes: Iterable[Outcome], links: frozenset[Link], now_ms: int, timezone: str) -> Bought:
    """The outcomes since a pilot began that its contract is about and that belong to its scope: the specification of ``engine.pilot.bought``.

    Args:
        links: What its scope's calls since then name, see ``allocate.links_of``.
    """
    begins_ms = initiative.begins_ms(timezone)
    sums = dict.fromkeys(Bought.__struct_fields__, 0)
    for outcome in outcomes:
        since = outcome.settled_at_ms if outcome.settled_at_ms is not None else outcome.began_at_ms
        how = how_found(initiative.scope, contract, outcome, links)
        if how is None or since is None or since < begins_ms:
            continue
        quantity = outcome.last.quantity
        if contract.counts(outcome, now_ms):
            sums["counted"] += 1
            sums["settled"] += quantity
            sums[how] += quantity
        elif outcome.state != "reversed":
            sums["waiting"] += 1
            sums["pending"] += quantity
        elif outcome.settled_at_ms is not None:
            sums["reversed"] += quantity
    return Bought(**sums)


def how_found(scope: Scope, contract: Contract, outcome: Outcome, links: frozenset[Link]) -> How | None:
    """How an outcome belongs to a scope; None where it does not, or where the contract is not about it."""
    if not contract.covers(outcome):
        return None
    last = outcome.last
    if not links.isdisjoint(last.links):
        return "linked"
    if getattr(last, scope.kind, "") == scope.name or (scope.kind == "tag" and tuple(scope.name.split("=", 1)) in last.links):
        return "named"
    return "ruled" if not last.links and contract.match == {scope.kind: scope.name} else None


def poisson_range(count: int) -> tuple[float, float]:
    """Where the mean of a count lies, 95 times of 100: Byar's approximation (Breslow and Day, IARC 82, 1987, p. 69). 10 is 4.79 to 18.39."""
    more = count + 1
    low = count * (1 - 1 / (9 * count) - Z_95 / (3 * sqrt(count))) ** 3 if count else 0.0
    return low, more * (1 - 1 / (9 * more) + Z_95 / (3 * sqrt(more))) ** 3


def each_of(spent_nanousd: int, bought: Bought) -> Each | None:
    """The cost of an outcome; None where none counts."""
    if not bought.settled:
        return None
    nanousd = spent_nanousd / bought.settled
    low, high = poisson_range(bought.counted)
    return Each(round_half_even(spent_nanousd, bought.settled), int(nanousd * bought.counted / high), int(nanousd * bought.counted / low))


def words(kind: str) -> str:
    """A kind of outcome for people: ``conversation_solved`` is ``conversation solved``."""
    return kind.replace("_", " ")
