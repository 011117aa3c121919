"""The vendor's count against ours: which billed outcomes our own systems bear out, line by line. Pure.

Three numbers, never one: what was billed, what is settled by the contract's rule, and what somebody confirmed. A vendor that counts an outcome
because nobody complained, and a company whose customer came back, disagree about a line; the line and its evidence are what a dispute needs.
A line finds an outcome by its id, by another name that the vendor has for it, or by the conversation that the outcome is linked to.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence

from msgspec import Struct

from wellspent.analytics.contract import Contract
from wellspent.facts.outcome import Outcome

Told = tuple[Outcome, ...]  # an outcome's id, as each source that knows it tells of it


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
    """Hold a bill against what the contract counts. Where several of its sources know an id, it counts only if it does with each of them."""
    known = _by_name(contract, outcomes)
    found = _finder(known)
    lines = tuple(bill)
    seen: set[str] = set()
    settled, disputed = list[tuple[Billed, Told]](), list[Disputed]()
    for line in lines:
        told = found(line)
        name = told[0].last.outcome if told else line.outcome
        why = "it was billed before" if name in seen else line.against or _why_not(contract, told, as_of_ms)
        seen.add(name)
        if why:
            disputed.append(Disputed(line.outcome, line.amount_nanousd, why, (*_evidence(contract, told, as_of_ms), *line.evidence)))
        else:
            settled.append((line, told))
    confirmed = [line for line, told in settled if any(each.last.attested == "confirmed" for each in told)]
    times = [each.settled_at_ms or 0 for name, told in known.items() if name in seen for each in told if each.counts]
    counted = {name for name, told in known.items() if not _why_not(contract, told, as_of_ms) and times and _within(told, min(times), max(times))}
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


def _by_name(contract: Contract, outcomes: Iterable[Outcome]) -> dict[str, Told]:
    """The contract's outcomes by their id: what each source that knows it says, in the order of their names."""
    found = dict[str, list[Outcome]]()
    for each in outcomes:
        if contract.covers(each):
            found.setdefault(each.last.outcome, []).append(each)
    return {name: tuple(sorted(told, key=lambda each: each.last.source)) for name, told in found.items()}


def _within(told: Told, first_ms: int, last_ms: int) -> bool:
    return any(first_ms <= (each.settled_at_ms or 0) <= last_ms for each in told)


def _finder(known: Mapping[str, Told]) -> Callable[[Billed], Told]:
    """Which outcome a line is about, () for none. A conversation that outcomes of several ids are linked to names none of them."""
    linked: dict[str, set[str]] = {}
    for name, told in known.items():
        for kind, conversation in (pair for each in told for pair in each.last.links):
            if kind == "conversation":
                linked.setdefault(conversation, set()).add(name)
    by_conversation = {conversation: known[next(iter(names))] for conversation, names in linked.items() if len(names) == 1}

    def found(line: Billed) -> Told:
        names = (line.outcome, *line.names)
        return next((of[name] for of in (known, by_conversation) for name in names if name in of), ())

    return found


def _evidence(contract: Contract, told: Told, as_of_ms: int) -> tuple[tuple[str, str], ...]:
    """What the sources say that a person can check; of several sources, also what each of them comes to."""
    by_source = [(each.last.source, _why_not_one(contract, each, as_of_ms) or "it counts") for each in told] if len(told) > 1 else []
    return (*by_source, *(pair for each in told for pair in each.last.evidence))


def _why_not(contract: Contract, told: Told, as_of_ms: int) -> str:
    """Why the contract does not count what its sources say of an id, in words; "" where it does."""
    if not told:
        return "none of our sources knows it"
    return next(filter(None, (_why_not_one(contract, each, as_of_ms) for each in told)), "")


def _why_not_one(contract: Contract, outcome: Outcome, as_of_ms: int) -> str:
    """Why the contract does not count an outcome, in words; "" where it does."""
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
