"""Why a figure is another now, as far as facts say: only what can move that figure is told, and what nothing explains says so."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Sequence

from msgspec import Struct

from wellspent import limits
from wellspent.analytics.statement.carried import SPENDING
from wellspent.analytics.statement.contracts import OUTPUT, SPENT
from wellspent.analytics.statement.reach import BEFORE, Facet, Facets, facets_of, within
from wellspent.analytics.statement.record import Statement
from wellspent.analytics.statement.since import Correction, Moved, Since, Stood
from wellspent.analytics.value import Bought
from wellspent.facts.money import format_usd

CORRECTIONS = "corrections"
STATES: tuple[Facet, ...] = ("open", "undone", "rework")
Here = Callable[[str], bool]


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
    facets, here = _facets(key, then, now), within(name, then.first, then.last, since.before_first)
    about = _About(item, facets, here, _sharing(item, then, now), _swapped(item, name, then, now) if "carried" in facets else frozenset())
    found = [*_calendar(then, now), *_definitions(about, section, then, now), *_moved(about, since.moved), *_stood(about, since.stood)]
    if "carried" in facets and _differs(SPENDING, "", "total", name, then, now):
        found.append("spending in all is another: see total")
    return tuple(found) or (_unexplained(then, now),)


def _facets(key: tuple[str, str, str], then: Statement, now: Statement) -> Facets:
    """What a figure follows from: money that is carried together is not counted yet by how many are pending, and where none are, not at all."""
    section, item, name = key
    facets = facets_of(section, name)
    pending = any((each.value or each.before) for one in (then, now) if (each := one.figure(OUTPUT, item, "pending")))
    return facets - {"settled"} if section == SPENT and not pending else facets


class _About(Struct, frozen=True):
    """What a figure is about.

    Attributes:
        item: The contract; "" for all of them.
        sharing: Contracts by whose outcomes its split money is shared out.
        swapped: Other contracts whose spending is more where this one's is less, or less where it is more.
    """

    item: str
    facets: Facets
    here: Here
    sharing: frozenset[str]
    swapped: frozenset[str]

    def moves(self, each: Moved) -> bool:
        """Whether an outcome can be why it is another."""
        if "split" in self.facets and _counted(each.was, self.sharing, self.here) != _counted(each.now, self.sharing, self.here):
            return True
        if each.contract in self.swapped and each.carried:
            return True
        was, is_now = (_part(bought, self.item, self.facets, self.here) for bought in (each.was, each.now))
        became = any(facet in self.facets and (each.states[0] == facet) != (each.states[1] == facet) for facet in STATES)
        return was != is_now or (self.item in ("", each.contract) and (became or ("carried" in self.facets and each.carried)))

    def stood(self, each: Stood) -> bool:
        """Whether outcomes that stood for long enough can be."""
        if "split" in self.facets and each.contract in self.sharing and self.here(each.day):
            return True
        counts = bool(self.facets & {"settled", "pending"}) and self.here(each.day)
        return self.item in ("", each.contract) and (counts or "open" in self.facets)


def _counted(bought: Bought | None, contracts: Collection[str], here: Here) -> tuple[str, str, int]:
    """What an outcome adds to what these contracts settled, by contract and month."""
    if bought is None or bought.contract not in contracts or not bought.settled or not here(bought.day):
        return "", "", 0
    return bought.contract, bought.day[:7], bought.settled


def _part(bought: Bought | None, item: str, facets: Facets, here: Here) -> dict[str, int]:
    """What an outcome adds to the numbers that a figure follows from."""
    if bought is None or item not in ("", bought.contract) or not here(bought.day):
        return {}
    names: list[str] = [name for name in ("settled", "pending", "reversed", "unlinked") if name in facets]
    names += ["valued_nanousd", "unvalued"] if "valued" in facets else []
    return {name: number for name in names if (number := getattr(bought, name))}


def _sharing(item: str, then: Statement, now: Statement) -> frozenset[str]:
    """Contracts by whose outcomes split money of one is shared out, then or now; of all, where none is named."""
    return frozenset(name for one in (then, now) for each in one.definitions if item in ("", each.contract) for name in each.split_among)


def _swapped(item: str, name: str, then: Statement, now: Statement) -> frozenset[str]:
    """Contracts whose spending went the other way: they may have taken money of this one, or given it."""
    own = _differs(SPENT, item, "spent", name, then, now)
    others = {each for one in (then, now) for each in one.contracts} - {item}
    return frozenset(each for each in others if _differs(SPENT, each, "spent", name, then, now) * own < 0)


def _differs(section: str, item: str, figure: str, name: str, then: Statement, now: Statement) -> int:
    """By how much an amount is another, of the period before where the figure of this name is."""
    found = [one.figure(section, item, figure) for one in (then, now)]
    was, is_now = (int((each.before if name.endswith(BEFORE) else each.value) or 0) if each else 0 for each in found)
    return is_now - was


def _definitions(about: _About, section: str, then: Statement, now: Statement) -> Iterator[str]:
    if section == SPENDING:
        return
    before, after = ({each.contract: each.digest for each in one.definitions} for one in (then, now))
    others = about.swapped | (about.sharing if "split" in about.facets else frozenset())
    for name in dict.fromkeys([*before, *after]):
        if (about.item in ("", name) or name in others) and before.get(name) != after.get(name):
            how = "is new" if name not in before else "is gone" if name not in after else "says something else"
            yield f"the contract {name} {how}"


def _calendar(then: Statement, now: Statement) -> Iterator[str]:
    if (then.timezone, then.first, then.last) != (now.timezone, now.first, now.last):
        yield f"the calendar is another: {then.first} to {then.last} ({then.timezone}), now {now.first} to {now.last} ({now.timezone})"
    elif then.before != now.before:
        yield f"the period before is another: {then.before}, now {now.before}"


def _moved(about: _About, moved: Sequence[Moved]) -> Iterator[str]:
    by_how: dict[tuple[str, str], list[str]] = defaultdict(list)
    for each in filter(about.moves, moved):
        by_how[each.how, each.contract].append(each.name)
    for (how, contract), names in by_how.items():
        told = ", ".join(names[: limits.STATEMENT_NAMED_MAX]) + (" …" if len(names) > limits.STATEMENT_NAMED_MAX else "")
        yield f"{len(names):,} outcomes of {contract} {how} ({told})"


def _stood(about: _About, stood: Sequence[Stood]) -> Iterator[str]:
    by_contract: dict[str, int] = defaultdict(int)
    for each in filter(about.stood, stood):
        by_contract[each.contract] += each.outcomes
    for contract, outcomes in by_contract.items():
        yield f"{outcomes:,} outcomes of {contract} have stood for long enough since"


def _unexplained(then: Statement, now: Statement) -> str:
    versions = f": it was made with wellspent {then.made_with}, now with {now.made_with}" if then.made_with != now.made_with else ""
    return f"it is not explained by outcomes, corrections or definitions{versions}"
