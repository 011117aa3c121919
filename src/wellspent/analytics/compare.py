"""Per token or per outcome: what the same outcomes cost either way, month by month, and from how many on the other way is cheaper. Pure.

By tokens is what the ledger carries to the contract's outcomes (linked, matched and split) and what the contract says that running it costs
beside tokens. By outcome is what the vendor's terms charge for those that our own rule settled: a vendor that counts more charges more.

Spending is taken as proportional to outcomes, the contract's ``running.monthly_usd`` and the vendor's fee, included units and commitment as
fixed: that is what a break-even volume comes from. Whole numbers throughout; nothing is estimated but the two ends that the verdict is tried
on: all that is pending settles, and as large a share of what stands is undone as was undone so far.
"""

from bisect import bisect_left
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Literal

from msgspec import Struct

from wellspent import limits
from wellspent.analytics.contract import Contract
from wellspent.analytics.vendor import Vendor
from wellspent.facts.errors import InvalidInput
from wellspent.facts.money import parse_usd, round_half_even

Cheaper = Literal["tokens", "outcome", "same", "unknown"]


class Month(Struct, frozen=True):
    """What a month brought and took.

    Attributes:
        settled, pending, reversed: Outcomes, as ``value.Line`` counts them.
        spent_nanousd: Spending on tokens that they carry.
        whole: Whether all of it is known: it is over, and the ledger had begun.
    """

    period: str
    settled: int
    pending: int
    reversed: int
    spent_nanousd: int
    whole: bool = True


class MonthCost(Struct, frozen=True):
    """One month both ways; by tokens is None where no spending at all is known of these outcomes."""

    month: Month
    tokens_nanousd: int | None
    outcome_nanousd: int
    cheaper: Cheaper


class Stretch(Struct, frozen=True):
    """From this many outcomes a month on, up to the next stretch, this is cheaper."""

    first: int
    cheaper: Cheaper


class Comparison(Struct, frozen=True):
    """Both ways over a stretch of months.

    Attributes:
        months: Each by itself.
        counted: How many of them the sums are over: the whole ones, or all where none is whole.
        settled, pending, reversed: Outcomes of the counted months.
        tokens_nanousd, outcome_nanousd: What they cost either way.
        low_each_nanousd, high_each_nanousd: By tokens for one, if all pending settle; and if as many are undone as so far.
        cheaper: Over the counted months.
        sure: Whether that holds at both of these ends too.
        stretches: Which is cheaper at how many a month, from one on, by the last month's terms; () where that is unknown.
        price_nanousd: The price for one, all else in the vendor's terms as it is, up to which by outcome is no dearer; None where none is.
    """

    months: tuple[MonthCost, ...]
    counted: int
    settled: int
    pending: int
    reversed: int
    tokens_nanousd: int | None
    outcome_nanousd: int
    low_each_nanousd: int | None
    high_each_nanousd: int | None
    cheaper: Cheaper
    sure: bool
    stretches: tuple[Stretch, ...]
    price_nanousd: int | None

    @property
    def tokens_each_nanousd(self) -> int | None:
        """By tokens for one; None where there is none, or it is unknown."""
        return round_half_even(self.tokens_nanousd, self.settled) if self.settled and self.tokens_nanousd is not None else None

    @property
    def outcome_each_nanousd(self) -> int | None:
        """By outcome for one; None where there is none."""
        return round_half_even(self.outcome_nanousd, self.settled) if self.settled else None


def compare(contract: Contract, months: Sequence[Month]) -> Comparison:
    """Hold both ways of paying against each other. Raises InvalidInput for a contract without a vendor, and where there is no month."""
    vendor = contract.vendor
    if vendor is None:
        raise InvalidInput(f"the contract {contract.name!r} names no vendor, so nothing says what they would cost by outcome", fix="add its vendor")
    if not months:
        raise InvalidInput(f"nothing was spent and nothing settled for {contract.name!r} in this time", fix="ask for an earlier --since")
    known = any(month.spent_nanousd for month in months)
    costs = tuple(_month(contract, vendor, month, known) for month in months)
    counted = [cost for cost in costs if cost.month.whole] or list(costs)
    settled, pending, reversed_ = (sum(getattr(cost.month, name) for cost in counted) for name in ("settled", "pending", "reversed"))
    tokens = sum(cost.tokens_nanousd or 0 for cost in counted) if known else None
    outcome = sum(cost.outcome_nanousd for cost in counted)
    cheaper = _cheaper(tokens, outcome)
    own, few, many = [cost.month for cost in counted], [_fewer(cost.month) for cost in counted], [_more(cost.month) for cost in counted]
    return Comparison(
        months=costs,
        counted=len(counted),
        settled=settled,
        pending=pending,
        reversed=reversed_,
        tokens_nanousd=tokens,
        outcome_nanousd=outcome,
        low_each_nanousd=_each(contract, many) if known else None,
        high_each_nanousd=_each(contract, few) if known else None,
        cheaper=cheaper,
        sure=known and all(_verdict(contract, vendor, each) == cheaper for each in (few, many)),
        stretches=_stretches(contract, vendor, own) if known and settled else (),
        price_nanousd=None if tokens is None else _price(vendor, own, tokens),
    )


def _month(contract: Contract, vendor: Vendor, month: Month, known: bool) -> MonthCost:
    tokens, outcome = _tokens(contract, month) if known else None, _outcome(vendor, month)
    return MonthCost(month, tokens, outcome, _cheaper(tokens, outcome))


def _tokens(contract: Contract, month: Month) -> int:
    return month.spent_nanousd + _fixed(contract) + _running_each(contract) * month.settled


def _outcome(vendor: Vendor, month: Month) -> int:
    return vendor.charge_nanousd(month.settled, month.period, month.reversed)


def _fixed(contract: Contract) -> int:
    return parse_usd(contract.running.monthly_usd) if contract.running and contract.running.monthly_usd else 0


def _running_each(contract: Contract) -> int:
    return parse_usd(contract.running.each_usd) if contract.running and contract.running.each_usd else 0


def _cheaper(tokens_nanousd: int | None, outcome_nanousd: int) -> Cheaper:
    if tokens_nanousd is None:
        return "unknown"
    return "same" if tokens_nanousd == outcome_nanousd else "tokens" if tokens_nanousd < outcome_nanousd else "outcome"


def _fewer(month: Month) -> Month:
    """As large a share of what stands is undone as was undone of what had settled."""
    had = month.settled + month.reversed
    undone = round_half_even(month.settled * month.reversed, had) if had else 0
    return Month(month.period, month.settled - undone, month.pending, month.reversed + undone, month.spent_nanousd)


def _more(month: Month) -> Month:
    """All that is pending settles."""
    return Month(month.period, month.settled + month.pending, 0, month.reversed, month.spent_nanousd)


def _verdict(contract: Contract, vendor: Vendor, months: Sequence[Month]) -> Cheaper:
    return _cheaper(sum(_tokens(contract, month) for month in months), sum(_outcome(vendor, month) for month in months))


def _each(contract: Contract, months: Sequence[Month]) -> int | None:
    settled = sum(month.settled for month in months)
    return round_half_even(sum(_tokens(contract, month) for month in months), settled) if settled else None


def _stretches(contract: Contract, vendor: Vendor, months: Sequence[Month]) -> tuple[Stretch, ...]:
    """Which way is cheaper at how many a month.

    Between two places where a price changes both costs are straight lines, so that at most one of them overtakes the other; where, is found
    by halving. With s settled and r undone of them, n a month are joined by n·r/s that came back.
    """
    settled, undone, spent = (sum(getattr(month, name) for month in months) for name in ("settled", "reversed", "spent_nanousd"))
    period = months[-1].period
    fixed, running = _fixed(contract), _running_each(contract)

    def cheaper(quantity: int) -> Cheaper:
        charge = vendor.charge_nanousd(quantity, period, round_half_even(quantity * undone, settled))
        return _cheaper(spent * quantity + settled * (fixed + running * quantity), settled * charge)

    def units(quantity: int) -> int:
        return vendor.units(quantity, round_half_even(quantity * undone, settled))

    found = list[Stretch]()
    for first, after in _straight(vendor, period, units):
        while first < after:
            now = cheaper(first)
            if not found or found[-1].cheaper != now:
                found.append(Stretch(first, now))
            first = after if cheaper(after - 1) == now else _first(first, after, lambda each, was=now: cheaper(each) != was)  # type: ignore[misc]
    return tuple(found)


def _straight(vendor: Vendor, period: str, units: Callable[[int], int]) -> list[tuple[int, int]]:
    """The numbers of outcomes a month between which a price holds, each with the first number after it."""
    terms, end = vendor.terms_of(period), limits.OUTCOME_QUANTITY_MAX + 1
    lowest = terms.usage_nanousd(0)
    places = [_first(1, end, lambda each: units(each) > start) for start in (terms.included, *(tier.above for tier in terms.tiers))]  # noqa: B023
    places.append(_first(1, end, lambda each: terms.usage_nanousd(units(each)) > lowest))
    marks = sorted({1, *places, end})
    return list(pairwise(marks))


def _first(begin: int, end: int, holds: Callable[[int], bool]) -> int:
    """The first number of a range from which on something holds; its end where it never does."""
    return begin + bisect_left(range(begin, end), True, key=holds)


def _price(vendor: Vendor, months: Sequence[Month], tokens_nanousd: int) -> int | None:
    """The highest price for one at which the months cost no more by outcome than by tokens; None where the fixed parts alone cost more, and
    where no price would reach it, because nothing beyond the included ones is charged."""

    def dearer(price_nanousd: int) -> bool:
        total = 0
        for month in months:
            terms = vendor.terms_of(month.period)
            beyond = max(0, vendor.units(month.settled, month.reversed) - terms.included)
            total += terms.fee_nanousd + max(terms.usage_nanousd(0), beyond * price_nanousd)
        return total > tokens_nanousd

    first = _first(0, tokens_nanousd + 2, dearer)
    return None if first in (0, tokens_nanousd + 2) else first - 1
