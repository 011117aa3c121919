"""One contract in words and figures, and what no outcome carries. Pure."""

from collections.abc import Sequence

from msgspec import Struct

from wellspent.analytics.allocate import TIERS, words
from wellspent.analytics.contract import Baseline, Contract, Vendor
from wellspent.analytics.engine.answers import Cut, OutcomeCost
from wellspent.facts.money import format_usd, parse_usd
from wellspent.surfaces.web.groups import Groups, folded
from wellspent.surfaces.web.value_question import NONE, Months, address, calls_link, contract_path
from wellspent.surfaces.web.value_view import Coverage, Row, words_of

ROWS = 10  # of a break-down; the others are one line
SETTLED_NOTHING = "shared, and nothing settled in its month"


class Amount(Struct, frozen=True):
    """A part of an amount, with a way down to its calls.

    Attributes:
        name: A tier, or what it is a part by.
        rule: Why it is there; "" where the name says it.
        calls: None where its calls are those of others too.
        opens: Texts and addresses that lead to its calls.
    """

    name: str
    rule: str
    nanousd: int
    calls: int | None
    percent: float | None
    opens: tuple[tuple[str, str], ...] = ()


class ContractView(Struct, frozen=True):
    """All figures of a contract's page. The amounts sum to what was spent; so do ``became``.

    Attributes:
        rule: Names and sentences that say what counts and by which rule money is its own.
        became: What became of what the money was for.
        shared: Whole amounts that it shares with others, of which its split amount is a part.
        listed_nanousd: What the outcomes carry, whenever it was spent; None where only a page of them is listed.
    """

    contract: str
    since: str
    until: str
    as_of_ms: int
    coverage: Coverage
    rule: tuple[tuple[str, str], ...]
    figures: Row
    amounts: tuple[Amount, ...]
    became: tuple[Amount, ...]
    shared: tuple[Amount, ...]
    outcomes: tuple[OutcomeCost, ...]
    listed_nanousd: int | None
    more: bool


class Unallocated(Struct, frozen=True):
    """What no outcome carries. Each break-down sums to it.

    Attributes:
        cuts: By team, workflow and client.
    """

    since: str
    until: str
    as_of_ms: int
    coverage: Coverage
    nanousd: int
    percent: float | None
    total_nanousd: int
    cuts: dict[str, tuple[Amount, ...]]


def rule_of(contract: Contract) -> tuple[tuple[str, str], ...]:
    """A contract in words."""
    said = [("What counts", _counts(contract))]
    if contract.rework:
        said.append(("Rework", f"What {' or '.join(map(words_of, contract.rework))} cost is cost of its outcomes, and counts for nothing."))
    said.append(("Money is linked", "where a call and an outcome name the same run, session, conversation, change or another id."))
    if contract.match:
        said.append(("Money is matched", f"where nothing links it: what is spent by {words(contract.match)}."))
    if contract.split:
        said.append(
            (
                "Money is split",
                f"where nothing links or matches it: of {words(contract.split)}, by how many outcomes each contract settled in the month.",
            )
        )
    said.append(
        ("Worth", f"{_usd(contract.worth_usd)} each, where its source names no value." if contract.worth_usd else "unknown: the contract says none.")
    )
    said.append(("Before AI", _baseline(contract.baseline) if contract.baseline else "unknown: the contract has no baseline."))
    said.append(("By outcome", _vendor(contract.vendor) if contract.vendor else "unknown: the contract names no vendor."))
    if contract.running:
        running = contract.running
        told = (running.monthly_usd and f"{_usd(running.monthly_usd)} a month", running.each_usd and f"{_usd(running.each_usd)} each")
        said.append(("Beside tokens", f"{_listed(*told)}. Source: {running.source}. It is not in the cost above."))
    return tuple(said)


def amounts_of(row: Row, cuts: Sequence[Cut], shared: Sequence[Cut], months: Months) -> tuple[Amount, ...]:
    """What was spent on a contract, by tier and rule; its sum is what was spent.

    Args:
        cuts: By tier and rule.
        shared: What contracts share with this one, by rule.
    """
    found = [
        Amount(
            tier,
            rule,
            cut.nanousd,
            cut.calls,
            _percent(cut.nanousd, row.spent_nanousd),
            (_opens(months, contract=row.contract, tier=tier, rule=rule),),
        )
        for cut in cuts
        for tier, rule in [(cut.group[0], cut.group[1])]
    ]
    if row.split_nanousd or shared:
        opens = tuple(_opens(months, "shared calls", contract=NONE, tier="split", rule=cut.group[0]) for cut in shared)
        told = "by how many outcomes each contract settled in the month"
        found.append(Amount("split", told, row.split_nanousd, None, _percent(row.split_nanousd, row.spent_nanousd), opens))
    return tuple(sorted(found, key=lambda each: (TIERS.index(each.name), -each.nanousd)))


def became_of(row: Row, months: Months) -> tuple[Amount, ...]:
    """What was spent on a contract, by what became of it."""
    rest = row.spent_nanousd - row.open_nanousd - row.rework_nanousd - row.late_nanousd
    told: tuple[tuple[str, int, tuple[str, ...]], ...] = (
        ("outcomes that count, and work that no single outcome names", rest, ("counted",)),
        ("outcomes that may still come to count: in nobody's cost yet", row.open_nanousd, ("open",)),
        ("rework: outcomes that were undone, and what undid or mended them", row.rework_nanousd, ("undone", "rework")),
    )
    if row.late_nanousd:
        told += (("corrections of days before or after this time, posted in it: in no outcome's cost", row.late_nanousd, ()),)
    path = contract_path(row.contract)
    found = []
    for name, nanousd, states in told:
        opens = tuple((state, address(path, since=months.since, until=months.until, state=state) + "#outcomes") for state in states)
        opens += _carried_together(row, months) if nanousd and "undone" not in states else ()
        found.append(Amount(name, "", nanousd, None, _percent(nanousd, row.spent_nanousd), opens))
    return tuple(found)


def _carried_together(row: Row, months: Months) -> tuple[tuple[str, str], ...]:
    """Where the money opens that no single outcome carries."""
    tiers = [
        (text, tier)
        for text, tier, nanousd in (("matched calls", "matched", row.matched_nanousd), ("shared calls", "split", row.split_nanousd))
        if nanousd
    ]
    return tuple(_opens(months, text, contract=row.contract, tier=tier) for text, tier in tiers)


def shared_with(contract: str, cuts: Sequence[Cut]) -> list[Cut]:
    """Of what is split, by rule, that which a contract has a part in."""
    return [cut for cut in cuts if contract in cut.group[0].split(", ")]


def shared_of(cuts: Sequence[Cut], months: Months) -> tuple[Amount, ...]:
    """Whole amounts that contracts share."""
    return tuple(
        Amount("split", f"shared by {cut.group[0]}", cut.nanousd, cut.calls, None, (_opens(months, contract=NONE, tier="split", rule=cut.group[0]),))
        for cut in cuts
    )


def cuts_of(name: str, cuts: Sequence[Cut], loose: Cut, nanousd: int, groups: Groups, months: Months) -> tuple[Amount, ...]:
    """What no outcome carries, by one thing: the dearest, the others as one, and what is shared by contracts that settled nothing.

    Args:
        cuts: By the thing, and by team.
        loose: What no rule takes, in all.
        nanousd: All that no outcome carries.
    """
    told = folded(cuts, groups)
    found = [_group(name, cut, nanousd, groups, months) for cut in told[:ROWS]]
    rest, calls = (loose.nanousd - sum(cut.nanousd for cut in told[:ROWS]), loose.calls - sum(cut.calls for cut in told[:ROWS]))
    if rest or calls:
        found.append(
            Amount("others", "", rest, calls, _percent(rest, nanousd), (_opens(months, "all of these calls", contract=NONE, tier="unallocated"),))
        )
    if nanousd != loose.nanousd:
        shared = nanousd - loose.nanousd
        found.append(
            Amount(SETTLED_NOTHING, "", shared, None, _percent(shared, nanousd), (_opens(months, "all shared calls", contract=NONE, tier="split"),))
        )
    return tuple(found)


def _group(name: str, cut: Cut, nanousd: int, groups: Groups, months: Months) -> Amount:
    value = cut.group[0]
    opens = () if value == groups.name else (_opens(months, contract=NONE, tier="unallocated", **{name: value}),)
    return Amount(value or "unknown", "", cut.nanousd, cut.calls, _percent(cut.nanousd, nanousd), opens)


def _counts(contract: Contract) -> str:
    where = f" of {words(contract.where)}" if contract.where else ""
    source = contract.source or "any source"
    stands = f", once it has stood for {contract.settle_after}" if contract.settle_after_ms else ""
    attested = ", and somebody confirmed it" if contract.attested == "confirmed" else ""
    return f"A {words_of(contract.kind)}{where}, as {source} tells it{stands}{attested}. One that is undone later ceases to count."


def _baseline(baseline: Baseline) -> str:
    told = (
        baseline.cost_usd and f"{_usd(baseline.cost_usd)} each",
        baseline.minutes and f"{baseline.minutes:g} minutes each",
        baseline.per_month and f"{baseline.per_month:,} a month",
    )
    return f"{_listed(*told)}. Source: {baseline.source}."


def _vendor(vendor: Vendor) -> str:
    """The newest terms."""
    terms = vendor.terms_of("")
    told = (
        f"{_usd(terms.price_usd)} each",
        *(f"{_usd(tier.price_usd)} each beyond {tier.above:,} a month" for tier in terms.tiers),
        terms.monthly_usd and f"a fee of {_usd(terms.monthly_usd)} a month",
        terms.included and f"{terms.included:,} a month included",
        terms.minimum_usd and f"at least {_usd(terms.minimum_usd)} a month",
    )
    since = f" since {vendor.later[-1].since}, other terms before" if vendor.later else ""
    back = "are taken off its bill" if vendor.reopened == "deducted" else "stay on its bill"
    return f"{vendor.name} charges {_listed(*told)}{since}. Outcomes that came back {back}."


def _listed(*told: object) -> str:
    """What is said of several things."""
    return ", ".join(str(each) for each in told if each) or "no figure"


def _usd(text: str) -> str:
    return format_usd(parse_usd(text))


def _percent(nanousd: int, whole_nanousd: int) -> float | None:
    return 100 * nanousd / whole_nanousd if whole_nanousd else None


def _opens(months: Months, text: str = "calls", **chosen: str) -> tuple[str, str]:
    return text, calls_link(months, **chosen)
