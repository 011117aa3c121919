"""Value: what was bought, by contract and month. Spending and output stand side by side, and are never folded into one number. Pure.

Spending is that of the month in which it was settled, outcomes are those settled in that month and standing now: what is undone later
changes the month it was counted in, and ``reversals`` says how often that happened.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from msgspec import Struct

from wellspent.analytics.allocate import Allocator, Counted, Money, Period, Tier
from wellspent.analytics.contract import Contract
from wellspent.facts.attribution import Attribution
from wellspent.facts.money import parse_usd, round_half_even
from wellspent.facts.outcome import LINK_KINDS, Outcome


class Line(Struct, frozen=True):
    """One contract in one month.

    Attributes:
        settled: How many outcomes count.
        pending: How many may still come to count: not settled yet, or not for long enough, or not confirmed.
        reversed: How many that had been settled in this month were undone.
        linked_nanousd, matched_nanousd, split_nanousd: Spending by tier.
        worth_nanousd: What the outcomes are worth: what their sources said they brought, else the contract's worth of each; None where nobody says.
        before_nanousd: What as many cost before there was AI, by the contract's baseline; None where it has none.
        vendor_nanousd: What the contract's vendor charges for as many; None where it has none.
    """

    contract: str
    period: str
    settled: int
    pending: int
    reversed: int
    linked_nanousd: int
    matched_nanousd: int
    split_nanousd: int
    worth_nanousd: int | None
    before_nanousd: int | None
    vendor_nanousd: int | None

    @property
    def spent_nanousd(self) -> int:
        """Of all tiers."""
        return self.linked_nanousd + self.matched_nanousd + self.split_nanousd

    @property
    def each_nanousd(self) -> int | None:
        """Spending for one outcome; None where there is none."""
        return round_half_even(self.spent_nanousd, self.settled) if self.settled else None


class Value(Struct, frozen=True):
    """What was bought in a stretch of time.

    Attributes:
        lines: By contract, then month.
        unallocated_nanousd: Spending that no outcome carries.
        total_nanousd: All spending: that of the lines and the unallocated, exactly.
        unpriced_calls: Movements of which not everything could be priced.
        unlinked: Outcomes of these months that a contract is about and that name nothing by which money finds them.
        uncounted: Outcomes that no contract is about.
        waiting: Reversals of outcomes that nobody has said to have happened.
    """

    lines: tuple[Line, ...]
    unallocated_nanousd: int
    total_nanousd: int
    unpriced_calls: int
    unlinked: int
    uncounted: int
    waiting: int


def money_of(call_id: str, at_ms: int, nanousd: int, who: Attribution) -> Money:
    """A movement of money as allocation sees it. A tag named as a kind of link is one: ``change``, ``branch``, ``conversation`` …"""
    links = [(name, value) for name, value in who.tags if name in LINK_KINDS]
    links += [(kind, name) for kind, name in (("run", who.run), ("session", who.session)) if name]
    return Money(call_id, nanousd, at_ms, tuple(links), tuple([(scope.kind, scope.name) for scope in who.scopes()]))


def value(contracts: Sequence[Contract], outcomes: Sequence[Outcome], monies: Iterable[tuple[Money, bool]], as_of_ms: int, period: Period) -> Value:
    """What was bought.

    Args:
        outcomes: Those that are known, whenever they happened.
        monies: The spending of the stretch of time, each with whether all of it could be priced.
        as_of_ms: When this is asked: what has not stood for long enough by then is pending.
    """
    counted = [
        Counted(contract.name, _id(outcome), outcome.last.quantity, outcome.settled_at_ms or 0, outcome.last.links)
        for contract in contracts
        for outcome in outcomes
        if contract.counts(outcome, as_of_ms)
    ]
    allocator = Allocator(contracts, counted, period)
    spent: dict[tuple[str, str, Tier], int] = defaultdict(int)
    total = unpriced = 0
    for money, priced in monies:
        total += money.nanousd
        unpriced += not priced
        for share in allocator.shares(money):
            spent[share.contract, share.period, share.tier] += share.nanousd
    months = {month for _, month, _ in spent}
    lines = [_line(contract, month, outcomes, spent, as_of_ms, period) for contract in contracts for month in sorted(months)]
    about = [outcome for outcome in outcomes if any(contract.covers(outcome) for contract in contracts)]
    return Value(
        lines=tuple(lines),
        unallocated_nanousd=sum(amount for (contract, _, _), amount in spent.items() if not contract),
        total_nanousd=total,
        unpriced_calls=unpriced,
        unlinked=sum(not each.last.links for each in about if each.counts and period(each.settled_at_ms or 0) in months),
        uncounted=len(outcomes) - len(about),
        waiting=sum(outcome.waits for outcome in outcomes),
    )


def _line(
    contract: Contract, month: str, outcomes: Sequence[Outcome], spent: dict[tuple[str, str, Tier], int], as_of_ms: int, period: Period
) -> Line:
    own = [each for each in outcomes if contract.covers(each)]
    of_month = [each for each in own if each.settled_at_ms is not None and period(each.settled_at_ms) == month]
    settled = [each for each in of_month if contract.counts(each, as_of_ms)]
    begun = [each for each in own if each.began_at_ms is not None and period(each.settled_at_ms or each.began_at_ms) == month]
    quantity = sum(each.last.quantity for each in settled)
    baseline, vendor = contract.baseline, contract.vendor
    return Line(
        contract=contract.name,
        period=month,
        settled=quantity,
        pending=sum(each.last.quantity for each in begun if not contract.counts(each, as_of_ms) and each.state != "reversed"),
        reversed=sum(each.last.quantity for each in of_month if each.state == "reversed"),
        linked_nanousd=spent[contract.name, month, "linked"],
        matched_nanousd=spent[contract.name, month, "matched"],
        split_nanousd=spent[contract.name, month, "split"],
        worth_nanousd=_worth(contract, settled),
        before_nanousd=parse_usd(baseline.cost_usd) * quantity if baseline and baseline.cost_usd else None,
        vendor_nanousd=parse_usd(vendor.price_usd) * quantity if vendor else None,
    )


def _worth(contract: Contract, settled: Sequence[Outcome]) -> int | None:
    """What outcomes are worth: unknown where one of them has no value of its own and the contract says none."""
    each_nanousd = parse_usd(contract.worth_usd) if contract.worth_usd else None
    total = 0
    for outcome in settled:
        worth = outcome.last.value_nanousd
        if worth is None and each_nanousd is not None:
            worth = each_nanousd * outcome.last.quantity
        if worth is None:
            return None
        total += worth
    return total


def _id(outcome: Outcome) -> str:
    return f"{outcome.last.source} {outcome.last.outcome}"
