"""The vendor's count against ours: which billed outcomes our own systems bear out, line by line. Pure.

Three numbers, never one: what was billed, what is settled by the contract's rule, and what somebody confirmed. A vendor that counts an outcome
because nobody complained, and a company whose customer came back, disagree about a line; the line and its evidence are what a dispute needs.
A line finds an outcome by its id, by another name that the vendor has for it, or by the conversation that the outcome is linked to.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence

from msgspec import Struct

from wellspent.analytics.contract import Contract
from wellspent.facts.outcome import Outcome


class Billed(Struct, frozen=True):
    """A line of a vendor's bill.

    Attributes:
        outcome: Its id as our own source names it, or as the vendor does.
        amount_nanousd: What was charged.
        names: Other names that the vendor has for it.
        against: Why the vendor's own record does not bear it out, in words; "" where it does.
        evidence: What the vendor says of it.
    """

    outcome: str
    amount_nanousd: int
    names: tuple[str, ...] = ()
    against: str = ""
    evidence: tuple[tuple[str, str], ...] = ()


class Disputed(Struct, frozen=True):
    """A billed line that our facts do not bear out.

    Attributes:
        why: In words.
        evidence: What a person can check.
    """

    outcome: str
    amount_nanousd: int
    why: str
    evidence: tuple[tuple[str, str], ...] = ()


class Recount(Struct, frozen=True):
    """What a bill comes to.

    Attributes:
        billed, billed_nanousd: Lines of the bill, and their sum.
        settled, settled_nanousd: Those that the contract's rule counts.
        confirmed, confirmed_nanousd: Those of them that somebody confirmed.
        disputed: The lines that are billed and not settled; with the settled ones they are the bill.
        unbilled: Outcomes that the rule counts, settled in the time that the bill covers, and that it does not have.
    """

    billed: int
    billed_nanousd: int
    settled: int
    settled_nanousd: int
    confirmed: int
    confirmed_nanousd: int
    disputed: tuple[Disputed, ...]
    unbilled: int

    @property
    def disputed_nanousd(self) -> int:
        """What the disputed lines were charged."""
        return sum(each.amount_nanousd for each in self.disputed)


def recount(contract: Contract, outcomes: Sequence[Outcome], bill: Iterable[Billed], as_of_ms: int) -> Recount:
    """Hold a bill against what the contract counts."""
    known = {each.last.outcome: each for each in outcomes if contract.covers(each)}
    found = _finder(known)
    lines = tuple(bill)
    seen: set[str] = set()
    settled, disputed = list[tuple[Billed, Outcome]](), list[Disputed]()
    for line in lines:
        outcome = found(line)
        name = outcome.last.outcome if outcome else line.outcome
        why = "it was billed before" if name in seen else line.against or _why_not(contract, outcome, as_of_ms)
        seen.add(name)
        if why or outcome is None:
            disputed.append(Disputed(line.outcome, line.amount_nanousd, why, (*(outcome.last.evidence if outcome else ()), *line.evidence)))
        else:
            settled.append((line, outcome))
    confirmed = [line for line, outcome in settled if outcome.last.attested == "confirmed"]
    times = [each.settled_at_ms or 0 for name, each in known.items() if name in seen and each.counts]
    counted = {
        name for name, each in known.items() if contract.counts(each, as_of_ms) and times and min(times) <= (each.settled_at_ms or 0) <= max(times)
    }
    return Recount(
        billed=len(lines),
        billed_nanousd=_sum(lines),
        settled=len(settled),
        settled_nanousd=_sum([line for line, _ in settled]),
        confirmed=len(confirmed),
        confirmed_nanousd=_sum(confirmed),
        disputed=tuple(disputed),
        unbilled=len(counted - seen),
    )


def _finder(known: Mapping[str, Outcome]) -> Callable[[Billed], Outcome | None]:
    """Which outcome a line is about. A conversation that several outcomes are linked to names none of them."""
    linked: dict[str, Outcome | None] = {}
    for each in known.values():
        for kind, name in each.last.links:
            if kind == "conversation":
                linked[name] = None if name in linked else each

    def found(line: Billed) -> Outcome | None:
        names = (line.outcome, *line.names)
        return next((each for of in (known, linked) for name in names if (each := of.get(name)) is not None), None)

    return found


def _why_not(contract: Contract, outcome: Outcome | None, as_of_ms: int) -> str:
    """Why the contract does not count an outcome, in words; "" where it does."""
    if outcome is None:
        return "none of our sources knows it"
    if contract.counts(outcome, as_of_ms):
        return ""
    if outcome.state == "reversed":
        return "it was undone"
    if outcome.reversals and outcome.state == "pending":
        return "it was reopened"
    if outcome.state == "pending":
        return "it is not settled"
    if contract.attested == "confirmed" and outcome.last.attested != "confirmed":
        return "nobody confirmed it"
    return f"it has not stood for {contract.settle_after}"


def _sum(lines: Sequence[Billed]) -> int:
    return sum(line.amount_nanousd for line in lines)
