"""Why a figure is another now, as far as facts say: outcomes undone, settled or heard of since, corrections posted, definitions changed."""

from collections import defaultdict
from collections.abc import Iterator, Sequence

from msgspec import Struct

from wellspent import limits
from wellspent.analytics.contract import Contract
from wellspent.analytics.statement.carried import CARRIED
from wellspent.analytics.statement.contracts import REWORK, SPENT
from wellspent.analytics.statement.record import Statement
from wellspent.facts.money import format_usd
from wellspent.facts.outcome import Outcome

CORRECTIONS = "corrections"
BEFORE = ", period before"
OF_MONEY = (CARRIED, SPENT, REWORK)  # an outcome of any period may carry money of this one


class Moved(Struct, frozen=True):
    """An outcome of which something was said since.

    Attributes:
        name: Its source and id.
        days: The operator's days on which it settled, or else began: then and now.
        how: What happened, in words that follow "outcomes".
    """

    contract: str
    name: str
    days: tuple[str, ...]
    how: str


class Stood(Struct, frozen=True):
    """Outcomes of a day that count now because they have stood for long enough since."""

    contract: str
    day: str
    outcomes: int


class Correction(Struct, frozen=True):
    """What was corrected since for one reason, of calls of one day (UTC). It counts in the period in which it was posted."""

    day: str
    reason: str
    nanousd: int
    entries: int


class Since(Struct, frozen=True):
    """The facts that were added since a statement was issued."""

    moved: tuple[Moved, ...] = ()
    stood: tuple[Stood, ...] = ()
    corrections: tuple[Correction, ...] = ()


def moved_of(contracts: Sequence[Contract], then: Outcome | None, now: Outcome, days: tuple[str, ...]) -> Moved | None:
    """What became of an outcome since; None where no contract is about it, or nothing that counts was said."""
    contract = next((each.name for each in contracts if each.covers(now)), None)
    how = _how(then, now)
    return Moved(contract, f"{now.last.source} {now.last.outcome}", days, how) if contract is not None and how else None


def _how(then: Outcome | None, now: Outcome) -> str:
    if then is None:
        return "were heard of only since"
    if then.state != now.state:
        return {"reversed": "were undone since", "settled": "were settled since", "pending": "were reopened since"}[now.state]
    names = ("quantity", "value_nanousd", "links", "attested", "kind", "team", "project", "workflow")
    changed = [name.removesuffix("_nanousd") for name in names if getattr(then.last, name) != getattr(now.last, name)]
    changed += ["time"] if then.settled_at_ms != now.settled_at_ms else []
    return f"were told otherwise since ({', '.join(changed)})" if changed else ""


def corrections_in(since: Since, statement: Statement) -> list[Correction]:
    """Corrections posted since that belong to a statement's period."""
    return [each for each in since.corrections if statement.first <= each.day <= statement.last]


def why(key: tuple[str, str, str], then: Statement, now: Statement, since: Since) -> tuple[str, ...]:
    """What happened since that a figure follows from; at least one sentence.

    Args:
        key: Its section, item and name.
    """
    section, item, name = key
    if section == CORRECTIONS:
        return tuple(f"{format_usd(each.nanousd)} of {each.day} in {each.entries:,} entries: {each.reason}" for each in corrections_in(since, then))
    found = [*_definitions(item, then, now), *_calendar(then, now)]
    found += _moved(item, [each for each in since.moved if section in OF_MONEY or any(_within(day, name, then) for day in each.days)])
    found += _stood(item, [each for each in since.stood if section not in OF_MONEY and _within(each.day, name, then)])
    return tuple(found or _moved("", since.moved)) or (_unexplained(then, now),)


def _within(day: str, name: str, statement: Statement) -> bool:
    """Whether a day lies where a figure is from: in the period, or before it."""
    return day < statement.first if name.endswith(BEFORE) else statement.first <= day <= statement.last


def _definitions(item: str, then: Statement, now: Statement) -> Iterator[str]:
    before, after = ({each.contract: each.digest for each in one.definitions} for one in (then, now))
    for name in dict.fromkeys([*before, *after]):
        if item in ("", name) and before.get(name) != after.get(name):
            how = "is new" if name not in before else "is gone" if name not in after else "says something else"
            yield f"the contract {name} {how}"


def _calendar(then: Statement, now: Statement) -> Iterator[str]:
    if (then.timezone, then.first, then.last) != (now.timezone, now.first, now.last):
        yield f"the calendar is another: {then.first} to {then.last} ({then.timezone}), now {now.first} to {now.last} ({now.timezone})"
    elif then.before != now.before:
        yield f"the period before is another: {then.before}, now {now.before}"


def _moved(item: str, moved: Sequence[Moved]) -> Iterator[str]:
    by_how: dict[tuple[str, str], list[str]] = defaultdict(list)
    for each in moved:
        if item in ("", each.contract):
            by_how[each.how, each.contract].append(each.name)
    for (how, contract), names in by_how.items():
        told = ", ".join(names[: limits.STATEMENT_NAMED_MAX]) + (" …" if len(names) > limits.STATEMENT_NAMED_MAX else "")
        yield f"{len(names):,} outcomes of {contract} {how} ({told})"


def _stood(item: str, stood: Sequence[Stood]) -> Iterator[str]:
    by_contract: dict[str, int] = defaultdict(int)
    for each in stood:
        if item in ("", each.contract):
            by_contract[each.contract] += each.outcomes
    for contract, outcomes in by_contract.items():
        yield f"{outcomes:,} outcomes of {contract} have stood for long enough since"


def _unexplained(then: Statement, now: Statement) -> str:
    versions = f": it was made with wellspent {then.made_with}, now with {now.made_with}" if then.made_with != now.made_with else ""
    return f"neither outcomes, corrections nor definitions explain it{versions}"
