"""From outcomes and money to the units of an experiment, each in the arm that it was assigned to. Pure.

Which units there are must not hang on the arm, or arms hold different ones. Listed units are all there. Else they are seen by a call that the
gateway put into the experiment, or, where an arm makes no calls, by an outcome that began in its time, whatever came of it.
"""

from collections import defaultdict
from collections.abc import Iterable
from fractions import Fraction
from typing import Protocol

from msgspec import Struct

from wellspent.analytics.contract import Contract
from wellspent.facts.attribution import Attribution
from wellspent.facts.outcome import Outcome
from wellspent.routing.experiment import STANDING, Experiment, unit_name


class Spending(Protocol):
    """A movement of money; ``ledger.reader.Charge`` is one."""

    @property
    def at_ms(self) -> int:
        """When it was settled or corrected."""
        ...

    @property
    def nanousd(self) -> int:
        """What could be priced of it."""
        ...

    @property
    def priced(self) -> bool:
        """Whether all of it could."""
        ...

    @property
    def attribution(self) -> Attribution:
        """Whom it is charged to."""
        ...


class Unit(Struct, frozen=True):
    """One unit with what came of it.

    Attributes:
        arm: Where chance put it.
        nanousd: What its calls cost, as far as they are priced.
        unpriced: Movements of which not everything is.
        outcomes: How many of its outcomes count; one that names several units is shared by them.
        strayed: Whether a call of it shows another arm.
    """

    name: str
    arm: str
    nanousd: int = 0
    unpriced: int = 0
    outcomes: float = 0.0
    strayed: bool = False


class Gathered(Struct, frozen=True):
    """All units of an experiment.

    Attributes:
        units: By name.
        shared: Outcomes that name units of several arms.
        unseen: Units with calls or outcomes in the experiment's time that are left out, because nothing shows that they are in it.
    """

    units: tuple[Unit, ...]
    shared: int
    unseen: int

    def of(self, arm: str) -> tuple[Unit, ...]:
        """An arm's units."""
        return tuple(unit for unit in self.units if unit.arm == arm)

    def figures(self, arm: str) -> "Figures":
        """An arm's sums."""
        units = self.of(arm)
        known = not any(unit.unpriced for unit in units)
        return Figures(
            arm=arm,
            units=len(units),
            succeeded=sum(unit.outcomes > 0 for unit in units),
            outcomes=sum(unit.outcomes for unit in units),
            nanousd=sum(unit.nanousd for unit in units) if known else None,
        )


class Figures(Struct, frozen=True):
    """What an arm comes to.

    Attributes:
        succeeded: How many of its units have an outcome that counts.
        outcomes: How many there are.
        nanousd: What its units cost; None where not everything has a price.
    """

    arm: str
    units: int
    succeeded: int
    outcomes: float
    nanousd: int | None

    def each_nanousd(self, count: float) -> int | None:
        """What one of so many cost; None where nobody knows."""
        return round(Fraction(self.nanousd) / Fraction(count)) if count and self.nanousd is not None else None


class _Spent(Struct):
    """What is added up of one unit's money."""

    nanousd: int = 0
    unpriced: int = 0
    shown: set[str] = set()


def gather(experiment: Experiment, contract: Contract, outcomes: Iterable[Outcome], charges: Iterable[Spending], as_of_ms: int) -> Gathered:
    """The units of an experiment. Parameters are those of ``experiment.evaluate``."""
    spent = _spent(experiment, charges)
    seen, earned, shared = _earned(experiment, contract, outcomes, as_of_ms)
    if experiment.listed:
        names = set(experiment.listed)
    elif experiment.seen_by == "calls":
        names = {name for name, found in spent.items() if found.shown}
    else:
        names = seen
    placed = [(name, arm.name) for name in sorted(names) if (arm := experiment.arm_of(name)) is not None]
    units = [_unit(name, arm, spent.get(name) or _Spent(), earned.get(name, 0.0)) for name, arm in placed]
    return Gathered(tuple(units), shared, len((set(spent) | set(earned)) - names))


def _unit(name: str, arm: str, spent: _Spent, outcomes: float) -> Unit:
    return Unit(name, arm, spent.nanousd, spent.unpriced, outcomes, strayed=bool(spent.shown - {arm}))


def _spent(experiment: Experiment, charges: Iterable[Spending]) -> dict[str, _Spent]:
    """Money by unit: of the experiment's scope and time; corrections that come later are told by their tag."""
    found: dict[str, _Spent] = defaultdict(_Spent)
    for each in charges:
        who = each.attribution
        unit = unit_name(experiment.unit_of(who))
        if not unit or each.at_ms < experiment.from_ms or not experiment.covers(who):
            continue
        arm = next((value for name, value in who.tags if name == experiment.tag), "")
        if arm or experiment.runs_at(each.at_ms):
            mine = found[unit]
            mine.nanousd += each.nanousd
            mine.unpriced += not each.priced
            mine.shown |= {arm} if arm else set()
    return found


def _earned(experiment: Experiment, contract: Contract, outcomes: Iterable[Outcome], as_of_ms: int) -> tuple[set[str], dict[str, float], int]:
    """Units of outcomes that began in the experiment's time; outcomes that count, by unit; how many name units of several arms."""
    seen: set[str] = set()
    earned: dict[str, float] = defaultdict(float)
    shared = 0
    for outcome in outcomes:
        names = _units(experiment, outcome) if contract.covers(outcome) else ()
        if outcome.began_at_ms is not None and experiment.runs_at(outcome.began_at_ms):
            seen.update(names)
        if not names or not contract.counts(outcome, as_of_ms) or not _in_time(experiment, outcome.settled_at_ms or 0):
            continue
        shared += len({arm.name for name in names if (arm := experiment.arm_of(name)) is not None}) > 1
        for name in names:
            earned[name] += outcome.last.quantity / len(names)
    return seen, earned, shared


def _in_time(experiment: Experiment, settled_at_ms: int) -> bool:
    """What outlives the experiment has outcomes of its time alone; anything else may still succeed after its end."""
    return experiment.runs_at(settled_at_ms) if experiment.unit in STANDING else settled_at_ms >= experiment.from_ms


def _units(experiment: Experiment, outcome: Outcome) -> tuple[str, ...]:
    """The units that an outcome names; none where it says that it belongs elsewhere."""
    last = outcome.last
    if any(getattr(last, kind) not in ("", name) for kind, name in experiment.where):
        return ()
    named = [last.team] if experiment.unit == "team" else [name for kind, name in last.links if kind == experiment.unit]
    return tuple(sorted({unit_name(name) for name in named if name}))
