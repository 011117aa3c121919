"""Value: what was bought, by contract and period. Spending and output stand side by side, and are never folded into one number. Pure.

Spending is that of the days on which it was settled, outcomes are those settled on these days and standing now: what is undone later changes
the period it was counted in, and ``reversed`` says how often that happened. Days are the operator's.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Literal, NamedTuple

from msgspec import Struct

from wellspent import limits
from wellspent.analytics.allocate import Allocator, Money, Tier, carriers, split_over
from wellspent.analytics.contract import SELF_REPORTED, Contract
from wellspent.analytics.interval import ratio_interval
from wellspent.analytics.vendor import Vendor
from wellspent.facts.money import parse_usd, round_half_even
from wellspent.facts.outcome import Outcome

State = Literal["", "counted", "open", "undone", "rework"]
Period = Callable[[str], str]


class Spent(NamedTuple):
    """Shares of one day that are alike, added up.

    Attributes:
        day: YYYY-MM-DD.
        rule: As in ``allocate.Share``.
        state: Of a linked amount, what became of its outcome: it counts, may still come to (``open``), was undone, or is itself rework.
        price_nanousd: What changed prices made of it: the amount, less what the same use cost at last month's prices.
        of_day: The day it belongs to, where that is another: a correction, or what was heard of late.
    """

    contract: str
    day: str
    tier: Tier
    rule: str
    state: State
    nanousd: int
    price_nanousd: int = 0
    of_day: str = ""


class Bought(NamedTuple):
    """The outcomes of one contract that settled, or else began, on one day.

    Attributes:
        settled: How many count.
        pending: How many may still come to count: not settled yet, or not for long enough, or not confirmed.
        reversed: How many had been settled and were undone.
        valued_nanousd: What the counted ones brought, as their sources said; ``unvalued`` of them have no value said.
        unlinked: Those that stand and name nothing by which money finds them.
    """

    contract: str
    day: str
    settled: int
    pending: int
    reversed: int
    valued_nanousd: int
    unvalued: int
    unlinked: int


class Calls(NamedTuple):
    """How well the spending of a stretch of time is known: calls and dollars by quality."""

    calls: int = 0
    estimated_calls: int = 0
    unpriced_calls: int = 0
    estimated_nanousd: int = 0


class Line(Struct, frozen=True):
    """One contract in one period.

    Attributes:
        settled, pending, reversed: Outcomes, see ``Bought``.
        linked_nanousd, matched_nanousd, split_nanousd: Spending by tier.
        open_nanousd: The part of it that outcomes carry which may still come to count: what is linked to them, and their part, by number, of what
            is carried together. It is in no outcome's cost yet.
        late_nanousd: The part of it that was posted here and belongs to another period: it is in no outcome's cost, and no rework.
        undone_nanousd: The part linked to outcomes that were undone; with ``redone_nanousd``, linked to what undid and mended them, it is rework.
        price_nanousd: What changed prices made of the spending since the month before; below zero, they made it cheaper.
        open_price_nanousd: The part of that in ``open_nanousd``.
        low_nanousd, high_nanousd: The interval of ``each_nanousd``, 95 %, by how its days vary, taken as alike and independent; None with too few
            days or outcomes.
        unlinked: Outcomes that stand and name nothing by which money finds them.
        carries: Whether any money at all is known to be its.
        revenue_nanousd: What the outcomes brought, where the source of every one of them says so; else None.
        worth_nanousd: The same, with the contract's worth for those whose source says nothing; None where nobody says.
        before_nanousd: What as many cost before there was AI, by the contract's baseline; None where it has none.
        vendor_nanousd: What the contract's vendor charges for them; None where it has none, and for a part of a month.
    """

    contract: str
    period: str
    settled: int
    pending: int
    reversed: int
    linked_nanousd: int
    matched_nanousd: int
    split_nanousd: int
    open_nanousd: int
    undone_nanousd: int
    redone_nanousd: int
    price_nanousd: int
    low_nanousd: int | None
    high_nanousd: int | None
    revenue_nanousd: int | None
    worth_nanousd: int | None
    before_nanousd: int | None
    vendor_nanousd: int | None
    open_price_nanousd: int = 0
    late_nanousd: int = 0
    unlinked: int = 0
    carries: bool = True

    @property
    def spent_nanousd(self) -> int:
        """Of all tiers."""
        return self.linked_nanousd + self.matched_nanousd + self.split_nanousd

    @property
    def each_nanousd(self) -> int | None:
        """Spending for one outcome that counts, what was undone included; None where there is none, or no money is known to be its."""
        return round_half_even(self.counted_nanousd, self.settled) if self.settled and self.carries else None

    @property
    def counted_nanousd(self) -> int:
        """The spending that the outcomes which count have to pay for."""
        return self.spent_nanousd - self.open_nanousd - self.late_nanousd

    @property
    def each_at_last_prices_nanousd(self) -> int | None:
        """The same, at the prices of the month before: how dear the work itself is, whatever became of prices."""
        spent_nanousd = self.counted_nanousd - (self.price_nanousd - self.open_price_nanousd)
        return round_half_even(spent_nanousd, self.settled) if self.settled and self.carries else None

    @property
    def rework_nanousd(self) -> int:
        """Spending on what was undone, and on undoing and mending it."""
        return self.undone_nanousd + self.redone_nanousd

    @property
    def reversal_percent(self) -> float | None:
        """Of the outcomes that settled, how many were undone; None where none settled."""
        return 100 * self.reversed / (self.settled + self.reversed) if self.settled + self.reversed else None

    @property
    def grade(self) -> str:
        """Of the figure for each outcome: C where all of its money and outcomes are linked by id, D where some are not, none without money."""
        if not self.spent_nanousd:
            return "none"
        return "C" if self.linked_nanousd == self.spent_nanousd and not self.unlinked else "D"


class Value(Struct, frozen=True):
    """What was bought in a stretch of time.

    Attributes:
        lines: By contract, then period.
        unallocated_nanousd: Spending that no outcome carries.
        total_nanousd: All spending: that of the lines and the unallocated, exactly.
        unlinked: Outcomes that stand and name nothing by which money finds them.
        uncounted: Outcomes that no contract is about; what people say of their own time is none.
        waiting: Reversals of outcomes that nobody has said to have happened.
        late_nanousd: The part of the total that belongs to another period than the one it was posted in.
    """

    lines: tuple[Line, ...]
    unallocated_nanousd: int
    total_nanousd: int
    calls: Calls
    unlinked: int
    uncounted: int
    waiting: int
    late_nanousd: int = 0

    def share_percent(self, tier: Tier) -> float | None:
        """How much of the money is in a tier; None without money."""
        if not self.total_nanousd:
            return None
        return 100 * (self.unallocated_nanousd if tier == "unallocated" else self._of(tier)) / self.total_nanousd

    def _of(self, tier: Tier) -> int:
        return sum(getattr(line, f"{tier}_nanousd") for line in self.lines)


def assemble(
    contracts: Sequence[Contract],
    spent: Iterable[Spent],
    bought: Iterable[Bought],
    period: Period,
    *,
    calls: Calls | None = None,
    uncounted: int = 0,
    waiting: int = 0,
    drivers: Mapping[tuple[str, str], int] | None = None,
) -> Value:
    """Put spending and outcomes side by side.

    Args:
        bought: Outcomes of the days asked for.
        drivers: By contract and month, the outcomes of the whole month by which what is shared is split, where the days asked for are fewer.
    """
    bought = tuple(bought)
    drivers = settled_by_month(bought) if drivers is None else drivers
    spent = tuple(_split(spent, drivers))
    places = sorted({period(day) for day in (*(each.day for each in spent), *(each.day for each in bought))})
    by_place: dict[tuple[str, str], tuple[list[Spent], list[Bought]]] = defaultdict(lambda: ([], []))
    for each in spent:
        by_place[each.contract, period(each.day)][0].append(each)
    for outcome in bought:
        by_place[outcome.contract, period(outcome.day)][1].append(outcome)
    return Value(
        lines=tuple(_line(contract, place, period, *by_place[contract.name, place]) for contract in contracts for place in places),
        unallocated_nanousd=sum(each.nanousd for each in spent if not each.contract),
        total_nanousd=sum(each.nanousd for each in spent),
        calls=calls or Calls(),
        unlinked=sum(each.unlinked for each in bought),
        uncounted=uncounted,
        waiting=waiting,
        late_nanousd=sum(each.nanousd for each in spent if _late(each, period)),
    )


def _late(spent: Spent, period: Period) -> bool:
    return bool(spent.of_day) and period(spent.of_day) != period(spent.day)


def settled_by_month(bought: Iterable[Bought]) -> dict[tuple[str, str], int]:
    """How many outcomes count, by contract and month."""
    found: dict[tuple[str, str], int] = defaultdict(int)
    for each in bought:
        found[each.contract, each.day[:7]] += each.settled
    return dict(found)


def _split(spent: Iterable[Spent], drivers: Mapping[tuple[str, str], int]) -> Iterable[Spent]:
    """What contracts share, as shares of each of them."""
    for each in spent:
        if each.tier != "split":
            yield each
            continue
        settled = {name: drivers.get((name, each.day[:7]), 0) for name in each.rule.split(", ")}
        parts, prices = split_over(each.nanousd, settled), split_over(each.price_nanousd, settled)
        if not parts:
            yield each._replace(tier="unallocated")
        for name, part in parts.items():
            yield each._replace(contract=name, nanousd=part, price_nanousd=prices[name])


def _line(contract: Contract, place: str, period: Period, spent: Sequence[Spent], bought: Sequence[Bought]) -> Line:
    tiers, states = defaultdict[str, int](int), defaultdict[str, int](int)
    for each in spent:
        tiers[each.tier] += each.nanousd
    here = [each for each in spent if not _late(each, period)]
    for each in here:
        states[each.state] += each.nanousd
    settled, pending = sum(each.settled for each in bought), sum(each.pending for each in bought)
    together, open_ = [each for each in here if not each.state], [each for each in here if each.state == "open"]
    unvalued = sum(each.unvalued for each in bought)
    valued_nanousd = sum(each.valued_nanousd for each in bought)
    low_nanousd, high_nanousd = _interval(here, bought)
    baseline = contract.baseline
    return Line(
        contract=contract.name,
        period=place,
        settled=settled,
        pending=pending,
        reversed=sum(each.reversed for each in bought),
        linked_nanousd=tiers["linked"],
        matched_nanousd=tiers["matched"],
        split_nanousd=tiers["split"],
        open_nanousd=states["open"] + _part(sum(each.nanousd for each in together), pending, settled),
        undone_nanousd=states["undone"],
        redone_nanousd=states["rework"],
        price_nanousd=sum(each.price_nanousd for each in here),
        open_price_nanousd=sum(each.price_nanousd for each in open_) + _part(sum(each.price_nanousd for each in together), pending, settled),
        low_nanousd=low_nanousd,
        high_nanousd=high_nanousd,
        revenue_nanousd=valued_nanousd if settled and not unvalued else None,
        worth_nanousd=_worth(contract, valued_nanousd, unvalued),
        before_nanousd=parse_usd(baseline.cost_usd) * settled if baseline and baseline.cost_usd else None,
        vendor_nanousd=_charged(contract.vendor, period, spent, bought) if contract.vendor else None,
        late_nanousd=sum(each.nanousd for each in spent) - sum(each.nanousd for each in here),
        unlinked=sum(each.unlinked for each in bought),
        carries=bool(spent),
    )


def _part(nanousd: int, pending: int, settled: int) -> int:
    """What pending outcomes carry, by their number, of what all of them carry together."""
    return round_half_even(nanousd * pending, pending + settled) if pending else 0


def _charged(vendor: Vendor, period: Period, spent: Sequence[Spent], bought: Sequence[Bought]) -> int | None:
    """What a vendor charges for whole months; None where periods are shorter, of which fees and minimums have no part."""
    months: dict[str, list[Bought]] = {each.day[:7]: [] for each in spent}
    for outcome in bought:
        months.setdefault(outcome.day[:7], []).append(outcome)
    if any(period(f"{month}-01") != period(f"{month}-28") for month in months):
        return None
    return sum(vendor.charge_nanousd(sum(each.settled for each in of), month, sum(each.reversed for each in of)) for month, of in months.items())


def _worth(contract: Contract, valued_nanousd: int, unvalued: int) -> int | None:
    """What outcomes are worth: unknown where one of them has no value of its own and the contract says none."""
    if unvalued and not contract.worth_usd:
        return None
    return valued_nanousd + (parse_usd(contract.worth_usd) * unvalued if contract.worth_usd else 0)


def _interval(spent: Sequence[Spent], bought: Sequence[Bought]) -> tuple[int | None, int | None]:
    """Of the spending for each outcome, by days."""
    settled, pending = sum(each.settled for each in bought), sum(each.pending for each in bought)
    if settled < limits.EFFECT_OUTCOMES_MIN:
        return None, None
    days: dict[str, list[float]] = defaultdict(lambda: [0.0, 0.0])
    for each in spent:
        counted = 0.0 if each.state == "open" else 1.0 if each.state else settled / (settled + pending)
        days[each.day][0] += each.nanousd * counted
    for outcome in bought:
        days[outcome.day][1] += outcome.settled
    found = ratio_interval([(amount, count) for _, (amount, count) in sorted(days.items())])
    return (None, None) if found is None else (max(0, round(found[0])), round(found[1]))


def value(
    contracts: Sequence[Contract],
    outcomes: Sequence[Outcome],
    monies: Iterable[tuple[Money, str, str]],
    as_of_ms: int,
    day: Callable[[int], str],
    period: Period,
) -> Value:
    """What was bought, amount by amount: the specification of what ``engine`` answers.

    Args:
        outcomes: Those that are known, whenever they happened.
        monies: The spending, each with its day, and the day it belongs to where that is another.
        as_of_ms: When this is asked: what has not stood for long enough by then is pending.
        day: The day a moment lies in.
    """
    states = {(each.last.source, each.last.outcome): state_of(contracts, each, as_of_ms) for each in outcomes}
    allocator = Allocator(contracts, carriers(contracts, outcomes))
    spent = []
    for money, on_day, of_day in monies:
        for share in allocator.shares(money):
            state: State = states[share.outcome] if share.outcome else ""
            spent.append(Spent(share.contract, on_day, share.tier, share.rule, state, share.nanousd, 0, of_day))
    about = [each for each in outcomes if any(contract.carries(each) for contract in contracts)]
    bought = [found for each in about if (found := bought_of(contracts, each, as_of_ms, day))]
    waiting, said = sum(each.waits for each in outcomes), sum(each.last.kind == SELF_REPORTED for each in outcomes)
    return assemble(contracts, spent, bought, period, uncounted=len(outcomes) - len(about) - said, waiting=waiting)


def state_of(contracts: Sequence[Contract], outcome: Outcome, as_of_ms: int) -> State:
    """What became of an outcome, as far as money linked to it goes."""
    contract = next((each for each in contracts if each.carries(outcome)), None)
    if contract is None:
        return ""
    if outcome.last.kind in contract.rework:
        return "rework"
    if contract.counts(outcome, as_of_ms):
        return "counted"
    return "undone" if outcome.state == "reversed" else "open"


def bought_of(contracts: Sequence[Contract], outcome: Outcome, as_of_ms: int, day: Callable[[int], str]) -> Bought | None:
    """An outcome as a line of its day; None where it is rework, or waits for its beginning, or never settled and was undone."""
    state, last = state_of(contracts, outcome, as_of_ms), outcome.last
    at_ms = outcome.settled_at_ms if outcome.settled_at_ms is not None else outcome.began_at_ms
    if state in ("", "rework") or at_ms is None or (state == "undone" and outcome.settled_at_ms is None):
        return None
    counted = last.quantity if state == "counted" else 0
    return Bought(
        contract=next(each.name for each in contracts if each.carries(outcome)),
        day=day(at_ms),
        settled=counted,
        pending=last.quantity if state == "open" else 0,
        reversed=last.quantity if state == "undone" else 0,
        valued_nanousd=last.value_nanousd or 0 if counted else 0,
        unvalued=counted if last.value_nanousd is None else 0,
        unlinked=int(outcome.counts and not last.links),
    )
